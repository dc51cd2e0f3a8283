/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/isupport.h - 005: what this server can do and how much.
 *
 * The text is made of the numbers in limits.h, of those that the server runs
 * with, and of the tables of the other files, so that it cannot promise
 * anything else. */
#ifndef MIO_APPS_CHAT_IRC_ISUPPORT_H
#define MIO_APPS_CHAT_IRC_ISUPPORT_H

#include <stdint.h>

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

/* What differs from server to server. */
struct irc_isupport {
    struct irc_span network;
    uint32_t nick_max, topic_max; /* bytes */
    uint32_t channels_max;        /* of one client */
    uint32_t bans_max;            /* of one channel */
    uint32_t monitor_max;         /* nicks that one client may watch */
};

/** Append one whole 005 (without its end) with as many tokens as it takes,
 *  beginning with token *cursor, and advance *cursor (0 at first). Returns
 *  false, and appends nothing, when all are told. */
bool irc_isupport_put(struct irc_writer *out, struct irc_span server,
                      struct irc_span client, const struct irc_isupport *values,
                      unsigned *cursor);

/** `text` is a network's name that a token can hold: graphic ASCII. */
bool irc_network_is_valid(struct irc_span text);

#endif /* MIO_APPS_CHAT_IRC_ISUPPORT_H */
