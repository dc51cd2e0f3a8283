/* SPDX-License-Identifier: MIT
 *
 * net/server/server_private.h - what a server's branches share.
 *
 * Written by mio_server_new before any branch begins, and only read from then
 * on, but for the atomic counts. Not installed. */
#ifndef MIO_NET_SERVER_SERVER_PRIVATE_H
#define MIO_NET_SERVER_SERVER_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/server/branch.h"
#include "net/server/server.h"
#include "runtime/actor.h"
#include "runtime/runtime.h"

enum mio_server_phase {
    MIO_SERVER_STARTING, /* branches are spawned, and wait */
    MIO_SERVER_LIVE,
    MIO_SERVER_ABANDONED /* one could not be spawned: the others end */
};

struct mio_server {
    struct mio_runtime *runtime;
    const struct mio_connection_class *connection_class;
    struct mio_actor_class actor_class; /* of its connections */
    void *argument;
    char *refusal;
    size_t refusal_size;
    uint32_t connections_max;
    size_t queue_low;
    size_t queue_high;
    size_t queue_max;
    struct mio_address address;

    _Atomic uint32_t refs_count; /* its owner, each branch's actor */
    _Atomic int phase;           /* enum mio_server_phase */

    /* Branches that lack their spare descriptor now. */
    _Atomic uint32_t lacking_count;

    /* On a line of its own: each accept and each close writes it. */
    _Alignas(64) _Atomic uint32_t connections_count;

    uint32_t branches_count;
    struct mio_server_branch branches[];
};

/* One connection more, unless there are connections_max. Any thread. */
bool mio_server_admit(struct mio_server *self);

/* One connection less. Any thread. */
void mio_server_dismiss(struct mio_server *self);

/* Drop a reference; the last one frees the server. Any thread. */
void mio_server_unref(struct mio_server *self);

#endif /* MIO_NET_SERVER_SERVER_PRIVATE_H */
