/* SPDX-License-Identifier: MIT
 *
 * tests/storm/clock_test.c - the clock far in the future, and one that leaps by
 * years: nothing overflows, nothing is early, nothing is forgotten. */
#include "core/clock.h"

#include <pthread.h>
#include <time.h>

#include "core/event_loop.h"
#include "core/timer_wheel.h"
#include "core/waker.h"
#include "tests/core/check.h"

#define YEAR_NS (INT64_C(31556952) * MIO_NS_PER_S)

/* --- the clock ------------------------------------------------------------ */

/* Atomic: a thread may look at the clock, too. */
static int64_t ahead_ns;

int64_t __real_mio_clock_monotonic_ns(void);
int64_t __wrap_mio_clock_monotonic_ns(void);

/* At its end it stands still. */
int64_t __wrap_mio_clock_monotonic_ns(void)
{
    int64_t now_ns = __real_mio_clock_monotonic_ns();
    int64_t ns = __atomic_load_n(&ahead_ns, __ATOMIC_RELAXED);
    return ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + ns;
}

static void leap(int64_t by_ns)
{
    int64_t left_ns = INT64_MAX - __atomic_load_n(&ahead_ns, __ATOMIC_RELAXED);
    (void)__atomic_fetch_add(&ahead_ns, by_ns < left_ns ? by_ns : left_ns,
                             __ATOMIC_RELAXED);
}

/* So much is left of the time that can be counted. */
static void leap_to_the_end(int64_t left_ns)
{
    leap(INT64_MAX - left_ns - mio_clock_monotonic_ns());
}

static struct timespec system_s_time; /* if its seconds are not 0 */

int __real_clock_gettime(clockid_t which, struct timespec *out);
int __wrap_clock_gettime(clockid_t which, struct timespec *out);

int __wrap_clock_gettime(clockid_t which, struct timespec *out)
{
    if (system_s_time.tv_sec == 0)
        return __real_clock_gettime(which, out);
    *out = system_s_time;
    return 0;
}

static int64_t told_at(time_t s, long ns)
{
    system_s_time = (struct timespec){.tv_sec = s, .tv_nsec = ns};
    int64_t told_ns = mio_clock_realtime_ns();
    assert_true(__real_mio_clock_monotonic_ns() == told_ns);
    system_s_time.tv_sec = 0;
    return told_ns;
}

static void the_clock_counts_to_its_end_and_no_further(void **state)
{
    (void)state;
    const time_t last_s = INT64_MAX / MIO_NS_PER_S;
    const long last_ns = INT64_MAX % MIO_NS_PER_S;
    assert_true(told_at(1, 2) == MIO_NS_PER_S + 2);
    assert_true(told_at(last_s - 1, 999999999) ==
                (last_s - 1) * MIO_NS_PER_S + 999999999);
    assert_true(told_at(last_s, last_ns - 1) == INT64_MAX - 1);
    assert_true(told_at(last_s, last_ns) == INT64_MAX);
    assert_true(told_at(last_s, last_ns + 1) == INT64_MAX);
    assert_true(told_at(last_s + 1, 0) == INT64_MAX);
    assert_true(told_at((time_t)INT64_MAX, 999999999) == INT64_MAX);
}

/* --- timeouts ------------------------------------------------------------- */

struct fixture {
    struct mio_event_loop *loop;
    uint64_t fired[4096]; /* tokens, in order */
    size_t fired_count;
};

static void fire(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct fixture *f = ctx;
    (void)loop;
    assert_true(f->fired_count < COUNT_OF(f->fired));
    f->fired[f->fired_count++] = token.value;
}

static const struct mio_handler handler = {.timeout = fire};

static int setup(void **state)
{
    static struct fixture fixture;
    ahead_ns = 0;
    fixture = (struct fixture){.loop = NULL};
    assert_ok(mio_event_loop_new(&fixture.loop, NULL));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_event_loop_free(f->loop);
    ahead_ns = 0;
    return 0;
}

