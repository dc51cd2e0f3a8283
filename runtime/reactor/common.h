/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/common.h - what the reactors of one runtime share. Not
 * installed.
 *
 * Everything else belongs to one reactor. The flags are set once and read each
 * turn; the count of actors has a line of its own. */
#ifndef MIO_RUNTIME_REACTOR_COMMON_H
#define MIO_RUNTIME_REACTOR_COMMON_H

#include <ck_pr.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/log.h"
#include "core/visibility.h"
#include "runtime/mailbox/credit.h"
#include "runtime/mailbox/mailbox.h"
#include "runtime/reactor/names.h"
#include "runtime/reactor/registry.h"

struct mio_reactor;
struct mio_runtime;

struct mio_common {
    struct mio_runtime *runtime; /* opaque here: for mio_actor_runtime */
    uint32_t reactors_count;
    int64_t stop_within_ns;
    const struct mio_log *log;             /* NULL: none */
    struct mio_mailbox *mailboxes;         /* one for each reactor */
    struct mio_actor_registry *registries; /* likewise */
    struct mio_names names;                /* those of the whole runtime */
    uint32_t *group_rows;                  /* see groups.h */
    /* Each reactor's row: a word for each sender, and one for the outside. */
    struct mio_credit_word *credit_words;
    uint32_t credit_stride; /* words of a row */
    uint32_t credit;        /* messages under way, per ordered pair */
    uint32_t queue_min;     /* the smallest limit that any actor ever had */
    uint32_t is_stopping;   /* a stop was asked for */
    uint32_t is_ended;      /* and no actor is left */
    uint32_t were_killed;   /* some at the stop's deadline */
    /* Messages and bytes that came from outside. Counted by who makes them;
     * who frees one counts that in its own gauge. */
    uint64_t outside_count;
    uint64_t outside_bytes;
    /* Actors that live or are on their way, on all reactors; closed once it is
     * zero after a stop. */
    _Alignas(MIO_CACHE_LINE) uint64_t actors;
    uint64_t picks; /* of reactors at random, so far */
};

static inline struct mio_credit_word *
mio_common_credit_word(const struct mio_common *self, uint32_t receiver,
                       uint32_t sender)
{
    return &self->credit_words[(size_t)receiver * self->credit_stride + sender];
}

static inline uint32_t mio_common_queue_min(const struct mio_common *self)
{
    return ck_pr_load_32(&self->queue_min);
}

/* An actor may have so many messages waiting.             Thread: any. */
void mio_common_limit(struct mio_common *self, uint32_t queue_max);

/* Ask for a stop.                                  Thread: any, signal-safe. */
void mio_common_stop(struct mio_common *self);

bool mio_common_is_stopping(const struct mio_common *self);
bool mio_common_is_ended(const struct mio_common *self);

/* Ring all bells.                                  Thread: any, signal-safe. */
void mio_common_ring_all(struct mio_common *self);

/* One actor more, before its slot is reserved.
 * Returns 0 | MIO_ECLOSED (the runtime has ended).        Thread: any. */
MIO_NODISCARD int mio_common_actor_comes(struct mio_common *self);

/* One less. The last one after a stop ends the runtime.   Thread: any. */
void mio_common_actor_goes(struct mio_common *self);

/* End the runtime if a stop was asked for and no actor is left.
 *                                                         Thread: any. */
void mio_common_try_end(struct mio_common *self);

#endif /* MIO_RUNTIME_REACTOR_COMMON_H */
