/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/timer_test.c - timeouts of a loop, and the wheel below,
 * which is told the time. */
#include "core/timer_wheel.h"

#include <dirent.h>

#include "tests/conformance/loop_case.h"

#define START_NS (INT64_C(1000) * MIO_TICK_NS)
#define HOUR_NS (3600 * MIO_NS_PER_S)

/* A wheel, and what came due, a letter each. */
struct wheel {
    struct mio_timer_wheel wheel;
    struct mio_timer timers[5]; /* A to E */
};

#define CASE_WHEEL(function)                                                   \
    cmocka_unit_test_setup_teardown(function, wheel_setup, NULL)

static int wheel_setup(void **state)
{
    static struct wheel w;
    alarm(HANGS_S);
    mio_timer_wheel_init(&w.wheel, START_NS);
    for (size_t i = 0; i < COUNT_OF(w.timers); i++)
        mio_timer_init(&w.timers[i]);
    *state = &w;
    return 0;
}

/* `name` is due so many ticks after the start. */
static void set(struct wheel *w, char name, int64_t ticks)
{
    mio_timer_wheel_insert(&w->wheel, &w->timers[name - 'A'],
                           START_NS + ticks * MIO_TICK_NS);
}

static bool clear(struct wheel *w, char name)
{
    return mio_timer_wheel_cancel(&w->wheel, &w->timers[name - 'A']);
}

static char take(struct wheel *w)
{
    struct mio_timer *timer = mio_timer_wheel_take(&w->wheel);
    return timer != NULL ? (char)('A' + (timer - w->timers)) : '\0';
}

static void assert_due(struct wheel *w, int64_t ticks, const char *expected)
{
    char due[8] = "";
    size_t count = 0;
    mio_timer_wheel_advance(&w->wheel, START_NS + ticks * MIO_TICK_NS);
    while ((due[count] = take(w)) != '\0')
        count++;
    assert_string_equal(due, expected);
}

/* --- of a loop ------------------------------------------------------------ */

static void timer_timeout(void **state)
{
    struct loop_case *c = *state;
    for (int64_t delay_ns = 1; delay_ns < 5 * MIO_NS_PER_MS;
         delay_ns += MIO_NS_PER_MS * 9 / 10) {
        int64_t due_ns = mio_clock_monotonic_ns() + delay_ns;
        assert_ok(mio_event_loop_set_timeout(
            c->loop, delay_ns, mio_token_of((uint64_t)delay_ns), NULL));
        while (loop_case_turn(c, MIO_FOREVER) == 0)
            ;
        assert_true(mio_clock_monotonic_ns() >= due_ns);
        assert_int_equal(c->timeout.value, delay_ns);
    }
}

static void timer_error(void **state)
{
    struct loop_case *c = *state;
    mio_key key = 1;
    assert_code(MIO_EOVERFLOW,
                mio_event_loop_set_timeout(c->loop, INT64_MAX, A, &key));
    assert_code(MIO_EINVAL, mio_event_loop_set_timeout(c->loop, -1, A, &key));
    assert_int_equal(key, 1);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void timer_clear_timeout(void **state)
{
    struct loop_case *c = *state;
    mio_key first;
    mio_key second;
    assert_ok(mio_event_loop_set_timeout(c->loop, 0, A, &first));
    assert_true(mio_event_loop_clear_timeout(c->loop, first));
    assert_false(mio_event_loop_clear_timeout(c->loop, first));
    /* It has the first one's place, not its key. */
    assert_ok(mio_event_loop_set_timeout(c->loop, 0, B, &second));
    assert_false(mio_event_loop_clear_timeout(c->loop, first));
    while (loop_case_turn(c, MIO_FOREVER) == 0)
        ;
    assert_int_equal(c->timeout.value, B.value);
    assert_false(mio_event_loop_clear_timeout(c->loop, second));
    assert_false(mio_event_loop_clear_timeout(c->loop, MIO_NO_KEY));
}

static void set_another(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    loop_case_timeout(ctx, loop, token);
    assert_ok(mio_event_loop_set_timeout(loop, 0, token, NULL));
}

static void timer_of_zero_waits_for_the_next_turn(void **state)
{
    struct loop_case *c = *state;
    struct mio_handler handler = loop_case_handler;
    handler.timeout = set_another;
    handler.tick = NULL;
    loop_case_be_due(c, A);
    for (int i = 0; i < 3; i++) {
        while (c->calls_count == 0)
            (void)!mio_event_loop_turn(c->loop, MIO_FOREVER, &handler, c);
        assert_calls(c, "t");
    }
}

static void clear_the_other(void *ctx, struct mio_event_loop *loop,
                            mio_token token)
{
    mio_key *keys = ctx;
    assert_true(mio_event_loop_clear_timeout(loop, keys[1 - token.value]));
    keys[2]++;
}

static void timer_cleared_by_one_of_its_turn(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.timeout = clear_the_other};
    mio_key keys[3] = {0};
    for (uint64_t i = 0; i < 2; i++)
        assert_ok(
            mio_event_loop_set_timeout(c->loop, 0, mio_token_of(i), &keys[i]));
    int64_t until_ns = mio_clock_monotonic_ns() + 2 * MIO_TICK_NS;
    while (mio_clock_monotonic_ns() < until_ns)
        ;
    assert_int_equal(mio_event_loop_turn(c->loop, 0, &handler, keys), 1);
    assert_int_equal(mio_event_loop_turn(c->loop, 0, &handler, keys), 0);
    assert_int_equal(keys[2], 1);
}

