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

struct mio_tcp_listener {
    struct mio_source source; /* what a poll registers */
};

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

MIO_END_DECLS
#endif /* MIO_NET_TCP_LISTENER_H */
