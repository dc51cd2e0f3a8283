/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/bans.c - the masks that a channel keeps out. */
#include "apps/chat/channel/bans.h"

#include <stdlib.h>
#include <string.h>

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/mask.h"

_Static_assert(IRC_MASK_MAX <= UINT8_MAX, "sizes fit");

#define CAPACITY_MIN 4

void chat_bans_deinit(struct chat_bans *self)
{
    free(self->bans);
    *self = (struct chat_bans){0};
}

static struct irc_span mask_of(const struct chat_ban *ban)
{
    return irc_span(ban->mask, ban->mask_size);
}

static struct chat_ban *find(const struct chat_bans *self, struct irc_span mask)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (irc_fold_equal(mask_of(&self->bans[i]), mask))
            return &self->bans[i];
    return NULL;
}

static int grow(struct chat_bans *self)
{
    uint32_t capacity = self->capacity == 0 ? CAPACITY_MIN : 2 * self->capacity;
    struct chat_ban *bans = realloc(self->bans, capacity * sizeof(*bans));

    if (bans == NULL)
        return MIO_ENOMEM;
    self->bans = bans;
    self->capacity = capacity;
    return MIO_OK;
}

int chat_bans_add(struct chat_bans *self, struct irc_span mask,
                  struct irc_span by, int64_t now_s, uint32_t max)
{
    if (find(self, mask) != NULL)
        return 0;
    if (self->count >= max)
        return MIO_EFULL;
    if (self->count == self->capacity && grow(self) < 0)
        return MIO_ENOMEM;

    struct chat_ban *ban = &self->bans[self->count++];
    mask = irc_span_head(mask, IRC_MASK_MAX);
    by = irc_span_head(by, IRC_MASK_MAX);
    ban->mask_size = (uint8_t)mask.size;
    ban->by_size = (uint8_t)by.size;
    memcpy(ban->mask, mask.at, mask.size);
    memcpy(ban->by, by.at, by.size);
    ban->set_s = now_s;
    return 1;
}

bool chat_bans_remove(struct chat_bans *self, struct irc_span mask)
{
    struct chat_ban *ban = find(self, mask);

    if (ban == NULL)
        return false;
    size_t after = (size_t)(self->bans + self->count - (ban + 1));
    memmove(ban, ban + 1, after * sizeof(*ban));
    self->count--;
    return true;
}

bool chat_bans_match(const struct chat_bans *self, struct irc_span mask)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (irc_mask_matches(mask_of(&self->bans[i]), mask))
            return true;
    return false;
}
