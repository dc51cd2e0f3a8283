/* SPDX-License-Identifier: MIT
 *
 * runtime/owned.h - large things are sent by ownership: a pointer moves.
 *
 * A message by value is copied once and ends at MIO_MESSAGE_SIZE_MAX. Memory of
 * any size and origin, with a function that frees it, can be sent instead: it
 * has one owner at a time, the sender, the message, or the receiver, and the
 * message frees it if it is never received. */
#ifndef MIO_RUNTIME_OWNED_H
#define MIO_RUNTIME_OWNED_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* Memory that has one owner; the payload of such a message. */
struct mio_owned {
    void *bytes; /* whatever release frees; NULL: it is empty */
    size_t size; /* of them */
    /* Frees it, on any reactor's thread. NULL: there is nothing to free. */
    void (*release)(void *bytes, size_t size);
};

/** What the type of such messages has as its `drop`:
 *  {.name = "image", .drop = mio_owned_drop}.             Thread: any. */
MIO_API void mio_owned_drop(void *payload, uint32_t size);

/** Send `owned`; it moves, and the caller's is empty afterwards. On failure it
 *  stays the caller's.
 *  Returns as mio_send | MIO_EINVAL (the type's drop is not mio_owned_drop).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_send_owned(struct mio_actor *self,
                                         mio_actor_id to,
                                         const struct mio_message_type *type,
                                         struct mio_owned *owned);

/** Take what a received message brought; the message is empty afterwards.
 *  Whoever receives must take it, or release it; or keep the message.
 *                                      Thread: the actor's reactor. */
static inline struct mio_owned mio_owned_take(struct mio_message *message)
{
    struct mio_owned *payload =
        (struct mio_owned *)mio_message_payload(message);
    struct mio_owned owned = *payload;
    payload->bytes = NULL;
    payload->size = 0;
    payload->release = NULL;
    return owned;
}

/** Free it; it is empty afterwards. Nothing if it is.      Thread: any. */
static inline void mio_owned_release(struct mio_owned *owned)
{
    if (owned->release != NULL)
        owned->release(owned->bytes, owned->size);
    owned->bytes = NULL;
    owned->size = 0;
    owned->release = NULL;
}

MIO_END_DECLS
#endif /* MIO_RUNTIME_OWNED_H */
