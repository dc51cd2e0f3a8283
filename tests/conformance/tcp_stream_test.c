/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/tcp_stream_test.c - the contracts of TCP streams. */
#include <sys/socket.h>

#include "tests/conformance/tcp_case.h"

#define BOTH (MIO_READABLE | MIO_WRITABLE)

static void *write_there(void *arg)
{
    (void)!mio_tcp_stream_write(arg, "from there", 10);
    return NULL;
}

static void tcp_stream_is_send_and_sync(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->server.source, A, MIO_WRITABLE);
    (void)loop_hear(&self->loop, A);
    thread_join(thread_start(write_there, &tcp->server));
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->server.source));
    tcp_hear(tcp, &tcp->client, "from there");
}

/* --- from the connection to the last byte ------------------------------- */

/* The client is registered as A, and what it waits for came. */
static void expect_idle(struct loop *loop, struct tcp *tcp)
{
    char byte;
    assert_int_equal(loop_hear(loop, A).readiness, MIO_READY_WRITABLE);
    assert_ok(mio_tcp_stream_take_error(&tcp->client));
    assert_int_equal(mio_tcp_stream_peek(&tcp->client, &byte, 1), MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), MIO_EAGAIN);
    loop_silence(loop);
}

static void expect_addresses(struct tcp *tcp)
{
    struct mio_address local;
    struct mio_address peer;
    assert_ok(mio_tcp_stream_peer_address(&tcp->client, &peer));
    assert_true(mio_address_equal(&peer, &tcp->at));
    assert_ok(mio_tcp_stream_local_address(&tcp->client, &local));
    assert_ok(mio_tcp_stream_peer_address(&tcp->server, &peer));
    assert_true(mio_address_equal(&peer, &local));
}

/* What the client says comes back, and it peeks at it before it reads it. */
static void expect_echo(struct loop *loop, struct tcp *tcp)
{
    char bytes[32];
    tcp_say(&tcp->client, "hello world");
    tcp_hear(tcp, &tcp->server, "hello world");
    tcp_say(&tcp->server, "hello world");
    assert_true(loop_hear(loop, A).readiness & MIO_READY_READABLE);
    assert_int_equal(mio_tcp_stream_peek(&tcp->client, bytes, sizeof(bytes)),
                     11);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, sizeof(bytes)),
                     11);
    assert_memory_equal(bytes, "hello world", 11);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 1), MIO_EAGAIN);
}

/* Gathered from two pieces, an empty one between them, and scattered. */
static void expect_vectored(struct loop *loop, struct tcp *tcp)
{
    char first[4];
    char second[16];
    const struct mio_iovec out[] = {{"hell", 4}, {"", 0}, {"o again", 7}};
    const struct mio_iovec in[] = {{first, 4}, {second, 16}};
    assert_int_equal(mio_tcp_stream_writev(&tcp->client, out, 3), 11);
    tcp_hear(tcp, &tcp->server, "hello again");
    assert_int_equal(mio_tcp_stream_readv(&tcp->client, in, 2), MIO_EAGAIN);
    tcp_say(&tcp->server, "hello again");
    assert_true(loop_hear(loop, A).readiness & MIO_READY_READABLE);
    assert_int_equal(mio_tcp_stream_readv(&tcp->client, in, 2), 11);
    assert_memory_equal(first, "hell", 4);
    assert_memory_equal(second, "o again", 7);
}

/* The client of `tcp` is connecting or connected, nobody accepted it yet. */
static void smoke(struct loop *loop, struct tcp *tcp)
{
    assert_sound(&tcp->client.source);
    loop_watch(loop, &tcp->client.source, A, BOTH);
    expect_idle(loop, tcp);
    tcp_accept(tcp, &tcp->server, NULL);
    assert_sound(&tcp->server.source);
    expect_addresses(tcp);
    expect_echo(loop, tcp);
    expect_vectored(loop, tcp);
    assert_ok(mio_tcp_stream_take_error(&tcp->client));
}

