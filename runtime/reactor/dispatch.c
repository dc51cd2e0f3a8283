/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/dispatch.c - see dispatch.h. Steps 4 and 9 of a byte's
 * walk: an entry of the queue becomes a call of its actor. */
#include "runtime/reactor/dispatch.h"

#include <stdlib.h>

#include "core/assert.h"
#include "runtime/reactor/memory.h"
#include "runtime/reactor/system.h"

void mio_reactor_end_later(struct mio_actor *actor, int reason)
{
    struct mio_reactor *self = actor->reactor;
    if (actor->is_ending)
        return; /* the first reason stays */
    actor->is_ending = true;
    actor->reason = reason;
    actor->ending_next = NULL;
    *self->ending_tail = actor;
    self->ending_tail = &actor->ending_next;
}

void mio_reactor_end_all(struct mio_reactor *self)
{
    while (self->ending != NULL) {
        struct mio_actor *actor = self->ending;
        self->ending = actor->ending_next;
        if (self->ending == NULL)
            self->ending_tail = &self->ending;
        self->life->end(actor);
    }
}

void mio_reactor_release(struct mio_actor *actor)
{
    MIO_ASSERT(actor->pending_count > 0);
    if (--actor->pending_count == 0 && actor->is_over)
        free(actor);
}

void mio_reactor_enqueue(struct mio_reactor *self,
                         struct mio_actor_entry *entry)
{
    MIO_DEBUG_ASSERT(entry->link == NULL);
    entry->actor->pending_count++;
    mio_queue_push_entry(&self->queue, entry);
}

void mio_reactor_dequeue(struct mio_reactor *self,
                         struct mio_actor_entry *entry)
{
    mio_queue_unlink(&self->queue, entry);
    mio_reactor_release(entry->actor);
}

/* A kill that is still behind this in the queue, or on its way here. */
static void kill_marked(struct mio_reactor *self, struct mio_actor *actor,
                        struct mio_message *message)
{
    mio_reactor_end_later(actor, MIO_EKILLED);
    mio_reactor_dead_letter(self, message);
    mio_reactor_end_all(self);
}

static inline void dispatch_message(struct mio_reactor *self,
                                    struct mio_message *message)
{
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, message->to);
    struct mio_actor *actor = slot != NULL ? slot->actor : NULL;
    if (__builtin_expect(actor == NULL, 0)) {
        mio_reactor_dead_letter(self, message);
        return;
    }
    if (__builtin_expect(self->count_from == 0, 0))
        mio_reactor_uncount(self, slot);
    if (__builtin_expect(
            mio_actor_registry_is_marked(self->registry, message->to), 0) &&
        !actor->is_internal) {
        kill_marked(self, actor, message);
        return;
    }
    /* While it is received, a message's link leads to the note that it is:
     * mio_message_keep strikes that out. Afterwards the message may be in
     * anybody's hands, and only the note tells. */
    message->kind = MIO_ENTRY_HELD;
    message->next = (struct mio_message *)(void *)&self->receiving;
    self->receiving = message;
    actor->received++;
    int result = actor->receive(actor, actor->state, message);
    if (self->receiving != NULL) {
        self->receiving = NULL;
        mio_reactor_message_free(self, message);
    }
    mio_reactor_settle(self, actor, result);
}

static void dispatch_request(struct mio_reactor *self,
                             struct mio_message *message)
{
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, message->to);
    struct mio_actor *actor = slot != NULL ? slot->actor : NULL;
    if (slot != NULL && self->count_from == 0)
        mio_reactor_uncount(self, slot);
    if (actor != NULL && !actor->is_internal &&
        mio_actor_registry_is_marked(self->registry, message->to)) {
        mio_reactor_end_later(actor, MIO_EKILLED);
        mio_reactor_end_all(self);
        actor = NULL;
    }
    if (actor != NULL)
        actor->received++;
    self->life->request(self, actor, message);
}

