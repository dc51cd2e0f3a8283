/* SPDX-License-Identifier: MIT
 *
 * tests/models/stop.pml - how a runtime stops: runtime/reactor/common.c, stop.c
 * and turn.c, runtime/outside.c and spawn.c.
 *
 * Two reactors; one actor lives at first, or none. Somebody asks for a stop,
 * and another thread spawns, which may be refused or find no slot. An actor
 * ends when it is told to, or before. In the end both reactors must have ended;
 * each actor that was promised must have begun; and no inbox may be closed
 * before an order that was counted. A stop that is forgotten is a reactor that
 * sleeps for ever.
 *
 * The machine may delay stores behind later loads, and draw loads ahead of
 * earlier ones, wherever no fence forbids it. */

#define REACTORS 2
#define CLOSED 100

bool is_stopping = false;
bool is_ended = false;
byte actors = 0; /* CLOSED or more: the bit is set */

byte orders[REACTORS]; /* in the inbox: pushed, not yet taken */
bool is_closed[REACTORS];
bool is_parked[REACTORS];
bit bell[REACTORS];

byte promised = 0; /* spawns that returned 0 */
byte begun = 0;
byte ended = 0; /* reactors */

inline ring_all()
{
    /* mio_common_ring_all: one bell after the other */
    bell[0] = 1;
    bell[1] = 1
}

/* Without a fence between them, the count's load may be drawn ahead of the
 * flag's, and the swap fail for what was long ago. */
#ifdef NO_FENCE_TRY_END
#define DRAW() drawn = actors
#else
#define DRAW() skip
#endif

/* mio_common_try_end */
inline try_end()
{
    if
    :: is_stopping ->
#ifdef END_STORES
        closes = (actors == 0);
        if
        :: closes -> actors = CLOSED
        :: else -> skip
        fi;
#else
        atomic {
#ifdef NO_FENCE_TRY_END
            closes = (actors == 0) && drawn == 0;
#else
            closes = (actors == 0);
#endif
            if
            :: closes -> actors = CLOSED
            :: else -> skip
            fi
        }
#endif
        if
        :: closes ->
#ifdef NO_FENCE_END
            ring_all();
            is_ended = true
#else
            is_ended = true;
#ifndef NO_BELL_END
            ring_all()
#endif
#endif
        :: else -> skip
        fi;
        closes = false
    :: else -> skip
    fi
}

/* mio_common_actor_goes */
inline goes()
{
#ifdef NO_FENCE_GOES
    /* The flag's load was drawn ahead of the count. */
    saw = is_stopping;
    atomic { last = (actors == 1); actors-- }
    if
    :: last && saw -> try_end()
    :: else -> skip
    fi;
    saw = false;
#else
    atomic { last = (actors == 1); actors-- }
#ifndef NO_TRY_GOES
    if
    :: last -> try_end()
    :: else -> skip
    fi;
#endif
#endif
    last = false
}

/* mio_runtime_stop, from anywhere. */
proctype Stopper()
{
#ifdef NO_FENCE_STOP
    ring_all();
    is_stopping = true
#else
    is_stopping = true;
#ifndef NO_BELL_STOP
    ring_all()
#endif
#endif
}

/* mio_runtime_spawn, twice. */
proctype Outside()
{
    byte r, times;
    bool last, closes, refused;
#ifdef NO_FENCE_GOES
    bool saw;
#endif
#ifdef NO_FENCE_TRY_END
    byte drawn; /* 0: the load was not drawn ahead, or made no difference */
#endif
    do
    :: times < 2 ->
        times++;
        if
        :: is_stopping -> skip /* refused */
        :: else ->
#ifdef COMES_LATE
            refused = (actors >= CLOSED);
#else
            /* mio_common_actor_comes */
            atomic { refused = (actors >= CLOSED); actors++ }
#endif
            if
#ifndef CLOSED_IGNORED
            :: refused ->
#ifndef COMES_LATE
                actors--
#else
                skip
#endif
#endif
            :: else ->
                if
                :: goes() /* MIO_EFULL: mio_spawn_unreserve */
                :: if
                    :: r = 0
                    :: r = 1
                    fi;
                    /* mio_runtime_push; it cannot be refused. */
                    atomic {
                        assert(!is_closed[r]);
                        orders[r]++;
                        promised++;
                        if
                        :: is_parked[r] -> is_parked[r] = false; bell[r] = 1
                        :: else -> skip
                        fi
                    }
#ifdef COMES_LATE
                    actors++
#endif
                fi
            fi
        fi
    :: else -> break
    od
}

/* The life of one actor of reactor `me`. */
inline tell(n)
{
    told = told + n
}

proctype Reactor(byte me; byte living)
{
    byte told;    /* actors with a stop in the queue */
    byte n;
    bool is_told; /* self->is_stopping */
    bool last, closes;
#ifdef NO_FENCE_GOES
    bool saw;
#endif
#ifdef NO_FENCE_TRY_END
    byte drawn; /* 0: the load was not drawn ahead, or made no difference */
#endif
    do
    :: !is_ended ->
        DRAW();
        /* mio_reactor_turn: mio_reactor_begin_stop */
        if
        :: !is_told && is_stopping ->
            is_told = true;
            tell(living);
#ifndef NO_TRY_BEGIN
            try_end()
#endif
        :: else -> skip
        fi;
#ifdef NO_FENCE_TRY_END
        drawn = 0;
#endif
        /* mio_reactor_take; begin() */
        atomic {
            n = orders[me];
            orders[me] = 0;
            begun = begun + n;
            living = living + n;
#ifndef BEGIN_NOT_TOLD
            if
            :: is_told -> tell(n)
            :: else -> skip
            fi;
#endif
            n = 0
        }
        /* Who was told ends; so may others. */
        do
        :: told > 0 -> told--; living--; goes()
        :: told == 0 && living > 0 && !is_told -> living--; goes()
        :: told == 0 -> break
        od;
        /* mio_inbox_park, mio_poll_wait, mio_inbox_unpark */
        atomic {
            if
            :: orders[me] == 0 -> is_parked[me] = true
            :: else -> skip
            fi
        }
        if
        :: is_parked[me] || bell[me] == 1 ->
            atomic { bell[me] == 1 -> bell[me] = 0; is_parked[me] = false }
        :: else -> skip
        fi
    :: is_ended -> break
    od;
    /* mio_reactor_close: nothing that was counted may be left. */
    atomic {
        is_closed[me] = true;
        assert(orders[me] == 0);
        assert(living == 0);
        ended++
    }
}

active proctype Runtime()
{
    atomic {
        if
        :: actors = 1; run Reactor(0, 1)
        :: run Reactor(0, 0)
        fi;
        run Reactor(1, 0);
        run Stopper();
        run Outside()
    }
    ended == REACTORS;
    assert(begun == promised)
}
