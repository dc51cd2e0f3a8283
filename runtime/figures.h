/* SPDX-License-Identifier: MIT
 *
 * runtime/figures.h - what reactors and their actors are doing.
 *
 * A snapshot is read by any thread, while the reactor goes on: each field has
 * one writer and is whole, two fields may be of slightly different moments.
 * What is known of single actors is asked for, and the reactor answers from its
 * own thread between two entries. Nothing here is counted for the sake of
 * being read: what costs more than an addition is sampled. */
#ifndef MIO_RUNTIME_FIGURES_H
#define MIO_RUNTIME_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/counters.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

struct mio_runtime;

/* --- reactors ------------------------------------------------------------ */

#define MIO_HISTOGRAM_BUCKETS 48 /* the last from 2^46: a day, in ns */

/* How often a value lay where: counts[0] of 0, counts[i] of those from 2^(i-1)
 * to 2^i - 1; the last takes all that are larger. */
struct mio_histogram {
    uint64_t sum;                           /* of all values */
    uint64_t counts[MIO_HISTOGRAM_BUCKETS]; /* how many lay in each */
};

/** How many values there were.                             Thread: any. */
MIO_API uint64_t mio_histogram_count(const struct mio_histogram *self);

/** The upper bound of the bucket in which the part `percent` of all values
 *  ends: 50 is the median's; 0 without values.            Thread: any. */
MIO_API uint64_t mio_histogram_percentile(const struct mio_histogram *self,
                                          double percent);

/* X(name, what it is): one number each, that may also fall. */
#define MIO_GAUGE_MAP(X)                                                       \
    X(now_ns, "the reactor's time when it last looked for events")             \
    X(busy_ns, "time between looks for events, all together")                  \
    X(is_parked, "1 while it sleeps")                                          \
    X(queue, "entries queued, readiness not counted, when it last looked")     \
    X(queue_max, "the most that were seen so; looked at with each take and "   \
                 "reading of the clock")                                       \
    X(large_count, "messages allocated one by one, less those freed here: "    \
                   "add up all reactors; one alone may be below 0")            \
    X(large_bytes, "and their bytes")

/* What one reactor has done, and how it stands. */
struct mio_snapshot {
    struct mio_counters counters; /* what it did */
    uint64_t actors;              /* alive */
    uint64_t slab_bytes;          /* of the slabs that it took */
#define MIO_GAUGE_FIELD(name, text) uint64_t name;
    MIO_GAUGE_MAP(MIO_GAUGE_FIELD)
#undef MIO_GAUGE_FIELD
    struct mio_histogram dwell_ns; /* in the queue; of sampled messages */
    struct mio_histogram turn_ns;  /* from one look for events to the next */
    struct mio_histogram takes;    /* messages per take of the inbox */
};

/** A snapshot of one reactor, without stopping it.
 *  Returns 0 | MIO_EINVAL (no such reactor).              Thread: any. */
MIO_API int mio_runtime_snapshot(const struct mio_runtime *self,
                                 uint32_t reactor, struct mio_snapshot *out);

/* --- actors -------------------------------------------------------------- */

#define MIO_NAME_MAX 32 /* with the final 0; longer ones are cut */

/** Call an actor something of its own, for people who look at it: the name of
 *  the room that it is, say. Copied; NULL: nothing.
 *  Returns 0 | MIO_ENOMEM.             Thread: the actor's reactor. */
MIO_API int mio_actor_set_label(struct mio_actor *self, const char *label);

/** What it was called; "" if nothing.  Thread: the actor's reactor. */
MIO_API const char *mio_actor_label(const struct mio_actor *self);

#define MIO_FIGURES_MAX 32 /* actors, and pairs of them, of one reactor */

/* One of the busiest actors of a reactor, still alive. */
struct mio_actor_figures {
    mio_actor_id id;               /* its address */
    char class_name[MIO_NAME_MAX]; /* of its class */
    char label[MIO_NAME_MAX];      /* mio_actor_set_label */
    uint64_t received;             /* messages, exactly */
    uint64_t entries;   /* others: timers, readiness, a stop; exactly */
    uint64_t busy_ns;   /* in its callbacks: an estimate, from samples */
    uint64_t recent_ns; /* of that, of late: halved each second */
};

/* Messages of one type from one actor to one on this reactor. */
struct mio_edge_figures {
    mio_actor_id from;             /* nobody: from outside */
    mio_actor_id to;               /* who lives, or lived, on this reactor */
    char from_class[MIO_NAME_MAX]; /* "": gone when it was looked at */
    char to_class[MIO_NAME_MAX];   /* likewise */
    char type[MIO_NAME_MAX];       /* the name of the type */
    uint64_t messages; /* an estimate, from samples, since it is listed */
    uint64_t recent;   /* of that, of late: halved each second */
};

/* What a reactor says of those who live there; the busiest of late first. */
struct mio_reactor_figures {
    uint32_t reactor;      /* its number */
    uint32_t actors_count; /* how many of `actors` are used */
    uint32_t edges_count;  /* how many of `edges` are used */
    struct mio_actor_figures actors[MIO_FIGURES_MAX]; /* by recent_ns */
    struct mio_edge_figures edges[MIO_FIGURES_MAX];   /* by recent */
};

/** Ask a reactor for the figures of its busiest actors. `answer` is called
 *  once: on the reactor's thread between two entries, where it must not wait;
 *  or, if the reactor ends before, with NULL, by who frees what was queued.
 *  One that is stalled answers late: its snapshot's `now_ns` stands still then,
 *  and `is_parked` is 0.
 *  Returns 0 | MIO_EINVAL (no such reactor) | MIO_ENOMEM | MIO_ECLOSED (it has
 *  ended); `answer` is not called then.                   Thread: any. */
MIO_API MIO_NODISCARD int mio_runtime_ask_figures(
    struct mio_runtime *self, uint32_t reactor,
    void (*answer)(void *ctx, const struct mio_reactor_figures *figures),
    void *ctx);

MIO_END_DECLS
#endif /* MIO_RUNTIME_FIGURES_H */
