/* SPDX-License-Identifier: MIT
 *
 * runtime/ask.c - see ask.h.
 *
 * A request is one message there and back. At the end of its memory stands an
 * envelope: who asked, and by which key that reactor knows the ask; a key that
 * is stale (answered, cancelled, too late) finds nothing. While an actor has a
 * request, the envelope hangs on that actor, whose end then answers it. */
#include "runtime/ask.h"

#include <string.h>

#include "core/assert.h"
#include "core/slab.h"
#include "runtime/actor_private.h"
#include "runtime/count.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"
#include "runtime/tail.h"

struct envelope {
    struct mio_attachment attachment; /* to who has the request */
    mio_actor_id asker;
    mio_key key; /* on the asker's reactor */
    union {
        uint32_t reply_size_max; /* until it is answered */
        int result;              /* afterwards */
    };
    uint32_t size_class; /* leads back to the message */
};

_Static_assert(sizeof(struct envelope) == 48,
               "a slot of 128 bytes has 40 left");

static struct envelope *envelope_of(struct mio_message *message)
{
    return mio_tail_of(message, sizeof(struct envelope));
}

/* --- who is asked ----------------------------------------------------------
 */

/* Send it back, as it is. */
static void answer(struct mio_reactor *reactor, mio_actor_id from,
                   struct mio_message *request, int result)
{
    struct envelope *envelope = envelope_of(request);
    mio_detach(&envelope->attachment);
    envelope->result = result;
    request->from = from;
    request->to = envelope->asker;
    request->kind = MIO_ENTRY_REPLY;
    mio_count(&reactor->counters.sent_system);
    mio_reactor_send(reactor, request);
}

static void answer_error(struct mio_reactor *reactor, mio_actor_id from,
                         struct mio_message *request, int code)
{
    request->type = NULL; /* its payload is nobody's any more */
    request->size = 0;
    answer(reactor, from, request, code);
}

/* The attachment is the first member of the envelope. */
static void holder_ended(struct mio_actor *actor,
                         struct mio_attachment *attachment)
{
    struct envelope *envelope = (struct envelope *)(void *)attachment;
    struct mio_message *request =
        mio_tail_message_of(envelope, sizeof(*envelope), envelope->size_class);
    answer_error(actor->reactor, actor->id, request, MIO_EDEAD);
}

void mio_request_refuse(struct mio_reactor *reactor,
                        struct mio_message *request, int code)
{
    mio_reactor_bury(reactor, request);
    answer_error(reactor, request->to, request, code);
}

void mio_request_free(struct mio_reactor *reactor, struct mio_message *request)
{
    answer_error(reactor, request->to, request, MIO_ECANCELED);
}

void mio_request_forward(struct mio_actor *self, mio_actor_id to,
                         struct mio_message *request)
{
    mio_detach(&envelope_of(request)->attachment);
    request->from = self->id;
    request->to = to;
    request->kind = MIO_ENTRY_REQUEST;
    mio_reactor_send(self->reactor, request);
}

void mio_ask_receive_request(struct mio_reactor *reactor, struct mio_actor *to,
                             struct mio_message *message)
{
    if (to == NULL) {
        mio_request_refuse(reactor, message, MIO_EDEAD);
        mio_reactor_publish(reactor);
        return;
    }
    struct mio_attachment *attachment = &envelope_of(message)->attachment;
    attachment->ended = holder_ended;
    mio_attach(to, attachment);
    message->kind = MIO_ENTRY_HELD_REQUEST;
    message->next = (struct mio_message *)(void *)&reactor->receiving;
    reactor->receiving = message;
    int result = to->receive(to, to->state, message);
    if (reactor->receiving != NULL) {
        reactor->receiving = NULL;
        /* Else its end, which is near, answers, after all that it says. */
        if (result >= 0 && !to->is_ending)
            mio_request_free(reactor, message);
    }
    mio_reactor_settle(reactor, to, result);
}

bool mio_message_is_request(const struct mio_message *message)
{
    return message->kind == MIO_ENTRY_HELD_REQUEST;
}

size_t mio_request_reply_size_max(const struct mio_message *request)
{
    MIO_ASSERT(request->kind == MIO_ENTRY_HELD_REQUEST);
    return envelope_of((struct mio_message *)request)->reply_size_max;
}

/* It is not received any more, but used up. */
static void consume(struct mio_actor *self, struct mio_message *request)
{
    if (self->reactor->receiving == request)
        self->reactor->receiving = NULL;
}

int mio_reply(struct mio_actor *self, struct mio_message *request,
              const struct mio_message_type *type, const void *payload,
              size_t size)
{
    MIO_ASSERT(request->kind == MIO_ENTRY_HELD_REQUEST);
    if (size > envelope_of(request)->reply_size_max)
        return MIO_EINVAL;
    void *to = mio_message_payload(request);
    if (size > 0 && payload != to)
        memmove(to, payload, size);
    consume(self, request);
    request->type = type;
    request->size = (uint32_t)size;
    answer(self->reactor, self->id, request, 0);
    return 0;
}

void mio_reply_error(struct mio_actor *self, struct mio_message *request,
                     int code)
{
    MIO_ASSERT(request->kind == MIO_ENTRY_HELD_REQUEST);
    MIO_ASSERT(code < 0);
    consume(self, request);
    answer_error(self->reactor, self->id, request, code);
}

/* --- who asks --------------------------------------------------------------
 */

static void link_ask(struct mio_actor *self, struct mio_ask *ask)
{
    ask->next = self->asks;
    ask->link = &self->asks;
    if (ask->next != NULL)
        ask->next->link = &ask->next;
    self->asks = ask;
}

