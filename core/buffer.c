/* SPDX-License-Identifier: MIT
 *
 * core/buffer.c - room at the end is found by moving, then by growing. */
#include "core/buffer.h"

#include <stdbool.h>
#include <string.h>

#include "core/assert.h"

#define CAPACITY_MIN 64

void mio_buffer_init(struct mio_buffer *self, size_t size_max)
{
    mio_buffer_init_with(self, size_max, NULL);
}

void mio_buffer_init_with(struct mio_buffer *self, size_t size_max,
                          const struct mio_allocator *allocator)
{
    *self = (struct mio_buffer){.size_max = size_max, .allocator = allocator};
}

static void release_bytes(struct mio_buffer *self)
{
    mio_allocator_release(self->allocator, self->bytes, self->capacity, 1);
}

void mio_buffer_deinit(struct mio_buffer *self)
{
    release_bytes(self);
    mio_buffer_init_with(self, self->size_max, self->allocator);
}

void mio_buffer_consume(struct mio_buffer *self, size_t size)
{
    MIO_ASSERT(size <= mio_buffer_size(self));

    self->begin += size;
    if (self->begin == self->end) {
        self->begin = 0;
        self->end = 0;
    }
}

static void move_to_front(struct mio_buffer *self)
{
    size_t size = mio_buffer_size(self);
    if (size > 0)
        memmove(self->bytes, self->bytes + self->begin, size);
    self->begin = 0;
    self->end = size;
}

static size_t grown_capacity(const struct mio_buffer *self, size_t needed)
{
    size_t capacity =
        self->capacity < CAPACITY_MIN ? CAPACITY_MIN : self->capacity;
    while (capacity < needed && capacity <= self->size_max / 2)
        capacity *= 2;
    if (capacity < needed || capacity > self->size_max)
        capacity = self->size_max;
    return capacity;
}

static int grow(struct mio_buffer *self, size_t needed)
{
    size_t capacity = grown_capacity(self, needed);
    MIO_ASSERT(capacity >= needed);

    /* Not realloc, which would copy what was consumed too. */
    uint8_t *bytes = mio_allocator_allocate(self->allocator, capacity, 1);
    if (bytes == NULL)
        return MIO_ENOMEM;
    size_t size = mio_buffer_size(self);
    if (size > 0)
        memcpy(bytes, self->bytes + self->begin, size);
    release_bytes(self);
    self->bytes = bytes;
    self->capacity = capacity;
    self->begin = 0;
    self->end = size;
    return MIO_OK;
}

int mio_buffer_reserve(struct mio_buffer *self, size_t size, uint8_t **out)
{
    if (self == NULL || out == NULL)
        return MIO_EINVAL;
    size_t held = mio_buffer_size(self);
    if (size > self->size_max - held)
        return MIO_EFULL;

    if (size > mio_buffer_room(self)) {
        size_t needed = held + size;
        /* Moving pays if it moves no more than was consumed since the last
         * time; so a byte is moved once on average. At the limit there is no
         * other way. */
        bool fits = needed <= self->capacity;
        if (fits && (self->begin >= held || self->capacity == self->size_max))
            move_to_front(self);
        else {
            int rc = grow(self, fits ? self->capacity + 1 : needed);
            if (rc < 0)
                return rc;
        }
    }
    MIO_ASSERT(mio_buffer_room(self) >= size);
    *out = self->end > 0 ? self->bytes + self->end : self->bytes;
    return MIO_OK;
}

size_t mio_buffer_room(const struct mio_buffer *self)
{
    return self->capacity - self->end;
}

void mio_buffer_commit(struct mio_buffer *self, size_t size)
{
    MIO_ASSERT(size <= mio_buffer_room(self));
    self->end += size;
}

int mio_buffer_append(struct mio_buffer *self, const void *bytes, size_t size)
{
    uint8_t *room;
    if (bytes == NULL && size > 0)
        return MIO_EINVAL;
    int rc = mio_buffer_reserve(self, size, &room);
    if (rc < 0)
        return rc;
    if (size > 0)
        memcpy(room, bytes, size);
    mio_buffer_commit(self, size);
    return MIO_OK;
}
