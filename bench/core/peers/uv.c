/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/uv.c - libuv. It tells the kernel of a registration at its
 * next look, so each batch ends with one. */
#include "bench/core/peer.h"

#ifndef BENCH_HAS_LIBUV

const struct peer peer = {
    .name = "libuv",
    .why_not = "it was built without libuv1-dev",
};

#else

#include <uv.h>

static const struct chain *chain;
static const struct timers *timers;
static uv_loop_t loop;
static uv_poll_t *handles;
static const int *fds;
static uv_loop_t wake_loops[2];
static uv_async_t asyncs[2];
static uv_timer_t *armed;
static long done, wanted_min;

static void open_loop(uv_loop_t *self)
{
    must(uv_loop_init(self) == 0, "uv_loop_init");
}

static void on_byte(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    chain_step(chain, (size_t)(handle - handles));
    if (++done >= wanted_min)
        uv_stop(&loop);
}

static void on_nothing(uv_poll_t *handle, int status, int events)
{
    (void)handle;
    (void)status;
    (void)events;
}

static void chain_open(const struct chain *wanted)
{
    chain = wanted;
    open_loop(&loop);
    handles = must_allocate((size_t)chain->count, sizeof(*handles));
    for (long i = 0; i < chain->count; i++) {
        must(uv_poll_init(&loop, &handles[i], chain->pipes[i][0]) == 0, "init");
        must(uv_poll_start(&handles[i], UV_READABLE, on_byte) == 0, "start");
    }
}

static long chain_run(long events_min)
{
    done = 0;
    wanted_min = events_min;
    uv_run(&loop, UV_RUN_DEFAULT);
    return done;
}

static void registry_open(const int *wanted, long count)
{
    fds = wanted;
    open_loop(&loop);
    handles = must_allocate((size_t)count, sizeof(*handles));
}

static void registry_add(long n)
{
    for (long i = 0; i < n; i++) {
        must(uv_poll_init(&loop, &handles[i], fds[i]) == 0, "init");
        must(uv_poll_start(&handles[i], UV_READABLE, on_nothing) == 0, "start");
    }
    uv_run(&loop, UV_RUN_NOWAIT);
}

/* The data of a handle is the token; the interest has to change, too, or it
 * does nothing. */
static void registry_modify(long n)
{
    for (long i = 0; i < n; i++) {
        int seen = (handles[i].data == NULL) * UV_DISCONNECT;
        handles[i].data = seen ? &handles[i] : NULL;
        must(uv_poll_start(&handles[i], UV_READABLE | seen, on_nothing) == 0,
             "start");
    }
    uv_run(&loop, UV_RUN_NOWAIT);
}

static void registry_remove(long n)
{
    for (long i = 0; i < n; i++)
        uv_close((uv_handle_t *)&handles[i], NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
}

/* A count for each thread: two of them wait at the same time. */
static __thread long woken;

static void on_wake(uv_async_t *handle)
{
    (void)handle;
    woken++;
}

static void wake_open(void)
{
    for (int side = 0; side < 2; side++) {
        open_loop(&wake_loops[side]);
        must(uv_async_init(&wake_loops[side], &asyncs[side], on_wake) == 0,
             "uv_async_init");
    }
}

static void wake(int side)
{
    must(uv_async_send(&asyncs[side]) == 0, "uv_async_send");
}

static long wake_wait(int side)
{
    woken = 0;
    while (woken == 0)
        uv_run(&wake_loops[side], UV_RUN_ONCE);
    return woken;
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
    done++;
}

static void timers_open(const struct timers *wanted)
{
    timers = wanted;
    open_loop(&loop);
    armed = must_allocate((size_t)timers->live, sizeof(*armed));
    for (long i = 0; i < timers->live; i++)
        must(uv_timer_init(&loop, &armed[i]) == 0, "uv_timer_init");
}

static void start(size_t i, int64_t delay_ns)
{
    must(uv_timer_start(&armed[i], on_timer, (uint64_t)(delay_ns / 1000000),
                        0) == 0,
         "uv_timer_start");
}

static void timers_insert(long n, const int64_t *delays)
{
    uv_update_time(&loop);
    for (long i = 0; i < n; i++)
        start((size_t)i, delays[i]);
}

static void timers_rearm(long n)
{
    uv_update_time(&loop);
    for (long i = 0; i < n; i++)
        start(timers->order[i], timers->delays[i]);
}

static void timers_cancel(long n)
{
    for (long i = 0; i < n; i++)
        uv_timer_stop(&armed[timers->order[i]]);
}

static long timers_fire(void)
{
    done = 0;
    uv_run(&loop, UV_RUN_NOWAIT);
    return done;
}

const struct peer peer = {
    .name = "libuv",
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
