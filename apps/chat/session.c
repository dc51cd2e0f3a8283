/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session.c - one IRC connection: from bytes to ops, and from
 * replies to bytes. (Step 6 of a byte's walk.) */
#include "apps/chat/session.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/chat/commands.h"
#include "apps/chat/hub.h"
#include "apps/chat/irc/name.h"
#include "apps/chat/irc/reply.h"
#include "apps/chat/irc/utf8.h"
#include "apps/chat/output.h"
#include "apps/chat/registration.h"
#include "core/assert.h"
#include "core/clock.h"

#define REGISTRATION_NS (30 * MIO_NS_PER_S)
#define SILENCE_NS (120 * MIO_NS_PER_S)
#define ANSWER_NS (60 * MIO_NS_PER_S)

#define SESSION_OF(pointer, member)                                            \
    ((struct chat_session *)(void *)((char *)(pointer)-offsetof(               \
        struct chat_session, member)))

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

/* --- ops ------------------------------------------------------------------ */

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
static void go_on(struct chat_session *self)
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

static void take_reply(struct chat_session *self, struct mio_message *message)
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
    go_on(self);
}

static int receive(struct mio_connection *connection, void *state,
                   struct mio_message *message)
{
    struct chat_session *self = state;

    (void)connection;
    if (!self->is_closing && message->type == &chat_reply_type)
        take_reply(self, message);
    return 0;
}

static int drained(struct mio_connection *connection, void *state)
{
    (void)connection;
    go_on(state);
    return 0;
}

/* --- lines ---------------------------------------------------------------- */

/* Too fast: the line stays where it is until there is a token for it. */
static bool admit(struct chat_session *self, unsigned flags)
{
    struct mio_actor *actor = mio_connection_actor(self->connection);

    if (self->is_admitted || !self->front->has_flood_control ||
        (flags & IRC_COMMAND_FREE) != 0 || !chat_session_is_welcome(self) ||
        (self->client.user.flags & IRC_USER_OPERATOR) != 0)
        return true;

    int64_t wait_ns = irc_flood_take(&self->flood, mio_actor_now_ns(actor));
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

    if (command == IRC_UNKNOWN && !irc_utf8_is_valid(line))
        return refuse_encoding(self, message->command);
    if (command == IRC_UNKNOWN)
        return refuse_unknown(self, message);

    unsigned flags = irc_command_flags(command);
    if (!chat_session_is_welcome(self) && (flags & IRC_COMMAND_EARLY) == 0)
        return refuse_early(self, command, message);
    if (!irc_utf8_is_valid(line))
        return refuse_encoding(self, message->command);
    if (!chat_output_begin_label(self, message->tags))
        return CHAT_STEP_WAIT;
    if (message->params_count < irc_command_params_min(command))
        return refuse(self, IRC_ERR_NEEDMOREPARAMS,
                      IRC_ARGS(irc_span_of(irc_command_name(command))));
    return chat_command(self, command, message);
}

static bool is_too_early(struct chat_session *self)
{
    if (chat_session_is_welcome(self) || self->is_unfinished)
        return false;
    return ++self->lines_early > CHAT_LINES_EARLY_MAX;
}

static enum chat_step take_line(struct chat_session *self, struct irc_span line)
{
    struct irc_message message;

