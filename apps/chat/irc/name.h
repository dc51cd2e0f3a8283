/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/name.h - what may be a nick, a channel, a user, a host, a key.
 */
#ifndef MIO_APPS_CHAT_IRC_NAME_H
#define MIO_APPS_CHAT_IRC_NAME_H

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"

/** RFC 2812's nickname, up to IRC_NICK_MAX. */
bool irc_nick_is_valid(struct irc_span nick);

/** '#' and at least one byte; no control, space or comma. */
bool irc_channel_is_valid(struct irc_span channel);

/** Could it be meant as a channel? ('#' in front) */
bool irc_channel_is_meant(struct irc_span name);

/** Letters, digits, '.', ':' and '-', '_', '/': an address or a cloak. Does
 *  not begin with ':', which would end a line's middle parameters. */
bool irc_host_is_valid(struct irc_span host);

/** A channel's key: printable, no space, no comma, no ':' in front. */
bool irc_key_is_valid(struct irc_span key);

/** A server's name: a host with at least one dot. */
bool irc_server_is_valid(struct irc_span name);

/** What of USER's first parameter may be shown, behind '~' because nobody
 *  vouches for it. Returns the size written, 0 if nothing was usable. */
size_t irc_user_clean(struct irc_span user, char out[IRC_USER_MAX]);

/** Write an address as a host: "::1" gets a "0" in front. Longer ones are
 *  cut. Returns the size. */
size_t irc_host_from_address(struct irc_span address, char out[IRC_HOST_MAX]);

/** A receiver as PRIVMSG, NOTICE and TAGMSG name it. */
struct irc_target {
    struct irc_span name;
    bool is_channel;
    char status; /* '@' or '+': only those who have it; else 0 */
};

/** Read "@#channel", "#channel" or "nick". Does not say that name is valid. */
struct irc_target irc_target_parse(struct irc_span text);

#endif /* MIO_APPS_CHAT_IRC_NAME_H */
