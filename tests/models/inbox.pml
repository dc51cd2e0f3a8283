/* SPDX-License-Identifier: MIT
 *
 * tests/models/inbox.pml - the one word through which a reactor gets mail, and
 * its bell: runtime/mailbox/inbox.c, and who rings and sleeps around it.
 *
 * Two producers push a chain of two messages and one of one; the owner takes,
 * parks, is woken by the bell or by something else, and closes when it likes.
 * Each message must be handed over once, or refused; in the order of its
 * sender; the second of a chain right behind the first. A wake that is lost is
 * an owner that sleeps for ever, which spin reports as an invalid end state.
 *
 * The machine is one that may delay plain stores (the links) behind the swap,
 * and draw loads ahead of the exchange, wherever no fence forbids it. */

#define EMPTY 0
#define PARKED 7
#define CLOSED 8
#define PRODUCERS 2
#define EACH 3 /* messages of a producer: a chain of two, then one alone */
#define TOTAL 6

byte word = EMPTY; /* or a message, 1 to TOTAL */
byte next[7];      /* of a message; of the last: the next older chain */
bool ends[7];      /* it is the last of its chain */
bool stored[7];    /* its link has reached memory */
bool seen[7];      /* had reached it when the owner's loads were drawn ahead */

bit bell = 0;  /* core/waker.c: stays until it is answered */
bit event = 0; /* something else that wakes */

byte done = 0;    /* producers that have ended */
byte refused = 0; /* messages */

/* The owner's account. */
byte received = 0;
byte latest[PRODUCERS]; /* the number last heard of each, 0: none */
byte before = 0;        /* the message before */
bool is_closed = false;

#define PRODUCER_OF(m) (((m) - 1) / EACH)
#define NUMBER_OF(m) (((m) - 1) % EACH + 1)

#ifdef NO_RELEASE
#define LINK(last, to) link_later = to
#define LINK_ARRIVES(last) next[last] = link_later; stored[last] = true
#else
#define LINK(last, to) next[last] = to; stored[last] = true
#define LINK_ARRIVES(last) skip
#endif

/* mio_inbox_push and mio_reactor's push_chain: the chain first..last. */
inline push(first, last, count)
{
    found = word; /* ck_pr_load_ptr */
#ifdef LINK_ONCE
    LINK(last, (found == PARKED -> EMPTY : found));
#endif
    do
    ::
#ifndef CLOSED_IGNORED
        if
        :: found == CLOSED -> refused = refused + count; break
        :: else -> skip
        fi;
#endif
#ifdef FORGETS_OLDER
        LINK(last, EMPTY);
#else
#ifndef LINK_ONCE
        LINK(last, (found == PARKED -> EMPTY : found));
#endif
#endif
#ifdef PUSH_STORES
        swapped = true; word = first;
#else
        atomic { /* ck_pr_cas_ptr_value */
            swapped = (word == found);
            if
            :: swapped -> word = first
            :: else -> found = word
            fi
        }
#endif
        if
        :: swapped ->
            LINK_ARRIVES(last);
#ifndef NO_RING
            if
            :: found == PARKED -> bell = 1 /* mio_bell_ring */
            :: else -> skip
            fi;
#endif
            break
        :: else -> skip
        fi
    od;
    swapped = false
}

proctype Producer(byte me)
{
    byte found;
    bool swapped;
#ifdef NO_RELEASE
    byte link_later;
#endif
    byte first = me * EACH + 1;
    /* The links within a chain are stored long before (mio_chain_append). */
    d_step { next[first] = first + 1; stored[first] = true }
    push(first, first + 1, 2);
    push(first + 2, first + 2, 1);
    atomic { done++; first = 0; found = 0 }
}

proctype Something()
{
    if
    :: event = 1
    :: skip
    fi
}

/* One message enters the queue: mio_queue_join. */
inline enter(m)
{
    assert(m >= 1 && m <= TOTAL);
    /* In the order of sending; no chain is torn apart. */
    assert(NUMBER_OF(m) > latest[PRODUCER_OF(m)]);
    assert(NUMBER_OF(m) != 2 || before == m - 1);
    latest[PRODUCER_OF(m)] = NUMBER_OF(m);
    before = m;
    received++
}

