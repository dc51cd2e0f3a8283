/* SPDX-License-Identifier: MIT
 *
 * net/server/acceptor.c - accept, refuse, pause: never spin, never give up. */
#include "net/server/acceptor.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "core/assert.h"
#include "core/clock.h"
#include "net/server/branch.h"
#include "net/server/server_private.h"

/* In one entry: then the connections that were accepted have their turn. */
#define ACCEPTS_MAX 64

/* After an error that the spare descriptor does not help against. */
#define PAUSE_NS (100 * MIO_NS_PER_MS)

/* Of a listener that closes: more than any backlog, so that peers who keep
 * coming do not keep it open. */
#define GOODBYES_MAX 8192

void mio_acceptor_init(struct mio_acceptor *self)
{
    *self = (struct mio_acceptor){
        .listener.source.handle = MIO_HANDLE_NONE,
        .reserve.handle = MIO_HANDLE_NONE,
    };
}

int mio_acceptor_open(struct mio_acceptor *self, const struct mio_address *at,
                      const struct mio_tcp_listen_options *options)
{
    int rc = mio_tcp_listener_open(&self->listener, at, options);
    if (rc < 0)
        return rc;
    rc = mio_reserve_handle_open(&self->reserve);
    if (rc < 0)
        mio_tcp_listener_close(&self->listener);
    return rc;
}

void mio_acceptor_close(struct mio_acceptor *self)
{
    mio_tcp_listener_close(&self->listener);
    mio_reserve_handle_close(&self->reserve);
}

/* --- refusing ------------------------------------------------------------- */

/* What a peer said before it was refused: left unread, it would make the close
 * a reset, and that would overtake our words. */
static void discard_input(struct mio_tcp_stream *stream)
{
    uint8_t bytes[2048];
    for (int i = 0; i < 8; i++)
        if (mio_tcp_stream_read(stream, bytes, sizeof(bytes)) <
            (int64_t)sizeof(bytes))
            return;
}

void mio_acceptor_refuse(struct mio_server_branch *branch,
                         struct mio_actor *actor, struct mio_tcp_stream *stream)
{
    const struct mio_server *server = branch->server;
    mio_publish(actor);
    int64_t n = 0;
    if (server->refusal_size > 0)
        n = mio_tcp_stream_write(stream, server->refusal, server->refusal_size);
    if (n >= 0)
        discard_input(stream);
    mio_tcp_stream_close(stream);
}

/* --- arrivals ------------------------------------------------------------- */

static struct mio_arrival *arrival_new(struct mio_server_branch *branch)
{
    struct mio_acceptor *self = &branch->acceptor;
    struct mio_arrival *arrival = self->idle;
    if (arrival)
        self->idle = arrival->next;
    else
        arrival = malloc(sizeof(*arrival));
    return arrival;
}

static void arrival_free(struct mio_acceptor *self, struct mio_arrival *arrival)
{
    arrival->next = self->idle;
    self->idle = arrival;
}

static struct mio_arrival *arrival_pop(struct mio_acceptor *self)
{
    struct mio_arrival *arrival = self->arrivals;
    self->arrivals = arrival->next;
    return arrival;
}

static void arrival_push(struct mio_acceptor *self, struct mio_arrival *arrival)
{
    arrival->next = NULL;
    if (self->arrivals)
        self->arrivals_last->next = arrival;
    else
        self->arrivals = arrival;
    self->arrivals_last = arrival;
}

void mio_acceptor_take_arrival(struct mio_arrival *arrival,
                               struct mio_actor *actor,
                               struct mio_tcp_stream *stream,
                               struct mio_address *peer)
{
    struct mio_server_branch *branch = arrival->branch;
    struct mio_acceptor *self = &branch->acceptor;
    struct mio_arrival *first;
    /* Actors begin in the order in which they were spawned: who is before this
     * one never will, as there was no memory for its actor. */
    while ((first = arrival_pop(self)) != arrival) {
        mio_server_count(&branch->counters.refused, 1);
        mio_acceptor_refuse(branch, actor, &first->stream);
        mio_server_branch_dismiss(branch);
        arrival_free(self, first);
    }
    *stream = arrival->stream;
    *peer = arrival->peer;
    arrival_free(self, arrival);
}

