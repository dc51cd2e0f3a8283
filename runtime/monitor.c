/* SPDX-License-Identifier: MIT
 *
 * runtime/monitor.c - see monitor.h.
 *
 * The record of a monitor travels: as a message to the reactor of who is
 * watched, where it is attached to that actor; and, as that ends, back with the
 * news. A cancellation is a second message, made beforehand, which names the
 * record by its address: while who is watched lives, the record is there, and
 * afterwards the cancellation finds nobody. The way back is guarded by a key,
 * which a cancelled monitor no longer has. */
#include "runtime/monitor.h"

#include <stddef.h>

#include "core/assert.h"
#include "core/slab.h"
#include "runtime/actor_private.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/system.h"

struct cancellation {
    struct mio_message *record;
};

static void handle_watch(struct mio_reactor *reactor, struct mio_actor *to,
                         struct mio_message *message);
static void handle_cancel(struct mio_reactor *reactor, struct mio_actor *to,
                          struct mio_message *message);
static void handle_down(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message);

static const struct mio_system_type watch_type = {
    .base = {.name = "monitor"},
    .handle = handle_watch,
};
static const struct mio_system_type cancel_type = {
    .base = {.name = "demonitor"},
    .handle = handle_cancel,
};
static const struct mio_system_type down_type = {
    .base = {.name = "down"},
    .handle = handle_down,
};

/* --- where the watched one lives ----------------------------------------- */

static void tell_down(struct mio_reactor *reactor, struct mio_message *record,
                      mio_actor_id who, int reason)
{
    struct mio_watch *watch = mio_message_payload(record);
    watch->reason = reason;
    mio_system_send(reactor, who, watch->watcher, watch->news, record);
}

static void ended(struct mio_actor *actor, struct mio_attachment *attachment)
{
    /* The attachment is the first member of the payload. */
    struct mio_message *record = (struct mio_message *)(void *)attachment - 1;
    tell_down(actor->reactor, record, actor->id, actor->reason);
}

void mio_watch_attach(struct mio_actor *actor, struct mio_message *record)
{
    struct mio_watch *watch = mio_message_payload(record);
    watch->attachment.ended = ended;
    mio_attach(actor, &watch->attachment);
}

void mio_watch_refuse(struct mio_reactor *reactor, mio_actor_id who,
                      struct mio_message *record, int reason)
{
    tell_down(reactor, record, who, reason);
}

/* Who learned of an address past the queues, from memory that is shared, say,
 * may watch it before its order to begin is here. If that were answered with
 * MIO_EDEAD, a cancellation might come after the beginning, and take the record
 * for attached: so it waits. */
static void await(struct mio_reactor *reactor, struct mio_message *record)
{
    record->next = reactor->early;
    reactor->early = record;
}

void mio_watch_begin(struct mio_reactor *reactor, mio_actor_id who,
                     struct mio_actor *actor, int reason)
{
    struct mio_message **link = &reactor->early;
    while (*link != NULL) {
        struct mio_message *record = *link;
        if (!mio_actor_id_equal(record->to, who)) {
            link = &record->next;
            continue;
        }
        *link = record->next;
        if (actor != NULL)
            mio_watch_attach(actor, record);
        else
            tell_down(reactor, record, who, reason);
    }
}

static void handle_watch(struct mio_reactor *reactor, struct mio_actor *to,
                         struct mio_message *message)
{
    if (to != NULL)
        mio_watch_attach(to, message);
    else if (mio_actor_registry_is_awaited(reactor->registry, message->to))
        await(reactor, message);
    else
        tell_down(reactor, message, message->to, MIO_EDEAD);
}

static void handle_cancel(struct mio_reactor *reactor, struct mio_actor *to,
                          struct mio_message *message)
{
    struct cancellation *cancellation = mio_message_payload(message);
    /* Nobody: the record went back with the news. */
    if (to != NULL) {
        struct mio_message *record = cancellation->record;
        struct mio_watch *watch = mio_message_payload(record);
        mio_detach(&watch->attachment);
        mio_reactor_message_free(reactor, record);
    }
    mio_reactor_message_free(reactor, message);
}

/* --- where the watcher lives --------------------------------------------- */

static void link_monitor(struct mio_actor *self, struct mio_monitor *monitor)
{
    monitor->next = self->monitors;
    monitor->link = &self->monitors;
    if (monitor->next != NULL)
        monitor->next->link = &monitor->next;
    self->monitors = monitor;
}

