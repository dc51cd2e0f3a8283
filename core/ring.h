/* SPDX-License-Identifier: MIT
 *
 * core/ring.h - a byte ring: fixed memory, bytes in at one end, out at the
 * other.
 *
 * Unlike a buffer it never moves a byte and never grows; in exchange what it
 * holds, and what is free, can be in two pieces. Read and write these with the
 * gathering and scattering operations of net/, or copy in and out. */
#ifndef MIO_CORE_RING_H
#define MIO_CORE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/error.h"
#include "core/iovec.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

#define MIO_RING_PIECES_MAX 2 /* of what it holds, and of what is free */

/* In the memory of its owner. */
struct mio_ring {
    /* private */
    uint8_t *bytes;
    size_t capacity; /* a power of two; 0 without memory */
    size_t begin;    /* bytes ever read and ever written: both wrap around, */
    size_t end;      /* and a place is what is left modulo the capacity */
    const struct mio_allocator *allocator;
};

/** Prepare an empty ring for at least `capacity_min` bytes, rounded up to a
 *  power of two. After a failure it is good for deinit.
 *  Returns 0 | MIO_EINVAL (0, or above half of what size_t counts)
 *  | MIO_ENOMEM.                                          Thread: owner. */
MIO_API MIO_NODISCARD int mio_ring_init(struct mio_ring *self,
                                        size_t capacity_min);

/** The same, with memory of `allocator` (NULL: libc's).
 *  Returns as mio_ring_init.                              Thread: owner. */
MIO_API MIO_NODISCARD int
mio_ring_init_with(struct mio_ring *self, size_t capacity_min,
                   const struct mio_allocator *allocator);

/** Release its memory; it then has no capacity.           Thread: owner. */
MIO_API void mio_ring_deinit(struct mio_ring *self);

/** How many bytes it can hold.                            Thread: owner. */
static inline size_t mio_ring_capacity(const struct mio_ring *self)
{
    return self->capacity;
}

/** How many bytes it holds.                               Thread: owner. */
static inline size_t mio_ring_size(const struct mio_ring *self)
{
    return self->end - self->begin;
}

/** How many bytes more fit.                               Thread: owner. */
static inline size_t mio_ring_room(const struct mio_ring *self)
{
    return self->capacity - mio_ring_size(self);
}

/** The bytes that it holds, in order; valid until the next call that changes
 *  the ring. Then consume what was used of them.
 *  Returns the number of pieces, 0..2.                    Thread: owner. */
MIO_API size_t mio_ring_data(const struct mio_ring *self,
                             struct mio_iovec pieces[MIO_RING_PIECES_MAX]);

/** Forget the first `size` bytes (at most as many as there are).
 *                                                         Thread: owner. */
MIO_API void mio_ring_consume(struct mio_ring *self, size_t size);

/** The memory that is free, in the order in which it is to be filled; valid
 *  until the next call that changes the ring. Then commit what was written
 *  there.
 *  Returns the number of pieces, 0..2.                    Thread: owner. */
MIO_API size_t mio_ring_space(struct mio_ring *self,
                              struct mio_iovec pieces[MIO_RING_PIECES_MAX]);

/** Count `size` bytes as written, at most what is free.   Thread: owner. */
MIO_API void mio_ring_commit(struct mio_ring *self, size_t size);

/** Copy in as many of `size` bytes as fit.
 *  Returns the count.                                     Thread: owner. */
MIO_API MIO_NODISCARD size_t mio_ring_write(struct mio_ring *self,
                                            const void *bytes, size_t size);

/** Copy out, and forget, at most `size` bytes.
 *  Returns the count.                                     Thread: owner. */
MIO_API MIO_NODISCARD size_t mio_ring_read(struct mio_ring *self, void *bytes,
                                           size_t size);

/** Copy at most `size` bytes from the `offset`-th on, and keep them.
 *  Returns the count, 0 beyond the end.                   Thread: owner. */
MIO_API MIO_NODISCARD size_t mio_ring_peek(const struct mio_ring *self,
                                           size_t offset, void *bytes,
                                           size_t size);

MIO_END_DECLS
#endif /* MIO_CORE_RING_H */
