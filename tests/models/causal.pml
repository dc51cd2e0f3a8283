/* SPDX-License-Identifier: MIT
 *
 * tests/models/causal.pml - causal delivery over three reactors: the four rules
 * of runtime/README.md, in runtime/reactor/mail.c and send.c.
 *
 * One actor on each reactor. Whoever handles something may send up to two
 * messages, to anybody, and write one byte to the others' socket; all choices
 * are free, up to three sends and one byte in all. Each send knows what happened
 * before it: `past`, the set of sends of which its sender had heard. When
 * something enters a queue, all sends of its past that go to the same reactor
 * must have entered it before. That is the promise, word for word.
 *
 * The inbox is a list of chains here; inbox.pml proves that it is one. */

#define REACTORS 3
#define SENDS 3
#define BYTE 5     /* the byte on the socket, as an entry */
#define NOBODY 7
#define TARGET 2   /* who reads the socket */
#define START 6    /* the entry with which all begins */

#define BIT(i) (1 << (i))

byte to[SENDS];
byte past[7];      /* by entry: the set of sends that it is a consequence of */
byte sent = 0;
byte entered = 0;  /* the set of sends that have */

/* The word of each reactor: messages, chains marked by their first. */
chan inbox[REACTORS] = [SENDS] of { byte, bit };
chan queue[REACTORS] = [7] of { byte };
chan open[REACTORS] = [2] of { byte }; /* the open chain */
byte destination[REACTORS] = NOBODY;
#ifdef CHANGE
chan stash[REACTORS] = [2] of { byte }; /* what should be out */
#endif

bit is_written = 0; /* the byte was */
bit is_unread = 0;  /* and is in the socket */
byte byte_past;

/* What enters a queue is never ahead of its causes. */
inline enter(r, e)
{
    d_step {
        i = 0;
        do
        :: i < SENDS ->
            assert(!(past[e] & BIT(i)) || to[i] != r || (entered & BIT(i)));
            i++
        :: else -> break
        od;
        i = 0;
        if
        :: e < SENDS -> entered = entered | BIT(e)
        :: else -> skip
        fi;
        queue[r]!e
    }
}

/* mio_reactor_publish: the open chain, in one push. */
inline publish(r)
{
    atomic {
        first = 1;
        do
        :: len(open[r]) > 0 ->
            open[r]?m;
            inbox[destination[r]]!m, first;
            first = 0
        :: else -> break
        od;
        destination[r] = NOBODY;
        first = 0;
        m = 0
    }
#ifdef CHANGE
    ; /* and then, one by one, what should have been out before */
    do
    :: atomic { len(stash[r]) > 0 -> stash[r]?m; inbox[to[m]]!m, 1; m = 0 }
    :: len(stash[r]) == 0 -> break
    od
#endif
}

/* mio_reactor_change_chain: what was sent before is there before. */
inline change_chain(r)
{
#ifdef CHANGE
    atomic {
        do
        :: len(open[r]) > 0 -> open[r]?m; stash[r]!m
        :: else -> break
        od;
        m = 0;
        destination[r] = NOBODY
    }
#else
    publish(r)
#endif
}

/* mio_reactor_send. What it does besides publishing is nobody else's. */
inline send(r, d)
{
    to[new] = d;
    past[new] = known;
    known = known | BIT(new);
    if
    :: d == r -> enter(r, new) /* mio_queue_push */
    :: else ->
        if
        :: destination[r] != NOBODY && destination[r] != d -> change_chain(r)
        :: else -> skip
        fi;
        destination[r] = d;
        open[r]!new /* mio_chain_append */
    fi;
    new = 0
}

/* A write to a socket of reactor TARGET's. */
inline write_byte(r)
{
#ifndef EFFECT
    publish(r); /* mio_publish */
#endif
    atomic { byte_past = known; is_unread = 1 }
}

/* mio_reactor_take: chains in the order in which they were pushed. */
inline take(r)
{
    atomic {
#ifdef TAKE
        /* The list is newest first, and joins the queue so. */
        do
        :: len(inbox[r]) > 0 ->
            /* Of the last chain, the first: turn to where it begins. */
            i = len(inbox[r]);
            chains = 0;
            do
            :: i > 0 -> inbox[r]?m, first; inbox[r]!m, first;
                chains = chains + first; i--
            :: else -> break
            od;
            i = len(inbox[r]);
            do
            :: i > 0 ->
                i--;
                inbox[r]?m, first;
                chains = chains - first;
                j = i;
                if
                :: chains == 0 -> enter_later!m
                :: else -> inbox[r]!m, first
                fi;
                i = j
            :: else -> break
            od;
            j = 0; chains = 0;
            do
            :: len(enter_later) > 0 -> enter_later?m; enter(r, m)
            :: else -> break
            od
        :: else -> break
        od;
#else
        do
        :: len(inbox[r]) > 0 -> inbox[r]?m, first; enter(r, m)
        :: else -> break
        od;
#endif
        m = 0;
        first = 0
    }
}

/* mio_reactor_run_queue: one entry, a callback. */
inline dispatch(r)
{
    atomic {
        queue[r]?e;
        known = known | past[e] | (e < SENDS -> BIT(e) : 0);
        e = 0;
        left = 2
    }
    do
    :: atomic {
            left > 0 && sent < SENDS -> left--; new = sent; sent++;
            if
            :: send(r, 0)
            :: send(r, 1)
            :: send(r, 2)
            fi
        }
    :: atomic { is_written == 0 && r != TARGET -> is_written = 1 }
        write_byte(r)
    :: atomic { left = 0; break }
    od;
#ifndef RETURN
    publish(r) /* mio_reactor_settle */
#endif
}

proctype Reactor(byte me)
{
    byte known, m, e, i, new, left;
    bit first;
#ifdef TAKE
    byte j, chains;
    chan enter_later = [SENDS] of { byte };
#endif
end:
    do
    :: len(inbox[me]) > 0 -> take(me)
    :: len(queue[me]) > 0 -> dispatch(me)
    :: me == TARGET && is_unread ->
        /* The bytes are read, then handed over at the tail. */
        atomic { is_unread = 0; past[BYTE] = byte_past }
#ifndef READ
        take(me); /* mio_actor_take_inbox */
#endif
        enter(me, BYTE)
    od
}

/* What was sent arrives: when nobody can go on, all of it has. */
active proctype Observer()
{
    atomic {
        queue[0]!START;
        run Reactor(0);
        run Reactor(1);
        run Reactor(2)
    }
    timeout ->
    assert(entered == BIT(sent) - 1)
}
