/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/system.h - messages between the parts of the runtime itself.
 * Not installed.
 *
 * Links, monitors, asks and their like tell each other, across reactors, what
 * their actors must not see as messages. Such a message travels and is queued
 * as any other, so it is as causal as any other; its memory was made when the
 * right to send it was made, so it is never refused. */
#ifndef MIO_RUNTIME_REACTOR_SYSTEM_H
#define MIO_RUNTIME_REACTOR_SYSTEM_H

#include "core/assert.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"
#include "runtime/reactor/reactor.h"

/* What kind it is. Static; `base` is the first member. */
struct mio_system_type {
    struct mio_message_type base; /* drop: when the runtime ends undelivered */
    /* On the reactor of `message->to`; `to` is who lives there, or NULL if
     * nobody does (any more). The message is the callee's: to free, to keep, to
     * send on. */
    void (*handle)(struct mio_reactor *self, struct mio_actor *to,
                   struct mio_message *message);
    /* Instead of `drop`, when that is not enough: the message is the callee's.
     * NULL: drop it and free it. */
    void (*dropped)(struct mio_reactor *self, struct mio_message *message);
};

/* A payload to be sent later; NULL: no memory. */
static inline struct mio_message *
mio_system_new(struct mio_reactor *self, const struct mio_system_type *type,
               size_t size)
{
    struct mio_message *message = mio_reactor_message_new(self, size);
    if (message != NULL)
        message->type = &type->base;
    return message;
}

/* Send one that is held; the type may be another than it was made with. */
static inline void mio_system_send(struct mio_reactor *self, mio_actor_id from,
                                   mio_actor_id to,
                                   const struct mio_system_type *type,
                                   struct mio_message *message)
{
    MIO_DEBUG_ASSERT(message->kind == MIO_ENTRY_HELD);
    message->type = &type->base;
    message->from = from;
    message->to = to;
    message->kind = MIO_ENTRY_SYSTEM;
    mio_count(&self->counters.sent_system);
    mio_reactor_send(self, message);
}

#endif /* MIO_RUNTIME_REACTOR_SYSTEM_H */
