/* SPDX-License-Identifier: MIT
 *
 * net/tcp_stream.c - step 5 of a byte's walk: read and write until it would
 * block, and say so to the poll. */
#include "net/tcp_stream.h"

#include "core/assert.h"
#include "core/interest.h"
#include "net/endpoint.h"
#include "net/sys/socket.h"

int mio_tcp_stream_connect(struct mio_tcp_stream *out,
                           const struct mio_address *to)
{
    mio_handle handle;
    int rc = mio_socket_open(&handle, mio_address_family(to));
    if (rc < 0)
        return rc;
    rc = mio_socket_connect(handle, to);
    if (rc < 0) {
        mio_socket_close(handle);
        return rc;
    }
    mio_source_init(&out->source, handle);
    return MIO_OK;
}

void mio_tcp_stream_close(struct mio_tcp_stream *self)
{
    if (!mio_tcp_stream_is_open(self))
        return;
    mio_source_deregister(&self->source);
    mio_socket_close(self->source.handle);
    self->source.handle = MIO_HANDLE_NONE;
}

bool mio_tcp_stream_is_open(const struct mio_tcp_stream *self)
{
    return self->source.handle != MIO_HANDLE_NONE;
}

int64_t mio_tcp_stream_read(struct mio_tcp_stream *self, void *bytes,
                            size_t size)
{
    if (size == 0)
        return MIO_EINVAL; /* 0 would mean the peer's end */
    return mio_endpoint_moved(&self->source,
                              mio_socket_read(self->source.handle, bytes, size),
                              size, MIO_READABLE);
}

int64_t mio_tcp_stream_peek(struct mio_tcp_stream *self, void *bytes,
                            size_t size)
{
    if (size == 0)
        return MIO_EINVAL;
    /* What was seen is still there, however little it is. */
    return mio_endpoint_moved(&self->source,
                              mio_socket_peek(self->source.handle, bytes, size),
                              0, MIO_READABLE);
}

int64_t mio_tcp_stream_readv(struct mio_tcp_stream *self,
                             const struct mio_iovec *pieces, size_t count)
{
    size_t used = mio_endpoint_pieces(count);
    size_t size = mio_endpoint_size(pieces, used);
    if (size == 0)
        return MIO_EINVAL;
    return mio_endpoint_moved(
        &self->source, mio_socket_readv(self->source.handle, pieces, used),
        size, MIO_READABLE);
}

int64_t mio_tcp_stream_write(struct mio_tcp_stream *self, const void *bytes,
                             size_t size)
{
    return mio_endpoint_moved(
        &self->source, mio_socket_write(self->source.handle, bytes, size), size,
        MIO_WRITABLE);
}

int64_t mio_tcp_stream_writev(struct mio_tcp_stream *self,
                              const struct mio_iovec *pieces, size_t count)
{
    size_t used = mio_endpoint_pieces(count);
    return mio_endpoint_moved(
        &self->source, mio_socket_writev(self->source.handle, pieces, used),
        mio_endpoint_size(pieces, used), MIO_WRITABLE);
}

int mio_tcp_stream_shutdown(struct mio_tcp_stream *self, enum mio_shutdown how)
{
    return mio_socket_shutdown(self->source.handle, how);
}

int mio_tcp_stream_take_error(struct mio_tcp_stream *self)
{
    return mio_socket_take_error(self->source.handle);
}

int mio_tcp_stream_set_nodelay(struct mio_tcp_stream *self, bool on)
{
    return mio_socket_set_nodelay(self->source.handle, on);
}

int mio_tcp_stream_set_keepalive(struct mio_tcp_stream *self, uint32_t idle_s)
{
    return mio_socket_set_keepalive(self->source.handle, idle_s);
}

int mio_tcp_stream_set_reset_on_close(struct mio_tcp_stream *self, bool on)
{
    return mio_socket_set_reset_on_close(self->source.handle, on);
}

int mio_tcp_stream_local_address(const struct mio_tcp_stream *self,
                                 struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}

int mio_tcp_stream_peer_address(const struct mio_tcp_stream *self,
                                struct mio_address *out)
{
    return mio_socket_peer_address(self->source.handle, out);
}
