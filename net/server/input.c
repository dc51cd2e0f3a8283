/* SPDX-License-Identifier: MIT
 *
 * net/server/input.c - step 5 of a byte's walk: read, take the inbox, hand
 * over.
 *
 * One read per entry, so that a fast peer waits its turn like everybody. What
 * happened before the bytes were sent is taken into the queue before they are
 * handed over, and if anything but readiness is queued, they join its tail. */
#include "net/server/input.h"

#include <string.h>

#include "core/assert.h"
#include "core/event.h"
#include "net/server/output.h"

/* Reads of one entry that throw away what a finished connection still gets. */
#define DISCARDS_MAX 4

_Static_assert(MIO_CHUNK_LARGE_SIZE == MIO_CONNECTION_READ_SIZE,
               "a large chunk is the read buffer");

/* --- the read buffer ------------------------------------------------------ */

static struct mio_chunk_pool *pool_of(struct mio_connection *self)
{
    return &self->branch->pool;
}

static size_t held_size(const struct mio_connection *self)
{
    return self->held_end - self->held_begin;
}

void mio_input_clear(struct mio_connection *self)
{
    if (self->held)
        mio_chunk_pool_give(pool_of(self), self->held_class, self->held);
    self->held = NULL;
    self->held_begin = 0;
    self->held_end = 0;
}

/* Move what is held to the front of a chunk. Returns 0 | MIO_ENOMEM. */
static int move_held(struct mio_connection *self, enum mio_chunk_class to)
{
    uint8_t *chunk = mio_chunk_pool_take(pool_of(self), to);
    if (!chunk)
        return MIO_ENOMEM;
    size_t size = held_size(self);
    if (self->held) /* else size is 0 */
        memcpy(chunk, self->held + self->held_begin, size);
    mio_input_clear(self);
    self->held = chunk;
    self->held_class = (uint8_t)to;
    self->held_end = (uint16_t)size;
    return MIO_OK;
}

/* Before a read: a large chunk, what is held at its front. */
static int make_room(struct mio_connection *self)
{
    if (!self->held || self->held_class != MIO_CHUNK_LARGE)
        return move_held(self, MIO_CHUNK_LARGE);
    if (self->held_begin > 0) {
        size_t size = held_size(self);
        memmove(self->held, self->held + self->held_begin, size);
        self->held_begin = 0;
        self->held_end = (uint16_t)size;
    }
    return MIO_OK;
}

/* Bytes that must wait do so in little memory where they can, and the large
 * chunk is free, and in the cache, for who reads next. */
static void settle(struct mio_connection *self)
{
    size_t size = held_size(self);
    if (size == 0)
        mio_input_clear(self);
    else if (self->held_class == MIO_CHUNK_LARGE &&
             size <= MIO_CHUNK_SMALL_SIZE)
        (void)move_held(self, MIO_CHUNK_SMALL); /* else it stays as it is */
}

/* --- reading -------------------------------------------------------------- */

/* A count, or 0 at the end, or a code; keeps may_read up to date. */
static int64_t read_stream(struct mio_connection *self, void *bytes,
                           size_t size)
{
    struct mio_server_counters *counters = &self->branch->counters;
    int64_t n = mio_tcp_stream_read(&self->stream, bytes, size);
    mio_server_count(&counters->reads, 1);
    if (n > 0)
        mio_server_count(&counters->bytes_read, (uint64_t)n);

    if (n <= 0) {
        self->may_read = false;
        self->reads_to_end = false;
    } else if ((size_t)n < size && !self->reads_to_end) {
        /* What comes after a short read makes a new edge: asking again would
         * cost a system call to hear that there is nothing. Unless the edge
         * told of more than bytes: data and end together make only one. */
        self->may_read = false;
    }
    if (n == 0)
        self->saw_end = true;
    return n;
}

/* Read once. Returns 1 (there is something to hand over) | 0 | a code. */
static int read_more(struct mio_connection *self)
{
    int rc = make_room(self);
    if (rc < 0)
        return rc;
    MIO_ASSERT(self->held_end < MIO_CONNECTION_READ_SIZE);

    int64_t n = read_stream(self, self->held + self->held_end,
                            MIO_CONNECTION_READ_SIZE - self->held_end);
    if (n == MIO_EAGAIN) {
        settle(self);
        return self->output_error;
    }
    if (n < 0)
        self->input_error = (int16_t)n;
    else
        self->held_end = (uint16_t)(self->held_end + n);
    return 1;
}

/* --- handing over --------------------------------------------------------- */

