/* SPDX-License-Identifier: MIT
 *
 * bench/core/wake.c - waking a loop.
 *
 * asleep     two threads wake each other and wait: each wake finds the other
 *            in its wait. CPU time of both: a wake, a wait that sleeps.
 * awake      another thread wakes, and only then does the receiver look. They
 *            take turns by a word that both look at, so the time that passes
 *            is a wake and a wait that does not sleep, and two lines of cache
 *            that change hands.
 * own        the same in one thread: what to count instructions with.
 * coalesced  another thread wakes again and again, and nobody looks. Its CPU
 *            time. */
#define _GNU_SOURCE /* sched_yield */
#include <sched.h>

#include "bench/core/harness.h"

/* Before a thread that waits for its turn gives its CPU away: for one CPU. */
#define SPINS_MAX 20000

static long turns_left; /* even: the receiver's turn; atomic */

static bool is_offered(void)
{
    return peer.wake_open != NULL;
}

static void open_wake(const long *args)
{
    (void)args;
    peer.wake_open();
}

static pthread_t start(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    must(pthread_create(&thread, NULL, run, arg) == 0, "pthread_create");
    return thread;
}

static void *answer_wakes(void *arg)
{
    pin(false);
    for (long n = *(long *)arg; n > 0; n--) {
        (void)peer.wake_wait(1);
        peer.wake(0);
    }
    return NULL;
}

/* Two wakes a round. */
static struct answer asleep(long n)
{
    struct answer answer = {0};
    long rounds = (n + 1) / 2;
    int64_t ns = process_ns();
    pthread_t other = start(answer_wakes, &rounds);
    for (long i = 0; i < rounds; i++) {
        peer.wake(1);
        answer.done += peer.wake_wait(0) + 1;
    }
    pthread_join(other, NULL);
    answer.ns = process_ns() - ns;
    return answer;
}

static void await_turn(long turn)
{
    for (long i = 0; __atomic_load_n(&turns_left, __ATOMIC_ACQUIRE) != turn;
         i++)
        if (i >= SPINS_MAX)
            sched_yield();
}

static void pass_turn(long turn)
{
    __atomic_store_n(&turns_left, turn - 1, __ATOMIC_RELEASE);
}

static void *wake_in_turn(void *arg)
{
    pin(false);
    for (long turn = *(long *)arg; turn > 0; turn -= 2) {
        await_turn(turn);
        peer.wake(0);
        pass_turn(turn);
    }
    return NULL;
}

static struct answer awake(long n)
{
    struct answer answer = {0};
    long turns = 2 * n;
    __atomic_store_n(&turns_left, turns + 1, __ATOMIC_RELEASE);
    pthread_t other = start(wake_in_turn, &turns);
    int64_t ns = wall_ns();
    pass_turn(turns + 1);
    for (long turn = turns - 1; turn > 0; turn -= 2) {
        await_turn(turn);
        answer.done += peer.wake_wait(0);
        pass_turn(turn);
    }
    answer.ns = wall_ns() - ns;
    pthread_join(other, NULL);
    return answer;
}

static struct answer own(long n)
{
    struct answer answer = {0};
    int64_t ns = thread_ns();
    for (long i = 0; i < n; i++) {
        peer.wake(0);
        answer.done += peer.wake_wait(0);
    }
    answer.ns = thread_ns() - ns;
    return answer;
}

static void *wake_often(void *arg)
{
    struct answer *answer = arg;
    pin(false);
    int64_t ns = thread_ns();
    for (long i = 0; i < answer->done; i++)
        peer.wake(0);
    answer->ns = thread_ns() - ns;
    return NULL;
}

/* `done` is how many were seen of those that were under way all at once. */
static struct answer coalesced(long n)
{
    struct answer answer = {.done = n};
    peer.wake(0);
    pthread_join(start(wake_often, &answer), NULL);
    if (peer.wake_wait(0) != 1)
        answer.done = 0; /* they were not one */
    return answer;
}

const struct workload wake_workload = {
    .name = "wake",
    .is_offered = is_offered,
    .open = open_wake,
    .commands = {{"asleep", asleep},
                 {"awake", awake},
                 {"own", own},
                 {"coalesced", coalesced}},
};
