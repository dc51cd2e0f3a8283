/* SPDX-License-Identifier: MIT
 *
 * runtime/send_after.h - messages that are sent later.
 *
 * As Erlang's send_after: the message is made now, so that nothing can fail
 * later, and belongs to the reactor. It does not die with its sender; it is
 * sent when its time has come, whoever lives then, and is a message like any
 * other from that moment on. What shall end with its actor is a timer of that
 * actor (mio_actor_timer). */
#ifndef MIO_RUNTIME_SEND_AFTER_H
#define MIO_RUNTIME_SEND_AFTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* Names a delayed message, to cancel it; all 0: none. A value; it may be kept
 * for as long as you like: once the message was sent it names nothing. */
typedef struct mio_delayed {
    uint64_t key;     /* 0: none */
    uint32_t reactor; /* which sends it, and may cancel it */
} mio_delayed;

/** Send a copy of `size` bytes, here or to another reactor, when at least
 *  delay_ns have passed. What the runtime's end overtakes is dropped. `out` may
 *  be NULL.
 *  Returns 0 | MIO_ENOMEM | MIO_EINVAL (nobody, no such reactor, too large).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_send_after(struct mio_actor *self,
                                         mio_actor_id to,
                                         const struct mio_message_type *type,
                                         const void *payload, size_t size,
                                         int64_t delay_ns, mio_delayed *out);

/** The same for a message that was made new or kept, no request: it moves; on
 *  failure it stays the caller's.
 *  Returns as mio_send_after.          Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_send_message_after(struct mio_actor *self,
                                                 mio_actor_id to,
                                                 struct mio_message *message,
                                                 int64_t delay_ns,
                                                 mio_delayed *out);

/** Send it not: its type's `drop` is called, and its memory freed. False if it
 *  was sent already, or if it was another reactor's. Any actor of the reactor
 *  may cancel it.                      Thread: the actor's reactor. */
MIO_API bool mio_send_after_cancel(struct mio_actor *self, mio_delayed delayed);

MIO_END_DECLS
#endif /* MIO_RUNTIME_SEND_AFTER_H */
