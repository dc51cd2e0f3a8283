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

/* What another part of the runtime has hung onto an actor: it learns of the
 * actor's end. Embedded in that part's own record. */
struct mio_attachment {
    struct mio_attachment *next;
    struct mio_attachment **link; /* what points here; NULL: not attached */
    /* The actor's exit callback has run, its address is stale (not yet, for the
     * early ones); `actor->reason` says why. It is detached already, and may
     * free itself. */
    void (*ended)(struct mio_actor *actor, struct mio_attachment *self);
};

struct mio_actor {
    /* Read for each message. */
    int (*receive)(struct mio_actor *self, void *state,
                   struct mio_message *message); /* never NULL */
    struct mio_reactor *reactor;
    mio_actor_id id;
    const struct mio_actor_class *actor_class;
    uint64_t received; /* messages, ever; see figures.h */

    /* Ending: exit was asked for, and it is in the reactor's list of those. */
    struct mio_actor *ending_next;
    int reason;
    bool is_ending;
    bool is_over; /* its exit callback has run */

    bool is_internal; /* not counted, lives until the reactor ends */

    bool was_told_to_stop; /* once is enough */
    bool is_supervised;    /* its supervisor tells it to stop, in its order */
    bool starts_later;     /* it tells itself that it has started */
    struct mio_message *started; /* to its supervisor; NULL: none, or sent */

    /* Entries in the queue and flushes that point into this memory: it stays
     * until they have passed. */
    uint32_t pending_count;

    struct mio_actor_source *sources;
    struct mio_actor_timer *timers;
    struct mio_writable *writables; /* by which it waits for room */
    struct mio_monitor *monitors;   /* by which it watches others */
    struct mio_ask *asks;           /* not answered yet */
    struct mio_link_half *links;
    /* Told of ends of linked actors; NULL: ends with them. */
    int (*exited)(struct mio_actor *self, void *state, mio_actor_id from,
                  int reason);
    /* Newest first. The early ones end before anybody is told of the actor's
     * end: what it had (names, places in groups) others can have then. */
    struct mio_attachment *attachments;
    struct mio_attachment *early_attachments;
    /* Who wait until it is not full any more, in the order in which they came:
     * messages that go back to them. */
    struct mio_message *wanting;
    struct mio_message **wanting_tail;

    /* In the list of the reactor's actors, in the order of their beginning. */
    struct mio_actor *next;
    struct mio_actor **link;

    /* For people; see figures.h. */
    uint64_t entries; /* handled that were no messages */
    uint64_t busy_ns; /* in callbacks, estimated */
    char *label;      /* or NULL */

    struct mio_actor_entry stop;

    _Alignas(16) unsigned char state[];
};

static inline void mio_attach_to(struct mio_attachment **list,
                                 struct mio_attachment *attachment)
{
    attachment->next = *list;
    attachment->link = list;
    if (attachment->next != NULL)
        attachment->next->link = &attachment->next;
    *list = attachment;
}

static inline void mio_attach(struct mio_actor *actor,
                              struct mio_attachment *attachment)
{
    mio_attach_to(&actor->attachments, attachment);
}

/* What it has, and gives back before anybody is told of its end. */
static inline void mio_attach_early(struct mio_actor *actor,
                                    struct mio_attachment *attachment)
{
    mio_attach_to(&actor->early_attachments, attachment);
}

static inline void mio_detach(struct mio_attachment *attachment)
{
    if (attachment->link == NULL)
        return;
    *attachment->link = attachment->next;
    if (attachment->next != NULL)
        attachment->next->link = attachment->link;
    attachment->link = NULL;
}

#endif /* MIO_RUNTIME_REACTOR_CELL_H */
