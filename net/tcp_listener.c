/* SPDX-License-Identifier: MIT
 *
 * net/tcp_listener.c - bind, listen, accept. */
#include "net/tcp_listener.h"

#include <stddef.h>

#include "core/interest.h"
#include "net/sys/socket.h"

#define BACKLOG_DEFAULT 1024

static int prepare(mio_handle handle, const struct mio_address *at,
                   const struct mio_tcp_listen_options *options)
{
    int rc = mio_socket_set_reuse_address(handle);
    if (rc == MIO_OK && options->share_port)
        rc = mio_socket_set_share_port(handle);
    /* Always said, for the system's default can be either. */
    if (rc == MIO_OK && mio_address_family(at) == MIO_FAMILY_IPV6)
        rc = mio_socket_set_only_v6(handle, options->exclusive_v6);
    if (rc == MIO_OK)
        rc = mio_socket_bind(handle, at);
    if (rc == MIO_OK)
        rc = mio_socket_listen(handle, options->backlog != 0 ? options->backlog
                                                             : BACKLOG_DEFAULT);
    return rc;
}

int mio_tcp_listener_open(struct mio_tcp_listener *out,
                          const struct mio_address *at,
                          const struct mio_tcp_listen_options *options)
{
    static const struct mio_tcp_listen_options defaults;
    if (options == NULL)
        options = &defaults;
    if (options->backlog < 0)
        return MIO_EINVAL;

    mio_handle handle;
    int rc = mio_socket_open(&handle, mio_address_family(at));
    if (rc < 0)
        return rc;
    rc = prepare(handle, at, options);
    if (rc < 0) {
        mio_socket_close(handle);
        return rc;
    }
    mio_source_init(&out->source, handle);
    return MIO_OK;
}

void mio_tcp_listener_close(struct mio_tcp_listener *self)
{
    if (!mio_tcp_listener_is_open(self))
        return;
    mio_source_deregister(&self->source);
    mio_socket_close(self->source.handle);
    self->source.handle = MIO_HANDLE_NONE;
}

bool mio_tcp_listener_is_open(const struct mio_tcp_listener *self)
{
    return self->source.handle != MIO_HANDLE_NONE;
}

int mio_tcp_listener_accept(struct mio_tcp_listener *self,
                            struct mio_tcp_stream *out,
                            struct mio_address *peer)
{
    mio_handle handle;
    int rc = mio_socket_accept(self->source.handle, &handle, peer);
    if (rc == MIO_EAGAIN)
        mio_source_arm(&self->source, MIO_READABLE);
    if (rc < 0)
        return rc;
    mio_source_init(&out->source, handle);
    return MIO_OK;
}

int mio_tcp_listener_address(const struct mio_tcp_listener *self,
                             struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}
