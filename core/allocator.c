/* SPDX-License-Identifier: MIT
 *
 * core/allocator.c - the one place that calls malloc. */
#include "core/allocator.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"

static void *allocate(const struct mio_allocator *self, size_t size)
{
    return self != NULL ? self->allocate(self->ctx, size) : malloc(size);
}

void *mio_allocator_allocate(const struct mio_allocator *self, size_t count,
                             size_t size)
{
    MIO_ASSERT(count > 0);
    MIO_ASSERT(size > 0);
    return count <= SIZE_MAX / size ? allocate(self, count * size) : NULL;
}

void *mio_allocator_allocate_zeroed(const struct mio_allocator *self,
                                    size_t count, size_t size)
{
    MIO_ASSERT(count > 0);
    MIO_ASSERT(size > 0);
    if (count > SIZE_MAX / size)
        return NULL;
    /* In one call: fresh memory of the system's is zero, and untouched. */
    if (self == NULL)
        return calloc(count, size);
    if (self->allocate_zeroed != NULL)
        return self->allocate_zeroed(self->ctx, count * size);

    void *memory = mio_allocator_allocate(self, count, size);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

void *mio_allocator_resize(const struct mio_allocator *self, void *memory,
                           size_t count, size_t new_count, size_t size)
{
    MIO_ASSERT(new_count > 0);
    if (new_count > SIZE_MAX / size)
        return NULL;
    size_t old_bytes = count * size;
    size_t new_bytes = new_count * size;
    if (self == NULL)
        return realloc(memory, new_bytes);
    if (self->resize != NULL)
        return self->resize(self->ctx, memory, old_bytes, new_bytes);

    void *moved = self->allocate(self->ctx, new_bytes);
    if (moved != NULL) {
        memcpy(moved, memory, old_bytes < new_bytes ? old_bytes : new_bytes);
        self->release(self->ctx, memory, old_bytes);
    }
    return moved;
}

void mio_allocator_release(const struct mio_allocator *self, void *memory,
                           size_t count, size_t size)
{
    if (memory == NULL)
        return;
    if (self != NULL)
        self->release(self->ctx, memory, count * size);
    else
        free(memory);
}