static void smoke_at(struct loop *loop, const char *at)
{
    struct tcp tcp = {.poll = loop->poll, .events = loop->events};
    tcp_listen(&tcp, at);
    assert_ok(mio_tcp_stream_connect(&tcp.client, &tcp.at));
    smoke(loop, &tcp);
    tcp_close_sockets(&tcp);
}

static void tcp_stream_tcp_stream_ipv4(void **state)
{
    smoke_at(*state, "127.0.0.1:0");
}

static void tcp_stream_tcp_stream_ipv6(void **state)
{
    smoke_at(*state, "[::1]:0");
}

/* Made and connected by somebody else, by hand. */
static void tcp_stream_tcp_stream_std(void **state)
{
    struct loop *loop = *state;
    struct tcp tcp = {.poll = loop->poll, .events = loop->events};
    tcp_listen(&tcp, "127.0.0.1:0");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    (void)connect(fd, (const void *)&tcp.at.storage, tcp.at.size);
    mio_tcp_stream_from_handle(&tcp.client, fd);
    smoke(loop, &tcp);
    tcp_close_sockets(&tcp);
}

/* --- options ------------------------------------------------------------ */

static void tcp_stream_set_get_ttl(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream *stream = &self->tcp.client;
    assert_ok(mio_tcp_stream_set_ttl(stream, 10));
    assert_int_equal(mio_tcp_stream_ttl(stream), 10);
    assert_ok(mio_tcp_stream_take_error(stream));
}

static void tcp_stream_get_ttl_without_previous_set(void **state)
{
    struct tcp_case *self = *state;
    assert_true(mio_tcp_stream_ttl(&self->tcp.client) > 0);
    assert_ok(mio_tcp_stream_take_error(&self->tcp.client));
}

static void tcp_stream_set_get_nodelay(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream *stream = &self->tcp.client;
    assert_ok(mio_tcp_stream_set_nodelay(stream, true));
    assert_int_equal(mio_tcp_stream_nodelay(stream), 1);
    assert_ok(mio_tcp_stream_set_nodelay(stream, false));
    assert_int_equal(mio_tcp_stream_nodelay(stream), 0);
    assert_ok(mio_tcp_stream_take_error(stream));
}

static void tcp_stream_get_nodelay_without_previous_set(void **state)
{
    struct tcp_case *self = *state;
    assert_int_equal(mio_tcp_stream_nodelay(&self->tcp.client), 0);
    assert_ok(mio_tcp_stream_take_error(&self->tcp.client));
}

/* --- shutdown ----------------------------------------------------------- */

static void tcp_stream_shutdown_read(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte;
    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_READ));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
    tcp_say(&tcp->client, "still heard");
    tcp_hear(tcp, &tcp->server, "still heard");
}

static void tcp_stream_shutdown_write(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_WRITE));
    assert_int_equal(mio_tcp_stream_write(&tcp->client, "x", 1), MIO_EPIPE);
    tcp_say(&tcp->server, "still heard");
    tcp_hear(tcp, &tcp->client, "still heard");
}

static void tcp_stream_shutdown_both(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte;
    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_BOTH));
    assert_int_equal(mio_tcp_stream_write(&tcp->client, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
    (void)tcp_await(tcp, &tcp->server.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&tcp->server, &byte, 1), 0);
}

/* --- the handle and its registration ------------------------------------ */

static void tcp_stream_raw_fd(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream *stream = &self->tcp.client;
    mio_handle handle = stream->source.handle;
    loop_watch(&self->loop, &stream->source, A, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_release(stream), handle);
    assert_false(mio_tcp_stream_is_open(stream));
    assert_int_equal(mio_tcp_stream_release(stream), MIO_HANDLE_NONE);
    tcp_say(&self->tcp.server, "x");
    loop_silence(&self->loop); /* it was deregistered */
    mio_tcp_stream_from_handle(stream, handle);
    assert_int_equal(stream->source.handle, handle);
    tcp_hear(&self->tcp, stream, "x");
}

static void tcp_stream_registering(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    loop_silence(&self->loop);
    tcp_say(&tcp->server, "x");
    assert_int_equal(loop_hear(&self->loop, A).readiness, MIO_READY_READABLE);
}