static int offer_bytes(struct mio_connection *self)
{
    const struct mio_connection_class *its = mio_connection_class_of(self);
    size_t size = held_size(self);
    if (size == 0)
        return MIO_OK;

    int64_t n = (int64_t)size;
    if (its->data)
        n = its->data(self, mio_connection_user(self),
                      self->held + self->held_begin, size);
    if (n < 0)
        return (int)n;
    MIO_ASSERT((size_t)n <= size);

    self->held_begin = (uint16_t)(self->held_begin + n);
    if (self->phase != MIO_CONNECTION_OPEN) {
        mio_input_clear(self);
        return MIO_OK;
    }
    if (held_size(self) == MIO_CONNECTION_READ_SIZE && !self->is_paused &&
        !self->saw_end)
        return MIO_EFULL;
    settle(self);
    return MIO_OK;
}

static int tell_end(struct mio_connection *self)
{
    const struct mio_connection_class *its = mio_connection_class_of(self);
    self->told_end = true;
    if (its->end)
        return its->end(self, mio_connection_user(self));
    mio_connection_finish(self, MIO_OK);
    return MIO_OK;
}

/* Bytes first, then what ended them. */
static int hand_over(struct mio_connection *self)
{
    self->is_unoffered = false;
    int rc = offer_bytes(self);
    if (rc < 0 || self->phase != MIO_CONNECTION_OPEN)
        return rc;
    if (self->input_error < 0)
        return self->input_error;
    if (self->output_error < 0 && (self->saw_end || self->is_paused))
        return self->output_error;
    if (self->is_paused)
        return MIO_OK;
    if (self->saw_end && !self->told_end)
        return tell_end(self);
    if (self->may_read)
        mio_actor_enqueue(&self->work);
    return MIO_OK;
}

static int read_and_hand_over(struct mio_connection *self)
{
    if (!self->may_read || self->saw_end)
        return MIO_OK;
    int rc = read_more(self);
    if (rc <= 0)
        return rc;
    self->is_unoffered = true;
    if (mio_actor_take_inbox(self->actor))
        return hand_over(self);
    settle(self);
    mio_actor_enqueue(&self->work);
    return MIO_OK;
}

/* --- a connection that is finishing --------------------------------------- */

/* Returns 0 | 1 (what came is gone, more may come) | a code. */
static int discard_some(struct mio_connection *self, void *bytes)
{
    for (int i = 0; i < DISCARDS_MAX && self->may_read; i++) {
        int64_t n = read_stream(self, bytes, MIO_CHUNK_LARGE_SIZE);
        if (n < 0 && n != MIO_EAGAIN)
            return (int)n;
    }
    return self->may_read ? 1 : 0;
}

/* Unread bytes would make the close a reset, which overtakes our last words on
 * their way; and a peer that cannot go on sending may never read them. */
static int discard(struct mio_connection *self)
{
    if (self->phase == MIO_CONNECTION_CLOSING || !self->may_read)
        return MIO_OK;
    mio_input_clear(self);
    void *bytes = mio_chunk_pool_take(pool_of(self), MIO_CHUNK_LARGE);
    if (!bytes)
        return MIO_ENOMEM;
    int rc = discard_some(self, bytes);
    mio_chunk_pool_give(pool_of(self), MIO_CHUNK_LARGE, bytes);

    if (self->phase == MIO_CONNECTION_LINGERING && (rc < 0 || self->saw_end)) {
        /* All was written; however the peer leaves now, it is in order. */
        mio_connection_close(self, self->reason);
        return MIO_OK;
    }
    if (rc > 0)
        mio_actor_enqueue(&self->work);
    return rc < 0 ? rc : MIO_OK;
}

/* --- what is called from outside --------------------------------------- */

int mio_input_ready(struct mio_connection *self, uint32_t readiness)
{
    self->may_read = !self->saw_end;
    if (readiness & (MIO_READY_READ_CLOSED | MIO_READY_ERROR))
        self->reads_to_end = true;

    if (self->phase != MIO_CONNECTION_OPEN)
        return discard(self);
    if (self->is_paused || self->saw_end)
        /* An end can wait for the application, a reset cannot. */
        return readiness & MIO_READY_ERROR
                   ? mio_tcp_stream_take_error(&self->stream)
                   : MIO_OK;
    if (self->is_unoffered)
        return MIO_OK; /* its entry is on its way, and goes on */
    return read_and_hand_over(self);
}

int mio_input_continue(struct mio_connection *self)
{
    if (self->phase != MIO_CONNECTION_OPEN)
        return discard(self);
    if (self->is_paused)
        return self->output_error;
    if (self->is_unoffered)
        return hand_over(self);
    return read_and_hand_over(self);
}

void mio_input_resume(struct mio_connection *self)
{
    if (held_size(self) > 0 || (self->saw_end && !self->told_end))
        self->is_unoffered = true;
    if (self->is_unoffered || self->may_read)
        mio_actor_enqueue(&self->work);
}
