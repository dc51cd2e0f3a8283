/* SPDX-License-Identifier: MIT
 *
 * apps/chat/stats.h - the counters of each reactor, printed on SIGUSR1 and at
 * the end.
 *
 * What only a reactor's own thread can read (bytes allocated) is asked of an
 * actor there; when the last one has answered, everything that had happened
 * before the signal is in the counters. */
#ifndef MIO_APPS_CHAT_STATS_H
#define MIO_APPS_CHAT_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/protocol/server.h"
#include "core/error.h"
#include "core/signals.h"
#include "net/server/server.h"

struct chat_stats {
    /* Set by main before spawn */
    const struct chat_server *server;
    struct mio_server *const *listeners;
    uint32_t listeners_count;
    struct mio_signals *signals; /* watches USER1; NULL: never print */
    bool exits_with_parent;

    /* private */
    mio_actor_id *readers;
    uint64_t *allocated; /* one per reactor; written by that reactor, read
                            after its answer or its end */
    int64_t parent;
};

/** Spawn its actors, before the runtime runs.
 *  Returns 0 | MIO_ENOMEM or as mio_runtime_spawn. */
MIO_NODISCARD int chat_stats_spawn(struct chat_stats *self);

/** Print all lines to stdout. When actors run: only on one of their threads. */
void chat_stats_print(const struct chat_stats *self);

/** Release, after the runtime was freed. */
void chat_stats_deinit(struct chat_stats *self);

#endif /* MIO_APPS_CHAT_STATS_H */