/* --- the wheel ------------------------------------------------------------ */

static void timer_rounds_up(void **state)
{
    struct wheel *w = *state;
    mio_timer_wheel_insert(&w->wheel, &w->timers[0], START_NS + 1);
    mio_timer_wheel_advance(&w->wheel, START_NS + MIO_TICK_NS - 1);
    assert_int_equal(take(w), '\0');
    assert_due(w, 1, "A");
}

static void timer_of_the_past_waits_for_the_next_look(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 1);
    mio_timer_wheel_advance(&w->wheel, START_NS + 2 * MIO_TICK_NS);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(take(w), 'A');
        set(w, 'A', 0);
        assert_int_equal(take(w), '\0');
        mio_timer_wheel_advance(&w->wheel, START_NS + 2 * MIO_TICK_NS);
    }
}

static void timer_same_tick_order(void **state)
{
    struct wheel *w = *state;
    set(w, 'C', 5);
    set(w, 'A', 5);
    set(w, 'B', 5);
    assert_due(w, 5, "CAB");
}

static void timer_next_tick(void **state)
{
    struct wheel *w = *state;
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel), MIO_NO_DEADLINE);
    set(w, 'A', 7);
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel),
                     START_NS + 7 * MIO_TICK_NS);
    set(w, 'B', 3);
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel),
                     START_NS + 3 * MIO_TICK_NS);
    assert_due(w, 3, "B");
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel),
                     START_NS + 7 * MIO_TICK_NS);
    assert_due(w, 7, "A");
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel), MIO_NO_DEADLINE);
}

static void timer_clearing(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 2);
    set(w, 'B', 2);
    set(w, 'C', 2);
    assert_true(clear(w, 'B'));
    assert_false(clear(w, 'B'));
    assert_false(mio_timer_is_armed(&w->timers[1]));
    assert_due(w, 2, "AC");
    assert_false(clear(w, 'A'));
}

static void timer_multiple_timeouts_same_tick(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 2);
    set(w, 'B', 2);
    assert_due(w, 1, "");
    assert_due(w, 2, "AB");
    assert_due(w, 3, "");
}

static void timer_multiple_timeouts_diff_tick(void **state)
{
    struct wheel *w = *state;
    set(w, 'B', 4);
    set(w, 'A', 2);
    set(w, 'C', 4);
    set(w, 'D', 5);
    assert_due(w, 2, "A");
    assert_due(w, 3, "");
    assert_due(w, 4, "BC");
    assert_due(w, 5, "D");
}

static void timer_catching_up(void **state)
{
    struct wheel *w = *state;
    set(w, 'C', 4000);
    set(w, 'A', 2);
    set(w, 'E', 300000);
    set(w, 'B', 70);
    set(w, 'D', 4001);
    assert_due(w, 299999, "ABCD");
    assert_due(w, 300000, "E");
}

/* One slot's worth apart on each level. */
static void timer_hash_collision(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 1);
    set(w, 'B', 1 + 64);
    set(w, 'C', 1 + 64 * 64);
    set(w, 'D', 1 + 64 * 64 * 64);
    assert_due(w, 1, "A");
    assert_due(w, 64, "");
    assert_due(w, 1 + 64, "B");
    assert_due(w, 64 * 64, "");
    assert_due(w, 1 + 64 * 64, "C");
    assert_due(w, 64 * 64 * 64, "");
    assert_due(w, 1 + 64 * 64 * 64, "D");
}

static void timer_clearing_between_triggers(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 2);
    set(w, 'B', 2);
    set(w, 'C', 2);
    mio_timer_wheel_advance(&w->wheel, START_NS + 2 * MIO_TICK_NS);
    assert_int_equal(take(w), 'A');
    assert_true(clear(w, 'B'));
    assert_int_equal(take(w), 'C');
    assert_int_equal(take(w), '\0');
}

/* --- the timer of Mio 0.6, a source with a thread there ------------------- */

