/* SPDX-License-Identifier: MIT
 *
 * runtime/link.h - actors that fail together, and how to end another.
 *
 * A link goes both ways: when one of the two ends with an error, the other ends
 * with the same one, unless it traps exits; then it is told, and lives. An end
 * in order (a reason >= 0) ends nobody, but is told to who traps. As Erlang's
 * links; whoever only wants to know uses a monitor (runtime/monitor.h). */
#ifndef MIO_RUNTIME_LINK_H
#define MIO_RUNTIME_LINK_H

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/** Link `self` to another actor, here or on another reactor; two that link each
 *  other are linked once. If nobody lives there, that is an end with MIO_EDEAD.
 *  Costs a look at each link that `self` has.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor, itself) | MIO_EEXIST |
 *  MIO_ENOMEM.                         Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_link(struct mio_actor *self, mio_actor_id other);

/** Undo it, whoever made the link. The other's end has no effect here any more,
 *  even if the news is under way.
 *  Returns 0 | MIO_ENOENT (there is none).
 *                                      Thread: the actor's reactor. */
MIO_API int mio_unlink(struct mio_actor *self, mio_actor_id other);

/** Be told of the ends of linked actors instead of ending with them: `exited`
 *  is called with who ended and why. NULL: end with them again.
 *                                      Thread: the actor's reactor. */
MIO_API void mio_trap_exits(struct mio_actor *self,
                            int (*exited)(struct mio_actor *self, void *state,
                                          mio_actor_id from, int reason));

/** Ask an actor to stop, as the runtime's stop does: an entry like any other,
 *  after everything that was sent to it before. Its `stop` is called; without
 *  one it ends with MIO_ESTOPPED. Nothing if nobody lives there.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_stop(struct mio_actor *self, mio_actor_id target);

/** End an actor with MIO_EKILLED. It overtakes what is queued: no message that
 *  its reactor takes after this is received by it; its exit still runs. Nothing
 *  if nobody lives there.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_kill(struct mio_actor *self, mio_actor_id target);

MIO_END_DECLS
#endif /* MIO_RUNTIME_LINK_H */
