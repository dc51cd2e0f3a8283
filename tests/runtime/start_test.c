/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/start_test.c - when a thread cannot be started, the runtime is
 * as before; options that cannot be.
 *
 * The linker puts __wrap_mio_thread_start in the place of mio_thread_start. */
#include "tests/runtime/fixture.h"

#include "runtime/sys/thread.h"

int __real_mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                            void *context);
int __wrap_mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                            void *context);

static int threads_allowed;
static int threads_started;

int __wrap_mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                            void *context)
{
    if (threads_started == threads_allowed)
        return MIO_EAGAIN;
    int result = __real_mio_thread_start(self, run, context);
    threads_started += result == 0;
    return result;
}

static uint64_t inits;

static int stopper_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    fixture_add(&inits, 1);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class stopper_class = {.name = "stopper",
                                                     .init = stopper_init};

static void a_runtime_whose_threads_did_not_start_can_start_later(void **state)
{
    (void)state;
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    for (size_t i = 0; i < sizeof(reactors) / sizeof(reactors[0]); i++) {
        struct mio_runtime *runtime = fixture_runtime(reactors[i]);
        inits = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &stopper_class, NULL, 0, NULL));
        for (uint32_t allowed = 0; allowed < reactors[i]; allowed++) {
            threads_allowed = (int)allowed;
            threads_started = 0;
            assert_int_equal(mio_runtime_start(runtime), MIO_EAGAIN);
            assert_int_equal(threads_started, allowed);
            assert_ok(mio_runtime_join(runtime)); /* no thread is left */
            assert_int_equal(inits, 0);
        }
        threads_allowed = (int)reactors[i];
        threads_started = 0;
        fixture_run(runtime);
        assert_int_equal(inits, 1);
    }
}

static void a_runtime_whose_threads_never_started_can_be_freed(void **state)
{
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(3);
    threads_allowed = 2;
    threads_started = 0;
    assert_ok(mio_runtime_spawn(runtime, 0, &stopper_class, NULL, 0, NULL));
    assert_int_equal(mio_runtime_run(runtime), MIO_EAGAIN);
    mio_runtime_free(runtime);
}

static void options_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct mio_runtime *runtime = NULL;
    const struct mio_runtime_options wrong[] = {
        {.reactors_count = MIO_REACTORS_MAX + 1},
        {.actors_max = MIO_ACTORS_MAX + 1},
        {.stop_within_ns = -1},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(mio_runtime_new(&runtime, &wrong[i]), MIO_EINVAL);
    assert_null(runtime);
    mio_runtime_free(NULL);
}

static void without_options_there_is_a_reactor_for_each_usable_cpu(void **state)
{
    (void)state;
    struct mio_runtime *runtime = NULL;
    struct mio_counters counters;
    assert_ok(mio_runtime_new(&runtime, NULL));
    uint32_t count = mio_runtime_reactors_count(runtime);
    assert_true(count >= 1);
    assert_int_equal(count, mio_usable_cpus_count());
    assert_ok(mio_runtime_counters(runtime, count - 1, &counters));
    assert_int_equal(mio_runtime_counters(runtime, count, &counters),
                     MIO_EINVAL);
    mio_runtime_free(runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_runtime_whose_threads_did_not_start_can_start_later),
        cmocka_unit_test(a_runtime_whose_threads_never_started_can_be_freed),
        cmocka_unit_test(options_that_cannot_be_are_refused),
        cmocka_unit_test(
            without_options_there_is_a_reactor_for_each_usable_cpu),
    };
    return cmocka_run_group_tests_name("runtime/start", tests, NULL, NULL);
}
