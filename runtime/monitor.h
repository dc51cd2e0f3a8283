/* SPDX-License-Identifier: MIT
 *
 * runtime/monitor.h - to be told when another actor ends.
 *
 * One-way and unobtrusive, as Erlang's monitors: whoever watches learns of the
 * end and of its reason, once, and who is watched notices nothing. The news is
 * an entry like any other: it comes after everything that the dead actor sent,
 * and it cannot be lost or refused, since its memory is made with the monitor.
 * Embedded in the watcher's state; the watcher's end cancels it. */
#ifndef MIO_RUNTIME_MONITOR_H
#define MIO_RUNTIME_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* A watch over one actor's life. */
struct mio_monitor {
    /* private */
    struct mio_actor *actor; /* who watches */
    struct mio_monitor *next;
    struct mio_monitor **link; /* NULL: it watches nobody */
    mio_actor_id target;
    uint64_t key;
    struct mio_message *cancel; /* to be sent if it is cancelled */
    int (*down)(struct mio_actor *self, void *state,
                struct mio_monitor *monitor, int reason);
};

/** Prepare a monitor of `self`. `down` is called when who is watched has ended,
 *  with the reason that its exit saw, or MIO_EDEAD if nobody lived there any
 *  more. The monitor watches nobody then, and may be started again. What it
 *  returns counts as that of any callback.
 *                                      Thread: the actor's reactor. */
MIO_API void
mio_monitor_init(struct mio_monitor *monitor, struct mio_actor *self,
                 int (*down)(struct mio_actor *self, void *state,
                             struct mio_monitor *monitor, int reason));

/** Watch `target`, here or on another reactor.
 *  Returns 0 | MIO_EINVAL (nobody, no such reactor) | MIO_EEXIST (it watches
 *  somebody) | MIO_ENOMEM.             Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_monitor_start(struct mio_monitor *monitor,
                                            mio_actor_id target);

/** Spawn as mio_spawn_on, and watch from before its init on: so the reason is
 *  known even of one that never began.
 *  Returns as mio_spawn_on | MIO_EEXIST (the monitor watches somebody).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int
mio_spawn_monitored(struct mio_actor *self, struct mio_monitor *monitor,
                    uint32_t reactor, const struct mio_actor_class *actor_class,
                    const void *argument, size_t argument_size,
                    mio_actor_id *out);

/** Watch no longer: `down` is not called any more, even if the news is under
 *  way. False if it watched nobody.    Thread: the actor's reactor. */
MIO_API bool mio_monitor_cancel(struct mio_monitor *monitor);

/** Who is watched, or was last.        Thread: the actor's reactor. */
static inline mio_actor_id mio_monitor_target(const struct mio_monitor *monitor)
{
    return monitor->target;
}

MIO_END_DECLS
#endif /* MIO_RUNTIME_MONITOR_H */
