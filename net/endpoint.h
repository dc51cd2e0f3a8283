/* SPDX-License-Identifier: MIT
 *
 * net/endpoint.h - what all types with a handle of their own do alike.
 *
 * Not installed. Each of them is a mio_source and nothing else that matters. */
#ifndef MIO_NET_ENDPOINT_H
#define MIO_NET_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/interest.h"
#include "core/iovec.h"
#include "core/source.h"

static inline bool mio_endpoint_is_open(const struct mio_source *self)
{
    return self->handle != MIO_HANDLE_NONE;
}

/* Take the handle away, deregistered: MIO_HANDLE_NONE if there is none. */
static inline mio_handle mio_endpoint_release(struct mio_source *self)
{
    mio_handle handle = self->handle;
    if (handle != MIO_HANDLE_NONE)
        mio_source_deregister(self);
    self->handle = MIO_HANDLE_NONE;
    return handle;
}

/* The one way out of every operation that can block. */
static inline int64_t mio_endpoint_done(struct mio_source *self, int64_t count,
                                        uint32_t direction)
{
    if (count == MIO_EAGAIN)
        mio_source_arm(self, direction);
    return count;
}

/* The same for streams: who got less than `size` need not ask again to hear
 * that there is no more. */
static inline int64_t mio_endpoint_moved(struct mio_source *self, int64_t count,
                                         size_t size, uint32_t direction)
{
    if (count == MIO_EAGAIN || (count > 0 && (size_t)count < size))
        mio_source_arm(self, direction);
    return count;
}

static inline size_t mio_endpoint_pieces(size_t count)
{
    return count < MIO_IOVECS_MAX ? count : MIO_IOVECS_MAX;
}

static inline size_t mio_endpoint_size(const struct mio_iovec *pieces,
                                       size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += pieces[i].size;
    return size;
}

/* Whether a read into these can tell the end from nothing asked for. */
static inline bool mio_endpoint_has_room(const struct mio_iovec *pieces,
                                         size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size |= pieces[i].size;
    return size > 0;
}

#endif /* MIO_NET_ENDPOINT_H */
