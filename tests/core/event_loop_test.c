/* SPDX-License-Identifier: MIT
 *
 * tests/core/event_loop_test.c - turns, their order, their end, and misuse. */
#include "core/event_loop.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/timer_wheel.h"
#include "tests/core/check.h"

#define A mio_token_of(1)
#define B mio_token_of(2)

/* What was called back, a letter each. */
struct fixture {
    struct mio_event_loop *loop;
    char calls[256];
    size_t calls_count;
    int ends[2];
    struct mio_source source; /* of ends[0] */
    struct mio_event event;   /* the last */
    enum mio_signal which;    /* the last */
    uint64_t ticks_max;       /* shut down after so many; 0: never */
    uint64_t ticks_count;
    pthread_t thread;
    int rc;
};

static void note(struct fixture *f, char call)
{
    assert_true(f->calls_count < sizeof(f->calls) - 1);
    f->calls[f->calls_count++] = call;
    f->calls[f->calls_count] = '\0';
}

static void note_ready(void *ctx, struct mio_event_loop *loop,
                       const struct mio_event *event)
{
    struct fixture *f = ctx;
    assert_ptr_equal(loop, f->loop);
    f->event = *event;
    note(f, 'r');
}

static void note_timeout(void *ctx, struct mio_event_loop *loop,
                         mio_token token)
{
    (void)loop;
    (void)token;
    note(ctx, 't');
}

static void note_signal(void *ctx, struct mio_event_loop *loop,
                        enum mio_signal which)
{
    struct fixture *f = ctx;
    (void)loop;
    f->which = which;
    note(f, 's');
}

static void note_notify(void *ctx, struct mio_event_loop *loop, void *message)
{
    (void)loop;
    (void)message;
    note(ctx, 'n');
}

static void note_interrupted(void *ctx, struct mio_event_loop *loop)
{
    (void)loop;
    note(ctx, 'i');
}

static void note_tick(void *ctx, struct mio_event_loop *loop)
{
    struct fixture *f = ctx;
    note(f, '.');
    if (++f->ticks_count == f->ticks_max)
        mio_event_loop_shutdown(loop);
}

static const struct mio_handler notes = {
    .ready = note_ready,
    .timeout = note_timeout,
    .signal = note_signal,
    .notify = note_notify,
    .interrupted = note_interrupted,
    .tick = note_tick,
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.loop = NULL};
    assert_ok(mio_event_loop_new(&fixture.loop, NULL));
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fixture.ends), 0);
    mio_source_init(&fixture.source, fixture.ends[0]);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_source_deregister(&f->source);
    close(f->ends[0]);
    close(f->ends[1]);
    mio_event_loop_free(f->loop);
    return 0;
}

static void be_readable(struct fixture *f)
{
    assert_int_equal(write(f->ends[1], "x", 1), 1);
}

static void send_one(struct fixture *f)
{
    struct mio_notify_sender *sender = mio_event_loop_sender(f->loop);
    assert_ok(mio_notify_sender_send(sender, f));
    mio_notify_sender_free(sender);
}

/* A timeout that is due; the wheel counts ticks. */
static void be_due(struct fixture *f)
{
    int64_t until_ns = mio_clock_monotonic_ns() + 2 * MIO_TICK_NS;
    assert_ok(mio_event_loop_set_timeout(f->loop, 0, A, NULL));
    while (mio_clock_monotonic_ns() < until_ns)
        ;
}

static void turn(struct fixture *f, int64_t timeout_ns)
{
    f->rc = mio_event_loop_turn(f->loop, timeout_ns, &notes, f);
    assert_true(f->rc >= 0);
}

static void a_turn_calls_back_in_its_order(void **state)
{
    struct fixture *f = *state;
    be_due(f);
    send_one(f);
    send_one(f);
    be_readable(f);
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_EDGE));
    turn(f, MIO_FOREVER);
    assert_string_equal(f->calls, "rnnt.");
    assert_int_equal(f->rc, 4);
    assert_int_equal(f->event.token.value, A.value);
    assert_true(mio_event_is_readable(&f->event));
    turn(f, 0);
    assert_string_equal(f->calls, "rnnt..");
    assert_int_equal(f->rc, 0);
}

