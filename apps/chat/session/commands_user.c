/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands_user.c - WHO, WHOIS, WHOWAS, ISON, USERHOST, AWAY,
 * SETNAME, user modes, OPER, KILL, WALLOPS. */
#include "apps/chat/session/commands.h"

#include <string.h>

#include "apps/chat/hub/hub.h"
#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/mask.h"
#include "apps/chat/irc/name.h"
#include "apps/chat/irc/reply.h"
#include "apps/chat/irc/utf8.h"

/* --- who is who ------------------------------------------------------------*/

/* A mask: each shard of the nicks in turn; step is the reactor. */
static enum chat_step who_mask(struct chat_session *self,
                               const struct irc_span texts[2])
{
    struct chat_op op = chat_session_op(self);

    if (self->is_unfinished && self->cursor == 0)
        self->step++; /* that shard had no more */
    if (self->step >= self->server->reactors_count) {
        chat_numeric(self, IRC_RPL_ENDOFWHO, IRC_ARGS(texts[0]));
        return CHAT_STEP_DONE;
    }
    op.is_scatter = 1;
    (void)chat_session_ask(self, self->server->nicks[self->step],
                           CHAT_OP_WHO_NICK, &op, texts, 2, NULL);
    return CHAT_STEP_WAIT;
}

/* Ask once, and again as long as there is more. */
static enum chat_step ask_on(struct chat_session *self, mio_actor_id to,
                             enum chat_op_kind kind,
                             const struct irc_span *texts, uint32_t texts_count)
{
    struct chat_op op = chat_session_op(self);

    if (self->step++ > 0 && self->cursor == 0)
        return CHAT_STEP_DONE;
    (void)chat_session_ask(self, to, kind, &op, texts, texts_count, NULL);
    return CHAT_STEP_WAIT;
}

