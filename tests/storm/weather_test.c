/* SPDX-License-Identifier: MIT
 *
 * tests/storm/weather_test.c - the storm blows: calls that wait are
 * interrupted, in every thread, again and again. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/core/check.h"

#define TIMES 50

/* A sleep is ended by every handler. */
static void *sleep_badly(void *arg)
{
    const struct timespec long_time = {.tv_sec = 20};
    uint64_t *times = arg;
    for (; *times < TIMES; (*times)++) {
        if (nanosleep(&long_time, NULL) == 0 || errno != EINTR)
            break;
    }
    return NULL;
}

static void waits_are_interrupted_in_every_thread(void **state)
{
    (void)state;
    uint64_t times[4] = {0};
    pthread_t threads[3];
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, sleep_badly, &times[i]), 0);
    sleep_badly(&times[3]);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        assert_int_equal(times[i], TIMES);
}

/* A read is ended by those alone that let nothing be restarted. */
static void calls_that_could_be_restarted_are_interrupted(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(read(ends[0], &byte, 1), -1);
        assert_int_equal(errno, EINTR);
    }
    close(ends[0]);
    close(ends[1]);
}

static volatile sig_atomic_t restarting_count;

static void (*storm_s_own)(int number, siginfo_t *info, void *context);

static void count_restarting(int number, siginfo_t *info, void *context)
{
    restarting_count = restarting_count + 1;
    storm_s_own(number, info, context);
}

static void some_let_calls_be_restarted(void **state)
{
    (void)state;
    struct sigaction action;
    assert_int_equal(sigaction(SIGPROF, NULL, &action), 0);
    assert_true(action.sa_flags & SA_RESTART);
    storm_s_own = action.sa_sigaction;
    action.sa_sigaction = count_restarting;
    assert_int_equal(sigaction(SIGPROF, &action, NULL), 0);
    const struct timespec long_time = {.tv_sec = 20};
    while (restarting_count < TIMES)
        assert_int_equal(nanosleep(&long_time, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_are_interrupted_in_every_thread),
        cmocka_unit_test(calls_that_could_be_restarted_are_interrupted),
        cmocka_unit_test(some_let_calls_be_restarted),
    };
    return cmocka_run_group_tests_name("storm/weather", tests, NULL, NULL);
}
