/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/watchdog_test.c - who is stuck is named, while it is. */
#include "runtime/watchdog.h"

#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/runtime/fixture.h"

#define LIMIT_NS (20 * MIO_NS_PER_MS)
#define LONG_NS (1300 * MIO_NS_PER_MS) /* longer than a second */

static const struct mio_message_type riddle = {.name = "riddle"};

static struct {
    int gate[2]; /* who is stuck reads a byte, which `stalled` writes */
    struct mio_stall stall;
    uint64_t count;
    uint64_t logged;
    mio_actor_id thinker;
    int in_flush;
} seen;

/* In the watchdog's thread: it frees who is stuck. So the test ends only if
 * somebody was named, and needs no time of its own. */
static void stalled(void *ctx, const struct mio_stall *stall)
{
    (void)ctx;
    seen.stall = *stall;
    fixture_add(&seen.count, 1);
    CHECK(write(seen.gate[1], "x", 1) == 1);
}

static void log_write(void *ctx, enum mio_log_level level, const char *text)
{
    (void)ctx;
    if (level == MIO_LOG_WARNING && strstr(text, "thinker") != NULL &&
        strstr(text, "stuck") != NULL)
        fixture_add(&seen.logged, 1);
}

static void think(void)
{
    char byte;
    CHECK(read(seen.gate[0], &byte, 1) == 1);
}

static int thinker_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)state;
    (void)message;
    think();
    fixture_stop(self);
    return 0;
}

struct flusher {
    struct mio_actor_flush flush;
};

static void flusher_run(struct mio_actor *self, void *state)
{
    (void)state;
    think();
    fixture_stop(self);
}

static int flusher_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct flusher *flusher = state;
    (void)argument;
    (void)argument_size;
    mio_actor_flush_init(&flusher->flush, self, flusher_run);
    mio_actor_flush_later(&flusher->flush);
    return 0;
}

static const struct mio_actor_class thinker_class = {
    .name = "thinker", .receive = thinker_receive};
static const struct mio_actor_class flusher_class = {
    .name = "thinker in a flush",
    .state_size = sizeof(struct flusher),
    .init = flusher_init};

static struct mio_runtime *watched(uint32_t reactors)
{
    static const struct mio_log log = {.write = log_write,
                                       .level = MIO_LOG_WARNING};
    struct mio_runtime *runtime;
    struct mio_runtime_options options = {.reactors_count = reactors,
                                          .log = &log,
                                          .stall_ns = LIMIT_NS,
                                          .stalled = stalled};
    memset(&seen, 0, sizeof(seen));
    assert_ok(pipe(seen.gate));
    assert_ok(mio_runtime_new(&runtime, &options));
    return runtime;
}

static void check_stall(struct mio_runtime *runtime, uint32_t reactor,
                        const char *class_name, const char *what)
{
    struct mio_stall stalls[MIO_STALLS_MAX];
    assert_int_equal(mio_runtime_stalls(runtime, stalls, MIO_STALLS_MAX), 1);
    assert_true(mio_actor_id_equal(stalls[0].actor, seen.thinker));
    assert_int_equal(stalls[0].reactor, reactor);
    assert_string_equal(stalls[0].class_name, class_name);
    assert_string_equal(stalls[0].what, what);
    assert_true(stalls[0].took_ns >= LIMIT_NS);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.logged, 1);
    assert_int_equal(seen.stall.is_over, 0);
    close(seen.gate[0]);
    close(seen.gate[1]);
}

static void who_is_stuck_over_a_message_is_named(void **state)
{
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < sizeof(reactors) / sizeof(reactors[0]); i++) {
        struct mio_runtime *runtime = watched(reactors[i]);
        uint32_t home = reactors[i] - 1;
        assert_ok(mio_runtime_spawn(runtime, home, &thinker_class, NULL, 0,
                                    &seen.thinker));
        assert_ok(mio_runtime_send(runtime, seen.thinker, &riddle, NULL, 0));
        assert_ok(mio_runtime_run(runtime));
        check_stall(runtime, home, "thinker", "riddle");
        mio_runtime_free(runtime);
    }
}

static void who_is_stuck_in_a_flush_is_named(void **state)
{
    (void)state;
    struct mio_runtime *runtime = watched(2);
    assert_ok(
        mio_runtime_spawn(runtime, 1, &flusher_class, NULL, 0, &seen.thinker));
    assert_ok(mio_runtime_run(runtime));
    check_stall(runtime, 1, "thinker in a flush", "flush");
    mio_runtime_free(runtime);
}

/* Many short callbacks of one actor, for longer than the limit together, are no
 * stall, nor is sleep. */
struct runner {
    struct mio_actor_timer nap;
    int64_t begun_ns;
};

static int runner_awake(struct mio_actor *self, void *state,
                        struct mio_actor_timer *timer)
{
    (void)state;
    (void)timer;
    fixture_stop(self);
    return 0;
}

static int runner_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct runner *runner = state;
    (void)message;
    if (runner->begun_ns == 0)
        runner->begun_ns = mio_actor_now_ns(self);
    if (mio_actor_now_ns(self) - runner->begun_ns < LONG_NS)
        return mio_send(self, mio_actor_self(self), &riddle, NULL, 0);
    mio_actor_timer_init(&runner->nap, self, runner_awake);
    mio_actor_timer_start(&runner->nap, LONG_NS);
    return 0;
}

static const struct mio_actor_class runner_class = {.name = "runner",
                                                    .state_size =
                                                        sizeof(struct runner),
                                                    .receive = runner_receive};

static int a_second_of_patience(struct mio_runtime **out)
{
    struct mio_runtime_options options = {.reactors_count = 1,
                                          .stall_ns = MIO_NS_PER_S};
    return mio_runtime_new(out, &options);
}

static void work_and_sleep_are_no_stall(void **state)
{
    struct mio_runtime *runtime;
    struct mio_stall stall;
    mio_actor_id runner;
    (void)state;
    /* A limit that a busy machine does not reach in one callback. */
    assert_ok(a_second_of_patience(&runtime));
    assert_ok(mio_runtime_spawn(runtime, 0, &runner_class, NULL, 0, &runner));
    assert_ok(mio_runtime_send(runtime, runner, &riddle, NULL, 0));
    assert_ok(mio_runtime_run(runtime));
    assert_int_equal(mio_runtime_stalls(runtime, &stall, 1), 0);
    mio_runtime_free(runtime);
}

static void without_a_limit_nobody_looks(void **state)
{
    struct mio_stall stall;
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(1);
    assert_int_equal(mio_runtime_stalls(runtime, &stall, 1), 0);
    mio_runtime_free(runtime);
    struct mio_runtime_options options = {.stall_ns = -1};
    assert_int_equal(mio_runtime_new(&runtime, &options), MIO_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_stuck_over_a_message_is_named),
        cmocka_unit_test(who_is_stuck_in_a_flush_is_named),
        cmocka_unit_test(work_and_sleep_are_no_stall),
        cmocka_unit_test(without_a_limit_nobody_looks),
    };
    return cmocka_run_group_tests_name("runtime/watchdog", tests, NULL, NULL);
}
