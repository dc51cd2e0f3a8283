/* SPDX-License-Identifier: MIT
 *
 * net/unix_listener.c - bind, listen, accept; and whose the file is. */
#include "net/unix_listener.h"

#include <stddef.h>

#include "net/endpoint.h"
#include "net/sys/socket.h"
#include "net/sys/unix_socket.h"

#define BACKLOG_DEFAULT 1024

void mio_unix_listener_from_handle(struct mio_unix_listener *out,
                                   mio_handle handle)
{
    *out = (struct mio_unix_listener){.device = 0};
    mio_source_init(&out->source, handle);
}

/* Its own file, which is there since bind; an abstract name has none. */
static void remember_file(struct mio_unix_listener *self,
                          const struct mio_address *at)
{
    struct mio_file_identity identity;
    int rc = mio_socket_file_identify(at, &identity);
    if (rc < 0) {
        if (rc != MIO_EINVAL)
            mio_log_print(self->log, MIO_LOG_WARNING,
                          "unix listener: its file will not be removed, as it "
                          "is not found: %s",
                          mio_error_text(rc));
        return;
    }
    self->device = identity.device;
    self->file = identity.file;
    self->process = identity.process;
}

static void remove_file(const struct mio_unix_listener *self)
{
    const struct mio_file_identity identity = {
        .device = self->device,
        .file = self->file,
        .process = self->process,
    };
    struct mio_address at;
    if (self->process == 0)
        return;
    int rc = mio_unix_listener_address(self, &at);
    if (rc == MIO_OK)
        rc = mio_socket_file_remove(&at, &identity);
    /* Another one's file is meant to stay, and ours in a fork. */
    if (rc < 0 && rc != MIO_EADDRINUSE)
        mio_log_print(self->log, MIO_LOG_WARNING,
                      "unix listener: its file is not removed: %s",
                      mio_error_text(rc));
}

int mio_unix_listener_open(struct mio_unix_listener *out,
                           const struct mio_address *at,
                           const struct mio_unix_listen_options *options)
{
    static const struct mio_unix_listen_options defaults;
    if (options == NULL)
        options = &defaults;
    if (options->backlog < 0)
        return MIO_EINVAL;
    if (mio_address_family(at) != MIO_FAMILY_UNIX)
        return MIO_EAFNOSUPPORT;

    struct mio_unix_listener opened;
    mio_handle handle;
    int rc = mio_socket_open_kind(&handle, MIO_FAMILY_UNIX, MIO_SOCKET_STREAM);
    if (rc < 0)
        return rc;
    mio_unix_listener_from_handle(&opened, handle);
    opened.log = options->log;
    rc = mio_socket_bind(handle, at);
    if (rc == MIO_OK && options->unlink_on_close)
        remember_file(&opened, at);
    if (rc == MIO_OK)
        rc = mio_socket_listen(handle, options->backlog != 0 ? options->backlog
                                                             : BACKLOG_DEFAULT);
    if (rc < 0) {
        mio_unix_listener_close(&opened);
        return rc;
    }
    *out = opened;
    return MIO_OK;
}

int mio_unix_listener_remove_stale(const struct mio_address *at)
{
    struct mio_file_identity identity;
    int rc = mio_socket_file_identify(at, &identity);
    if (rc < 0)
        return rc;

    struct mio_unix_stream probe;
    rc = mio_unix_stream_connect(&probe, at);
    if (rc == MIO_OK)
        mio_unix_stream_close(&probe);
    /* A full queue is somebody's, and so is a socket of another kind. */
    if (rc == MIO_OK || rc == MIO_EAGAIN || rc == MIO_EPROTOTYPE)
        return MIO_EADDRINUSE;
    if (rc != MIO_ECONNREFUSED)
        return rc;
    return mio_socket_file_remove(at, &identity);
}

void mio_unix_listener_close(struct mio_unix_listener *self)
{
    if (!mio_unix_listener_is_open(self))
        return;
    /* First the file: nobody may find it and be refused. */
    remove_file(self);
    mio_socket_close(mio_endpoint_release(&self->source));
}

bool mio_unix_listener_is_open(const struct mio_unix_listener *self)
{
    return mio_endpoint_is_open(&self->source);
}

mio_handle mio_unix_listener_release(struct mio_unix_listener *self)
{
    return mio_endpoint_release(&self->source);
}

int mio_unix_listener_accept(struct mio_unix_listener *self,
                             struct mio_unix_stream *out,
                             struct mio_address *peer)
{
    mio_handle handle;
    int rc = mio_socket_accept(self->source.handle, &handle, peer);
    (void)mio_endpoint_done(&self->source, rc, MIO_READABLE);
    if (rc < 0)
        return rc;
    mio_source_init(&out->source, handle);
    return MIO_OK;
}

int mio_unix_listener_address(const struct mio_unix_listener *self,
                              struct mio_address *out)
{
    return mio_socket_local_address(self->source.handle, out);
}

int mio_unix_listener_take_error(struct mio_unix_listener *self)
{
    return mio_socket_take_error(self->source.handle);
}
