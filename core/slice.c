/* SPDX-License-Identifier: MIT
 *
 * core/slice.c - a slice that carries its own copy of the bytes. */
#include "core/slice.h"

#include <stdlib.h>
#include <string.h>

static void release_copy(struct mio_slice *self)
{
    free(self);
}

int mio_slice_copy(struct mio_slice **out, const void *bytes, uint32_t size)
{
    struct mio_slice *self = malloc(sizeof(*self) + size);
    if (self == NULL)
        return MIO_ENOMEM;
    if (size > 0)
        memcpy(self + 1, bytes, size);
    mio_slice_init(self, self + 1, size, release_copy);
    *out = self;
    return MIO_OK;
}
