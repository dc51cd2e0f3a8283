/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/oneshot_test.c - told once, and then only after a
 * reregister. */
#include "tests/conformance/tcp_case.h"

static void watch(struct tcp_case *c, uint32_t interest, uint32_t mode)
{
    assert_ok(mio_poll_register(c->loop.poll, &c->tcp.client.source, A,
                                interest, mode | MIO_ONESHOT));
}

static void watch_again(struct tcp_case *c, mio_token token, uint32_t interest)
{
    assert_ok(mio_poll_reregister(c->loop.poll, &c->tcp.client.source, token,
                                  interest, MIO_ONESHOT));
}

static void await_bytes(struct tcp_case *c)
{
    char byte;
    while (mio_tcp_stream_peek(&c->tcp.client, &byte, 1) == MIO_EAGAIN)
        ;
}

static void oneshot_fires_once(void **state)
{
    struct tcp_case *c = *state;
    char bytes[8];
    watch(c, MIO_READABLE, MIO_EDGE);
    tcp_say(&c->tcp.server, "one");
    loop_hear(&c->loop, A);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 8), 3);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 8), MIO_EAGAIN);
    tcp_say(&c->tcp.server, "two");
    await_bytes(c);
    loop_silence(&c->loop);
}

static void oneshot_reregister_tells_of_unread_bytes(void **state)
{
    struct tcp_case *c = *state;
    watch(c, MIO_READABLE, MIO_EDGE);
    tcp_say(&c->tcp.server, "hello");
    loop_hear(&c->loop, A);
    for (int i = 0; i < 3; i++) {
        loop_silence(&c->loop);
        watch_again(c, B, MIO_READABLE);
        struct mio_event event = loop_hear(&c->loop, B);
        assert_true(mio_event_is_readable(&event));
    }
}

static void oneshot_of_a_drained_one_waits(void **state)
{
    struct tcp_case *c = *state;
    char bytes[8];
    watch(c, MIO_READABLE, MIO_EDGE);
    tcp_say(&c->tcp.server, "hello");
    loop_hear(&c->loop, A);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 8), 5);
    watch_again(c, A, MIO_READABLE);
    loop_silence(&c->loop);
    tcp_say(&c->tcp.server, "again");
    loop_hear(&c->loop, A);
}

static void oneshot_with_level(void **state)
{
    struct tcp_case *c = *state;
    watch(c, MIO_READABLE, MIO_LEVEL);
    tcp_say(&c->tcp.server, "hello");
    loop_hear(&c->loop, A);
    loop_silence(&c->loop);
    watch_again(c, A, MIO_READABLE);
    loop_hear(&c->loop, A);
}

static void oneshot_disarms_both_directions(void **state)
{
    struct tcp_case *c = *state;
    watch(c, MIO_READABLE | MIO_WRITABLE, MIO_EDGE);
    struct mio_event event = loop_hear(&c->loop, A);
    assert_int_equal(event.readiness, MIO_READY_WRITABLE);
    tcp_say(&c->tcp.server, "hello");
    await_bytes(c);
    loop_silence(&c->loop);
    watch_again(c, A, MIO_READABLE | MIO_WRITABLE);
    event = loop_hear(&c->loop, A);
    assert_int_equal(event.readiness, MIO_READY_READABLE | MIO_READY_WRITABLE);
}

static void oneshot_tells_of_nothing_else(void **state)
{
    struct tcp_case *c = *state;
    watch(c, MIO_WRITABLE, MIO_EDGE);
    loop_hear(&c->loop, A);
    assert_ok(mio_tcp_stream_set_reset_on_close(&c->tcp.server, true));
    mio_tcp_stream_close(&c->tcp.server);
    await_bytes(c);
    loop_silence(&c->loop); /* a reset, even */
    watch_again(c, A, MIO_WRITABLE);
    struct mio_event event = loop_hear(&c->loop, A);
    assert_true(mio_event_is_write_closed(&event));
}

static void oneshot_is_deregistered_when_silent(void **state)
{
    struct tcp_case *c = *state;
    watch(c, MIO_WRITABLE, MIO_EDGE);
    loop_hear(&c->loop, A);
    assert_code(MIO_EEXIST,
                mio_poll_register(c->loop.poll, &c->tcp.client.source, B,
                                  MIO_WRITABLE, MIO_EDGE));
    assert_ok(mio_poll_deregister(c->loop.poll, &c->tcp.client.source));
    loop_watch(&c->loop, &c->tcp.client.source, B, MIO_WRITABLE);
    loop_hear(&c->loop, B);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(oneshot_fires_once),
        CASE_TCP(oneshot_reregister_tells_of_unread_bytes),
        CASE_TCP(oneshot_of_a_drained_one_waits),
        CASE_TCP(oneshot_with_level),
        CASE_TCP(oneshot_disarms_both_directions),
        CASE_TCP(oneshot_tells_of_nothing_else),
        CASE_TCP(oneshot_is_deregistered_when_silent),
    };
    return cmocka_run_group_tests_name("oneshot", cases, NULL, NULL);
}
