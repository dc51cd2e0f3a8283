/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/events_test.c - the contracts of events and batches. */
#include "core/waker.h"
#include "net/pipe.h"
#include "net/tcp_listener.h"
#include "net/tcp_stream.h"
#include "net/udp_socket.h"
#include "net/unix_datagram.h"
#include "net/unix_listener.h"
#include "net/unix_stream.h"
#include "tests/conformance/conformance.h"
#include "tests/net/unix.h"

#define SOURCES_COUNT 9

/* Of each type, through a pointer that knows nothing of it. */
static void watch_all(struct loop *loop,
                      struct mio_source *sources[SOURCES_COUNT])
{
    for (uint64_t i = 0; i < SOURCES_COUNT; i++)
        loop_watch(loop, sources[i], mio_token_of(i),
                   MIO_READABLE | MIO_WRITABLE);
    for (uint64_t i = 0; i < SOURCES_COUNT; i++)
        assert_ok(mio_poll_reregister(loop->poll, sources[i],
                                      mio_token_of(100 + i), MIO_READABLE,
                                      MIO_EDGE));
    for (uint64_t i = 0; i < SOURCES_COUNT; i++)
        assert_ok(mio_poll_deregister(loop->poll, sources[i]));
    loop_silence(loop);
}

static void events_assert_event_source_implemented_for(void **state)
{
    struct loop *loop = *state;
    struct mio_address at = address_at("127.0.0.1:0");
    struct mio_address name = abstract_name("events");
    struct mio_tcp_listener tcp_listener;
    struct mio_tcp_stream tcp_stream;
    struct mio_udp_socket udp;
    struct mio_unix_listener unix_listener;
    struct mio_unix_stream streams[2];
    struct mio_unix_datagram datagram;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;

    assert_ok(mio_tcp_listener_open(&tcp_listener, &at, NULL));
    assert_ok(mio_tcp_listener_address(&tcp_listener, &at));
    assert_ok(mio_tcp_stream_connect(&tcp_stream, &at));
    at = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open(&udp, &at, NULL));
    assert_ok(mio_unix_listener_open(&unix_listener, &name, NULL));
    assert_ok(mio_unix_stream_pair(&streams[0], &streams[1]));
    assert_ok(mio_unix_datagram_open_unbound(&datagram));
    assert_ok(mio_pipe_open(&sender, &receiver));

    struct mio_source *sources[SOURCES_COUNT] = {
        &tcp_listener.source,  &tcp_stream.source, &udp.source,
        &unix_listener.source, &streams[0].source, &streams[1].source,
        &datagram.source,      &sender.source,     &receiver.source};
    watch_all(loop, sources);

    mio_pipe_receiver_close(&receiver);
    mio_pipe_sender_close(&sender);
    mio_unix_datagram_close(&datagram);
    mio_unix_stream_close(&streams[0]);
    mio_unix_stream_close(&streams[1]);
    mio_unix_listener_close(&unix_listener);
    mio_udp_socket_close(&udp);
    mio_tcp_stream_close(&tcp_stream);
    mio_tcp_listener_close(&tcp_listener);
}

static void events_events_all(void **state)
{
    struct loop *loop = *state;
    struct mio_event event;
    struct mio_waker *waker;
    assert_int_equal(mio_events_capacity(loop->events), 16);
    assert_true(mio_events_is_empty(loop->events));
    assert_false(mio_events_next(loop->events, &event));

    assert_ok(mio_waker_new(&waker, loop->poll, A));
    assert_ok(mio_waker_wake(waker));
    event = loop_hear(loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(event.readiness, MIO_READY_READABLE);
    assert_false(mio_events_is_empty(loop->events));
    mio_events_rewind(loop->events);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, A.value);

    mio_events_rewind(loop->events);
    mio_events_clear(loop->events);
    assert_true(mio_events_is_empty(loop->events));
    assert_false(mio_events_next(loop->events, &event));
    assert_int_equal(mio_events_capacity(loop->events), 16);
    mio_waker_free(waker);
}

struct handed_on {
    struct loop *loop;
    struct mio_event event;
    bool is_found;
};

static void *take_event(void *arg)
{
    struct handed_on *self = arg;
    self->is_found = mio_events_next(self->loop->events, &self->event);
    return NULL;
}

/* A batch is filled here and taken from there; the event comes back. */
static void events_is_event_send_sync(void **state)
{
    struct loop *loop = *state;
    struct handed_on handed_on = {.loop = loop};
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, loop->poll, B));
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(wait_some(loop->poll, loop->events), 1);
    pthread_t thread = thread_start(take_event, &handed_on);
    thread_join(thread);
    assert_true(handed_on.is_found);
    assert_int_equal(handed_on.event.token.value, B.value);
    assert_true(mio_event_is_readable(&handed_on.event));
    mio_waker_free(waker);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(events_assert_event_source_implemented_for),
        CASE(events_events_all),
        CASE(events_is_event_send_sync),
    };
    return cmocka_run_group_tests_name("events", cases, NULL, NULL);
}
