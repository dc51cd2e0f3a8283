/* SPDX-License-Identifier: MIT
 *
 * runtime/actor.c - the life of an actor: it begins, it ends. See actor.h. */
#include "runtime/actor.h"

#include <ck_pr.h>
#include <stdlib.h>

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/child.h"
#include "runtime/count.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"
#include "runtime/reactor/stop.h"

/* --- beginning ----------------------------------------------------------- */

static int receive_nothing(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)state;
    mio_message_keep(message);
    if (message->kind == MIO_ENTRY_HELD_REQUEST)
        mio_request_refuse(self->reactor, message, MIO_ECANCELED);
    else
        mio_reactor_dead_letter(self->reactor, message);
    return 0;
}

static int handle_stop(struct mio_actor *self, void *state,
                       struct mio_actor_entry *entry)
{
    (void)entry;
    if (self->was_told_to_stop)
        return 0;
    self->was_told_to_stop = true;
    if (self->actor_class->stop != NULL)
        return self->actor_class->stop(self, state);
    mio_actor_exit(self, MIO_ESTOPPED);
    return 0;
}

static void link_actor(struct mio_reactor *reactor, struct mio_actor *self)
{
    self->next = NULL;
    self->link = reactor->actors_tail;
    *reactor->actors_tail = self;
    reactor->actors_tail = &self->next;
}

static void unlink_actor(struct mio_reactor *reactor, struct mio_actor *self)
{
    *self->link = self->next;
    if (self->next != NULL)
        self->next->link = self->link;
    else
        reactor->actors_tail = self->link;
}

static struct mio_actor *new_actor(struct mio_reactor *reactor,
                                   const struct mio_actor_class *actor_class,
                                   mio_actor_id id)
{
    struct mio_actor *self = calloc(1, sizeof(*self) + actor_class->state_size);
    if (self == NULL)
        return NULL;
    self->receive =
        actor_class->receive != NULL ? actor_class->receive : receive_nothing;
    self->reactor = reactor;
    self->id = id;
    self->actor_class = actor_class;
    self->wanting_tail = &self->wanting;
    mio_actor_entry_init(&self->stop, self, handle_stop);
    return self;
}

/* The address was known to others, but nobody will ever live there. */
static void never_begin(struct mio_reactor *reactor, mio_actor_id id,
                        const struct mio_spawn_order *order)
{
    if (order->started != NULL)
        mio_child_tell(reactor, id, order->started, false);
    int reason = reactor->is_killing ? MIO_EKILLED : MIO_ENOMEM;
    if (order->record != NULL)
        mio_watch_refuse(reactor, id, order->record, reason);
    if (reactor->early != NULL)
        mio_watch_begin(reactor, id, NULL, reason);
    mio_count(&reactor->counters.failed);
    mio_reactor_unsay_full(reactor, id);
    mio_actor_registry_end(reactor->registry, id);
    mio_common_actor_goes(reactor->common);
}

static struct mio_actor *begin_at(struct mio_reactor *reactor, mio_actor_id id,
                                  const struct mio_spawn_order *order)
{
    /* Past the deadline of a stop nothing begins any more: otherwise those who
     * die could go on spawning for ever. */
    struct mio_actor *self = reactor->is_killing && !order->is_internal
                                 ? NULL
                                 : new_actor(reactor, order->actor_class, id);
    if (self == NULL) {
        never_begin(reactor, id, order);
        return NULL;
    }
    self->is_internal = order->is_internal;
    self->is_supervised = order->started != NULL;
    self->started = order->started;
    if (order->record != NULL)
        mio_watch_attach(self, order->record);
    if (reactor->early != NULL)
        mio_watch_begin(reactor, id, self, 0);
    mio_actor_registry_begin(reactor->registry, id, self, order->actor_class);
    mio_spawn_limit(reactor->common, id, order->actor_class); /* internals */
    mio_reactor_learn_limit(reactor);
    link_actor(reactor, self);
    if (!self->is_internal)
        mio_count(&reactor->counters.spawned);
    return self;
}

