/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/session.c - the life of one connection. */
#include "apps/chat/session/session.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/chat/hub/hub.h"
#include "apps/chat/irc/name.h"
#include "apps/chat/session/commands.h"
#include "apps/chat/session/dialect.h"
#include "apps/chat/session/output.h"
#include "apps/chat/session/session_private.h"
#include "core/clock.h"

#define SESSION_OF(pointer, member)                                            \
    ((struct chat_session *)(void *)((char *)(pointer)-offsetof(               \
        struct chat_session, member)))

/* --- what comes ---------------------------------------------------------- */

static int receive(struct mio_connection *connection, void *state,
                   struct mio_message *message)
{
    struct chat_session *self = state;

    (void)connection;
    if (!self->is_closing && message->type == &chat_reply_type)
        chat_session_take_reply(self, message);
    return 0;
}

static int drained(struct mio_connection *connection, void *state)
{
    (void)connection;
    chat_session_go_on(state);
    return 0;
}

static int64_t data(struct mio_connection *connection, void *state,
                    const uint8_t *bytes, size_t size)
{
    struct chat_session *self = state;

    self->heard_ns = mio_actor_now_ns(mio_connection_actor(connection));
    if (self->is_closing)
        return (int64_t)size;
    if (self->has_pinged) /* anything is an answer */
        chat_session_begin_life(self);

    size_t done = chat_session_take_lines(self, (const char *)bytes, size);
    if (self->is_flooding && size - done >= self->front->limits.input_max)
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

    /* What answers the last line comes before the last word. */
    chat_output_finish_label(self);
    chat_output_end_label(self);
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
    chat_session_go_on(self);
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
    chat_session_go_on(self);
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

static int64_t seconds(uint32_t count)
{
    return count * MIO_NS_PER_S;
}

static void end_silent(struct chat_session *self)
{
    const struct chat_limits *limits = &self->front->limits;
    char text[IRC_LINE_MAX];
    struct irc_writer out;

    irc_writer_init(&out, text, sizeof(text));
    irc_put_text(&out, "Ping timeout: ");
    irc_put_number(&out, (uint64_t)limits->ping_s + limits->answer_s);
    irc_put_text(&out, " seconds");
    chat_session_end(self, irc_span(text, out.size), MIO_ETIMEDOUT);
}

static int life_check(struct mio_actor *actor, void *state,
                      struct mio_actor_timer *timer)
{
    struct chat_session *self = SESSION_OF(timer, life_timer);
    int64_t silence_ns = mio_actor_now_ns(actor) - self->heard_ns;
    int64_t allowed_ns = seconds(self->front->limits.ping_s);

    (void)state;
    if (self->is_closing)
        return 0;
    if (!chat_session_is_welcome(self)) {
        chat_session_end(self, IRC_SPAN("Registration timed out"),
                         MIO_ETIMEDOUT);
    } else if (self->has_pinged) {
        end_silent(self);
    } else if (silence_ns < allowed_ns) {
        mio_actor_timer_start(timer, allowed_ns - silence_ns);
    } else {
        ping(self);
        mio_actor_timer_start(timer, seconds(self->front->limits.answer_s));
    }
    return 0;
}

void chat_session_begin_life(struct chat_session *self)
{
    self->has_pinged = false;
    mio_actor_timer_start(&self->life_timer,
                          seconds(self->front->limits.ping_s));
}

static bool admit_host(struct chat_session *self)
{
    const struct mio_address *peer = mio_connection_peer(self->connection);
    char text[MIO_ADDRESS_TEXT_MAX], host[IRC_HOST_MAX];

    mio_address_format_ip(peer, text, sizeof(text));
    size_t size = irc_host_from_address(irc_span_of(text), host);
    chat_user_set_host(&self->client.user, irc_span(host, size));
    if (mio_address_is_loopback(peer) && !self->front->counts_loopback)
        return true;
    self->host_hash = mio_address_hash_ip(peer, self->server->key.low);
    self->is_counted = chat_hosts_admit(self->front->hosts, self->host_hash,
                                        self->front->limits.per_address);
    return self->is_counted;
}

void chat_session_send_lines(struct chat_client *client, struct irc_span lines)
{
    struct chat_session *self = (struct chat_session *)client;

    if (!self->is_closing)
        chat_output_unasked(self, lines);
}

bool chat_session_own(struct chat_client *client, uint64_t serial,
                      struct irc_span line)
{
    struct chat_session *self = (struct chat_session *)client;

    if (self->is_closing || !chat_output_is_labelled(self) ||
        serial != self->serial)
        return false;
    chat_output_lines(self, line);
    return true;
}

void chat_session_kill(struct chat_client *client, struct irc_span by,
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

static int open_session(struct mio_connection *connection, void *state,
                        void *argument)
{
    struct chat_session *self = state;
    struct mio_actor *actor = mio_connection_actor(connection);
    const struct chat_port *port = argument;

    self->connection = connection;
    self->server = port->server;
    self->dialect = port->dialect;
    self->front = chat_front_of(self->server);
    self->scanner.unended_max = self->front->limits.input_max;
    self->client.client_class = &self->dialect->client_class;
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
    mio_actor_timer_start(&self->life_timer,
                          seconds(self->front->limits.registration_s));
    int error = chat_hub_open(hub, &self->client);
    if (error == MIO_OK)
        self->dialect->greet(self);
    return error;
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
    chat_monitor_leave(self);
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

/* --- IRC as a dialect ----------------------------------------------------- */

static void greet(struct chat_session *self)
{
    (void)self; /* the client speaks first */
}

static enum chat_step take(struct chat_session *self, struct irc_span line)
{
    struct irc_message message;

    if (!chat_session_is_welcome(self) &&
        irc_message_parse(&message, line) && /* empty ones do not count */
        chat_session_is_too_early(self))
        return CHAT_STEP_DONE;
    return chat_session_do(self, line);
}

static void put(struct chat_session *self, struct irc_span lines)
{
    /* When it fails the connection closes, and says so. */
    (void)mio_connection_send(self->connection, lines.at, lines.size);
}

static void deliver(struct chat_client *client, struct mio_slice *line)
{
    struct chat_session *self = (struct chat_session *)client;

    if (!self->is_closing)
        (void)mio_connection_send_slice(self->connection, line);
}

const struct chat_dialect chat_irc_dialect = {
    .greet = greet,
    .take = take,
    .put = put,
    .begin_life = chat_session_begin_life,
    .client_class = {.deliver = deliver,
                     .send = chat_session_send_lines,
                     .own = chat_session_own,
                     .kill = chat_session_kill},
};
