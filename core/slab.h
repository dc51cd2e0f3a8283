/* SPDX-License-Identifier: MIT
 *
 * core/slab.h - keys to objects; a stale key is a miss, never another's object.
 *
 * A slab holds pointers of the caller. Places are reused last in, first out;
 * each reuse has a new generation, which is part of the key. A place whose
 * generations are used up, after 2^32 - 1 objects, is not used again. 0 is no
 * key. */
#ifndef MIO_CORE_SLAB_H
#define MIO_CORE_SLAB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/error.h"
#include "core/token.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* The place in the lower half, the generation (never 0) in the upper one. */
typedef uint64_t mio_key;
#define MIO_NO_KEY UINT64_C(0)

/* A place. */
struct mio_slab_entry {
    /* private */
    void *object; /* NULL while free */
    uint32_t generation;
    uint32_t next_free; /* index + 1; 0: the last */
};

/* In the memory of its owner. */
struct mio_slab {
    /* private */
    struct mio_slab_entry *entries;
    uint32_t capacity;
    uint32_t entries_max; /* it grows up to this */
    uint32_t used_max;    /* entries below were used at least once */
    uint32_t count;
    uint32_t free_head; /* index + 1; 0: none */
    const struct mio_allocator *allocator;
};

/** Prepare an empty slab with room for `capacity` that grows by doubling up to
 *  `entries_max` (equal: fixed capacity, no allocation afterwards).
 *  Returns 0 | MIO_EINVAL (capacity 0 or above the maximum) | MIO_ENOMEM.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_slab_init(struct mio_slab *self, uint32_t capacity, uint32_t entries_max);

/** The same, with memory of `allocator` (NULL: libc's).
 *  Returns as mio_slab_init.                              Thread: owner. */
MIO_API MIO_NODISCARD int
mio_slab_init_with(struct mio_slab *self, uint32_t capacity,
                   uint32_t entries_max, const struct mio_allocator *allocator);

/** Release its memory; the objects are the caller's.      Thread: owner. */
MIO_API void mio_slab_deinit(struct mio_slab *self);

/** Put an object in; its key is left in *out.
 *  Returns 0 | MIO_EFULL | MIO_ENOMEM (it is as it was) | MIO_EINVAL (NULL).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int mio_slab_insert(struct mio_slab *self, void *object,
                                          mio_key *out);

/** The object of a key, NULL if it was removed or never was.
 *                                                         Thread: owner. */
MIO_API void *mio_slab_get(const struct mio_slab *self, mio_key key);

/** Remove and return the object of a key, NULL as above.  Thread: owner. */
MIO_API void *mio_slab_remove(struct mio_slab *self, mio_key key);

/** How many objects are in it.                            Thread: owner. */
MIO_API uint32_t mio_slab_count(const struct mio_slab *self);

/** Iterate: start with *cursor = 0; false at the end. Removing the object that
 *  was just given is allowed.                             Thread: owner. */
MIO_API bool mio_slab_next(const struct mio_slab *self, uint32_t *cursor,
                           mio_key *key, void **object);

MIO_END_DECLS
#endif /* MIO_CORE_SLAB_H */
