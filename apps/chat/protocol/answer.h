/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/answer.h - the lines that answer an op, packed into
 * replies.
 *
 * Few messages, whole lines, an end that is never forgotten: begin, any number
 * of lines, then end or more. */
#ifndef MIO_APPS_CHAT_PROTOCOL_ANSWER_H
#define MIO_APPS_CHAT_PROTOCOL_ANSWER_H

#include "apps/chat/irc/numeric.h"
#include "apps/chat/irc/writer.h"
#include "apps/chat/protocol/outbox.h"
#include "apps/chat/protocol/protocol.h"

/* Full replies that one op may cause before it says that there is more. */
#define CHAT_ANSWER_REPLIES_MAX 4

struct chat_answer {
    struct chat_outbox *out;
    mio_actor_id to;
    struct irc_span client; /* his nick, for numerics */
    uint32_t replies_count; /* that went off already */
    uint32_t size;          /* of the lines in `lines` */
    struct {
        struct chat_reply head;
        char lines[IRC_OUTPUT_LINE_MAX];
    } reply;
};

/** Start the answer to an op. It refers to the op until its end. */
void chat_answer_begin(struct chat_answer *self, struct chat_outbox *out,
                       const struct chat_op *op);

/** The same for what is no op. */
void chat_answer_begin_to(struct chat_answer *self, struct chat_outbox *out,
                          mio_actor_id to, uint64_t serial,
                          struct irc_span client);

/** One numeric: chat_answer_numeric(a, IRC_ERR_..., IRC_ARGS(x, y)). */
void chat_answer_numeric(struct chat_answer *self, enum irc_numeric numeric,
                         const struct irc_span *args, size_t args_count);

/** Write a line in place: open, irc_put..., close. */
void chat_answer_open(struct chat_answer *self, struct irc_writer *out);
void chat_answer_close(struct chat_answer *self, struct irc_writer *out);

/** A whole line, with its end; at most IRC_OUTPUT_LINE_MAX bytes. */
void chat_answer_line(struct chat_answer *self, struct irc_span line);

/** Was enough said for one op? Then say more. */
bool chat_answer_is_long(const struct chat_answer *self);

/** The last reply. */
void chat_answer_end(struct chat_answer *self, enum chat_result result);

/** The last reply, but not all: repeat `kind` with this cursor (not 0). */
void chat_answer_more(struct chat_answer *self, enum chat_op_kind kind,
                      uint64_t cursor);

/** A numeric and the end, REFUSED. */
void chat_answer_refuse(struct chat_answer *self, enum irc_numeric numeric,
                        const struct irc_span *args, size_t args_count);

#endif /* MIO_APPS_CHAT_PROTOCOL_ANSWER_H */