/* --- accepting ------------------------------------------------------------ */

static void pause_accepting(struct mio_server_branch *branch)
{
    branch->acceptor.is_paused = true;
    mio_server_count(&branch->counters.accept_pauses, 1);
    mio_actor_timer_start(&branch->acceptor.life->pause, PAUSE_NS);
}

/* Give the new peer an actor, or tell it that it cannot have one. */
static void admit(struct mio_server_branch *branch,
                  const struct mio_tcp_stream *stream,
                  const struct mio_address *peer)
{
    struct mio_server *server = branch->server;
    struct mio_tcp_stream refused = *stream;
    if (!mio_server_admit(server))
        goto refuse;

    struct mio_arrival *arrival = arrival_new(branch);
    if (!arrival)
        goto dismiss;
    *arrival = (struct mio_arrival){
        .branch = branch, .stream = *stream, .peer = *peer};
    if (mio_spawn(branch->actor, &server->actor_class, &arrival,
                  sizeof(arrival), NULL) < 0) {
        arrival_free(&branch->acceptor, arrival);
        goto dismiss;
    }
    arrival_push(&branch->acceptor, arrival);
    branch->connections_count++;
    mio_server_count(&branch->counters.accepted, 1);
    return;

dismiss:
    mio_server_dismiss(server);
refuse:
    mio_server_count(&branch->counters.refused, 1);
    mio_acceptor_refuse(branch, branch->actor, &refused);
}

static int accept_one(struct mio_server_branch *branch,
                      struct mio_tcp_stream *stream, struct mio_address *peer)
{
    mio_server_count(&branch->counters.accepts, 1);
    return mio_tcp_listener_accept(&branch->acceptor.listener, stream, peer);
}

/* Who gives the spare descriptor up may find that another reactor's accept was
 * faster. So while any branch lacks its spare, a peer that gets a descriptor is
 * refused all the same: it is the spare one that it got. */
static bool give_reserve_up(struct mio_server_branch *branch)
{
    struct mio_acceptor *self = &branch->acceptor;
    if (self->lacks_reserve)
        return false;
    self->lacks_reserve = true;
    atomic_fetch_add(&branch->server->lacking_count, 1);
    return mio_reserve_handle_release(&self->reserve);
}

static void take_reserve_back(struct mio_server_branch *branch)
{
    struct mio_acceptor *self = &branch->acceptor;
    if (!self->lacks_reserve || mio_reserve_handle_open(&self->reserve) < 0)
        return;
    self->lacks_reserve = false;
    atomic_fetch_sub(&branch->server->lacking_count, 1);
}

static void refuse_for_want_of_handles(struct mio_server_branch *branch,
                                       struct mio_tcp_stream *stream)
{
    mio_server_count(&branch->counters.refused_handles, 1);
    mio_acceptor_refuse(branch, branch->actor, stream);
}

/* No descriptor is left: use the spare one to refuse who waits.
 * Returns 0 | what accept says with a descriptor to spare. */
static int refuse_by_reserve(struct mio_server_branch *branch)
{
    if (!give_reserve_up(branch))
        return MIO_EMFILE;
    struct mio_tcp_stream stream;
    int rc = accept_one(branch, &stream, NULL);
    if (rc == MIO_OK)
        refuse_for_want_of_handles(branch, &stream);
    /* If it cannot be had, the next accept that fails pauses, and the end of
     * the pause tries again. */
    take_reserve_back(branch);
    return rc;
}

