/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/timer_test.c - timers of actors: never early, in order, and not
 * at all once cancelled. How late they are is not asserted. */
#include "tests/runtime/fixture.h"

#include "core/clock.h"

#define TIMERS 20

struct clockwork {
    struct mio_actor_timer timers[TIMERS];
    int64_t due_ns[TIMERS];
    int fired_count;
};

static int index_of(struct clockwork *clockwork, struct mio_actor_timer *timer)
{
    return (int)(timer - clockwork->timers);
}

static void start(struct clockwork *clockwork, int index, int64_t delay_ns)
{
    clockwork->due_ns[index] = mio_clock_monotonic_ns() + delay_ns;
    mio_actor_timer_start(&clockwork->timers[index], delay_ns);
}

static void check_not_early(struct clockwork *clockwork, int index)
{
    CHECK(mio_clock_monotonic_ns() >= clockwork->due_ns[index]);
}

static void run(const struct mio_actor_class *actor_class)
{
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    for (size_t i = 0; i < sizeof(reactors) / sizeof(reactors[0]); i++) {
        struct mio_runtime *runtime = fixture_runtime(reactors[i]);
        fixture_log_clear();
        assert_ok(mio_runtime_spawn(runtime, reactors[i] - 1, actor_class, NULL,
                                    0, NULL));
        fixture_run(runtime);
    }
}

/* --- many, never early, in order ----------------------------------------- */

static int in_order_fired(struct mio_actor *self, void *state,
                          struct mio_actor_timer *timer)
{
    struct clockwork *clockwork = state;
    int index = index_of(clockwork, timer);
    check_not_early(clockwork, index);
    /* Started last first, two ticks apart: they fire by their time. */
    CHECK(index == clockwork->fired_count);
    if (++clockwork->fired_count == TIMERS)
        fixture_stop(self);
    return 0;
}

static int in_order_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct clockwork *clockwork = state;
    (void)argument;
    (void)argument_size;
    for (int i = TIMERS - 1; i >= 0; i--) {
        mio_actor_timer_init(&clockwork->timers[i], self, in_order_fired);
        start(clockwork, i, (2 * i + 1) * 2 * MIO_TICK_NS);
    }
    return 0;
}

static const struct mio_actor_class in_order_class = {
    .name = "in order",
    .state_size = sizeof(struct clockwork),
    .init = in_order_init,
};

static void timers_fire_by_their_time_and_never_early(void **state)
{
    (void)state;
    run(&in_order_class);
}

/* --- again and again ----------------------------------------------------- */

static int again_fired(struct mio_actor *self, void *state,
                       struct mio_actor_timer *timer)
{
    struct clockwork *clockwork = state;
    (void)timer;
    check_not_early(clockwork, 0);
    if (++clockwork->fired_count == 10)
        fixture_stop(self);
    else
        start(clockwork, 0, clockwork->fired_count % 3 * MIO_NS_PER_MS);
    return 0;
}

static int again_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct clockwork *clockwork = state;
    (void)argument;
    (void)argument_size;
    mio_actor_timer_init(&clockwork->timers[0], self, again_fired);
    start(clockwork, 0, -5); /* in the past: at once, but not from here */
    CHECK(clockwork->fired_count == 0);
    return 0;
}

static const struct mio_actor_class again_class = {
    .name = "again",
    .state_size = sizeof(struct clockwork),
    .init = again_init,
};

static void a_timer_can_start_itself_anew(void **state)
{
    (void)state;
    run(&again_class);
}

/* --- cancelled ----------------------------------------------------------- */

static int wrong_fired(struct mio_actor *self, void *state,
                       struct mio_actor_timer *timer)
{
    (void)self;
    (void)state;
    (void)timer;
    CHECK(!"a cancelled timer fired");
    return 0;
}

