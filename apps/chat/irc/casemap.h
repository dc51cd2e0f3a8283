/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/casemap.h - when two names are one name.
 *
 * CASEMAPPING=ascii, as 005 says: A-Z are a-z and nothing else is equal. The
 * other mapping, rfc1459, would make "[" and "{" one letter, which surprises
 * everybody who did not grow up in Finland. Each comparison of nicks, channels
 * and masks goes through here. */
#ifndef MIO_APPS_CHAT_IRC_CASEMAP_H
#define MIO_APPS_CHAT_IRC_CASEMAP_H

#include "apps/chat/irc/span.h"

#define IRC_CASEMAPPING "ascii"

/** The letter that stands for all its cases. */
static inline char irc_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/** One name? */
bool irc_fold_equal(struct irc_span a, struct irc_span b);

/** Write the folded name: name.size bytes. */
void irc_fold_copy(struct irc_span name, char *out);

/** The secret that keeps strangers from choosing names that collide. */
struct irc_hash_key {
    uint64_t low, high;
};

/** SipHash-1-3 of the folded name: equal names have equal hashes. */
uint64_t irc_fold_hash(struct irc_span name, struct irc_hash_key key);

#endif /* MIO_APPS_CHAT_IRC_CASEMAP_H */
