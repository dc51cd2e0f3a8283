/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/miocene.c - the core through a poll and its events, and a
 * timer wheel. */
#include <string.h>

#include "core/clock.h"
#include "core/poll.h"
#include "core/timer_wheel.h"
#include "core/waker.h"

#include "bench/core/peer.h"

static const struct chain *chain;
static const struct timers *timers;
static struct mio_poll *poll;
static struct mio_events *events;
static struct mio_source *sources;
static int must_arm; /* an edge is told once; on epoll there is no need */
static struct mio_poll *wake_polls[2];
static struct mio_events *wake_events[2];
static struct mio_waker *wakers[2];
static struct mio_timer_wheel wheel;
static struct mio_timer *armed;
static long fired;

static void add(long i)
{
    must(mio_poll_register(poll, &sources[i], mio_token_of((uint64_t)i),
                           MIO_READABLE, MIO_EDGE) == 0,
         "mio_poll_register");
}

static void open_poll(long count)
{
    must(mio_poll_new(&poll, NULL) == 0, "mio_poll_new");
    must(mio_events_new(&events, BATCH_MAX) == 0, "mio_events_new");
    sources = must_allocate((size_t)count, sizeof(*sources));
}

static void chain_open(const struct chain *wanted)
{
    const char *selector = getenv("MIO_SELECTOR");
    must_arm = selector != NULL && strcmp(selector, "poll") == 0;
    chain = wanted;
    open_poll(chain->count);
    for (long i = 0; i < chain->count; i++) {
        mio_source_init(&sources[i], chain->pipes[i][0]);
        add(i);
    }
}

static long chain_run(long events_min)
{
    long done = 0;
    while (done < events_min) {
        struct mio_event event;
        (void)!mio_poll_wait(poll, events, MIO_FOREVER);
        while (mio_events_next(events, &event)) {
            chain_step(chain, event.token.value);
            if (must_arm)
                mio_source_arm(&sources[event.token.value], MIO_READABLE);
            done++;
        }
    }
    return done;
}

static void registry_open(const int *fds, long count)
{
    open_poll(count);
    for (long i = 0; i < count; i++)
        mio_source_init(&sources[i], fds[i]);
}

static void registry_add(long n)
{
    for (long i = 0; i < n; i++)
        add(i);
}

static void registry_modify(long n)
{
    for (long i = 0; i < n; i++)
        must(mio_poll_reregister(poll, &sources[i],
                                 mio_token_of((uint64_t)(i + n)), MIO_READABLE,
                                 MIO_EDGE) == 0,
             "mio_poll_reregister");
}

static void registry_remove(long n)
{
    for (long i = 0; i < n; i++)
        must(mio_poll_deregister(poll, &sources[i]) == 0,
             "mio_poll_deregister");
}

static void wake_open(void)
{
    for (int side = 0; side < 2; side++) {
        must(mio_poll_new(&wake_polls[side], NULL) == 0, "mio_poll_new");
        must(mio_events_new(&wake_events[side], BATCH_MAX) == 0, "events");
        must(mio_waker_new(&wakers[side], wake_polls[side], mio_token_of(7)) ==
                 0,
             "mio_waker_new");
    }
}

static void wake(int side)
{
    must(mio_waker_wake(wakers[side]) == 0, "mio_waker_wake");
}

static long wake_wait(int side)
{
    long count = 0;
    while (count == 0) {
        struct mio_event event;
        (void)!mio_poll_wait(wake_polls[side], wake_events[side], MIO_FOREVER);
        while (mio_events_next(wake_events[side], &event))
            count++;
    }
    return count;
}

static void timers_open(const struct timers *wanted)
{
    timers = wanted;
    mio_timer_wheel_init(&wheel, mio_clock_monotonic_ns());
    armed = must_allocate((size_t)timers->live, sizeof(*armed));
    for (long i = 0; i < timers->live; i++)
        mio_timer_init(&armed[i]);
}

static void timers_insert(long n, const int64_t *delays)
{
    int64_t now_ns = mio_clock_monotonic_ns();
    for (long i = 0; i < n; i++)
        mio_timer_wheel_insert(&wheel, &armed[i], now_ns + delays[i]);
}

static void timers_rearm(long n)
{
    int64_t now_ns = mio_clock_monotonic_ns();
    for (long i = 0; i < n; i++)
        mio_timer_wheel_insert(&wheel, &armed[timers->order[i]],
                               now_ns + timers->delays[i]);
}

static void timers_cancel(long n)
{
    for (long i = 0; i < n; i++)
        (void)mio_timer_wheel_cancel(&wheel, &armed[timers->order[i]]);
}

static void on_fired(struct mio_timer *timer)
{
    (void)timer;
    fired++;
}

/* Others call back through a pointer, too. */
static void (*volatile callback)(struct mio_timer *timer) = on_fired;

static long timers_fire(void)
{
    fired = 0;
    mio_timer_wheel_advance(&wheel, mio_clock_monotonic_ns());
    struct mio_timer *timer;
    while ((timer = mio_timer_wheel_take(&wheel)) != NULL)
        callback(timer);
    return fired;
}

const struct peer peer = {
    .name = "miocene",
    .chain_open = chain_open,
    .chain_run = chain_run,
    .registry_open = registry_open,
    .registry_add = registry_add,
    .registry_modify = registry_modify,
    .registry_remove = registry_remove,
    .wake_open = wake_open,
    .wake = wake,
    .wake_wait = wake_wait,
    .timers_open = timers_open,
    .timers_insert = timers_insert,
    .timers_rearm = timers_rearm,
    .timers_cancel = timers_cancel,
    .timers_fire = timers_fire,
};
