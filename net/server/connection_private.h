/* SPDX-License-Identifier: MIT
 *
 * net/server/connection_private.h - what a connection is made of.
 *
 * Life (connection.c), what comes (input.c), what goes (output.c). The user's
 * state follows it in the actor's. Not installed. */
#ifndef MIO_NET_SERVER_CONNECTION_PRIVATE_H
#define MIO_NET_SERVER_CONNECTION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/server/branch.h"
#include "net/server/connection.h"
#include "net/server/deadline_queue.h"
#include "net/server/send_queue.h"
#include "net/server/server_private.h"
#include "net/tcp_stream.h"
#include "runtime/actor.h"

enum mio_connection_phase {
    MIO_CONNECTION_OPEN,
    MIO_CONNECTION_FINISHING, /* what is queued is written */
    MIO_CONNECTION_LINGERING, /* shut down; the peer's end is awaited */
    MIO_CONNECTION_CLOSING    /* its actor exits */
};

/* An IPv6 or IPv4 address with what stands before it; a whole mio_address
 * would be a quarter of the memory of an idle connection. */
#define MIO_PEER_SIZE (offsetof(struct mio_address, storage) + 28)

struct mio_connection {
    /* What each read and write needs, on two lines of the cache. */
    struct mio_actor *actor;
    struct mio_server_branch *branch;
    struct mio_tcp_stream stream;
    struct mio_send_queue queue;
    uint8_t *held; /* read and not consumed; NULL: nothing is */
    uint16_t held_begin;
    uint16_t held_end;
    int16_t input_error; /* codes, as the system's are: none is below -5006 */
    int16_t output_error;
    int reason;         /* of finish */
    uint8_t phase;      /* enum mio_connection_phase */
    uint8_t held_class; /* enum mio_chunk_class */

    bool has_opened : 1;   /* so that close is called */
    bool is_paused : 1;    /* by the application */
    bool may_read : 1;     /* the system may have bytes */
    bool reads_to_end : 1; /* an end or an error waits behind them */
    bool is_unoffered : 1; /* what was read is to be handed over */
    bool saw_end : 1;      /* the peer's */
    bool told_end : 1;     /* to the application */
    bool is_blocked : 1;   /* a writable edge will come */
    bool is_congested : 1; /* above queue_high, not below queue_low since */
    bool has_drained : 1;  /* the application is to be told */

    struct mio_actor_flush flush;
    struct mio_actor_entry work; /* what it has to go on with */
    struct mio_actor_source watch;
    struct mio_deadline deadline;
    uint8_t peer[MIO_PEER_SIZE];
};

/* With the runtime's part of an actor, 160 bytes, it makes the 512 that an idle
 * connection may cost before its user's state. */
_Static_assert(sizeof(struct mio_connection) <= 352, "keep it small");
_Static_assert(MIO_CONNECTION_READ_SIZE <= UINT16_MAX, "held_end can count it");

#define MIO_CONNECTION_STATE_OFFSET                                            \
    ((sizeof(struct mio_connection) + 15) & ~(size_t)15)

static inline void *mio_connection_user(struct mio_connection *self)
{
    return (uint8_t *)self + MIO_CONNECTION_STATE_OFFSET;
}

static inline const struct mio_connection_class *
mio_connection_class_of(const struct mio_connection *self)
{
    return self->branch->server->connection_class;
}

/* The class of a server's connections, from its options. */
void mio_connection_make_class(struct mio_actor_class *out,
                               const struct mio_connection_class *from);

/* The deadline of a connection has passed. */
void mio_connection_expire(struct mio_deadline *deadline);

#endif /* MIO_NET_SERVER_CONNECTION_PRIVATE_H */
