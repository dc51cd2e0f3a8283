/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/miocene_loop.c - the core through an event loop and its
 * handler. A timer is armed anew by clearing and setting it, and each set reads
 * the clock. */
#include <string.h>

#include "core/event_loop.h"

#include "bench/core/peer.h"

static const struct chain *chain;
static const struct timers *timers;
static struct mio_event_loop *loop;
static struct mio_source *sources;
static int must_arm; /* an edge is told once; on epoll there is no need */
static mio_key *keys;
static long done, wanted_min;

static void on_ready(void *ctx, struct mio_event_loop *self,
                     const struct mio_event *event)
{
    (void)ctx;
    chain_step(chain, event->token.value);
    if (must_arm)
        mio_source_arm(&sources[event->token.value], MIO_READABLE);
    if (++done == wanted_min)
        mio_event_loop_shutdown(self);
}

static void on_timeout(void *ctx, struct mio_event_loop *self, mio_token token)
{
    (void)ctx;
    (void)self;
    (void)token;
    done++;
}

static const struct mio_handler handler = {
    .ready = on_ready,
    .timeout = on_timeout,
};

static struct mio_event_loop *new_loop(long timers_max)
{
    struct mio_event_loop *self;
    struct mio_event_loop_options options = {
        .events_max = BATCH_MAX,
        .timers_max = (uint32_t)timers_max,
    };
    must(mio_event_loop_new(&self, &options) == 0, "mio_event_loop_new");
    return self;
}

static void chain_open(const struct chain *wanted)
{
    const char *selector = getenv("MIO_SELECTOR");
    must_arm = selector != NULL && strcmp(selector, "poll") == 0;
    chain = wanted;
    loop = new_loop(0);
    sources = must_allocate((size_t)chain->count, sizeof(*sources));
    for (long i = 0; i < chain->count; i++) {
        mio_source_init(&sources[i], chain->pipes[i][0]);
        must(mio_event_loop_register(loop, &sources[i],
                                     mio_token_of((uint64_t)i), MIO_READABLE,
                                     MIO_EDGE) == 0,
             "mio_event_loop_register");
    }
}

static long chain_run(long events_min)
{
    done = 0;
    wanted_min = events_min;
    (void)!mio_event_loop_run(loop, &handler, NULL);
    return done;
}

static void timers_open(const struct timers *wanted)
{
    timers = wanted;
    loop = new_loop(timers->live);
    keys = must_allocate((size_t)timers->live, sizeof(*keys));
}

static void set(size_t i, int64_t delay_ns)
{
    must(mio_event_loop_set_timeout(loop, delay_ns, mio_token_of(i),
                                    &keys[i]) == 0,
         "mio_event_loop_set_timeout");
}

static void timers_insert(long n, const int64_t *delays)
{
    for (long i = 0; i < n; i++)
        set((size_t)i, delays[i]);
}

static void timers_rearm(long n)
{
    for (long i = 0; i < n; i++) {
        size_t timer = timers->order[i];
        (void)mio_event_loop_clear_timeout(loop, keys[timer]);
        set(timer, timers->delays[i]);
    }
}

static void timers_cancel(long n)
{
    for (long i = 0; i < n; i++)
        (void)mio_event_loop_clear_timeout(loop, keys[timers->order[i]]);
}

static long timers_fire(void)
{
    return mio_event_loop_turn(loop, 0, &handler, NULL);
}

const struct peer peer = {
    .name = "miocene event_loop",
    .chain_open = chain_open,
    .chain_run = chain_run,
    .timers_open = timers_open,
    .timers_insert = timers_insert,
    .timers_rearm = timers_rearm,
    .timers_cancel = timers_cancel,
    .timers_fire = timers_fire,
};
