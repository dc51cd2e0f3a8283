/* SPDX-License-Identifier: MIT
 *
 * net/server/connection.h - a TCP connection that is an actor.
 *
 * It lives on the reactor of its socket. Bytes that came are handed to it in
 * the queue's order; what it sends is gathered and written once per turn. Its
 * memory is small while it is idle: buffers are borrowed from its reactor. */
#ifndef MIO_NET_SERVER_CONNECTION_H
#define MIO_NET_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/slice.h"
#include "core/visibility.h"
#include "net/address.h"
#include "runtime/actor.h"

MIO_BEGIN_DECLS

/* Opaque: lives on one reactor, from `open` to `close` of its class. */
struct mio_connection;

/* What connections of a server do. Static; outlives them. Each callback may be
 * NULL. A negative code closes the connection for that reason; a failure of one
 * never touches another. */
struct mio_connection_class {
    const char *name;  /* for people */
    size_t state_size; /* zeroed memory, aligned to 16 */

    /** The first callback; `argument` is the server's. If it fails, `close`
     *  still is the last. */
    int (*open)(struct mio_connection *self, void *state, void *argument);

    /** Bytes that were not consumed yet, the old ones first. NULL: all are
     *  ignored.
     *  Returns how many of them are consumed; the rest is offered again with
     *  what comes next, or after mio_connection_resume. When the read buffer
     *  (MIO_CONNECTION_READ_SIZE) is full of unconsumed bytes and reading is
     *  not paused, the connection closes with MIO_EFULL. */
    int64_t (*data)(struct mio_connection *self, void *state,
                    const uint8_t *bytes, size_t size);

    /** The peer sent its end: no bytes follow. NULL: close when the queue is
     *  written. */
    int (*end)(struct mio_connection *self, void *state);

    /** A message from an actor. NULL: ignored. */
    int (*receive)(struct mio_connection *self, void *state,
                   struct mio_message *message);

    /** The send queue fell to the low mark after it was above the high one. */
    int (*drained)(struct mio_connection *self, void *state);

    /** The runtime stops. NULL: mio_connection_finish. */
    int (*stop)(struct mio_connection *self, void *state);

    /** The last callback: 0, or a code: MIO_ECONNRESET, MIO_EPIPE,
     *  MIO_ETIMEDOUT, MIO_EFULL (queue or read buffer), MIO_ESTOPPED,
     *  MIO_EKILLED, or what a callback or mio_connection_close said. */
    void (*close)(struct mio_connection *self, void *state, int reason);
};

#define MIO_CONNECTION_READ_SIZE                                               \
    16384 /* bytes of a read, and of its buffer                                \
           */

/** The actor that it is: for timers, messages, spawning. `state` in callbacks
 *  of its timers, entries and sources is the connection itself.
 *                                      Thread: the connection's reactor. */
MIO_API struct mio_actor *mio_connection_actor(struct mio_connection *self);
MIO_API void *mio_connection_state(struct mio_connection *self);

/** The peer's address: copy it to keep it, for it is valid until the next such
 *  call for any connection of this server on this reactor.
 *                                      Thread: the connection's reactor. */
MIO_API const struct mio_address *
mio_connection_peer(const struct mio_connection *self);

/** Queue a copy of `size` bytes. It is written at the end of the turn.
 *  Returns 0 | MIO_EFULL (the queue's limit: the connection closes for that
 *  reason) | MIO_ENOMEM | MIO_ECLOSED (it is closing).
 *                                      Thread: the connection's reactor. */
MIO_API int mio_connection_send(struct mio_connection *self, const void *bytes,
                                size_t size);

/** Queue a reference to a slice; the caller keeps its own.
 *  Returns as above.                   Thread: the connection's reactor. */
MIO_API int mio_connection_send_slice(struct mio_connection *self,
                                      struct mio_slice *slice);

/** Bytes that are queued and not written yet.
 *                                      Thread: the connection's reactor. */
MIO_API size_t mio_connection_queued(const struct mio_connection *self);

/** Whether the queue passed its high mark and has not drained since.
 *                                      Thread: the connection's reactor. */
MIO_API bool mio_connection_is_congested(const struct mio_connection *self);

/** Probe a peer that is silent for `idle_s` seconds (0: never): one that is
 *  gone without a word ends the connection with MIO_ETIMEDOUT.
 *  Returns 0 | MIO_EINVAL.             Thread: the connection's reactor. */
MIO_API int mio_connection_set_keepalive(struct mio_connection *self,
                                         uint32_t idle_s);

/** Stop and go on handing over (and reading) bytes. Pausing holds the peer
 *  back; resume offers unconsumed bytes again.
 *                                      Thread: the connection's reactor. */
MIO_API void mio_connection_pause(struct mio_connection *self);
MIO_API void mio_connection_resume(struct mio_connection *self);

/** Close once what is queued is written and the peer has had a moment to read
 *  it, or when that takes too long. No bytes are handed over any more.
 *                                      Thread: the connection's reactor. */
MIO_API void mio_connection_finish(struct mio_connection *self, int reason);

/** Close before the next entry is handled; what is queued gets one attempt.
 *                                      Thread: the connection's reactor. */
MIO_API void mio_connection_close(struct mio_connection *self, int reason);

MIO_END_DECLS
#endif /* MIO_NET_SERVER_CONNECTION_H */
