/* SPDX-License-Identifier: MIT
 *
 * tests/core/misuse_test.c - mistakes have an answer. Those of one type are in
 * its own test (poll_test, registry_test, event_loop_test, timeouts_test, ...);
 * here are those of all of them, and the odd ones. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/event_loop.h"
#include "core/framing.h"
#include "core/registry.h"
#include "core/ring.h"
#include "core/signals.h"
#include "core/slab.h"
#include "core/slice.h"
#include "core/timer_wheel.h"
#include "core/waker.h"
#include "tests/core/check.h"
#include "tests/storm/patient.h"

#define TOKEN mio_token_of(7)

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_event_loop *loop;
    int pipe[2];
    struct mio_source source;
};

static int setup(void **state)
{
    static struct fixture fixture;
    const struct mio_event_loop_options small = {
        .poll = {.sources_max = 4},
        .timers_max = 4,
    };
    assert_ok(mio_poll_new(&fixture.poll, NULL));
    assert_ok(mio_events_new(&fixture.events, 8));
    assert_ok(mio_event_loop_new(&fixture.loop, &small));
    assert_int_equal(pipe(fixture.pipe), 0);
    mio_source_init(&fixture.source, fixture.pipe[0]);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_source_deregister(&f->source);
    mio_event_loop_free(f->loop);
    mio_events_free(f->events);
    mio_poll_free(f->poll);
    assert_int_equal(close(f->pipe[0]) | close(f->pipe[1]), 0);
    return 0;
}

/* --- NULL ----------------------------------------------------------------- */

