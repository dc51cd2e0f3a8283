/* SPDX-License-Identifier: MIT
 *
 * net/server/lookup.c - see lookup.h: a job, and a timer beside it. */
#include "net/server/lookup.h"

#include <stddef.h>
#include <string.h>

#include "core/assert.h"
#include "net/sys/resolve.h"

/* The job's data: the name goes there, the addresses come back. */
struct question {
    char name[MIO_LOOKUP_NAME_MAX + 1];
    uint16_t port;
    struct mio_address addresses[MIO_LOOKUP_ADDRESSES_MAX];
};

static int run(struct mio_runtime *runtime, void *data, size_t size)
{
    struct question *question = data;
    (void)runtime;
    (void)size;
    return mio_resolve(question->name, question->port, question->addresses,
                       MIO_LOOKUP_ADDRESSES_MAX);
}

static const struct mio_job_class lookup_job = {.name = "look-up", .run = run};

/* No answer is awaited any more. */
static void end(struct mio_lookup *lookup)
{
    (void)mio_job_cancel(&lookup->job);
    (void)mio_actor_timer_cancel(&lookup->deadline);
    (void)mio_actor_dequeue(&lookup->late);
}

static int done(struct mio_actor *self, void *state, struct mio_job *job,
                int result, void *data, size_t size)
{
    /* The first member. */
    struct mio_lookup *lookup = (struct mio_lookup *)(void *)job;
    const struct question *question = data;
    (void)size;
    MIO_ASSERT(result != 0);
    end(lookup);
    return lookup->found(self, state, lookup, result,
                         result > 0 ? question->addresses : NULL);
}

/* The answer may be in the queue, or about to be: all that is there already
 * goes first. */
static int deadline_passed(struct mio_actor *self, void *state,
                           struct mio_actor_timer *timer)
{
    struct mio_lookup *lookup =
        (struct mio_lookup *)(void *)((unsigned char *)timer -
                                      offsetof(struct mio_lookup, deadline));
    (void)state;
    (void)mio_actor_take_inbox(self);
    mio_actor_enqueue(&lookup->late);
    return 0;
}

static int too_late(struct mio_actor *self, void *state,
                    struct mio_actor_entry *entry)
{
    struct mio_lookup *lookup =
        (struct mio_lookup *)(void *)((unsigned char *)entry -
                                      offsetof(struct mio_lookup, late));
    end(lookup);
    return lookup->found(self, state, lookup, MIO_ETIMEDOUT, NULL);
}

void mio_lookup_init(struct mio_lookup *lookup, struct mio_actor *self,
                     int (*found)(struct mio_actor *self, void *state,
                                  struct mio_lookup *lookup, int result,
                                  const struct mio_address *addresses))
{
    MIO_ASSERT(found != NULL);
    lookup->found = found;
    mio_job_init(&lookup->job, self, done);
    mio_actor_timer_init(&lookup->deadline, self, deadline_passed);
    mio_actor_entry_init(&lookup->late, self, too_late);
}

int mio_lookup_start(struct mio_lookup *lookup, struct mio_pool *pool,
                     const char *name, uint16_t port, int64_t within_ns)
{
    struct question question = {.port = port};
    size_t size = strlen(name);
    if (size == 0)
        return MIO_EINVAL;
    if (size > MIO_LOOKUP_NAME_MAX)
        return MIO_ENAMETOOLONG;
    memcpy(question.name, name, size);
    int result = mio_job_start(&lookup->job, pool, &lookup_job, &question,
                               sizeof(question));
    if (result == 0 && within_ns >= 0)
        mio_actor_timer_start(&lookup->deadline, within_ns);
    return result;
}

bool mio_lookup_cancel(struct mio_lookup *lookup)
{
    bool was_under_way = mio_job_is_under_way(&lookup->job);
    end(lookup);
    return was_under_way;
}
