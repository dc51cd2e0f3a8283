/* SPDX-License-Identifier: MIT
 *
 * net/sys/socket.h - the contract of the operating system's sockets.
 *
 * Every handle is non-blocking and not inherited; no call raises SIGPIPE or
 * answers MIO_EINTR. Results are a count or a negative code. Not installed. */
#ifndef MIO_NET_SYS_SOCKET_H
#define MIO_NET_SYS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "net/address.h"
#include "net/tcp_stream.h"

enum mio_socket_kind { MIO_SOCKET_STREAM, MIO_SOCKET_DATAGRAM };

/* A new socket of any family. Returns as mio_socket_open. */
int mio_socket_open_kind(mio_handle *out, enum mio_family family,
                         enum mio_socket_kind kind);

/* A new TCP socket of an IP family. Returns 0 | MIO_EAFNOSUPPORT | MIO_EMFILE
 * | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM. */
int mio_socket_open(mio_handle *out, enum mio_family family);
void mio_socket_close(mio_handle handle);

/* Returns 0 (done or under way) | the code. */
int mio_socket_connect(mio_handle handle, const struct mio_address *to);
int mio_socket_bind(mio_handle handle, const struct mio_address *at);
int mio_socket_listen(mio_handle handle, int backlog);

/* `peer` may be NULL. A connection that failed while it was queued, however
 * the system says it, is MIO_ECONNABORTED. */
int mio_socket_accept(mio_handle handle, mio_handle *out,
                      struct mio_address *peer);

int64_t mio_socket_read(mio_handle handle, void *bytes, size_t size);
int64_t mio_socket_peek(mio_handle handle, void *bytes, size_t size);
int64_t mio_socket_write(mio_handle handle, const void *bytes, size_t size);

/* `count` is at most MIO_IOVECS_MAX. */
int64_t mio_socket_readv(mio_handle handle, const struct mio_iovec *pieces,
                         size_t count);
int64_t mio_socket_writev(mio_handle handle, const struct mio_iovec *pieces,
                          size_t count);

int mio_socket_shutdown(mio_handle handle, enum mio_shutdown how);
int mio_socket_take_error(mio_handle handle);
int mio_socket_local_address(mio_handle handle, struct mio_address *out);
int mio_socket_peer_address(mio_handle handle, struct mio_address *out);

/* Each returns 0 | the code; MIO_ENOTSUP where the system has no such thing. */
int mio_socket_set_reuse_address(mio_handle handle);
int mio_socket_set_share_port(mio_handle handle);
int mio_socket_set_only_v6(mio_handle handle, bool on);
int mio_socket_set_nodelay(mio_handle handle, bool on);
int mio_socket_set_keepalive(mio_handle handle, uint32_t idle_s);
int mio_socket_set_reset_on_close(mio_handle handle, bool on);

/* A handle that is good for nothing but to be closed. Returns 0 | MIO_EMFILE
 * | MIO_ENFILE | MIO_ENOMEM. */
int mio_socket_open_spare(mio_handle *out);

#endif /* MIO_NET_SYS_SOCKET_H */
