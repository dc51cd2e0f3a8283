/* SPDX-License-Identifier: MIT
 *
 * runtime/runtime.h - reactors, one per usable CPU, and the actors on them.
 *
 * Make a runtime, spawn the first actors, run it. Threads are started by
 * mio_runtime_start and joined by mio_runtime_join, and no others ever but
 * those of a pool that you make (pool.h). */
#ifndef MIO_RUNTIME_RUNTIME_H
#define MIO_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/log.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/counters.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* Opaque: usually one per process. */
struct mio_runtime;
struct mio_stall;

/* More than 8 MB of the smallest messages for each pair of reactors: programs
 * that answer what they are asked never see the end of it. */
#define MIO_CREDIT_DEFAULT (UINT32_C(1) << 17)
#define MIO_CREDIT_MAX (UINT32_C(1) << 31)

/* How it is made; all 0 is good. */
struct mio_runtime_options {
    uint32_t reactors_count;   /* 0 = mio_usable_cpus_count() */
    uint32_t actors_max;       /* of each reactor; 0 = 65536 */
    uint32_t sources_max;      /* of each reactor; 0 = 65536 */
    uint32_t names_max;        /* of the whole runtime, and of each reactor
                                  (runtime/name.h); 0 = 1024 */
    bool no_pinning;           /* else thread i stays on the i-th usable CPU,
                                  unless there are more reactors than CPUs */
    bool stop_on_signals;      /* the first interrupt or terminate signal stops
                                  in order, the second ends the process at once,
                                  with 128 + the signal's number */
    const char *name;          /* of the threads, "NAME/0"; NULL = "mio" */
    const struct mio_log *log; /* of the polls, and of the signals; who had to
                                  be killed; at the end, messages that nobody
                                  freed. NULL: none. Each reactor's thread may
                                  call it */
    int64_t stop_within_ns;    /* actors that still live this long after a stop
                                  are killed; 0 = 1.5 s */
    uint32_t credit;  /* messages that one reactor may have under way to
                         another, beyond which mio_send answers
                         MIO_EAGAIN; 0 = MIO_CREDIT_DEFAULT */
    int64_t stall_ns; /* a callback that takes longer is told of, by a thread
                         more: to the log, and to `stalled`; see watchdog.h.
                         0 = nobody looks */
    /** Called once for each of those, in that thread. NULL: nobody is told. */
    void (*stalled)(void *ctx, const struct mio_stall *stall);
    void *stalled_ctx; /* for `stalled` */
};

/** CPUs that affinity and the cgroup's quota leave to this process, >= 1.
 *                                                         Thread: any. */
MIO_API uint32_t mio_usable_cpus_count(void);

/** Create a runtime in *out; no thread runs yet. `options` may be NULL.
 *  Returns 0 | MIO_EINVAL | MIO_ENOMEM | MIO_EMFILE | MIO_ENFILE.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_runtime_new(struct mio_runtime **out,
                const struct mio_runtime_options *options);

/** Release it (NULL is fine). It must not run: never started, or joined.
 *                                                         Thread: owner. */
MIO_API void mio_runtime_free(struct mio_runtime *self);

/** A key for mio_actor_local, at most MIO_LOCALS_MAX of them.
 *  Returns the key >= 0 | MIO_EFULL.      Thread: owner, before start. */
#define MIO_LOCALS_MAX 16
MIO_API MIO_NODISCARD int mio_runtime_local_key(struct mio_runtime *self);

/** Start the threads. If one cannot be started, those that could are stopped
 *  and joined, and the runtime is as before.
 *  Returns 0 | MIO_EAGAIN | MIO_ENOMEM | MIO_EBUSY.       Thread: owner. */
MIO_API MIO_NODISCARD int mio_runtime_start(struct mio_runtime *self);

/** Wait until the runtime has stopped and its threads have ended.
 *  Returns 0 | MIO_EKILLED (actors were killed at the stop's deadline).
 *                                                         Thread: owner. */
MIO_API int mio_runtime_join(struct mio_runtime *self);

/** Start and join.
 *  Returns as they do.                                    Thread: owner. */
MIO_API MIO_NODISCARD int mio_runtime_run(struct mio_runtime *self);

/** Ask all to stop: each actor's `stop` is called, then it has until the
 *  deadline. Sticky: said before start, it stops at once.
 *                                                  Thread: any, signal-safe. */
MIO_API void mio_runtime_stop(struct mio_runtime *self);

/** Whether a stop was asked for.                          Thread: any. */
MIO_API bool mio_runtime_is_stopping(const struct mio_runtime *self);

/** How long actors have to end after a stop, in nanoseconds: what the options
 *  said, or the default.                                  Thread: any. */
MIO_API int64_t mio_runtime_stop_within_ns(const struct mio_runtime *self);

/** Number of reactors.                                     Thread: any. */
MIO_API uint32_t mio_runtime_reactors_count(const struct mio_runtime *self);

/** Spawn from outside an actor, also before start.
 *  Returns as mio_spawn_on | MIO_ECLOSED (it stops, or has ended).
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_runtime_spawn(struct mio_runtime *self, uint32_t reactor,
                  const struct mio_actor_class *actor_class,
                  const void *argument, size_t argument_size,
                  mio_actor_id *out);

/** Send from outside an actor; `from` is nobody. All threads that are no
 *  reactors share one credit for each reactor, as large as a reactor's.
 *  Returns as mio_send; after MIO_EAGAIN try again later, nobody tells.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_runtime_send(struct mio_runtime *self,
                                           mio_actor_id to,
                                           const struct mio_message_type *type,
                                           const void *payload, size_t size);

/** A snapshot of one reactor's counters, without stopping it. Each value is
 *  whole; two values may be of slightly different moments.
 *  Returns 0 | MIO_EINVAL (no such reactor).              Thread: any. */
MIO_API int mio_runtime_counters(const struct mio_runtime *self,
                                 uint32_t reactor, struct mio_counters *out);

MIO_END_DECLS
#endif /* MIO_RUNTIME_RUNTIME_H */
