/* SPDX-License-Identifier: MIT
 *
 * net/tcp_options.c - the options and handles of tcp_stream and tcp_listener;
 * tcp_stream.c and tcp_listener.c have the rest. */
#include "net/endpoint.h"
#include "net/sys/socket.h"
#include "net/sys/socket_options.h"
#include "net/tcp_listener.h"
#include "net/tcp_stream.h"

int mio_tcp_stream_nodelay(const struct mio_tcp_stream *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_NODELAY);
}

int mio_tcp_stream_set_ttl(struct mio_tcp_stream *self, uint32_t ttl)
{
    return mio_socket_set_ttl(self->source.handle, ttl);
}

int mio_tcp_stream_ttl(const struct mio_tcp_stream *self)
{
    return mio_socket_ttl(self->source.handle);
}

int mio_tcp_stream_set_keepalive_details(
    struct mio_tcp_stream *self, const struct mio_tcp_keepalive *details)
{
    return mio_socket_set_keepalive_details(self->source.handle, details);
}

int mio_tcp_stream_keepalive(const struct mio_tcp_stream *self,
                             struct mio_tcp_keepalive *out)
{
    return mio_socket_keepalive(self->source.handle, out);
}

int mio_tcp_stream_set_linger(struct mio_tcp_stream *self, int32_t linger_s)
{
    return mio_socket_set_linger(self->source.handle, linger_s);
}

int mio_tcp_stream_linger(const struct mio_tcp_stream *self, int32_t *out_s)
{
    return mio_socket_linger(self->source.handle, out_s);
}

int mio_tcp_stream_set_send_buffer_size(struct mio_tcp_stream *self,
                                        uint32_t size)
{
    return mio_socket_set_size(self->source.handle, MIO_OPTION_SEND_BUFFER_SIZE,
                               size);
}

int mio_tcp_stream_set_recv_buffer_size(struct mio_tcp_stream *self,
                                        uint32_t size)
{
    return mio_socket_set_size(self->source.handle, MIO_OPTION_RECV_BUFFER_SIZE,
                               size);
}

int mio_tcp_stream_send_buffer_size(const struct mio_tcp_stream *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_SEND_BUFFER_SIZE);
}

int mio_tcp_stream_recv_buffer_size(const struct mio_tcp_stream *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_RECV_BUFFER_SIZE);
}

void mio_tcp_stream_from_handle(struct mio_tcp_stream *out, mio_handle handle)
{
    mio_source_init(&out->source, handle);
}

mio_handle mio_tcp_stream_release(struct mio_tcp_stream *self)
{
    return mio_endpoint_release(&self->source);
}

int mio_tcp_listener_take_error(struct mio_tcp_listener *self)
{
    return mio_socket_take_error(self->source.handle);
}

int mio_tcp_listener_set_ttl(struct mio_tcp_listener *self, uint32_t ttl)
{
    return mio_socket_set_ttl(self->source.handle, ttl);
}

int mio_tcp_listener_ttl(const struct mio_tcp_listener *self)
{
    return mio_socket_ttl(self->source.handle);
}

int mio_tcp_listener_only_v6(const struct mio_tcp_listener *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_ONLY_V6);
}

void mio_tcp_listener_from_handle(struct mio_tcp_listener *out,
                                  mio_handle handle)
{
    mio_source_init(&out->source, handle);
}

mio_handle mio_tcp_listener_release(struct mio_tcp_listener *self)
{
    return mio_endpoint_release(&self->source);
}