/* No answer is awaited any more; one that is under way finds no key. */
static void unlink_ask(struct mio_ask *ask)
{
    *ask->link = ask->next;
    if (ask->next != NULL)
        ask->next->link = ask->link;
    ask->link = NULL;
    (void)mio_slab_remove(&ask->actor->reactor->asks, ask->key);
    (void)mio_actor_timer_cancel(&ask->deadline);
    (void)mio_actor_dequeue(&ask->late);
}

/* The reply may be in the queue, or about to be: it wins. So all that is there
 * already goes first. */
static int deadline_passed(struct mio_actor *self, void *state,
                           struct mio_actor_timer *timer)
{
    struct mio_ask *ask =
        (struct mio_ask *)(void *)((unsigned char *)timer -
                                   offsetof(struct mio_ask, deadline));
    (void)state;
    mio_reactor_take(self->reactor);
    mio_actor_enqueue(&ask->late);
    return 0;
}

static int too_late(struct mio_actor *self, void *state,
                    struct mio_actor_entry *entry)
{
    struct mio_ask *ask =
        (struct mio_ask *)(void *)((unsigned char *)entry -
                                   offsetof(struct mio_ask, late));
    unlink_ask(ask);
    return ask->answered(self, state, ask, MIO_ETIMEDOUT, NULL);
}

void mio_ask_init(struct mio_ask *ask, struct mio_actor *self,
                  int (*answered)(struct mio_actor *self, void *state,
                                  struct mio_ask *ask, int result,
                                  struct mio_message *reply))
{
    MIO_ASSERT(answered != NULL);
    *ask = (struct mio_ask){.actor = self, .answered = answered};
    mio_actor_timer_init(&ask->deadline, self, deadline_passed);
    mio_actor_entry_init(&ask->late, self, too_late);
}

/* All that can be refused. NULL: no memory. */
static struct mio_message *prepare(struct mio_ask *ask, size_t size,
                                   size_t reply_size_max)
{
    struct mio_reactor *reactor = ask->actor->reactor;
    struct mio_message *request = mio_tail_message_new(
        reactor, size > reply_size_max ? size : reply_size_max,
        sizeof(struct envelope));
    if (request == NULL)
        return NULL;
    if (mio_slab_insert(&reactor->asks, ask, &ask->key) < 0) {
        mio_reactor_message_free(reactor, request);
        return NULL;
    }
    *envelope_of(request) = (struct envelope){
        .asker = ask->actor->id,
        .key = ask->key,
        .reply_size_max = (uint32_t)reply_size_max,
        .size_class = request->size_class,
    };
    request->size = (uint32_t)size;
    return request;
}

int mio_ask_start(struct mio_ask *ask, mio_actor_id to,
                  const struct mio_message_type *type, const void *payload,
                  size_t size, size_t reply_size_max, int64_t within_ns)
{
    struct mio_actor *self = ask->actor;
    int result = mio_send_check(self->reactor->common, to, size);
    if (result < 0 || reply_size_max > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    if (ask->link != NULL)
        return MIO_EALREADY;
    result = mio_reactor_check_room(self->reactor, to);
    if (result < 0)
        return result;
    struct mio_message *request = prepare(ask, size, reply_size_max);
    if (request == NULL) {
        mio_reactor_unsend(self->reactor, to);
        return MIO_ENOMEM;
    }
    link_ask(self, ask);
    ask->target = to;
    request->type = type;
    if (size > 0)
        memcpy(mio_message_payload(request), payload, size);
    mio_request_forward(self, to, request);
    if (within_ns >= 0)
        mio_actor_timer_start(&ask->deadline, within_ns);
    return 0;
}

bool mio_ask_cancel(struct mio_ask *ask)
{
    if (ask->link == NULL)
        return false;
    unlink_ask(ask);
    return true;
}

void mio_actor_unask_all(struct mio_actor *self)
{
    while (self->asks != NULL)
        unlink_ask(self->asks);
}

/* The ask that a reply is for; NULL: it comes too late. A kill of the asker
 * overtakes it. */
static struct mio_ask *find_ask(struct mio_reactor *reactor,
                                struct mio_message *reply)
{
    mio_key key = envelope_of(reply)->key;
    struct mio_ask *ask = mio_slab_get(&reactor->asks, key);
    if (ask == NULL || ask->actor->is_internal ||
        !mio_actor_registry_is_marked(reactor->registry, ask->actor->id))
        return ask;
    mio_reactor_end_later(ask->actor, MIO_EKILLED);
    mio_reactor_end_all(reactor);
    return NULL;
}

static int hand_over(struct mio_reactor *reactor, struct mio_ask *ask,
                     struct mio_message *reply)
{
    struct mio_actor *self = ask->actor;
    reply->kind = MIO_ENTRY_HELD;
    reply->next = (struct mio_message *)(void *)&reactor->receiving;
    reactor->receiving = reply;
    int result = ask->answered(self, self->state, ask, 0, reply);
    if (reactor->receiving != NULL) {
        reactor->receiving = NULL;
        mio_reactor_message_free(reactor, reply);
    }
    return result;
}

void mio_ask_receive_reply(struct mio_reactor *reactor,
                           struct mio_message *message)
{
    struct mio_ask *ask = find_ask(reactor, message);
    if (ask == NULL) {
        mio_reactor_drop(reactor, message);
        return;
    }
    struct mio_actor *self = ask->actor;
    MIO_ASSERT(mio_actor_id_equal(self->id, message->to));
    unlink_ask(ask);
    int result = envelope_of(message)->result;
    if (result < 0) {
        mio_reactor_message_free(reactor, message);
        result = ask->answered(self, self->state, ask, result, NULL);
    } else {
        result = hand_over(reactor, ask, message);
    }
    mio_reactor_settle(reactor, self, result);
}
