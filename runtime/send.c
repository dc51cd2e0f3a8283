/* SPDX-License-Identifier: MIT
 *
 * runtime/send.c - messages are made, sent, kept, shared. See actor.h. Step 7
 * of a byte's walk: ownership moves to the other reactor. */
#include <ck_pr.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/actor.h"
#include "runtime/actor_private.h"
#include "runtime/mailbox/litmus.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"

int mio_message_new(struct mio_actor *self, struct mio_message **out,
                    const struct mio_message_type *type, size_t size)
{
    if (size > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    struct mio_message *message = mio_reactor_message_new(self->reactor, size);
    if (message == NULL)
        return MIO_ENOMEM;
    message->next = NULL; /* it is not being received: see keep */
    message->type = type;
    message->to = self->id; /* until it is sent: who has it (leaks.c) */
    *out = message;
    return 0;
}

/* Whether it can be sent, and whether there is room for it. */
static inline int check(struct mio_reactor *reactor, mio_actor_id to,
                        size_t size)
{
    int result = mio_send_check(reactor->common, to, size);
    if (result < 0)
        return result;
    return mio_reactor_check_room(reactor, to);
}

static inline void send_held(struct mio_actor *self, mio_actor_id to,
                             struct mio_message *message)
{
    message->to = to;
    message->from = self->id;
    message->kind = MIO_ENTRY_MESSAGE;
    mio_reactor_send(self->reactor, message);
}

/* Payloads are small and were written a moment ago, field by field. The C
 * library reads them with registers wider than the fields, and waits until the
 * stores have left the store buffer: word by word is 5 ns faster. */
#define WORDWISE_MAX 64

static inline void copy_payload(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if (size > WORDWISE_MAX) {
        memcpy(out, in, size);
        return;
    }
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t)) {
        memcpy(out, in, sizeof(uint64_t));
        out += sizeof(uint64_t);
        in += sizeof(uint64_t);
        __asm__ volatile(""); /* keep it a loop: no call of memcpy */
    }
    for (; size > 0; size--) {
        *out++ = *in++;
        __asm__ volatile("");
    }
}

int mio_send(struct mio_actor *self, mio_actor_id to,
             const struct mio_message_type *type, const void *payload,
             size_t size)
{
    int result = check(self->reactor, to, size);
    if (result < 0)
        return result;
    struct mio_message *message = mio_reactor_message_new(self->reactor, size);
    if (message == NULL) {
        mio_reactor_unsend(self->reactor, to);
        return MIO_ENOMEM;
    }
    message->type = type;
    copy_payload(mio_message_payload(message), payload, size);
    send_held(self, to, message);
    return 0;
}

int mio_send_message(struct mio_actor *self, mio_actor_id to,
                     struct mio_message *message)
{
    MIO_ASSERT(mio_entry_is_held(message->kind));
    MIO_ASSERT(message != self->reactor->receiving); /* keep it first */
    int result = check(self->reactor, to, message->size);
    if (result < 0)
        return result;
    if (__builtin_expect(message->kind == MIO_ENTRY_HELD, 1))
        send_held(self, to, message);
    else
        mio_request_forward(self, to, message);
    return 0;
}

void mio_message_keep(struct mio_message *message)
{
    struct mio_message **receiving = (void *)message->next;
    MIO_ASSERT(receiving != NULL);
    MIO_ASSERT(*receiving == message); /* kept twice? */
    *receiving = NULL;
    message->next = NULL;
}

void mio_message_free(struct mio_actor *self, struct mio_message *message)
{
    MIO_ASSERT(mio_entry_is_held(message->kind));
    MIO_ASSERT(message != self->reactor->receiving); /* keep it first */
    if (__builtin_expect(message->kind == MIO_ENTRY_HELD, 1))
        mio_reactor_message_free(self->reactor, message);
    else
        mio_request_free(self->reactor, message);
}

static void release_share(struct mio_slice *slice)
{
    struct mio_message_share *share =
        (struct mio_message_share *)(void *)((unsigned char *)slice -
                                             offsetof(struct mio_message_share,
                                                      slice));
    mio_reactor_message_free(share->reactor, share->message);
}

struct mio_slice *mio_message_to_slice(struct mio_actor *self,
                                       struct mio_message *message,
                                       struct mio_message_share *share,
                                       const void *bytes, uint32_t size)
{
    MIO_ASSERT(message->kind ==
               MIO_ENTRY_HELD); /* no request: it must answer */
    MIO_ASSERT(message != self->reactor->receiving); /* keep it first */
    share->reactor = self->reactor;
    share->message = message;
    mio_slice_init(&share->slice, bytes, size, release_share);
    return &share->slice;
}

void mio_publish(struct mio_actor *self)
{
    if (MIO_LITMUS_BREAKS(MIO_RULE_EFFECT))
        return;
    mio_reactor_publish(self->reactor);
}

void mio_actor_publish_before_effect(struct mio_actor *self)
{
    mio_publish(self);
    ck_pr_fence_memory(); /* the inbox's word before the effect's */
}
