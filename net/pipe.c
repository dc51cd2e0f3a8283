/* SPDX-License-Identifier: MIT
 *
 * net/pipe.c - write at one end, read at the other. */
#include "net/pipe.h"

#include "net/endpoint.h"
#include "net/sys/pipe.h"

int mio_pipe_open(struct mio_pipe_sender *sender,
                  struct mio_pipe_receiver *receiver)
{
    mio_handle to_write;
    mio_handle to_read;
    int rc = mio_pipe_handles_open(&to_write, &to_read);
    if (rc < 0)
        return rc;
    mio_pipe_sender_from_handle(sender, to_write);
    mio_pipe_receiver_from_handle(receiver, to_read);
    return MIO_OK;
}

static void close_source(struct mio_source *source)
{
    mio_handle handle = mio_endpoint_release(source);
    if (handle != MIO_HANDLE_NONE)
        mio_pipe_handle_close(handle);
}

void mio_pipe_sender_close(struct mio_pipe_sender *self)
{
    close_source(&self->source);
}

bool mio_pipe_sender_is_open(const struct mio_pipe_sender *self)
{
    return mio_endpoint_is_open(&self->source);
}

int64_t mio_pipe_sender_write(struct mio_pipe_sender *self, const void *bytes,
                              size_t size)
{
    /* Writing does not write to it. */
    const struct mio_iovec piece = {(void *)(uintptr_t)bytes, size};
    return mio_pipe_sender_writev(self, &piece, 1);
}

int64_t mio_pipe_sender_writev(struct mio_pipe_sender *self,
                               const struct mio_iovec *pieces, size_t count)
{
    size_t used = mio_endpoint_pieces(count);
    return mio_endpoint_moved(&self->source,
                              mio_pipe_handle_write(self->source.handle, pieces,
                                                    used, &self->masks_signal),
                              mio_endpoint_size(pieces, used), MIO_WRITABLE);
}

void mio_pipe_sender_from_handle(struct mio_pipe_sender *out, mio_handle handle)
{
    mio_source_init(&out->source, handle);
    out->masks_signal = false;
}

mio_handle mio_pipe_sender_release(struct mio_pipe_sender *self)
{
    return mio_endpoint_release(&self->source);
}

int mio_pipe_sender_set_nonblocking(struct mio_pipe_sender *self, bool on)
{
    return mio_pipe_handle_set_nonblocking(self->source.handle, on);
}

void mio_pipe_receiver_close(struct mio_pipe_receiver *self)
{
    close_source(&self->source);
}

bool mio_pipe_receiver_is_open(const struct mio_pipe_receiver *self)
{
    return mio_endpoint_is_open(&self->source);
}

int64_t mio_pipe_receiver_read(struct mio_pipe_receiver *self, void *bytes,
                               size_t size)
{
    const struct mio_iovec piece = {bytes, size};
    return mio_pipe_receiver_readv(self, &piece, 1);
}

int64_t mio_pipe_receiver_readv(struct mio_pipe_receiver *self,
                                const struct mio_iovec *pieces, size_t count)
{
    size_t used = mio_endpoint_pieces(count);
    size_t size = mio_endpoint_size(pieces, used);
    if (size == 0)
        return MIO_EINVAL; /* 0 would mean the end */
    return mio_endpoint_moved(
        &self->source, mio_pipe_handle_read(self->source.handle, pieces, used),
        size, MIO_READABLE);
}

void mio_pipe_receiver_from_handle(struct mio_pipe_receiver *out,
                                   mio_handle handle)
{
    mio_source_init(&out->source, handle);
}

mio_handle mio_pipe_receiver_release(struct mio_pipe_receiver *self)
{
    return mio_endpoint_release(&self->source);
}

int mio_pipe_receiver_set_nonblocking(struct mio_pipe_receiver *self, bool on)
{
    return mio_pipe_handle_set_nonblocking(self->source.handle, on);
}
