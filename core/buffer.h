/* SPDX-License-Identifier: MIT
 *
 * core/buffer.h - a growable byte buffer with a read and a write position.
 *
 * Bytes are written at the end and consumed from the front; what was consumed
 * is made room of again before the buffer grows. */
#ifndef MIO_CORE_BUFFER_H
#define MIO_CORE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/error.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* In the memory of its owner; may be copied only by who forgets the original.
 */
struct mio_buffer {
    /* private */
    uint8_t *bytes;
    size_t capacity;
    size_t size_max;
    size_t begin; /* next to be read */
    size_t end;   /* next to be written */
    const struct mio_allocator *allocator;
};

/** Prepare an empty buffer, without memory yet, that never holds more than
 *  size_max bytes.                                        Thread: owner. */
MIO_API void mio_buffer_init(struct mio_buffer *self, size_t size_max);

/** The same; its memory will be of `allocator` (NULL: libc's).
 *                                                         Thread: owner. */
MIO_API void mio_buffer_init_with(struct mio_buffer *self, size_t size_max,
                                  const struct mio_allocator *allocator);

/** Release its memory; it is as after init.               Thread: owner. */
MIO_API void mio_buffer_deinit(struct mio_buffer *self);

/** The bytes that can be read, contiguous; valid until the next call that
 *  changes the buffer.                                    Thread: owner. */
static inline const uint8_t *mio_buffer_data(const struct mio_buffer *self)
{
    return self->begin > 0 ? self->bytes + self->begin : self->bytes;
}

/** How many there are.                                    Thread: owner. */
static inline size_t mio_buffer_size(const struct mio_buffer *self)
{
    return self->end - self->begin;
}

/** Forget the first `size` readable bytes (at most as many as there are).
 *                                                         Thread: owner. */
MIO_API void mio_buffer_consume(struct mio_buffer *self, size_t size);

/** Make room for at least `size` further bytes: *out points to it, and
 *  mio_buffer_commit says how many were written there.
 *  Returns 0 | MIO_EFULL (size_max) | MIO_ENOMEM.         Thread: owner. */
MIO_API MIO_NODISCARD int mio_buffer_reserve(struct mio_buffer *self,
                                             size_t size, uint8_t **out);

/** How many bytes can be written where the last reserve pointed: at least what
 *  it was asked for.                                      Thread: owner. */
MIO_API size_t mio_buffer_room(const struct mio_buffer *self);

/** Count `size` bytes as written, at most what was reserved.
 *                                                         Thread: owner. */
MIO_API void mio_buffer_commit(struct mio_buffer *self, size_t size);

/** Append a copy of `size` bytes, all or nothing.
 *  Returns 0 | MIO_EFULL | MIO_ENOMEM.                    Thread: owner. */
MIO_API MIO_NODISCARD int mio_buffer_append(struct mio_buffer *self,
                                            const void *bytes, size_t size);

MIO_END_DECLS
#endif /* MIO_CORE_BUFFER_H */
