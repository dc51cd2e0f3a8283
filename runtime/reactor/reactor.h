/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/reactor.h - one thread's loop and all that it owns. Not
 * installed.
 *
 * Step 3 of a byte's walk. Everything here belongs to the reactor's thread;
 * others see its mailbox and reserve slots in its registry, nothing else. */
#ifndef MIO_RUNTIME_REACTOR_REACTOR_H
#define MIO_RUNTIME_REACTOR_REACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/error.h"
#include "core/event.h"
#include "core/poll.h"
#include "core/timer_wheel.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/counters.h"
#include "runtime/mailbox/chain.h"
#include "runtime/mailbox/home.h"
#include "runtime/mailbox/mailbox.h"
#include "runtime/mailbox/slab.h"
#include "runtime/reactor/cell.h"
#include "runtime/reactor/common.h"
#include "runtime/reactor/queue.h"
#include "runtime/reactor/registry.h"

/* A reactor looks for events at least this often. */
#define MIO_ENTRIES_MAX 64
#define MIO_TURN_MAX_NS (500 * MIO_NS_PER_US)
#define MIO_ENTRIES_PER_CLOCK 16

#define MIO_EVENTS_MAX 256

#define MIO_RUNTIME_LOCALS_MAX 16

/* How life begins and ends: the actor library's part. */
struct mio_reactor_life {
    /* A spawn entry was reached. The message is the callee's. */
    void (*begin)(struct mio_reactor *self, struct mio_message *order);
    /* An actor that was asked to exit; called once. */
    void (*end)(struct mio_actor *actor);
};

struct mio_reactor {
    /* Touched for each entry. */
    struct mio_queue queue;
    struct mio_chain chain; /* the open one */
    struct mio_message *receiving;
    struct mio_actor *ending; /* in the order in which they were asked to */
    struct mio_actor **ending_tail;
    struct mio_registry *registry;
    struct mio_mailbox *mailbox; /* our own */
    struct mio_common *common;
    uint32_t index;
    struct mio_slabs slabs;

    /* Touched each turn. */
    int64_t now_ns;
    int64_t looked_ns;        /* when we last looked for events */
    uint32_t entries_to_look; /* how many more until we must */
    bool is_stopping;         /* the actors were told */
    bool is_killing;          /* the stop's deadline has passed */
    struct mio_actor_flush *flush_first;
    struct mio_actor_flush **flush_tail;
    struct mio_homeward homeward;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_timer_wheel wheel;
    struct mio_counters counters;

    /* Seldom touched. */
    const struct mio_reactor_life *life;
    struct mio_actor *actors; /* in the order of their beginning */
    struct mio_actor **actors_tail;
    struct mio_timer stop_deadline;
    void *locals[MIO_RUNTIME_LOCALS_MAX];
#ifdef MIO_LITMUS
#define MIO_LITMUS_STASH_MAX 8
    struct mio_chain stash[MIO_LITMUS_STASH_MAX]; /* what should be out */
    uint32_t stash_count;
#endif
};

struct mio_reactor_options {
    uint32_t index;
    uint32_t sources_max;
    struct mio_common *common;
    const struct mio_reactor_life *life;
};

/* Create a reactor in *out; its mailbox is opened, its registry is there.
 * Returns 0 | MIO_ENOMEM | MIO_EMFILE | MIO_ENFILE | MIO_EINVAL. */
MIO_NODISCARD int mio_reactor_new(struct mio_reactor **out,
                                  const struct mio_reactor_options *options);

/* Release it: what is left in queue and inbox becomes dead letters. No other
 * reactor may run any more. */
void mio_reactor_close(struct mio_reactor *self);

/* Release its memory, when no reactor has messages of its slabs any more. */
void mio_reactor_free(struct mio_reactor *self);

/* The reactor's life on this thread: turns until the runtime has ended. */
void mio_reactor_run(struct mio_reactor *self);

/* --- for the code of actors, on the reactor's thread -----------------------
 */

/* A message of this size, held by the caller; NULL: no memory. */
struct mio_message *mio_reactor_message_new(struct mio_reactor *self,
                                            size_t size);

/* Free a message, wherever its memory is from. */
void mio_reactor_message_free(struct mio_reactor *self,
                              struct mio_message *message);

/* Free a message that nobody receives: its type's drop is called. */
void mio_reactor_dead_letter(struct mio_reactor *self,
                             struct mio_message *message);

/* Send it, to here or elsewhere; its address must be one of this runtime. */
void mio_reactor_send(struct mio_reactor *self, struct mio_message *message);

/* Publish the open chain. */
void mio_reactor_publish_chain(struct mio_reactor *self);

static inline void mio_reactor_publish(struct mio_reactor *self)
{
    if (!mio_chain_is_empty(&self->chain))
        mio_reactor_publish_chain(self);
}

/* Take the inbox to the tail of the queue; put there what was taken. */
void mio_reactor_take(struct mio_reactor *self);
void mio_reactor_join(struct mio_reactor *self, const struct mio_mail *mail);

/* Send home all that was freed here and belongs elsewhere. */
void mio_reactor_send_home(struct mio_reactor *self);

/* Ask an actor to end; the first reason stays. */
void mio_reactor_end_later(struct mio_actor *actor, int reason);

/* Put an embedded entry at the tail, take it out. */
void mio_reactor_enqueue(struct mio_reactor *self,
                         struct mio_actor_entry *entry);
void mio_reactor_dequeue(struct mio_reactor *self,
                         struct mio_actor_entry *entry);

/* One thing less points into an actor's memory. */
void mio_reactor_release(struct mio_actor *actor);

#endif /* MIO_RUNTIME_REACTOR_REACTOR_H */
