/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/monitor.c - whom one client watches. */
#include "apps/chat/session/monitor.h"

#include <stdlib.h>
#include <string.h>

#include "apps/chat/irc/casemap.h"
#include "core/assert.h"

void chat_monitor_deinit(struct chat_monitor *self)
{
    free(self->list);
    *self = (struct chat_monitor){0};
}

static struct chat_monitored *find(const struct chat_monitor *self,
                                   struct irc_span nick)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (irc_fold_equal(chat_monitor_nick(self, i), nick))
            return &self->list[i];
    return NULL;
}

int chat_monitor_add(struct chat_monitor *self, struct irc_span nick,
                     uint32_t max)
{
    MIO_ASSERT(nick.size > 0);
    MIO_ASSERT(nick.size <= IRC_NICK_MAX);

    if (find(self, nick) != NULL)
        return MIO_OK;
    if (self->count >= max)
        return MIO_EFULL;
    if (self->list == NULL)
        self->list = calloc(max, sizeof(*self->list));
    if (self->list == NULL)
        return MIO_ENOMEM;
    self->list[self->count].size = (uint8_t)nick.size;
    memcpy(self->list[self->count].nick, nick.at, nick.size);
    self->count++;
    return MIO_OK;
}

bool chat_monitor_remove(struct chat_monitor *self, struct irc_span nick)
{
    struct chat_monitored *found = find(self, nick);

    if (found == NULL)
        return false;
    *found = self->list[--self->count];
    return true;
}

struct irc_span chat_monitor_nick(const struct chat_monitor *self,
                                  uint32_t index)
{
    MIO_ASSERT(index < self->count);

    return irc_span(self->list[index].nick, self->list[index].size);
}
