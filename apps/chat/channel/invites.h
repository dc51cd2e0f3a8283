/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/invites.h - who may come although the channel is closed to
 * others.
 *
 * The latest ones: a new invitation beyond the limit takes the place of the
 * oldest. Held by connection, so that a nick that changes hands gets nothing.
 */
#ifndef MIO_APPS_CHAT_CHANNEL_INVITES_H
#define MIO_APPS_CHAT_CHANNEL_INVITES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/message.h"

#define CHAT_INVITES_MAX 64

/* Zeroed is initialised and empty. */
struct chat_invites {
    /* private */
    mio_actor_id *ids; /* NULL until the first one */
    uint32_t count;
    uint32_t oldest; /* once there are as many as can be */
};

void chat_invites_deinit(struct chat_invites *self);

/** Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_invites_add(struct chat_invites *self, mio_actor_id id);

bool chat_invites_has(const struct chat_invites *self, mio_actor_id id);

/** Nothing if there is none for him. */
void chat_invites_remove(struct chat_invites *self, mio_actor_id id);

#endif /* MIO_APPS_CHAT_CHANNEL_INVITES_H */
