/* SPDX-License-Identifier: MIT
 *
 * net/udp_options.c - what a UDP socket is, and is told; udp_socket.c has the
 * rest. */
#include <stddef.h>

#include "net/sys/socket.h"
#include "net/sys/socket_options.h"
#include "net/udp_socket.h"

#define HOPS_MAX 255

int mio_udp_socket_local_address(const struct mio_udp_socket *self,
                                 struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}

int mio_udp_socket_peer_address(const struct mio_udp_socket *self,
                                struct mio_address *out)
{
    return mio_socket_peer_address(self->source.handle, out);
}

int mio_udp_socket_take_error(struct mio_udp_socket *self)
{
    return mio_socket_take_error(self->source.handle);
}

int mio_udp_socket_set_ttl(struct mio_udp_socket *self, uint32_t ttl)
{
    return mio_socket_set_ttl(self->source.handle, ttl);
}

int mio_udp_socket_ttl(const struct mio_udp_socket *self)
{
    return mio_socket_ttl(self->source.handle);
}

int mio_udp_socket_set_broadcast(struct mio_udp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle, MIO_OPTION_BROADCAST, on);
}

int mio_udp_socket_broadcast(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_BROADCAST);
}

int mio_udp_socket_only_v6(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_ONLY_V6);
}

int mio_udp_socket_set_send_buffer_size(struct mio_udp_socket *self,
                                        uint32_t size)
{
    return mio_socket_set_size(self->source.handle, MIO_OPTION_SEND_BUFFER_SIZE,
                               size);
}

int mio_udp_socket_send_buffer_size(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_SEND_BUFFER_SIZE);
}

int mio_udp_socket_set_recv_buffer_size(struct mio_udp_socket *self,
                                        uint32_t size)
{
    return mio_socket_set_size(self->source.handle, MIO_OPTION_RECV_BUFFER_SIZE,
                               size);
}

int mio_udp_socket_recv_buffer_size(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_RECV_BUFFER_SIZE);
}

int mio_udp_socket_join_multicast_v4(struct mio_udp_socket *self,
                                     const struct mio_address *group,
                                     const struct mio_address *local)
{
    return mio_socket_set_member_v4(self->source.handle, group, local, true);
}

int mio_udp_socket_leave_multicast_v4(struct mio_udp_socket *self,
                                      const struct mio_address *group,
                                      const struct mio_address *local)
{
    return mio_socket_set_member_v4(self->source.handle, group, local, false);
}

int mio_udp_socket_join_multicast_v6(struct mio_udp_socket *self,
                                     const struct mio_address *group,
                                     uint32_t interface_index)
{
    return mio_socket_set_member_v6(self->source.handle, group, interface_index,
                                    true);
}

int mio_udp_socket_leave_multicast_v6(struct mio_udp_socket *self,
                                      const struct mio_address *group,
                                      uint32_t interface_index)
{
    return mio_socket_set_member_v6(self->source.handle, group, interface_index,
                                    false);
}

int mio_udp_socket_set_multicast_loop_v4(struct mio_udp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle,
                                 MIO_OPTION_MULTICAST_LOOP_V4, on);
}

int mio_udp_socket_multicast_loop_v4(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_MULTICAST_LOOP_V4);
}

int mio_udp_socket_set_multicast_loop_v6(struct mio_udp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle,
                                 MIO_OPTION_MULTICAST_LOOP_V6, on);
}

int mio_udp_socket_multicast_loop_v6(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_MULTICAST_LOOP_V6);
}

static int set_hops(mio_handle handle, enum mio_socket_option option,
                    uint32_t hops)
{
    if (hops > HOPS_MAX)
        return MIO_EINVAL;
    return mio_socket_set_option(handle, option, (int)hops);
}

int mio_udp_socket_set_multicast_ttl_v4(struct mio_udp_socket *self,
                                        uint32_t ttl)
{
    return set_hops(self->source.handle, MIO_OPTION_MULTICAST_TTL_V4, ttl);
}

int mio_udp_socket_multicast_ttl_v4(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_MULTICAST_TTL_V4);
}

int mio_udp_socket_set_multicast_hops_v6(struct mio_udp_socket *self,
                                         uint32_t hops)
{
    return set_hops(self->source.handle, MIO_OPTION_MULTICAST_HOPS_V6, hops);
}

int mio_udp_socket_multicast_hops_v6(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_MULTICAST_HOPS_V6);
}

int mio_udp_socket_set_multicast_interface_v4(struct mio_udp_socket *self,
                                              const struct mio_address *local)
{
    return mio_socket_set_multicast_interface_v4(self->source.handle, local);
}

int mio_udp_socket_multicast_interface_v4(const struct mio_udp_socket *self,
                                          struct mio_address *out)
{
    return mio_socket_multicast_interface_v4(self->source.handle, out);
}

int mio_udp_socket_set_multicast_interface_v6(struct mio_udp_socket *self,
                                              uint32_t interface_index)
{
    return mio_socket_set_size(self->source.handle,
                               MIO_OPTION_MULTICAST_INTERFACE_V6,
                               interface_index);
}

int mio_udp_socket_multicast_interface_v6(const struct mio_udp_socket *self)
{
    return mio_socket_option(self->source.handle,
                             MIO_OPTION_MULTICAST_INTERFACE_V6);
}
