/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/event_loop_test.c - the loop of Mio 0.4 and its handler:
 * options, the order of a turn, registrations, the end. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "core/timer_wheel.h"
#include "core/waker.h"
#include "net/tcp_listener.h"
#include "net/udp_socket.h"
#include "tests/conformance/loop_case.h"

#define OPTIONS(...) ((struct mio_event_loop_options){__VA_ARGS__})

/* --- options -------------------------------------------------------------- */

static void event_loop_config_io_poll_timeout_ms(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(loop_case_turn(c, 0), 0);
    assert_int_equal(loop_case_turn(c, MIO_NS_PER_MS), 0);
    assert_calls(c, "..");
}

static void fill_channel(struct loop_case *c, uintptr_t capacity)
{
    for (uintptr_t i = 1; i <= capacity; i++)
        loop_case_send(c, i);
    assert_code(MIO_EFULL, mio_notify_sender_send(c->sender, c));
}

static void event_loop_config_notify_capacity(void **state)
{
    struct loop_case *c = *state;
    fill_channel(c, 4096);
    loop_case_reopen(c, OPTIONS(.notify_capacity = 8));
    fill_channel(c, 8);
}

static void event_loop_config_messages_per_tick(void **state)
{
    struct loop_case *c = *state;
    for (uintptr_t i = 1; i <= 300; i++)
        loop_case_send(c, i);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 256);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 44);
    loop_case_reopen(c, OPTIONS(.messages_per_tick = 2));
    for (uintptr_t i = 1; i <= 3; i++)
        loop_case_send(c, i);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 2);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
}

static void event_loop_config_timer_tick_ms(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(MIO_TICK_NS, 1 << 20);
    int64_t before_ns = mio_clock_monotonic_ns();
    assert_ok(mio_event_loop_set_timeout(c->loop, 1, A, NULL));
    while (loop_case_turn(c, MIO_FOREVER) == 0)
        ;
    /* At the end of the tick that the first nanosecond is in. */
    assert_true(mio_clock_monotonic_ns() >> MIO_TICK_SHIFT > before_ns >>
                MIO_TICK_SHIFT);
}

static void event_loop_config_timer_wheel_size(void **state)
{
    struct loop_case *c = *state;
    const int64_t year_ns = 365 * 24 * 3600 * MIO_NS_PER_S;
    for (int64_t delay_ns = MIO_NS_PER_S * 3600; delay_ns < 200 * year_ns;
         delay_ns *= 8)
        assert_ok(mio_event_loop_set_timeout(c->loop, delay_ns, B, NULL));
    loop_case_be_due(c, A);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(c->timeout.value, A.value);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void fill_timers(struct loop_case *c, uint32_t capacity)
{
    mio_key key;
    for (uint32_t i = 0; i < capacity; i++)
        assert_ok(
            mio_event_loop_set_timeout(c->loop, MIO_NS_PER_S * 3600, A, &key));
    assert_code(MIO_EFULL, mio_event_loop_set_timeout(c->loop, 1, A, NULL));
    assert_true(mio_event_loop_clear_timeout(c->loop, key));
    assert_ok(
        mio_event_loop_set_timeout(c->loop, MIO_NS_PER_S * 3600, A, &key));
}

static void event_loop_config_timer_capacity(void **state)
{
    struct loop_case *c = *state;
    fill_timers(c, 65536);
    loop_case_reopen(c, OPTIONS(.timers_max = 3));
    fill_timers(c, 3);
}

static void event_loop_config_builder(void **state)
{
    struct loop_case *c = *state;
    struct mio_event_loop *loop = NULL;
    const struct mio_event_loop_options refused[] = {
        {.events_max = 65537},
        {.notify_capacity = (UINT32_C(1) << 28) + 1},
        {.poll = {.sources_max = UINT32_MAX}},
    };
    assert_ok(mio_event_loop_new(&loop, NULL)); /* all as it is given */
    mio_event_loop_free(loop);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        loop = c->loop;
        assert_code(MIO_EINVAL, mio_event_loop_new(&loop, &refused[i]));
        assert_ptr_equal(loop, c->loop);
    }
}

