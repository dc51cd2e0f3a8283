/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands_monitor.c - MONITOR (IRCv3): tell me when they
 * come and go. The list is the session's; who watches a nick is known where the
 * nick is. */
#include "apps/chat/session/commands.h"

#include "apps/chat/irc/name.h"

static bool ask(struct chat_session *self, enum chat_op_kind kind,
                struct irc_span nick)
{
    struct chat_op op = chat_session_op(self);

    return chat_session_ask(self, chat_server_nicks(self->server, nick), kind,
                            &op, &nick, 1, NULL);
}

static void refuse_full(struct chat_session *self, struct irc_span nick)
{
    chat_numeric(self, IRC_ERR_MONLISTFULL,
                 IRC_ARGS(IRC_NUMBER(self->front->limits.monitor_max), nick));
}

/* Returns whether there is an answer to wait for. */
static bool add(struct chat_session *self, struct irc_span nick)
{
    if (!irc_nick_is_valid(nick)) { /* nobody will ever have it */
        chat_numeric(self, IRC_RPL_MONOFFLINE, IRC_ARGS(nick));
        return false;
    }
    int error =
        chat_monitor_add(&self->monitor, nick, self->front->limits.monitor_max);
    if (error < 0) {
        refuse_full(self, nick);
        return false;
    }
    if (ask(self, CHAT_OP_WATCH, nick))
        return true;
    (void)chat_monitor_remove(&self->monitor, nick);
    return false;
}

static enum chat_step each_of(struct chat_session *self, struct irc_span list,
                              bool (*change)(struct chat_session *self,
                                             struct irc_span nick))
{
    struct irc_span nick;

    while (chat_list_item(list, self->step, &nick)) {
        self->step++;
        if (nick.size > 0 && change(self, nick))
            return CHAT_STEP_WAIT;
    }
    return CHAT_STEP_DONE;
}

static bool remove_one(struct chat_session *self, struct irc_span nick)
{
    return chat_monitor_remove(&self->monitor, nick) &&
           ask(self, CHAT_OP_UNWATCH, nick);
}

static enum chat_step clear(struct chat_session *self)
{
    while (self->monitor.count > 0) {
        struct irc_span nick = chat_monitor_nick(&self->monitor, 0);
        struct chat_monitored copy = self->monitor.list[0];
        nick.at = copy.nick; /* its place is another's once it is removed */
        if (remove_one(self, nick))
            return CHAT_STEP_WAIT;
    }
    return CHAT_STEP_DONE;
}

/* As many as fit on a line, and another line. */
static void show(struct chat_session *self)
{
    struct irc_span server = self->server->name;
    struct irc_span asker = chat_user_nick(&self->client.user);
    uint32_t next = 0;

    while (next < self->monitor.count) {
        struct chat_line line;
        chat_line_open(&line);
        irc_numeric_begin(&line.out, server, asker, IRC_RPL_MONLIST);
        irc_put_char(&line.out, ':');
        for (bool is_first = true; next < self->monitor.count;
             next++, is_first = false) {
            struct irc_span nick = chat_monitor_nick(&self->monitor, next);
            if (nick.size + 1 > irc_writer_room(&line.out))
                break;
            if (!is_first)
                irc_put_char(&line.out, ',');
            irc_put(&line.out, nick);
        }
        chat_line_send(&line, self);
    }
    chat_numeric(self, IRC_RPL_ENDOFMONLIST, IRC_NO_ARGS);
}

/* To watch whom one watches already is to ask how he is. */
static enum chat_step status(struct chat_session *self)
{
    while (self->step < self->monitor.count)
        if (ask(self, CHAT_OP_WATCH,
                chat_monitor_nick(&self->monitor, self->step++)))
            return CHAT_STEP_WAIT;
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_monitor(struct chat_session *self,
                               const struct irc_message *message)
{
    struct irc_span what = message->params[0];
    struct irc_span list = irc_message_param(message, 1);

    if (irc_span_is(what, "+") && list.size > 0)
        return each_of(self, list, add);
    if (irc_span_is(what, "-") && list.size > 0)
        return each_of(self, list, remove_one);
    if (irc_span_is(what, "C"))
        return clear(self);
    if (irc_span_is(what, "S"))
        return status(self);
    if (irc_span_is(what, "L")) {
        show(self);
        return CHAT_STEP_DONE;
    }
    return chat_needs_more(self, IRC_MONITOR);
}

void chat_monitor_leave(struct chat_session *self)
{
    struct mio_actor *actor = mio_connection_actor(self->connection);
    struct chat_op op = {.user = self->client.user};

    /* What cannot be sent is a message to nobody later on. */
    for (uint32_t i = 0; i < self->monitor.count; i++) {
        struct irc_span nick = chat_monitor_nick(&self->monitor, i);
        (void)!chat_op_send(actor, chat_server_nicks(self->server, nick),
                            CHAT_OP_UNWATCH, &op, &nick, 1);
    }
    chat_monitor_deinit(&self->monitor);
}
