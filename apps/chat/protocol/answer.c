/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/answer.c - the lines that answer an op, packed into
 * replies. */
#include "apps/chat/protocol/answer.h"

#include <string.h>

#include "core/assert.h"

_Static_assert(sizeof(struct chat_reply) + CHAT_REPLY_LINES_MAX <=
                   MIO_MESSAGE_POOLED_MAX,
               "a full reply comes from the slabs");
void chat_answer_begin_to(struct chat_answer *self, struct chat_outbox *out,
                          mio_actor_id to, uint64_t serial,
                          struct irc_span client)
{
    self->out = out;
    self->to = to;
    self->client = client;
    self->replies_count = 0;
    self->size = 0;
    self->reply.head = (struct chat_reply){.serial = serial};
}

void chat_answer_begin(struct chat_answer *self, struct chat_outbox *out,
                       const struct chat_op *op)
{
    chat_answer_begin_to(self, out, op->reply_to, op->serial,
                         chat_user_nick(&op->user));
}

static void send_reply(struct chat_answer *self)
{
    if (!mio_actor_id_is_none(self->to))
        chat_outbox_send(self->out, self->to, &chat_reply_type, &self->reply,
                         sizeof(self->reply.head) + self->size);
    self->replies_count++;
    self->size = 0;
}

/* A line longer than all (it relays many tags) goes alone. */
static void make_room(struct chat_answer *self, size_t size)
{
    if (self->size > 0 && self->size + size > CHAT_REPLY_LINES_MAX)
        send_reply(self);
}

void chat_answer_open(struct chat_answer *self, struct irc_writer *out)
{
    make_room(self, IRC_LINE_MAX);
    irc_writer_init(out, self->reply.lines + self->size, IRC_LINE_MAX);
}

void chat_answer_close(struct chat_answer *self, struct irc_writer *out)
{
    self->size += (uint32_t)irc_writer_end(out).size;
}

void chat_answer_line(struct chat_answer *self, struct irc_span line)
{
    MIO_ASSERT(line.size <= sizeof(self->reply.lines));

    make_room(self, line.size);
    memcpy(self->reply.lines + self->size, line.at, line.size);
    self->size += (uint32_t)line.size;
}

void chat_answer_numeric(struct chat_answer *self, enum irc_numeric numeric,
                         const struct irc_span *args, size_t args_count)
{
    struct irc_writer out;

    chat_answer_open(self, &out);
    irc_numeric_put(&out, self->out->server->name, self->client, numeric, args,
                    args_count);
    chat_answer_close(self, &out);
}

bool chat_answer_is_long(const struct chat_answer *self)
{
    return self->replies_count >= CHAT_ANSWER_REPLIES_MAX;
}

void chat_answer_end(struct chat_answer *self, enum chat_result result)
{
    self->reply.head.is_last = true;
    self->reply.head.result = (uint8_t)result;
    send_reply(self);
}

void chat_answer_more(struct chat_answer *self, enum chat_op_kind kind,
                      uint64_t cursor)
{
    MIO_ASSERT(cursor != 0);

    self->reply.head.cursor = cursor;
    self->reply.head.more = (uint8_t)kind;
    chat_answer_end(self, CHAT_DONE);
}

void chat_answer_refuse(struct chat_answer *self, enum irc_numeric numeric,
                        const struct irc_span *args, size_t args_count)
{
    chat_answer_numeric(self, numeric, args, args_count);
    chat_answer_end(self, CHAT_REFUSED);
}