static void event_loop_notify_token(void **state)
{
    struct loop_case *c = *state;
    mio_token highest = mio_token_of(MIO_EVENT_LOOP_TOKEN_MAX);
    mio_token above = mio_token_of(MIO_EVENT_LOOP_TOKEN_MAX + 1);
    assert_code(MIO_EINVAL,
                mio_event_loop_register(c->loop, &c->near.source, above,
                                        MIO_WRITABLE, MIO_EDGE));
    loop_case_watch(c, highest, MIO_WRITABLE, MIO_EDGE);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(c->event.token.value, highest.value);
    assert_code(MIO_EINVAL,
                mio_event_loop_reregister(c->loop, &c->near.source, above,
                                          MIO_WRITABLE, MIO_EDGE));
}

/* --- a turn --------------------------------------------------------------- */

static void event_loop_run(void **state)
{
    struct loop_case *c = *state;
    c->ticks_max = 3;
    loop_case_watch(c, A, MIO_WRITABLE, MIO_LEVEL);
    assert_ok(mio_event_loop_run(c->loop, &loop_case_handler, c));
    assert_calls(c, "r.r.r.");
}

static void event_loop_run_once_looks_for_messages_first(void **state)
{
    struct loop_case *c = *state;
    loop_case_send(c, 7);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_calls(c, "n.");
    assert_ptr_equal(c->message, (void *)7);
}

static void event_loop_run_once_waits_until_the_next_timer(void **state)
{
    struct loop_case *c = *state;
    int64_t due_ns = mio_clock_monotonic_ns() + 3 * MIO_NS_PER_MS;
    assert_ok(mio_event_loop_set_timeout(c->loop, 3 * MIO_NS_PER_MS, A, NULL));
    while (loop_case_turn(c, MIO_FOREVER) == 0)
        ;
    assert_true(mio_clock_monotonic_ns() >= due_ns);
    assert_int_equal(c->timeout.value, A.value);
}

static void event_loop_run_once_timeout(void **state)
{
    struct loop_case *c = *state;
    int64_t until_ns = mio_clock_monotonic_ns() + 2 * MIO_NS_PER_MS;
    assert_ok(
        mio_event_loop_set_timeout(c->loop, 3600 * MIO_NS_PER_S, A, NULL));
    assert_int_equal(loop_case_turn(c, 2 * MIO_NS_PER_MS), 0);
    assert_true(mio_clock_monotonic_ns() >= until_ns);
    assert_calls(c, ".");
}

static void do_nothing(int number)
{
    (void)number;
}

/* A signal to the main thread each millisecond. */
struct disturber {
    pthread_t target;
    uint32_t is_over; /* atomic */
};

static void *disturb(void *arg)
{
    struct disturber *self = arg;
    const struct timespec interval = {.tv_nsec = MIO_NS_PER_MS};
    while (!__atomic_load_n(&self->is_over, __ATOMIC_RELAXED)) {
        assert_int_equal(pthread_kill(self->target, SIGUSR2), 0);
        (void)nanosleep(&interval, NULL);
    }
    return NULL;
}

/* The handler stays: a last signal may come late. */
static void event_loop_run_once_interrupted(void **state)
{
    struct loop_case *c = *state;
    struct sigaction action = {.sa_handler = do_nothing,
                               .sa_flags = SA_RESTART};
    struct disturber disturber = {.target = pthread_self()};
    pthread_t thread;
    sigaction(SIGUSR2, &action, NULL);
    c->ticks_max = 2;
    assert_int_equal(pthread_create(&thread, NULL, disturb, &disturber), 0);
    assert_ok(mio_event_loop_run(c->loop, &loop_case_handler, c));
    __atomic_store_n(&disturber.is_over, 1, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    assert_calls(c, "i.i.");
}

static void event_loop_run_once_order(void **state)
{
    struct loop_case *c = *state;
    loop_case_be_due(c, B);
    loop_case_send(c, 1);
    loop_case_send(c, 2);
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    loop_case_say(c);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 4);
    assert_calls(c, "rnnt.");
}

/* The error of a wait is told: here another thread's, on the same poll. */
struct waiter {
    struct mio_poll *poll;
    struct mio_events *events;
    int rc;
};

static void *wait_elsewhere(void *arg)
{
    struct waiter *waiter = arg;
    do
        waiter->rc = mio_poll_wait(waiter->poll, waiter->events, MIO_FOREVER);
    while (waiter->rc == MIO_EBUSY || waiter->rc == MIO_EINTR ||
           waiter->rc == 0);
    return NULL;
}

