/* SPDX-License-Identifier: MIT
 *
 * net/server/branch.c - the actor that accepts on one reactor, and ends last.
 */
#include "net/server/branch.h"

#include <stddef.h>

#include "core/assert.h"
#include "core/clock.h"
#include "net/server/connection_private.h"
#include "net/server/server_private.h"

/* A reader that takes longer for what is queued is not there any more. */
#define WRITE_NS (5 * MIO_NS_PER_S)
/* Long enough for a round trip to anywhere. */
#define LINGER_NS (1 * MIO_NS_PER_S)
/* Of the time that the runtime gives its actors after a stop, so that nobody
 * has to be killed: 1 s of its default of 1.5 s. */
static int64_t stop_ns(const struct mio_runtime *runtime)
{
    return mio_runtime_stop_within_ns(runtime) / 3 * 2;
}

/* How often a branch looks whether mio_server_new is done with the others. */
#define LOOK_NS (1 * MIO_NS_PER_MS)

void mio_server_branch_init(struct mio_server_branch *self,
                            struct mio_server *server, uint32_t reactor)
{
    self->server = server;
    self->reactor = reactor;
    mio_acceptor_init(&self->acceptor);
    mio_chunk_pool_init(&self->pool);
    mio_deadline_queue_init(&self->deadlines[MIO_DELAY_WRITE], WRITE_NS);
    mio_deadline_queue_init(&self->deadlines[MIO_DELAY_LINGER], LINGER_NS);
    mio_deadline_queue_init(&self->deadlines[MIO_DELAY_STOP],
                            stop_ns(server->runtime));
    self->timer_at_ns = INT64_MAX;
}

void mio_server_branch_deinit(struct mio_server_branch *self)
{
    MIO_ASSERT(self->actor == NULL);
    mio_acceptor_deinit(&self->acceptor);
    mio_chunk_pool_deinit(&self->pool);
}

/* --- deadlines ------------------------------------------------------------ */

static void start_timer(struct mio_server_branch *self, int64_t now_ns,
                        int64_t at_ns)
{
    if (at_ns >= self->timer_at_ns)
        return;
    self->timer_at_ns = at_ns;
    mio_actor_timer_start(&self->life->timer,
                          at_ns > now_ns ? at_ns - now_ns : 0);
}

void mio_server_branch_set_deadline(struct mio_server_branch *self,
                                    struct mio_deadline *deadline,
                                    enum mio_delay delay)
{
    int64_t now_ns = mio_actor_now_ns(self->actor);
    mio_deadline_queue_push(&self->deadlines[delay], deadline, now_ns);
    start_timer(self, now_ns, deadline->at_ns);
}

static void expire(struct mio_server_branch *self, int64_t now_ns)
{
    self->timer_at_ns = INT64_MAX;
    for (int i = 0; i < MIO_DELAYS_COUNT; i++) {
        struct mio_deadline_queue *queue = &self->deadlines[i];
        struct mio_deadline *deadline;
        while ((deadline = mio_deadline_queue_take(queue, now_ns)))
            mio_connection_expire(deadline);
        if ((deadline = mio_deadline_queue_first(queue)))
            start_timer(self, now_ns, deadline->at_ns);
    }
}

/* --- life ----------------------------------------------------------------- */

/* Accept, if mio_server_new has succeeded; end, if it has failed; if it is not
 * done yet, look again later. That it tells by a flag cannot fail, as a
 * message could. */
static int begin(struct mio_server_branch *self)
{
    switch (atomic_load(&self->server->phase)) {
    case MIO_SERVER_LIVE:
        return mio_acceptor_start(&self->acceptor, self,
                                  &self->life->accepting);
    case MIO_SERVER_ABANDONED:
        return MIO_ECLOSED;
    default:
        mio_actor_timer_start(&self->life->timer, LOOK_NS);
        return MIO_OK;
    }
}

static int timer_fired(struct mio_actor *actor, void *state,
                       struct mio_actor_timer *timer)
{
    (void)timer;
    struct mio_server_branch_life *life = state;
    struct mio_server_branch *self = life->branch;
    if (!self->acceptor.life && !self->is_stopping)
        return begin(self);
    expire(self, mio_actor_now_ns(actor));
    return MIO_OK;
}

static int init(struct mio_actor *actor, void *state, const void *argument,
                size_t argument_size)
{
    MIO_ASSERT(argument_size == sizeof(struct mio_server_branch *));
    struct mio_server_branch_life *life = state;
    struct mio_server_branch *self =
        *(struct mio_server_branch *const *)argument;
    life->branch = self;
    self->life = life;
    self->actor = actor;
    mio_actor_timer_init(&life->timer, actor, timer_fired);
    return begin(self);
}

static void end_when_empty(struct mio_server_branch *self)
{
    if (self->is_stopping && self->connections_count == 0 && self->actor)
        mio_actor_exit(self->actor, MIO_ESTOPPED);
}

static int stop(struct mio_actor *actor, void *state)
{
    (void)actor;
    struct mio_server_branch_life *life = state;
    struct mio_server_branch *self = life->branch;
    self->is_stopping = true;
    mio_acceptor_stop(&self->acceptor, self);
    end_when_empty(self);
    return MIO_OK;
}

void mio_server_branch_dismiss(struct mio_server_branch *self)
{
    MIO_ASSERT(self->connections_count > 0);
    self->connections_count--;
    mio_server_count(&self->counters.closed, 1);
    mio_server_dismiss(self->server);
    end_when_empty(self);
}

static void ended(struct mio_actor *actor, void *state, int reason)
{
    (void)actor;
    (void)reason;
    struct mio_server_branch_life *life = state;
    struct mio_server_branch *self = life->branch;
    /* Ended in order, it has stopped long ago; killed or failed, now. */
    self->is_stopping = true;
    mio_acceptor_stop(&self->acceptor, self);
    mio_acceptor_close(&self->acceptor);
    self->life = NULL;
    self->actor = NULL;
    mio_server_unref(self->server);
}

static const struct mio_actor_class branch_class = {
    .name = "server branch",
    .state_size = sizeof(struct mio_server_branch_life),
    .init = init,
    .stop = stop,
    .exit = ended,
};

int mio_server_branch_spawn(struct mio_server_branch *self)
{
    /* Counted before: the actor may end before this returns. */
    atomic_fetch_add(&self->server->refs_count, 1);
    int rc = mio_runtime_spawn(self->server->runtime, self->reactor,
                               &branch_class, &self, sizeof(self), NULL);
    if (rc < 0)
        atomic_fetch_sub(&self->server->refs_count, 1);
    return rc;
}