static void tcp_stream_reregistering(void **state)
{
    struct tcp_case *self = *state;
    struct mio_source *source = &self->tcp.client.source;
    loop_watch(&self->loop, source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(self->loop.poll, source, B, MIO_WRITABLE,
                                  MIO_EDGE));
    assert_int_equal(loop_hear(&self->loop, B).readiness, MIO_READY_WRITABLE);
}

static void tcp_stream_no_events_after_deregister(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->client.source, A, BOTH);
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->client.source));
    tcp_say(&tcp->server, "x");
    tcp_hear(tcp, &tcp->client, "x");
    tcp_say(&tcp->client, "y");
    tcp_hear(tcp, &tcp->server, "y");
    loop_silence(&self->loop);
}

/* --- what an end looks like --------------------------------------------- */

/* Events of the client, registered as A, until it is closed as said. */
static struct mio_event hear_until(struct tcp_case *self, uint32_t readiness)
{
    struct mio_event event;
    do
        event = loop_hear(&self->loop, A);
    while ((event.readiness & readiness) != readiness);
    return event;
}

/* It is writable, and that was told. */
static void watch_client(struct tcp_case *self, uint32_t interest)
{
    loop_watch(&self->loop, &self->tcp.client.source, A, interest);
    if (interest & MIO_WRITABLE)
        assert_int_equal(loop_hear(&self->loop, A).readiness,
                         MIO_READY_WRITABLE);
    loop_silence(&self->loop);
}

static void tcp_stream_tcp_shutdown_client_read_close_event(void **state)
{
    struct tcp_case *self = *state;
    watch_client(self, BOTH);
    assert_ok(mio_tcp_stream_shutdown(&self->tcp.client, MIO_SHUTDOWN_READ));
    struct mio_event event = hear_until(self, MIO_READY_READ_CLOSED);
    assert_true(mio_event_is_readable(&event));
    assert_false(mio_event_is_write_closed(&event));
}

static void tcp_stream_tcp_shutdown_server_write_close_event(void **state)
{
    struct tcp_case *self = *state;
    watch_client(self, BOTH);
    assert_ok(mio_tcp_stream_shutdown(&self->tcp.server, MIO_SHUTDOWN_WRITE));
    struct mio_event event = hear_until(self, MIO_READY_READ_CLOSED);
    assert_true(mio_event_is_readable(&event));
    assert_false(mio_event_is_write_closed(&event));
}

static void tcp_stream_tcp_reset_close_event(void **state)
{
    struct tcp_case *self = *state;
    char byte;
    watch_client(self, BOTH);
    assert_ok(mio_tcp_stream_set_reset_on_close(&self->tcp.server, true));
    mio_tcp_stream_close(&self->tcp.server);
    struct mio_event event = hear_until(self, MIO_READY_READ_CLOSED);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_tcp_stream_read(&self->tcp.client, &byte, 1),
                     MIO_ECONNRESET);
    assert_int_equal(mio_tcp_stream_read(&self->tcp.client, &byte, 1), 0);
    loop_silence(&self->loop);
}

static void tcp_stream_tcp_shutdown_client_both_close_event(void **state)
{
    struct tcp_case *self = *state;
    watch_client(self, BOTH);
    assert_ok(mio_tcp_stream_shutdown(&self->tcp.client, MIO_SHUTDOWN_BOTH));
    (void)hear_until(self, MIO_READY_WRITE_CLOSED);
}

