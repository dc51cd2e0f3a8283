/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands_channel.c - JOIN, PART, TOPIC, MODE, KICK, NAMES,
 * LIST, INVITE. */
#include "apps/chat/session/commands.h"

#include <string.h>

#include "apps/chat/hub/hub.h"
#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/listing.h"
#include "apps/chat/irc/name.h"
#include "apps/chat/irc/utf8.h"
#include "core/clock.h"

/* --- what they have in common ----------------------------------------------*/

/* Ask a channel's directory, with nothing under way or only the like of it.
 * Returns false when it has to wait. Names that no channel can have are
 * refused here. */
static bool ask_channel(struct chat_session *self, struct irc_span channel,
                        enum chat_op_kind kind, const struct irc_span *texts,
                        uint32_t texts_count, chat_then *then)
{
    mio_actor_id to = chat_server_directory(self->server, channel);

    if (!irc_channel_is_valid(channel)) {
        if (!chat_session_is_idle(self))
            return false;
        chat_numeric(self, IRC_ERR_NOSUCHCHANNEL, IRC_ARGS(channel));
        return true;
    }
    if (!chat_session_may_ask(self, to, kind))
        return false;
    struct chat_op op = chat_session_op(self);
    (void)chat_session_ask(self, to, kind, &op, texts, texts_count, then);
    return true;
}

/* --- JOIN ------------------------------------------------------------------*/

static struct irc_span joining(const struct chat_session *self)
{
    return irc_span(self->channel, self->channel_size);
}

static void joined(struct chat_session *self, const struct chat_reply *reply)
{
    struct chat_hub *hub = chat_session_hub(self);

    (void)reply;
    if (hub != NULL)
        chat_hub_joined(hub, &self->client, joining(self));
}

static void join(struct chat_session *self, struct irc_span channel,
                 struct irc_span key)
{
    struct chat_hub *hub = chat_session_hub(self);
    struct irc_span texts[2] = {channel, key};

    if (!irc_channel_is_valid(channel)) {
        chat_numeric(self,
                     irc_channel_is_meant(channel) ? IRC_ERR_BADCHANMASK
                                                   : IRC_ERR_NOSUCHCHANNEL,
                     IRC_ARGS(channel));
        return;
    }
    int error = hub == NULL ? MIO_ESTOPPED
                            : chat_hub_joining(hub, &self->client, channel);
    if (error == MIO_EFULL)
        chat_numeric(self, IRC_ERR_TOOMANYCHANNELS, IRC_ARGS(channel));
    if (error < 0)
        return;

    memcpy(self->channel, channel.at, channel.size);
    self->channel_size = (uint8_t)channel.size;
    struct chat_op op = chat_session_op(self);
    if (!chat_session_ask(self, chat_server_directory(self->server, channel),
                          CHAT_OP_JOIN, &op, texts, 2, joined))
        chat_hub_joined(hub, &self->client, channel);
}

/* JOIN 0: leave the first of those that are left, one at a time. */
static enum chat_step part_all(struct chat_session *self)
{
    struct chat_membership *each = self->client.memberships;

    while (each != NULL && each->view == NULL)
        each = each->next;
    if (each == NULL || self->step++ > self->server->channels_max)
        return CHAT_STEP_DONE;

    struct irc_span texts[2] = {irc_span(each->name, each->name_size),
                                irc_span("", 0)};
    (void)ask_channel(self, texts[0], CHAT_OP_PART, texts, 2, NULL);
    return CHAT_STEP_WAIT;
}

enum chat_step chat_do_join(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span channels = irc_message_param(message, 0);
    struct irc_span channel, key;

    if (irc_span_equal(channels, IRC_SPAN("0")))
        return part_all(self);
    if (self->cursor != 0) { /* the list of members goes on */
        channel = joining(self);
        (void)ask_channel(self, channel, (enum chat_op_kind)self->more,
                          &channel, 1, NULL);
        return CHAT_STEP_WAIT;
    }
    while (chat_list_item(channels, self->step, &channel)) {
        if (!chat_list_item(irc_message_param(message, 1), self->step, &key))
            key = irc_span("", 0);
        self->step++;
        if (channel.size == 0)
            continue;
        join(self, channel, key);
        if (!chat_session_is_idle(self))
            return CHAT_STEP_WAIT;
    }
    return CHAT_STEP_DONE;
}

/* --- PART, TOPIC, KICK, MODE -----------------------------------------------*/