static void begin(struct mio_reactor *reactor, struct mio_message *message)
{
    const struct mio_spawn_order *order = mio_message_payload(message);
    struct mio_actor *self = begin_at(reactor, message->to, order);
    int result = 0;
    if (self != NULL && order->actor_class->init != NULL)
        result = order->actor_class->init(self, self->state,
                                          mio_spawn_argument(message),
                                          order->argument_size);
    mio_reactor_message_free(reactor, message);
    if (self == NULL) {
        mio_reactor_publish(reactor);
        return;
    }
    if (result >= 0 && !self->starts_later)
        mio_actor_tell_started(self, true);
    if (reactor->is_stopping)
        mio_reactor_tell_stop(self);
    /* Killed before it began, by somebody who knew its address early. */
    if (mio_actor_registry_is_marked(reactor->registry, self->id))
        mio_reactor_end_later(self, MIO_EKILLED);
    mio_reactor_settle(reactor, self, result);
}

void mio_actor_tell_started(struct mio_actor *self, bool is_up)
{
    struct mio_message *message = self->started;
    self->started = NULL;
    if (message != NULL)
        mio_child_tell(self->reactor, self->id, message, is_up);
}

/* --- ending -------------------------------------------------------------- */

static void count_end(struct mio_reactor *reactor, int reason)
{
    mio_count(&reactor->counters.exited);
    if (reason < 0 && reason != MIO_ESTOPPED)
        mio_count(&reactor->counters.failed);
}

/* Who cares for this actor's end. */
static void end_attached(struct mio_actor *self, struct mio_attachment **list)
{
    struct mio_attachment *attachment;
    while ((attachment = *list) != NULL) {
        mio_detach(attachment);
        attachment->ended(self, attachment);
    }
}

static void end(struct mio_actor *self)
{
    struct mio_reactor *reactor = self->reactor;
    bool is_internal = self->is_internal;
    if (self->actor_class->exit != NULL)
        self->actor_class->exit(self, self->state, self->reason);
    mio_reactor_publish(reactor);
    if (self->early_attachments != NULL) {
        ck_pr_fence_memory(); /* what it sent, before its names are free */
        end_attached(self, &self->early_attachments);
    }

    mio_actor_unwatch_all(self);
    mio_actor_cancel_all(self);
    mio_actor_unawait_all(self);
    mio_actor_demonitor_all(self);
    mio_actor_unask_all(self);
    mio_reactor_open(reactor, self);
    mio_actor_registry_end(reactor->registry, self->id);
    unlink_actor(reactor, self);
    mio_actor_tell_started(self, false); /* if it did not come to that */
    mio_actor_unlink_all(self);
    end_attached(self, &self->attachments);
    mio_reactor_publish(reactor);
    if (!is_internal)
        count_end(reactor, self->reason);

    free(self->label);
    self->label = NULL;
    self->is_over = true;
    if (self->pending_count == 0)
        free(self);
    if (!is_internal)
        mio_common_actor_goes(reactor->common);
}

const struct mio_reactor_life mio_actor_life = {
    .begin = begin,
    .end = end,
    .request = mio_ask_receive_request,
    .reply = mio_ask_receive_reply,
    .delayed = mio_delay_fired,
    .drop_delayed = mio_delay_drop_all,
};

void mio_actor_exit(struct mio_actor *self, int reason)
{
    mio_reactor_end_later(self, reason);
}

/* --- who am I ------------------------------------------------------------ */

mio_actor_id mio_actor_self(const struct mio_actor *self)
{
    return self->id;
}

void *mio_actor_state(struct mio_actor *self)
{
    return self->state;
}

const struct mio_actor_class *mio_actor_class_of(const struct mio_actor *self)
{
    return self->actor_class;
}

uint32_t mio_actor_reactor(const struct mio_actor *self)
{
    return self->reactor->index;
}

struct mio_runtime *mio_actor_runtime(const struct mio_actor *self)
{
    return self->reactor->common->runtime;
}

int64_t mio_actor_now_ns(const struct mio_actor *self)
{
    return self->reactor->now_ns;
}

void *mio_actor_local(const struct mio_actor *self, uint32_t key)
{
    MIO_ASSERT(key < MIO_RUNTIME_LOCALS_MAX);
    return self->reactor->locals[key];
}

void mio_actor_set_local(struct mio_actor *self, uint32_t key, void *value)
{
    MIO_ASSERT(key < MIO_RUNTIME_LOCALS_MAX);
    self->reactor->locals[key] = value;
}