/* Returns whether there may be more to accept now. */
static bool accept_next(struct mio_server_branch *branch)
{
    struct mio_tcp_stream stream;
    struct mio_address peer;
    int rc = accept_one(branch, &stream, &peer);
    if (rc == MIO_OK) {
        if (atomic_load(&branch->server->lacking_count) == 0)
            admit(branch, &stream, &peer);
        else
            refuse_for_want_of_handles(branch, &stream);
        return true;
    }
    if (rc == MIO_EMFILE || rc == MIO_ENFILE)
        rc = refuse_by_reserve(branch);
    if (rc == MIO_OK || rc == MIO_ECONNABORTED)
        return true;
    /* Whatever else it is will be the same at once, but hardly for ever. A
     * branch without its spare must come back for it. */
    if (rc != MIO_EAGAIN || branch->acceptor.lacks_reserve)
        pause_accepting(branch);
    return false;
}

static int accept_some(struct mio_server_branch *branch)
{
    struct mio_acceptor *self = &branch->acceptor;
    if (self->is_paused || !self->life)
        return MIO_OK;
    for (int i = 0; i < ACCEPTS_MAX; i++)
        if (!accept_next(branch))
            return MIO_OK;
    mio_actor_enqueue(&self->life->again);
    return MIO_OK;
}

/* --- what its actor hears ------------------------------------------------- */

static struct mio_server_branch *branch_of(void *state)
{
    return *(struct mio_server_branch **)state;
}

static int ready(struct mio_actor *actor, void *state,
                 struct mio_actor_source *watch, uint32_t readiness)
{
    (void)actor;
    (void)watch;
    (void)readiness;
    return accept_some(branch_of(state));
}

static int go_on(struct mio_actor *actor, void *state,
                 struct mio_actor_entry *entry)
{
    (void)actor;
    (void)entry;
    return accept_some(branch_of(state));
}

static int pause_ended(struct mio_actor *actor, void *state,
                       struct mio_actor_timer *timer)
{
    (void)actor;
    (void)timer;
    struct mio_server_branch *branch = branch_of(state);
    branch->acceptor.is_paused = false;
    take_reserve_back(branch);
    return accept_some(branch);
}

int mio_acceptor_start(struct mio_acceptor *self,
                       struct mio_server_branch *branch,
                       struct mio_acceptor_life *life)
{
    mio_actor_entry_init(&life->again, branch->actor, go_on);
    mio_actor_timer_init(&life->pause, branch->actor, pause_ended);
    int rc =
        mio_actor_watch(branch->actor, &life->watch, &self->listener.source,
                        MIO_READABLE, MIO_EDGE, ready);
    if (rc == MIO_OK)
        self->life = life;
    return rc;
}

/* Refuse one of those who wait. Returns false when there are no more. */
static bool say_goodbye(struct mio_server_branch *branch)
{
    struct mio_tcp_stream stream;
    int rc = accept_one(branch, &stream, NULL);
    if (rc == MIO_OK) {
        mio_server_count(&branch->counters.refused, 1);
        mio_acceptor_refuse(branch, branch->actor, &stream);
    } else if (rc == MIO_EMFILE || rc == MIO_ENFILE) {
        rc = refuse_by_reserve(branch);
    }
    return rc == MIO_OK || rc == MIO_ECONNABORTED;
}

void mio_acceptor_stop(struct mio_acceptor *self,
                       struct mio_server_branch *branch)
{
    if (!self->life)
        return;
    for (int i = 0; i < GOODBYES_MAX && say_goodbye(branch); i++)
        ;
    mio_actor_timer_cancel(&self->life->pause);
    mio_actor_dequeue(&self->life->again);
    mio_actor_unwatch(&self->life->watch);
    self->life = NULL;
    if (self->lacks_reserve)
        atomic_fetch_sub(&branch->server->lacking_count, 1);
    self->lacks_reserve = false;
    mio_publish(branch->actor);
    mio_acceptor_close(self);
}

void mio_acceptor_deinit(struct mio_acceptor *self)
{
    while (self->arrivals) {
        struct mio_arrival *arrival = arrival_pop(self);
        mio_tcp_stream_close(&arrival->stream);
        arrival_free(self, arrival);
    }
    while (self->idle) {
        struct mio_arrival *next = self->idle->next;
        free(self->idle);
        self->idle = next;
    }
    mio_acceptor_close(self);
}
