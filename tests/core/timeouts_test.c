/* SPDX-License-Identifier: MIT
 *
 * tests/core/timeouts_test.c - the timers of an event loop: never early, never
 * twice, by the million, in the memory that it began with. */
#include <stdlib.h>

#include "core/event_loop.h"
#include "tests/core/check.h"

/* After set-up nobody may allocate. */
static size_t allocations_count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations_count++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations_count++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    allocations_count++;
    return __real_realloc(memory, size);
}

struct fixture {
    struct mio_event_loop *loop;
    uint64_t fired[64];
    size_t fired_count;
    size_t fired_max; /* then shut down; 0: never */
    mio_key key;
    int64_t due_ns;
};

static void fire(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct fixture *f = ctx;
    if (f->fired_count < COUNT_OF(f->fired))
        f->fired[f->fired_count] = token.value;
    if (++f->fired_count == f->fired_max)
        mio_event_loop_shutdown(loop);
}

static const struct mio_handler handler = {.timeout = fire};

static void open_loop(struct fixture *f, uint32_t timers_max)
{
    struct mio_event_loop_options options = {.timers_max = timers_max};
    *f = (struct fixture){.loop = NULL};
    assert_ok(mio_event_loop_new(&f->loop, &options));
}

static mio_key set(struct fixture *f, int64_t delay_ns, uint64_t value)
{
    mio_key key = MIO_NO_KEY;
    assert_ok(mio_event_loop_set_timeout(f->loop, delay_ns, mio_token_of(value),
                                         &key));
    assert_true(key != MIO_NO_KEY);
    return key;
}

static void run_until(struct fixture *f, size_t count)
{
    f->fired_max = count;
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_int_equal(f->fired_count, count);
}

static int turn(struct fixture *f, int64_t timeout_ns)
{
    return mio_event_loop_turn(f->loop, timeout_ns, &handler, f);
}

static void a_timeout_ends_the_wait_and_is_never_early(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0);
    for (size_t i = 1; i <= 20; i++) {
        int64_t delay_ns = (int64_t)i * 300 * MIO_NS_PER_US;
        int64_t before_ns = mio_clock_monotonic_ns();
        set(&f, delay_ns, i);
        run_until(&f, i);
        assert_true(mio_clock_monotonic_ns() - before_ns >= delay_ns);
        assert_int_equal(f.fired[i - 1], i);
    }
    assert_int_equal(turn(&f, 0), 0);
    mio_event_loop_free(f.loop);
}

static void a_turn_waits_no_longer_than_it_was_told(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0);
    set(&f, INT64_C(86400) * MIO_NS_PER_S, 1);
    assert_int_equal(turn(&f, MIO_NS_PER_MS), 0);
    assert_int_equal(turn(&f, 0), 0);
    mio_event_loop_free(f.loop);
}

/* Two levels of the wheel. Each begins when it is set: false if that took so
 * long that their order may be another. */
static bool set_in_disorder(struct fixture *f)
{
    int64_t begin_ns = mio_clock_monotonic_ns();
    set(f, 90 * MIO_NS_PER_MS, 5);
    set(f, 6 * MIO_NS_PER_MS, 2);
    set(f, 30 * MIO_NS_PER_MS, 4);
    set(f, 0, 1);
    set(f, 12 * MIO_NS_PER_MS, 3);
    return mio_clock_monotonic_ns() - begin_ns < 4 * MIO_NS_PER_MS;
}

static void timeouts_come_in_the_order_of_their_deadlines(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0);
    while (!set_in_disorder(&f)) {
        mio_event_loop_free(f.loop);
        open_loop(&f, 0);
    }
    run_until(&f, 5);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(f.fired[i], i + 1);
    mio_event_loop_free(f.loop);
}

static void a_loop_that_slept_too_long_catches_up_in_one_turn(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0);
    for (uint64_t i = 1; i <= 10; i++)
        set(&f, (int64_t)i * MIO_NS_PER_MS, i);
    int64_t until_ns = mio_clock_monotonic_ns() + 12 * MIO_NS_PER_MS;
    while (mio_clock_monotonic_ns() < until_ns)
        ;
    assert_int_equal(turn(&f, MIO_FOREVER), 10);
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(f.fired[i], i + 1);
    mio_event_loop_free(f.loop);
}

static void a_cleared_timeout_never_fires_and_is_cleared_once(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0);
    mio_key first = set(&f, MIO_NS_PER_MS, 1);
    mio_key second = set(&f, MIO_NS_PER_MS, 2);
    mio_key third = set(&f, MIO_NS_PER_MS, 3);
    assert_true(mio_event_loop_clear_timeout(f.loop, second));
    assert_false(mio_event_loop_clear_timeout(f.loop, second));
    run_until(&f, 2);
    assert_int_equal(f.fired[0], 1);
    assert_int_equal(f.fired[1], 3);
    assert_false(mio_event_loop_clear_timeout(f.loop, first));
    assert_false(mio_event_loop_clear_timeout(f.loop, third));
    assert_false(mio_event_loop_clear_timeout(f.loop, MIO_NO_KEY));
    assert_false(mio_event_loop_clear_timeout(f.loop, UINT64_MAX));
    mio_event_loop_free(f.loop);
}

