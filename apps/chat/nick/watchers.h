/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/watchers.h - who wants to know when a nick comes or goes, for
 * the nicks of one reactor. Nobody needs to have the nick. */
#ifndef MIO_APPS_CHAT_NICK_WATCHERS_H
#define MIO_APPS_CHAT_NICK_WATCHERS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/protocol/table.h"
#include "core/error.h"
#include "runtime/message.h"

/* Zeroed, but for the key, is initialised and empty. */
struct chat_watchers {
    struct irc_hash_key key;
    struct chat_table table; /* private */
};

void chat_watchers_deinit(struct chat_watchers *self);

/** He watches that nick from now on.
 *  Returns 1 | 0 (he did already) | MIO_ENOMEM. */
MIO_NODISCARD int chat_watchers_add(struct chat_watchers *self,
                                    struct irc_span nick, mio_actor_id id);

/** He does not any more. False if he did not. */
bool chat_watchers_remove(struct chat_watchers *self, struct irc_span nick,
                          mio_actor_id id);

/** All who watch it, *count of them. They live until the next change. */
const mio_actor_id *chat_watchers_of(const struct chat_watchers *self,
                                     struct irc_span nick, uint32_t *count);

#endif /* MIO_APPS_CHAT_NICK_WATCHERS_H */
