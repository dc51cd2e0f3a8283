/* SPDX-License-Identifier: MIT
 *
 * bench/core/timers.c - LIVE timers of up to DELAY_MAX ms.
 *
 *     timers LIVE DELAY_MAX
 *
 * insert  timers are armed that were not
 * rearm   armed ones, in random order, are armed anew
 * cancel  armed ones, in random order, are disarmed
 * fire    N timers of up to 100 ms are armed; when the last is due, and not
 *         before, the loop looks and calls each back. */
#include <time.h>

#include "bench/core/harness.h"

#define NS_PER_MS INT64_C(1000000)
#define FIRE_WITHIN_NS (100 * NS_PER_MS)
/* Loops count in ms, some round up, some read the clock before they wait. */
#define MARGIN_NS (20 * NS_PER_MS)

static struct timers timers;
static int64_t *short_delays;
static int64_t delay_max_ns;

static bool is_offered(void)
{
    return peer.timers_open != NULL;
}

static uint64_t random_state = 88172645463325252u;

/* xorshift: the same numbers in every run, for every library. */
static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static uint32_t *shuffled(long count)
{
    uint32_t *order = must_allocate((size_t)count, sizeof(*order));
    for (long i = 0; i < count; i++) {
        long k = (long)random_below((uint64_t)i + 1);
        order[i] = order[k];
        order[k] = (uint32_t)i;
    }
    return order;
}

static int64_t *delays_below(long count, int64_t max_ns)
{
    int64_t *delays = must_allocate((size_t)count, sizeof(*delays));
    for (long i = 0; i < count; i++)
        delays[i] = (int64_t)random_below((uint64_t)max_ns);
    return delays;
}

static void open_timers(const long *args)
{
    delay_max_ns = args[1] * NS_PER_MS;
    timers.live = args[0];
    timers.order = shuffled(args[0]);
    timers.delays = delays_below(args[0], delay_max_ns);
    short_delays = delays_below(args[0], FIRE_WITHIN_NS);
    peer.timers_open(&timers);
}

static struct answer insert(long n)
{
    int64_t ns = thread_ns();
    peer.timers_insert(n, timers.delays);
    return (struct answer){.done = n, .ns = thread_ns() - ns};
}

static struct answer rearm(long n)
{
    int64_t ns = thread_ns();
    for (long left = n; left > 0; left -= timers.live)
        peer.timers_rearm(left < timers.live ? left : timers.live);
    return (struct answer){.done = n, .ns = thread_ns() - ns};
}

static struct answer cancel(long n)
{
    int64_t ns = thread_ns();
    peer.timers_cancel(n);
    return (struct answer){.done = n, .ns = thread_ns() - ns};
}

static void sleep_ns(int64_t ns)
{
    struct timespec time = {.tv_sec = ns / (1000 * NS_PER_MS),
                            .tv_nsec = ns % (1000 * NS_PER_MS)};
    while (nanosleep(&time, &time) != 0)
        ;
}

static struct answer fire(long n)
{
    struct answer answer = {0};
    peer.timers_insert(n, short_delays);
    sleep_ns(FIRE_WITHIN_NS + MARGIN_NS);
    int64_t ns = thread_ns();
    answer.done = peer.timers_fire();
    answer.ns = thread_ns() - ns;
    return answer;
}

/* Wait until all that are armed are due, and count them. */
static struct answer drain(long n)
{
    (void)n;
    sleep_ns(delay_max_ns + MARGIN_NS);
    return (struct answer){.done = peer.timers_fire()};
}

const struct workload timers_workload = {
    .name = "timers",
    .args_count = 2,
    .is_offered = is_offered,
    .open = open_timers,
    .commands = {{"insert", insert},
                 {"rearm", rearm},
                 {"cancel", cancel},
                 {"fire", fire},
                 {"drain", drain}},
};
