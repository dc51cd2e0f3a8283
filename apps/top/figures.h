/* SPDX-License-Identifier: MIT
 *
 * apps/top/figures.h - what an inspector said, as numbers. */
#ifndef MIO_APPS_TOP_FIGURES_H
#define MIO_APPS_TOP_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"

#define TOP_NAME_MAX 32
#define TOP_BUCKETS 48
#define TOP_REACTORS_MAX 1024
#define TOP_ROWS_MAX 4096 /* actors, and edges, of all reactors */

struct top_histogram {
    uint64_t counts[TOP_BUCKETS];
};

/* X(name): the fields of a reactor that are shown. */
#define TOP_REACTOR_MAP(X)                                                     \
    X(asked_ns)                                                                \
    X(now_ns)                                                                  \
    X(busy_ns)                                                                 \
    X(is_parked)                                                               \
    X(queue)                                                                   \
    X(queue_max)                                                               \
    X(actors)                                                                  \
    X(slab_bytes)                                                              \
    X(large_bytes)                                                             \
    X(turns)                                                                   \
    X(entries)                                                                 \
    X(events)                                                                  \
    X(sent_local)                                                              \
    X(sent_remote)                                                             \
    X(received)                                                                \
    X(parks)                                                                   \
    X(bells_rung)                                                              \
    X(bells_elided)                                                            \
    X(dead_letters)                                                            \
    X(failed)

struct top_reactor {
    uint32_t index;
    bool is_silent; /* it did not tell of its actors */
#define X(name) uint64_t name;
    TOP_REACTOR_MAP(X)
#undef X
    struct top_histogram dwell_ns;
    struct top_histogram turn_ns;
};

struct top_actor {
    uint32_t reactor;
    uint64_t id;
    char class_name[TOP_NAME_MAX];
    char label[TOP_NAME_MAX];
    uint64_t received, entries, busy_ns, recent_ns;
};

struct top_edge {
    uint32_t reactor;
    uint64_t from, to;
    char from_class[TOP_NAME_MAX];
    char to_class[TOP_NAME_MAX];
    char type[TOP_NAME_MAX];
    uint64_t messages, recent;
};

#define TOP_STALLS_MAX 32
#define TOP_STALL_MAX 160

struct top_figures {
    struct top_reactor *reactors;
    uint32_t reactors_count;
    struct top_actor *actors;
    uint32_t actors_count;
    struct top_edge *edges;
    uint32_t edges_count;
    char stalls[TOP_STALLS_MAX][TOP_STALL_MAX]; /* the newest, as they came */
    uint32_t stalls_count;
};

/* Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int top_figures_init(struct top_figures *self);
void top_figures_deinit(struct top_figures *self);

/* Forget all. */
void top_figures_clear(struct top_figures *self);

/* Add the lines of an answer; lines that are not understood, and what there is
 * no room for, are left out. `text` is changed. */
void top_figures_parse(struct top_figures *self, char *text);

/* The reactor, actor, edge of the same name in what was said before; NULL. */
const struct top_reactor *top_figures_reactor(const struct top_figures *self,
                                              uint32_t index);
const struct top_actor *top_figures_actor(const struct top_figures *self,
                                          uint64_t id);

/* The upper bound of the bucket where the part `percent` of what came since
 * `before` ends; 0: nothing came. */
uint64_t top_histogram_percentile(const struct top_histogram *now,
                                  const struct top_histogram *before,
                                  double percent);

#endif /* MIO_APPS_TOP_FIGURES_H */