enum chat_step chat_do_part(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span channel;

    while (
        chat_list_item(irc_message_param(message, 0), self->step, &channel)) {
        struct irc_span texts[2] = {channel, irc_message_param(message, 1)};
        if (channel.size > 0 &&
            !ask_channel(self, channel, CHAT_OP_PART, texts, 2, NULL))
            return CHAT_STEP_WAIT;
        self->step++;
    }
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_topic(struct chat_session *self,
                             const struct irc_message *message)
{
    uint32_t count = message->params_count < 2 ? 1 : 2;
    struct irc_span texts[2] = {message->params[0],
                                irc_utf8_head(irc_message_param(message, 1),
                                              self->front->limits.topic_max)};

    return ask_channel(self, texts[0], CHAT_OP_TOPIC, texts, count, NULL)
               ? CHAT_STEP_DONE
               : CHAT_STEP_WAIT;
}

enum chat_step chat_do_kick(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_span nicks = irc_message_param(message, 1);
    struct irc_span texts[3] = {message->params[0], irc_span("", 0),
                                irc_message_param(message, 2)};

    while (chat_list_item(nicks, self->step, &texts[1])) {
        if (texts[1].size > 0 &&
            !ask_channel(self, texts[0], CHAT_OP_KICK, texts, 3, NULL))
            return CHAT_STEP_WAIT;
        self->step++;
    }
    return CHAT_STEP_DONE;
}

enum chat_step chat_do_mode(struct chat_session *self,
                            const struct irc_message *message)
{
    if (!irc_channel_is_meant(message->params[0]))
        return chat_user_mode(self, message);
    return ask_channel(self, message->params[0], CHAT_OP_MODE, message->params,
                       message->params_count, NULL)
               ? CHAT_STEP_DONE
               : CHAT_STEP_WAIT;
}

/* --- NAMES, LIST, INVITE ---------------------------------------------------*/

enum chat_step chat_do_names(struct chat_session *self,
                             const struct irc_message *message)
{
    struct irc_span channels = irc_message_param(message, 0);
    struct irc_span channel;

    if (self->cursor != 0)
        self->step--; /* the same channel goes on */
    while (chat_list_item(channels, self->step, &channel)) {
        self->step++;
        if (irc_channel_is_valid(channel)) {
            (void)ask_channel(self, channel, CHAT_OP_NAMES, &channel, 1, NULL);
            return CHAT_STEP_WAIT;
        }
        if (channel.size > 0)
            chat_numeric(self, IRC_RPL_ENDOFNAMES, IRC_ARGS(channel));
    }
    if (channels.size == 0)
        chat_numeric(self, IRC_RPL_ENDOFNAMES, IRC_ARGS(IRC_SPAN("*")));
    return CHAT_STEP_DONE;
}

/* One directory after the other; step 0 is the head, step r + 1 reactor r. */
enum chat_step chat_do_list(struct chat_session *self,
                            const struct irc_message *message)
{
    struct irc_list_filter filter;
    bool is_good =
        irc_list_filter_parse(&filter, irc_message_param(message, 0),
                              mio_clock_realtime_ns() / MIO_NS_PER_S);
    struct irc_span texts[2] = {
        irc_span("", 0), irc_span((const char *)&filter, sizeof(filter))};

    if (self->step == 0) {
        self->step++;
        chat_numeric(self, IRC_RPL_LISTSTART, IRC_NO_ARGS);
    } else if (self->cursor == 0) {
        self->step++; /* that directory had no more */
    }
    uint32_t reactor = self->step - 1;
    if (!is_good || reactor >= self->server->reactors_count) {
        chat_numeric(self, IRC_RPL_LISTEND, IRC_NO_ARGS);
        return CHAT_STEP_DONE;
    }
    struct chat_op op = chat_session_op(self);
    (void)chat_session_ask(self, self->server->directories[reactor],
                           CHAT_OP_LIST, &op, texts, 2, NULL);
    return CHAT_STEP_WAIT;
}

/* Who awaits him is known to channels only: one directory after the other. */
static enum chat_step list_invited(struct chat_session *self)
{
    struct irc_span none = irc_span("", 0);
    struct chat_op op = chat_session_op(self);

    if (self->is_unfinished && self->cursor == 0)
        self->step++; /* that directory had no more */
    if (self->step >= self->server->reactors_count) {
        chat_numeric(self, IRC_RPL_ENDOFINVITELIST, IRC_NO_ARGS);
        return CHAT_STEP_DONE;
    }
    (void)chat_session_ask(self, self->server->directories[self->step],
                           CHAT_OP_INVITED, &op, &none, 1, NULL);
    return CHAT_STEP_WAIT;
}

enum chat_step chat_do_invite(struct chat_session *self,
                              const struct irc_message *message)
{
    struct irc_span nick = irc_message_param(message, 0);
    struct irc_span texts[2] = {nick, irc_message_param(message, 1)};

    if (message->params_count == 0) {
        return list_invited(self);
    } else if (message->params_count == 1) {
        return chat_needs_more(self, IRC_INVITE);
    } else if (!irc_nick_is_valid(nick)) {
        chat_numeric(self, IRC_ERR_NOSUCHNICK, IRC_ARGS(nick));
    } else if (!irc_channel_is_valid(texts[1])) {
        chat_numeric(self, IRC_ERR_NOSUCHCHANNEL, IRC_ARGS(texts[1]));
    } else {
        struct chat_op op = chat_session_op(self);
        (void)chat_session_ask(self, chat_server_nicks(self->server, nick),
                               CHAT_OP_INVITE, &op, texts, 2, NULL);
    }
    return CHAT_STEP_DONE;
}
