/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/regressions_test.c - faults that Mio had once; the numbers
 * are those of its issues. */
#include "core/waker.h"
#include "net/unix_datagram.h"
#include "tests/conformance/tcp_case.h"
#include "tests/net/unix.h"

/* Nothing to read on a connection that just is. */
static void regressions_issue_776(void **state)
{
    struct tcp_case *self = *state;
    char byte;
    loop_watch(&self->loop, &self->tcp.client.source, A, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&self->tcp.client, &byte, 1),
                     MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_read(&self->tcp.server, &byte, 1),
                     MIO_EAGAIN);
    loop_silence(&self->loop);
}

static void *wake(void *waker)
{
    (void)mio_waker_wake(waker);
    return NULL;
}

/* Deregistered, a listener to which somebody connects ends no wait. */
static void regressions_issue_1205(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct mio_source *source = &self->tcp.listener.source;
    struct mio_tcp_stream client;
    struct mio_waker *waker;
    struct mio_event event;
    assert_ok(mio_waker_new(&waker, loop->poll, B));
    loop_watch(loop, source, A, MIO_READABLE);
    loop_silence(loop);
    assert_ok(mio_poll_deregister(loop->poll, source));
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    (void)tcp_await(&self->tcp, &client.source, MIO_WRITABLE);

    pthread_t thread = thread_start(wake, waker);
    assert_int_equal(wait_on(loop->poll, loop->events, MIO_FOREVER), 1);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, B.value);
    thread_join(thread);
    mio_waker_free(waker);
    mio_tcp_stream_close(&client);
}

/* Who has no name is not said to have one. */
static void regressions_issue_1403(void **state)
{
    struct loop *loop = *state;
    struct mio_unix_datagram named;
    struct mio_unix_datagram nameless;
    struct mio_address at = abstract_name("issue_1403");
    struct mio_address from = at;
    char bytes[8];
    assert_ok(mio_unix_datagram_open(&named, &at));
    assert_ok(mio_unix_datagram_open_unbound(&nameless));
    assert_int_equal(mio_unix_datagram_send_to(&nameless, "abc", 3, &at), 3);
    (void)loop_await(loop, &named.source, MIO_READABLE);
    assert_int_equal(
        mio_unix_datagram_recv_from(&named, bytes, sizeof(bytes), &from), 3);
    assert_int_equal(mio_address_family(&from), MIO_FAMILY_NONE);
    mio_unix_datagram_close(&named);
    mio_unix_datagram_close(&nameless);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(regressions_issue_776),
        CASE_TCP(regressions_issue_1205),
        CASE(regressions_issue_1403),
    };
    return cmocka_run_group_tests_name("regressions", cases, NULL, NULL);
}
