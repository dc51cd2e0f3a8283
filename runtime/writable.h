/* SPDX-License-Identifier: MIT
 *
 * runtime/writable.h - be told when an actor can be sent to again.
 *
 * What one reactor has under way to another is bounded, and so is what waits
 * for one actor. mio_send answers MIO_EAGAIN beyond that: nothing was sent,
 * nobody waits, no message is lost.
 * Whoever has more to say keeps it, and asks here to be told of room. */
#ifndef MIO_RUNTIME_WRITABLE_H
#define MIO_RUNTIME_WRITABLE_H

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* Embedded in the state of the actor that waits; all 0 before its first use. An
 * actor that ends takes it along. */
struct mio_writable {
    /* private */
    struct mio_actor_entry entry;
    mio_actor_id to;
    int (*ready)(struct mio_actor *self, void *state,
                 struct mio_writable *writable);
    struct mio_writable *next; /* who waits for the same */
    struct mio_writable **link;
    uint64_t key; /* by which a message finds it */
    bool has_key;
    struct mio_writable *own_next; /* of the same actor */
    struct mio_writable **own_link;
};

/** Call `ready` once, as an entry of the queue, when there is room again on the
 *  way to `to` and before it: half of it, if there was none; soon, if there is
 *  some. Others
 *  are told too, and may be faster: send, and on MIO_EAGAIN wait again. What it
 *  returns counts as that of any callback. That `to` ends is no reason to wait
 *  on: sending is possible, and makes dead letters.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_EEXIST (it waits) |
 *  MIO_ENOMEM (there would be no notice). Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int
mio_await_writable(struct mio_actor *self, mio_actor_id to,
                   struct mio_writable *writable,
                   int (*ready)(struct mio_actor *self, void *state,
                                struct mio_writable *writable));

/** Wait no longer: `ready` is not called, even if there is room already. False
 *  if it did not wait.                 Thread: the actor's reactor. */
MIO_API bool mio_writable_cancel(struct mio_writable *writable);

/** Whom it waits for, or did last.     Thread: the actor's reactor. */
static inline mio_actor_id
mio_writable_target(const struct mio_writable *writable)
{
    return writable->to;
}

MIO_END_DECLS
#endif /* MIO_RUNTIME_WRITABLE_H */