static void each_turn_has_one_tick_after_all_else(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_LEVEL));
    be_readable(f);
    f->ticks_max = 3;
    assert_int_equal(mio_event_loop_run(f->loop, &notes, f), MIO_OK);
    assert_string_equal(f->calls, "r.r.r.");
}

static void without_callbacks_nothing_is_called(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler nobody;
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_LEVEL));
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER1));
    be_due(f);
    be_readable(f);
    send_one(f);
    raise(SIGUSR1);
    /* A readable source, a message, a timeout, a signal. */
    assert_int_equal(mio_event_loop_turn(f->loop, DEADLINE_NS, &nobody, NULL),
                     4);
}

static void a_level_source_is_ready_each_turn_until_it_is_drained(void **state)
{
    struct fixture *f = *state;
    char byte;
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_LEVEL));
    be_readable(f);
    turn(f, 0);
    turn(f, 0);
    assert_int_equal(read(f->ends[0], &byte, 1), 1);
    turn(f, 0);
    assert_string_equal(f->calls, "r.r..");
}

static void an_edge_is_reported_once(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_EDGE));
    be_readable(f);
    turn(f, 0);
    turn(f, 0);
    assert_string_equal(f->calls, "r..");
}

static void a_oneshot_is_silent_until_it_is_reregistered(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_EDGE | MIO_ONESHOT));
    be_readable(f);
    turn(f, 0);
    be_readable(f);
    turn(f, 0);
    assert_string_equal(f->calls, "r..");
    assert_ok(mio_event_loop_reregister(f->loop, &f->source, B, MIO_READABLE,
                                        MIO_EDGE | MIO_ONESHOT));
    turn(f, 0);
    assert_string_equal(f->calls, "r..r.");
    assert_int_equal(f->event.token.value, B.value);
}

static void deregister_ready(void *ctx, struct mio_event_loop *loop,
                             const struct mio_event *event)
{
    struct fixture *f = ctx;
    (void)event;
    note(f, 'd');
    assert_ok(mio_event_loop_deregister(loop, &f->source));
}

static void a_deregistered_source_is_silent(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler handler = {.ready = deregister_ready};
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_WRITABLE,
                                      MIO_LEVEL));
    for (int i = 0; i < 2; i++)
        assert_true(mio_event_loop_turn(f->loop, 0, &handler, f) >= 0);
    assert_string_equal(f->calls, "d");
}

static void more_events_than_fit_come_in_later_turns(void **state)
{
    struct fixture *f = *state;
    struct mio_event_loop_options options = {.events_max = 1};
    mio_event_loop_free(f->loop);
    assert_ok(mio_event_loop_new(&f->loop, &options));
    struct mio_source other;
    mio_source_init(&other, f->ends[1]);
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_WRITABLE,
                                      MIO_EDGE));
    assert_ok(
        mio_event_loop_register(f->loop, &other, B, MIO_WRITABLE, MIO_EDGE));
    turn(f, 0);
    uint64_t first = f->event.token.value;
    turn(f, 0);
    assert_string_equal(f->calls, "r.r.");
    assert_int_equal(first + f->event.token.value, A.value + B.value);
    assert_ok(mio_event_loop_deregister(f->loop, &other));
}

/* --- the end -------------------------------------------------------------- */

static void a_shutdown_before_run_is_not_lost(void **state)
{
    struct fixture *f = *state;
    mio_event_loop_shutdown(f->loop);
    mio_event_loop_shutdown(f->loop);
    assert_ok(mio_event_loop_run(f->loop, &notes, f));
    assert_string_equal(f->calls, "");
    /* It was this run's: the next one has to be told again. */
    f->ticks_max = 1;
    send_one(f);
    assert_ok(mio_event_loop_run(f->loop, &notes, f));
    assert_string_equal(f->calls, "n.");
}

