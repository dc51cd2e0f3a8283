/* SPDX-License-Identifier: MIT
 *
 * tests/models/link.pml - two actors that end together, and news that cross:
 * runtime/link.c.
 *
 * Two actors on two reactors. Each may link the other, unlink it, and end or
 * stay, in any order and at any time, three calls each. Who traps is told of the other's
 * end once for all its links, and never of one whose links it has undone; who
 * is linked when all is quiet and the other has ended was told. All halves are
 * free in the end.
 *
 * Mail between two reactors is in order: causal.pml. */

#define CALLS 3
#define NUMBERS 7 /* links that are ever made, by both: 1 to 6 */

mtype = { link, unlink, exit };

/* From actor 0 to 1, from 1 to 0: what, and the link's name. */
chan mail[2] = [12] of { mtype, byte };

bool half[14];    /* of actor a of link n: half[a * NUMBERS + n] */
byte memory = 0;  /* halves that exist: held, or under way as a message */
byte numbers = 0; /* given so far */
bool lives[2] = true;
byte told[2] = 0; /* times that `exited` was called since it linked */
bool stays[2];    /* it will not end of itself */

#define HALF(a, n) half[(a) * NUMBERS + (n)]

inline has_any(a)
{
    n = 1;
    any = false;
    do
    :: n < NUMBERS -> any = any || HALF(a, n); n++
    :: else -> break
    od;
    n = 0
}

/* send_half, of all halves: what ends a link goes in a half's memory. */
inline send_all(a, what)
{
    n = 1;
    do
    :: n < NUMBERS ->
        if
        :: HALF(a, n) -> HALF(a, n) = false; mail[a]!what, n
        :: else -> skip
        fi;
        n++
    :: else -> break
    od;
    n = 0
}

active [2] proctype Actor()
{
    byte calls, n, name;
    bool any;
    bool hushed = true; /* it has no links, or has undone them */
    if
    :: stays[_pid] = true
    :: skip
    fi;
end:
    do
    :: d_step { lives[_pid] && calls < CALLS -> /* mio_link */
            calls++;
            has_any(_pid);
            if
            :: !any ->
                numbers++;
                HALF(_pid, numbers) = true;
                memory = memory + 2;
                mail[_pid]!link, numbers;
                told[_pid] = 0;
                hushed = false
            :: else -> skip /* MIO_EEXIST */
            fi;
            any = false
        }
    :: d_step { lives[_pid] && calls < CALLS -> /* mio_unlink */
            calls++;
            send_all(_pid, unlink);
            hushed = true
        }
    :: d_step { lives[_pid] && !stays[_pid] -> /* end: mio_actor_unlink_all */
            lives[_pid] = false;
#ifndef END_TELLS_NOBODY
            send_all(_pid, exit)
#else
            n = 1;
            do
            :: n < NUMBERS ->
                if
                :: HALF(_pid, n) -> HALF(_pid, n) = false; memory--
                :: else -> skip
                fi;
                n++
            :: else -> break
            od;
            n = 0
#endif
        }
    :: mail[1 - _pid]?link, name -> /* handle_link */
        d_step {
            if
            :: lives[_pid] -> HALF(_pid, name) = true; hushed = false
#ifdef NO_ANSWER
            :: else -> memory--
#else
            :: else -> mail[_pid]!exit, name
#endif
            fi;
            name = 0
        }
    :: mail[1 - _pid]?unlink, name -> /* handle_unlink */
        d_step {
            if
#ifdef NAME_IGNORED
            :: lives[_pid] ->
                /* The first half to that peer, whatever its name. */
                n = 1;
                do
                :: n < NUMBERS && !HALF(_pid, n) -> n++
                :: else -> break
                od;
                if
                :: n < NUMBERS -> HALF(_pid, n) = false; memory--
                :: else -> skip
                fi;
                n = 0
#else
            :: lives[_pid] && HALF(_pid, name) ->
                HALF(_pid, name) = false;
#ifndef HALF_KEPT
                memory--
#endif
#endif
            :: else -> skip
            fi;
            memory--; /* the message */
            name = 0
        }
    :: mail[1 - _pid]?exit, name -> /* handle_exit */
        d_step {
            memory--;
            has_any(_pid);
#ifdef NOT_FORGOTTEN
            any = true;
#endif
            if
            :: lives[_pid] && any -> /* forget_peer */
                assert(!hushed);
                assert(told[_pid] == 0); /* once for all of them */
                told[_pid]++;
                n = 1;
                do
                :: n < NUMBERS ->
                    if
                    :: HALF(_pid, n) -> HALF(_pid, n) = false; memory--;
#ifdef FORGETS_ONE
                        break
#endif
                    :: else -> skip
                    fi;
                    n++
                :: else -> break
                od;
                n = 0
            :: else -> skip
            fi;
            any = false;
            name = 0
        }
    od
}

active proctype Observer()
{
    byte n;
    timeout ->
    /* All is quiet. Two that live are both linked, or neither is; who outlives
     * the other was told, and all memory is free but for halves. */
    d_step {
        n = 1;
        do
        :: n < NUMBERS ->
            if
            :: lives[0] && lives[1] -> assert(HALF(0, n) == HALF(1, n))
            :: else -> assert(!HALF(0, n) && !HALF(1, n))
            fi;
            memory = memory - HALF(0, n) - HALF(1, n);
            n++
        :: else -> break
        od
    }
    assert(memory == 0)
}
