/* SPDX-License-Identifier: MIT
 *
 * tests/models/credit.pml - how much one reactor may send to another, and the
 * wish to be told: runtime/mailbox/credit.c, runtime/writable.c and
 * runtime/reactor/mail.c.
 *
 * A sender has five messages and credit for two; it may also send one of the
 * runtime's own, which is not refused. Its chain holds up to two. The receiver
 * takes whatever there is. All must arrive: a wish that is forgotten is a
 * sender that waits for ever. Never may more be under way than the credit, but
 * for what cannot be refused.
 *
 * The notice's contents are plain stores, and may be delayed behind the swap,
 * wherever no fence forbids it. */

#define CREDIT 2
#ifdef QUANTUM_TOO_LARGE
#define QUANTUM (2 * CREDIT)
#else
#define QUANTUM 1 /* mio_credit_quantum */
#endif
#define MESSAGES 5
#define WANTED 100 /* the notice's address, and the low bit */

byte word = 0; /* the count that the receiver took, or WANTED */
byte inbox = 0; /* messages under way */
bool stored = false; /* what the notice says has reached memory */
chan notices = [2] of { bit };
bool is_over = false;

proctype Sender()
{
    byte known, sent, open, found;
    short left = CREDIT;
    bool has_notice, did_system, waits;
    do
    :: sent < MESSAGES + did_system ->
        if
        :: left > 0 -> /* mio_send, mio_chain_append */
            atomic { left--; sent++; open++ }
        :: !did_system -> /* mio_system_send: beyond the credit, too */
            atomic { did_system = true; left--; sent++; open++ }
        :: left <= 0 -> /* mio_credit_look */
            found = word;
#ifndef LOOKS_AT_WISH
            if
            :: found < WANTED -> left = left + (found - known); known = found
            :: else -> skip
            fi
#else
            left = left + (found - known); known = found
#endif
            ;
            if
            :: left <= 0 && !has_notice -> /* mio_await_writable: want */
                has_notice = true;
#ifdef NO_RELEASE
                stored = false;
#else
                stored = true;
#endif
                /* mio_credit_want */
#ifdef WANT_STORES
                found = word;
                word = WANTED;
#else
                atomic { found = word; word = WANTED }
#endif
                assert(found < WANTED);
#ifndef WANT_FORGETS
                left = left + (found - known); known = found
#endif
#ifdef NO_RELEASE
                ; stored = true
#endif
            :: else -> skip
            fi;
            waits = (left <= 0)
        fi;
        assert(left <= CREDIT && sent - known <= CREDIT + 1);
        if
        :: open > 0 || waits -> /* mio_reactor_publish: the callback returns */
            atomic { inbox = inbox + open; open = 0 }
        :: open < 2 && !waits -> skip
        fi;
        if
        :: waits -> /* link_waiting; handle_notice */
            notices?_;
            has_notice = false;
            stored = false;
            waits = false;
            found = word; /* mio_credit_look */
            if
            :: found < WANTED ->
                left = left + (found - known); known = found
            :: else -> skip
            fi
        :: else -> skip
        fi
    :: atomic { sent == MESSAGES + did_system -> is_over = true; break }
    od;
    atomic { inbox = inbox + open; open = 0 };
    /* At the end a notice may be out; unwant takes it back. */
    if
    :: has_notice ->
        atomic { /* mio_credit_unwant */
            if
            :: word == WANTED -> word = known; has_notice = false
            :: else -> skip
            fi
        }
        if
        :: has_notice -> notices?_
        :: else -> skip
        fi
    :: else -> skip
    fi
}

proctype Receiver()
{
    byte taken, said, found;
end:
    do
    :: atomic { inbox > 0 -> /* mio_inbox_take, mio_credit_take */
            assert(inbox <= CREDIT + 1);
            taken = taken + inbox;
            inbox = 0
        }
        if
        :: taken - said >= QUANTUM -> /* mio_credit_return */
#ifdef RETURN_STORES
            found = word;
            word = taken;
#else
            atomic { found = word; word = taken }
#endif
            said = taken;
            if
#ifndef NOTICE
            :: found == WANTED ->
                assert(stored); /* it can be sent as it is */
                notices!1
#endif
            :: else -> skip
            fi
        :: else -> skip
        fi
    od
}

init {
    atomic { run Sender(); run Receiver() }
}
