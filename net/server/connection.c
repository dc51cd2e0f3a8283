/* SPDX-License-Identifier: MIT
 *
 * net/server/connection.c - the life of a connection: open, finish, close. */
#include "net/server/connection.h"

#include <string.h>

#include "core/assert.h"
#include "core/event.h"
#include "net/server/connection_private.h"
#include "net/server/input.h"
#include "net/server/output.h"

_Static_assert(MIO_PEER_SIZE <= sizeof(struct mio_address), "a part of it");

/* --- what its owner asks -------------------------------------------------- */

struct mio_actor *mio_connection_actor(struct mio_connection *self)
{
    return self->actor;
}

void *mio_connection_state(struct mio_connection *self)
{
    return mio_connection_user(self);
}

const struct mio_address *mio_connection_peer(const struct mio_connection *self)
{
    struct mio_address *peer = &self->branch->peer;
    memset(peer, 0, sizeof(*peer));
    memcpy(peer, self->peer, sizeof(self->peer));
    return peer;
}

size_t mio_connection_queued(const struct mio_connection *self)
{
    return self->queue.size;
}

bool mio_connection_is_congested(const struct mio_connection *self)
{
    return self->is_congested;
}

int mio_connection_set_keepalive(struct mio_connection *self, uint32_t idle_s)
{
    return mio_tcp_stream_set_keepalive(&self->stream, idle_s);
}

void mio_connection_pause(struct mio_connection *self)
{
    self->is_paused = true;
}

void mio_connection_resume(struct mio_connection *self)
{
    if (!self->is_paused)
        return;
    self->is_paused = false;
    if (self->phase == MIO_CONNECTION_OPEN)
        mio_input_resume(self);
}

static bool is_stopping(const struct mio_connection *self)
{
    return mio_runtime_is_stopping(self->branch->server->runtime);
}

/* --- ending --------------------------------------------------------------- */

void mio_connection_close(struct mio_connection *self, int reason)
{
    if (self->phase == MIO_CONNECTION_CLOSING)
        return;
    self->phase = MIO_CONNECTION_CLOSING;
    mio_actor_exit(self->actor, reason);
}

void mio_connection_finish(struct mio_connection *self, int reason)
{
    struct mio_server_branch *branch = self->branch;
    if (self->phase != MIO_CONNECTION_OPEN)
        return;
    if (self->output_error < 0 || !branch->actor) {
        mio_connection_close(self, reason);
        return;
    }
    self->phase = MIO_CONNECTION_FINISHING;
    self->reason = reason;
    mio_server_branch_set_deadline(branch, &self->deadline,
                                   is_stopping(self) ? MIO_DELAY_STOP
                                                     : MIO_DELAY_WRITE);
    mio_actor_flush_later(&self->flush);
    if (self->may_read)
        mio_actor_enqueue(&self->work);
}

void mio_connection_expire(struct mio_deadline *deadline)
{
    struct mio_connection *self =
        (struct mio_connection *)(void *)((uint8_t *)deadline -
                                          offsetof(struct mio_connection,
                                                   deadline));
    mio_connection_close(self, mio_send_queue_is_empty(&self->queue)
                                   ? self->reason
                                   : MIO_ETIMEDOUT);
}

/* --- what its actor hears ------------------------------------------------- */

static int ready(struct mio_actor *actor, void *state,
                 struct mio_actor_source *watch, uint32_t readiness)
{
    (void)actor;
    (void)watch;
    struct mio_connection *self = state;
    if (readiness &
        (MIO_READY_WRITABLE | MIO_READY_WRITE_CLOSED | MIO_READY_ERROR))
        mio_output_ready(self);
    if (readiness &
        (MIO_READY_READABLE | MIO_READY_READ_CLOSED | MIO_READY_ERROR))
        return mio_input_ready(self, readiness);
    return MIO_OK;
}

static int work(struct mio_actor *actor, void *state,
                struct mio_actor_entry *entry)
{
    (void)actor;
    (void)entry;
    struct mio_connection *self = state;
    if (self->has_drained) {
        self->has_drained = false;
        if (self->phase == MIO_CONNECTION_OPEN) {
            int rc = mio_connection_class_of(self)->drained(
                self, mio_connection_user(self));
            if (rc < 0)
                return rc;
        }
    }
    return mio_input_continue(self);
}

static int init(struct mio_actor *actor, void *state, const void *argument,
                size_t argument_size)
{
    MIO_ASSERT(argument_size == sizeof(struct mio_arrival *));
    struct mio_arrival *arrival = *(struct mio_arrival *const *)argument;
    struct mio_connection *self = state;
    struct mio_address peer;
    self->actor = actor;
    self->branch = arrival->branch;
    mio_acceptor_take_arrival(arrival, actor, &self->stream, &peer);
    memcpy(self->peer, &peer, sizeof(self->peer));
    mio_send_queue_init(&self->queue);
    mio_actor_entry_init(&self->work, actor, work);
    mio_actor_flush_init(&self->flush, actor, mio_output_flush);

    /* Output is gathered here: what leaves the queue shall leave the host. */
    (void)mio_tcp_stream_set_nodelay(&self->stream, true);
    int rc = mio_actor_watch(actor, &self->watch, &self->stream.source,
                             MIO_READABLE | MIO_WRITABLE, MIO_EDGE, ready);
    if (rc < 0)
        return rc;
    const struct mio_connection_class *its = mio_connection_class_of(self);
    self->has_opened = true;
    return its->open ? its->open(self, mio_connection_user(self),
                                 self->branch->server->argument)
                     : MIO_OK;
}

static int receive(struct mio_actor *actor, void *state,
                   struct mio_message *message)
{
    (void)actor;
    struct mio_connection *self = state;
    const struct mio_connection_class *its = mio_connection_class_of(self);
    return its->receive ? its->receive(self, mio_connection_user(self), message)
                        : MIO_OK;
}

static int stop(struct mio_actor *actor, void *state)
{
    (void)actor;
    struct mio_connection *self = state;
    const struct mio_connection_class *its = mio_connection_class_of(self);
    if (self->phase == MIO_CONNECTION_OPEN && its->stop)
        return its->stop(self, mio_connection_user(self));
    mio_connection_finish(self, MIO_ESTOPPED);
    if (mio_deadline_is_set(&self->deadline) && self->branch->actor)
        mio_server_branch_set_deadline(self->branch, &self->deadline,
                                       MIO_DELAY_STOP);
    return MIO_OK;
}

static void ended(struct mio_actor *actor, void *state, int reason)
{
    struct mio_connection *self = state;
    const struct mio_connection_class *its = mio_connection_class_of(self);
    self->phase = MIO_CONNECTION_CLOSING;
    mio_deadline_remove(&self->deadline);
    if (!self->has_opened)
        mio_acceptor_refuse(self->branch, actor, &self->stream);
    mio_output_last(self);
    if (self->has_opened && its->close)
        its->close(self, mio_connection_user(self), reason);
    mio_input_clear(self);
    mio_actor_unwatch(&self->watch);
    /* The peer learns of the close: after all that was sent because of it. */
    mio_publish(actor);
    mio_tcp_stream_close(&self->stream);
    mio_server_branch_dismiss(self->branch);
}

void mio_connection_make_class(struct mio_actor_class *out,
                               const struct mio_connection_class *from)
{
    *out = (struct mio_actor_class){
        .name = from->name,
        .state_size = MIO_CONNECTION_STATE_OFFSET + from->state_size,
        .init = init,
        .receive = receive,
        .stop = stop,
        .exit = ended,
    };
}
