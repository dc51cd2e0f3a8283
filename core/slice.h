/* SPDX-License-Identifier: MIT
 *
 * core/slice.h - immutable bytes with a count of those who still need them.
 *
 * For fan-out: one copy of a line, many send queues. The count is plain: a
 * slice belongs to one thread, and what crosses to another thread is a slice
 * of its own there. Where its bytes live and how they are given back is the
 * business of who made it. */
#ifndef MIO_CORE_SLICE_H
#define MIO_CORE_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/assert.h"
#include "core/error.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Embedded in whatever holds the bytes. */
struct mio_slice {
    const uint8_t *bytes; /* read these */
    uint32_t size;        /* as many */
    /* private */
    uint32_t refs_count;
    void (*release)(struct mio_slice *self); /* at the last reference */
};

/** Prepare a slice over bytes that stay unchanged until `release` is called;
 *  the caller has the first reference.                    Thread: owner. */
static inline void mio_slice_init(struct mio_slice *self, const void *bytes,
                                  uint32_t size,
                                  void (*release)(struct mio_slice *self))
{
    self->bytes = (const uint8_t *)bytes;
    self->size = size;
    self->refs_count = 1;
    self->release = release;
}

/** One reference more.                                    Thread: owner. */
static inline struct mio_slice *mio_slice_ref(struct mio_slice *self)
{
    self->refs_count++;
    return self;
}

/** One reference less; the last one releases the bytes.   Thread: owner. */
static inline void mio_slice_unref(struct mio_slice *self)
{
    MIO_ASSERT(self->refs_count > 0);
    if (--self->refs_count == 0)
        self->release(self);
}

/** A slice with a copy of `size` bytes behind it, in one allocation.
 *  Returns 0 | MIO_ENOMEM.                                Thread: any. */
MIO_API MIO_NODISCARD int mio_slice_copy(struct mio_slice **out,
                                         const void *bytes, uint32_t size);

/** The same, with memory of `allocator` (NULL: libc's), which the last
 *  reference gives back to it.
 *  Returns 0 | MIO_ENOMEM.                                Thread: any. */
MIO_API MIO_NODISCARD int
mio_slice_copy_with(struct mio_slice **out, const void *bytes, uint32_t size,
                    const struct mio_allocator *allocator);

MIO_END_DECLS
#endif /* MIO_CORE_SLICE_H */
