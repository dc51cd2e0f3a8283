/* SPDX-License-Identifier: MIT
 *
 * core/slice.c - a slice that carries its own copy of the bytes. */
#include "core/slice.h"

#include <string.h>

struct copy {
    struct mio_slice slice; /* the first member */
    const struct mio_allocator *allocator;
    uint8_t bytes[];
};

static void release_copy(struct mio_slice *self)
{
    struct copy *copy = (struct copy *)(void *)self;
    mio_allocator_release(copy->allocator, copy, 1, sizeof(*copy) + self->size);
}

int mio_slice_copy(struct mio_slice **out, const void *bytes, uint32_t size)
{
    return mio_slice_copy_with(out, bytes, size, NULL);
}

int mio_slice_copy_with(struct mio_slice **out, const void *bytes,
                        uint32_t size, const struct mio_allocator *allocator)
{
    if (out == NULL || (bytes == NULL && size > 0))
        return MIO_EINVAL;
    size_t needed = sizeof(struct copy) + size;
    struct copy *self =
        needed > size ? mio_allocator_allocate(allocator, 1, needed) : NULL;
    if (self == NULL)
        return MIO_ENOMEM;
    self->allocator = allocator;
    if (size > 0)
        memcpy(self->bytes, bytes, size);
    mio_slice_init(&self->slice, self->bytes, size, release_copy);
    *out = &self->slice;
    return MIO_OK;
}
