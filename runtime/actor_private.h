/* SPDX-License-Identifier: MIT
 *
 * runtime/actor_private.h - what the files of actors share. Not installed. */
#ifndef MIO_RUNTIME_ACTOR_PRIVATE_H
#define MIO_RUNTIME_ACTOR_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/actor.h"
#include "runtime/reactor/reactor.h"
#include "runtime/reactor/system.h"

/* The payload of a spawn entry; the argument follows, aligned to 16. */
struct mio_spawn_order {
    const struct mio_actor_class *actor_class;
    size_t argument_size;
    struct mio_message *record; /* a mio_watch, attached before init; or NULL */
    struct mio_message *started; /* to a supervisor; or NULL */
    bool is_internal;
    unsigned char argument[];
};

/* Where the argument is: the first address after the order that is aligned to
 * 16 (slots and allocations are). */
static inline void *mio_spawn_argument(struct mio_message *message)
{
    size_t offset =
        sizeof(struct mio_message) + offsetof(struct mio_spawn_order, argument);
    return (unsigned char *)message + (offset + 15) / 16 * 16;
}

/* Payload of an order with an argument of this size. */
static inline size_t mio_spawn_order_size(size_t argument_size)
{
    size_t offset =
        sizeof(struct mio_message) + offsetof(struct mio_spawn_order, argument);
    return (offset + 15) / 16 * 16 - sizeof(struct mio_message) + argument_size;
}

/* Make `message` an order for an actor at `id`. */
void mio_spawn_order_write(struct mio_message *message, mio_actor_id id,
                           const struct mio_actor_class *actor_class,
                           const void *argument, size_t argument_size);

/* It does not count, and lives until the reactor ends. */
static inline void mio_spawn_order_mark_internal(struct mio_message *message)
{
    struct mio_spawn_order *order =
        (struct mio_spawn_order *)mio_message_payload(message);
    order->is_internal = true;
}

/* Reserve an address on a reactor, counted as a living actor.
 * Returns 0 | MIO_EINVAL (no such reactor) | MIO_EFULL | MIO_ECLOSED. */
MIO_NODISCARD int mio_spawn_reserve(struct mio_common *common, uint32_t reactor,
                                    mio_actor_id *out);
void mio_spawn_unreserve(struct mio_common *common, mio_actor_id id);

/* How many messages may wait there: known before the first one can come. */
void mio_spawn_limit(struct mio_common *common, mio_actor_id id,
                     const struct mio_actor_class *actor_class);

/* Whether a message of this size can go to `to`. Returns 0 | MIO_EINVAL. */
static inline int mio_send_check(const struct mio_common *common,
                                 mio_actor_id to, size_t size)
{
    if (mio_actor_id_is_none(to) ||
        mio_actor_id_reactor(to) >= common->reactors_count ||
        size > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    return 0;
}

/* What was sent is published before others can see what comes next past the
 * queues: rule 2 of causality. */
void mio_actor_publish_before_effect(struct mio_actor *self);

/* The record of somebody's watch over an actor's life, payload of a message: it
 * is attached to the actor, and goes back with the news of its end. */
struct mio_watch {
    struct mio_attachment attachment;   /* first */
    const struct mio_system_type *news; /* as what it goes back */
    mio_actor_id watcher;
    uint64_t key; /* the watcher's */
    int reason;
};

/* Send a stop, or a kill, in memory that is held: cannot fail. */
void mio_stop_with(struct mio_reactor *reactor, mio_actor_id from,
                   mio_actor_id target, struct mio_message *message);
void mio_kill_with(struct mio_reactor *reactor, mio_actor_id from,
                   mio_actor_id target, struct mio_message *message);

/* As mio_spawn_on, with a record; on failure that is the caller's. */
MIO_NODISCARD int mio_spawn_watched(struct mio_actor *self, uint32_t reactor,
                                    const struct mio_actor_class *actor_class,
                                    const void *argument, size_t argument_size,
                                    struct mio_message *record,
                                    mio_actor_id *out);

/* A record finds its actor, or that there will be none. */
void mio_watch_attach(struct mio_actor *actor, struct mio_message *record);
void mio_watch_refuse(struct mio_reactor *reactor, mio_actor_id who,
                      struct mio_message *record, int reason);

/* An actor that was awaited begins, or (NULL) will not: for records that were
 * early. */
void mio_watch_begin(struct mio_reactor *reactor, mio_actor_id who,
                     struct mio_actor *actor, int reason);

/* Tell its supervisor, if it has one and that was not told yet, that it is up,
 * or that it will never be. */
void mio_actor_tell_started(struct mio_actor *self, bool is_up);

/* The time in delay_ns (at once, if that is negative). */
int64_t mio_deadline_in(int64_t delay_ns);

/* At the end of an actor: its sources, its timers, its monitors, its links, its
 * asks. */
void mio_actor_unwatch_all(struct mio_actor *self);
void mio_actor_cancel_all(struct mio_actor *self);
void mio_actor_unawait_all(struct mio_actor *self);
void mio_actor_demonitor_all(struct mio_actor *self);
void mio_actor_unlink_all(struct mio_actor *self);

void mio_actor_unask_all(struct mio_actor *self);

/* A request that nobody will ever hear of: a dead letter that is answered. */
void mio_request_refuse(struct mio_reactor *reactor,
                        struct mio_message *request, int code);
/* One that is held is freed: it is answered MIO_ECANCELED. */
void mio_request_free(struct mio_reactor *reactor, struct mio_message *request);
/* One that is held is sent on; who has it then is who answers. */
void mio_request_forward(struct mio_actor *self, mio_actor_id to,
                         struct mio_message *request);

/* For the reactor: see reactor.h. */
void mio_ask_receive_request(struct mio_reactor *reactor, struct mio_actor *to,
                             struct mio_message *message);
void mio_ask_receive_reply(struct mio_reactor *reactor,
                           struct mio_message *message);
void mio_delay_fired(struct mio_reactor *reactor,
                     struct mio_actor_timer *timer);
void mio_delay_drop_all(struct mio_reactor *reactor);

extern const struct mio_reactor_life mio_actor_life;

#endif /* MIO_RUNTIME_ACTOR_PRIVATE_H */
