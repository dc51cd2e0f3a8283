/* SPDX-License-Identifier: MIT
 *
 * runtime/send_after.c - see send_after.h.
 *
 * A message whose time has not come waits beside a record with a timer. Both
 * are memory of the reactor's slabs. The timer has no actor, by which the
 * reactor knows it from those of actors (turn.c). */
#include "runtime/send_after.h"

#include <string.h>

#include "core/assert.h"
#include "core/slab.h"
#include "runtime/actor_private.h"
#include "runtime/count.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"

/* The payload of a message that is never sent. */
struct delay {
    struct mio_actor_timer timer; /* of nobody */
    mio_key key;
    struct mio_message *message; /* to be sent */
};

static struct mio_message *message_of(struct delay *delay)
{
    return (struct mio_message *)(void *)delay - 1;
}

static struct delay *new_delay(struct mio_reactor *reactor)
{
    struct mio_message *memory =
        mio_reactor_message_new(reactor, sizeof(struct delay));
    if (memory == NULL)
        return NULL;
    struct delay *delay = mio_message_payload(memory);
    memset(delay, 0, sizeof(*delay));
    mio_timer_init(&delay->timer.timer);
    if (mio_slab_insert(&reactor->delays, delay, &delay->key) < 0) {
        mio_reactor_message_free(reactor, memory);
        return NULL;
    }
    return delay;
}

/* Its record goes; the message is the caller's. */
static struct mio_message *end_delay(struct mio_reactor *reactor,
                                     struct delay *delay)
{
    struct mio_message *message = delay->message;
    (void)mio_slab_remove(&reactor->delays, delay->key);
    mio_reactor_message_free(reactor, message_of(delay));
    return message;
}

static void start(struct mio_actor *self, mio_actor_id to,
                  struct mio_message *message, struct delay *delay,
                  int64_t delay_ns, mio_delayed *out)
{
    struct mio_reactor *reactor = self->reactor;
    message->to = to;
    message->from = self->id;
    delay->message = message;
    mio_timer_wheel_insert(&reactor->wheel, &delay->timer.timer,
                           mio_deadline_in(delay_ns));
    if (out != NULL)
        *out = (mio_delayed){.key = delay->key, .reactor = reactor->index};
}

int mio_send_message_after(struct mio_actor *self, mio_actor_id to,
                           struct mio_message *message, int64_t delay_ns,
                           mio_delayed *out)
{
    struct mio_reactor *reactor = self->reactor;
    MIO_ASSERT(message->kind == MIO_ENTRY_HELD); /* no request */
    MIO_ASSERT(message != reactor->receiving);   /* keep it first */
    int result = mio_send_check(reactor->common, to, message->size);
    if (result < 0)
        return result;
    struct delay *delay = new_delay(reactor);
    if (delay == NULL)
        return MIO_ENOMEM;
    start(self, to, message, delay, delay_ns, out);
    return 0;
}

int mio_send_after(struct mio_actor *self, mio_actor_id to,
                   const struct mio_message_type *type, const void *payload,
                   size_t size, int64_t delay_ns, mio_delayed *out)
{
    struct mio_message *message;
    int result = mio_message_new(self, &message, type, size);
    if (result < 0)
        return result;
    if (size > 0)
        memcpy(mio_message_payload(message), payload, size);
    result = mio_send_message_after(self, to, message, delay_ns, out);
    if (result < 0)
        mio_message_free(self, message);
    return result;
}

static void drop(struct mio_reactor *reactor, struct mio_message *message)
{
    const struct mio_message_type *type = message->type;
    if (type != NULL && type->drop != NULL)
        type->drop(mio_message_payload(message), message->size);
    mio_reactor_message_free(reactor, message);
}

bool mio_send_after_cancel(struct mio_actor *self, mio_delayed delayed)
{
    struct mio_reactor *reactor = self->reactor;
    if (delayed.reactor != reactor->index)
        return false;
    struct delay *delay = mio_slab_get(&reactor->delays, delayed.key);
    if (delay == NULL)
        return false;
    (void)mio_timer_wheel_cancel(&reactor->wheel, &delay->timer.timer);
    drop(reactor, end_delay(reactor, delay));
    return true;
}

void mio_delay_fired(struct mio_reactor *reactor, struct mio_actor_timer *timer)
{
    /* The timer is the first member. */
    struct mio_message *message =
        end_delay(reactor, (struct delay *)(void *)timer);
    message->kind = MIO_ENTRY_MESSAGE;
    /* Room or not: it was promised. */
    mio_count(&reactor->counters.sent_system);
    mio_reactor_send(reactor, message);
    mio_reactor_publish(reactor);
}

void mio_delay_drop_all(struct mio_reactor *reactor)
{
    uint32_t cursor = 0;
    mio_key key;
    void *delay;
    while (mio_slab_next(&reactor->delays, &cursor, &key, &delay))
        drop(reactor, end_delay(reactor, delay));
}
