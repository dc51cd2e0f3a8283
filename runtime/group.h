/* SPDX-License-Identifier: MIT
 *
 * runtime/group.h - groups of actors on all reactors, and broadcasts to them.
 *
 * A group is there while it has members; who joins the first makes it. A
 * broadcast is one message to each reactor that has members, and there it is
 * handed to all of them as one entry of the queue. The bytes are not copied:
 * all members on all reactors read the same.
 *
 * A broadcast reaches who is a member from before it was sent until it is
 * handled on its reactor. Who joins meanwhile may get it or not; who has left,
 * or ended, does not. It is as causal as a send to one member of each reactor
 * after the other, and it comes to each once. */
#ifndef MIO_RUNTIME_GROUP_H
#define MIO_RUNTIME_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/slice.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"
#include "runtime/name.h"
#include "runtime/writable.h"

MIO_BEGIN_DECLS

/* Names of groups are no names of actors, but as long at most
 * (MIO_NAME_SIZE_MAX). How many groups and members there are is limited by
 * memory alone. Names are hashed without a secret: strangers who may choose
 * very many of them can make look-ups slow. */

/** Make `self` a member. What was sent so far is published before.
 *  Returns 0 | MIO_EEXIST (it is one) | MIO_ENOMEM | MIO_EINVAL (NULL, empty) |
 *  MIO_ENAMETOOLONG.                   Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_group_join(struct mio_actor *self,
                                         const char *group);

/** Be no member any more: no broadcast comes to `self` after this, also none
 *  that is under way. The end of an actor does the same. Costs a look at each
 *  name and each group that it is in.
 *  Returns 0 | MIO_ENOENT (it is none) | MIO_EINVAL | MIO_ENAMETOOLONG.
 *                                      Thread: the actor's reactor. */
MIO_API int mio_group_leave(struct mio_actor *self, const char *group);

/** Send a copy of `size` bytes, one for all, to all members; also to `self`, if
 *  it is one. They get a message of this type, from `self`, whose payload is
 *  read by mio_broadcast_slice; so use a type that is not sent otherwise. The
 *  type's `drop` is called once, with the bytes, when nobody needs them any
 *  more; if this fails, it is not. With drop, and nobody to send to, it is
 *  called at once.
 *  Returns the number of reactors that it was sent to (0: no members) |
 *  MIO_EAGAIN (no room on the way to one of them) or MIO_ENOMEM, both: sent to
 *  nobody | MIO_EINVAL (group NULL, empty; too large) | MIO_ENAMETOOLONG.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_broadcast(struct mio_actor *self,
                                        const char *group,
                                        const struct mio_message_type *type,
                                        const void *payload, size_t size);

/** After MIO_EAGAIN: call `ready` once when there is room again on the way that
 *  had none; another may have none then: broadcast, and wait again.
 *  Returns as mio_await_writable | MIO_EINVAL (group NULL, empty) |
 *  MIO_ENAMETOOLONG.                   Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int
mio_await_broadcast(struct mio_actor *self, const char *group,
                    struct mio_writable *writable,
                    int (*ready)(struct mio_actor *self, void *state,
                                 struct mio_writable *writable));

/** The bytes of a broadcast that is being received; aligned to 8. They are
 *  shared: read only. They stay until the callback returns, and longer with
 *  mio_slice_ref, until mio_slice_unref on the same reactor. The message itself
 *  cannot be kept nor sent on.
 *                                      Thread: the actor's reactor. */
static inline struct mio_slice *mio_broadcast_slice(struct mio_message *message)
{
    return (struct mio_slice *)mio_message_payload(message);
}

MIO_END_DECLS
#endif /* MIO_RUNTIME_GROUP_H */
