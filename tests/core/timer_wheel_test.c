/* SPDX-License-Identifier: MIT
 *
 * tests/core/timer_wheel_test.c - the wheel, and beside it a model that looks
 * at every timer. */
#include "core/timer_wheel.h"

#include "tests/core/check.h"

#define TICK MIO_TICK_NS

static struct mio_timer_wheel wheel;

static int setup(void **state)
{
    (void)state;
    mio_timer_wheel_init(&wheel, 0);
    return 0;
}

static void assert_fires(struct mio_timer *timer, int64_t not_at, int64_t at)
{
    mio_timer_wheel_advance(&wheel, not_at);
    assert_null(mio_timer_wheel_take(&wheel));
    assert_true(mio_timer_is_armed(timer));
    mio_timer_wheel_advance(&wheel, at);
    assert_ptr_equal(mio_timer_wheel_take(&wheel), timer);
    assert_false(mio_timer_is_armed(timer));
    assert_null(mio_timer_wheel_take(&wheel));
}

static void a_timer_is_never_early(void **state)
{
    (void)state;
    struct mio_timer timer;
    mio_timer_init(&timer);
    assert_false(mio_timer_is_armed(&timer));
    mio_timer_wheel_insert(&wheel, &timer, 5 * TICK + 1);
    assert_fires(&timer, 6 * TICK - 1, 6 * TICK);
    mio_timer_wheel_insert(&wheel, &timer, 9 * TICK);
    assert_fires(&timer, 9 * TICK - 1, 9 * TICK);
}

static void every_level_holds_a_timer_until_its_tick(void **state)
{
    (void)state;
    int64_t now_tick = 0;
    for (int bit = 0; bit < 42; bit++) {
        struct mio_timer timer;
        mio_timer_init(&timer);
        int64_t tick = now_tick + (INT64_C(1) << bit);
        mio_timer_wheel_insert(&wheel, &timer, tick * TICK);
        int64_t deadline = mio_timer_wheel_deadline(&wheel);
        assert_true(deadline <= tick * TICK && deadline > 0);
        assert_fires(&timer, tick * TICK - 1, tick * TICK);
        now_tick = tick;
    }
}

static void what_is_due_already_fires_at_the_next_advance(void **state)
{
    (void)state;
    struct mio_timer timer;
    mio_timer_init(&timer);
    mio_timer_wheel_advance(&wheel, 100 * TICK);
    const int64_t past[] = {INT64_MIN, -1, 0, 99 * TICK, 100 * TICK};
    for (size_t i = 0; i < COUNT_OF(past); i++) {
        mio_timer_wheel_insert(&wheel, &timer, past[i]);
        /* Not at once: who arms anew while taking would never end. */
        assert_null(mio_timer_wheel_take(&wheel));
        assert_true(mio_timer_wheel_deadline(&wheel) <= 100 * TICK);
        mio_timer_wheel_advance(&wheel, 100 * TICK);
        assert_int_equal(mio_timer_wheel_deadline(&wheel), 0);
        assert_ptr_equal(mio_timer_wheel_take(&wheel), &timer);
    }
}

static void a_timer_can_be_moved_and_cancelled(void **state)
{
    (void)state;
    struct mio_timer timer;
    mio_timer_init(&timer);
    assert_false(mio_timer_wheel_cancel(&wheel, &timer));
    mio_timer_wheel_insert(&wheel, &timer, 10 * TICK);
    mio_timer_wheel_insert(&wheel, &timer, 5000 * TICK);
    assert_fires(&timer, 4999 * TICK, 5000 * TICK);

    mio_timer_wheel_insert(&wheel, &timer, 6000 * TICK);
    assert_true(mio_timer_wheel_cancel(&wheel, &timer));
    assert_false(mio_timer_wheel_cancel(&wheel, &timer));
    assert_int_equal(mio_timer_wheel_deadline(&wheel), MIO_NO_DEADLINE);

    /* Due, but not taken. */
    mio_timer_wheel_insert(&wheel, &timer, 6000 * TICK);
    mio_timer_wheel_advance(&wheel, 6000 * TICK);
    assert_true(mio_timer_wheel_cancel(&wheel, &timer));
    assert_null(mio_timer_wheel_take(&wheel));
    mio_timer_wheel_insert(&wheel, &timer, 6001 * TICK);
    mio_timer_wheel_advance(&wheel, 6001 * TICK);
    mio_timer_wheel_insert(&wheel, &timer, 6002 * TICK);
    assert_null(mio_timer_wheel_take(&wheel));
    assert_true(mio_timer_is_armed(&timer));
}