static void event_loop_run_once_error(void **state)
{
    struct loop_case *c = *state;
    struct waiter waiter = {.poll = mio_event_loop_poll(c->loop)};
    struct mio_waker *waker;
    pthread_t thread;
    int rc;
    assert_ok(mio_events_new(&waiter.events, 4));
    assert_ok(mio_waker_new(&waker, waiter.poll, A));
    assert_int_equal(pthread_create(&thread, NULL, wait_elsewhere, &waiter), 0);
    do {
        (void)sched_yield();
        rc = mio_event_loop_turn(c->loop, 0, &(struct mio_handler){0}, NULL);
    } while (rc >= 0);
    assert_code(MIO_EBUSY, rc);
    assert_ok(mio_waker_wake(waker));
    pthread_join(thread, NULL);
    assert_int_equal(waiter.rc, 1);
    mio_waker_free(waker);
    mio_events_free(waiter.events);
    assert_int_equal(loop_case_turn(c, 0), 0); /* it is as before */
}

/* --- the end -------------------------------------------------------------- */

static void shut_down_first(void *ctx, struct mio_event_loop *loop,
                            const struct mio_event *event)
{
    assert_true(mio_event_loop_is_running(loop));
    mio_event_loop_shutdown(loop);
    assert_false(mio_event_loop_is_running(loop));
    loop_case_ready(ctx, loop, event);
}

static void event_loop_shutdown(void **state)
{
    struct loop_case *c = *state;
    struct mio_handler handler = loop_case_handler;
    handler.ready = shut_down_first;
    loop_case_be_due(c, A);
    loop_case_send(c, 1);
    loop_case_watch(c, A, MIO_WRITABLE, MIO_LEVEL);
    assert_ok(mio_event_loop_run(c->loop, &handler, c));
    assert_calls(c, "rnt.");
}

static void event_loop_shutdown_is_sticky(void **state)
{
    struct loop_case *c = *state;
    mio_event_loop_shutdown(c->loop);
    mio_event_loop_shutdown(c->loop);
    loop_case_turn(c, MIO_FOREVER); /* leaves it to run, and does not wait */
    assert_calls(c, ".");
    assert_ok(mio_event_loop_run(c->loop, &loop_case_handler, c));
    assert_calls(c, "");
    c->ticks_max = c->ticks_count + 1;
    loop_case_send(c, 1);
    assert_ok(mio_event_loop_run(c->loop, &loop_case_handler, c));
    assert_calls(c, "n.");
}

static void look_and_shut_down(void *ctx, struct mio_event_loop *loop)
{
    assert_true(mio_event_loop_is_running(loop));
    mio_event_loop_shutdown(loop);
    loop_case_note(ctx, mio_event_loop_is_running(loop) ? 'x' : '.');
}

static void event_loop_is_running(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.tick = look_and_shut_down};
    assert_false(mio_event_loop_is_running(c->loop));
    loop_case_send(c, 1);
    assert_ok(mio_event_loop_run(c->loop, &handler, c));
    assert_calls(c, ".");
    assert_false(mio_event_loop_is_running(c->loop));
}

/* --- registrations -------------------------------------------------------- */

static void event_loop_register(void **state)
{
    struct loop_case *c = *state;
    loop_case_watch(c, A, MIO_READABLE | MIO_WRITABLE, MIO_LEVEL);
    loop_case_say(c);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(loop_case_turn(c, 0), 1);
        assert_int_equal(c->event.token.value, A.value);
        assert_int_equal(c->event.readiness,
                         MIO_READY_READABLE | MIO_READY_WRITABLE);
    }
    assert_code(MIO_EEXIST, mio_event_loop_register(c->loop, &c->near.source, B,
                                                    MIO_READABLE, MIO_LEVEL));
}

static void event_loop_reregister(void **state)
{
    struct loop_case *c = *state;
    assert_code(MIO_ENOENT,
                mio_event_loop_reregister(c->loop, &c->near.source, A,
                                          MIO_READABLE, MIO_EDGE));
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    assert_ok(mio_event_loop_reregister(c->loop, &c->near.source, B,
                                        MIO_WRITABLE, MIO_EDGE));
    loop_case_say(c);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(c->event.token.value, B.value);
    assert_int_equal(c->event.readiness, MIO_READY_WRITABLE);
}

