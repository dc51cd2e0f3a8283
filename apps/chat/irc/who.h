/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/who.h - WHO and its extension WHOX: what was asked for and how
 * a row of the answer looks. */
#ifndef MIO_APPS_CHAT_IRC_WHO_H
#define MIO_APPS_CHAT_IRC_WHO_H

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

/* The fields in the order in which an answer has them, however they were asked
 * for. */
#define IRC_WHO_FIELDS "tcuihsnfdlaor"

enum irc_who_field {
    IRC_WHO_TOKEN = 1 << 0,
    IRC_WHO_CHANNEL = 1 << 1,
    IRC_WHO_USER = 1 << 2,
    IRC_WHO_ADDRESS = 1 << 3,
    IRC_WHO_HOST = 1 << 4,
    IRC_WHO_SERVER = 1 << 5,
    IRC_WHO_NICK = 1 << 6,
    IRC_WHO_FLAGS = 1 << 7,
    IRC_WHO_HOPS = 1 << 8,
    IRC_WHO_IDLE = 1 << 9,
    IRC_WHO_ACCOUNT = 1 << 10,
    IRC_WHO_LEVEL = 1 << 11,
    IRC_WHO_REAL = 1 << 12
};

struct irc_who_request {
    bool is_extended;     /* '%' was there: answer 354 instead of 352 */
    bool wants_operators; /* "o": only IRC operators */
    unsigned fields;
    struct irc_span token; /* up to three digits, "0" if none was given */
};

/** Read WHO's second parameter: "o", "%tnuhaf,42", "o%n". */
struct irc_who_request irc_who_parse(struct irc_span text);

/** One user as an answer shows him. Empty spans become "*" (account: "0"). */
struct irc_who_row {
    struct irc_span channel, user, address, host, server, nick, account, real;
    bool is_away, is_operator;
    struct irc_span prefix; /* irc_member_prefix() in that channel */
    uint64_t idle_s;
};

/** Append a whole 352 or 354 (without its end). */
void irc_who_put(struct irc_writer *out, struct irc_span server,
                 struct irc_span client, const struct irc_who_request *request,
                 const struct irc_who_row *row);

#endif /* MIO_APPS_CHAT_IRC_WHO_H */
