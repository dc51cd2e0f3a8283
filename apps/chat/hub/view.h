/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/view.h - the members of a channel that are on one reactor: what
 * its posts are handed out to. */
#ifndef MIO_APPS_CHAT_HUB_VIEW_H
#define MIO_APPS_CHAT_HUB_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/hub/client.h"
#include "apps/chat/protocol/protocol.h"
#include "core/error.h"
#include "core/visibility.h"

struct chat_view {
    uint64_t channel; /* the channel's actor id; never another's */
    bool is_secret;
    uint32_t count;
    /* private */
    uint32_t capacity;
    struct chat_membership **members; /* in no order */
};

/** A view without members; NULL without memory. */
struct chat_view *chat_view_new(uint64_t channel);
void chat_view_free(struct chat_view *self);

/** Put a membership in; it is in no view.
 *  Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_view_add(struct chat_view *self,
                                struct chat_membership *membership,
                                uint8_t status);

/** Take it out; it is in this view. */
void chat_view_remove(struct chat_view *self,
                      struct chat_membership *membership);

/** Hand a post, whose variants are shared already, to all members who are to
 *  see it. Returns to how many that were. */
uint32_t chat_view_deliver(struct chat_view *self, struct chat_post *post);

#endif /* MIO_APPS_CHAT_HUB_VIEW_H */