    if (!irc_message_parse(&message, line))
        return CHAT_STEP_DONE;
    if (is_too_early(self)) {
        chat_session_end(self, IRC_SPAN("Too much before registration"), 0);
        return CHAT_STEP_DONE;
    }
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
        return take_line(self, line);
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
static size_t take_lines(struct chat_session *self, const char *bytes,
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

static int64_t data(struct mio_connection *connection, void *state,
                    const uint8_t *bytes, size_t size)
{
    struct chat_session *self = state;

    self->heard_ns = mio_actor_now_ns(mio_connection_actor(connection));
    self->has_pinged = false;
    if (self->is_closing)
        return (int64_t)size;

    size_t done = take_lines(self, (const char *)bytes, size);
    if (self->is_flooding && size - done >= MIO_CONNECTION_READ_SIZE)
        chat_session_end(self, IRC_SPAN("Excess Flood"), MIO_EFULL);
    else if (self->has_ended && !self->is_paused && !self->is_flooding &&
             self->pending == 0)
        chat_session_end(self, IRC_SPAN("Connection closed"), 0);
    return (int64_t)(self->is_closing ? size : done);
}

/* --- life ----------------------------------------------------------------- */

static void say_goodbye(struct chat_session *self, struct irc_span reason)
{
    struct chat_line line;

    chat_line_open(&line);
    irc_put_text(&line.out, "ERROR :Closing Link: ");
    irc_put(&line.out, chat_user_host(&self->client.user));
    irc_put_text(&line.out, " (");
    irc_put(&line.out, reason);
    irc_put_char(&line.out, ')');
    chat_line_send(&line, self);
}

void chat_session_end(struct chat_session *self, struct irc_span reason,
                      int code)
{
    struct chat_hub *hub = chat_session_hub(self);

    if (self->is_closing)
        return;
    if (!self->has_ended)
        say_goodbye(self, reason);
    self->is_closing = true;
    if (hub != NULL)
        chat_hub_leave(hub, &self->client, reason);
    mio_connection_finish(self->connection, code);
}

static int end(struct mio_connection *connection, void *state)
{
    struct chat_session *self = state;

    (void)connection;
    self->has_ended = true;
    go_on(self);
    return 0;
}

static int stop(struct mio_connection *connection, void *state)
{
    struct chat_session *self = state;

    if (!self->is_closing)
        say_goodbye(self, IRC_SPAN("Server shutting down"));
    self->is_closing = true;
    mio_connection_finish(connection, MIO_ESTOPPED);
    return 0;
}

static int flood_ended(struct mio_actor *actor, void *state,
                       struct mio_actor_timer *timer)
{
    struct chat_session *self = SESSION_OF(timer, flood_timer);

    (void)actor;
    (void)state;
    self->is_flooding = false;
    self->is_paused = true; /* resume is what offers the bytes again */
    mio_connection_pause(self->connection);
    go_on(self);
    return 0;
}

static void ping(struct chat_session *self)
{
    struct chat_line line;

    self->has_pinged = true;
    chat_line_open(&line);
    irc_put_text(&line.out, "PING :");
    irc_put(&line.out, self->server->name);
    chat_line_send(&line, self);
}

static int life_check(struct mio_actor *actor, void *state,
                      struct mio_actor_timer *timer)
{
    struct chat_session *self = SESSION_OF(timer, life_timer);
    int64_t silence_ns = mio_actor_now_ns(actor) - self->heard_ns;

    (void)state;
    if (self->is_closing)
        return 0;
    if (!chat_session_is_welcome(self)) {
        chat_session_end(self, IRC_SPAN("Registration timed out"),
                         MIO_ETIMEDOUT);
    } else if (self->has_pinged) {
        chat_session_end(self, IRC_SPAN("Ping timeout: 180 seconds"),
                         MIO_ETIMEDOUT);
    } else if (silence_ns < SILENCE_NS) {
        mio_actor_timer_start(timer, SILENCE_NS - silence_ns);
    } else {
        ping(self);
        mio_actor_timer_start(timer, ANSWER_NS);
    }
    return 0;
}

void chat_session_begin_life(struct chat_session *self)
{
    mio_actor_timer_start(&self->life_timer, SILENCE_NS);
}

static bool admit_host(struct chat_session *self)
{
    const struct mio_address *peer = mio_connection_peer(self->connection);
    char text[MIO_ADDRESS_TEXT_MAX], host[IRC_HOST_MAX];

    mio_address_format_ip(peer, text, sizeof(text));
    size_t size = irc_host_from_address(irc_span_of(text), host);
    chat_user_set_host(&self->client.user, irc_span(host, size));
    if (mio_address_is_loopback(peer))
        return true;
    self->host_hash = mio_address_hash_ip(peer, self->server->key.low);
    self->is_counted = chat_hosts_admit(self->front->hosts, self->host_hash);
    return self->is_counted;
}

static void deliver(struct chat_client *client, struct mio_slice *line)
{
    struct chat_session *self = (struct chat_session *)client;

    if (!self->is_closing)
        (void)mio_connection_send_slice(self->connection, line);
}

static void send_lines(struct chat_client *client, struct irc_span lines)
{
    struct chat_session *self = (struct chat_session *)client;

    if (!self->is_closing)
        chat_output_unasked(self, lines);
}

static bool own(struct chat_client *client, uint64_t serial,
                struct irc_span line)
{
    struct chat_session *self = (struct chat_session *)client;

    if (self->is_closing || !chat_output_is_labelled(self) ||
        serial != self->serial)
        return false;
    chat_output_lines(self, line);
    return true;
}

static void kill_client(struct chat_client *client, struct irc_span by,
                        struct irc_span reason)
{
    struct chat_session *self = (struct chat_session *)client;
    char text[IRC_LINE_MAX];
    struct irc_writer out;

    if (self->is_closing)
        return;
    irc_writer_init(&out, text, sizeof(text));
    irc_put_text(&out, "Killed (");
    irc_put(&out, by);
    irc_put_text(&out, " (");
    irc_put(&out, reason);
    irc_put_text(&out, "))");
    say_goodbye(self, irc_span(text, out.size));
    text[out.size] = '\0'; /* the writer kept two bytes for a line's end */
    self->killed = malloc(out.size + 1);
    if (self->killed != NULL)
        memcpy(self->killed, text, out.size + 1);
    self->is_closing = true;
    mio_connection_finish(self->connection, 0);
}

static const struct chat_client_class client_class = {
    .deliver = deliver,
    .send = send_lines,
    .own = own,
    .kill = kill_client,
};

static int open_session(struct mio_connection *connection, void *state,
                        void *argument)
{
    struct chat_session *self = state;
    struct mio_actor *actor = mio_connection_actor(connection);

    self->connection = connection;
    self->server = argument;
    self->front = chat_front_of(self->server);
    self->client.client_class = &client_class;
    self->client.user.id = mio_actor_self(actor);
    self->client.signed_on_s = mio_clock_realtime_ns() / MIO_NS_PER_S;
    self->client.active_ns = self->heard_ns = mio_actor_now_ns(actor);
    mio_actor_timer_init(&self->life_timer, actor, life_check);
    mio_actor_timer_init(&self->flood_timer, actor, flood_ended);

    if (!admit_host(self)) {
        say_goodbye(self, IRC_SPAN("Too many connections from your address"));
        self->is_closing = true;
        mio_connection_finish(connection, 0);
        return 0;
    }
    struct chat_hub *hub = chat_session_hub(self);
    if (hub == NULL)
        return MIO_ESTOPPED;
    mio_actor_timer_start(&self->life_timer, REGISTRATION_NS);
    return chat_hub_open(hub, &self->client);
}

static struct irc_span reason_of(const struct chat_session *self, int code)
{
    if (self->killed != NULL)
        return irc_span_of(self->killed);
    switch (code) {
    case MIO_ECONNRESET:
        return IRC_SPAN("Connection reset by peer");
    case MIO_EPIPE:
        return IRC_SPAN("Broken pipe");
    case MIO_ETIMEDOUT:
        return IRC_SPAN("Connection timed out");
    case MIO_EFULL:
        return IRC_SPAN("SendQ exceeded");
    case MIO_ESTOPPED:
        return IRC_SPAN("Server shutting down");
    default:
        return IRC_SPAN("Connection closed");
    }
}

static void close_session(struct mio_connection *connection, void *state,
                          int code)
{
    struct chat_session *self = state;

    (void)connection;
    if (self->server == NULL)
        return; /* it was never opened */
    struct chat_hub *hub = chat_session_hub(self);
    if (hub != NULL)
        chat_hub_close(hub, &self->client, reason_of(self, code));
    if (self->is_counted)
        chat_hosts_dismiss(self->front->hosts, self->host_hash);
    free(self->killed);
    free(self->label);
}

const struct mio_connection_class chat_session_class = {
    .name = "session",
    .state_size = sizeof(struct chat_session),
    .open = open_session,
    .data = data,
    .end = end,
    .receive = receive,
    .drained = drained,
    .stop = stop,
    .close = close_session,
};
