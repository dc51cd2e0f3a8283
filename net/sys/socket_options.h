/* SPDX-License-Identifier: MIT
 *
 * net/sys/socket_options.h - the contract of what sockets can be told.
 *
 * A table of options with an integer each, and those that need more. Results
 * are 0 or a negative code; MIO_ENOTSUP where the system has no such option,
 * the system's own code where the socket has none. Not installed. */
#ifndef MIO_NET_SYS_SOCKET_OPTIONS_H
#define MIO_NET_SYS_SOCKET_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "net/address.h"
#include "net/tcp_stream.h"

enum mio_socket_option {
    MIO_OPTION_BROADCAST,
    MIO_OPTION_MULTICAST_HOPS_V6,
    MIO_OPTION_MULTICAST_INTERFACE_V6, /* its index; 0: the system's choice */
    MIO_OPTION_MULTICAST_LOOP_V4,
    MIO_OPTION_MULTICAST_LOOP_V6,
    MIO_OPTION_MULTICAST_TTL_V4,
    MIO_OPTION_NODELAY,
    MIO_OPTION_ONLY_V6,
    MIO_OPTION_PASS_CREDENTIALS,
    MIO_OPTION_RECV_BUFFER_SIZE, /* bytes; Linux doubles what it is told */
    MIO_OPTION_REUSE_ADDRESS,
    MIO_OPTION_SEND_BUFFER_SIZE,
    MIO_OPTION_SHARE_PORT,
    MIO_OPTION_UDP_GRO,     /* received datagrams are put together */
    MIO_OPTION_UDP_SEGMENT, /* sent ones are cut; asked to know whether */
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

/* Groups are joined and left on an interface, named by an address of its own
 * (IPv4; NULL: the system's choice) or its index (IPv6; 0: the group's scope,
 * or the system's choice). MIO_EINVAL for what is not of that family. */
int mio_socket_set_member_v4(mio_handle handle, const struct mio_address *group,
                             const struct mio_address *local, bool is_member);
int mio_socket_set_member_v6(mio_handle handle, const struct mio_address *group,
                             uint32_t interface_index, bool is_member);

/* Where multicasts leave; NULL: the system's choice, told as 0.0.0.0. */
int mio_socket_set_multicast_interface_v4(mio_handle handle,
                                          const struct mio_address *local);
int mio_socket_multicast_interface_v4(mio_handle handle,
                                      struct mio_address *out);

int mio_socket_set_keepalive_details(mio_handle handle,
                                     const struct mio_tcp_keepalive *details);
int mio_socket_keepalive(mio_handle handle, struct mio_tcp_keepalive *out);

#endif /* MIO_NET_SYS_SOCKET_OPTIONS_H */