static void event_loop_deregister(void **state)
{
    struct loop_case *c = *state;
    assert_code(MIO_ENOENT,
                mio_event_loop_deregister(c->loop, &c->near.source));
    loop_case_watch(c, A, MIO_READABLE | MIO_WRITABLE, MIO_LEVEL);
    assert_ok(mio_event_loop_deregister(c->loop, &c->near.source));
    loop_case_say(c);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void event_loop_event_set(void **state)
{
    struct loop_case *c = *state;
    assert_code(MIO_EINVAL, mio_event_loop_register(c->loop, &c->near.source, A,
                                                    0, MIO_LEVEL));
    assert_code(MIO_EINVAL, mio_event_loop_register(c->loop, &c->near.source, A,
                                                    32, MIO_LEVEL));
    loop_case_watch(c, A, MIO_READABLE, MIO_LEVEL);
    assert_int_equal(loop_case_turn(c, 0), 0); /* it could be written */
    mio_unix_stream_close(&c->far);
    assert_int_equal(loop_case_turn(c, 0), 1); /* asked for or not */
    assert_true(mio_event_is_readable(&c->event));
    assert_true(mio_event_is_read_closed(&c->event));
    assert_true(mio_event_is_write_closed(&c->event));
}

static void event_loop_poll_opt(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(MIO_EDGE | MIO_LEVEL, MIO_LEVEL);
    loop_case_say(c);
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(loop_case_turn(c, 0), 0);
    assert_ok(mio_event_loop_reregister(c->loop, &c->near.source, A,
                                        MIO_READABLE, MIO_EDGE | MIO_LEVEL));
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_ok(mio_event_loop_reregister(c->loop, &c->near.source, A,
                                        MIO_READABLE, MIO_LEVEL | MIO_ONESHOT));
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(loop_case_turn(c, 0), 0);
    assert_code(MIO_EINVAL,
                mio_event_loop_reregister(c->loop, &c->near.source, A,
                                          MIO_READABLE, MIO_MODE_ALL + 1));
}

static void register_twice(struct loop_case *c, struct mio_source *source)
{
    struct mio_event_loop *other;
    assert_ok(mio_event_loop_new(&other, NULL));
    assert_ok(
        mio_event_loop_register(c->loop, source, A, MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EEXIST, mio_event_loop_register(other, source, A,
                                                    MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_event_loop_reregister(other, source, A,
                                                      MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_event_loop_deregister(other, source));
    assert_ok(mio_event_loop_deregister(c->loop, source));
    assert_ok(
        mio_event_loop_register(other, source, A, MIO_READABLE, MIO_EDGE));
    assert_ok(mio_event_loop_deregister(other, source));
    mio_event_loop_free(other);
}

static void event_loop_tcp_register_multiple_event_loops(void **state)
{
    struct mio_tcp_listener listener;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_tcp_listener_open(&listener, &at, NULL));
    register_twice(*state, &listener.source);
    mio_tcp_listener_close(&listener);
}

static void event_loop_udp_register_multiple_event_loops(void **state)
{
    struct mio_udp_socket udp;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open(&udp, &at, NULL));
    register_twice(*state, &udp.source);
    mio_udp_socket_close(&udp);
}

/* --- the handler ---------------------------------------------------------- */

static void event_loop_handler_defaults(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler nobody;
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    loop_case_watch(c, A, MIO_WRITABLE, MIO_LEVEL);
    loop_case_be_due(c, A);
    loop_case_send(c, 1);
    raise(SIGUSR1);
    assert_int_equal(mio_event_loop_turn(c->loop, MIO_FOREVER, &nobody, NULL),
                     4);
    assert_int_equal(c->released_count, 1);
}

static void event_loop_ready_once_per_tick(void **state)
{
    struct loop_case *c = *state;
    loop_case_watch(c, A, MIO_READABLE | MIO_WRITABLE, MIO_EDGE);
    loop_case_say(c);
    mio_unix_stream_close(&c->far);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_true(mio_event_is_readable(&c->event));
    assert_true(mio_event_is_writable(&c->event));
    assert_true(mio_event_is_read_closed(&c->event));
    assert_int_equal(loop_case_turn(c, 0), 0);
    assert_calls(c, "r..");
}

/* Before 0.4 each direction had its function, and reading a hint. */
static void event_loop_readable_and_writable_hints(void **state)
{
    struct loop_case *c = *state;
    loop_case_watch(c, A, MIO_READABLE | MIO_WRITABLE, MIO_EDGE);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(c->event.readiness, MIO_READY_WRITABLE);
    assert_ok(mio_event_loop_reregister(c->loop, &c->near.source, A,
                                        MIO_READABLE, MIO_EDGE));
    loop_case_say(c);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_int_equal(c->event.readiness, MIO_READY_READABLE);
    assert_ok(mio_unix_stream_shutdown(&c->far, MIO_SHUTDOWN_WRITE));
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_true(mio_event_is_readable(&c->event));
    assert_true(mio_event_is_read_closed(&c->event));
    assert_false(mio_event_is_error(&c->event));
}

static void event_loop_tick(void **state)
{
    struct loop_case *c = *state;
    loop_case_turn(c, 0);
    loop_case_watch(c, A, MIO_WRITABLE, MIO_LEVEL);
    loop_case_turn(c, 0);
    loop_case_turn(c, 0);
    assert_calls(c, ".r.r.");
}

/* --- what the loop's own tests asked -------------------------------------- */

static void read_and_shut_down(void *ctx, struct mio_event_loop *loop,
                               const struct mio_event *event)
{
    struct loop_case *c = ctx;
    char byte;
    assert_true(mio_event_is_readable(event));
    assert_int_equal(mio_unix_stream_read(&c->near, &byte, 1), 1);
    mio_event_loop_shutdown(loop);
    loop_case_note(c, 'r');
}

static void event_loop_readable(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.ready = read_and_shut_down};
    loop_case_say(c);
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    assert_ok(mio_event_loop_run(c->loop, &handler, c));
    assert_calls(c, "r");
}

static void event_loop_broken_pipe(void **state)
{
    struct loop_case *c = *state;
    char byte;
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    mio_unix_stream_close(&c->far);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_true(mio_event_is_read_closed(&c->event));
    assert_int_equal(mio_unix_stream_read(&c->near, &byte, 1), 0);
    assert_int_equal(mio_unix_stream_write(&c->near, "x", 1), MIO_EPIPE);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_LOOP(event_loop_config_io_poll_timeout_ms),
        CASE_LOOP(event_loop_config_notify_capacity),
        CASE_LOOP(event_loop_config_messages_per_tick),
        CASE_LOOP(event_loop_config_timer_tick_ms),
        CASE_LOOP(event_loop_config_timer_wheel_size),
        CASE_LOOP(event_loop_config_timer_capacity),
        CASE_LOOP(event_loop_config_builder),
        CASE_LOOP(event_loop_notify_token),
        CASE_LOOP(event_loop_run),
        CASE_LOOP(event_loop_run_once_looks_for_messages_first),
        CASE_LOOP(event_loop_run_once_waits_until_the_next_timer),
        CASE_LOOP(event_loop_run_once_timeout),
        CASE_LOOP(event_loop_run_once_interrupted),
        CASE_LOOP(event_loop_run_once_order),
        CASE_LOOP(event_loop_run_once_error),
        CASE_LOOP(event_loop_shutdown),
        CASE_LOOP(event_loop_shutdown_is_sticky),
        CASE_LOOP(event_loop_is_running),
        CASE_LOOP(event_loop_register),
        CASE_LOOP(event_loop_reregister),
        CASE_LOOP(event_loop_deregister),
        CASE_LOOP(event_loop_event_set),
        CASE_LOOP(event_loop_poll_opt),
        CASE_LOOP(event_loop_tcp_register_multiple_event_loops),
        CASE_LOOP(event_loop_udp_register_multiple_event_loops),
        CASE_LOOP(event_loop_handler_defaults),
        CASE_LOOP(event_loop_ready_once_per_tick),
        CASE_LOOP(event_loop_readable_and_writable_hints),
        CASE_LOOP(event_loop_tick),
        CASE_LOOP(event_loop_readable),
        CASE_LOOP(event_loop_broken_pipe),
    };
    return cmocka_run_group_tests_name("event_loop", cases, NULL, NULL);
}
