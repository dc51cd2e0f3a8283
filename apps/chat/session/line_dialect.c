/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/line_dialect.c - the dialect of people with nothing but nc:
 * the first line is a name, and what follows is said in one room. */
#include "apps/chat/session/dialect.h"
#include "apps/chat/session/line_text.h"
#include "core/slice.h"

/* The line with the name stays at the front until he is in the room. */
enum stage {
    NAMING,   /* the next line is a name */
    CLAIMING, /* it was asked for */
    ENTERING, /* he has it and goes to the room */
    TALKING
};

static void send_text(struct chat_session *self, struct irc_writer *line)
{
    struct irc_span text = irc_writer_end(line);

    /* When it fails the connection closes, and says so. */
    (void)mio_connection_send(self->connection, text.at, text.size);
}

static void greet(struct chat_session *self)
{
    struct chat_line line;

    chat_line_open(&line);
    irc_put_text(&line.out, "* This is ");
    irc_put(&line.out, self->server->network);
    irc_put_text(&line.out, self->front->password.size > 0
                                ? ". Your name and the password, please."
                                : ". What is your name?");
    send_text(self, &line.out);
}

/* --- what he types ---------------------------------------------------------*/

static enum chat_step do_command(struct chat_session *self, const char *command,
                                 struct irc_span text)
{
    struct chat_line line;

    chat_line_open(&line);
    irc_put_text(&line.out, command);
    irc_put_text(&line.out, " :");
    irc_put(&line.out, text);
    return chat_session_do(self, irc_span(line.bytes, line.out.size));
}

static enum chat_step enter(struct chat_session *self)
{
    enum chat_step step = do_command(self, "JOIN", self->front->line_room);

    if (step == CHAT_STEP_DONE)
        self->stage = TALKING;
    return step;
}

static enum chat_step claim(struct chat_session *self, struct irc_span line)
{
    struct irc_span name = irc_span("", 0);
    struct irc_span rest = line;

    if ((self->registration & CHAT_HAS_USER) == 0)
        (void)chat_session_do(self, IRC_SPAN("USER nc 0 * :on the line port"));
    if (self->front->password.size > 0) {
        (void)irc_span_next(&rest, ' ', &name);
        (void)do_command(self, "PASS", rest);
    } else {
        name = line;
    }
    self->stage = CLAIMING;
    (void)do_command(self, "NICK", name);
    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    self->stage = NAMING; /* refused at once */
    return CHAT_STEP_DONE;
}

static enum chat_step take_name(struct chat_session *self, struct irc_span line)
{
    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    if (self->stage == NAMING)
        return chat_session_is_too_early(self) ? CHAT_STEP_DONE
                                               : claim(self, line);
    if (self->stage == CLAIMING) {
        self->stage = chat_session_is_welcome(self) ? ENTERING : NAMING;
        if (self->stage == NAMING)
            return CHAT_STEP_DONE; /* it was refused; he was told */
    }
    return enter(self);
}

static enum chat_step take(struct chat_session *self, struct irc_span line)
{
    struct chat_line meant;

    while (self->stage != TALKING && line.size > 0 &&
           line.at[line.size - 1] == ' ')
        line.size--;
    if (self->stage != TALKING && !irc_span_is(line, "/quit"))
        return take_name(self, line);
    chat_line_open(&meant);
    if (!chat_line_typed(&meant.out, line, self->front->line_room))
        return CHAT_STEP_DONE;
    return chat_session_do(self, irc_span(meant.bytes, meant.out.size));
}

/* --- what he reads ---------------------------------------------------------*/

static void put(struct chat_session *self, struct irc_span lines)
{
    struct irc_span nick = chat_user_nick(&self->client.user);
    struct irc_span each;
    struct chat_line text;

    while (irc_span_next(&lines, '\n', &each)) {
        if (each.size > 0 && each.at[each.size - 1] == '\r')
            each.size--;
        chat_line_open(&text);
        if (chat_line_shown(&text.out, each, nick, self->front->line_room))
            send_text(self, &text.out);
    }
}

static void deliver(struct chat_client *client, struct mio_slice *line)
{
    struct chat_session *self = (struct chat_session *)client;

    if (!self->is_closing)
        put(self, irc_span((const char *)line->bytes, line->size));
}

/* He would not know what a PING is: the system asks his. */
static void begin_life(struct chat_session *self)
{
    (void)mio_actor_timer_cancel(&self->life_timer);
    (void)mio_connection_set_keepalive(self->connection,
                                       self->front->limits.ping_s);
}

const struct chat_dialect chat_line_dialect = {
    .greet = greet,
    .take = take,
    .put = put,
    .begin_life = begin_life,
    .client_class = {.deliver = deliver,
                     .send = chat_session_send_lines,
                     .own = chat_session_own,
                     .kill = chat_session_kill},
};
