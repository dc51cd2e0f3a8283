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
#include "core/slab.h"
#include "core/timer_wheel.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/counters.h"
#include "runtime/mailbox/chain.h"
#include "runtime/mailbox/credit.h"
#include "runtime/mailbox/home.h"
#include "runtime/mailbox/mailbox.h"
#include "runtime/mailbox/slab.h"
#include "runtime/reactor/cell.h"
#include "runtime/reactor/common.h"
#include "runtime/reactor/gauge.h"
#include "runtime/reactor/groups.h"
#include "runtime/reactor/queue.h"
#include "runtime/reactor/registry.h"

/* A reactor that has work looks for events after so many entries, but not more
 * often than a look (0.1 us of system call) is worth, and in any case after so
 * long. */
#define MIO_LOOK_ENTRIES 64
#define MIO_LOOK_MIN_NS (10 * MIO_NS_PER_US)
#define MIO_LOOK_MAX_NS (500 * MIO_NS_PER_US)

/* It reads the clock (20 ns) after so many entries; where they are quick, less
 * often. */
#define MIO_CLOCK_ENTRIES 16
#define MIO_CLOCK_ENTRIES_QUICK 64
#define MIO_QUICK_NS 100 /* per entry */

#define MIO_EVENTS_MAX 256

#define MIO_RUNTIME_LOCALS_MAX 16

/* How life begins and ends: the actor library's part. */
struct mio_reactor_life {
    /* A spawn entry was reached. The message is the callee's. */
    void (*begin)(struct mio_reactor *self, struct mio_message *order);
    /* An actor that was asked to exit; called once. */
    void (*end)(struct mio_actor *actor);
    /* A request came for `to`, or for nobody (NULL). The message is the
     * callee's, also in those below. */
    void (*request)(struct mio_reactor *self, struct mio_actor *to,
                    struct mio_message *message);
    void (*reply)(struct mio_reactor *self, struct mio_message *message);
    /* The timer of a delayed message has fired: one whose entry has no actor.
     */
    void (*delayed)(struct mio_reactor *self, struct mio_actor_timer *timer);
    /* The reactor closes: drop the messages that are delayed still. */
    void (*drop_delayed)(struct mio_reactor *self);
};

/* Another reactor, as this one sees it: what it may send there, and who waits
 * until it may. */
struct mio_reactor_peer {
    _Alignas(64) struct mio_credit_line line;
    struct mio_writable *waiting; /* in the order in which they came */
    struct mio_writable **waiting_tail;
    struct mio_message *notice; /* by which it tells us; NULL: not wanted */
    const uint64_t *full_count; /* its mailbox's */
};

struct mio_reactor {
    /* Touched for each entry. */
    struct mio_queue queue;
    struct mio_chain chain; /* the open one */
    struct mio_message *receiving;
    struct mio_actor *ending; /* in the order in which they were asked to */
    struct mio_actor **ending_tail;
    struct mio_actor_registry *registry;
    struct mio_mailbox *mailbox; /* our own */
    struct mio_common *common;
    struct mio_reactor_peer *peers; /* one for each reactor, also ourselves */
    uint64_t count_from; /* how long a queue is counted; 0: we count */
    uint32_t count_epoch;
    uint32_t index;
    struct mio_slabs slabs;

    /* Touched each turn. */
    int64_t now_ns;
    int64_t looked_ns;        /* when we last looked for events */
    uint32_t entries_looked;  /* dispatched since then */
    uint32_t entries_clocked; /* dispatched since the clock was read */
    uint32_t clock_interval;  /* after how many it is read again */
    bool must_look;
    bool is_stopping; /* the actors were told */
    bool is_killing;  /* the stop's deadline has passed */
    struct mio_actor_flush *flush_first;
    struct mio_actor_flush **flush_tail;
    int64_t flush_since_ns;          /* when the first of them was scheduled */
    struct mio_credit_ledger ledger; /* of what was taken from whom */
    struct mio_homeward homeward;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_timer_wheel wheel;
    struct mio_counters counters;
    struct mio_gauge gauge;

    /* Seldom touched. */
    const struct mio_reactor_life *life;
    struct mio_actor *actors; /* in the order of their beginning */
    struct mio_actor **actors_tail;
    struct mio_timer stop_deadline;
    uint64_t links_count;      /* made here, ever: each has its number */
    struct mio_slab monitors;  /* of actors here, by the key that news carry */
    struct mio_message *early; /* records of watches over who is awaited */
    struct mio_slab asks;      /* likewise; replies carry it */
    struct mio_slab delays;    /* messages whose time has not come */
    struct mio_names names;    /* those of this reactor alone */
    struct mio_groups groups;  /* with members here */
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
    uint32_t names_max;
    const struct mio_log *log; /* the poll's; NULL: none */
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

/* --- for the code of actors, on the reactor's thread ----------------------
 * Messages: memory.h and mail.h. */

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
