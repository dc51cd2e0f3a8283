/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/limit.c - see limit.h. */
#include "runtime/reactor/limit.h"

#include <ck_pr.h>

#include "core/assert.h"
#include "runtime/reactor/mail.h"

/* --- saying so -------------------------------------------------------------
 */

void mio_reactor_say_full(struct mio_reactor *self,
                          struct mio_actor_registry_slot *slot)
{
    if (slot->full != 0)
        return;
    mio_count(&self->counters.full);
    ck_pr_store_32(&slot->full, slot->lives + 1);
    ck_pr_fence_store();
    ck_pr_store_64(&self->mailbox->full_count, self->mailbox->full_count + 1);
}

void mio_reactor_unsay_full(struct mio_reactor *self, mio_actor_id id)
{
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, id);
    if (slot->full == 0)
        return;
    ck_pr_store_32(&slot->full, 0);
    ck_pr_store_64(&self->mailbox->full_count, self->mailbox->full_count - 1);
}

void mio_reactor_open(struct mio_reactor *self, struct mio_actor *actor)
{
    mio_reactor_unsay_full(self, actor->id);
    struct mio_message *message = actor->wanting;
    actor->wanting = NULL;
    actor->wanting_tail = &actor->wanting;
    while (message != NULL) {
        struct mio_message *next = message->next;
        mio_actor_id to = message->from;
        message->from = message->to;
        message->to = to;
        message->kind = MIO_ENTRY_SYSTEM;
        mio_reactor_send(self, message);
        message = next;
    }
}

int mio_reactor_refuse(struct mio_reactor *self)
{
    mio_count(&self->counters.refused);
    return MIO_EAGAIN;
}

/* --- counting --------------------------------------------------------------
 */

/* How many messages wait for who lives in a slot. What was counted when we
 * counted last is worth nothing. */
static uint32_t *queued_in(const struct mio_reactor *self,
                           struct mio_actor_registry_slot *slot)
{
    if (slot->epoch != self->count_epoch) {
        slot->epoch = self->count_epoch;
        slot->queued = 0;
    }
    return &slot->queued;
}

static bool has_room(const struct mio_reactor *self,
                     struct mio_actor_registry_slot *slot)
{
    return slot->limit == 0 || *queued_in(self, slot) < slot->limit;
}

/* Messages from elsewhere are in the queue whether the limit allows it or not.
 */
static void count_all(struct mio_reactor *self, struct mio_message *message)
{
    for (; message != NULL; message = message->next) {
        if (message->kind != MIO_ENTRY_MESSAGE &&
            message->kind != MIO_ENTRY_REQUEST)
            continue;
        struct mio_actor_registry_slot *slot =
            mio_actor_registry_slot_of(self->registry, message->to);
        if (slot == NULL)
            continue;
        ++*queued_in(self, slot);
        if (!has_room(self, slot))
            mio_reactor_say_full(self, slot);
    }
}

static void begin_to_count(struct mio_reactor *self)
{
    self->count_from = 0;
    self->count_epoch++;
    count_all(self, self->queue.first);
}

/* No actor here can have more waiting than all have together. */
static void count_no_more(struct mio_reactor *self)
{
    MIO_DEBUG_ASSERT(self->mailbox->full_count == 0);
    self->count_from = mio_common_queue_min(self->common);
}

void mio_reactor_learn_limit(struct mio_reactor *self)
{
    uint32_t queue_min = mio_common_queue_min(self->common);
    if (queue_min < self->count_from)
        self->count_from = queue_min;
}

void mio_reactor_count_taken(struct mio_reactor *self,
                             struct mio_message *first)
{
    if (self->count_from != 0)
        begin_to_count(self);
    else
        count_all(self, first);
}

int mio_reactor_count_local(struct mio_reactor *self, mio_actor_id to)
{
    if (self->count_from != 0)
        begin_to_count(self);
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, to);
    if (slot == NULL)
        return 0; /* a dead letter */
    if (!has_room(self, slot))
        return mio_reactor_refuse(self);
    ++*queued_in(self, slot);
    return 0;
}

void mio_reactor_uncount(struct mio_reactor *self,
                         struct mio_actor_registry_slot *slot)
{
    uint32_t *queued = queued_in(self, slot);
    *queued -= *queued != 0; /* not all parts of the runtime count */
    if (slot->full != 0 && slot->actor != NULL && *queued <= slot->limit / 2)
        mio_reactor_open(self, slot->actor);
    if (self->queue.causes_count < mio_common_queue_min(self->common) / 2 &&
        self->mailbox->full_count == 0)
        count_no_more(self);
}

void mio_reactor_unsend(struct mio_reactor *self, mio_actor_id to)
{
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, to);
    if (mio_actor_id_reactor(to) == self->index && self->count_from == 0 &&
        slot != NULL)
        mio_reactor_uncount(self, slot);
}

bool mio_reactor_is_full(struct mio_reactor *self, mio_actor_id to)
{
    if (self->count_from != 0)
        return false;
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, to);
    return slot != NULL && (slot->full != 0 || !has_room(self, slot));
}