/* in_order: chains came newest first. The list is built in `order`, read from
 * the end; only the owner sees it, so it is one step. */
inline hand_over(newest)
{
    d_step {
        count = 0;
        m = newest;
        do
        :: m != EMPTY ->
            /* One chain: first..last. Its place is before all there is. */
            length = 0;
            do
            ::
#ifdef NO_ACQUIRE
                assert(seen[m]);
#endif
                assert(stored[m]);
                chain[length] = m;
                length++;
                if
                :: ends[m] -> break
                :: else -> m = next[m]
                fi
            od;
            m = next[m];
#ifdef CHAINS_NOT_REVERSED
            i = 0;
            do
            :: i < length -> order[count + i] = chain[i]; i++
            :: else -> break
            od;
#else
            i = count;
            do
            :: i > 0 -> order[i - 1 + length] = order[i - 1]; i--
            :: else -> break
            od;
            i = 0;
            do
            :: i < length ->
#ifdef LINKS_REVERSED
                order[i] = chain[length - 1 - i];
#else
                order[i] = chain[i];
#endif
                i++
            :: else -> break
            od;
#endif
            count = count + length
        :: else -> break
        od;
        i = 0;
        do
        :: i < count -> enter(order[i]); i++
        :: else -> break
        od;
        count = 0; i = 0; length = 0; m = 0;
        order[0] = 0; order[1] = 0; order[2] = 0;
        order[3] = 0; order[4] = 0; order[5] = 0;
        chain[0] = 0; chain[1] = 0
    }
}

#ifdef NO_ACQUIRE
#define DRAW_LOADS_AHEAD()                                                    \
    d_step {                                                                  \
        m = 0;                                                                \
        do                                                                    \
        :: m < 7 -> seen[m] = stored[m]; m++                                  \
        :: else -> break                                                      \
        od;                                                                   \
        m = 0                                                                 \
    }
#else
#define DRAW_LOADS_AHEAD() skip
#endif

/* exchange: of the word for another. */
inline exchange(with)
{
    DRAW_LOADS_AHEAD();
    atomic { taken = word; word = with }
}

active proctype Owner()
{
    byte taken;
    bool parked;
    byte order[6];
    byte chain[2];
    byte count, length, m, i;
    d_step {
        ends[2] = true; ends[3] = true; ends[5] = true; ends[6] = true;
        before = 0
    }
    run Producer(0);
    run Producer(1);
    run Something();
    do
    ::
        /* mio_inbox_take */
        if
        :: word != EMPTY ->
#ifdef TAKE_STORES
            taken = word;
            word = EMPTY;
#else
            exchange(EMPTY);
#endif
            assert(taken != PARKED && taken != CLOSED);
            hand_over(taken)
        :: else -> skip
        fi;
        if
        :: break /* it may end now, whoever still sends */
        :: skip
        fi;
        /* mio_inbox_park */
#ifdef PARK_STORES
        parked = (word == EMPTY);
        if
        :: parked -> word = PARKED
        :: else -> skip
        fi;
#else
        atomic {
            parked = (word == EMPTY);
            if
            :: parked -> word = PARKED
            :: else -> skip
            fi
        }
#endif
        if
        :: parked ->
            /* mio_poll_wait. Nobody may sleep while there is mail and nobody
             * left to ring: but that all was received, and then it ends. */
            if
            :: atomic { bell == 1 -> bell = 0 }
            :: atomic { event == 1 -> event = 0 }
            :: done == PRODUCERS && bell == 0 && word == PARKED -> skip
            fi;
            /* mio_inbox_unpark */
#ifdef NO_UNPARK
            skip
#else
#ifdef UNPARK_STORES
            taken = word;
            word = EMPTY;
#else
            exchange(EMPTY);
#endif
            assert(taken != CLOSED);
            if
            :: taken != PARKED ->
#ifdef UNPARK_DROPS
                skip
#else
                hand_over(taken)
#endif
            :: else -> skip
            fi
#endif
        :: else -> skip
        fi
    od;
    /* mio_inbox_close */
    exchange(CLOSED);
    assert(taken != PARKED && taken != CLOSED);
#ifndef CLOSE_DROPS
    hand_over(taken);
#endif
    done == PRODUCERS;
    assert(word == CLOSED);
    assert(received + refused == TOTAL)
}
