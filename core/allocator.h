/* SPDX-License-Identifier: MIT
 *
 * core/allocator.h - where an object gets its memory from, if not from libc.
 *
 * One per object, none for the process: each object that allocates can be given
 * one when it is made, by its options or by the `_with` form of its
 * constructor, and NULL stands for libc. It takes all its memory from there,
 * gives all of it back there, and answers MIO_ENOMEM, as it was before, if it
 * gets none.
 *
 * The struct stays where it is, and unchanged, until the last object is gone
 * that was made with it. Made with it are also: the wakers, registries and
 * senders of a poll or loop that was; its table, as long as sources of it are
 * registered; the copies of mio_slice_copy_with.
 *
 * Which threads call it: the one that makes an object, any that frees one, and
 * the owner of what grows (slab, buffer). Besides these, a wait, which may give
 * back wakers that were freed while they were woken; and whoever deregisters
 * the last source of a poll that was freed. So one that serves objects of
 * several threads, or a poll with wakers or registries in several threads, is
 * thread-safe. It is never called in a signal handler, nor with a lock of ours
 * held; it must not use the object that calls it. */
#ifndef MIO_CORE_ALLOCATOR_H
#define MIO_CORE_ALLOCATOR_H

#include <stddef.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* A hook in place of malloc and free. */
struct mio_allocator {
    void *ctx; /* given to each of these */
    /* `size` > 0 bytes, aligned for any object; or NULL. */
    void *(*allocate)(void *ctx, size_t size);
    /* The same, all zero. NULL: what was allocated is written over, so that
     * large tables cost all their memory at once instead of as they fill. */
    void *(*allocate_zeroed)(void *ctx, size_t size);
    /* As realloc: the memory may move, or stays as it is for NULL. NULL:
     * allocate, copy, release. */
    void *(*resize)(void *ctx, void *memory, size_t size, size_t new_size);
    /* `memory` is never NULL, and `size` is what was asked for. */
    void (*release)(void *ctx, void *memory, size_t size);
};

/* What the objects here call, for who writes one; `self` may be NULL. Any
 * thread that the allocator itself may be called in. */

/** Memory for `count` > 0 objects of `size` > 0 bytes.
 *  Returns NULL if there is none, or no such size.         Thread: any. */
MIO_API MIO_NODISCARD void *
mio_allocator_allocate(const struct mio_allocator *self, size_t count,
                       size_t size);

/** The same, all zero.                                     Thread: any. */
MIO_API MIO_NODISCARD void *
mio_allocator_allocate_zeroed(const struct mio_allocator *self, size_t count,
                              size_t size);

/** Memory for `new_count` objects that begins as that for `count` did, in its
 *  place; NULL, and that one is as it was.                 Thread: any. */
MIO_API MIO_NODISCARD void *
mio_allocator_resize(const struct mio_allocator *self, void *memory,
                     size_t count, size_t new_count, size_t size);

/** Give back memory for `count` objects of `size` (NULL is fine).
 *                                                          Thread: any. */
MIO_API void mio_allocator_release(const struct mio_allocator *self,
                                   void *memory, size_t count, size_t size);

MIO_END_DECLS
#endif /* MIO_CORE_ALLOCATOR_H */
