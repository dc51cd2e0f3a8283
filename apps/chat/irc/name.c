/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/name.c - what may be a nick, a channel, a user, a host, a key.
 */
#include "apps/chat/irc/name.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_among(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* RFC 2812: special */
static bool is_nick_special(char c)
{
    return is_among(c, "[]\\`_^{|}");
}

static bool is_nick_first(char c)
{
    return is_letter(c) || is_nick_special(c);
}

static bool is_nick_later(char c)
{
    return is_nick_first(c) || is_digit(c) || c == '-';
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

static bool is_host_byte(char c)
{
    return is_letter(c) || is_digit(c) || is_among(c, ".:-_/");
}

static bool is_user_byte(char c)
{
    return is_nick_later(c) || c == '.';
}

static bool is_channel_byte(char c)
{
    return !is_control(c) && c != ' ' && c != ',';
}

static bool is_key_byte(char c)
{
    return is_channel_byte(c) && (unsigned char)c < 0x80;
}

static bool is_every(struct irc_span span, bool (*is)(char))
{
    for (size_t i = 0; i < span.size; i++)
        if (!is(span.at[i]))
            return false;
    return true;
}

static bool is_sized(struct irc_span span, size_t min, size_t max)
{
    return span.size >= min && span.size <= max;
}

bool irc_nick_is_valid(struct irc_span nick)
{
    return is_sized(nick, 1, IRC_NICK_MAX) && is_nick_first(nick.at[0]) &&
           is_every(nick, is_nick_later);
}

bool irc_channel_is_meant(struct irc_span name)
{
    return name.size > 0 && name.at[0] == '#';
}

bool irc_channel_is_valid(struct irc_span channel)
{
    return is_sized(channel, 2, IRC_CHANNEL_MAX) && channel.at[0] == '#' &&
           is_every(channel, is_channel_byte);
}

bool irc_host_is_valid(struct irc_span host)
{
    return is_sized(host, 1, IRC_HOST_MAX) && host.at[0] != ':' &&
           is_every(host, is_host_byte);
}

bool irc_key_is_valid(struct irc_span key)
{
    return is_sized(key, 1, IRC_KEY_MAX) && key.at[0] != ':' &&
           is_every(key, is_key_byte);
}

bool irc_server_is_valid(struct irc_span name)
{
    return is_sized(name, 1, IRC_SERVER_MAX) && irc_host_is_valid(name) &&
           irc_span_find(name, '.') != name.size;
}

size_t irc_user_clean(struct irc_span user, char out[IRC_USER_MAX])
{
    size_t size = 0;

    out[size++] = '~';
    for (size_t i = 0; i < user.size && size < IRC_USER_MAX; i++)
        if (is_user_byte(user.at[i]))
            out[size++] = user.at[i];
    return size > 1 ? size : 0;
}

size_t irc_host_from_address(struct irc_span address, char out[IRC_HOST_MAX])
{
    size_t size = 0;

    if (address.size > 0 && address.at[0] == ':')
        out[size++] = '0';
    for (size_t i = 0; i < address.size && size < IRC_HOST_MAX; i++)
        out[size++] = address.at[i];
    return size;
}

struct irc_target irc_target_parse(struct irc_span text)
{
    struct irc_target target = {text, irc_channel_is_meant(text), 0};

    if (text.size > 1 && is_among(text.at[0], "@+") && text.at[1] == '#') {
        target.status = text.at[0];
        target.name = irc_span_tail(text, 1);
        target.is_channel = true;
    }
    return target;
}
