/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/registration.c - from a connection to a user. */
#include "apps/chat/session/registration.h"

#include <string.h>

#include "apps/chat/hub/hub.h"
#include "apps/chat/irc/cap.h"
#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/date.h"
#include "apps/chat/irc/isupport.h"
#include "apps/chat/irc/name.h"
#include "apps/chat/irc/utf8.h"
#include "apps/chat/session/commands.h"
#include "apps/chat/session/dialect.h"

/* --- the welcome ---------------------------------------------------------- */

static void say_welcome(struct chat_session *self)
{
    const struct chat_user *user = &self->client.user;
    const struct chat_server *server = self->server;
    char date[IRC_DATE_TEXT_SIZE];

    chat_numeric(self, IRC_RPL_WELCOME,
                 IRC_ARGS(server->network, chat_user_nick(user),
                          chat_user_user(user), chat_user_host(user)));
    chat_numeric(self, IRC_RPL_YOURHOST,
                 IRC_ARGS(server->name, IRC_SPAN(CHAT_VERSION)));
    chat_numeric(self, IRC_RPL_CREATED,
                 IRC_ARGS(irc_date_text(date, server->started_ns)));
    chat_numeric(self, IRC_RPL_MYINFO,
                 IRC_ARGS(server->name, IRC_SPAN(CHAT_VERSION),
                          IRC_SPAN(IRC_USER_MODES), IRC_SPAN(IRC_CHANNEL_MODES),
                          IRC_SPAN(IRC_CHANNEL_MODES_WITH_ARG)));
    chat_isupport(self);
    chat_lusers(self);
    chat_motd_begin(self);
}

