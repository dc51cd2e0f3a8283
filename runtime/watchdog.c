/* SPDX-License-Identifier: MIT
 *
 * runtime/watchdog.c - see watchdog.h.
 *
 * Reactors say what they are at (struct mio_current). One that says the same at
 * two looks, a limit apart, is stuck there: who it is need not be written down
 * again, nor the time. */
#include "runtime/watchdog.h"

#include <ck_pr.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "runtime/runtime_private.h"
#include "runtime/sys/lock.h"

#define LOOKS_PER_LIMIT 4
#define LOOK_MIN_NS MIO_NS_PER_MS
#define EVENTS_MAX 4

/* What is known of a reactor. */
struct post {
    uint64_t number; /* of what it was at, at the last look */
    int64_t since_ns;
    uint64_t told; /* of what it is stuck at, + 1: in `stalls`; 0: not stuck */
};

struct mio_watchdog {
    struct mio_runtime *runtime;
    struct mio_poll *poll; /* to sleep on, and be woken */
    struct mio_events *events;
    struct mio_waker *waker;
    struct mio_lock *lock; /* for the stalls */
    struct mio_thread thread;
    bool is_running;
    uint32_t is_ending;
    struct post *posts;
    struct mio_stall stalls[MIO_STALLS_MAX]; /* a ring */
    uint64_t stalls_count;                   /* ever */
};

/* --- looking ----------------------------------------------------------------
 */

static struct mio_stall *stall_at(struct mio_watchdog *self, uint64_t number)
{
    return &self->stalls[number % MIO_STALLS_MAX];
}

/* Whether it has been overwritten since. */
static bool is_forgotten(const struct mio_watchdog *self, uint64_t number)
{
    return self->stalls_count - number > MIO_STALLS_MAX;
}

static void tell(const struct mio_watchdog *self, const struct mio_stall *stall)
{
    const struct mio_runtime *runtime = self->runtime;
    mio_log_print(runtime->log, MIO_LOG_WARNING,
                  "reactor %u: actor %016llx (%s) is stuck at %s for %lld ms",
                  stall->reactor, (unsigned long long)stall->actor.value,
                  stall->class_name, stall->what,
                  (long long)(stall->took_ns / MIO_NS_PER_MS));
    if (runtime->stalled != NULL)
        runtime->stalled(runtime->stalled_ctx, stall);
}

static void found(struct mio_watchdog *self, uint32_t reactor,
                  struct mio_stall *stall)
{
    mio_lock_take(self->lock);
    *stall_at(self, self->stalls_count++) = *stall;
    self->posts[reactor].told = self->stalls_count;
    mio_lock_release(self->lock);
    tell(self, stall);
}

/* It goes on: say so. */
static void update(struct mio_watchdog *self, struct post *post, int64_t now_ns,
                   bool is_over)
{
    uint64_t number = post->told - 1;
    mio_lock_take(self->lock);
    if (!is_forgotten(self, number)) {
        stall_at(self, number)->took_ns = now_ns - post->since_ns;
        stall_at(self, number)->is_over = is_over;
    }
    mio_lock_release(self->lock);
    if (is_over)
        post->told = 0;
}

/* What it is at, if that is whole and still number `number`. */
static bool read_current(const struct mio_current *current, uint64_t number,
                         struct mio_stall *out)
{
    out->actor.value = ck_pr_load_64(&current->actor);
    const struct mio_actor_class *actor_class =
        ck_pr_load_ptr(&current->actor_class);
    out->what = ck_pr_load_ptr(&current->what);
    ck_pr_fence_load(); /* pairs with mio_gauge_at */
    out->class_name = actor_class != NULL && actor_class->name != NULL
                          ? actor_class->name
                          : "";
    return ck_pr_load_64(&current->number) == number && out->what != NULL;
}

static void look_at(struct mio_watchdog *self, uint32_t reactor, int64_t now_ns)
{
    const struct mio_current *current =
        &self->runtime->reactors[reactor]->gauge.current;
    struct post *post = &self->posts[reactor];
    uint64_t number = ck_pr_load_64(&current->number);
    ck_pr_fence_load(); /* the number before what it is of */
    if (number != post->number || number % 2 != 0) {
        if (post->told != 0)
            update(self, post, now_ns, true);
        post->number = number;
        post->since_ns = now_ns;
        return;
    }
    if (post->told != 0) {
        update(self, post, now_ns, false);
        return;
    }
    struct mio_stall stall = {.reactor = reactor,
                              .begun_ns = post->since_ns,
                              .took_ns = now_ns - post->since_ns};
    if (stall.took_ns >= self->runtime->stall_ns &&
        read_current(current, number, &stall))
        found(self, reactor, &stall);
}

static void run(void *context)
{
    struct mio_watchdog *self = context;
    int64_t look_ns = self->runtime->stall_ns / LOOKS_PER_LIMIT;
    if (look_ns < LOOK_MIN_NS)
        look_ns = LOOK_MIN_NS;
    mio_thread_name("mio-watchdog");
    while (ck_pr_load_32(&self->is_ending) == 0) {
        (void)!mio_poll_wait(self->poll, self->events, look_ns);
        int64_t now_ns = mio_clock_monotonic_ns();
        for (uint32_t i = 0; i < self->runtime->reactors_count; i++)
            look_at(self, i, now_ns);
    }
}

/* --- beginning and end -------------------------------------------------------
 */

static int make(struct mio_watchdog *self)
{
    self->posts = calloc(self->runtime->reactors_count, sizeof(*self->posts));
    if (self->posts == NULL)
        return MIO_ENOMEM;
    int result = mio_lock_new(&self->lock);
    if (result == 0)
        result = mio_poll_new(&self->poll, NULL);
    if (result == 0)
        result = mio_events_new(&self->events, EVENTS_MAX);
    if (result == 0)
        result = mio_waker_new(&self->waker, self->poll, mio_token_of(0));
    return result;
}

int mio_watchdog_new(struct mio_runtime *runtime)
{
    struct mio_watchdog *self = calloc(1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    self->runtime = runtime;
    runtime->watchdog = self;
    int result = make(self);
    for (uint32_t i = 0; result == 0 && i < runtime->reactors_count; i++)
        runtime->reactors[i]->gauge.is_watched = true;
    return result; /* mio_runtime_free releases what was made */
}

int mio_watchdog_start(struct mio_watchdog *self)
{
    if (self == NULL)
        return 0;
    ck_pr_store_32(&self->is_ending, 0);
    int result = mio_thread_start(&self->thread, run, self);
    self->is_running = result == 0;
    return result;
}

void mio_watchdog_stop(struct mio_watchdog *self)
{
    if (self == NULL || !self->is_running)
        return;
    self->is_running = false;
    ck_pr_store_32(&self->is_ending, 1);
    (void)mio_waker_wake(self->waker);
    mio_thread_join(&self->thread);
}

void mio_watchdog_free(struct mio_watchdog *self)
{
    if (self == NULL)
        return;
    mio_waker_free(self->waker);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
    mio_lock_free(self->lock);
    free(self->posts);
    free(self);
}

uint32_t mio_runtime_stalls(struct mio_runtime *runtime, struct mio_stall *out,
                            uint32_t max)
{
    struct mio_watchdog *self = runtime->watchdog;
    uint32_t count = 0;
    if (self == NULL)
        return 0;
    mio_lock_take(self->lock);
    for (; count < max && count < self->stalls_count && count < MIO_STALLS_MAX;
         count++)
        out[count] = *stall_at(self, self->stalls_count - 1 - count);
    mio_lock_release(self->lock);
    return count;
}