static void tcp_stream_hup_event_on_disconnect(void **state)
{
    struct tcp_case *self = *state;
    watch_client(self, MIO_READABLE);
    assert_ok(mio_tcp_stream_set_reset_on_close(&self->tcp.server, true));
    mio_tcp_stream_close(&self->tcp.server);
    struct mio_event event = loop_hear(&self->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
}

static void tcp_stream_priority_event_on_oob_data(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte = 0;
    watch_client(self, MIO_PRIORITY);
    assert_int_equal(send((int)tcp->server.source.handle, "!", 1, MSG_OOB), 1);
    struct mio_event event = loop_hear(&self->loop, A);
    assert_true(mio_event_is_priority(&event));
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(recv((int)tcp->client.source.handle, &byte, 1, MSG_OOB),
                     1);
    assert_int_equal(byte, '!');
}

/* --- peek --------------------------------------------------------------- */

static void tcp_stream_peek_ok(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char bytes[8];
    watch_client(self, MIO_READABLE);
    tcp_say(&tcp->server, "abc");
    (void)loop_hear(&self->loop, A);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mio_tcp_stream_peek(&tcp->client, bytes, 8), 3);
        assert_memory_equal(bytes, "abc", 3);
    }
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), MIO_EAGAIN);
}

/* It is enough of a look for the next event. */
static void tcp_stream_peek_would_block(void **state)
{
    struct tcp_case *self = *state;
    char byte;
    watch_client(self, MIO_READABLE);
    tcp_say(&self->tcp.server, "x");
    (void)loop_hear(&self->loop, A);
    assert_int_equal(mio_tcp_stream_read(&self->tcp.client, &byte, 1), 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(mio_tcp_stream_peek(&self->tcp.client, &byte, 1),
                         MIO_EAGAIN);
    loop_silence(&self->loop);
    tcp_say(&self->tcp.server, "y");
    (void)loop_hear(&self->loop, A);
    assert_int_equal(mio_tcp_stream_peek(&self->tcp.client, &byte, 1), 1);
    assert_int_equal(byte, 'y');
}

/* Looked at, read, and looked at again: as long as there is something. */
static void tcp_stream_read_peek_would_block(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream *client = &self->tcp.client;
    char byte;
    watch_client(self, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        tcp_say(&self->tcp.server, "ab");
        (void)loop_hear(&self->loop, A);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(mio_tcp_stream_peek(client, &byte, 1), 1);
            assert_int_equal(byte, "ab"[i]);
            assert_int_equal(mio_tcp_stream_read(client, &byte, 1), 1);
            assert_int_equal(byte, "ab"[i]);
        }
        assert_int_equal(mio_tcp_stream_read(client, &byte, 1), MIO_EAGAIN);
        assert_int_equal(mio_tcp_stream_peek(client, &byte, 1), MIO_EAGAIN);
        loop_silence(&self->loop);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(tcp_stream_is_send_and_sync),
        CASE(tcp_stream_tcp_stream_ipv4),
        CASE(tcp_stream_tcp_stream_ipv6),
        CASE(tcp_stream_tcp_stream_std),
        CASE_TCP(tcp_stream_set_get_ttl),
        CASE_TCP(tcp_stream_get_ttl_without_previous_set),
        CASE_TCP(tcp_stream_set_get_nodelay),
        CASE_TCP(tcp_stream_get_nodelay_without_previous_set),
        CASE_TCP(tcp_stream_shutdown_read),
        CASE_TCP(tcp_stream_shutdown_write),
        CASE_TCP(tcp_stream_shutdown_both),
        CASE_TCP(tcp_stream_raw_fd),
        CASE_TCP(tcp_stream_registering),
        CASE_TCP(tcp_stream_reregistering),
        CASE_TCP(tcp_stream_no_events_after_deregister),
        CASE_TCP(tcp_stream_tcp_shutdown_client_read_close_event),
        CASE_TCP(tcp_stream_tcp_shutdown_server_write_close_event),
        CASE_TCP(tcp_stream_tcp_reset_close_event),
        CASE_TCP(tcp_stream_tcp_shutdown_client_both_close_event),
        CASE_TCP(tcp_stream_hup_event_on_disconnect),
        CASE_TCP(tcp_stream_priority_event_on_oob_data),
        CASE_TCP(tcp_stream_peek_ok),
        CASE_TCP(tcp_stream_peek_would_block),
        CASE_TCP(tcp_stream_read_peek_would_block),
    };
    return cmocka_run_group_tests_name("tcp_stream", cases, NULL, NULL);
}