static void no_deadline_never_comes(void **state)
{
    (void)state;
    struct mio_timer timer;
    mio_timer_init(&timer);
    mio_timer_wheel_insert(&wheel, &timer, MIO_NO_DEADLINE);
    assert_true(mio_timer_is_armed(&timer));
    mio_timer_wheel_advance(&wheel, MIO_NO_DEADLINE);
    assert_null(mio_timer_wheel_take(&wheel));
    assert_int_equal(mio_timer_wheel_deadline(&wheel), MIO_NO_DEADLINE);
    assert_true(mio_timer_wheel_cancel(&wheel, &timer));
}

static void time_that_goes_back_is_ignored(void **state)
{
    (void)state;
    struct mio_timer timer;
    mio_timer_init(&timer);
    mio_timer_wheel_advance(&wheel, 1000 * TICK);
    mio_timer_wheel_insert(&wheel, &timer, 1010 * TICK);
    mio_timer_wheel_advance(&wheel, 5 * TICK);
    mio_timer_wheel_advance(&wheel, -1);
    assert_fires(&timer, 1009 * TICK, 1010 * TICK);
}

static void timers_of_one_tick_fire_in_the_order_they_were_armed(void **state)
{
    (void)state;
    struct mio_timer timers[5];
    for (size_t i = 0; i < COUNT_OF(timers); i++) {
        mio_timer_init(&timers[i]);
        mio_timer_wheel_insert(&wheel, &timers[i], 7777 * TICK);
    }
    mio_timer_wheel_advance(&wheel, 8000 * TICK);
    for (size_t i = 0; i < COUNT_OF(timers); i++)
        assert_ptr_equal(mio_timer_wheel_take(&wheel), &timers[i]);
}

static void a_long_sleep_is_one_step(void **state)
{
    (void)state;
    /* 290 years in one advance: were it a step per tick, this would hang. */
    struct mio_timer timer;
    mio_timer_init(&timer);
    mio_timer_wheel_insert(&wheel, &timer, INT64_MAX / 2);
    assert_fires(&timer, INT64_MAX / 2 - TICK, INT64_MAX - TICK);
}

/* The model: what is armed, with its deadline; time in ticks. */
#define TIMERS_COUNT 200

struct model {
    struct mio_timer timers[TIMERS_COUNT];
    int64_t ticks[TIMERS_COUNT]; /* -1: not armed */
    int64_t now;                 /* ns */
};

static int64_t random_span(struct sequence *random)
{
    /* All magnitudes alike, from nothing to years. */
    unsigned bits = (unsigned)(sequence_next(random) % 58);
    return (int64_t)(sequence_next(random) & ((UINT64_C(1) << bits) - 1));
}

static void model_insert(struct model *model, struct sequence *random)
{
    size_t i = sequence_next(random) % TIMERS_COUNT;
    int64_t deadline = model->now + random_span(random);
    mio_timer_wheel_insert(&wheel, &model->timers[i], deadline);
    model->ticks[i] = deadline / TICK + (deadline % TICK != 0);
}

static void model_cancel(struct model *model, struct sequence *random)
{
    size_t i = sequence_next(random) % TIMERS_COUNT;
    assert_int_equal(mio_timer_wheel_cancel(&wheel, &model->timers[i]),
                     model->ticks[i] >= 0);
    model->ticks[i] = -1;
}

