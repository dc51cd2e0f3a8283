/* SPDX-License-Identifier: MIT
 *
 * apps/chat/actors.c - a hub, a directory and a keeper of nicks per reactor. */
#include "apps/chat/actors.h"

#include "apps/chat/channel/directory.h"
#include "apps/chat/hub/hub.h"
#include "apps/chat/nick/nicks.h"

static int spawn(struct chat_server *self, uint32_t reactor,
                 const struct mio_actor_class *actor_class, mio_actor_id *out)
{
    return mio_runtime_spawn(self->runtime, reactor, actor_class, &self,
                             sizeof(self), out);
}

int chat_server_spawn(struct chat_server *self)
{
    int rc = MIO_OK;

    for (uint32_t i = 0; i < self->reactors_count && rc >= 0; i++) {
        rc = spawn(self, i, &chat_hub_class, &self->hubs[i]);
        if (rc >= 0)
            rc = spawn(self, i, &chat_directory_class, &self->directories[i]);
        if (rc >= 0)
            rc = spawn(self, i, &chat_nicks_class, &self->nicks[i]);
    }
    return rc;
}
