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

/* NETWORK, the one that differs from server to server, is token 0. */
static const char *const tokens[] = {
    "NETWORK=",
    "CASEMAPPING=" IRC_CASEMAPPING,
    "CHANTYPES=#",
    "PREFIX=" IRC_PREFIX,
    "STATUSMSG=@+",
    "CHANMODES=" IRC_CHANMODES,
    "MODES=" DIGITS(IRC_MODES_MAX),
    "MAXLIST=b:" DIGITS(IRC_BANS_MAX),
    "CHANLIMIT=#:" DIGITS(IRC_CHANNELS_MAX),
    "NICKLEN=" DIGITS(IRC_NICK_MAX),
    "USERLEN=" DIGITS(IRC_USER_MAX),
    "HOSTLEN=" DIGITS(IRC_HOST_MAX),
    "NAMELEN=" DIGITS(IRC_REAL_MAX),
    "CHANNELLEN=" DIGITS(IRC_CHANNEL_MAX),
    "TOPICLEN=" DIGITS(IRC_TOPIC_MAX),
    "KEYLEN=" DIGITS(IRC_KEY_MAX),
    "KICKLEN=" DIGITS(IRC_KICK_MAX),
    "AWAYLEN=" DIGITS(IRC_AWAY_MAX),
    "LINELEN=" DIGITS(IRC_LINE_MAX),
    "TARGMAX=PRIVMSG:" TARGETS ",NOTICE:" TARGETS ",TAGMSG:" TARGETS
    ",JOIN:,PART:,NAMES:,KICK:,WHOIS:1",
    "ELIST=" IRC_ELIST,
    "SAFELIST",
    "WHOX",
    "UTF8ONLY",
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

/* A space precedes every token but the first, which the head's own precedes. */
static bool put_token(struct irc_writer *out, struct irc_span network,
                      unsigned index, bool is_first)
{
    struct irc_span token = irc_span_of(tokens[index]);
    size_t size = (is_first ? 0 : 1) + token.size;

    if (index == 0)
        size += network.size;
    if (size + sizeof(trailing) > irc_writer_room(out))
        return false;
    if (!is_first)
        irc_put_char(out, ' ');
    irc_put(out, token);
    if (index == 0)
        irc_put(out, network);
    return true;
}

bool irc_isupport_put(struct irc_writer *out, struct irc_span server,
                      struct irc_span client, struct irc_span network,
                      unsigned *cursor)
{
    unsigned first = *cursor;

    if (first >= TOKENS_COUNT)
        return false;
    irc_numeric_begin(out, server, client, IRC_RPL_ISUPPORT);
    while (*cursor < TOKENS_COUNT &&
           *cursor - first < IRC_ISUPPORT_TOKENS_MAX &&
           put_token(out, network, *cursor, *cursor == first))
        ++*cursor;
    MIO_ASSERT(*cursor > first); /* a server's name and a nick leave room */
    irc_put_text(out, trailing);
    return true;
}
