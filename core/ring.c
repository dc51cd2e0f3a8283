/* SPDX-License-Identifier: MIT
 *
 * core/ring.c - two counts that only grow, and one block of memory. */
#include "core/ring.h"

#include <stdint.h>
#include <string.h>

#include "core/assert.h"

#define CAPACITY_MAX (SIZE_MAX / 2 + 1)

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

int mio_ring_init(struct mio_ring *self, size_t capacity_min)
{
    return mio_ring_init_with(self, capacity_min, NULL);
}

int mio_ring_init_with(struct mio_ring *self, size_t capacity_min,
                       const struct mio_allocator *allocator)
{
    if (self == NULL)
        return MIO_EINVAL;
    *self = (struct mio_ring){.allocator = allocator};
    if (capacity_min == 0 || capacity_min > CAPACITY_MAX)
        return MIO_EINVAL;

    size_t capacity = 1;
    while (capacity < capacity_min)
        capacity *= 2;
    self->bytes = mio_allocator_allocate(allocator, capacity, 1);
    if (self->bytes == NULL)
        return MIO_ENOMEM;
    self->capacity = capacity;
    return MIO_OK;
}

void mio_ring_deinit(struct mio_ring *self)
{
    mio_allocator_release(self->allocator, self->bytes, self->capacity, 1);
    *self = (struct mio_ring){.capacity = 0};
}

/* The `size` bytes from the `from`-th ever on: up to the end of the memory, and
 * on at its beginning. */
static size_t pieces_of(const struct mio_ring *self, size_t from, size_t size,
                        struct mio_iovec pieces[MIO_RING_PIECES_MAX])
{
    if (size == 0)
        return 0;
    size_t place = from & (self->capacity - 1);
    size_t first = smaller(size, self->capacity - place);
    pieces[0] = (struct mio_iovec){self->bytes + place, first};
    if (first == size)
        return 1;
    pieces[1] = (struct mio_iovec){self->bytes, size - first};
    return 2;
}

size_t mio_ring_data(const struct mio_ring *self,
                     struct mio_iovec pieces[MIO_RING_PIECES_MAX])
{
    return pieces_of(self, self->begin, mio_ring_size(self), pieces);
}

void mio_ring_consume(struct mio_ring *self, size_t size)
{
    MIO_ASSERT(size <= mio_ring_size(self));
    self->begin += size;
    /* Empty, it starts over, so that what comes next is in one piece. */
    if (self->begin == self->end) {
        self->begin = 0;
        self->end = 0;
    }
}

size_t mio_ring_space(struct mio_ring *self,
                      struct mio_iovec pieces[MIO_RING_PIECES_MAX])
{
    return pieces_of(self, self->end, mio_ring_room(self), pieces);
}

void mio_ring_commit(struct mio_ring *self, size_t size)
{
    MIO_ASSERT(size <= mio_ring_room(self));
    self->end += size;
}

size_t mio_ring_write(struct mio_ring *self, const void *bytes, size_t size)
{
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    const uint8_t *from = bytes;
    size_t copied = smaller(size, mio_ring_room(self));
    size_t count = pieces_of(self, self->end, copied, pieces);
    for (size_t i = 0; i < count; i++) {
        memcpy(pieces[i].base, from, pieces[i].size);
        from += pieces[i].size;
    }
    mio_ring_commit(self, copied);
    return copied;
}

size_t mio_ring_peek(const struct mio_ring *self, size_t offset, void *bytes,
                     size_t size)
{
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    uint8_t *to = bytes;
    if (offset >= mio_ring_size(self))
        return 0;
    size_t copied = smaller(size, mio_ring_size(self) - offset);
    size_t count = pieces_of(self, self->begin + offset, copied, pieces);
    for (size_t i = 0; i < count; i++) {
        memcpy(to, pieces[i].base, pieces[i].size);
        to += pieces[i].size;
    }
    return copied;
}

size_t mio_ring_read(struct mio_ring *self, void *bytes, size_t size)
{
    size_t copied = mio_ring_peek(self, 0, bytes, size);
    mio_ring_consume(self, copied);
    return copied;
}