static void a_turn_leaves_the_shutdown_to_run_and_does_not_wait(void **state)
{
    struct fixture *f = *state;
    mio_event_loop_shutdown(f->loop);
    turn(f, MIO_FOREVER);
    turn(f, MIO_FOREVER);
    assert_ok(mio_event_loop_run(f->loop, &notes, f));
    assert_string_equal(f->calls, "..");
}

static void shut_down_ready(void *ctx, struct mio_event_loop *loop,
                            const struct mio_event *event)
{
    assert_true(mio_event_loop_is_running(loop));
    mio_event_loop_shutdown(loop);
    assert_false(mio_event_loop_is_running(loop));
    note_ready(ctx, loop, event);
}

static void a_turn_that_shuts_down_is_completed(void **state)
{
    struct fixture *f = *state;
    struct mio_handler handler = notes;
    handler.ready = shut_down_ready;
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_WRITABLE,
                                      MIO_LEVEL));
    be_due(f);
    send_one(f);
    assert_false(mio_event_loop_is_running(f->loop));
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_false(mio_event_loop_is_running(f->loop));
    assert_string_equal(f->calls, "rnt.");
}

static void *shut_down_late(void *arg)
{
    struct fixture *f = arg;
    while (!mio_event_loop_is_running(f->loop))
        (void)sched_yield();
    mio_event_loop_shutdown(f->loop);
    return NULL;
}

static void another_thread_shuts_down_a_loop_that_waits(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 200; round++) {
        assert_int_equal(pthread_create(&f->thread, NULL, shut_down_late, f),
                         0);
        assert_ok(mio_event_loop_run(f->loop, &(struct mio_handler){0}, f));
        pthread_join(f->thread, NULL);
    }
}

static void *shut_down_through_sender(void *arg)
{
    assert_ok(mio_notify_sender_shutdown(arg));
    mio_notify_sender_free(arg);
    return NULL;
}

static void a_sender_shuts_down_and_is_told_when_there_is_no_loop(void **state)
{
    struct fixture *f = *state;
    struct mio_notify_sender *sender = mio_event_loop_sender(f->loop);
    assert_int_equal(pthread_create(&f->thread, NULL, shut_down_through_sender,
                                    mio_notify_sender_clone(sender)),
                     0);
    assert_ok(mio_event_loop_run(f->loop, &notes, f));
    pthread_join(f->thread, NULL);

    mio_event_loop_free(f->loop);
    f->loop = NULL;
    assert_code(MIO_ECLOSED, mio_notify_sender_shutdown(sender));
    mio_notify_sender_free(sender);
}

/* --- signals -------------------------------------------------------------- */

static void a_watched_signal_is_called_back(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER1));
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER2));
    raise(SIGUSR2);
    turn(f, DEADLINE_NS);
    assert_string_equal(f->calls, "s.");
    assert_int_equal(f->which, MIO_SIGNAL_USER2);
    raise(SIGUSR1);
    raise(SIGUSR2);
    turn(f, DEADLINE_NS);
    assert_string_equal(f->calls, "s.ss.");
    turn(f, 0);
    assert_string_equal(f->calls, "s.ss..");

    assert_ok(mio_event_loop_unwatch_signal(f->loop, MIO_SIGNAL_USER1));
    assert_code(MIO_ENOENT,
                mio_event_loop_unwatch_signal(f->loop, MIO_SIGNAL_USER1));
}

static void a_signal_does_not_hide_what_came_after_it(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER1));
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE,
                                      MIO_EDGE));
    raise(SIGUSR1);
    be_readable(f);
    turn(f, DEADLINE_NS);
    turn(f, 0);
    assert_string_equal(f->calls, "sr..");
}

static void two_loops_hear_the_same_signal(void **state)
{
    struct fixture *f = *state;
    struct fixture other = {.loop = NULL};
    assert_ok(mio_event_loop_new(&other.loop, NULL));
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER1));
    assert_ok(mio_event_loop_watch_signal(other.loop, MIO_SIGNAL_USER1));
    raise(SIGUSR1);
    turn(f, DEADLINE_NS);
    turn(&other, DEADLINE_NS);
    assert_string_equal(f->calls, "s.");
    assert_string_equal(other.calls, "s.");
    mio_event_loop_free(other.loop);
}

