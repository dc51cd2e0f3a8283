/* SPDX-License-Identifier: MIT
 *
 * runtime/pool.h - threads for calls that block.
 *
 * A handler that blocks holds up a whole reactor. What cannot be had otherwise
 * (files, the system's resolver, a library that computes for long) is a job: a
 * function that a thread of the pool calls, with bytes of its own. The result
 * is an entry of the queue of who started it, and comes after all that the job
 * had sent before. */
#ifndef MIO_RUNTIME_POOL_H
#define MIO_RUNTIME_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"

MIO_BEGIN_DECLS

/* Opaque: some threads and the jobs that wait for them. */
struct mio_pool;

struct mio_runtime;

/* How it is made; all 0 is good. */
struct mio_pool_options {
    uint32_t threads_count; /* 0 = 4 */
    uint32_t jobs_max;      /* that wait, those that run left out; 0 = 1024 */
    const char *name;       /* of the threads, "NAME/0"; NULL = "pool" */
};

#define MIO_POOL_THREADS_MAX 1024 /* of one pool */

/** Create a pool in *out for actors of `runtime`, and start its threads, all of
 *  them now, so that a thread that cannot be started is an answer here and no
 *  surprise later. `options` may be NULL. *out is untouched on failure.
 *  Returns 0 | MIO_EINVAL (more than MIO_POOL_THREADS_MAX) | MIO_ENOMEM
 *  | MIO_EAGAIN (the system's limit) | MIO_EPERM.         Thread: owner. */
MIO_API MIO_NODISCARD int mio_pool_new(struct mio_pool **out,
                                       struct mio_runtime *runtime,
                                       const struct mio_pool_options *options);

/** Release it (NULL is fine): after the runtime was joined, or if it never ran,
 *  and before it is freed. Waits for the jobs that run still; nobody hears of
 *  them.                                                  Thread: owner. */
MIO_API void mio_pool_free(struct mio_pool *self);

/* What a pool has to do. */
struct mio_pool_counters {
    uint64_t jobs_waiting; /* now */
    uint64_t jobs_running; /* now */
    uint64_t jobs_done;    /* ever; those whose actor is gone, too */
    uint64_t jobs_refused; /* ever, as the pool was full */
};

/** A snapshot.                                            Thread: any. */
MIO_API void mio_pool_read_counters(struct mio_pool *self,
                                    struct mio_pool_counters *out);

/* What jobs of a kind have in common. Static; outlives them. */
struct mio_job_class {
    const char *name; /* for people */

    /** The job: on a thread of the pool, it may block. `data` is its own, and
     *  what it leaves there its actor gets, as it gets what this returns. It
     *  may send by mio_runtime_send. It knows no actor. */
    int (*run)(struct mio_runtime *runtime, void *data, size_t size);

    /** Release what `data` owns, as nobody gets it: the job was cancelled,
     *  before or after it ran, or its actor has ended. NULL: it owns nothing.
     *  On a reactor's thread, or on the pool's once the runtime has ended. */
    void (*drop)(void *data, size_t size);
};

/* A job, one at a time. Embedded in the state of who starts it; its end lets
 * the job go. */
struct mio_job {
    /* private */
    struct mio_actor *actor;
    struct mio_message *record; /* NULL: not under way */
    int (*done)(struct mio_actor *self, void *state, struct mio_job *job,
                int result, void *data, size_t size);
};

/** Prepare a job of `self`. `done` gets what `run` returned, and the data,
 * which are there until it returns; the job may be started anew then. What it
 *  returns counts as that of any callback.
 *                                      Thread: the actor's reactor. */
MIO_API void mio_job_init(struct mio_job *job, struct mio_actor *self,
                          int (*done)(struct mio_actor *self, void *state,
                                      struct mio_job *job, int result,
                                      void *data, size_t size));

/** Start it with `size` bytes, a copy of `data` (NULL: zeroed), aligned to 16.
 *  What was sent before is published before it can run.
 *  Returns 0 | MIO_EFULL (so many jobs wait already) | MIO_EALREADY (it is
 *  under way) | MIO_EINVAL (too large) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_job_start(struct mio_job *job,
                                        struct mio_pool *pool,
                                        const struct mio_job_class *job_class,
                                        const void *data, size_t size);

/** Want it no more: `done` is not called, and `drop` gets the data.
 *  Returns 0 (it has not run, and never will) | MIO_EBUSY (it runs, or has run:
 *  what it does outside is done) | MIO_ENOENT (nothing is under way).
 *                                      Thread: the actor's reactor. */
MIO_API int mio_job_cancel(struct mio_job *job);

/** Whether it waits, runs, or its result is under way.
 *                                      Thread: the actor's reactor. */
static inline bool mio_job_is_under_way(const struct mio_job *job)
{
    return job->record != NULL;
}

MIO_END_DECLS
#endif /* MIO_RUNTIME_POOL_H */
