/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/isupport.c - 005: what this server can do and how much. */
#include "apps/chat/irc/isupport.h"

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/listing.h"
#include "apps/chat/irc/mode.h"
#include "apps/chat/irc/numeric.h"
#include "core/assert.h"

#define TEXT(x) #x
#define DIGITS(x) TEXT(x)
#define TARGETS DIGITS(IRC_TARGETS_MAX)

enum value { FIXED, NETWORK, BANS, CHANNELS, NICK, TOPIC, MONITOR };

static const struct {
    const char *text;
    enum value value; /* that follows it */
} tokens[] = {
    {"NETWORK=", NETWORK},
    {"CASEMAPPING=" IRC_CASEMAPPING, FIXED},
    {"CHANTYPES=#", FIXED},
    {"PREFIX=" IRC_PREFIX, FIXED},
    {"STATUSMSG=@+", FIXED},
    {"CHANMODES=" IRC_CHANMODES, FIXED},
    {"MODES=" DIGITS(IRC_MODES_MAX), FIXED},
    {"MAXLIST=b:", BANS},
    {"CHANLIMIT=#:", CHANNELS},
    {"NICKLEN=", NICK},
    {"USERLEN=" DIGITS(IRC_USER_MAX), FIXED},
    {"HOSTLEN=" DIGITS(IRC_HOST_MAX), FIXED},
    {"NAMELEN=" DIGITS(IRC_REAL_MAX), FIXED},
    {"CHANNELLEN=" DIGITS(IRC_CHANNEL_MAX), FIXED},
    {"TOPICLEN=", TOPIC},
    {"KEYLEN=" DIGITS(IRC_KEY_MAX), FIXED},
    {"KICKLEN=" DIGITS(IRC_KICK_MAX), FIXED},
    {"AWAYLEN=" DIGITS(IRC_AWAY_MAX), FIXED},
    {"LINELEN=" DIGITS(IRC_LINE_MAX), FIXED},
    {"TARGMAX=PRIVMSG:" TARGETS ",NOTICE:" TARGETS ",TAGMSG:" TARGETS
     ",JOIN:,PART:,NAMES:,KICK:,WHOIS:1",
     FIXED},
    {"ELIST=" IRC_ELIST, FIXED},
    {"SAFELIST", FIXED},
    {"MONITOR=", MONITOR},
    {"WHOX", FIXED},
    {"UTF8ONLY", FIXED},
};

#define TOKENS_COUNT (sizeof(tokens) / sizeof(tokens[0]))

static const char trailing[] = " :are supported by this server";

bool irc_network_is_valid(struct irc_span text)
{
    if (text.size == 0 || text.size > IRC_NETWORK_MAX)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7F || text.at[i] == '=')
            return false;
    return text.at[0] != ':';
}

static void put_value(struct irc_writer *out, enum value value,
                      const struct irc_isupport *values)
{
    switch (value) {
    case NETWORK:
        irc_put(out, values->network);
        break;
    case BANS:
        irc_put_number(out, values->bans_max);
        break;
    case CHANNELS:
        irc_put_number(out, values->channels_max);
        break;
    case NICK:
        irc_put_number(out, values->nick_max);
        break;
    case TOPIC:
        irc_put_number(out, values->topic_max);
        break;
    case MONITOR:
        irc_put_number(out, values->monitor_max);
        break;
    case FIXED:
    default:
        break;
    }
}

/* A space precedes every token but the first, which the head's own precedes. */
static bool put_token(struct irc_writer *out, const struct irc_isupport *values,
                      unsigned index, bool is_first)
{
    char text[IRC_LINE_MAX];
    struct irc_writer token;

    irc_writer_init(&token, text, sizeof(text));
    if (!is_first)
        irc_put_char(&token, ' ');
    irc_put_text(&token, tokens[index].text);
    put_value(&token, tokens[index].value, values);
    if (token.size + sizeof(trailing) > irc_writer_room(out))
        return false;
    irc_put(out, irc_span(text, token.size));
    return true;
}

bool irc_isupport_put(struct irc_writer *out, struct irc_span server,
                      struct irc_span client, const struct irc_isupport *values,
                      unsigned *cursor)
{
    unsigned first = *cursor;

    if (first >= TOKENS_COUNT)
        return false;
    irc_numeric_begin(out, server, client, IRC_RPL_ISUPPORT);
    while (*cursor < TOKENS_COUNT &&
           *cursor - first < IRC_ISUPPORT_TOKENS_MAX &&
           put_token(out, values, *cursor, *cursor == first))
        ++*cursor;
    MIO_ASSERT(*cursor > first); /* a server's name and a nick leave room */
    irc_put_text(out, trailing);
    return true;
}
