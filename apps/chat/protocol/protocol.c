/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/protocol.c - what the actors of the chat say to each
 * other. */
#include "apps/chat/protocol/protocol.h"

#include <string.h>

#include "core/assert.h"

/* No payload owns anything, so none has a drop. */
static const struct mio_message_type op_types[CHAT_OPS_COUNT] = {
#define X(name, text, overlap) [CHAT_OP_##name] = {"chat " text, NULL},
    CHAT_OPS(X)
#undef X
};

const struct mio_message_type chat_reply_type = {"chat reply", NULL};
const struct mio_message_type chat_post_type = {"chat post", NULL};
const struct mio_message_type chat_event_type = {"chat event", NULL};
const struct mio_message_type chat_wallops_type = {"chat wallops", NULL};
const struct mio_message_type chat_deliver_type = {"chat deliver", NULL};
const struct mio_message_type chat_changed_type = {"chat changed", NULL};
const struct mio_message_type chat_find_type = {"chat find", NULL};

enum chat_op_kind chat_op_kind(const struct mio_message *message)
{
    /* Compared as numbers: the type may be of another array or of none. */
    uintptr_t offset = (uintptr_t)message->type - (uintptr_t)op_types;

    return offset < sizeof(op_types)
               ? (enum chat_op_kind)(offset / sizeof(op_types[0]))
               : CHAT_NO_OP;
}

bool chat_op_may_overlap(enum chat_op_kind kind)
{
    static const bool overlap[CHAT_OPS_COUNT] = {
#define X(name, text, overlap) [CHAT_OP_##name] = overlap,
        CHAT_OPS(X)
#undef X
    };

    return kind < CHAT_OPS_COUNT && overlap[kind];
}

const struct mio_message_type *chat_op_type(enum chat_op_kind kind)
{
    MIO_ASSERT(kind < CHAT_OPS_COUNT);

    return &op_types[kind];
}

struct irc_span chat_op_text(const struct chat_op *self, uint32_t index)
{
    const char *at = (const char *)(self + 1);

    if (index >= self->texts_count)
        return irc_span("", 0);
    for (uint32_t i = 0; i < index; i++)
        at += self->text_sizes[i];
    return irc_span(at, self->text_sizes[index]);
}

struct irc_span chat_op_channel(const struct chat_op *self,
                                enum chat_op_kind kind)
{
    return chat_op_text(self, kind == CHAT_OP_INVITE ? 1 : 0);
}

int chat_op_send(struct mio_actor *self, mio_actor_id to,
                 enum chat_op_kind kind, const struct chat_op *head,
                 const struct irc_span *texts, uint32_t texts_count)
{
    struct mio_message *message;
    size_t size = sizeof(*head);

    MIO_ASSERT(texts_count <= CHAT_TEXTS_MAX);
    for (uint32_t i = 0; i < texts_count; i++) {
        MIO_ASSERT(texts[i].size <= UINT16_MAX);
        size += texts[i].size;
    }
    int rc = mio_message_new(self, &message, chat_op_type(kind), size);
    if (rc < 0)
        return rc;

    struct chat_op *op = mio_message_payload(message);
    char *at = (char *)(op + 1);
    *op = *head;
    op->texts_count = (uint16_t)texts_count;
    for (uint32_t i = 0; i < texts_count; i++) {
        op->text_sizes[i] = (uint16_t)texts[i].size;
        if (texts[i].size > 0)
            memcpy(at, texts[i].at, texts[i].size);
        at += texts[i].size;
    }
    rc = mio_send_message(self, to, message);
    if (rc < 0)
        mio_message_free(self, message);
    return rc;
}

struct irc_span chat_reply_lines(struct mio_message *message)
{
    const struct chat_reply *reply = mio_message_payload(message);

    return irc_span((const char *)(reply + 1), message->size - sizeof(*reply));
}
