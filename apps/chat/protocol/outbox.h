/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/outbox.h - where channels and nicks put what they send.
 *
 * Their rules are plain code over plain data. An actor gives them an outbox
 * that sends; a test gives them one that writes down. */
#ifndef MIO_APPS_CHAT_PROTOCOL_OUTBOX_H
#define MIO_APPS_CHAT_PROTOCOL_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "apps/chat/protocol/server.h"
#include "runtime/actor.h"

struct chat_outbox {
    const struct chat_server *server;
    struct chat_counts *counts; /* of this reactor */
    int64_t unix_ns;            /* now, for people */
    struct mio_actor *actor;    /* NULL in tests */
    /* NULL: mio_send by the actor */
    int (*send)(struct chat_outbox *self, mio_actor_id to,
                const struct mio_message_type *type, const void *payload,
                size_t size);
};

/** An outbox for one callback of an actor. */
void chat_outbox_init(struct chat_outbox *self, struct mio_actor *actor,
                      const struct chat_server *server);

/** Send a copy. What cannot be sent for want of memory is counted as lost: the
 *  one case in which a message that was accepted does not arrive. */
void chat_outbox_send(struct chat_outbox *self, mio_actor_id to,
                      const struct mio_message_type *type, const void *payload,
                      size_t size);

/** Now, in seconds since 1970. */
int64_t chat_outbox_unix_s(const struct chat_outbox *self);

#endif /* MIO_APPS_CHAT_PROTOCOL_OUTBOX_H */
