/* SPDX-License-Identifier: MIT
 *
 * net/inspector/peer.c - see peer.h. */
#include "net/inspector/peer.h"

int mio_door_parse(struct mio_address *out, const char *text)
{
    if (text == NULL)
        return MIO_EINVAL;
    int result = text[0] == '/' ? mio_address_from_path(out, text)
                                : mio_address_parse(out, text);
    if (result < 0)
        return result;
    /* What a runtime does is nobody's business elsewhere. */
    return mio_address_family(out) == MIO_FAMILY_UNIX ||
                   mio_address_is_loopback(out)
               ? 0
               : MIO_EINVAL;
}

static int open_unix(struct mio_door *self, const struct mio_address *at)
{
    struct mio_unix_listen_options options = {.unlink_on_close = true};
    int result = mio_unix_listener_open(&self->at.unix_socket, at, &options);
    if (result != MIO_EADDRINUSE)
        return result;
    result = mio_unix_listener_remove_stale(at);
    if (result < 0 && result != MIO_ENOENT)
        return result == MIO_EINVAL ? MIO_EADDRINUSE : result;
    return mio_unix_listener_open(&self->at.unix_socket, at, &options);
}

int mio_door_open(struct mio_door *self, const struct mio_address *at)
{
    self->is_unix = mio_address_family(at) == MIO_FAMILY_UNIX;
    return self->is_unix ? open_unix(self, at)
                         : mio_tcp_listener_open(&self->at.tcp, at, NULL);
}

void mio_door_close(struct mio_door *self)
{
    if (self->is_unix)
        mio_unix_listener_close(&self->at.unix_socket);
    else
        mio_tcp_listener_close(&self->at.tcp);
}

struct mio_source *mio_door_source(struct mio_door *self)
{
    return self->is_unix ? &self->at.unix_socket.source : &self->at.tcp.source;
}

void mio_door_address(const struct mio_door *self, struct mio_address *out)
{
    if (self->is_unix)
        (void)mio_unix_listener_address(&self->at.unix_socket, out);
    else
        (void)mio_tcp_listener_address(&self->at.tcp, out);
}

int mio_door_accept(struct mio_door *self, struct mio_peer *out)
{
    out->is_unix = self->is_unix;
    return self->is_unix
               ? mio_unix_listener_accept(&self->at.unix_socket,
                                          &out->at.unix_socket, NULL)
               : mio_tcp_listener_accept(&self->at.tcp, &out->at.tcp, NULL);
}

struct mio_source *mio_peer_source(struct mio_peer *self)
{
    return self->is_unix ? &self->at.unix_socket.source : &self->at.tcp.source;
}

void mio_peer_close(struct mio_peer *self)
{
    if (self->is_unix)
        mio_unix_stream_close(&self->at.unix_socket);
    else
        mio_tcp_stream_close(&self->at.tcp);
}

int64_t mio_peer_read(struct mio_peer *self, void *bytes, size_t size)
{
    return self->is_unix
               ? mio_unix_stream_read(&self->at.unix_socket, bytes, size)
               : mio_tcp_stream_read(&self->at.tcp, bytes, size);
}

int64_t mio_peer_write(struct mio_peer *self, const void *bytes, size_t size)
{
    return self->is_unix
               ? mio_unix_stream_write(&self->at.unix_socket, bytes, size)
               : mio_tcp_stream_write(&self->at.tcp, bytes, size);
}
