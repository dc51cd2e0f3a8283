/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/close_on_drop_test.c - what the peer sees of a close. */
#include "tests/conformance/tcp_case.h"

/* Accepted and closed at once. */
static void close_on_drop_close_on_drop(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    char byte;
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    tcp_accept(tcp, &server, NULL);
    mio_tcp_stream_close(&server);
    assert_false(mio_tcp_stream_is_open(&server));

    loop_watch(&self->loop, &client.source, A, MIO_READABLE);
    struct mio_event event = loop_hear(&self->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_tcp_stream_read(&client, &byte, 1), 0);
    mio_tcp_stream_close(&client);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(close_on_drop_close_on_drop),
    };
    return cmocka_run_group_tests_name("close_on_drop", cases, NULL, NULL);
}