static void set(struct fixture *f, int64_t delay_ns, uint64_t value)
{
    assert_ok(mio_event_loop_set_timeout(f->loop, delay_ns, mio_token_of(value),
                                         NULL));
}

static void turn(struct fixture *f)
{
    assert_true(mio_event_loop_turn(f->loop, 0, &handler, f) >= 0);
}

/* All that are due are called back, in their order, and none of the others. */
static void years_may_pass_between_turns(void **state)
{
    struct fixture *f = *state;
    set(f, 200 * YEAR_NS, 6);
    set(f, MIO_NS_PER_S, 1);
    set(f, 3600 * MIO_NS_PER_S, 2);
    set(f, 70 * YEAR_NS, 5);
    set(f, YEAR_NS, 3);
    set(f, 10 * YEAR_NS, 4);
    turn(f);
    assert_int_equal(f->fired_count, 0);
    leap(2 * YEAR_NS);
    turn(f);
    assert_int_equal(f->fired_count, 3);
    turn(f);
    assert_int_equal(f->fired_count, 3);
    leap(100 * YEAR_NS);
    turn(f);
    assert_int_equal(f->fired_count, 5);
    set(f, MIO_NS_PER_MS, 7);
    leap(MIO_NS_PER_S);
    turn(f);
    assert_int_equal(f->fired_count, 6);
    leap(99 * YEAR_NS);
    turn(f);
    const uint64_t expected[] = {1, 2, 3, 4, 5, 7, 6};
    assert_int_equal(f->fired_count, COUNT_OF(expected));
    assert_memory_equal(f->fired, expected, sizeof(expected));
}

/* Of every size alike: a millisecond as likely as a century. */
static int64_t some_time(struct sequence *random, unsigned bits_max)
{
    uint64_t bits = sequence_next(random) % bits_max + 1;
    return (int64_t)(sequence_next(random) >> (64 - bits));
}

struct appointment {
    int64_t earliest_ns; /* its deadline lies between */
    int64_t latest_ns;
    bool is_over;
};

static void take_those_that_fired(struct fixture *f,
                                  struct appointment *appointments,
                                  int64_t now_ns)
{
    for (size_t i = 0; i < f->fired_count; i++) {
        struct appointment *one = &appointments[f->fired[i]];
        assert_false(one->is_over);
        assert_true(one->earliest_ns <= now_ns); /* never early */
        one->is_over = true;
    }
    f->fired_count = 0;
}

static void leaps_of_any_size_find_what_is_due(void **state)
{
    struct fixture *f = *state;
    static struct appointment appointments[4000];
    struct sequence random = {0x9e3779b97f4a7c15};
    size_t count = 0;
    while (count < COUNT_OF(appointments)) {
        for (int i = 0; i < 10; i++, count++) {
            int64_t delay_ns = some_time(&random, 60);
            int64_t before_ns = mio_clock_monotonic_ns();
            if (delay_ns >= INT64_MAX - before_ns - 10 * YEAR_NS)
                delay_ns = 0;
            set(f, delay_ns, count);
            appointments[count] = (struct appointment){
                .earliest_ns = before_ns + delay_ns,
                .latest_ns = mio_clock_monotonic_ns() + delay_ns,
            };
        }
        leap(some_time(&random, 53));
        int64_t begin_ns = mio_clock_monotonic_ns();
        turn(f);
        take_those_that_fired(f, appointments, mio_clock_monotonic_ns());
        for (size_t i = 0; i < count; i++) /* never late */
            assert_true(appointments[i].is_over ||
                        appointments[i].latest_ns > begin_ns - MIO_TICK_NS);
    }
    assert_true(mio_clock_monotonic_ns() > YEAR_NS / 4);
}