static void a_freed_loop_gives_the_signal_back(void **state)
{
    struct fixture *f = *state;
    struct sigaction before, after;
    sigaction(SIGUSR1, NULL, &before);
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER1));
    mio_event_loop_free(f->loop);
    f->loop = NULL;
    sigaction(SIGUSR1, NULL, &after);
    assert_true(before.sa_handler == after.sa_handler);
}

static void ignore(int number)
{
    (void)number;
}

static void a_wait_that_a_signal_ended_is_told_and_goes_on(void **state)
{
    struct fixture *f = *state;
    struct sigaction action = {.sa_handler = ignore}, before;
    struct itimerval soon = {.it_value = {.tv_usec = 1000},
                             .it_interval = {.tv_usec = 1000}};
    struct itimerval off = {.it_value = {.tv_sec = 0}};
    sigaction(SIGALRM, &action, &before);
    f->ticks_max = 2;
    setitimer(ITIMER_REAL, &soon, NULL);
    int rc = mio_event_loop_run(f->loop, &notes, f);
    setitimer(ITIMER_REAL, &off, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_ok(rc);
    assert_string_equal(f->calls, "i.i.");
}

/* --- misuse --------------------------------------------------------------- */

static void turn_again(void *ctx, struct mio_event_loop *loop)
{
    struct fixture *f = ctx;
    note(f, '.');
    assert_code(MIO_EBUSY, mio_event_loop_turn(loop, 0, &notes, f));
    assert_code(MIO_EBUSY, mio_event_loop_run(loop, &notes, f));
    mio_event_loop_shutdown(loop);
}

static void a_loop_is_not_run_within_itself(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler handler = {.tick = turn_again};
    assert_true(mio_event_loop_turn(f->loop, 0, &handler, f) >= 0);
    assert_ok(mio_event_loop_run(f->loop, &handler, f)); /* told already */
    send_one(f);
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_string_equal(f->calls, "..");
}

static void sources_are_refused_as_the_poll_does(void **state)
{
    struct fixture *f = *state;
    assert_code(MIO_ENOENT, mio_event_loop_reregister(f->loop, &f->source, A,
                                                      MIO_READABLE, 0));
    assert_code(MIO_ENOENT, mio_event_loop_deregister(f->loop, &f->source));
    assert_code(MIO_EINVAL,
                mio_event_loop_register(f->loop, &f->source, A, 0, MIO_EDGE));
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE, 0));
    assert_code(MIO_EEXIST, mio_event_loop_register(f->loop, &f->source, B,
                                                    MIO_READABLE, 0));
}

static void two_loops_do_not_share_a_source(void **state)
{
    struct fixture *f = *state;
    struct mio_event_loop *other;
    assert_ok(mio_event_loop_new(&other, NULL));
    assert_ok(mio_event_loop_register(f->loop, &f->source, A, MIO_READABLE, 0));
    assert_code(MIO_EEXIST,
                mio_event_loop_register(other, &f->source, A, MIO_READABLE, 0));
    assert_code(MIO_ENOENT, mio_event_loop_reregister(other, &f->source, A,
                                                      MIO_READABLE, 0));
    assert_code(MIO_ENOENT, mio_event_loop_deregister(other, &f->source));
    mio_event_loop_free(other);
}