static void dispatch_system(struct mio_reactor *self,
                            struct mio_message *message)
{
    const struct mio_system_type *type =
        (const struct mio_system_type *)(const void *)message->type;
    message->kind = MIO_ENTRY_HELD;
    type->handle(self, mio_actor_registry_find(self->registry, message->to),
                 message);
    mio_reactor_publish(self);
    if (self->ending != NULL)
        mio_reactor_end_all(self);
}

static inline void dispatch_embedded(struct mio_reactor *self,
                                     struct mio_actor_entry *entry)
{
    struct mio_actor *actor = entry->actor;
    if (actor->is_over) {
        mio_reactor_release(actor);
        return;
    }
    actor->pending_count--;
    actor->entries++;
    int result = entry->handle(actor, actor->state, entry);
    mio_reactor_settle(self, actor, result);
}

/* Returns how many entries that was: an index is none. */
static inline uint32_t dispatch(struct mio_reactor *self)
{
    struct mio_message *entry = mio_queue_pop(&self->queue);
    switch (entry->kind) {
    case MIO_ENTRY_MESSAGE:
        dispatch_message(self, entry);
        break;
    case MIO_ENTRY_EMBEDDED:
    case MIO_ENTRY_READY:
        dispatch_embedded(self, (struct mio_actor_entry *)entry);
        break;
    case MIO_ENTRY_INDEX:
        mio_index_prefetch(entry);
        mio_reactor_message_free(self, entry);
        return 0;
    case MIO_ENTRY_STAMP:
        mio_gauge_stamp_passed(&self->gauge);
        return 0;
    case MIO_ENTRY_SYSTEM:
        dispatch_system(self, entry);
        break;
    case MIO_ENTRY_REQUEST:
        dispatch_request(self, entry);
        break;
    case MIO_ENTRY_REPLY:
        self->life->reply(self, entry);
        break;
    default:
        MIO_ASSERT(entry->kind == MIO_ENTRY_SPAWN);
        self->life->begin(self, entry);
        break;
    }
    return 1;
}

uint32_t mio_reactor_run_queue(struct mio_reactor *self, uint32_t entries_max)
{
    uint32_t count = 0;
    while (count < entries_max && !mio_queue_is_empty(&self->queue))
        count += dispatch(self);
    return count;
}

static bool is_signpost(const struct mio_message *entry)
{
    return entry->kind == MIO_ENTRY_INDEX || entry->kind == MIO_ENTRY_STAMP;
}

uint32_t mio_reactor_run_watched(struct mio_reactor *self, uint32_t entries_max)
{
    uint32_t count = 0;
    while (count < entries_max && !mio_queue_is_empty(&self->queue)) {
        mio_gauge_at_entry(self);
        count += mio_reactor_run_queue(self, 1);
    }
    return count;
}

uint32_t mio_reactor_run_sampled(struct mio_reactor *self)
{
    /* All by run_queue: a second caller, and dispatch were no longer inlined
     * in the first. Behind a signpost, the next entry is sampled. */
    if (self->gauge.is_watched)
        mio_gauge_at_entry(self);
    if (is_signpost(self->queue.first))
        return mio_reactor_run_queue(self, 1);
    struct mio_sample sample = mio_gauge_sample(self);
    (void)mio_reactor_run_queue(self, 1);
    mio_gauge_sampled(self, &sample);
    return 1;
}

static void drop_flushes(struct mio_reactor *self)
{
    while (self->flush_first != NULL) {
        struct mio_actor *actor = self->flush_first->actor;
        self->flush_first = self->flush_first->next;
        mio_reactor_release(actor);
    }
}

void mio_reactor_drop_queue(struct mio_reactor *self)
{
    drop_flushes(self);
    while (self->early != NULL) {
        struct mio_message *record = self->early;
        self->early = record->next;
        mio_reactor_drop(self, record);
    }
    while (!mio_queue_is_empty(&self->queue)) {
        struct mio_message *entry = mio_queue_pop(&self->queue);
        if (mio_entry_is_embedded(entry->kind))
            mio_reactor_release(((struct mio_actor_entry *)entry)->actor);
        else if (entry->kind != MIO_ENTRY_STAMP)
            mio_reactor_drop(self, entry);
    }
}