enum chat_step chat_do_who(struct chat_session *self,
                           const struct irc_message *message)
{
    struct irc_span texts[2] = {message->params[0],
                                irc_message_param(message, 1)};

    if (irc_channel_is_valid(texts[0]))
        return ask_on(self, chat_server_directory(self->server, texts[0]),
                      CHAT_OP_WHO, texts, 2);
    if (irc_span_equal(texts[0], IRC_SPAN("0")))
        texts[0] = IRC_SPAN("*");
    if (irc_mask_is_wild(texts[0]))
        return who_mask(self, texts);
    if (irc_nick_is_valid(texts[0]))
        return ask_on(self, chat_server_nicks(self->server, texts[0]),
                      CHAT_OP_WHO_NICK, texts, 2);
    chat_numeric(self, IRC_RPL_ENDOFWHO, IRC_ARGS(texts[0]));
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_whois(struct chat_session *self,
                             const struct irc_message *message)
{
    /* "WHOIS server nick" asks that server, which is always this one. */
    struct irc_span list =
        irc_message_param(message, message->params_count > 1 ? 1 : 0);
    uint64_t channels[IRC_CHANNELS_MAX];
    struct irc_span texts[2];

    if (!chat_list_item(list, 0, &texts[0]) || texts[0].size == 0) {
        chat_numeric(self, IRC_ERR_NONICKNAMEGIVEN, IRC_NO_ARGS);
        return CHAT_STEP_DONE;
    }
    if (!irc_nick_is_valid(texts[0])) {
        chat_numeric(self, IRC_ERR_NOSUCHNICK, IRC_ARGS(texts[0]));
        chat_numeric(self, IRC_RPL_ENDOFWHOIS, IRC_ARGS(texts[0]));
        return CHAT_STEP_DONE;
    }
    size_t count =
        chat_client_channels(&self->client, channels, IRC_CHANNELS_MAX);
    texts[1] = irc_span((const char *)channels, count * sizeof(channels[0]));
    return ask_on(self, chat_server_nicks(self->server, texts[0]),
                  CHAT_OP_WHOIS, texts, 2);
}

enum chat_step chat_do_whowas(struct chat_session *self,
                              const struct irc_message *message)
{
    struct irc_span texts[2] = {irc_span("", 0), irc_message_param(message, 1)};

    if (!chat_list_item(irc_message_param(message, 0), 0, &texts[0]) ||
        texts[0].size == 0) {
        chat_numeric(self, IRC_ERR_NONICKNAMEGIVEN, IRC_NO_ARGS);
        return CHAT_STEP_DONE;
    }
    return ask_on(self, chat_server_nicks(self->server, texts[0]),
                  CHAT_OP_WHOWAS, texts, 2);
}

/* --- ISON and USERHOST -----------------------------------------------------*/

static void add_nick(struct chat_find *find, struct irc_span nick)
{
    size_t size = find->nicks_size;

    if (!irc_nick_is_valid(nick) || size + 1 + nick.size > sizeof(find->nicks))
        return;
    if (size > 0)
        find->nicks[size++] = ' ';
    memcpy(find->nicks + size, nick.at, nick.size);
    find->nicks_size = (uint16_t)(size + nick.size);
}

/* Both "ISON a b" and "ISON :a b" are said. */
static void gather(struct chat_find *find, const struct irc_message *message,
                   uint32_t nicks_max)
{
    struct irc_span item;
    uint32_t count = 0;

    for (uint32_t i = 0; i < message->params_count; i++) {
        struct irc_span rest = message->params[i];
        while (irc_span_next(&rest, ' ', &item))
            if (item.size > 0 && count++ < nicks_max)
                add_nick(find, item);
    }
}

static enum chat_step find(struct chat_session *self,
                           const struct irc_message *message, bool is_userhost)
{
    struct irc_span asker = chat_user_nick(&self->client.user);
    struct chat_find find = {.reply_to = self->client.user.id,
                             .is_userhost = is_userhost,
                             .asker_size = (uint8_t)asker.size};
    struct irc_span nicks, first;

    memcpy(find.asker, asker.at, asker.size);
    gather(&find, message, is_userhost ? 5 : UINT32_MAX); /* RFC: five */
    nicks = irc_span(find.nicks, find.nicks_size);
    if (!irc_span_next(&nicks, ' ', &first)) {
        chat_numeric(self, is_userhost ? IRC_RPL_USERHOST : IRC_RPL_ISON,
                     IRC_ARGS(irc_span("", 0)));
        return CHAT_STEP_DONE;
    }
    mio_actor_id to = chat_server_nicks(self->server, first);
    find.serial = ++self->serial;
    if (mio_send(mio_connection_actor(self->connection), to, &chat_find_type,
                 &find, sizeof(find)) < 0)
        chat_numeric(
            self, IRC_ERR_UNKNOWNERROR,
            IRC_ARGS(IRC_SPAN("find"), IRC_SPAN("Out of memory, try again")));
    else
        chat_session_asked(self, to, NULL);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_ison(struct chat_session *self,
                            const struct irc_message *message)
{
    return find(self, message, false);
}

enum chat_step chat_do_userhost(struct chat_session *self,
                                const struct irc_message *message)
{
    return find(self, message, true);
}

/* --- what changes about himself --------------------------------------------*/

/* Returns whether the change is under way. */
static bool change(struct chat_session *self, enum chat_change what,
                   const struct chat_user *after, struct irc_span text,
                   chat_then *then)
{
    struct chat_hub *hub = chat_session_hub(self);
    uint64_t serial = ++self->serial;

    if (hub == NULL ||
        chat_hub_change(hub, &self->client, what, after, text, serial) < 0) {
        chat_numeric(
            self, IRC_ERR_UNKNOWNERROR,
            IRC_ARGS(IRC_SPAN("*"), IRC_SPAN("Out of memory, try again")));
        return false;
    }
    chat_session_asked(self, chat_hub_id(hub), then);
    return true;
}

static void away_changed(struct chat_session *self,
                         const struct chat_reply *reply)
{
    bool is_away = (self->client.user.flags & CHAT_USER_AWAY) != 0;

    (void)reply;
    chat_numeric(self, is_away ? IRC_RPL_NOWAWAY : IRC_RPL_UNAWAY, IRC_NO_ARGS);
}

enum chat_step chat_do_away(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span text =
        irc_utf8_head(irc_message_param(message, 0), IRC_AWAY_MAX);
    struct chat_user after = self->client.user;

    if (text.size > 0)
        after.flags |= CHAT_USER_AWAY;
    else
        after.flags &= ~CHAT_USER_AWAY;
    (void)change(self, CHAT_CHANGE_AWAY, &after, text, away_changed);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_setname(struct chat_session *self,
                               const struct irc_message *message)
{
    struct irc_span real = message->params[0];
    struct chat_user after = self->client.user;
    struct chat_line line;

    if (real.size == 0 || real.size > IRC_REAL_MAX) {
        chat_line_open(&line);
        irc_standard_put(&line.out, self->server->name, "FAIL",
                         IRC_SPAN("SETNAME"), "INVALID_REALNAME",
                         irc_span("", 0), "Realname is not valid");
        chat_line_send(&line, self);
        return CHAT_STEP_DONE;
    }
    chat_user_set_real(&after, real);
    (void)change(self, CHAT_CHANGE_REAL, &after, irc_span("", 0), NULL);
    return CHAT_STEP_DONE;
}

/* --- user modes ------------------------------------------------------------*/

/* What has changed about the modes that clients see. */
static void tell_modes(struct chat_session *self, unsigned before)
{
    struct chat_line line;
    struct irc_span nick = chat_user_nick(&self->client.user);
    unsigned shown = IRC_USER_INVISIBLE | IRC_USER_OPERATOR | IRC_USER_WALLOPS;

    chat_line_open(&line);
    chat_user_put_source(&self->client.user, &line.out);
    irc_put_text(&line.out, "MODE ");
    irc_put(&line.out, nick);
    irc_put_text(&line.out, " :");
    if (irc_user_modes_change_put(&line.out, before & shown,
                                  self->client.user.flags & shown))
        chat_line_send(&line, self);
}

static void modes_changed(struct chat_session *self,
                          const struct chat_reply *reply)
{
    (void)reply;
    tell_modes(self, self->flags_before);
}

static void set_modes(struct chat_session *self, unsigned set, unsigned clear)
{
    struct chat_user after = self->client.user;

    self->flags_before = after.flags;
    after.flags = (after.flags | set) & ~clear;
    if (after.flags != self->flags_before)
        (void)change(self, CHAT_CHANGE_MODES, &after, irc_span("", 0),
                     modes_changed);
}

static void show_modes(struct chat_session *self)
{
    char text[8];
    struct irc_writer out;

    irc_writer_init(&out, text, sizeof(text));
    irc_user_modes_put(&out, self->client.user.flags);
    chat_numeric(self, IRC_RPL_UMODEIS, IRC_ARGS(irc_span(text, out.size)));
}

enum chat_step chat_user_mode(struct chat_session *self,
                              const struct irc_message *message)
{
    struct irc_span nick = message->params[0];
    unsigned set, clear;

    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    if (!irc_fold_equal(nick, chat_user_nick(&self->client.user))) {
        chat_numeric(self, IRC_ERR_USERSDONTMATCH, IRC_NO_ARGS);
    } else if (message->params_count < 2) {
        show_modes(self);
    } else {
        if (!irc_user_modes_parse(message->params + 1,
                                  message->params_count - 1, &set, &clear))
            chat_numeric(self, IRC_ERR_UMODEUNKNOWNFLAG, IRC_NO_ARGS);
        set_modes(self, set, clear);
    }
    return CHAT_STEP_DONE;
}

/* --- operators -------------------------------------------------------------*/

static bool is_operator(struct chat_session *self)
{
    if ((self->client.user.flags & IRC_USER_OPERATOR) != 0)
        return true;
    chat_numeric(self, IRC_ERR_NOPRIVILEGES, IRC_NO_ARGS);
    return false;
}

enum chat_step chat_do_oper(struct chat_session *self,
                            const struct irc_message *message)
{
    const struct chat_front *front = self->front;

    if (front->operators_count == 0) {
        chat_numeric(self, IRC_ERR_NOOPERHOST, IRC_NO_ARGS);
        return CHAT_STEP_DONE;
    }
    for (uint32_t i = 0; i < front->operators_count; i++) {
        const struct chat_operator *each = &front->operators[i];
        if (!irc_span_equal(each->name, message->params[0]) ||
            !irc_span_equal(each->password, message->params[1]))
            continue;
        chat_numeric(self, IRC_RPL_YOUREOPER, IRC_NO_ARGS);
        set_modes(self, IRC_USER_OPERATOR, 0);
        return CHAT_STEP_DONE;
    }
    chat_numeric(self, IRC_ERR_PASSWDMISMATCH, IRC_NO_ARGS);
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_kill(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span nick = message->params[0];
    struct irc_span texts[2] = {nick, irc_message_param(message, 1)};

    if (!is_operator(self))
        return CHAT_STEP_DONE;
    if (irc_fold_equal(nick, self->server->name)) {
        chat_numeric(self, IRC_ERR_CANTKILLSERVER, IRC_NO_ARGS);
    } else if (!irc_nick_is_valid(nick)) {
        chat_numeric(self, IRC_ERR_NOSUCHNICK, IRC_ARGS(nick));
    } else {
        struct chat_op op = chat_session_op(self);
        (void)chat_session_ask(self, chat_server_nicks(self->server, nick),
                               CHAT_OP_KILL, &op, texts, 2, NULL);
    }
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_wallops(struct chat_session *self,
                               const struct irc_message *message)
{
    struct chat_hub *hub = chat_session_hub(self);

    if (!is_operator(self) || hub == NULL)
        return CHAT_STEP_DONE;
    if (message->params[0].size == 0)
        return chat_needs_more(self, IRC_WALLOPS);
    if (chat_hub_wallops(hub, &self->client.user, IRC_USER_WALLOPS,
                         message->params[0]) < 0)
        chat_numeric(self, IRC_ERR_UNKNOWNERROR,
                     IRC_ARGS(IRC_SPAN("WALLOPS"),
                              IRC_SPAN("Out of memory, try again")));
    return CHAT_STEP_DONE;
}
