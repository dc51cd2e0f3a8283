/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/session_lines.c - line after line, each when it may go on.
 * (Step 6 of a byte's walk.) */
#include "apps/chat/irc/reply.h"
#include "apps/chat/irc/utf8.h"
#include "apps/chat/session/commands.h"
#include "apps/chat/session/dialect.h"
#include "apps/chat/session/output.h"
#include "apps/chat/session/session_private.h"

/* Too fast: the line stays where it is until there is a token for it. */
static bool admit(struct chat_session *self, unsigned flags)
{
    struct mio_actor *actor = mio_connection_actor(self->connection);

    if (self->is_admitted || !self->front->has_flood_control ||
        (flags & IRC_COMMAND_FREE) != 0 || !chat_session_is_welcome(self) ||
        (self->client.user.flags & IRC_USER_OPERATOR) != 0)
        return true;

    const struct chat_limits *limits = &self->front->limits;
    int64_t wait_ns =
        irc_flood_take(&self->flood, limits->flood_burst, limits->flood_rate,
                       mio_actor_now_ns(actor));
    if (wait_ns > 0) {
        self->is_flooding = true;
        mio_actor_timer_start(&self->flood_timer, wait_ns);
        return false;
    }
    self->is_admitted = true;
    return true;
}

/* An answer of the session's own: not before those that are under way. */
static enum chat_step refuse(struct chat_session *self,
                             enum irc_numeric numeric,
                             const struct irc_span *args, size_t args_count)
{
    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    chat_numeric(self, numeric, args, args_count);
    return CHAT_STEP_DONE;
}

static enum chat_step refuse_encoding(struct chat_session *self,
                                      struct irc_span command)
{
    struct chat_line line;

    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    if (!irc_utf8_is_valid(command))
        command = irc_span("", 0);
    chat_line_open(&line);
    irc_standard_put(&line.out, self->server->name, "FAIL", command,
                     "INVALID_UTF8", irc_span("", 0),
                     "Message rejected, your software must use UTF-8");
    chat_line_send(&line, self);
    return CHAT_STEP_DONE;
}

static enum chat_step refuse_unknown(struct chat_session *self,
                                     const struct irc_message *message)
{
    if (!chat_session_is_welcome(self) &&
        irc_command_is_http(message->command)) {
        chat_session_end(self, IRC_SPAN("This is an IRC server"), 0);
        return CHAT_STEP_DONE;
    }
    return refuse(self, IRC_ERR_UNKNOWNCOMMAND, IRC_ARGS(message->command));
}

static enum chat_step refuse_early(struct chat_session *self,
                                   enum irc_command command,
                                   const struct irc_message *message)
{
    /* The first words of one popular client; it means nothing by them. */
    if (command == IRC_JOIN && irc_message_param(message, 0).size == 0)
        return CHAT_STEP_DONE;
    return refuse(self, IRC_ERR_NOTREGISTERED, IRC_NO_ARGS);
}

static enum chat_step handle(struct chat_session *self, struct irc_span line,
                             const struct irc_message *message)
{
    enum irc_command command = irc_command_find(message->command);

    if (!irc_utf8_is_valid(line))
        return refuse_encoding(self, message->command);
    if (!chat_output_begin_label(self, message->tags))
        return CHAT_STEP_WAIT;
    if (command == IRC_UNKNOWN)
        return refuse_unknown(self, message);
    if (!chat_session_is_welcome(self) &&
        (irc_command_flags(command) & IRC_COMMAND_EARLY) == 0)
        return refuse_early(self, command, message);
    if (message->params_count < irc_command_params_min(command))
        return refuse(self, IRC_ERR_NEEDMOREPARAMS,
                      IRC_ARGS(irc_span_of(irc_command_name(command))));
    return chat_command(self, command, message);
}

bool chat_session_is_too_early(struct chat_session *self)
{
    if (chat_session_is_welcome(self) || self->is_unfinished ||
        ++self->lines_early <= self->front->limits.registration_lines)
        return false;
    chat_session_end(self, IRC_SPAN("Too much before registration"), 0);
    return true;
}

enum chat_step chat_session_do(struct chat_session *self, struct irc_span line)
{
    struct irc_message message;

    if (!irc_message_parse(&message, line))
        return CHAT_STEP_DONE;
    enum irc_command command = irc_command_find(message.command);
    unsigned flags = command == IRC_UNKNOWN ? 0 : irc_command_flags(command);
    if (!admit(self, flags))
        return CHAT_STEP_WAIT;
    return handle(self, line, &message);
}

static enum chat_step take(struct chat_session *self,
                           enum irc_line_verdict verdict, struct irc_span line)
{
    switch (verdict) {
    case IRC_LINE_READY:
        return self->dialect->take(self, line);
    case IRC_LINE_TOO_LONG:
        return refuse(self, IRC_ERR_INPUTTOOLONG, IRC_NO_ARGS);
    case IRC_LINE_ENDLESS:
        chat_session_end(self, IRC_SPAN("Input without an end of line"),
                         MIO_EPROTO);
        return CHAT_STEP_DONE;
    default: /* IRC_LINE_DROPPED: there is nothing to say about it */
        return CHAT_STEP_DONE;
    }
}

static bool is_ready(const struct chat_session *self)
{
    return !self->is_closing && self->motd_next == 0 && !self->is_flooding &&
           !mio_connection_is_congested(self->connection);
}

/* Hand line after line over until one has to wait. Returns what is consumed. */
size_t chat_session_take_lines(struct chat_session *self, const char *bytes,
                               size_t size)
{
    size_t done = 0;

    while (is_ready(self)) {
        struct irc_line_scanner before = self->scanner;
        struct irc_span line;
        size_t consumed;
        enum irc_line_verdict verdict = irc_line_next(
            &self->scanner, bytes + done, size - done, &consumed, &line);
        if (verdict == IRC_LINE_MORE)
            return done + consumed;
        self->is_unfinished = take(self, verdict, line) == CHAT_STEP_WAIT;
        if (self->is_unfinished) {
            self->scanner = before;
            break;
        }
        done += consumed;
        self->is_admitted = false;
        self->step = 0;
        chat_output_finish_label(self);
        if (self->pending == 0 && self->motd_next == 0)
            chat_output_end_label(self);
    }
    /* Who floods is not held back: what piles up is his limit. */
    if (!self->is_closing && !self->is_flooding) {
        self->is_paused = true;
        mio_connection_pause(self->connection);
    }
    return done;
}
