/* SPDX-License-Identifier: MIT
 *
 * net/unix_datagram.h - a Unix datagram socket, non-blocking: unix(7).
 *
 * As UDP between processes of one host, but nothing is lost or comes twice or
 * out of order: when the receiver's queue is full, sending answers MIO_EAGAIN.
 * Binding to a path makes a file, which stays: who made it removes it. */
#ifndef MIO_NET_UNIX_DATAGRAM_H
#define MIO_NET_UNIX_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/shutdown.h"
#include "net/unix_message.h"

MIO_BEGIN_DECLS

/* Must not move while it is registered. */
struct mio_unix_datagram {
    struct mio_source source; /* what a poll registers */
};

/** Make one, bound to a path or an abstract name.
 *  Returns 0 | MIO_EADDRINUSE (there is a file, whoever made it) | MIO_EACCES
 *  | MIO_ENOENT (no such folder) | MIO_ENOTDIR | MIO_EROFS | MIO_EMFILE
 *  | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM | MIO_EAFNOSUPPORT.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_unix_datagram_open(struct mio_unix_datagram *out,
                                                 const struct mio_address *at);

/** Make one without a name, to which nobody can answer.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_unix_datagram_open_unbound(struct mio_unix_datagram *out);

/** Two that are connected with each other and have no names.
 *  Returns as mio_unix_datagram_open_unbound.             Thread: any. */
MIO_API MIO_NODISCARD int mio_unix_datagram_pair(struct mio_unix_datagram *a,
                                                 struct mio_unix_datagram *b);

/** Take a name.
 *  Returns as mio_unix_datagram_open | MIO_EINVAL (it has one).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int mio_unix_datagram_bind(struct mio_unix_datagram *self,
                                                 const struct mio_address *at);

/** Close at once, deregistering it if need be; a closed one may be closed
 *  again. Its file stays.                                 Thread: owner. */
MIO_API void mio_unix_datagram_close(struct mio_unix_datagram *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_unix_datagram_is_open(const struct mio_unix_datagram *self);

/** Own a socket that somebody else made. Nothing is set: it must be
 *  non-blocking, and should not be inherited.             Thread: any. */
MIO_API void mio_unix_datagram_from_handle(struct mio_unix_datagram *out,
                                           mio_handle handle);

/** Give the socket away: it is deregistered, and closed here; the handle, as
 *  it is, is the caller's.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_unix_datagram_release(struct mio_unix_datagram *self);

/** Choose the one peer that send goes to and recv hears; may be repeated, with
 *  another.
 *  Returns 0 | MIO_ECONNREFUSED (a file left behind) | MIO_ENOENT | MIO_EACCES
 *  | MIO_EPROTOTYPE (no datagram socket) | MIO_EPERM (it is connected with
 *  another) | MIO_EINVAL.                                 Thread: owner. */
MIO_API MIO_NODISCARD int
mio_unix_datagram_connect(struct mio_unix_datagram *self,
                          const struct mio_address *to);

/** Send one datagram to the connected peer, whole or not at all.
 *  Returns `size` | MIO_EAGAIN (its queue, or ours, is full; writable tells
 *  when it is not) | MIO_ENOTCONN | MIO_ECONNREFUSED and MIO_ECONNRESET (the
 *  peer is gone) | MIO_EPIPE (shut down) | MIO_EMSGSIZE | MIO_ENOBUFS.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_datagram_send(
    struct mio_unix_datagram *self, const void *bytes, size_t size);

/** Send one datagram to anybody. If that one's queue is full, no event tells
 *  when it is not: writable is about the connected peer alone.
 *  Returns as mio_unix_datagram_send | MIO_ENOENT | MIO_EACCES
 *  | MIO_EPROTOTYPE | MIO_EPERM (it is connected with another).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t
mio_unix_datagram_send_to(struct mio_unix_datagram *self, const void *bytes,
                          size_t size, const struct mio_address *to);

/** Receive one datagram: of a longer one the rest is gone, handles that came
 *  along are closed. A datagram of no bytes is 0.
 *  Returns the count | MIO_EAGAIN | MIO_ECONNRESET.       Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_datagram_recv(
    struct mio_unix_datagram *self, void *bytes, size_t size);

/** The same, and who sent it (`from` may be NULL): MIO_FAMILY_NONE, if that one
 *  has no name.
 *  Returns as mio_unix_datagram_recv.                     Thread: owner. */
MIO_API MIO_NODISCARD int64_t
mio_unix_datagram_recv_from(struct mio_unix_datagram *self, void *bytes,
                            size_t size, struct mio_address *from);

/** As recv and recv_from, and the datagram stays there.
 *  Returns as mio_unix_datagram_recv.                     Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_datagram_peek(
    struct mio_unix_datagram *self, void *bytes, size_t size);
MIO_API MIO_NODISCARD int64_t
mio_unix_datagram_peek_from(struct mio_unix_datagram *self, void *bytes,
                            size_t size, struct mio_address *from);

/** Send one datagram, which may be of no bytes, and what goes with it.
 *  Returns as mio_unix_datagram_send_to | MIO_EINVAL (too many pieces or
 *  handles) | MIO_EBADF (one of the handles) | MIO_ENOBUFS (too many on their
 *  way) | MIO_ENOTSUP (credentials; Linux).               Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_datagram_send_message(
    struct mio_unix_datagram *self, const struct mio_unix_message *message);

/** Receive one datagram, and what came with it. On failure *message is as
 *  before.
 *  Returns as mio_unix_datagram_recv | MIO_EINVAL (too many pieces).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_unix_datagram_recv_message(
    struct mio_unix_datagram *self, struct mio_unix_message *message);

/** Let messages tell the credentials of their senders, from now on.
 *  Returns 0 | MIO_ENOTSUP.                               Thread: owner. */
MIO_API int
mio_unix_datagram_set_pass_credentials(struct mio_unix_datagram *self, bool on);

/** Shut one or both directions down.
 *  Returns 0 | MIO_ENOTCONN (not on Linux).               Thread: owner. */
MIO_API int mio_unix_datagram_shutdown(struct mio_unix_datagram *self,
                                       enum mio_shutdown how);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_unix_datagram_take_error(struct mio_unix_datagram *self);

/** The addresses of its two ends; MIO_FAMILY_NONE for an end without a name.
 *  Returns 0 | MIO_ENOTCONN.                              Thread: owner. */
MIO_API int
mio_unix_datagram_local_address(const struct mio_unix_datagram *self,
                                struct mio_address *out);
MIO_API int mio_unix_datagram_peer_address(const struct mio_unix_datagram *self,
                                           struct mio_address *out);

MIO_END_DECLS
#endif /* MIO_NET_UNIX_DATAGRAM_H */
