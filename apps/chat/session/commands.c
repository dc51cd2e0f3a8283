/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands.c - which handler does which command. */
#include "apps/chat/session/commands.h"

#include "apps/chat/session/registration.h"

struct entry {
    chat_handler *handler;
    bool may_overlap; /* the handler itself waits where it must */
};

static const struct entry entries[IRC_COMMANDS_COUNT] = {
    [IRC_PRIVMSG] = {chat_do_privmsg, true},
    [IRC_NOTICE] = {chat_do_notice, true},
    [IRC_TAGMSG] = {chat_do_tagmsg, true},
    [IRC_PART] = {chat_do_part, true},
    [IRC_TOPIC] = {chat_do_topic, true},
    [IRC_MODE] = {chat_do_mode, true},
    [IRC_KICK] = {chat_do_kick, true},
    [IRC_PING] = {chat_do_ping, false},
    [IRC_PONG] = {chat_do_nothing, true},
    [IRC_ERROR] = {chat_do_nothing, true},
    [IRC_CAP] = {chat_do_cap, false},
    [IRC_NICK] = {chat_do_nick, false},
    [IRC_USER] = {chat_do_user, false},
    [IRC_PASS] = {chat_do_pass, false},
    [IRC_QUIT] = {chat_do_quit, false},
    [IRC_JOIN] = {chat_do_join, false},
    [IRC_NAMES] = {chat_do_names, false},
    [IRC_LIST] = {chat_do_list, false},
    [IRC_INVITE] = {chat_do_invite, false},
    [IRC_WHO] = {chat_do_who, false},
    [IRC_WHOIS] = {chat_do_whois, false},
    [IRC_WHOWAS] = {chat_do_whowas, false},
    [IRC_ISON] = {chat_do_ison, false},
    [IRC_USERHOST] = {chat_do_userhost, false},
    [IRC_AWAY] = {chat_do_away, false},
    [IRC_SETNAME] = {chat_do_setname, false},
    [IRC_OPER] = {chat_do_oper, false},
    [IRC_KILL] = {chat_do_kill, false},
    [IRC_MONITOR] = {chat_do_monitor, false},
    [IRC_WALLOPS] = {chat_do_wallops, false},
    [IRC_MOTD] = {chat_do_motd, false},
    [IRC_LUSERS] = {chat_do_lusers, false},
    [IRC_VERSION] = {chat_do_version, false},
    [IRC_TIME] = {chat_do_time, false},
    [IRC_INFO] = {chat_do_info, false},
    [IRC_ADMIN] = {chat_do_admin, false},
    [IRC_LINKS] = {chat_do_links, false},
    [IRC_HELP] = {chat_do_help, false},
    [IRC_STATS] = {chat_do_stats, false},
};

enum chat_step chat_command(struct chat_session *self, enum irc_command command,
                            const struct irc_message *message)
{
    const struct entry *entry = &entries[command];

    if (!entry->may_overlap && !chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    return entry->handler(self, message);
}

bool chat_list_item(struct irc_span list, uint32_t index, struct irc_span *item)
{
    while (irc_span_next(&list, ',', item))
        if (index-- == 0)
            return true;
    return false;
}

enum chat_step chat_needs_more(struct chat_session *self,
                               enum irc_command command)
{
    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    chat_numeric(self, IRC_ERR_NEEDMOREPARAMS,
                 IRC_ARGS(irc_span_of(irc_command_name(command))));
    return CHAT_STEP_DONE;
}
