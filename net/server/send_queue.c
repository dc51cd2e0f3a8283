/* SPDX-License-Identifier: MIT
 *
 * net/server/send_queue.c - a list of blocks; bytes fill each from its front,
 * the table of its segments from its back.
 *
 *     | block | copied bytes ...->      <-... segment 2, 1, 0 |
 *
 * One kind of memory for both, so a queue of many small slices and one of few
 * large copies waste equally little, and nothing is ever moved to grow. */
#include "net/server/send_queue.h"

#include <string.h>

#include "core/assert.h"

/* A run of bytes: of this block (slice is NULL), or of a slice. */
struct segment {
    const uint8_t *bytes; /* what is left of them */
    struct mio_slice *slice;
    size_t size;
};

struct mio_send_block {
    struct mio_send_block *next;
    enum mio_chunk_class class_of;
    uint32_t bytes_end;      /* from the start of the block */
    uint32_t segments_begin; /* the first that is not written */
    uint32_t segments_end;
    /* The first one is here, beside the first bytes: most blocks never have
     * another, and one line of the cache less is touched. */
    struct segment first;
};

_Static_assert(sizeof(struct mio_send_block) < MIO_CHUNK_SMALL_SIZE / 8,
               "the bookkeeping of a small block is small");

static struct segment *segment_at(struct mio_send_block *block, uint32_t index)
{
    uint8_t *end = (uint8_t *)block + mio_chunk_size(block->class_of);
    return index == 0 ? &block->first : (struct segment *)(void *)end - index;
}

/* Bytes between what was copied and the table. */
static size_t room_of(const struct mio_send_block *block)
{
    size_t segments = block->segments_end > 1 ? block->segments_end - 1 : 0;
    return mio_chunk_size(block->class_of) - block->bytes_end -
           segments * sizeof(struct segment);
}

static bool has_room_for_segment(const struct mio_send_block *block)
{
    return block->segments_end == 0 || room_of(block) >= sizeof(struct segment);
}

void mio_send_queue_init(struct mio_send_queue *self)
{
    *self = (struct mio_send_queue){0};
}

/* --- filling -------------------------------------------------------------- */

/* Small while the queue is small: most are written in the turn that filled
 * them, and many connections have one at the same time. */
#define SMALL_QUEUE_SIZE 4096

static struct mio_send_block *block_new(struct mio_chunk_pool *pool,
                                        size_t queued)
{
    enum mio_chunk_class class_of =
        queued <= SMALL_QUEUE_SIZE ? MIO_CHUNK_SMALL : MIO_CHUNK_LARGE;
    struct mio_send_block *block = mio_chunk_pool_take(pool, class_of);
    if (block)
        *block = (struct mio_send_block){
            .class_of = class_of,
            .bytes_end = sizeof(struct mio_send_block),
        };
    return block;
}

static void blocks_free(struct mio_send_block *block,
                        struct mio_chunk_pool *pool)
{
    while (block) {
        struct mio_send_block *next = block->next;
        mio_chunk_pool_give(pool, block->class_of, block);
        block = next;
    }
}

static void append_block(struct mio_send_queue *self,
                         struct mio_send_block *block)
{
    if (self->tail)
        self->tail->next = block;
    else
        self->head = block;
    self->tail = block;
}

static bool last_is_copy(struct mio_send_block *block)
{
    return block->segments_end > block->segments_begin &&
           !segment_at(block, block->segments_end - 1)->slice;
}

/* How many bytes can be copied into a block, one segment included. */
static size_t copy_room(struct mio_send_block *block)
{
    size_t room = room_of(block);
    if (block->segments_end == 0 || last_is_copy(block))
        return room;
    return room > sizeof(struct segment) ? room - sizeof(struct segment) : 0;
}

static void append_segment(struct mio_send_block *block, struct segment segment)
{
    MIO_DEBUG_ASSERT(has_room_for_segment(block));
    *segment_at(block, block->segments_end++) = segment;
}

static void copy_into(struct mio_send_block *block, const void *bytes,
                      size_t size)
{
    uint8_t *place = (uint8_t *)block + block->bytes_end;
    memcpy(place, bytes, size);
    block->bytes_end += (uint32_t)size;
    if (last_is_copy(block))
        segment_at(block, block->segments_end - 1)->size += size;
    else
        append_segment(block, (struct segment){.bytes = place, .size = size});
}

