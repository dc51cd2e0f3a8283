/* SPDX-License-Identifier: MIT
 *
 * net/unix_datagram.c - datagrams, handles and credentials within a host. */
#include "net/unix_datagram.h"

#include "net/endpoint.h"
#include "net/sys/datagram.h"
#include "net/sys/socket.h"
#include "net/sys/socket_options.h"
#include "net/sys/unix_socket.h"

int mio_unix_datagram_open_unbound(struct mio_unix_datagram *out)
{
    mio_handle handle;
    int rc =
        mio_socket_open_kind(&handle, MIO_FAMILY_UNIX, MIO_SOCKET_DATAGRAM);
    if (rc < 0)
        return rc;
    mio_source_init(&out->source, handle);
    return MIO_OK;
}

int mio_unix_datagram_open(struct mio_unix_datagram *out,
                           const struct mio_address *at)
{
    struct mio_unix_datagram opened;
    int rc = mio_unix_datagram_open_unbound(&opened);
    if (rc < 0)
        return rc;
    rc = mio_unix_datagram_bind(&opened, at);
    if (rc < 0) {
        mio_unix_datagram_close(&opened);
        return rc;
    }
    *out = opened;
    return MIO_OK;
}

int mio_unix_datagram_pair(struct mio_unix_datagram *a,
                           struct mio_unix_datagram *b)
{
    mio_handle handle_a;
    mio_handle handle_b;
    int rc = mio_socket_open_pair(&handle_a, &handle_b, MIO_SOCKET_DATAGRAM);
    if (rc < 0)
        return rc;
    mio_source_init(&a->source, handle_a);
    mio_source_init(&b->source, handle_b);
    return MIO_OK;
}

int mio_unix_datagram_bind(struct mio_unix_datagram *self,
                           const struct mio_address *at)
{
    if (mio_address_family(at) != MIO_FAMILY_UNIX)
        return MIO_EAFNOSUPPORT;
    return mio_socket_bind(self->source.handle, at);
}

void mio_unix_datagram_close(struct mio_unix_datagram *self)
{
    mio_handle handle = mio_endpoint_release(&self->source);
    if (handle != MIO_HANDLE_NONE)
        mio_socket_close(handle);
}

bool mio_unix_datagram_is_open(const struct mio_unix_datagram *self)
{
    return mio_endpoint_is_open(&self->source);
}

void mio_unix_datagram_from_handle(struct mio_unix_datagram *out,
                                   mio_handle handle)
{
    mio_source_init(&out->source, handle);
}

mio_handle mio_unix_datagram_release(struct mio_unix_datagram *self)
{
    return mio_endpoint_release(&self->source);
}

int mio_unix_datagram_connect(struct mio_unix_datagram *self,
                              const struct mio_address *to)
{
    return mio_socket_connect(self->source.handle, to);
}

static int64_t send_to(struct mio_unix_datagram *self, const void *bytes,
                       size_t size, const struct mio_address *to)
{
    return mio_endpoint_done(
        &self->source, mio_socket_send_to(self->source.handle, bytes, size, to),
        MIO_WRITABLE);
}

int64_t mio_unix_datagram_send(struct mio_unix_datagram *self,
                               const void *bytes, size_t size)
{
    return send_to(self, bytes, size, NULL);
}

int64_t mio_unix_datagram_send_to(struct mio_unix_datagram *self,
                                  const void *bytes, size_t size,
                                  const struct mio_address *to)
{
    return send_to(self, bytes, size, to);
}

static int64_t recv_from(struct mio_unix_datagram *self, void *bytes,
                         size_t size, struct mio_address *from, bool is_peek)
{
    return mio_endpoint_done(
        &self->source,
        mio_socket_recv_from(self->source.handle, bytes, size, from, is_peek),
        MIO_READABLE);
}

int64_t mio_unix_datagram_recv(struct mio_unix_datagram *self, void *bytes,
                               size_t size)
{
    return recv_from(self, bytes, size, NULL, false);
}

int64_t mio_unix_datagram_recv_from(struct mio_unix_datagram *self, void *bytes,
                                    size_t size, struct mio_address *from)
{
    return recv_from(self, bytes, size, from, false);
}

int64_t mio_unix_datagram_peek(struct mio_unix_datagram *self, void *bytes,
                               size_t size)
{
    return recv_from(self, bytes, size, NULL, true);
}

int64_t mio_unix_datagram_peek_from(struct mio_unix_datagram *self, void *bytes,
                                    size_t size, struct mio_address *from)
{
    return recv_from(self, bytes, size, from, true);
}

int64_t mio_unix_datagram_send_message(struct mio_unix_datagram *self,
                                       const struct mio_unix_message *message)
{
    if (message->pieces_count > MIO_IOVECS_MAX ||
        message->handles_count > MIO_UNIX_HANDLES_MAX)
        return MIO_EINVAL;
    return mio_endpoint_done(
        &self->source, mio_socket_send_message(self->source.handle, message),
        MIO_WRITABLE);
}

int64_t mio_unix_datagram_recv_message(struct mio_unix_datagram *self,
                                       struct mio_unix_message *message)
{
    if (message->pieces_count > MIO_IOVECS_MAX)
        return MIO_EINVAL;
    return mio_endpoint_done(
        &self->source, mio_socket_recv_message(self->source.handle, message),
        MIO_READABLE);
}

int mio_unix_datagram_set_pass_credentials(struct mio_unix_datagram *self,
                                           bool on)
{
    return mio_socket_set_option(self->source.handle,
                                 MIO_OPTION_PASS_CREDENTIALS, on);
}

int mio_unix_datagram_shutdown(struct mio_unix_datagram *self,
                               enum mio_shutdown how)
{
    return mio_socket_shutdown(self->source.handle, how);
}

int mio_unix_datagram_take_error(struct mio_unix_datagram *self)
{
    return mio_socket_take_error(self->source.handle);
}

int mio_unix_datagram_local_address(const struct mio_unix_datagram *self,
                                    struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}

int mio_unix_datagram_peer_address(const struct mio_unix_datagram *self,
                                   struct mio_address *out)
{
    return mio_socket_peer_address(self->source.handle, out);
}
