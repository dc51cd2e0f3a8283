/* SPDX-License-Identifier: MIT
 *
 * net/sys/datagram.h - the contract of sending and receiving datagrams.
 *
 * For UDP, and for Unix datagram sockets. As net/sys/socket.h: no SIGPIPE, no
 * MIO_EINTR, a count or a negative code. Not installed. */
#ifndef MIO_NET_SYS_DATAGRAM_H
#define MIO_NET_SYS_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/source.h"
#include "net/address.h"
#include "net/datagram.h"

/* `to` is NULL for the connected peer. */
int64_t mio_socket_send_to(mio_handle handle, const void *bytes, size_t size,
                           const struct mio_address *to);

/* The bytes that fit; the rest of that datagram is gone. `from` may be NULL.
 * A peek leaves the whole datagram there. */
int64_t mio_socket_recv_from(mio_handle handle, void *bytes, size_t size,
                             struct mio_address *from, bool is_peek);

/* `count` is 1..MIO_DATAGRAMS_MAX, each with at most MIO_IOVECS_MAX pieces and
 * a segment_size of 16 bits. Returns how many were sent or received, at least
 * 1 | the code, if it is so with the first already. */
int mio_socket_send_batch(mio_handle handle, struct mio_datagram *datagrams,
                          size_t count);
int mio_socket_recv_batch(mio_handle handle, struct mio_datagram *datagrams,
                          size_t count);

#endif /* MIO_NET_SYS_DATAGRAM_H */