/* Blocks for `size` bytes more than the tail takes, not in the queue yet.
 * Returns 0 | MIO_ENOMEM. */
static int take_blocks(const struct mio_send_queue *self,
                       struct mio_chunk_pool *pool, size_t size,
                       struct mio_send_block **out)
{
    size_t room = self->tail ? copy_room(self->tail) : 0;
    struct mio_send_block **link = out;
    *out = NULL;
    while (room < size) {
        struct mio_send_block *block = block_new(pool, self->size + size);
        if (!block) {
            blocks_free(*out, pool);
            return MIO_ENOMEM;
        }
        *link = block;
        link = &block->next;
        room += copy_room(block);
    }
    return MIO_OK;
}

int mio_send_queue_push(struct mio_send_queue *self,
                        struct mio_chunk_pool *pool, const void *bytes,
                        size_t size)
{
    struct mio_send_block *fresh;
    int rc = take_blocks(self, pool, size, &fresh);
    if (rc < 0)
        return rc;

    const uint8_t *from = bytes;
    self->size += size;
    while (size > 0) {
        size_t room = self->tail ? copy_room(self->tail) : 0;
        size_t part = size < room ? size : room;
        if (part > 0)
            copy_into(self->tail, from, part);
        from += part;
        size -= part;
        if (size > 0) {
            MIO_ASSERT(fresh != NULL);
            struct mio_send_block *next = fresh->next;
            fresh->next = NULL;
            append_block(self, fresh);
            fresh = next;
        }
    }
    return MIO_OK;
}

int mio_send_queue_push_slice(struct mio_send_queue *self,
                              struct mio_chunk_pool *pool,
                              struct mio_slice *slice)
{
    if (slice->size <= MIO_SEND_COPY_MAX)
        return mio_send_queue_push(self, pool, slice->bytes, slice->size);

    if (!self->tail || !has_room_for_segment(self->tail)) {
        struct mio_send_block *block = block_new(pool, self->size);
        if (!block)
            return MIO_ENOMEM;
        append_block(self, block);
    }
    append_segment(self->tail, (struct segment){.bytes = slice->bytes,
                                                .slice = mio_slice_ref(slice),
                                                .size = slice->size});
    self->size += slice->size;
    return MIO_OK;
}

/* --- emptying ------------------------------------------------------------- */

size_t mio_send_queue_peek(const struct mio_send_queue *self,
                           struct mio_iovec *pieces, size_t pieces_max,
                           size_t *size)
{
    size_t count = 0;
    *size = 0;
    for (struct mio_send_block *block = self->head; block;
         block = block->next) {
        for (uint32_t i = block->segments_begin; i < block->segments_end; i++) {
            if (count == pieces_max)
                return count;
            const struct segment *segment = segment_at(block, i);
            /* A piece is written from, never to. */
            pieces[count++] = (struct mio_iovec){
                .base = (void *)(uintptr_t)segment->bytes,
                .size = segment->size,
            };
            *size += segment->size;
        }
    }
    return count;
}

static void pop_segment(struct mio_send_block *block)
{
    struct segment *segment = segment_at(block, block->segments_begin++);
    if (segment->slice)
        mio_slice_unref(segment->slice);
}

static void pop_block(struct mio_send_queue *self, struct mio_chunk_pool *pool)
{
    struct mio_send_block *block = self->head;
    self->head = block->next;
    if (!self->head)
        self->tail = NULL;
    mio_chunk_pool_give(pool, block->class_of, block);
}

void mio_send_queue_pop(struct mio_send_queue *self,
                        struct mio_chunk_pool *pool, size_t size)
{
    MIO_ASSERT(size <= self->size);
    self->size -= size;
    while (self->head) {
        struct mio_send_block *block = self->head;
        if (block->segments_begin == block->segments_end) {
            pop_block(self, pool);
            continue;
        }
        struct segment *segment = segment_at(block, block->segments_begin);
        if (size < segment->size) {
            segment->bytes += size;
            segment->size -= size;
            return;
        }
        size -= segment->size;
        pop_segment(block);
    }
}

void mio_send_queue_clear(struct mio_send_queue *self,
                          struct mio_chunk_pool *pool)
{
    mio_send_queue_pop(self, pool, self->size);
}
