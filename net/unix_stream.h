/* SPDX-License-Identifier: MIT
 *
 * net/unix_stream.h - one Unix stream connection, non-blocking: unix(7).
 *
 * Embedded in the caller's object. Operations answer a count or a negative
 * code; MIO_EAGAIN is normal and re-arms that direction. SIGPIPE is never
 * raised, the handle is never inherited. Besides bytes it carries handles and
 * credentials. */
#ifndef MIO_NET_UNIX_STREAM_H
#define MIO_NET_UNIX_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/iovec.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/shutdown.h"
#include "net/unix_message.h"

MIO_BEGIN_DECLS

/* Must not move while it is registered. */
struct mio_unix_stream {
    struct mio_source source; /* what a poll registers */
};

/** Connect to a listener; unlike TCP it is done, or failed, at once.
 *  Returns 0 | MIO_EAGAIN (its queue is full; no event tells when it is not:
 *  come back later) | MIO_ECONNREFUSED (nobody listens, as at a file that was
 *  left behind) | MIO_ENOENT | MIO_EACCES | MIO_EPROTOTYPE (no stream)
 *  | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM | MIO_EINVAL
 *  | MIO_EAFNOSUPPORT.                                    Thread: any. */
MIO_API MIO_NODISCARD int mio_unix_stream_connect(struct mio_unix_stream *out,
                                                  const struct mio_address *to);

/** Two ends that are connected with each other and have no names.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_unix_stream_pair(struct mio_unix_stream *a,
                                               struct mio_unix_stream *b);

/** Close at once, deregistering it if need be; a closed one may be closed
 *  again. What was written is still read.                 Thread: owner. */
MIO_API void mio_unix_stream_close(struct mio_unix_stream *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_unix_stream_is_open(const struct mio_unix_stream *self);

/** Own a connection that somebody else made. Nothing is set: it must be
 *  non-blocking, and should not be inherited.             Thread: any. */
MIO_API void mio_unix_stream_from_handle(struct mio_unix_stream *out,
                                         mio_handle handle);

/** Give the connection away: it is deregistered, and closed here; the handle,
 *  as it is, is the caller's.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_unix_stream_release(struct mio_unix_stream *self);

/** Read up to `size` bytes. Handles that came along are closed.
 *  Returns the count, 0 at the peer's end | MIO_EAGAIN | MIO_ECONNRESET
 *  | MIO_EINVAL (no room).                                Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_stream_read(struct mio_unix_stream *self,
                                                   void *bytes, size_t size);

/** Read without consuming; handles stay where they are.
 *  Returns as mio_unix_stream_read.                       Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_stream_peek(struct mio_unix_stream *self,
                                                   void *bytes, size_t size);

/** Write up to `size` bytes.
 *  Returns the count | MIO_EAGAIN | MIO_EPIPE | MIO_ECONNRESET | MIO_ENOBUFS.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_stream_write(
    struct mio_unix_stream *self, const void *bytes, size_t size);

/** Read into, or write, the first MIO_IOVECS_MAX of `count` pieces in one
 *  system call.
 *  Returns as mio_unix_stream_read, mio_unix_stream_write. Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_stream_readv(
    struct mio_unix_stream *self, const struct mio_iovec *pieces, size_t count);
MIO_API MIO_NODISCARD int64_t mio_unix_stream_writev(
    struct mio_unix_stream *self, const struct mio_iovec *pieces, size_t count);

/** Write bytes, at least one, and what goes with them. If fewer bytes were
 *  written than given, handles and credentials went with these; the rest is
 *  sent without.
 *  Returns as mio_unix_stream_write | MIO_EINVAL (no bytes, or too many pieces
 *  or handles) | MIO_EBADF (one of the handles) | MIO_ENOBUFS (too many on
 *  their way) | MIO_ENOTSUP (credentials; Linux).         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_stream_send_message(
    struct mio_unix_stream *self, const struct mio_unix_message *message);

/** Read bytes, and what came with them. It does not read beyond bytes that
 *  handles came with, so that these are always found together. On failure
 *  *message is as before.
 *  Returns as mio_unix_stream_read | MIO_EINVAL (too many pieces).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_stream_recv_message(
    struct mio_unix_stream *self, struct mio_unix_message *message);

/** Let messages tell the credentials of their senders, from now on (Linux: of
 *  all of them; who attached none has them attached). An unnamed socket may get
 *  an abstract name by this.
 *  Returns 0 | MIO_ENOTSUP.                               Thread: owner. */
MIO_API int mio_unix_stream_set_pass_credentials(struct mio_unix_stream *self,
                                                 bool on);

/** Who connected, or listened, or made the pair: SO_PEERCRED, getpeereid.
 *  Returns 0 | MIO_ENOTCONN.                              Thread: owner. */
MIO_API int mio_unix_stream_peer_credentials(const struct mio_unix_stream *self,
                                             struct mio_unix_credentials *out);

/** Shut one or both directions down; the peer reads to the end.
 *  Returns 0 | MIO_ENOTCONN (not on Linux).               Thread: owner. */
MIO_API int mio_unix_stream_shutdown(struct mio_unix_stream *self,
                                     enum mio_shutdown how);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_unix_stream_take_error(struct mio_unix_stream *self);

/** The addresses of its two ends; MIO_FAMILY_NONE for an end without a name, as
 *  those that connect have, and pairs.
 *  Returns 0 | MIO_ENOTCONN.                              Thread: owner. */
MIO_API int mio_unix_stream_local_address(const struct mio_unix_stream *self,
                                          struct mio_address *out);
MIO_API int mio_unix_stream_peer_address(const struct mio_unix_stream *self,
                                         struct mio_address *out);

MIO_END_DECLS
#endif /* MIO_NET_UNIX_STREAM_H */
