/* SPDX-License-Identifier: MIT
 *
 * net/tcp_stream.h - one TCP connection, non-blocking.
 *
 * A stream is embedded in the caller's object. Operations answer a count or a
 * negative code; MIO_EAGAIN is normal and re-arms that direction. SIGPIPE is
 * never raised, the handle is never inherited. */
#ifndef MIO_NET_TCP_STREAM_H
#define MIO_NET_TCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"

MIO_BEGIN_DECLS

struct mio_tcp_stream {
    struct mio_source source; /* what a poll registers */
};

/* A piece of memory of a gathered write or a scattered read. */
struct mio_iovec {
    void *base;
    size_t size;
};

#define MIO_IOVECS_MAX 64 /* in one call; the rest stays with the caller */

/** Begin to connect. Register for MIO_WRITABLE; when it is reported,
 *  mio_tcp_stream_take_error tells how it ended (0: connected).
 *  Returns 0 (under way or done) | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS
 *  | MIO_ECONNREFUSED | MIO_ENETUNREACH | MIO_EADDRNOTAVAIL | MIO_EAFNOSUPPORT
 *  | MIO_EINVAL.                                          Thread: any. */
MIO_API MIO_NODISCARD int mio_tcp_stream_connect(struct mio_tcp_stream *out,
                                                 const struct mio_address *to);

/** Close at once, deregistering it if need be (NULL handle is fine: a closed
 *  stream may be closed again). Unsent bytes that the system has are still
 *  sent.                                                  Thread: owner. */
MIO_API void mio_tcp_stream_close(struct mio_tcp_stream *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_tcp_stream_is_open(const struct mio_tcp_stream *self);

/** Read up to `size` bytes.
 *  Returns the count, 0 at the peer's end | MIO_EAGAIN | MIO_ECONNRESET
 *  | MIO_ENOTCONN | MIO_ETIMEDOUT.                        Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_tcp_stream_read(struct mio_tcp_stream *self,
                                                  void *bytes, size_t size);

/** Write up to `size` bytes.
 *  Returns the count | MIO_EAGAIN | MIO_EPIPE | MIO_ECONNRESET | MIO_ENOTCONN
 *  | MIO_ENOBUFS.                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_tcp_stream_write(struct mio_tcp_stream *self,
                                                   const void *bytes,
                                                   size_t size);

/** Write the first MIO_IOVECS_MAX of `count` pieces in one system call.
 *  Returns as mio_tcp_stream_write.                       Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_tcp_stream_writev(
    struct mio_tcp_stream *self, const struct mio_iovec *pieces, size_t count);

/** Read into the first MIO_IOVECS_MAX of `count` pieces in one system call.
 *  Returns as mio_tcp_stream_read.                        Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_tcp_stream_readv(
    struct mio_tcp_stream *self, const struct mio_iovec *pieces, size_t count);

/** Read without consuming.
 *  Returns as mio_tcp_stream_read.                        Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_tcp_stream_peek(struct mio_tcp_stream *self,
                                                  void *bytes, size_t size);

/* Which direction to shut down. */
enum mio_shutdown { MIO_SHUTDOWN_READ, MIO_SHUTDOWN_WRITE, MIO_SHUTDOWN_BOTH };

/** Shut one or both directions down; the peer reads to the end.
 *  Returns 0 | MIO_ENOTCONN.                              Thread: owner. */
MIO_API int mio_tcp_stream_shutdown(struct mio_tcp_stream *self,
                                    enum mio_shutdown how);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_tcp_stream_take_error(struct mio_tcp_stream *self);

/** Send small writes at once (TCP_NODELAY).
 *  Returns 0 | MIO_EINVAL (not connected, on some systems). Thread: owner. */
MIO_API int mio_tcp_stream_set_nodelay(struct mio_tcp_stream *self, bool on);

/** Probe an idle peer after `idle_s` seconds (0: never).
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int mio_tcp_stream_set_keepalive(struct mio_tcp_stream *self,
                                         uint32_t idle_s);

/** Make close discard what is unsent and reset the peer (SO_LINGER of 0).
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int mio_tcp_stream_set_reset_on_close(struct mio_tcp_stream *self,
                                              bool on);

/** The addresses of its two ends.
 *  Returns 0 | MIO_ENOTCONN.                              Thread: owner. */
MIO_API int mio_tcp_stream_local_address(const struct mio_tcp_stream *self,
                                         struct mio_address *out);
MIO_API int mio_tcp_stream_peer_address(const struct mio_tcp_stream *self,
                                        struct mio_address *out);

MIO_END_DECLS
#endif /* MIO_NET_TCP_STREAM_H */
