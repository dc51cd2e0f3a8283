/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/whowas.c - who had a nick before. */
#include "apps/chat/nick/whowas.h"

#include <stdlib.h>

#include "apps/chat/irc/casemap.h"

void chat_whowas_deinit(struct chat_whowas *self)
{
    free(self->entries);
    *self = (struct chat_whowas){0};
}

void chat_whowas_add(struct chat_whowas *self, const struct chat_user *user,
                     int64_t now_s)
{
    if (self->entries == NULL)
        self->entries = calloc(CHAT_WHOWAS_MAX, sizeof(*self->entries));
    if (self->entries == NULL)
        return;
    self->entries[self->next].user = *user;
    self->entries[self->next].left_s = now_s;
    self->next = (self->next + 1) % CHAT_WHOWAS_MAX;
    if (self->count < CHAT_WHOWAS_MAX)
        self->count++;
}

const struct chat_whowas_entry *chat_whowas_next(const struct chat_whowas *self,
                                                 struct irc_span nick,
                                                 uint32_t *cursor)
{
    while (*cursor < self->count) {
        uint32_t back = ++*cursor;
        const struct chat_whowas_entry *entry =
            &self->entries[(self->next + CHAT_WHOWAS_MAX - back) %
                           CHAT_WHOWAS_MAX];
        if (irc_fold_equal(chat_user_nick(&entry->user), nick))
            return entry;
    }
    return NULL;
}
