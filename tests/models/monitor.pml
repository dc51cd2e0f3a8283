/* SPDX-License-Identifier: MIT
 *
 * tests/models/monitor.pml - to be told when another actor ends:
 * runtime/monitor.c.
 *
 * A watcher starts a monitor, even before its target has begun, may cancel it at any time, and starts it anew, of
 * whoever lives at the target's place then; the target ends when it likes, and
 * another takes its slot. The record of a monitor travels there and back, and
 * its memory is used again as soon as it is free; so is the monitor's key, with
 * a new generation. A monitor that was not cancelled is told once of its own
 * target's end; one that was, never. No record may be touched by who does not
 * have it, and in the end all are free.
 *
 * Mail between two reactors is in order: causal.pml. */

#define RECORDS 2 /* memory for them; two monitors' lives overlap */
#define LIVES 3   /* monitors that are started, one after the other */

mtype = { watch, cancel, down };

/* What there is to a record, and who has it. */
#define FREE 0
#define UNDER_WAY 1
#define ATTACHED 2
#define EARLY 3 /* waits for the beginning */
byte place[RECORDS];   /* of the record's memory */
byte key[RECORDS];     /* the key in the record: a generation */
byte of_life[RECORDS]; /* whose end it tells of: a generation of the target */
byte cancels = 0;      /* memory of cancellations that is in use */

chan there = [6] of { mtype, byte, byte }; /* record, generation addressed */
chan back = [6] of { mtype, byte, byte };  /* record, generation that ended */

byte generation = 1;       /* of who lives in the target's slot */
bool is_awaited = true;  /* the order to begin is still under way */
bool is_alive = false;
bool attached[RECORDS];    /* the list of who lives there */

inline find_free()
{
    if
    :: place[0] == FREE -> r = 0
    :: else -> assert(place[1] == FREE); r = 1
    fi
}

/* tell_down: the record goes back with the news. */
inline tell_down(r, g)
{
    assert(place[r] == UNDER_WAY || place[r] == ATTACHED);
    place[r] = UNDER_WAY;
    back!down, r, g
}

/* The reactor of who is watched. */
active proctype Target()
{
    byte r, g;
end:
    do
    :: there?watch, r, g -> /* handle_watch */
        d_step {
            assert(place[r] == UNDER_WAY);
            if
#ifdef NO_GENERATION
            :: is_alive -> place[r] = ATTACHED; attached[r] = true
#else
            :: is_alive && g == generation ->
                place[r] = ATTACHED; attached[r] = true
#endif
#ifndef NO_AWAIT
            :: is_awaited && g == generation -> place[r] = EARLY /* await */
#endif
#ifdef NO_ANSWER
            :: else -> place[r] = FREE
#else
            :: else -> tell_down(r, g)
#endif
            fi;
            r = 0; g = 0
        }
    :: there?cancel, r, g -> /* handle_cancel */
        d_step {
            if
#ifdef NO_GENERATION
            :: is_alive ->
#else
            :: is_alive && g == generation ->
#endif
                /* The record is named by its address: it must be here. */
                assert(place[r] == ATTACHED && attached[r]);
#ifndef NO_DETACH
                attached[r] = false;
#endif
                place[r] = FREE
            :: else -> skip /* it went back with the news */
            fi;
#ifndef CANCEL_KEPT
            cancels--;
#endif
            r = 0; g = 0
        }
    :: d_step { is_alive -> /* end: registry_end, then tell_attached */
            is_alive = false;
            r = 0;
            do
            :: r < RECORDS ->
                if
                :: attached[r] ->
                    attached[r] = false; tell_down(r, generation)
                :: else -> skip
                fi;
                r++
            :: else -> break
            od;
            r = 0
        }
    :: d_step { !is_alive && !is_awaited && generation < LIVES ->
            generation++; is_awaited = true /* mio_actor_registry_reserve */
        }
    :: d_step { is_awaited -> /* begin: mio_watch_begin */
            is_awaited = false;
            is_alive = true;
            r = 0;
            do
            :: r < RECORDS ->
                if
                :: place[r] == EARLY -> place[r] = ATTACHED; attached[r] = true
                :: else -> skip
                fi;
                r++
            :: else -> break
            od;
            r = 0
        }
    od
}

/* mio_monitor_cancel: unlink_monitor, and word to the target's reactor. */
inline cancel_monitor()
{
#ifndef KEY_KEPT
    live_key = 0;
#endif
    is_watching = false;
    there!cancel, mine, target
}

/* The reactor of the watcher, and what it does. */
active proctype Watcher()
{
    byte r, g, i;
    byte life;           /* monitors started so far */
    byte live_key;       /* of the monitor in the slab; 0: none */
    byte target;         /* the generation it watches */
    byte mine;           /* its record, as its cancellation names it */
    byte used_key;
    bool is_watching, is_patient, is_over;
    do
    :: d_step { !is_patient && !is_watching && life < LIVES &&
        (place[0] == FREE || place[1] == FREE) ->
            /* prepare, mio_monitor_start: of who lives there, or did. */
            life++;
            find_free();
#ifdef KEY_REUSED
            used_key = 1;
#else
            used_key++;
#endif
            live_key = used_key;
            key[r] = live_key;
            target = generation;
            mine = r;
            is_watching = true;
            place[r] = UNDER_WAY;
            cancels++;
            there!watch, r, target;
            r = 0
        }
    :: d_step { !is_patient && is_watching -> cancel_monitor() }
    :: back?down, r, g -> /* handle_down */
        d_step {
            assert(place[r] == UNDER_WAY);
            i = key[r];
            place[r] = FREE; /* mio_reactor_message_free */
            if
            :: live_key == i ->
                /* down is called: of a monitor that watches, and its target. */
                assert(is_watching && !is_over);
                assert(g == target);
                is_watching = false; /* unlink_monitor */
                live_key = 0;
#ifndef DOWN_KEEPS
                cancels--
#endif
            :: else -> skip /* cancelled, also by the watcher's end */
            fi;
            i = 0; r = 0; g = 0
        }
    :: d_step { !is_patient -> is_patient = true } /* it waits, for ever */
    :: d_step { !is_patient -> /* it ends: mio_actor_demonitor_all */
            is_patient = true;
            is_over = true;
            if
#ifndef END_KEEPS
            :: is_watching -> cancel_monitor()
#endif
            :: else -> skip
            fi
        }
    :: timeout -> break
    od;
    /* Nothing is under way any more, and all targets have ended. */
    assert(!is_watching);
    assert(place[0] == FREE && place[1] == FREE);
    assert(cancels == 0)
}