static void the_end_of_time_is_like_any_other(void **state)
{
    struct fixture *f = *state;
    mio_key key;
    set(f, 100 * YEAR_NS, 1);
    leap_to_the_end(60 * MIO_NS_PER_S);
    turn(f);
    assert_int_equal(f->fired_count, 1);

    struct mio_event_loop *late;
    assert_ok(mio_event_loop_new(&late, NULL)); /* one may begin here */
    mio_event_loop_free(f->loop);
    f->loop = late;
    assert_code(MIO_EOVERFLOW,
                mio_event_loop_set_timeout(f->loop, 61 * MIO_NS_PER_S,
                                           mio_token_of(9), NULL));
    assert_code(MIO_EOVERFLOW, mio_event_loop_set_timeout(
                                   f->loop, INT64_MAX, mio_token_of(9), NULL));
    set(f, 2 * MIO_NS_PER_MS, 2);
    assert_ok(mio_event_loop_set_timeout(f->loop, 20 * MIO_NS_PER_S,
                                         mio_token_of(9), &key));
    set(f, 30 * MIO_NS_PER_S, 3);
    while (f->fired_count < 2)
        assert_true(mio_event_loop_turn(f->loop, MIO_FOREVER, &handler, f) >=
                    0);
    assert_true(mio_event_loop_clear_timeout(f->loop, key));
    leap(40 * MIO_NS_PER_S);
    turn(f);
    leap(INT64_MAX);
    turn(f); /* the clock stands still, the loop does not mind */
    assert_int_equal(f->fired_count, 3);
    assert_int_equal(f->fired[1], 2);
    assert_int_equal(f->fired[2], 3);
    assert_code(MIO_EOVERFLOW,
                mio_event_loop_set_timeout(f->loop, 0, mio_token_of(9), NULL));
    assert_int_equal(mio_event_loop_turn(f->loop, MIO_NS_PER_MS, &handler, f),
                     0);
}

/* --- waits ---------------------------------------------------------------- */

static void *wake(void *arg)
{
    assert_ok(mio_waker_wake(arg));
    return NULL;
}

static void waits_begin_and_end_at_any_time(void **state)
{
    (void)state;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_waker *waker;
    const int64_t left_ns[] = {INT64_MAX / 2, YEAR_NS, MIO_NS_PER_S,
                               MIO_NS_PER_MS, 0};
    const int64_t timeouts_ns[] = {MIO_FOREVER, 20 * MIO_NS_PER_S, YEAR_NS,
                                   INT64_MAX - 1, INT64_MAX};
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_events_new(&events, 4));
    assert_ok(mio_waker_new(&waker, poll, mio_token_of(1)));
    for (size_t i = 0; i < COUNT_OF(left_ns); i++) {
        leap_to_the_end(left_ns[i]);
        assert_int_equal(wait_on(poll, events, 0), 0);
        for (size_t j = 0; j < COUNT_OF(timeouts_ns); j++) {
            pthread_t thread;
            assert_int_equal(pthread_create(&thread, NULL, wake, waker), 0);
            assert_int_equal(wait_on(poll, events, timeouts_ns[j]), 1);
            pthread_join(thread, NULL);
        }
    }
    mio_waker_free(waker);
    mio_events_free(events);
    mio_poll_free(poll);
}

static void a_wait_during_which_years_pass_ends(void **state)
{
    struct fixture *f = *state;
    leap_to_the_end(10 * YEAR_NS);
    assert_int_equal(
        mio_event_loop_turn(f->loop, 2 * MIO_NS_PER_MS, &handler, f), 0);
    set(f, MIO_NS_PER_MS, 1);
    leap(9 * YEAR_NS);
    /* Its time to wait would be negative. */
    while (f->fired_count == 0)
        assert_true(mio_event_loop_turn(f->loop, MIO_FOREVER, &handler, f) >=
                    0);
    assert_int_equal(f->fired_count, 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_counts_to_its_end_and_no_further),
        TEST(years_may_pass_between_turns),
        TEST(leaps_of_any_size_find_what_is_due),
        TEST(the_end_of_time_is_like_any_other),
        TEST(waits_begin_and_end_at_any_time),
        TEST(a_wait_during_which_years_pass_ends),
    };
    return cmocka_run_group_tests_name("storm/clock", tests, NULL, NULL);
}
