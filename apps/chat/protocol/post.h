/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/post.h - what a channel sends to hubs: how it is put
 * together and read. The layout is in protocol.h. */
#ifndef MIO_APPS_CHAT_PROTOCOL_POST_H
#define MIO_APPS_CHAT_PROTOCOL_POST_H

#include "apps/chat/protocol/outbox.h"
#include "apps/chat/protocol/protocol.h"
#include "apps/chat/protocol/variants.h"

/* A post being written: fill in what is wanted, then send it. */
struct chat_post_draft {
    struct chat_post head;
    struct chat_effect effects[CHAT_EFFECTS_MAX];
    struct chat_variants_writer line;
};

/** Start a post of `channel` about what `op` asked for. */
void chat_post_begin(struct chat_post_draft *self, uint64_t channel,
                     const struct chat_op *op, int64_t unix_ns);

/** Let it change the views. */
void chat_post_add_effect(struct chat_post_draft *self,
                          enum chat_effect_kind kind, mio_actor_id member,
                          uint8_t status);

/** Send it to each hub i with reactor_counts[i] > 0. `name` is the channel's.
 *  Returns how many that were. */
uint32_t chat_post_send(struct chat_post_draft *self, struct chat_outbox *out,
                        struct irc_span name, const uint32_t *reactor_counts);

/** Parts of a received post. */
const struct chat_effect *chat_post_effects(const struct chat_post *self);
struct irc_span chat_post_name(const struct chat_post *self);
const char *chat_post_bytes(const struct chat_post *self);

#endif /* MIO_APPS_CHAT_PROTOCOL_POST_H */