static void timer_poll_without(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 1);
    assert_due(w, 0, "");
    assert_due(w, 1, "A");
    assert_due(w, 1, "");
}

static void timer_poll_set_timeout_first(void **state)
{
    struct loop_case *c = *state;
    loop_case_be_due(c, A);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(c->timeout.value, A.value);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void set_at_ready(void *ctx, struct mio_event_loop *loop,
                         const struct mio_event *event)
{
    loop_case_ready(ctx, loop, event);
    assert_ok(
        mio_event_loop_set_timeout(loop, MIO_NS_PER_MS, event->token, NULL));
}

static void stop_at_timeout(void *ctx, struct mio_event_loop *loop,
                            mio_token token)
{
    loop_case_timeout(ctx, loop, token);
    mio_event_loop_shutdown(loop);
}

static void timer_poll_set_timeout_after(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.ready = set_at_ready,
                                               .timeout = stop_at_timeout};
    loop_case_watch(c, B, MIO_WRITABLE, MIO_EDGE);
    assert_ok(mio_event_loop_run(c->loop, &handler, c));
    assert_calls(c, "rt");
    assert_int_equal(c->timeout.value, B.value);
}

static void timer_poll_later_timeout_then_earlier_one(void **state)
{
    struct loop_case *c = *state;
    assert_ok(mio_event_loop_set_timeout(c->loop, HOUR_NS, A, NULL));
    assert_ok(mio_event_loop_set_timeout(c->loop, MIO_NS_PER_MS, B, NULL));
    while (loop_case_turn(c, MIO_FOREVER) == 0)
        ;
    assert_int_equal(c->timeout.value, B.value);
}

static void timer_poll_looping_wheel(void **state)
{
    struct wheel *w = *state;
    for (int64_t tick = 0; tick < 5000; tick += 3) {
        set(w, 'A', tick + 3);
        assert_due(w, tick + 2, "");
        assert_due(w, tick + 3, "A");
    }
}

static void timer_poll_edge_without_polling(void **state)
{
    struct loop_case *c = *state;
    loop_case_be_due(c, A);
    loop_case_be_due(c, B);
    assert_int_equal(loop_case_turn(c, 0), 2);
    assert_calls(c, "tt.");
    assert_int_equal(c->timeout.value, B.value);
}

static void timer_poll_level_triggered(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 1);
    set(w, 'B', 1);
    mio_timer_wheel_advance(&w->wheel, START_NS + MIO_TICK_NS);
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel), 0);
    assert_int_equal(take(w), 'A');
    assert_int_equal(mio_timer_wheel_deadline(&w->wheel), 0);
    assert_due(w, 2, "B");
}

static void timer_poll_edge_oneshot_triggered(void **state)
{
    struct wheel *w = *state;
    set(w, 'A', 1);
    assert_due(w, 1, "A");
    assert_false(mio_timer_is_armed(&w->timers[0]));
    assert_due(w, 5000, "");
    set(w, 'A', 5001);
    assert_due(w, 5001, "A");
}

static int threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    int count = 0;
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void timer_poll_needs_no_thread(void **state)
{
    struct loop_case *c = *state;
    int before = threads();
    loop_case_be_due(c, A);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(threads(), before);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_LOOP(timer_timeout),
        CASE_LOOP(timer_error),
        CASE_LOOP(timer_clear_timeout),
        CASE_LOOP(timer_of_zero_waits_for_the_next_turn),
        CASE_LOOP(timer_cleared_by_one_of_its_turn),
        CASE_WHEEL(timer_rounds_up),
        CASE_WHEEL(timer_of_the_past_waits_for_the_next_look),
        CASE_WHEEL(timer_same_tick_order),
        CASE_WHEEL(timer_next_tick),
        CASE_WHEEL(timer_clearing),
        CASE_WHEEL(timer_multiple_timeouts_same_tick),
        CASE_WHEEL(timer_multiple_timeouts_diff_tick),
        CASE_WHEEL(timer_catching_up),
        CASE_WHEEL(timer_hash_collision),
        CASE_WHEEL(timer_clearing_between_triggers),
        CASE_WHEEL(timer_poll_without),
        CASE_LOOP(timer_poll_set_timeout_first),
        CASE_LOOP(timer_poll_set_timeout_after),
        CASE_LOOP(timer_poll_later_timeout_then_earlier_one),
        CASE_WHEEL(timer_poll_looping_wheel),
        CASE_LOOP(timer_poll_edge_without_polling),
        CASE_WHEEL(timer_poll_level_triggered),
        CASE_WHEEL(timer_poll_edge_oneshot_triggered),
        CASE_LOOP(timer_poll_needs_no_thread),
    };
    return cmocka_run_group_tests_name("timer", cases, NULL, NULL);
}
