/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/post.c - what a channel sends to hubs. */
#include "apps/chat/protocol/post.h"

#include <stddef.h>
#include <string.h>

#include "core/assert.h"

_Static_assert(sizeof(struct chat_post) % 8 == 0, "effects are aligned");
_Static_assert(CHAT_EFFECTS_MAX <= UINT8_MAX, "effects_count fits");
_Static_assert(IRC_CHANNEL_MAX <= UINT8_MAX, "name_size fits");

void chat_post_begin(struct chat_post_draft *self, uint64_t channel,
                     const struct chat_op *op, int64_t unix_ns)
{
    self->head = (struct chat_post){
        .channel = channel, .origin = op->user.id, .serial = op->serial};
    chat_variants_begin(&self->line, unix_ns);
}

void chat_post_add_effect(struct chat_post_draft *self,
                          enum chat_effect_kind kind, mio_actor_id member,
                          uint8_t status)
{
    MIO_ASSERT(self->head.effects_count < CHAT_EFFECTS_MAX);

    self->effects[self->head.effects_count++] = (struct chat_effect){
        .member = member, .kind = (uint8_t)kind, .status = status};
}

static char *append(char *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

uint32_t chat_post_send(struct chat_post_draft *self, struct chat_outbox *out,
                        struct irc_span name, const uint32_t *reactor_counts)
{
    /* Not zeroed: only what is sent is touched. */
    _Alignas(8) char payload[sizeof(self->head) + sizeof(self->effects) +
                             IRC_CHANNEL_MAX + CHAT_VARIANTS_BYTES_MAX];
    uint32_t count = 0;

    MIO_ASSERT(name.size <= IRC_CHANNEL_MAX);
    self->head.name_size = (uint8_t)name.size;
    self->head.variants = self->line.variants;
    char *end = append(payload, &self->head, sizeof(self->head));
    end = append(end, self->effects,
                 self->head.effects_count * sizeof(self->effects[0]));
    end = append(end, name.at, name.size);
    end = append(end, self->line.bytes, self->line.size);

    for (uint32_t i = 0; i < out->server->reactors_count; i++) {
        if (reactor_counts[i] == 0)
            continue;
        chat_outbox_send(out, out->server->hubs[i], &chat_post_type, payload,
                         (size_t)(end - payload));
        count++;
    }
    chat_count(&out->counts->posts, count);
    return count;
}

const struct chat_effect *chat_post_effects(const struct chat_post *self)
{
    return (const struct chat_effect *)(self + 1);
}

struct irc_span chat_post_name(const struct chat_post *self)
{
    return irc_span(
        (const char *)(chat_post_effects(self) + self->effects_count),
        self->name_size);
}

const char *chat_post_bytes(const struct chat_post *self)
{
    return chat_post_name(self).at + self->name_size;
}
