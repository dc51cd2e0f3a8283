/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/bans.h - the masks that a channel keeps out. */
#ifndef MIO_APPS_CHAT_CHANNEL_BANS_H
#define MIO_APPS_CHAT_CHANNEL_BANS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "core/error.h"
#include "core/visibility.h"

struct chat_ban {
    uint8_t mask_size;
    uint8_t by_size;
    char mask[IRC_MASK_MAX];
    char by[IRC_MASK_MAX]; /* nick!user@host of who set it */
    int64_t set_s;         /* since 1970 */
};

/* Zeroed is initialised and empty. */
struct chat_bans {
    struct chat_ban *bans; /* in the order in which they were set */
    uint32_t count;
    /* private */
    uint32_t capacity;
};

void chat_bans_deinit(struct chat_bans *self);

/** Add a whole mask.
 *  Returns 1 | 0 (it was there) | MIO_EFULL (as many as `max`) | MIO_ENOMEM. */
MIO_NODISCARD int chat_bans_add(struct chat_bans *self, struct irc_span mask,
                                struct irc_span by, int64_t now_s,
                                uint32_t max);

/** Remove a mask as it was set, in any case of letters. False if there was
 *  none such. */
bool chat_bans_remove(struct chat_bans *self, struct irc_span mask);

/** Is "nick!user@host" kept out? */
bool chat_bans_match(const struct chat_bans *self, struct irc_span mask);

#endif /* MIO_APPS_CHAT_CHANNEL_BANS_H */