static int64_t model_earliest(const struct model *model)
{
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < TIMERS_COUNT; i++) {
        if (model->ticks[i] >= 0 && model->ticks[i] < earliest)
            earliest = model->ticks[i];
    }
    return earliest;
}

/* To a random time, or just where the wheel wants to be looked at again. */
static void model_advance(struct model *model, struct sequence *random)
{
    int64_t earliest = model_earliest(model);
    int64_t deadline = mio_timer_wheel_deadline(&wheel);
    assert_int_equal(deadline == MIO_NO_DEADLINE, earliest == INT64_MAX);
    if (earliest != INT64_MAX)
        assert_true(deadline / TICK <= earliest);

    int64_t target = model->now + random_span(random);
    if (deadline != MIO_NO_DEADLINE && sequence_next(random) % 2 == 0)
        target = deadline > model->now ? deadline : model->now;
    model->now = target;
    mio_timer_wheel_advance(&wheel, target);

    struct mio_timer *timer;
    while ((timer = mio_timer_wheel_take(&wheel)) != NULL) {
        size_t i = (size_t)(timer - model->timers);
        assert_true(i < TIMERS_COUNT);
        assert_true(model->ticks[i] >= 0);
        assert_true(model->ticks[i] <= target / TICK);
        model->ticks[i] = -1;
    }
    assert_true(model_earliest(model) > target / TICK);
}

static void any_sequence_does_what_the_model_does(void **state)
{
    (void)state;
    static struct model model;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sequence random = {seed * 0x9e3779b97f4a7c15};
        model.now = random_span(&random);
        mio_timer_wheel_init(&wheel, model.now);
        for (size_t i = 0; i < TIMERS_COUNT; i++) {
            mio_timer_init(&model.timers[i]);
            model.ticks[i] = -1;
        }
        for (int step = 0; step < 5000 && model.now < INT64_MAX / 4; step++) {
            uint64_t what = sequence_next(&random) % 16;
            if (what < 10)
                model_insert(&model, &random);
            else if (what < 13)
                model_cancel(&model, &random);
            else
                model_advance(&model, &random);
        }
    }
}

static void ticks_come_in_order(void **state)
{
    (void)state;
    static struct mio_timer timers[TIMERS_COUNT];
    static int64_t ticks[TIMERS_COUNT];
    struct sequence random = {42};
    for (int round = 0; round < 50; round++) {
        mio_timer_wheel_init(&wheel, 0);
        for (size_t i = 0; i < TIMERS_COUNT; i++) {
            ticks[i] = random_span(&random) / TICK;
            mio_timer_init(&timers[i]);
            mio_timer_wheel_insert(&wheel, &timers[i], ticks[i] * TICK);
        }
        mio_timer_wheel_advance(&wheel, INT64_C(1) << 58);
        int64_t before = 0;
        for (size_t i = 0; i < TIMERS_COUNT; i++) {
            struct mio_timer *timer = mio_timer_wheel_take(&wheel);
            assert_non_null(timer);
            int64_t tick = ticks[timer - timers];
            assert_true(tick >= before);
            before = tick;
        }
        assert_null(mio_timer_wheel_take(&wheel));
    }
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_timer_is_never_early),
        TEST(every_level_holds_a_timer_until_its_tick),
        TEST(what_is_due_already_fires_at_the_next_advance),
        TEST(a_timer_can_be_moved_and_cancelled),
        TEST(no_deadline_never_comes),
        TEST(time_that_goes_back_is_ignored),
        TEST(timers_of_one_tick_fire_in_the_order_they_were_armed),
        TEST(a_long_sleep_is_one_step),
        TEST(any_sequence_does_what_the_model_does),
        TEST(ticks_come_in_order),
    };
    return cmocka_run_group_tests_name("core/timer_wheel", tests, NULL, NULL);
}
