/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/registering_test.c - the contracts of registering again,
 * elsewhere, and not any more. */
#include <poll.h>

#include "net/udp_socket.h"
#include "tests/conformance/tcp_case.h"

static void registering_register_deregister(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream another;
    loop_watch(loop, &tcp->listener.source, A, MIO_READABLE);
    loop_watch(loop, &tcp->client.source, B, MIO_READABLE);
    loop_silence(loop);
    assert_ok(mio_poll_reregister(loop->poll, &tcp->client.source, C,
                                  MIO_WRITABLE, MIO_EDGE));
    assert_int_equal(loop_hear(loop, C).readiness, MIO_READY_WRITABLE);
    assert_ok(mio_poll_deregister(loop->poll, &tcp->listener.source));
    assert_ok(mio_poll_deregister(loop->poll, &tcp->client.source));

    /* Both are ready for what they were registered for. */
    assert_ok(mio_tcp_stream_connect(&another, &tcp->at));
    tcp_say(&tcp->server, "x");
    tcp_hear(tcp, &tcp->client, "x");
    loop_silence(loop);
    mio_tcp_stream_close(&another);
}

/* The kernel is asked, not the poll: its event must stay in there. */
static void await_readable(const struct mio_source *source)
{
    struct pollfd entry = {.fd = (int)source->handle, .events = POLLIN};
    int rc;
    do
        rc = poll(&entry, 1, -1);
    while (rc < 0);
    assert_int_equal(entry.revents, POLLIN);
}

static void registering_reregister_different_interest_without_poll(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct mio_source *source = &self->tcp.listener.source;
    struct mio_tcp_stream client;
    loop_watch(loop, source, A, MIO_READABLE);
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    await_readable(source);
    assert_ok(
        mio_poll_reregister(loop->poll, source, A, MIO_WRITABLE, MIO_EDGE));
    loop_silence(loop);
    mio_tcp_stream_close(&client);
}

/* Refused by the second poll, and still the first one's. */
static void assert_stays_here(struct loop *here, struct mio_source *source)
{
    struct mio_poll *there;
    assert_ok(mio_poll_new(&there, NULL));
    assert_code(MIO_EEXIST,
                mio_poll_register(there, source, B, MIO_WRITABLE, MIO_EDGE));
    assert_code(MIO_ENOENT,
                mio_poll_reregister(there, source, B, MIO_WRITABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_poll_deregister(there, source));
    wait_silence(there, here->events);
    mio_poll_free(there);
    assert_ok(
        mio_poll_reregister(here->poll, source, C, MIO_READABLE, MIO_EDGE));
}

static void registering_tcp_register_multiple_event_loops(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->listener.source, A, MIO_READABLE);
    assert_stays_here(&self->loop, &tcp->listener.source);
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    assert_stays_here(&self->loop, &tcp->client.source);
    tcp_say(&tcp->server, "x");
    (void)loop_hear(&self->loop, C);
}

static void registering_udp_register_multiple_event_loops(void **state)
{
    struct loop *loop = *state;
    struct mio_udp_socket socket;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open(&socket, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&socket, &at));
    loop_watch(loop, &socket.source, A, MIO_READABLE);
    assert_stays_here(loop, &socket.source);
    assert_int_equal(mio_udp_socket_send_to(&socket, "x", 1, &at), 1);
    (void)loop_hear(loop, C);
    mio_udp_socket_close(&socket);
}

static void registering_registering_after_deregistering(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct mio_source *source = &self->tcp.client.source;
    loop_watch(loop, source, A, MIO_READABLE);
    loop_silence(loop);
    assert_ok(mio_poll_deregister(loop->poll, source));
    loop_watch(loop, source, B, MIO_READABLE);
    loop_silence(loop);
    tcp_say(&self->tcp.server, "x");
    (void)loop_hear(loop, B);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(registering_register_deregister),
        CASE_TCP(registering_reregister_different_interest_without_poll),
        CASE_TCP(registering_tcp_register_multiple_event_loops),
        CASE(registering_udp_register_multiple_event_loops),
        CASE_TCP(registering_registering_after_deregistering),
    };
    return cmocka_run_group_tests_name("registering", cases, NULL, NULL);
}