static void raise_peak(struct chat_session *self)
{
    struct chat_counts counts;
    uint64_t *peak = self->front->users_peak;
    uint64_t seen = __atomic_load_n(peak, __ATOMIC_RELAXED);

    chat_counts_sum(self->server, &counts);
    while (counts.users > seen &&
           !__atomic_compare_exchange_n(peak, &seen, counts.users, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ; /* somebody else raised it: look again */
}

static void recorded(struct chat_session *self, const struct chat_reply *reply)
{
    struct chat_hub *hub = chat_session_hub(self);

    if (reply->result != CHAT_DONE || hub == NULL) {
        chat_session_end(self, IRC_SPAN("Registration failed"), 0);
        return;
    }
    chat_hub_register(hub, &self->client);
    self->registration |= CHAT_IS_WELCOME;
    self->dialect->begin_life(self);
    raise_peak(self);
    say_welcome(self);
}

static bool is_password_right(struct chat_session *self)
{
    return self->front->password.size == 0 ||
           (self->registration & CHAT_HAS_PASSWORD) != 0;
}

/* Everything said? Then the nick is his in the eyes of others. */
static void try_complete(struct chat_session *self)
{
    struct irc_span nick = chat_user_nick(&self->client.user);

    if (chat_session_is_welcome(self) || self->is_closing || nick.size == 0 ||
        (self->registration & CHAT_HAS_USER) == 0 ||
        (self->registration & CHAT_IN_CAP) != 0)
        return;
    if (!is_password_right(self)) {
        chat_numeric(self, IRC_ERR_PASSWDMISMATCH, IRC_NO_ARGS);
        chat_session_end(self, IRC_SPAN("Bad password"), 0);
        return;
    }
    self->client.user.flags |= CHAT_USER_REGISTERED;
    struct chat_op op = chat_session_op(self);
    if (!chat_session_ask(self, chat_server_nicks(self->server, nick),
                          CHAT_OP_RECORD, &op, &nick, 1, recorded))
        chat_session_end(self, IRC_SPAN("Out of memory"), 0);
}

/* --- NICK ------------------------------------------------------------------*/

/* Give a nick back; nobody waits for it. Where it cannot be sent the session
 * ends instead: what closes it releases all that it has or claims. */
static bool release(struct chat_session *self, struct irc_span nick)
{
    struct chat_op op = chat_session_op(self);

    op.reply_to = (mio_actor_id){0};
    if (chat_op_send(mio_connection_actor(self->connection),
                     chat_server_nicks(self->server, nick), CHAT_OP_RELEASE,
                     &op, &nick, 1) == MIO_OK)
        return true;
    chat_session_end(self, IRC_SPAN("Out of memory"), MIO_ENOMEM);
    return false;
}

static struct irc_span claimed_nick(const struct chat_session *self)
{
    return irc_span(self->client.claiming, self->client.claiming_size);
}

static void changed(struct chat_session *self, const struct chat_reply *reply)
{
    (void)reply;
    self->client.claiming_size = 0;
}

static void change(struct chat_session *self)
{
    struct chat_hub *hub = chat_session_hub(self);
    struct chat_user after = self->client.user;
    uint64_t serial = ++self->serial;

    chat_user_set_nick(&after, claimed_nick(self));
    if (hub == NULL || chat_hub_change(hub, &self->client, CHAT_CHANGE_NICK,
                                       &after, irc_span("", 0), serial) < 0) {
        if (!irc_fold_equal(claimed_nick(self),
                            chat_user_nick(&self->client.user)) &&
            !release(self, claimed_nick(self)))
            return;
        self->client.claiming_size = 0;
        chat_numeric(
            self, IRC_ERR_UNKNOWNERROR,
            IRC_ARGS(IRC_SPAN("NICK"), IRC_SPAN("Out of memory, try again")));
        return;
    }
    chat_session_asked(self, chat_hub_id(hub), changed);
}

static void claimed(struct chat_session *self, const struct chat_reply *reply)
{
    struct irc_span old = chat_user_nick(&self->client.user);

    if (reply->result != CHAT_DONE) {
        self->client.claiming_size = 0;
        return;
    }
    if (chat_session_is_welcome(self)) {
        change(self);
        return;
    }
    if (old.size > 0 && !irc_fold_equal(old, claimed_nick(self)) &&
        !release(self, old))
        return;
    chat_user_set_nick(&self->client.user, claimed_nick(self));
    self->client.claiming_size = 0;
    try_complete(self);
}

enum chat_step chat_do_nick(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span nick = irc_message_param(message, 0);
    struct irc_span old = chat_user_nick(&self->client.user);

    if (nick.size == 0) {
        chat_numeric(self, IRC_ERR_NONICKNAMEGIVEN, IRC_NO_ARGS);
    } else if (!irc_nick_is_valid(nick) ||
               nick.size > self->front->limits.nick_max) {
        chat_numeric(self, IRC_ERR_ERRONEUSNICKNAME, IRC_ARGS(nick));
    } else if (!irc_span_equal(nick, old)) {
        struct chat_op op = chat_session_op(self);
        memcpy(self->client.claiming, nick.at, nick.size);
        self->client.claiming_size = (uint8_t)nick.size;
        if (!chat_session_ask(self, chat_server_nicks(self->server, nick),
                              CHAT_OP_CLAIM, &op, &nick, 1, claimed))
            self->client.claiming_size = 0;
    }
    return CHAT_STEP_DONE;
}

/* --- USER and PASS ---------------------------------------------------------*/

enum chat_step chat_do_user(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span real = irc_message_param(message, 3);
    char user[IRC_USER_MAX];
    size_t size = irc_user_clean(irc_message_param(message, 0), user);

    if ((self->registration & CHAT_HAS_USER) != 0) {
        chat_numeric(self, IRC_ERR_ALREADYREGISTERED, IRC_NO_ARGS);
    } else if (size == 0) {
        chat_numeric(self, IRC_ERR_INVALIDUSERNAME, IRC_NO_ARGS);
    } else if (real.size == 0) {
        chat_numeric(self, IRC_ERR_NEEDMOREPARAMS, IRC_ARGS(IRC_SPAN("USER")));
    } else {
        chat_user_set_user(&self->client.user, irc_span(user, size));
        chat_user_set_real(&self->client.user, real);
        self->registration |= CHAT_HAS_USER;
        try_complete(self);
    }
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_pass(struct chat_session *self,
                            const struct irc_message *message)
{
    if (chat_session_is_welcome(self))
        chat_numeric(self, IRC_ERR_ALREADYREGISTERED, IRC_NO_ARGS);
    else if (irc_span_equal(irc_message_param(message, 0),
                            self->front->password))
        self->registration |= CHAT_HAS_PASSWORD;
    else /* the last one counts */
        self->registration &= (uint8_t)~CHAT_HAS_PASSWORD;
    return CHAT_STEP_DONE;
}

/* --- CAP -------------------------------------------------------------------*/

static void cap_open(struct chat_session *self, struct chat_line *line,
                     const char *subcommand)
{
    chat_line_open(line);
    irc_put_char(&line->out, ':');
    irc_put(&line->out, self->server->name);
    irc_put_text(&line->out, " CAP ");
    irc_put_word(&line->out, chat_user_nick(&self->client.user));
    irc_put_char(&line->out, ' ');
    irc_put_text(&line->out, subcommand);
    irc_put_text(&line->out, " :");
}

static void cap_list(struct chat_session *self, const char *subcommand,
                     unsigned caps)
{
    struct chat_line line;

    cap_open(self, &line, subcommand);
    irc_caps_put(&line.out, caps);
    chat_line_send(&line, self);
}

static void hold_registration(struct chat_session *self)
{
    if (!chat_session_is_welcome(self))
        self->registration |= CHAT_IN_CAP;
}

static void cap_ls(struct chat_session *self, struct irc_span version)
{
    unsigned number = irc_cap_version(version);

    hold_registration(self);
    if (number > self->cap_version)
        self->cap_version = (uint16_t)number;
    if (number >= 302)
        self->client.user.caps |= IRC_CAP_CAP_NOTIFY;
    cap_list(self, "LS", IRC_CAP_ALL);
}

static void cap_request(struct chat_session *self, struct irc_span list)
{
    unsigned caps = self->client.user.caps;
    bool is_granted = irc_caps_request(list, self->cap_version, &caps);
    struct chat_line line;

    hold_registration(self);
    cap_open(self, &line, is_granted ? "ACK" : "NAK");
    irc_put(&line.out, list);
    chat_line_send(&line, self);
    self->client.user.caps = caps; /* for the lines after this one */
}

enum chat_step chat_do_cap(struct chat_session *self,
                           const struct irc_message *message)
{
    struct irc_span subcommand = irc_message_param(message, 0);

    switch (irc_cap_subcommand_find(subcommand)) {
    case IRC_CAP_LS:
        cap_ls(self, irc_message_param(message, 1));
        break;
    case IRC_CAP_LIST:
        cap_list(self, "LIST", self->client.user.caps);
        break;
    case IRC_CAP_REQ:
        cap_request(self, irc_message_param(message, 1));
        break;
    case IRC_CAP_END:
        self->registration &= (uint8_t)~CHAT_IN_CAP;
        try_complete(self);
        break;
    default:
        chat_numeric(self, IRC_ERR_INVALIDCAPCMD, IRC_ARGS(subcommand));
        break;
    }
    return CHAT_STEP_DONE;
}