/* It watches nobody any more; news that are under way find no key. */
static void unlink_monitor(struct mio_monitor *monitor)
{
    *monitor->link = monitor->next;
    if (monitor->next != NULL)
        monitor->next->link = monitor->link;
    monitor->link = NULL;
    (void)mio_slab_remove(&monitor->actor->reactor->monitors, monitor->key);
}

void mio_monitor_init(struct mio_monitor *monitor, struct mio_actor *self,
                      int (*down)(struct mio_actor *self, void *state,
                                  struct mio_monitor *monitor, int reason))
{
    MIO_ASSERT(down != NULL);
    *monitor = (struct mio_monitor){.actor = self, .down = down};
}

/* All that can be refused. *out is the record, to be sent. */
static int prepare(struct mio_monitor *monitor, struct mio_message **out)
{
    struct mio_reactor *reactor = monitor->actor->reactor;
    struct mio_message *record =
        mio_system_new(reactor, &watch_type, sizeof(struct mio_watch));
    struct mio_message *cancel =
        mio_system_new(reactor, &cancel_type, sizeof(struct cancellation));
    if (record == NULL || cancel == NULL ||
        mio_slab_insert(&reactor->monitors, monitor, &monitor->key) < 0) {
        if (record != NULL)
            mio_reactor_message_free(reactor, record);
        if (cancel != NULL)
            mio_reactor_message_free(reactor, cancel);
        return MIO_ENOMEM;
    }
    struct mio_watch *watch = mio_message_payload(record);
    watch->news = &down_type;
    watch->watcher = monitor->actor->id;
    watch->key = monitor->key;
    struct cancellation *cancellation = mio_message_payload(cancel);
    cancellation->record = record;
    monitor->cancel = cancel;
    link_monitor(monitor->actor, monitor);
    *out = record;
    return 0;
}

int mio_monitor_start(struct mio_monitor *monitor, mio_actor_id target)
{
    struct mio_actor *self = monitor->actor;
    struct mio_message *record;
    int result = mio_send_check(self->reactor->common, target, 0);
    if (result < 0)
        return result;
    if (monitor->link != NULL)
        return MIO_EEXIST;
    result = prepare(monitor, &record);
    if (result < 0)
        return result;
    monitor->target = target;
    mio_system_send(self->reactor, self->id, target, &watch_type, record);
    return 0;
}

int mio_spawn_monitored(struct mio_actor *self, struct mio_monitor *monitor,
                        uint32_t reactor,
                        const struct mio_actor_class *actor_class,
                        const void *argument, size_t argument_size,
                        mio_actor_id *out)
{
    struct mio_message *record;
    MIO_ASSERT(monitor->actor == self);
    if (monitor->link != NULL)
        return MIO_EEXIST;
    int result = prepare(monitor, &record);
    if (result < 0)
        return result;
    result = mio_spawn_watched(self, reactor, actor_class, argument,
                               argument_size, record, &monitor->target);
    if (result < 0) {
        unlink_monitor(monitor);
        mio_reactor_message_free(self->reactor, monitor->cancel);
        mio_reactor_message_free(self->reactor, record);
        return result;
    }
    if (out != NULL)
        *out = monitor->target;
    return 0;
}

bool mio_monitor_cancel(struct mio_monitor *monitor)
{
    if (monitor->link == NULL)
        return false;
    struct mio_actor *self = monitor->actor;
    unlink_monitor(monitor);
    mio_system_send(self->reactor, self->id, monitor->target, &cancel_type,
                    monitor->cancel);
    return true;
}

void mio_actor_demonitor_all(struct mio_actor *self)
{
    while (self->monitors != NULL)
        (void)mio_monitor_cancel(self->monitors);
}

static void handle_down(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    const struct mio_watch *watch = mio_message_payload(message);
    int reason = watch->reason;
    struct mio_monitor *monitor = mio_slab_get(&reactor->monitors, watch->key);
    mio_reactor_message_free(reactor, message);
    if (monitor == NULL)
        return; /* cancelled, also by the watcher's end */
    MIO_ASSERT(monitor->actor == to);
    unlink_monitor(monitor);
    mio_reactor_message_free(reactor, monitor->cancel);
    int result = monitor->down(to, to->state, monitor, reason);
    mio_reactor_settle(reactor, to, result);
}
