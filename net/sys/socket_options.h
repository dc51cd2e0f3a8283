/* SPDX-License-Identifier: MIT
 *
 * net/sys/socket_options.h - the contract of what sockets can be told.
 *
 * A table of options with an integer each, and those that need more. Results
 * are 0 or a negative code; MIO_ENOTSUP where the system has no such option,
 * the system's own code where the socket has none. Not installed. */
#ifndef MIO_NET_SYS_SOCKET_OPTIONS_H
#define MIO_NET_SYS_SOCKET_OPTIONS_H

#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "net/address.h"
#include "net/tcp_stream.h"

enum mio_socket_option {
    MIO_OPTION_NODELAY,
    MIO_OPTION_ONLY_V6,
    MIO_OPTION_RECV_BUFFER_SIZE, /* bytes; Linux doubles what it is told */
    MIO_OPTION_REUSE_ADDRESS,
    MIO_OPTION_SEND_BUFFER_SIZE,
    MIO_OPTION_SHARE_PORT,
    MIO_OPTIONS_COUNT
};

int mio_socket_set_option(mio_handle handle, enum mio_socket_option option,
                          int value);

/* Returns the value, >= 0 | the code. */
int mio_socket_option(mio_handle handle, enum mio_socket_option option);

/* Bytes, or MIO_EINVAL for what the system's int cannot say. */
int mio_socket_set_size(mio_handle handle, enum mio_socket_option option,
                        uint32_t size);

/* TTL or hop limit, whatever the socket's family calls it: 1..255, or
 * MIO_EINVAL. An IPv6 socket is told both, for its IPv4 peers. */
int mio_socket_set_ttl(mio_handle handle, uint32_t ttl);
int mio_socket_ttl(mio_handle handle);

/* Seconds, or MIO_LINGER_OFF. */
int mio_socket_set_linger(mio_handle handle, int32_t linger_s);
int mio_socket_linger(mio_handle handle, int32_t *out_s);

int mio_socket_set_keepalive_details(mio_handle handle,
                                     const struct mio_tcp_keepalive *details);
int mio_socket_keepalive(mio_handle handle, struct mio_tcp_keepalive *out);

#endif /* MIO_NET_SYS_SOCKET_OPTIONS_H */
