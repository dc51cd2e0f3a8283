/* SPDX-License-Identifier: MIT
 *
 * net/server/output.c - step 11 of a byte's walk: one gathered write per
 * connection and turn. */
#include "net/server/output.h"

#include "core/assert.h"
#include "net/server/input.h"

/* --- queueing ------------------------------------------------------------- */

/* Whether `size` bytes more may be queued. Returns 0 | MIO_ECLOSED
 * | MIO_EFULL. */
static int may_queue(struct mio_connection *self, size_t size)
{
    const struct mio_server *server = self->branch->server;
    if (self->phase != MIO_CONNECTION_OPEN || self->output_error < 0)
        return MIO_ECLOSED;
    if (size <= server->queue_max - self->queue.size)
        return MIO_OK;
    /* Who sends may be in the middle of a round over many connections: none
     * of its callbacks runs before that returns. */
    mio_server_count(&self->branch->counters.queues_full, 1);
    mio_connection_close(self, MIO_EFULL);
    return MIO_EFULL;
}

static int queued(struct mio_connection *self, int rc)
{
    if (rc < 0)
        return rc;
    if (self->queue.size > self->branch->server->queue_high)
        self->is_congested = true;
    mio_output_schedule(self);
    return MIO_OK;
}

int mio_connection_send(struct mio_connection *self, const void *bytes,
                        size_t size)
{
    int rc = may_queue(self, size);
    if (rc < 0)
        return rc;
    return queued(self, mio_send_queue_push(&self->queue, &self->branch->pool,
                                            bytes, size));
}

int mio_connection_send_slice(struct mio_connection *self,
                              struct mio_slice *slice)
{
    int rc = may_queue(self, slice->size);
    if (rc < 0)
        return rc;
    return queued(self, mio_send_queue_push_slice(&self->queue,
                                                  &self->branch->pool, slice));
}

/* --- writing -------------------------------------------------------------- */

/* One system call. Returns how many bytes it took | a code; *size is how many
 * it was offered. */
static int64_t write_once(struct mio_connection *self, size_t *size)
{
    struct mio_server_counters *counters = &self->branch->counters;
    struct mio_iovec pieces[MIO_IOVECS_MAX];
    size_t count =
        mio_send_queue_peek(&self->queue, pieces, MIO_IOVECS_MAX, size);
    /* Before the call: who has read the answer finds it counted. */
    mio_server_count(&counters->writes, 1);
    int64_t n = count == 1
                    ? mio_tcp_stream_write(&self->stream, pieces[0].base, *size)
                    : mio_tcp_stream_writev(&self->stream, pieces, count);
    if (n > 0) {
        mio_server_count(&counters->bytes_written, (uint64_t)n);
        mio_send_queue_pop(&self->queue, &self->branch->pool, (size_t)n);
    }
    return n;
}

/* Write until all is written or the stream takes no more.
 * Returns 0 | a code. */
static int write_queue(struct mio_connection *self)
{
    while (!mio_send_queue_is_empty(&self->queue)) {
        size_t size;
        int64_t n = write_once(self, &size);
        if (n < 0 && n != MIO_EAGAIN)
            return (int)n;
        if (n < (int64_t)size) {
            /* Less than all is as good as a would-block: an edge follows. */
            self->is_blocked = true;
            mio_server_count(&self->branch->counters.writes_blocked, 1);
            break;
        }
    }
    return MIO_OK;
}

/* The stream is broken. What the peer said before it went is still handed
 * over, if the application listens; the end of that closes the connection. */
static void write_failed(struct mio_connection *self, int code)
{
    self->output_error = (int16_t)code;
    mio_send_queue_clear(&self->queue, &self->branch->pool);
    if (self->phase != MIO_CONNECTION_OPEN || self->is_paused ||
        self->saw_end) {
        mio_connection_close(self, code);
        return;
    }
    self->may_read = true;
    self->reads_to_end = true;
    mio_actor_enqueue(&self->work);
}

static void notice_drained(struct mio_connection *self)
{
    if (!self->is_congested ||
        self->queue.size > self->branch->server->queue_low)
        return;
    self->is_congested = false;
    if (self->phase == MIO_CONNECTION_OPEN &&
        mio_connection_class_of(self)->drained) {
        self->has_drained = true;
        mio_actor_enqueue(&self->work);
    }
}

/* All is written: say so to the peer, and let it read in peace. */
static void shut_down(struct mio_connection *self)
{
    struct mio_server_branch *branch = self->branch;
    self->phase = MIO_CONNECTION_LINGERING;
    int rc = mio_tcp_stream_shutdown(&self->stream, MIO_SHUTDOWN_WRITE);
    if (rc < 0 || self->saw_end || !branch->actor) {
        mio_connection_close(self, self->reason);
        return;
    }
    if (!mio_runtime_is_stopping(branch->server->runtime))
        mio_server_branch_set_deadline(branch, &self->deadline,
                                       MIO_DELAY_LINGER);
    if (self->may_read)
        mio_actor_enqueue(&self->work);
}

void mio_output_flush(struct mio_actor *actor, void *state)
{
    (void)actor;
    struct mio_connection *self = state;
    if (self->phase == MIO_CONNECTION_CLOSING || self->output_error < 0)
        return;
    if (!self->is_blocked) {
        int rc = write_queue(self);
        if (rc < 0) {
            write_failed(self, rc);
            return;
        }
        notice_drained(self);
    }
    if (self->phase == MIO_CONNECTION_FINISHING &&
        mio_send_queue_is_empty(&self->queue))
        shut_down(self);
}

void mio_output_schedule(struct mio_connection *self)
{
    if (!self->is_blocked)
        mio_actor_flush_later(&self->flush);
}

void mio_output_ready(struct mio_connection *self)
{
    self->is_blocked = false;
    if (!mio_send_queue_is_empty(&self->queue))
        mio_actor_flush_later(&self->flush);
}

void mio_output_last(struct mio_connection *self)
{
    if (!mio_send_queue_is_empty(&self->queue)) {
        mio_publish(self->actor);
        (void)write_queue(self); /* that was its chance */
    }
    mio_send_queue_clear(&self->queue, &self->branch->pool);
}
