/* SPDX-License-Identifier: MIT
 *
 * tests/storm/storm.c - a weather that any test can be put into: signals in
 * every thread, all the time.
 *
 * Part of every test program, and asleep unless the variable MIO_STORM of the
 * environment is set (bazel/run_in_storm.sh). Then, from before main to the
 * end, one signal whose handler lets calls be restarted and one whose handler
 * does not come each 200 us, so that every 100 us something is interrupted.
 * They come to the first thread; it passes each on to one of the others, whose
 * beginning it sees by standing in for pthread_create. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* tgkill's number, SIGEV_THREAD_ID */
#endif
#include "tests/storm/storm.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 200000
#define THREADS_MAX 128

/* Tests have uses of their own for SIGALRM. */
#define RESTARTING SIGPROF
#define INTERRUPTING SIGVTALRM

static bool is_blowing;
static int threads[THREADS_MAX]; /* atomic; 0: nobody */
static uint32_t next_thread;     /* the first thread's */

static void pass_on(int number)
{
    for (uint32_t i = 0; i < THREADS_MAX; i++) {
        uint32_t place = next_thread++ % THREADS_MAX;
        int thread = __atomic_load_n(&threads[place], __ATOMIC_RELAXED);
        if (thread == 0)
            continue;
        (void)syscall(SYS_tgkill, getpid(), thread, number);
        return;
    }
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    int saved = errno;
    if (info->si_code == SI_TIMER)
        pass_on(number);
    errno = saved;
}

static void must(int rc)
{
    if (rc == 0)
        return;
    (void)fprintf(stderr, "storm: cannot be made: %d\n", errno);
    abort();
}

static void blow(int number, int flags, long offset_ns)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO | flags};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = number};
    struct itimerspec times = {
        .it_value = {.tv_nsec = PERIOD_NS + offset_ns},
        .it_interval = {.tv_nsec = PERIOD_NS},
    };
    timer_t timer;
    must(sigaction(number, &action, NULL));
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    must(timer_settime(timer, 0, &times, NULL));
}

__attribute__((constructor)) static void rise(void)
{
    if (getenv("MIO_STORM") == NULL)
        return;
    is_blowing = true;
    blow(RESTARTING, SA_RESTART, 0);
    blow(INTERRUPTING, 0, PERIOD_NS / 2);
}

/* --- the other threads ---------------------------------------------------- */

static uint32_t started_count; /* atomic */

uint32_t storm_threads_count(void)
{
    return __atomic_load_n(&started_count, __ATOMIC_RELAXED);
}

struct start {
    void *(*run)(void *arg);
    void *arg;
};

static int *enter(void)
{
    int thread = (int)syscall(SYS_gettid);
    for (size_t i = 0; i < THREADS_MAX; i++) {
        int nobody = 0;
        if (__atomic_compare_exchange_n(&threads[i], &nobody, thread, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return &threads[i];
    }
    return NULL; /* calm there */
}

static void *run(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    int *place = enter();
    void *result = start.run(start.arg);
    if (place != NULL)
        __atomic_store_n(place, 0, __ATOMIC_RELAXED);
    return result;
}

int __real_pthread_create(pthread_t *out, const pthread_attr_t *attributes,
                          void *(*begin)(void *arg), void *arg);
int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes,
                          void *(*begin)(void *arg), void *arg);

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes,
                          void *(*begin)(void *arg), void *arg)
{
    (void)__atomic_fetch_add(&started_count, 1, __ATOMIC_RELAXED);
    struct start *start = is_blowing ? malloc(sizeof(*start)) : NULL;
    if (start == NULL)
        return __real_pthread_create(out, attributes, begin, arg);
    *start = (struct start){.run = begin, .arg = arg};
    int rc = __real_pthread_create(out, attributes, run, start);
    if (rc != 0)
        free(start);
    return rc;
}
