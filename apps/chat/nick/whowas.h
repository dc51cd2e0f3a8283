/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/whowas.h - who had a nick before: the last ones, newest first.
 */
#ifndef MIO_APPS_CHAT_NICK_WHOWAS_H
#define MIO_APPS_CHAT_NICK_WHOWAS_H

#include <stdint.h>

#include "apps/chat/irc/span.h"
#include "apps/chat/protocol/user.h"
#include "core/error.h"

#define CHAT_WHOWAS_MAX                                                        \
    256 /* of one reactor; newer ones replace older ones                       \
         */

struct chat_whowas_entry {
    struct chat_user user;
    int64_t left_s; /* since 1970 */
};

/* Zeroed is initialised and empty. */
struct chat_whowas {
    /* private */
    struct chat_whowas_entry *entries; /* a ring; NULL until the first one */
    uint32_t count;
    uint32_t next;
};

void chat_whowas_deinit(struct chat_whowas *self);

/** Remember him. Without memory nothing is remembered. */
void chat_whowas_add(struct chat_whowas *self, const struct chat_user *user,
                     int64_t now_s);

/** Iterate over those who had `nick`, from the newest: start with *cursor = 0;
 *  NULL at the end. */
const struct chat_whowas_entry *chat_whowas_next(const struct chat_whowas *self,
                                                 struct irc_span nick,
                                                 uint32_t *cursor);

#endif /* MIO_APPS_CHAT_NICK_WHOWAS_H */
