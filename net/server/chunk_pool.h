/* SPDX-License-Identifier: MIT
 *
 * net/server/chunk_pool.h - buffers that connections of one reactor borrow.
 *
 * Two sizes: what one read may bring, and what a turn's answer usually takes.
 * Last in, first out, so that the next borrower finds the memory in the cache;
 * what was not needed for a while goes back to the allocator. Not installed. */
#ifndef MIO_NET_SERVER_CHUNK_POOL_H
#define MIO_NET_SERVER_CHUNK_POOL_H

#include <stddef.h>
#include <stdint.h>

/* 14 cache lines: chunks at such a distance spread over the sets of a cache,
 * where those at 1,024 bytes would share a quarter of them. */
#define MIO_CHUNK_SMALL_SIZE 896
#define MIO_CHUNK_LARGE_SIZE 16384

enum mio_chunk_class { MIO_CHUNK_SMALL, MIO_CHUNK_LARGE, MIO_CHUNK_CLASSES };

struct mio_chunk; /* an idle chunk: its memory is the link */

struct mio_chunk_shelf {
    struct mio_chunk *idle;
    uint32_t idle_count;
    uint32_t idle_low; /* the least since `takes_count` was 0 */
    uint32_t takes_count;
    uint32_t lent_count;
};

struct mio_chunk_pool {
    struct mio_chunk_shelf shelves[MIO_CHUNK_CLASSES];
    uint64_t allocations_count; /* any thread may look, atomically */
};

/* An empty pool. */
void mio_chunk_pool_init(struct mio_chunk_pool *self);

/* Frees what is idle; everything must have been given back. */
void mio_chunk_pool_deinit(struct mio_chunk_pool *self);

/* Memory of the class's size, aligned to 16, not zeroed; NULL: no memory. */
void *mio_chunk_pool_take(struct mio_chunk_pool *self,
                          enum mio_chunk_class class_of);

/* Give it back. */
void mio_chunk_pool_give(struct mio_chunk_pool *self,
                         enum mio_chunk_class class_of, void *memory);

static inline size_t mio_chunk_size(enum mio_chunk_class class_of)
{
    return class_of == MIO_CHUNK_SMALL ? MIO_CHUNK_SMALL_SIZE
                                       : MIO_CHUNK_LARGE_SIZE;
}

#endif /* MIO_NET_SERVER_CHUNK_POOL_H */