static void null_is_no_poll_and_no_source(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_code(MIO_EINVAL, mio_poll_new(NULL, NULL));
    assert_code(MIO_EINVAL, mio_poll_register(NULL, &f->source, TOKEN,
                                              MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_poll_register(f->poll, NULL, TOKEN,
                                              MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_poll_reregister(NULL, &f->source, TOKEN,
                                                MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_poll_reregister(f->poll, NULL, TOKEN,
                                                MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_poll_deregister(NULL, &f->source));
    assert_code(MIO_EINVAL, mio_poll_deregister(f->poll, NULL));
    assert_code(MIO_EINVAL, mio_poll_wait(NULL, f->events, 0));
    assert_code(MIO_EINVAL, mio_poll_wait(f->poll, NULL, 0));
    assert_code(MIO_EINVAL, mio_events_new(NULL, 1));
    assert_code(MIO_EINVAL, mio_waker_new(NULL, f->poll, TOKEN));
    assert_code(MIO_EINVAL, mio_waker_new(&waker, NULL, TOKEN));
    assert_code(MIO_EINVAL, mio_waker_wake(NULL));
}

static void null_is_no_registry(void **state)
{
    struct fixture *f = *state;
    struct mio_registry *registry = mio_poll_registry(f->poll);
    struct mio_waker *waker;
    assert_code(MIO_EINVAL, mio_registry_register(NULL, &f->source, TOKEN,
                                                  MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_registry_register(registry, NULL, TOKEN,
                                                  MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_registry_reregister(NULL, &f->source, TOKEN,
                                                    MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_registry_reregister(registry, NULL, TOKEN,
                                                    MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_registry_deregister(NULL, &f->source));
    assert_code(MIO_EINVAL, mio_registry_deregister(registry, NULL));
    assert_code(MIO_EINVAL, mio_waker_new_in(NULL, registry, TOKEN));
    assert_code(MIO_EINVAL, mio_waker_new_in(&waker, NULL, TOKEN));
    mio_registry_free(registry);
}

static void null_is_no_loop_and_no_handler(void **state)
{
    struct fixture *f = *state;
    const struct mio_handler handler = {.ready = NULL};
    assert_code(MIO_EINVAL, mio_event_loop_new(NULL, NULL));
    assert_code(MIO_EINVAL, mio_event_loop_run(NULL, &handler, NULL));
    assert_code(MIO_EINVAL, mio_event_loop_run(f->loop, NULL, NULL));
    assert_code(MIO_EINVAL, mio_event_loop_turn(NULL, 0, &handler, NULL));
    assert_code(MIO_EINVAL, mio_event_loop_turn(f->loop, 0, NULL, NULL));
    assert_code(MIO_EINVAL, mio_event_loop_register(NULL, &f->source, TOKEN,
                                                    MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_event_loop_reregister(NULL, &f->source, TOKEN,
                                                      MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_event_loop_deregister(NULL, &f->source));
    assert_code(MIO_EINVAL, mio_event_loop_set_timeout(NULL, 0, TOKEN, NULL));
    assert_code(MIO_EINVAL,
                mio_event_loop_watch_signal(NULL, MIO_SIGNAL_USER1));
    assert_code(MIO_EINVAL,
                mio_event_loop_unwatch_signal(NULL, MIO_SIGNAL_USER1));
    assert_code(MIO_EINVAL, mio_notify_sender_send(NULL, f));
    assert_code(MIO_EINVAL, mio_notify_sender_shutdown(NULL));
    assert_code(MIO_EINVAL, mio_signals_new(NULL));
    assert_code(MIO_EINVAL, mio_signals_add(NULL, MIO_SIGNAL_USER1));
    assert_code(MIO_EINVAL, mio_signals_remove(NULL, MIO_SIGNAL_USER1));
    assert_code(MIO_EINVAL, mio_signals_next(NULL));
}

static void null_is_no_container_and_no_bytes(void **state)
{
    (void)state;
    struct mio_slab slab;
    struct mio_buffer buffer;
    struct mio_slice *slice;
    struct mio_frame frame;
    struct mio_line_framing lines;
    struct mio_length_framing lengths;
    uint8_t *room;
    mio_key key;
    assert_code(MIO_EINVAL, mio_slab_init(NULL, 1, 1));
    assert_ok(mio_slab_init(&slab, 1, 1));
    assert_code(MIO_EINVAL, mio_slab_insert(NULL, &slab, &key));
    assert_code(MIO_EINVAL, mio_slab_insert(&slab, NULL, &key));
    assert_code(MIO_EINVAL, mio_slab_insert(&slab, &slab, NULL));
    mio_slab_deinit(&slab);
    assert_code(MIO_EINVAL, mio_ring_init(NULL, 1));
    assert_code(MIO_EINVAL, mio_slice_copy(NULL, "x", 1));
    assert_code(MIO_EINVAL, mio_slice_copy(&slice, NULL, 1));

    mio_buffer_init(&buffer, 10);
    assert_code(MIO_EINVAL, mio_buffer_reserve(NULL, 1, &room));
    assert_code(MIO_EINVAL, mio_buffer_reserve(&buffer, 1, NULL));
    assert_code(MIO_EINVAL, mio_buffer_append(NULL, "x", 1));
    assert_code(MIO_EINVAL, mio_buffer_append(&buffer, NULL, 1));
    assert_ok(mio_buffer_append(&buffer, NULL, 0));
    mio_line_framing_init(&lines, 8);
    mio_length_framing_init(&lengths, 1, 8, false);
    assert_code(MIO_EINVAL, mio_line_framing_next(&lines, NULL, 1, &frame));
    assert_code(MIO_EINVAL, mio_line_framing_last(&lines, "x", 1, NULL));
    assert_code(MIO_EINVAL, mio_line_framing_append(&lines, NULL, "x", 1));
    assert_code(MIO_EINVAL, mio_length_framing_next(NULL, "x", 1, &frame));
    assert_code(MIO_EINVAL,
                mio_length_framing_append(&lengths, &buffer, NULL, 1));
    assert_int_equal(mio_buffer_size(&buffer), 0);
    mio_buffer_deinit(&buffer);
}

static void null_may_be_released(void **state)
{
    (void)state;
    mio_poll_free(NULL);
    mio_events_free(NULL);
    mio_waker_free(NULL);
    mio_registry_free(NULL);
    mio_event_loop_free(NULL);
    mio_notify_sender_free(NULL);
    mio_signals_free(NULL);
}

/* --- handles -------------------------------------------------------------- */

static int try_handle(struct fixture *f, mio_handle handle)
{
    struct mio_source source;
    mio_source_init(&source, handle);
    int rc =
        mio_poll_register(f->poll, &source, TOKEN, MIO_READABLE, MIO_LEVEL);
    assert_true(rc == MIO_OK || !mio_source_is_registered(&source));
    mio_source_deregister(&source);
    return rc;
}

static void what_is_no_handle_is_refused(void **state)
{
    struct fixture *f = *state;
    int closed = dup(f->pipe[0]);
    assert_int_equal(close(closed), 0);
    assert_code(MIO_EBADF, try_handle(f, closed));
    assert_code(MIO_EBADF, try_handle(f, INT_MAX));
    assert_code(MIO_EBADF, try_handle(f, INT_MIN));
    /* Cut to what the system takes, it would be the pipe's. */
    mio_handle wide = (mio_handle)(UINT64_C(1) << 32 | (uint32_t)f->pipe[0]);
    assert_code(MIO_EBADF, try_handle(f, wide));

    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory >= 0);
    assert_code(MIO_EPERM, try_handle(f, directory));
    assert_int_equal(close(directory), 0);
    assert_ok(try_handle(f, f->pipe[0]));
}

static void a_source_may_be_deregistered_and_armed_at_any_time(void **state)
{
    struct fixture *f = *state;
    mio_source_arm(&f->source, MIO_READABLE);
    mio_source_deregister(&f->source);
    assert_ok(
        mio_poll_register(f->poll, &f->source, TOKEN, MIO_READABLE, MIO_EDGE));
    mio_source_arm(&f->source, 0);
    mio_source_arm(&f->source, UINT32_MAX);
    mio_source_deregister(&f->source);
    mio_source_deregister(&f->source);
    assert_false(mio_source_is_registered(&f->source));
}

/* --- waiting -------------------------------------------------------------- */

static void a_batch_that_was_never_filled_is_empty(void **state)
{
    struct fixture *f = *state;
    struct mio_event event;
    mio_events_clear(f->events);
    mio_events_rewind(f->events);
    assert_true(mio_events_is_empty(f->events));
    assert_false(mio_events_next(f->events, &event));
}

static void wait_below(void *ctx, struct mio_event_loop *loop)
{
    struct fixture *f = ctx;
    assert_int_equal(mio_poll_wait(mio_event_loop_poll(loop), f->events, 0), 0);
}

static void a_handler_that_waits_itself_gets_what_is_left(void **state)
{
    struct fixture *f = *state;
    const struct mio_handler handler = {.tick = wait_below};
    assert_int_equal(mio_event_loop_turn(f->loop, 0, &handler, f), 0);
}

/* The poll below a loop knows nothing of the loop's tokens. */
static void the_token_of_a_loop_s_signals_makes_none(void **state)
{
    struct fixture *f = *state;
    const struct mio_handler handler = {.tick = NULL};
    mio_token its_own = mio_token_of(MIO_EVENT_LOOP_TOKEN_MAX + 1);
    assert_ok(mio_poll_register(mio_event_loop_poll(f->loop), &f->source,
                                its_own, MIO_READABLE, MIO_EDGE));
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    assert_int_equal(mio_event_loop_turn(f->loop, 0, &handler, f), 0);
}

/* --- time ----------------------------------------------------------------- */

static void no_deadline_confuses_a_wheel(void **state)
{
    (void)state;
    static struct mio_timer_wheel wheel;
    struct mio_timer timer;
    mio_timer_wheel_init(&wheel, INT64_MAX);
    mio_timer_wheel_init(&wheel, 0);
    mio_timer_init(&timer);
    assert_false(mio_timer_wheel_cancel(&wheel, &timer));
    mio_timer_wheel_advance(&wheel, INT64_MIN);
    const int64_t past[] = {INT64_MIN, -1, 0};
    for (size_t i = 0; i < COUNT_OF(past); i++) {
        mio_timer_wheel_insert(&wheel, &timer, INT64_MAX);
        mio_timer_wheel_insert(&wheel, &timer, past[i]); /* moves it */
        mio_timer_wheel_advance(&wheel, 0);
        assert_ptr_equal(mio_timer_wheel_take(&wheel), &timer);
        assert_null(mio_timer_wheel_take(&wheel));
        assert_false(mio_timer_wheel_cancel(&wheel, &timer));
    }
    mio_timer_wheel_insert(&wheel, &timer, INT64_MAX);
    mio_timer_wheel_advance(&wheel, INT64_MAX - 1);
    assert_null(mio_timer_wheel_take(&wheel));
    assert_true(mio_timer_wheel_cancel(&wheel, &timer));
}

static void turn_times(struct fixture *f, int64_t timeout_ns)
{
    const struct mio_handler handler = {.tick = NULL};
    mio_event_loop_shutdown(f->loop); /* so that no turn waits */
    mio_event_loop_shutdown(f->loop);
    assert_int_equal(mio_event_loop_turn(f->loop, timeout_ns, &handler, f), 0);
    assert_ok(mio_event_loop_run(f->loop, &handler, f)); /* takes both */
}

static void no_timeout_confuses_a_loop(void **state)
{
    struct fixture *f = *state;
    turn_times(f, INT64_MIN);
    turn_times(f, INT64_MAX);
    assert_code(MIO_EINVAL,
                mio_event_loop_set_timeout(f->loop, INT64_MIN, TOKEN, NULL));
    assert_code(MIO_EOVERFLOW,
                mio_event_loop_set_timeout(f->loop, INT64_MAX, TOKEN, NULL));
    assert_ok(mio_event_loop_set_timeout(f->loop, INT64_MAX / 2, TOKEN, NULL));
    turn_times(f, INT64_MAX);
    assert_false(mio_event_loop_clear_timeout(f->loop, MIO_NO_KEY));
    assert_false(mio_event_loop_clear_timeout(f->loop, UINT64_MAX));
}

/* --- signals -------------------------------------------------------------- */

static void unknown_signals_are_refused(void **state)
{
    struct fixture *f = *state;
    assert_code(MIO_EINVAL,
                mio_event_loop_watch_signal(f->loop, (enum mio_signal) - 1));
    assert_code(MIO_EINVAL,
                mio_event_loop_watch_signal(f->loop, MIO_SIGNALS_COUNT));
    assert_code(MIO_ENOENT,
                mio_event_loop_unwatch_signal(f->loop, (enum mio_signal)1000));
}

static void more_sets_of_signals_than_there_may_be_are_refused(void **state)
{
    (void)state;
    static struct mio_signals *sets[1024];
    struct mio_signals *more;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 3000)
        skip(); /* there are not as many descriptors here */
    struct rlimit high = {3000, limit.rlim_max};
    if (limit.rlim_cur < 3000)
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &high), 0);
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        assert_ok(mio_signals_new(&sets[i]));
    assert_code(MIO_ENOSPC, mio_signals_new(&more));
    mio_signals_free(sets[500]);
    assert_ok(mio_signals_new(&sets[500]));
    assert_ok(mio_signals_add(sets[1023], MIO_SIGNAL_USER1));
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(mio_signals_next(sets[1023]), MIO_SIGNAL_USER1);
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        mio_signals_free(sets[i]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* --- what ends the program ------------------------------------------------ */

static struct fixture *waiting;

/* In the thread that waits, or is about to: until then the inner wait ends. It
 * is no place for such calls, which is the point. */
/* NOLINTBEGIN(bugprone-signal-handler) */
static void free_if_it_waits(int number)
{
    (void)number;
    if (mio_poll_wait(waiting->poll, waiting->events, 0) != MIO_EBUSY)
        return;
    mio_poll_free(waiting->poll);
    _exit(0);
}
/* NOLINTEND(bugprone-signal-handler) */

static void free_under_a_waiter(struct fixture *f)
{
    struct mio_events *mine;
    const struct itimerval often = {{.tv_usec = 10000}, {.tv_usec = 10000}};
    waiting = f;
    if (mio_events_new(&mine, 1) < 0 ||
        signal(SIGALRM, free_if_it_waits) == SIG_ERR ||
        setitimer(ITIMER_REAL, &often, NULL) < 0)
        _exit(1);
    for (;;)
        (void)!mio_poll_wait(f->poll, mine, MIO_FOREVER);
}

static void free_in_a_handler(void *ctx, struct mio_event_loop *loop)
{
    (void)ctx;
    mio_event_loop_free(loop);
    _exit(0);
}

static void free_while_it_turns(struct fixture *f)
{
    const struct mio_handler handler = {.tick = free_in_a_handler};
    (void)!mio_event_loop_turn(f->loop, 0, &handler, f);
}

static void what_is_in_use_is_not_freed(void **state)
{
    struct fixture *f = *state;
    void (*const mistakes[])(struct fixture *) = {
        free_under_a_waiter,
        free_while_it_turns,
    };
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            const struct rlimit no_core = {0, 0};
            (void)setrlimit(RLIMIT_CORE, &no_core);
            (void)signal(SIGABRT, SIG_DFL);
            mistakes[i](f);
            _exit(1);
        }
        int status;
        assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(null_is_no_poll_and_no_source),
        TEST(null_is_no_registry),
        TEST(null_is_no_loop_and_no_handler),
        TEST(null_is_no_container_and_no_bytes),
        TEST(null_may_be_released),
        TEST(what_is_no_handle_is_refused),
        TEST(a_source_may_be_deregistered_and_armed_at_any_time),
        TEST(a_batch_that_was_never_filled_is_empty),
        TEST(a_handler_that_waits_itself_gets_what_is_left),
        TEST(the_token_of_a_loop_s_signals_makes_none),
        TEST(no_deadline_confuses_a_wheel),
        TEST(no_timeout_confuses_a_loop),
        TEST(unknown_signals_are_refused),
        TEST(more_sets_of_signals_than_there_may_be_are_refused),
        TEST(what_is_in_use_is_not_freed),
    };
    return cmocka_run_group_tests_name("core/misuse", tests, NULL, NULL);
}
