/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/level_test.c - told at each wait, as long as it holds. */
#include "net/udp_socket.h"
#include "net/unix_stream.h"
#include "tests/conformance/tcp_case.h"

static void watch(struct tcp_case *c, struct mio_source *source,
                  mio_token token, uint32_t interest)
{
    assert_ok(
        mio_poll_register(c->loop.poll, source, token, interest, MIO_LEVEL));
}

static void hear_often(struct tcp_case *c, mio_token token, uint32_t readiness)
{
    for (int i = 0; i < 3; i++) {
        struct mio_event event = loop_hear(&c->loop, token);
        assert_true((event.readiness & readiness) == readiness);
    }
}

static void level_tcp_listener(void **state)
{
    struct tcp_case *c = *state;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    watch(c, &c->tcp.listener.source, A, MIO_READABLE);
    loop_silence(&c->loop);
    assert_ok(mio_tcp_stream_connect(&client, &c->tcp.at));
    hear_often(c, A, MIO_READY_READABLE);
    assert_ok(mio_tcp_listener_accept(&c->tcp.listener, &server, NULL));
    loop_silence(&c->loop);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
}

static void level_tcp_stream(void **state)
{
    struct tcp_case *c = *state;
    char bytes[8];
    watch(c, &c->tcp.client.source, B, MIO_READABLE);
    tcp_say(&c->tcp.server, "hello");
    hear_often(c, B, MIO_READY_READABLE);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 3), 3);
    hear_often(c, B, MIO_READY_READABLE); /* there is more */
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 2), 2);
    loop_silence(&c->loop);
    mio_tcp_stream_close(&c->tcp.server);
    hear_often(c, B, MIO_READY_READABLE | MIO_READY_READ_CLOSED);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 2), 0);
    hear_often(c, B, MIO_READY_READ_CLOSED); /* an end does not go away */
}

static void level_udp(void **state)
{
    struct tcp_case *c = *state;
    struct mio_udp_socket udp;
    struct mio_address at = address_at("127.0.0.1:0");
    char bytes[8];
    assert_ok(mio_udp_socket_open(&udp, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&udp, &at));
    watch(c, &udp.source, A, MIO_READABLE);
    loop_silence(&c->loop);
    for (int i = 0; i < 2; i++)
        assert_int_equal(mio_udp_socket_send_to(&udp, "hello", 5, &at), 5);
    for (int i = 0; i < 2; i++) {
        hear_often(c, A, MIO_READY_READABLE);
        assert_int_equal(mio_udp_socket_recv(&udp, bytes, 8), 5);
    }
    loop_silence(&c->loop);
    mio_udp_socket_close(&udp);
}

/* Of a Unix stream: full, it stays so until it is read. */
static void level_writable(void **state)
{
    struct tcp_case *c = *state;
    struct mio_unix_stream near;
    struct mio_unix_stream far;
    static char bytes[1 << 16];
    assert_ok(mio_unix_stream_pair(&near, &far));
    watch(c, &near.source, B, MIO_WRITABLE);
    hear_often(c, B, MIO_READY_WRITABLE);
    while (mio_unix_stream_write(&near, bytes, sizeof(bytes)) > 0)
        ;
    loop_silence(&c->loop);
    while (mio_unix_stream_read(&far, bytes, sizeof(bytes)) > 0)
        ;
    hear_often(c, B, MIO_READY_WRITABLE);
    mio_unix_stream_close(&near);
    mio_unix_stream_close(&far);
}

static void level_reregistered_as_edge(void **state)
{
    struct tcp_case *c = *state;
    watch(c, &c->tcp.client.source, A, MIO_WRITABLE);
    hear_often(c, A, MIO_READY_WRITABLE);
    assert_ok(mio_poll_reregister(c->loop.poll, &c->tcp.client.source, B,
                                  MIO_WRITABLE, MIO_EDGE));
    loop_hear(&c->loop, B);
    loop_silence(&c->loop);
    assert_ok(mio_poll_reregister(c->loop.poll, &c->tcp.client.source, A,
                                  MIO_WRITABLE, MIO_LEVEL));
    hear_often(c, A, MIO_READY_WRITABLE);
}

static void level_deregistered(void **state)
{
    struct tcp_case *c = *state;
    watch(c, &c->tcp.client.source, A, MIO_WRITABLE);
    hear_often(c, A, MIO_READY_WRITABLE);
    assert_ok(mio_poll_deregister(c->loop.poll, &c->tcp.client.source));
    loop_silence(&c->loop);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(level_tcp_listener),
        CASE_TCP(level_tcp_stream),
        CASE_TCP(level_udp),
        CASE_TCP(level_writable),
        CASE_TCP(level_reregistered_as_edge),
        CASE_TCP(level_deregistered),
    };
    return cmocka_run_group_tests_name("level", cases, NULL, NULL);
}
