/* SPDX-License-Identifier: MIT
 *
 * net/server/branch.h - a server's part on one reactor.
 *
 * An actor that accepts there, and what the connections of that reactor share:
 * buffers, deadlines, counters. It outlives its connections: told to stop, it
 * stops accepting and ends when the last of them has. Not installed. */
#ifndef MIO_NET_SERVER_BRANCH_H
#define MIO_NET_SERVER_BRANCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/visibility.h"
#include "net/address.h"
#include "net/server/acceptor.h"
#include "net/server/chunk_pool.h"
#include "net/server/deadline_queue.h"
#include "net/server/server.h"
#include "runtime/actor.h"

/* How long a connection that is closing may take. */
enum mio_delay {
    MIO_DELAY_WRITE,  /* to write what is queued */
    MIO_DELAY_LINGER, /* then, for the peer's own end to come */
    MIO_DELAY_STOP,   /* both together when the runtime stops */
    MIO_DELAYS_COUNT
};

/* The state of its actor. */
struct mio_server_branch_life {
    struct mio_server_branch *branch;
    struct mio_acceptor_life accepting;
    struct mio_actor_timer timer; /* for the first of the deadlines */
};

struct mio_server_branch {
    struct mio_server *server;
    uint32_t reactor;
    uint32_t connections_count; /* of this reactor */
    struct mio_actor *actor;    /* NULL before it begins and after it ended */
    struct mio_server_branch_life *life; /* and so is this */
    bool is_stopping;
    struct mio_acceptor acceptor;
    struct mio_chunk_pool pool;
    struct mio_deadline_queue deadlines[MIO_DELAYS_COUNT];
    int64_t timer_at_ns;
    struct mio_address peer; /* what mio_connection_peer points to */
    struct mio_server_counters counters;
};

/* Prepare a branch without a listener. */
void mio_server_branch_init(struct mio_server_branch *self,
                            struct mio_server *server, uint32_t reactor);

/* Release what it has. Its actor must be gone, or never have begun. */
void mio_server_branch_deinit(struct mio_server_branch *self);

/* Spawn its actor, which takes a reference of the server. Any thread.
 * Returns as mio_runtime_spawn. */
MIO_NODISCARD int mio_server_branch_spawn(struct mio_server_branch *self);

/* Set the deadline of a connection: mio_connection_expire is called then. The
 * branch's actor must live. */
void mio_server_branch_set_deadline(struct mio_server_branch *self,
                                    struct mio_deadline *deadline,
                                    enum mio_delay delay);

/* A connection has ended. */
void mio_server_branch_dismiss(struct mio_server_branch *self);

/* Add to a counter: one writer, so no locked instruction, but whole for the
 * threads that look. */
static inline void mio_server_count(uint64_t *counter, uint64_t more)
{
    __atomic_store_n(counter, *counter + more, __ATOMIC_RELAXED);
}

#endif /* MIO_NET_SERVER_BRANCH_H */