static void an_old_key_does_not_clear_who_has_its_place_now(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 1);
    mio_key cleared = set(&f, 0, 1);
    assert_true(mio_event_loop_clear_timeout(f.loop, cleared));
    mio_key fired = set(&f, 0, 2);
    run_until(&f, 1);
    mio_key lives = set(&f, 0, 3);
    assert_false(mio_event_loop_clear_timeout(f.loop, cleared));
    assert_false(mio_event_loop_clear_timeout(f.loop, fired));
    assert_false(mio_event_loop_clear_timeout(f.loop, lives + 1));
    assert_true(mio_event_loop_clear_timeout(f.loop, lives));
    mio_event_loop_free(f.loop);
}

static void clear_other(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct fixture *f = ctx;
    fire(ctx, loop, token);
    assert_true(mio_event_loop_clear_timeout(loop, f->key));
}

static void one_that_is_due_can_still_be_cleared_by_another(void **state)
{
    (void)state;
    struct fixture f;
    static const struct mio_handler clearing = {.timeout = clear_other};
    open_loop(&f, 0);
    set(&f, 0, 1);
    f.key = set(&f, 0, 2);
    int64_t until_ns = mio_clock_monotonic_ns() + 5 * MIO_NS_PER_MS;
    while (mio_clock_monotonic_ns() < until_ns)
        ;
    assert_int_equal(mio_event_loop_turn(f.loop, 0, &clearing, &f), 1);
    assert_int_equal(f.fired[0], 1);
    assert_int_equal(turn(&f, 0), 0);
    mio_event_loop_free(f.loop);
}

static void set_again(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct fixture *f = ctx;
    fire(ctx, loop, token);
    /* Its own place is free already, and its own key old. */
    assert_false(mio_event_loop_clear_timeout(loop, f->key));
    assert_ok(mio_event_loop_set_timeout(loop, 0, token, &f->key));
}

static void one_that_sets_itself_anew_waits_for_the_next_turn(void **state)
{
    (void)state;
    struct fixture f;
    static const struct mio_handler setting = {.timeout = set_again};
    open_loop(&f, 1);
    f.key = set(&f, 0, 1);
    for (int i = 1; i <= 5; i++) {
        while (f.fired_count < (size_t)i)
            assert_true(
                mio_event_loop_turn(f.loop, MIO_FOREVER, &setting, &f) <= 1);
        assert_int_equal(f.fired_count, i);
    }
    mio_event_loop_free(f.loop);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    mio_token token = mio_token_of(1);
    open_loop(&f, 2);
    assert_code(MIO_EINVAL,
                mio_event_loop_set_timeout(f.loop, MIO_FOREVER, token, NULL));
    assert_code(MIO_EOVERFLOW,
                mio_event_loop_set_timeout(f.loop, INT64_MAX, token, NULL));
    assert_code(MIO_EOVERFLOW,
                mio_event_loop_set_timeout(
                    f.loop, INT64_MAX - mio_clock_monotonic_ns(), token, NULL));
    /* None of them took a place; a century is nothing special. */
    assert_ok(mio_event_loop_set_timeout(
        f.loop, INT64_C(36500) * 86400 * MIO_NS_PER_S, token, NULL));
    mio_key key = set(&f, 0, 2);
    assert_code(MIO_EFULL, mio_event_loop_set_timeout(f.loop, 0, token, NULL));
    assert_true(mio_event_loop_clear_timeout(f.loop, key));
    set(&f, 0, 3);
    run_until(&f, 1);
    assert_int_equal(f.fired[0], 3);
    mio_event_loop_free(f.loop);
}

#define MANY 1000000

static void a_million_are_set_cleared_and_fired_without_allocating(void **state)
{
    (void)state;
    struct fixture f;
    static mio_key keys[MANY];
    struct sequence sequence = {.state = 7};
    open_loop(&f, MANY);
    size_t before = allocations_count;
    assert_true(before > 0);
    for (size_t i = 0; i < MANY; i++)
        keys[i] =
            set(&f, (int64_t)(sequence_next(&sequence) % MIO_NS_PER_S), i);
    assert_code(MIO_EFULL,
                mio_event_loop_set_timeout(f.loop, 0, mio_token_of(1), NULL));
    size_t cleared_count = 0;
    for (size_t i = 0; i < MANY; i++)
        if (sequence_next(&sequence) % 2 == 0) {
            assert_true(mio_event_loop_clear_timeout(f.loop, keys[i]));
            cleared_count++;
        }
    for (size_t i = 0; i < cleared_count; i++)
        set(&f, (int64_t)(sequence_next(&sequence) % (MIO_NS_PER_S / 10)), i);
    run_until(&f, MANY);
    assert_int_equal(turn(&f, 0), 0);
    assert_int_equal(allocations_count, before);
    mio_event_loop_free(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeout_ends_the_wait_and_is_never_early),
        cmocka_unit_test(a_turn_waits_no_longer_than_it_was_told),
        cmocka_unit_test(timeouts_come_in_the_order_of_their_deadlines),
        cmocka_unit_test(a_loop_that_slept_too_long_catches_up_in_one_turn),
        cmocka_unit_test(a_cleared_timeout_never_fires_and_is_cleared_once),
        cmocka_unit_test(an_old_key_does_not_clear_who_has_its_place_now),
        cmocka_unit_test(one_that_is_due_can_still_be_cleared_by_another),
        cmocka_unit_test(one_that_sets_itself_anew_waits_for_the_next_turn),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(
            a_million_are_set_cleared_and_fired_without_allocating),
    };
    return cmocka_run_group_tests_name("timeouts", tests, NULL, NULL);
}
