/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/event.c - libevent, edge-triggered where it can. */
#include "bench/core/peer.h"

#ifndef BENCH_HAS_LIBEVENT

const struct peer peer = {
    .name = "libevent",
    .why_not = "it was built without libevent-dev",
};

#else

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/thread.h>

#define NS_PER_S INT64_C(1000000000)

static const struct chain *chain;
static const struct timers *timers;
static struct event_base *base;
static struct event *watchers; /* as many as descriptors, or timers */
static struct event_base *wake_bases[2];
static struct event wakes[2];
static long done, wanted_min;

static struct event_base *new_base(void)
{
    /* Method: epoll, or what EVENT_NOEPOLL leaves. */
    struct event_base *self = event_base_new();
    must(self != NULL, "event_base_new");
    return self;
}

static short interest(void)
{
    int edge = event_base_get_features(base) & EV_FEATURE_ET ? EV_ET : 0;
    return (short)(EV_READ | EV_PERSIST | edge);
}

static void on_byte(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    chain_step(chain, (size_t)((struct event *)ctx - watchers));
    if (++done >= wanted_min)
        event_base_loopbreak(base);
}

static void chain_open(const struct chain *wanted)
{
    chain = wanted;
    base = new_base();
    watchers = must_allocate((size_t)chain->count, sizeof(*watchers));
    for (long i = 0; i < chain->count; i++) {
        event_assign(&watchers[i], base, chain->pipes[i][0], interest(),
                     on_byte, &watchers[i]);
        must(event_add(&watchers[i], NULL) == 0, "event_add");
    }
}

static long chain_run(long events_min)
{
    done = 0;
    wanted_min = events_min;
    event_base_dispatch(base);
    return done;
}

static void registry_open(const int *fds, long count)
{
    base = new_base();
    watchers = must_allocate((size_t)count, sizeof(*watchers));
    for (long i = 0; i < count; i++)
        event_assign(&watchers[i], base, fds[i], interest(), on_byte,
                     &watchers[i]);
}

static void registry_add(long n)
{
    for (long i = 0; i < n; i++)
        must(event_add(&watchers[i], NULL) == 0, "event_add");
}

/* An event cannot change while it is pending. */
static void registry_modify(long n)
{
    for (long i = 0; i < n; i++) {
        struct event *event = &watchers[i];
        event_del(event);
        event_assign(event, base, event_get_fd(event), interest(), on_byte,
                     event);
        must(event_add(event, NULL) == 0, "event_add");
    }
}

static void registry_remove(long n)
{
    for (long i = 0; i < n; i++)
        event_del(&watchers[i]);
}

/* A count for each thread: two of them wait at the same time. */
static __thread long woken;

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    woken++;
}

static void wake_open(void)
{
    evthread_use_pthreads();
    for (int side = 0; side < 2; side++) {
        wake_bases[side] = new_base();
        event_assign(&wakes[side], wake_bases[side], -1, EV_PERSIST, on_wake,
                     NULL);
        must(event_add(&wakes[side], NULL) == 0, "event_add");
    }
}

static void wake(int side)
{
    event_active(&wakes[side], EV_READ, 0);
}

static long wake_wait(int side)
{
    woken = 0;
    while (woken == 0)
        event_base_loop(wake_bases[side],
                        EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
    return woken;
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    done++;
}

static void timers_open(const struct timers *wanted)
{
    timers = wanted;
    base = new_base();
    watchers = must_allocate((size_t)timers->live, sizeof(*watchers));
    for (long i = 0; i < timers->live; i++)
        evtimer_assign(&watchers[i], base, on_timer, NULL);
}

static void arm(size_t i, int64_t delay_ns)
{
    struct timeval delay = {.tv_sec = delay_ns / NS_PER_S,
                            .tv_usec = delay_ns % NS_PER_S / 1000};
    must(evtimer_add(&watchers[i], &delay) == 0, "evtimer_add");
}

static void timers_insert(long n, const int64_t *delays)
{
    for (long i = 0; i < n; i++)
        arm((size_t)i, delays[i]);
}

static void timers_rearm(long n)
{
    for (long i = 0; i < n; i++)
        arm(timers->order[i], timers->delays[i]);
}

static void timers_cancel(long n)
{
    for (long i = 0; i < n; i++)
        evtimer_del(&watchers[timers->order[i]]);
}

static long timers_fire(void)
{
    done = 0;
    event_base_loop(base, EVLOOP_NONBLOCK);
    return done;
}

const struct peer peer = {
    .name = "libevent",
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

#endif
