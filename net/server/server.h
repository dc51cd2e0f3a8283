/* SPDX-License-Identifier: MIT
 *
 * net/server/server.h - one TCP server over all reactors of a runtime.
 *
 * Each reactor has a listener of its own on the same address (SO_REUSEPORT),
 * so that a connection lives where it was accepted. */
#ifndef MIO_NET_SERVER_SERVER_H
#define MIO_NET_SERVER_SERVER_H

#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/server/connection.h"
#include "runtime/runtime.h"

MIO_BEGIN_DECLS

/* Opaque: a listener on each reactor, and what their connections share. */
struct mio_server;

/* How to serve; all but the first two may be 0. */
struct mio_server_options {
    const char *address; /* "127.0.0.1:7000"; port 0: the system chooses */
    const struct mio_connection_class *connection_class; /* what they do */
    void *argument;           /* for each connection's open; shared by all
                                 reactors, so unchanging or synchronised */
    int backlog;              /* 0 = 1024 */
    uint32_t connections_max; /* of the whole server; 0 = 65536 */
    const char *refusal;      /* what a peer beyond that, or beyond the
                                 descriptor limit, reads before the close */
    size_t queue_low;         /* bytes; 0 = 16 KiB */
    size_t queue_high;        /* bytes; 0 = 64 KiB */
    size_t queue_max;         /* bytes; 0 = 1 MiB */
};

/** Bind and listen on every reactor, before or after start; connections are
 *  accepted when the runtime runs. Options are copied. The runtime's stop ends
 *  it.
 *  Returns 0 | MIO_EINVAL (address, options) | MIO_EADDRINUSE | MIO_EACCES
 *  | MIO_EADDRNOTAVAIL | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_server_new(struct mio_server **out, struct mio_runtime *runtime,
               const struct mio_server_options *options);

/** Release it, after the runtime was joined and before it is freed.
 *                                                         Thread: owner. */
MIO_API void mio_server_free(struct mio_server *self);

/** Where it listens, with the port that was chosen.       Thread: any. */
MIO_API void mio_server_address(const struct mio_server *self,
                                struct mio_address *out);

/** Connections that live now, on all reactors.            Thread: any. */
MIO_API uint32_t mio_server_connections_count(const struct mio_server *self);

/* X(name, what it counts), on one reactor since the start. */
#define MIO_SERVER_COUNTER_MAP(X)                                              \
    X(accepts, "calls of accept")                                              \
    X(accepted, "connections begun")                                           \
    X(refused, "peers refused: connections_max, no memory, a stop")            \
    X(refused_handles, "peers refused: no descriptor left")                    \
    X(accept_pauses, "pauses: there was not even a descriptor to refuse with") \
    X(closed, "connections ended")                                             \
    X(reads, "calls of read")                                                  \
    X(bytes_read, "bytes they brought")                                        \
    X(writes, "calls of write")                                                \
    X(bytes_written, "bytes they took")                                        \
    X(writes_blocked, "of these calls, those that took less than all")         \
    X(queues_full, "connections closed because of queue_max")                  \
    X(buffers, "buffers taken from the allocator")

/* What MIO_SERVER_COUNTER_MAP lists. */
struct mio_server_counters {
#define MIO_SERVER_COUNTER_FIELD(name, text) uint64_t name;
    MIO_SERVER_COUNTER_MAP(MIO_SERVER_COUNTER_FIELD)
#undef MIO_SERVER_COUNTER_FIELD
};

/** A snapshot of its counters on one reactor, without stopping it. Each value
 *  is whole; two values may be of slightly different moments.
 *  Returns 0 | MIO_EINVAL (no such reactor).              Thread: any. */
MIO_API int mio_server_read_counters(const struct mio_server *self,
                                     uint32_t reactor,
                                     struct mio_server_counters *out);

MIO_END_DECLS
#endif /* MIO_NET_SERVER_SERVER_H */