static void the_tokens_of_the_loop_are_its_own(void **state)
{
    struct fixture *f = *state;
    mio_token highest = mio_token_of(MIO_EVENT_LOOP_TOKEN_MAX);
    for (uint64_t value = UINT64_MAX; value > highest.value; value--) {
        assert_code(MIO_EINVAL, mio_event_loop_register(
                                    f->loop, &f->source, mio_token_of(value),
                                    MIO_READABLE, MIO_EDGE));
        assert_false(mio_source_is_registered(&f->source));
    }
    assert_ok(mio_event_loop_register(f->loop, &f->source, highest,
                                      MIO_WRITABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_event_loop_reregister(f->loop, &f->source,
                                                      mio_token_of(UINT64_MAX),
                                                      MIO_WRITABLE, MIO_EDGE));
    turn(f, 0);
    assert_int_equal(f->event.token.value, highest.value);
}

static void options_out_of_range_are_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_event_loop *out = f->loop;
    struct mio_event_loop_options refused[] = {
        {.events_max = 65537},
        {.notify_capacity = (1U << 28) + 1},
        {.poll = {.sources_max = UINT32_MAX}},
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_code(MIO_EINVAL, mio_event_loop_new(&out, &refused[i]));
    assert_ptr_equal(out, f->loop);
}

static void the_sources_are_limited(void **state)
{
    struct fixture *f = *state;
    struct mio_event_loop *loop;
    struct mio_event_loop_options options = {.poll = {.sources_max = 1}};
    assert_ok(mio_event_loop_new(&loop, &options));
    assert_ok(mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER1));
    assert_code(MIO_ENOSPC, mio_event_loop_register(loop, &f->source, A,
                                                    MIO_READABLE, MIO_EDGE));
    mio_event_loop_free(loop);
}

static void a_failed_start_leaves_nothing_open(void **state)
{
    struct fixture *f = *state;
    struct mio_event_loop *out = NULL;
    struct rlimit before, low;
    int lowest = dup(0);
    close(lowest);
    getrlimit(RLIMIT_NOFILE, &before);
    low = before;
    /* One after the other is refused: of the loop, then of its signals. */
    int room = 0;
    for (int rc = MIO_EMFILE; rc != MIO_OK; room++) {
        low.rlim_cur = (rlim_t)lowest + (rlim_t)room;
        setrlimit(RLIMIT_NOFILE, &low);
        rc = mio_event_loop_new(&out, NULL);
        if (rc == MIO_OK) {
            rc = mio_event_loop_watch_signal(out, MIO_SIGNAL_USER1);
            mio_event_loop_free(out);
        }
        setrlimit(RLIMIT_NOFILE, &before);
        if (rc != MIO_OK)
            assert_code(MIO_EMFILE, rc);
        int now = dup(0);
        close(now);
        assert_int_equal(now, lowest);
    }
    assert_true(room > 3); /* a selector, and a pipe for the signals */
    assert_non_null(f->loop);
    mio_event_loop_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_turn_calls_back_in_its_order),
        TEST(each_turn_has_one_tick_after_all_else),
        TEST(without_callbacks_nothing_is_called),
        TEST(a_level_source_is_ready_each_turn_until_it_is_drained),
        TEST(an_edge_is_reported_once),
        TEST(a_oneshot_is_silent_until_it_is_reregistered),
        TEST(a_deregistered_source_is_silent),
        TEST(more_events_than_fit_come_in_later_turns),
        TEST(a_shutdown_before_run_is_not_lost),
        TEST(a_turn_leaves_the_shutdown_to_run_and_does_not_wait),
        TEST(a_turn_that_shuts_down_is_completed),
        TEST(another_thread_shuts_down_a_loop_that_waits),
        TEST(a_sender_shuts_down_and_is_told_when_there_is_no_loop),
        TEST(a_watched_signal_is_called_back),
        TEST(a_signal_does_not_hide_what_came_after_it),
        TEST(two_loops_hear_the_same_signal),
        TEST(a_freed_loop_gives_the_signal_back),
        TEST(a_wait_that_a_signal_ended_is_told_and_goes_on),
        TEST(a_loop_is_not_run_within_itself),
        TEST(sources_are_refused_as_the_poll_does),
        TEST(two_loops_do_not_share_a_source),
        TEST(the_tokens_of_the_loop_are_its_own),
        TEST(options_out_of_range_are_refused),
        TEST(the_sources_are_limited),
        TEST(a_failed_start_leaves_nothing_open),
    };
    return cmocka_run_group_tests_name("event_loop", tests, NULL, NULL);
}