/* 0 fires and cancels 1, which is due too: queued behind it, already. */
static int canceller_fired(struct mio_actor *self, void *state,
                           struct mio_actor_timer *timer)
{
    struct clockwork *clockwork = state;
    (void)self;
    CHECK(!mio_actor_timer_cancel(timer)); /* it fires right now */
    CHECK(mio_actor_timer_cancel(&clockwork->timers[1]));
    CHECK(!mio_actor_timer_cancel(&clockwork->timers[1]));
    return 0;
}

static int last_fired(struct mio_actor *self, void *state,
                      struct mio_actor_timer *timer)
{
    struct clockwork *clockwork = state;
    check_not_early(clockwork, index_of(clockwork, timer));
    fixture_stop(self);
    return 0;
}

static int canceller_init(struct mio_actor *self, void *state,
                          const void *argument, size_t argument_size)
{
    struct clockwork *clockwork = state;
    struct mio_actor_timer *timers = clockwork->timers;
    (void)argument;
    (void)argument_size;
    mio_actor_timer_init(&timers[0], self, canceller_fired);
    mio_actor_timer_init(&timers[1], self, wrong_fired);
    mio_actor_timer_init(&timers[2], self, wrong_fired);
    mio_actor_timer_init(&timers[3], self, last_fired);
    CHECK(!mio_actor_timer_cancel(&timers[0])); /* it does not run */
    start(clockwork, 0, 0);
    start(clockwork, 1, 0);
    start(clockwork, 2, 3 * MIO_NS_PER_MS);
    CHECK(mio_actor_timer_cancel(&timers[2])); /* in the wheel */
    start(clockwork, 3, 1 * MIO_NS_PER_MS);
    start(clockwork, 3, 8 * MIO_NS_PER_MS); /* anew: the later time counts */
    return 0;
}

static const struct mio_actor_class canceller_class = {
    .name = "canceller",
    .state_size = sizeof(struct clockwork),
    .init = canceller_init,
};

static void a_cancelled_timer_does_not_fire_even_if_it_was_due(void **state)
{
    (void)state;
    run(&canceller_class);
}

/* --- of an actor that ended ---------------------------------------------- */

static int survivor_fired(struct mio_actor *self, void *state,
                          struct mio_actor_timer *timer)
{
    (void)state;
    (void)timer;
    fixture_stop(self);
    return 0;
}

static int survivor_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct clockwork *clockwork = state;
    (void)argument;
    (void)argument_size;
    mio_actor_timer_init(&clockwork->timers[0], self, survivor_fired);
    mio_actor_timer_start(&clockwork->timers[0], 8 * MIO_NS_PER_MS);
    return 0;
}

static const struct mio_actor_class survivor_class = {
    .name = "survivor",
    .state_size = sizeof(struct clockwork),
    .init = survivor_init,
};

static int mortal_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct clockwork *clockwork = state;
    (void)argument;
    (void)argument_size;
    for (int i = 0; i < TIMERS; i++) {
        mio_actor_timer_init(&clockwork->timers[i], self, wrong_fired);
        start(clockwork, i, i * MIO_NS_PER_MS / 4);
    }
    CHECK(mio_spawn(self, &survivor_class, NULL, 0, NULL) == 0);
    return MIO_EPROTO;
}

static void mortal_exit(struct mio_actor *self, void *state, int reason)
{
    struct clockwork *clockwork = state;
    (void)self;
    CHECK(reason == MIO_EPROTO);
    start(clockwork, 0, 0); /* too late */
}

static const struct mio_actor_class mortal_class = {
    .name = "mortal",
    .state_size = sizeof(struct clockwork),
    .init = mortal_init,
    .exit = mortal_exit,
};

static void timers_of_an_actor_that_ended_do_not_fire(void **state)
{
    (void)state;
    run(&mortal_class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_by_their_time_and_never_early),
        cmocka_unit_test(a_timer_can_start_itself_anew),
        cmocka_unit_test(a_cancelled_timer_does_not_fire_even_if_it_was_due),
        cmocka_unit_test(timers_of_an_actor_that_ended_do_not_fire),
    };
    return cmocka_run_group_tests_name("runtime/timer", tests, NULL, NULL);
}
