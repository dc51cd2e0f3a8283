/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/invites.c - who may come although the channel is closed to
 * others.
 */
#include "apps/chat/channel/invites.h"

#include <stdlib.h>

void chat_invites_deinit(struct chat_invites *self)
{
    free(self->ids);
    *self = (struct chat_invites){0};
}

static mio_actor_id *find(const struct chat_invites *self, mio_actor_id id)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (mio_actor_id_equal(self->ids[i], id))
            return &self->ids[i];
    return NULL;
}

int chat_invites_add(struct chat_invites *self, mio_actor_id id)
{
    if (find(self, id) != NULL)
        return MIO_OK;
    if (self->ids == NULL)
        self->ids = calloc(CHAT_INVITES_MAX, sizeof(*self->ids));
    if (self->ids == NULL)
        return MIO_ENOMEM;
    if (self->count < CHAT_INVITES_MAX) {
        self->ids[self->count++] = id;
        return MIO_OK;
    }
    self->ids[self->oldest] = id;
    self->oldest = (self->oldest + 1) % CHAT_INVITES_MAX;
    return MIO_OK;
}

bool chat_invites_has(const struct chat_invites *self, mio_actor_id id)
{
    return find(self, id) != NULL;
}

void chat_invites_remove(struct chat_invites *self, mio_actor_id id)
{
    mio_actor_id *found = find(self, id);

    if (found == NULL)
        return;
    /* The last one fills the gap: which is the oldest is then only nearly
     * known, and nobody can tell. */
    *found = self->ids[--self->count];
    self->oldest = 0;
}
