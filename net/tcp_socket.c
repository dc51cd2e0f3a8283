/* SPDX-License-Identifier: MIT
 *
 * net/tcp_socket.c - options first, then connect or listen. */
#include "net/tcp_socket.h"

#include "net/endpoint.h"
#include "net/sys/socket.h"
#include "net/sys/socket_options.h"

#define BACKLOG_DEFAULT 1024

int mio_tcp_socket_open(struct mio_tcp_socket *out, enum mio_family family)
{
    mio_handle handle;
    int rc = mio_socket_open(&handle, family);
    if (rc < 0)
        return rc;
    mio_source_init(&out->source, handle);
    return MIO_OK;
}

void mio_tcp_socket_close(struct mio_tcp_socket *self)
{
    mio_handle handle = mio_endpoint_release(&self->source);
    if (handle != MIO_HANDLE_NONE)
        mio_socket_close(handle);
}

bool mio_tcp_socket_is_open(const struct mio_tcp_socket *self)
{
    return mio_endpoint_is_open(&self->source);
}

int mio_tcp_socket_bind(struct mio_tcp_socket *self,
                        const struct mio_address *at)
{
    return mio_socket_bind(self->source.handle, at);
}

int mio_tcp_socket_address(const struct mio_tcp_socket *self,
                           struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}

int mio_tcp_socket_connect(struct mio_tcp_socket *self,
                           const struct mio_address *to,
                           struct mio_tcp_stream *out)
{
    int rc = mio_socket_connect(self->source.handle, to);
    if (rc < 0)
        return rc;
    mio_tcp_stream_from_handle(out, mio_endpoint_release(&self->source));
    return MIO_OK;
}

int mio_tcp_socket_listen(struct mio_tcp_socket *self, int backlog,
                          struct mio_tcp_listener *out)
{
    if (backlog < 0)
        return MIO_EINVAL;
    int rc = mio_socket_listen(self->source.handle,
                               backlog != 0 ? backlog : BACKLOG_DEFAULT);
    if (rc < 0)
        return rc;
    mio_tcp_listener_from_handle(out, mio_endpoint_release(&self->source));
    return MIO_OK;
}

int mio_tcp_socket_set_reuse_address(struct mio_tcp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle, MIO_OPTION_REUSE_ADDRESS,
                                 on);
}

int mio_tcp_socket_reuse_address(const struct mio_tcp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_REUSE_ADDRESS);
}

int mio_tcp_socket_set_share_port(struct mio_tcp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle, MIO_OPTION_SHARE_PORT,
                                 on);
}

int mio_tcp_socket_share_port(const struct mio_tcp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_SHARE_PORT);
}

int mio_tcp_socket_set_only_v6(struct mio_tcp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle, MIO_OPTION_ONLY_V6, on);
}

int mio_tcp_socket_only_v6(const struct mio_tcp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_ONLY_V6);
}

int mio_tcp_socket_set_nodelay(struct mio_tcp_socket *self, bool on)
{
    return mio_socket_set_option(self->source.handle, MIO_OPTION_NODELAY, on);
}

int mio_tcp_socket_nodelay(const struct mio_tcp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_NODELAY);
}

int mio_tcp_socket_set_keepalive(struct mio_tcp_socket *self,
                                 const struct mio_tcp_keepalive *details)
{
    return mio_socket_set_keepalive_details(self->source.handle, details);
}

int mio_tcp_socket_keepalive(const struct mio_tcp_socket *self,
                             struct mio_tcp_keepalive *out)
{
    return mio_socket_keepalive(self->source.handle, out);
}

int mio_tcp_socket_set_linger(struct mio_tcp_socket *self, int32_t linger_s)
{
    return mio_socket_set_linger(self->source.handle, linger_s);
}

int mio_tcp_socket_linger(const struct mio_tcp_socket *self, int32_t *out_s)
{
    return mio_socket_linger(self->source.handle, out_s);
}

int mio_tcp_socket_set_ttl(struct mio_tcp_socket *self, uint32_t ttl)
{
    return mio_socket_set_ttl(self->source.handle, ttl);
}

int mio_tcp_socket_ttl(const struct mio_tcp_socket *self)
{
    return mio_socket_ttl(self->source.handle);
}

int mio_tcp_socket_set_send_buffer_size(struct mio_tcp_socket *self,
                                        uint32_t size)
{
    return mio_socket_set_size(self->source.handle, MIO_OPTION_SEND_BUFFER_SIZE,
                               size);
}

int mio_tcp_socket_send_buffer_size(const struct mio_tcp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_SEND_BUFFER_SIZE);
}

int mio_tcp_socket_set_recv_buffer_size(struct mio_tcp_socket *self,
                                        uint32_t size)
{
    return mio_socket_set_size(self->source.handle, MIO_OPTION_RECV_BUFFER_SIZE,
                               size);
}

int mio_tcp_socket_recv_buffer_size(const struct mio_tcp_socket *self)
{
    return mio_socket_option(self->source.handle, MIO_OPTION_RECV_BUFFER_SIZE);
}

int mio_tcp_socket_take_error(struct mio_tcp_socket *self)
{
    return mio_socket_take_error(self->source.handle);
}

void mio_tcp_socket_from_handle(struct mio_tcp_socket *out, mio_handle handle)
{
    mio_source_init(&out->source, handle);
}

mio_handle mio_tcp_socket_release(struct mio_tcp_socket *self)
{
    return mio_endpoint_release(&self->source);
}
