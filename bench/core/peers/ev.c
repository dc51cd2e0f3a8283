/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/ev.c - libev. It tells the kernel of a registration at its
 * next look, so each batch ends with one. */
#include "bench/core/peer.h"

#ifndef BENCH_HAS_LIBEV

const struct peer peer = {
    .name = "libev",
    .why_not = "it was built without libev-dev",
};

#else

#include <ev.h>

#define NS_PER_S 1e9

static const struct chain *chain;
static const struct timers *timers;
static struct ev_loop *loop;
static ev_io *watchers;
static struct ev_loop *wake_loops[2];
static ev_async asyncs[2];
static ev_timer *armed;
static long done, wanted_min;

static struct ev_loop *new_loop(void)
{
    /* Backend: epoll, or what LIBEV_FLAGS says. */
    struct ev_loop *self = ev_loop_new(EVFLAG_AUTO);
    must(self != NULL, "ev_loop_new");
    return self;
}

static void on_byte(struct ev_loop *self, ev_io *watcher, int events)
{
    (void)events;
    chain_step(chain, (size_t)(watcher - watchers));
    if (++done >= wanted_min)
        ev_break(self, EVBREAK_ONE);
}

static void chain_open(const struct chain *wanted)
{
    chain = wanted;
    loop = new_loop();
    watchers = must_allocate((size_t)chain->count, sizeof(*watchers));
    for (long i = 0; i < chain->count; i++) {
        ev_io_init(&watchers[i], on_byte, chain->pipes[i][0], EV_READ);
        ev_io_start(loop, &watchers[i]);
    }
}

static long chain_run(long events_min)
{
    done = 0;
    wanted_min = events_min;
    ev_run(loop, 0);
    return done;
}

static void registry_open(const int *fds, long count)
{
    loop = new_loop();
    watchers = must_allocate((size_t)count, sizeof(*watchers));
    for (long i = 0; i < count; i++)
        ev_io_init(&watchers[i], on_byte, fds[i], EV_READ);
}

static void registry_add(long n)
{
    for (long i = 0; i < n; i++)
        ev_io_start(loop, &watchers[i]);
    ev_run(loop, EVRUN_NOWAIT);
}

/* To read, then to write as well, and so on: with the same interest it asks
 * nothing of the kernel. A read end is never writable. */
static void registry_modify(long n)
{
    for (long i = 0; i < n; i++) {
        ev_io_stop(loop, &watchers[i]);
        ev_io_set(&watchers[i], watchers[i].fd,
                  (watchers[i].events ^ EV_WRITE) & (EV_READ | EV_WRITE));
        ev_io_start(loop, &watchers[i]);
    }
    ev_run(loop, EVRUN_NOWAIT);
}

static void registry_remove(long n)
{
    for (long i = 0; i < n; i++)
        ev_io_stop(loop, &watchers[i]);
    ev_run(loop, EVRUN_NOWAIT);
}

/* A count for each thread: two of them wait at the same time. */
static __thread long woken;

static void on_wake(struct ev_loop *self, ev_async *watcher, int events)
{
    (void)self;
    (void)watcher;
    (void)events;
    woken++;
}

static void wake_open(void)
{
    for (int side = 0; side < 2; side++) {
        wake_loops[side] = new_loop();
        ev_async_init(&asyncs[side], on_wake);
        ev_async_start(wake_loops[side], &asyncs[side]);
    }
}

static void wake(int side)
{
    ev_async_send(wake_loops[side], &asyncs[side]);
}

static long wake_wait(int side)
{
    woken = 0;
    while (woken == 0)
        ev_run(wake_loops[side], EVRUN_ONCE);
    return woken;
}

static void on_timer(struct ev_loop *self, ev_timer *timer, int events)
{
    (void)self;
    (void)timer;
    (void)events;
    done++;
}

static void timers_open(const struct timers *wanted)
{
    timers = wanted;
    loop = new_loop();
    armed = must_allocate((size_t)timers->live, sizeof(*armed));
    for (long i = 0; i < timers->live; i++)
        ev_init(&armed[i], on_timer);
}

static void timers_insert(long n, const int64_t *delays)
{
    ev_now_update(loop);
    for (long i = 0; i < n; i++) {
        ev_timer_set(&armed[i], (double)delays[i] / NS_PER_S, 0.);
        ev_timer_start(loop, &armed[i]);
    }
}

static void timers_rearm(long n)
{
    ev_now_update(loop);
    for (long i = 0; i < n; i++) {
        ev_timer *timer = &armed[timers->order[i]];
        timer->repeat = (double)timers->delays[i] / NS_PER_S;
        ev_timer_again(loop, timer);
        timer->repeat = 0.;
    }
}

static void timers_cancel(long n)
{
    for (long i = 0; i < n; i++)
        ev_timer_stop(loop, &armed[timers->order[i]]);
}

static long timers_fire(void)
{
    done = 0;
    ev_run(loop, EVRUN_NOWAIT);
    return done;
}

const struct peer peer = {
    .name = "libev",
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
