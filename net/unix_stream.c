/* SPDX-License-Identifier: MIT
 *
 * net/unix_stream.c - bytes, handles and credentials over a connection. */
#include "net/unix_stream.h"

#include "net/endpoint.h"
#include "net/sys/socket.h"
#include "net/sys/socket_options.h"
#include "net/sys/unix_socket.h"

int mio_unix_stream_connect(struct mio_unix_stream *out,
                            const struct mio_address *to)
{
    if (mio_address_family(to) != MIO_FAMILY_UNIX)
        return MIO_EAFNOSUPPORT;

    mio_handle handle;
    int rc = mio_socket_open_kind(&handle, MIO_FAMILY_UNIX, MIO_SOCKET_STREAM);
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

int mio_unix_stream_pair(struct mio_unix_stream *a, struct mio_unix_stream *b)
{
    mio_handle handle_a;
    mio_handle handle_b;
    int rc = mio_socket_open_pair(&handle_a, &handle_b, MIO_SOCKET_STREAM);
    if (rc < 0)
        return rc;
    mio_source_init(&a->source, handle_a);
    mio_source_init(&b->source, handle_b);
    return MIO_OK;
}

void mio_unix_stream_close(struct mio_unix_stream *self)
{
    mio_handle handle = mio_endpoint_release(&self->source);
    if (handle != MIO_HANDLE_NONE)
        mio_socket_close(handle);
}

bool mio_unix_stream_is_open(const struct mio_unix_stream *self)
{
    return mio_endpoint_is_open(&self->source);
}

void mio_unix_stream_from_handle(struct mio_unix_stream *out, mio_handle handle)
{
    mio_source_init(&out->source, handle);
}

mio_handle mio_unix_stream_release(struct mio_unix_stream *self)
{
    return mio_endpoint_release(&self->source);
}

int64_t mio_unix_stream_read(struct mio_unix_stream *self, void *bytes,
                             size_t size)
{
    if (size == 0)
        return MIO_EINVAL; /* 0 would mean the peer's end */
    return mio_endpoint_moved(&self->source,
                              mio_socket_read(self->source.handle, bytes, size),
                              size, MIO_READABLE);
}

int64_t mio_unix_stream_peek(struct mio_unix_stream *self, void *bytes,
                             size_t size)
{
    if (size == 0)
        return MIO_EINVAL;
    return mio_endpoint_done(&self->source,
                             mio_socket_peek(self->source.handle, bytes, size),
                             MIO_READABLE);
}

int64_t mio_unix_stream_readv(struct mio_unix_stream *self,
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

int64_t mio_unix_stream_write(struct mio_unix_stream *self, const void *bytes,
                              size_t size)
{
    return mio_endpoint_moved(
        &self->source, mio_socket_write(self->source.handle, bytes, size), size,
        MIO_WRITABLE);
}

int64_t mio_unix_stream_writev(struct mio_unix_stream *self,
                               const struct mio_iovec *pieces, size_t count)
{
    size_t used = mio_endpoint_pieces(count);
    return mio_endpoint_moved(
        &self->source, mio_socket_writev(self->source.handle, pieces, used),
        mio_endpoint_size(pieces, used), MIO_WRITABLE);
}

/* Without bytes the system would send nothing, and say that it did. */
static bool is_sound(const struct mio_unix_message *message)
{
    return message->pieces_count <= MIO_IOVECS_MAX &&
           mio_endpoint_has_room(message->pieces, message->pieces_count);
}

int64_t mio_unix_stream_send_message(struct mio_unix_stream *self,
                                     const struct mio_unix_message *message)
{
    if (!is_sound(message) || message->handles_count > MIO_UNIX_HANDLES_MAX)
        return MIO_EINVAL;
    return mio_endpoint_moved(
        &self->source, mio_socket_send_message(self->source.handle, message),
        mio_endpoint_size(message->pieces, message->pieces_count),
        MIO_WRITABLE);
}

int64_t mio_unix_stream_recv_message(struct mio_unix_stream *self,
                                     struct mio_unix_message *message)
{
    if (!is_sound(message))
        return MIO_EINVAL;
    return mio_endpoint_moved(
        &self->source, mio_socket_recv_message(self->source.handle, message),
        mio_endpoint_size(message->pieces, message->pieces_count),
        MIO_READABLE);
}

int mio_unix_stream_set_pass_credentials(struct mio_unix_stream *self, bool on)
{
    return mio_socket_set_option(self->source.handle,
                                 MIO_OPTION_PASS_CREDENTIALS, on);
}

int mio_unix_stream_peer_credentials(const struct mio_unix_stream *self,
                                     struct mio_unix_credentials *out)
{
    return mio_socket_peer_credentials(self->source.handle, out);
}

int mio_unix_stream_shutdown(struct mio_unix_stream *self,
                             enum mio_shutdown how)
{
    return mio_socket_shutdown(self->source.handle, how);
}

int mio_unix_stream_take_error(struct mio_unix_stream *self)
{
    return mio_socket_take_error(self->source.handle);
}

int mio_unix_stream_local_address(const struct mio_unix_stream *self,
                                  struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}

int mio_unix_stream_peer_address(const struct mio_unix_stream *self,
                                 struct mio_address *out)
{
    return mio_socket_peer_address(self->source.handle, out);
}
