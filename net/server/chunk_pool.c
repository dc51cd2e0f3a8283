/* SPDX-License-Identifier: MIT
 *
 * net/server/chunk_pool.c - two shelves of idle chunks. */
#include "net/server/chunk_pool.h"

#include <stdlib.h>

#include "core/assert.h"

struct mio_chunk {
    struct mio_chunk *next;
};

/* After so many takes, half of the chunks that lay idle all the while are
 * freed: no clock and no timer, and a load that repeats itself never meets the
 * allocator again. */
#define WINDOW 4096

/* So many may stay idle whatever the load was: 56 KiB and 128 KiB. */
static const uint32_t idle_min[MIO_CHUNK_CLASSES] = {64, 8};

void mio_chunk_pool_init(struct mio_chunk_pool *self)
{
    *self = (struct mio_chunk_pool){0};
}

/* Free idle chunks until `count` are left. */
static void trim(struct mio_chunk_shelf *shelf, uint32_t count)
{
    while (shelf->idle_count > count) {
        struct mio_chunk *chunk = shelf->idle;
        shelf->idle = chunk->next;
        shelf->idle_count--;
        free(chunk);
    }
}

void mio_chunk_pool_deinit(struct mio_chunk_pool *self)
{
    for (int i = 0; i < MIO_CHUNK_CLASSES; i++) {
        MIO_ASSERT(self->shelves[i].lent_count == 0);
        trim(&self->shelves[i], 0);
    }
}

static void end_window(struct mio_chunk_shelf *shelf, uint32_t count_min)
{
    uint32_t spare = shelf->idle_low / 2;
    uint32_t left = shelf->idle_count - spare;
    trim(shelf, left > count_min ? left : count_min);
    shelf->idle_low = shelf->idle_count;
    shelf->takes_count = 0;
}

void *mio_chunk_pool_take(struct mio_chunk_pool *self,
                          enum mio_chunk_class class_of)
{
    struct mio_chunk_shelf *shelf = &self->shelves[class_of];
    if (++shelf->takes_count == WINDOW)
        end_window(shelf, idle_min[class_of]);

    struct mio_chunk *chunk = shelf->idle;
    if (!chunk) {
        shelf->idle_low = 0;
        chunk = malloc(mio_chunk_size(class_of));
        if (!chunk)
            return NULL;
        __atomic_store_n(&self->allocations_count, self->allocations_count + 1,
                         __ATOMIC_RELAXED);
    } else {
        shelf->idle = chunk->next;
        shelf->idle_count--;
        if (shelf->idle_count < shelf->idle_low)
            shelf->idle_low = shelf->idle_count;
    }
    shelf->lent_count++;
    return chunk;
}

void mio_chunk_pool_give(struct mio_chunk_pool *self,
                         enum mio_chunk_class class_of, void *memory)
{
    struct mio_chunk_shelf *shelf = &self->shelves[class_of];
    MIO_ASSERT(shelf->lent_count > 0);
    shelf->lent_count--;

    struct mio_chunk *chunk = memory;
    chunk->next = shelf->idle;
    shelf->idle = chunk;
    shelf->idle_count++;
}
