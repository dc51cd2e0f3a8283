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
#include "core/iovec.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/shutdown.h"

MIO_BEGIN_DECLS

/* Must not move while it is registered. */
struct mio_tcp_stream {
    struct mio_source source; /* what a poll registers */
};

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

/* --- options; each is for this connection alone ------------------------- */

/** Whether small writes are sent at once.
 *  Returns 0 | 1 | MIO_EBADF.                             Thread: owner. */
MIO_API MIO_NODISCARD int
mio_tcp_stream_nodelay(const struct mio_tcp_stream *self);

/** Let what it sends pass at most `ttl` routers, 1..255: IP_TTL, or
 *  IPV6_UNICAST_HOPS (RFC 3493, 5.1). On Windows only once it is connected.
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int mio_tcp_stream_set_ttl(struct mio_tcp_stream *self, uint32_t ttl);

/** How many routers that are.
 *  Returns 1..255 | MIO_EBADF.                            Thread: owner. */
MIO_API MIO_NODISCARD int mio_tcp_stream_ttl(const struct mio_tcp_stream *self);

/* When to ask an idle peer whether it is still there. */
struct mio_tcp_keepalive {
    uint32_t idle_s;       /* until the first probe; 0: never ask */
    uint32_t interval_s;   /* to the next probe; 0: leave it as it is */
    uint32_t probes_count; /* unanswered, until it is MIO_ETIMEDOUT; likewise */
};

/** As mio_tcp_stream_set_keepalive, in detail (Linux: at most 32,767 seconds
 *  and 127 probes).
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int
mio_tcp_stream_set_keepalive_details(struct mio_tcp_stream *self,
                                     const struct mio_tcp_keepalive *details);

/** What is set; idle_s is 0 if it is off.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_tcp_stream_keepalive(const struct mio_tcp_stream *self,
                                     struct mio_tcp_keepalive *out);

#define MIO_LINGER_OFF INT32_C(-1) /* as the system has it */

/** What close does about bytes that are not sent and acknowledged yet: POSIX'
 *  SO_LINGER. MIO_LINGER_OFF: the system goes on, unseen; 0: it discards them
 *  and resets the peer; more: close waits for them so many seconds. This is
 *  the one thing that blocks in spite of all: Linux waits in close also of a
 *  handle that is non-blocking.
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int mio_tcp_stream_set_linger(struct mio_tcp_stream *self,
                                      int32_t linger_s);

/** What is set: seconds, or MIO_LINGER_OFF.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_tcp_stream_linger(const struct mio_tcp_stream *self,
                                  int32_t *out_s);

/** Ask for a buffer of so many bytes in the system (SO_SNDBUF, SO_RCVBUF). It
 *  may give less or more; Linux doubles it, for its own records. Before
 *  connect, see mio_tcp_socket: a window scale is agreed on only once.
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int mio_tcp_stream_set_send_buffer_size(struct mio_tcp_stream *self,
                                                uint32_t size);
MIO_API int mio_tcp_stream_set_recv_buffer_size(struct mio_tcp_stream *self,
                                                uint32_t size);

/** What the system gave.
 *  Returns bytes | MIO_EBADF.                             Thread: owner. */
MIO_API MIO_NODISCARD int
mio_tcp_stream_send_buffer_size(const struct mio_tcp_stream *self);
MIO_API MIO_NODISCARD int
mio_tcp_stream_recv_buffer_size(const struct mio_tcp_stream *self);

/* --- handles of others -------------------------------------------------- */

/** Own a connection that somebody else made. Nothing is set: it must be
 *  non-blocking, and should not be inherited.             Thread: any. */
MIO_API void mio_tcp_stream_from_handle(struct mio_tcp_stream *out,
                                        mio_handle handle);

/** Give the connection away: it is deregistered, and closed here; the handle,
 *  as it is, is the caller's.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_tcp_stream_release(struct mio_tcp_stream *self);

MIO_END_DECLS
#endif /* MIO_NET_TCP_STREAM_H */
