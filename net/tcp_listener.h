/* SPDX-License-Identifier: MIT
 *
 * net/tcp_listener.h - accept TCP connections, non-blocking. */
#ifndef MIO_NET_TCP_LISTENER_H
#define MIO_NET_TCP_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/tcp_stream.h"

MIO_BEGIN_DECLS

/* Must not move while it is registered. */
struct mio_tcp_listener {
    struct mio_source source; /* what a poll registers */
};

/* How to listen; all 0 is good. */
struct mio_tcp_listen_options {
    int backlog;       /* 0 = 1024; the system may cut it */
    bool share_port;   /* SO_REUSEPORT: many listeners, one address */
    bool exclusive_v6; /* an IPv6 listener takes no IPv4 peers */
};

/** Bind and listen; `options` may be NULL. Address reuse is on where it means
 *  that a restart does not wait for old connections.
 *  Returns 0 | MIO_EADDRINUSE | MIO_EADDRNOTAVAIL | MIO_EACCES | MIO_EMFILE
 *  | MIO_ENFILE | MIO_EAFNOSUPPORT | MIO_EINVAL
 *  | MIO_ENOTSUP (share_port).                            Thread: any. */
MIO_API MIO_NODISCARD int
mio_tcp_listener_open(struct mio_tcp_listener *out,
                      const struct mio_address *at,
                      const struct mio_tcp_listen_options *options);

/** Close at once, deregistering it if need be. Connections that were not
 *  accepted yet are reset by the system.                  Thread: owner. */
MIO_API void mio_tcp_listener_close(struct mio_tcp_listener *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_tcp_listener_is_open(const struct mio_tcp_listener *self);

/** Accept one connection: non-blocking, not inherited. `peer` may be NULL.
 *  Returns 0 | MIO_EAGAIN (none waits) | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS
 *  | MIO_ENOMEM | MIO_ECONNABORTED (that one is gone; try the next).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int mio_tcp_listener_accept(struct mio_tcp_listener *self,
                                                  struct mio_tcp_stream *out,
                                                  struct mio_address *peer);

/** Where it listens, with the port that the system chose for port 0.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_tcp_listener_address(const struct mio_tcp_listener *self,
                                     struct mio_address *out);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_tcp_listener_take_error(struct mio_tcp_listener *self);

/** The TTL or hop limit, 1..255, of its answers and, on most systems, of the
 *  connections that it accepts: IP_TTL, or IPV6_UNICAST_HOPS.
 *  Returns 0 | MIO_EINVAL.                                Thread: owner. */
MIO_API int mio_tcp_listener_set_ttl(struct mio_tcp_listener *self,
                                     uint32_t ttl);

/** What is set.
 *  Returns 1..255 | MIO_EBADF.                            Thread: owner. */
MIO_API MIO_NODISCARD int
mio_tcp_listener_ttl(const struct mio_tcp_listener *self);

/** Whether it takes no IPv4 peers, though it listens on IPv6.
 *  Returns 0 | 1 | MIO_EBADF | a code (not IPv6).         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_tcp_listener_only_v6(const struct mio_tcp_listener *self);

/** Own a listening socket that somebody else made, as one that a supervisor
 *  hands on. Nothing is set: it must be non-blocking, and should not be
 *  inherited.                                             Thread: any. */
MIO_API void mio_tcp_listener_from_handle(struct mio_tcp_listener *out,
                                          mio_handle handle);

/** Give the listening socket away: it is deregistered, and closed here; the
 *  handle, as it is, is the caller's.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_tcp_listener_release(struct mio_tcp_listener *self);

MIO_END_DECLS
#endif /* MIO_NET_TCP_LISTENER_H */
