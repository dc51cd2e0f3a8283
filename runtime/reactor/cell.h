/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/cell.h - an actor, as its reactor keeps it. Not installed.
 *
 * The struct of runtime/actor.h's opaque name, followed in memory by the
 * actor's state. What each field is for is the business of runtime/actor*.c;
 * the reactor reads what it needs to hand over an entry. */
#ifndef MIO_RUNTIME_REACTOR_CELL_H
#define MIO_RUNTIME_REACTOR_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/actor.h"

struct mio_actor {
    /* Read for each message. */
    int (*receive)(struct mio_actor *self, void *state,
                   struct mio_message *message); /* never NULL */
    struct mio_reactor *reactor;
    mio_actor_id id;
    const struct mio_actor_class *actor_class;

    /* Ending: exit was asked for, and it is in the reactor's list of those. */
    struct mio_actor *ending_next;
    int reason;
    bool is_ending;
    bool is_over; /* its exit callback has run */

    bool is_internal; /* not counted, lives until the reactor ends */

    /* Entries in the queue and flushes that point into this memory: it stays
     * until they have passed. */
    uint32_t pending_count;

    struct mio_actor_source *sources;
    struct mio_actor_timer *timers;

    /* In the list of the reactor's actors, in the order of their beginning. */
    struct mio_actor *next;
    struct mio_actor **link;

    struct mio_actor_entry stop;

    _Alignas(16) unsigned char state[];
};

#endif /* MIO_RUNTIME_REACTOR_CELL_H */
