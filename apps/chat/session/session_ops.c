/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/session_ops.c - what a session has under way: ops and
 * replies. */
#include "apps/chat/hub/hub.h"
#include "apps/chat/session/commands.h"
#include "apps/chat/session/output.h"
#include "apps/chat/session/session_private.h"
#include "core/assert.h"

struct chat_hub *chat_session_hub(const struct chat_session *self)
{
    return chat_hub_of(mio_connection_actor(self->connection), self->server);
}

bool chat_session_is_welcome(const struct chat_session *self)
{
    return (self->registration & CHAT_IS_WELCOME) != 0;
}

bool chat_session_is_idle(const struct chat_session *self)
{
    return self->pending == 0;
}

struct chat_op chat_session_op(const struct chat_session *self)
{
    return (struct chat_op){.reply_to = self->client.user.id,
                            .cursor = self->cursor,
                            .user = self->client.user};
}

bool chat_session_may_ask(const struct chat_session *self, mio_actor_id to,
                          enum chat_op_kind kind)
{
    if (self->pending == 0)
        return true;
    /* A labelled answer must not mix with another's. */
    return chat_op_may_overlap(kind) && self->then == NULL &&
           mio_actor_id_equal(self->asked, to) &&
           self->pending < CHAT_OVERLAP_MAX && !chat_output_is_labelled(self);
}

void chat_session_asked(struct chat_session *self, mio_actor_id to,
                        chat_then *then)
{
    self->asked = to;
    self->then = then;
    self->cursor = 0;
    self->pending++;
}

bool chat_session_ask(struct chat_session *self, mio_actor_id to,
                      enum chat_op_kind kind, struct chat_op *op,
                      const struct irc_span *texts, uint32_t texts_count,
                      chat_then *then)
{
    MIO_ASSERT(chat_session_may_ask(self, to, kind));

    op->serial = ++self->serial;
    int error = chat_op_send(mio_connection_actor(self->connection), to, kind,
                             op, texts, texts_count);
    if (error < 0) {
        self->cursor = 0;
        chat_numeric(self, IRC_ERR_UNKNOWNERROR,
                     IRC_ARGS(irc_span_of(chat_op_type(kind)->name),
                              IRC_SPAN("Out of memory, try again")));
        return false;
    }
    chat_session_asked(self, to, then);
    return true;
}

/* Everything that could be done is done: what next? */
void chat_session_go_on(struct chat_session *self)
{
    if (self->is_closing || self->pending > 0)
        return;
    chat_motd_go_on(self);
    if (self->motd_next != 0 || self->is_flooding ||
        mio_connection_is_congested(self->connection))
        return;
    chat_output_end_label(self);
    if (self->is_paused) {
        self->is_paused = false;
        mio_connection_resume(self->connection);
    } else if (self->has_ended) {
        chat_session_end(self, IRC_SPAN("Connection closed"), 0);
    }
}

void chat_session_take_reply(struct chat_session *self,
                             struct mio_message *message)
{
    const struct chat_reply *reply = mio_message_payload(message);
    struct irc_span lines = chat_reply_lines(message);
    chat_then *then = self->then;

    if (lines.size > 0)
        chat_output_lines(self, lines);
    if (!reply->is_last || self->pending == 0)
        return;
    self->pending--;
    self->cursor = reply->cursor;
    self->more = reply->more;
    if (self->pending > 0)
        return;
    self->then = NULL;
    if (then != NULL)
        then(self, reply);
    chat_session_go_on(self);
}
