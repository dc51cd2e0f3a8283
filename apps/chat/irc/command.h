/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/command.h - what a client can say, in one table.
 *
 * X(name, fewest parameters, flags): fewer than that is 461; a command with an
 * error of its own for a missing parameter (431, 409, 411...) has 0 here. The
 * most frequent come first: the table is searched from the front. */
#ifndef MIO_APPS_CHAT_IRC_COMMAND_H
#define MIO_APPS_CHAT_IRC_COMMAND_H

#include "apps/chat/irc/span.h"

enum irc_command_flag {
    IRC_COMMAND_EARLY = 1, /* understood before registration is complete */
    IRC_COMMAND_FREE = 2,  /* costs nothing in flood control */
};

#define IRC_COMMANDS(X)                                                        \
    X(PRIVMSG, 0, 0)                                                           \
    X(PING, 0, IRC_COMMAND_EARLY | IRC_COMMAND_FREE)                           \
    X(PONG, 0, IRC_COMMAND_EARLY | IRC_COMMAND_FREE)                           \
    X(NOTICE, 0, 0)                                                            \
    X(TAGMSG, 1, 0)                                                            \
    X(JOIN, 1, 0)                                                              \
    X(PART, 1, 0)                                                              \
    X(MODE, 1, 0)                                                              \
    X(WHO, 1, 0)                                                               \
    X(CAP, 1, IRC_COMMAND_EARLY)                                               \
    X(NICK, 0, IRC_COMMAND_EARLY)                                              \
    X(USER, 4, IRC_COMMAND_EARLY)                                              \
    X(PASS, 1, IRC_COMMAND_EARLY)                                              \
    X(QUIT, 0, IRC_COMMAND_EARLY | IRC_COMMAND_FREE)                           \
    X(ERROR, 0, IRC_COMMAND_EARLY)                                             \
    X(NAMES, 0, 0)                                                             \
    X(TOPIC, 1, 0)                                                             \
    X(KICK, 2, 0)                                                              \
    X(INVITE, 0, 0)                                                            \
    X(WHOIS, 0, 0)                                                             \
    X(WHOWAS, 0, 0)                                                            \
    X(LIST, 0, 0)                                                              \
    X(AWAY, 0, 0)                                                              \
    X(ISON, 1, 0)                                                              \
    X(USERHOST, 1, 0)                                                          \
    X(SETNAME, 1, 0)                                                           \
    X(OPER, 2, 0)                                                              \
    X(KILL, 1, 0)                                                              \
    X(WALLOPS, 1, 0)                                                           \
    X(MOTD, 0, 0)                                                              \
    X(LUSERS, 0, 0)                                                            \
    X(VERSION, 0, 0)                                                           \
    X(TIME, 0, 0)                                                              \
    X(INFO, 0, 0)                                                              \
    X(ADMIN, 0, 0)                                                             \
    X(MONITOR, 1, 0)                                                           \
    X(LINKS, 0, 0)                                                             \
    X(HELP, 0, 0)                                                              \
    X(STATS, 0, 0)

enum irc_command {
#define X(name, params_min, flags) IRC_##name,
    IRC_COMMANDS(X)
#undef X
        IRC_COMMANDS_COUNT,
    IRC_UNKNOWN = IRC_COMMANDS_COUNT
};

/** The command of that name, in any case of letters, or IRC_UNKNOWN. */
enum irc_command irc_command_find(struct irc_span name);

/** Its name in capitals, its fewest parameters, its flags. */
const char *irc_command_name(enum irc_command command);
unsigned irc_command_params_min(enum irc_command command);
unsigned irc_command_flags(enum irc_command command);

/** A browser's (or a scanner's) first word: it will never speak IRC. */
bool irc_command_is_http(struct irc_span name);

#endif /* MIO_APPS_CHAT_IRC_COMMAND_H */
