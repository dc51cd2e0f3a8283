/* SPDX-License-Identifier: MIT
 *
 * net/tcp_socket.h - a TCP socket that neither listens nor is connected yet.
 *
 * For what must be told before: buffer sizes, the local address to connect
 * from, who else may bind the port. It turns into a stream or a listener, which
 * take its handle and its options over. */
#ifndef MIO_NET_TCP_SOCKET_H
#define MIO_NET_TCP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/tcp_listener.h"
#include "net/tcp_stream.h"

MIO_BEGIN_DECLS

/* In the memory of its owner. */
struct mio_tcp_socket {
    struct mio_source source; /* nothing happens to it before it turns */
};

/** Make one, of MIO_FAMILY_IPV4 or MIO_FAMILY_IPV6. It is non-blocking and not
 *  inherited; nothing else is set.
 *  Returns 0 | MIO_EAFNOSUPPORT | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS
 *  | MIO_ENOMEM.                                          Thread: any. */
MIO_API MIO_NODISCARD int mio_tcp_socket_open(struct mio_tcp_socket *out,
                                              enum mio_family family);

/** Close it (also if it turned, or was closed already).   Thread: owner. */
MIO_API void mio_tcp_socket_close(struct mio_tcp_socket *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_tcp_socket_is_open(const struct mio_tcp_socket *self);

/** Take a local address; port 0 lets the system choose one.
 *  Returns 0 | MIO_EADDRINUSE | MIO_EADDRNOTAVAIL | MIO_EACCES | MIO_EINVAL
 *  (it has one already).                                  Thread: owner. */
MIO_API MIO_NODISCARD int mio_tcp_socket_bind(struct mio_tcp_socket *self,
                                              const struct mio_address *at);

/** Its local address.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_tcp_socket_address(const struct mio_tcp_socket *self,
                                   struct mio_address *out);

/** Begin to connect, and turn into the stream *out; as mio_tcp_stream_connect,
 *  which tells how to go on. On failure it stays a socket.
 *  Returns 0 (under way or done) | MIO_ECONNREFUSED | MIO_ENETUNREACH
 *  | MIO_EADDRNOTAVAIL | MIO_EADDRINUSE | MIO_EAFNOSUPPORT | MIO_EINVAL.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int mio_tcp_socket_connect(struct mio_tcp_socket *self,
                                                 const struct mio_address *to,
                                                 struct mio_tcp_stream *out);

/** Listen, for up to `backlog` peers that nobody accepted yet (0 = 1024; the
 *  system may cut it), and turn into the listener *out. On failure it stays a
 *  socket.
 *  Returns 0 | MIO_EADDRINUSE | MIO_EINVAL.               Thread: owner. */
MIO_API MIO_NODISCARD int mio_tcp_socket_listen(struct mio_tcp_socket *self,
                                                int backlog,
                                                struct mio_tcp_listener *out);

/** Bind also where old connections still die (SO_REUSEADDR).
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_tcp_socket_set_reuse_address(struct mio_tcp_socket *self,
                                             bool on);
MIO_API MIO_NODISCARD int
mio_tcp_socket_reuse_address(const struct mio_tcp_socket *self);

/** Bind where others that do so are bound (SO_REUSEPORT), and share the peers.
 *  Returns 0 | MIO_ENOTSUP | MIO_EBADF.                   Thread: owner. */
MIO_API int mio_tcp_socket_set_share_port(struct mio_tcp_socket *self, bool on);
MIO_API MIO_NODISCARD int
mio_tcp_socket_share_port(const struct mio_tcp_socket *self);

/** On IPv6, take no IPv4 peers (IPV6_V6ONLY; before bind).
 *  Returns 0 | MIO_EINVAL (bound) | a code (not IPv6).    Thread: owner. */
MIO_API int mio_tcp_socket_set_only_v6(struct mio_tcp_socket *self, bool on);
MIO_API MIO_NODISCARD int
mio_tcp_socket_only_v6(const struct mio_tcp_socket *self);

/** As those of mio_tcp_stream of the same name (keepalive: its details).
 *  Returns as these.                                      Thread: owner. */
MIO_API int mio_tcp_socket_set_nodelay(struct mio_tcp_socket *self, bool on);
MIO_API int
mio_tcp_socket_set_keepalive(struct mio_tcp_socket *self,
                             const struct mio_tcp_keepalive *details);
MIO_API int mio_tcp_socket_set_linger(struct mio_tcp_socket *self,
                                      int32_t linger_s);
MIO_API int mio_tcp_socket_set_ttl(struct mio_tcp_socket *self, uint32_t ttl);
MIO_API int mio_tcp_socket_set_send_buffer_size(struct mio_tcp_socket *self,
                                                uint32_t size);
MIO_API int mio_tcp_socket_set_recv_buffer_size(struct mio_tcp_socket *self,
                                                uint32_t size);

/** What is set.
 *  Returns 0 or 1, the TTL, bytes; or 0, and it is in *out | MIO_EBADF.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_tcp_socket_nodelay(const struct mio_tcp_socket *self);
MIO_API int mio_tcp_socket_keepalive(const struct mio_tcp_socket *self,
                                     struct mio_tcp_keepalive *out);
MIO_API int mio_tcp_socket_linger(const struct mio_tcp_socket *self,
                                  int32_t *out_s);
MIO_API MIO_NODISCARD int mio_tcp_socket_ttl(const struct mio_tcp_socket *self);
MIO_API MIO_NODISCARD int
mio_tcp_socket_send_buffer_size(const struct mio_tcp_socket *self);
MIO_API MIO_NODISCARD int
mio_tcp_socket_recv_buffer_size(const struct mio_tcp_socket *self);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_tcp_socket_take_error(struct mio_tcp_socket *self);

/** Own a socket that somebody else made. Nothing is set: it must be
 *  non-blocking, and should not be inherited.             Thread: any. */
MIO_API void mio_tcp_socket_from_handle(struct mio_tcp_socket *out,
                                        mio_handle handle);

/** Give the socket away; it is closed here.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_tcp_socket_release(struct mio_tcp_socket *self);

MIO_END_DECLS
#endif /* MIO_NET_TCP_SOCKET_H */
