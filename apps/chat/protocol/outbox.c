/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/outbox.c - where channels and nicks put what they send. */
#include "apps/chat/protocol/outbox.h"

#include "core/clock.h"

void chat_outbox_init(struct chat_outbox *self, struct mio_actor *actor,
                      const struct chat_server *server)
{
    *self = (struct chat_outbox){
        .server = server,
        .counts = &server->counts[mio_actor_reactor(actor)],
        .unix_ns = mio_clock_realtime_ns(),
        .actor = actor,
    };
}

void chat_outbox_send(struct chat_outbox *self, mio_actor_id to,
                      const struct mio_message_type *type, const void *payload,
                      size_t size)
{
    int rc = self->send != NULL
                 ? self->send(self, to, type, payload, size)
                 : mio_send(self->actor, to, type, payload, size);

    /* A reactor that has ended has nobody left who could miss it. */
    if (rc < 0 && rc != MIO_ECLOSED)
        chat_count(&self->counts->lost, 1);
}

int64_t chat_outbox_unix_s(const struct chat_outbox *self)
{
    return self->unix_ns / MIO_NS_PER_S;
}
