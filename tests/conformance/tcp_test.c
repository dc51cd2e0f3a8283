/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/tcp_test.c - the contracts of each operation of TCP. */
#include <fcntl.h>
#include <sys/socket.h>

#include "tests/conformance/tcp_case.h"
#include "tests/storm/patient.h"

#define BOTH (MIO_READABLE | MIO_WRITABLE)
#define FLOW_SIZE (INT64_C(16) << 20)
#define CHUNK_SIZE 65536
#define PERIOD 4093 /* a prime: what is lost or doubled shows */

/* What flows: byte i is pattern[i % PERIOD]. */
static uint8_t pattern[PERIOD + CHUNK_SIZE];

static void make_pattern(void)
{
    struct sequence sequence = {1};
    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = i < PERIOD ? (uint8_t)sequence_next(&sequence)
                                : pattern[i - PERIOD];
}

static const uint8_t *flow_at(int64_t offset)
{
    return pattern + offset % PERIOD;
}

static size_t chunk_of(int64_t offset)
{
    int64_t left = FLOW_SIZE - offset;
    return left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
}

/* At the other end is somebody who does not know this library: a thread with
 * a descriptor that blocks. */
struct stranger {
    pthread_t thread;
    int fd;
    int64_t moved;
    bool is_sound;
};

static void *stranger_writes(void *arg)
{
    struct stranger *self = arg;
    ssize_t n = 1;
    while (n > 0 && self->moved < FLOW_SIZE) {
        n = PATIENTLY(
            send(self->fd, flow_at(self->moved), chunk_of(self->moved), 0));
        self->moved += n;
    }
    self->is_sound = n > 0;
    close(self->fd);
    return NULL;
}

static void *stranger_reads(void *arg)
{
    struct stranger *self = arg;
    static uint8_t chunk[CHUNK_SIZE];
    ssize_t n;
    self->is_sound = true;
    while ((n = PATIENTLY(recv(self->fd, chunk, sizeof(chunk), 0))) > 0) {
        if (memcmp(chunk, flow_at(self->moved), (size_t)n) != 0)
            self->is_sound = false;
        self->moved += n;
    }
    close(self->fd);
    return NULL;
}

static void stranger_start(struct stranger *self, struct tcp *tcp,
                           void *(*run)(void *))
{
    *self = (struct stranger){
        .fd = (int)mio_tcp_stream_release(&tcp->server),
    };
    assert_int_equal(fcntl(self->fd, F_SETFL, 0), 0);
    self->thread = thread_start(run, self);
}

static void stranger_join(struct stranger *self)
{
    thread_join(self->thread);
    assert_true(self->is_sound);
    assert_int_equal(self->moved, FLOW_SIZE);
}

static void tcp_assert_size(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct mio_tcp_stream), sizeof(struct mio_source));
    assert_int_equal(sizeof(struct mio_tcp_listener),
                     sizeof(struct mio_source));
    assert_true(sizeof(struct mio_source) <= 3 * sizeof(uint64_t));
}

static void *accept_and_greet(void *arg)
{
    struct tcp *tcp = arg;
    struct mio_tcp_stream server;
    if (mio_tcp_listener_accept(&tcp->listener, &server, NULL) == MIO_OK) {
        (void)!mio_tcp_stream_write(&server, "hello", 5);
        (void)!mio_tcp_stream_write(&tcp->server, "world", 5);
        mio_tcp_stream_close(&server);
    }
    return NULL;
}

/* Registered here, used there, and here again. */
static void tcp_is_send_and_sync(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    loop_watch(&self->loop, &tcp->listener.source, A, MIO_READABLE);
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    (void)loop_hear(&self->loop, A);
    thread_join(thread_start(accept_and_greet, tcp));
    tcp_hear(tcp, &client, "hello");
    tcp_hear(tcp, &tcp->client, "world");
    mio_tcp_stream_close(&client);
}

static void tcp_accept_(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    struct mio_address peer;
    struct mio_address local;
    loop_watch(loop, &tcp->listener.source, A, MIO_READABLE);
    assert_int_equal(mio_tcp_listener_accept(&tcp->listener, &server, &peer),
                     MIO_EAGAIN);
    loop_silence(loop);
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    struct mio_event event = loop_hear(loop, A);
    assert_int_equal(event.readiness, MIO_READY_READABLE);
    assert_ok(mio_tcp_listener_accept(&tcp->listener, &server, &peer));
    assert_ok(mio_tcp_stream_local_address(&client, &local));
    assert_true(mio_address_equal(&peer, &local));
    assert_int_equal(mio_tcp_listener_accept(&tcp->listener, &server, &peer),
                     MIO_EAGAIN);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
}

static void tcp_connect_(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    char byte;
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    loop_watch(loop, &client.source, A, BOTH);
    struct mio_event event = loop_hear(loop, A);
    assert_int_equal(event.readiness, MIO_READY_WRITABLE);
    assert_ok(mio_tcp_stream_take_error(&client));
    loop_silence(loop);

    mio_tcp_stream_close(&tcp->server);
    tcp_accept(tcp, &tcp->server, NULL);
    mio_tcp_stream_close(&tcp->server);
    event = loop_hear(loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(mio_tcp_stream_read(&client, &byte, 1), 0);
    mio_tcp_stream_close(&client);
}

/* To the end; each chunk is peeked at before it is read if `peeks`. */
static int64_t drain(struct mio_tcp_stream *stream, int64_t received,
                     bool peeks, bool *is_over)
{
    static uint8_t chunk[CHUNK_SIZE];
    for (;;) {
        int64_t n = CHUNK_SIZE;
        if (peeks) {
            n = mio_tcp_stream_peek(stream, chunk, sizeof(chunk));
            if (n > 0)
                assert_memory_equal(chunk, flow_at(received), (size_t)n);
        }
        if (n > 0)
            n = mio_tcp_stream_read(stream, chunk, (size_t)n);
        if (n == MIO_EAGAIN)
            return received;
        assert_true(n >= 0);
        *is_over = n == 0;
        if (n == 0)
            return received;
        assert_memory_equal(chunk, flow_at(received), (size_t)n);
        received += n;
    }
}

static void receive_flow(struct tcp_case *self, bool peeks)
{
    struct stranger stranger;
    struct mio_tcp_stream *stream = &self->tcp.client;
    int64_t received = 0;
    bool is_over = false;
    loop_watch(&self->loop, &stream->source, A, MIO_READABLE);
    stranger_start(&stranger, &self->tcp, stranger_writes);
    while (!is_over) {
        struct mio_event event = loop_hear(&self->loop, A);
        assert_true(mio_event_is_readable(&event));
        received = drain(stream, received, peeks, &is_over);
    }
    assert_int_equal(received, FLOW_SIZE);
    stranger_join(&stranger);
}

static void tcp_read(void **state)
{
    receive_flow(*state, false);
}

static void tcp_peek(void **state)
{
    receive_flow(*state, true);
}

static void tcp_write(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream *stream = &self->tcp.client;
    struct stranger stranger;
    int64_t sent = 0;
    loop_watch(&self->loop, &stream->source, A, MIO_WRITABLE);
    stranger_start(&stranger, &self->tcp, stranger_reads);
    while (sent < FLOW_SIZE) {
        int64_t n = 1;
        struct mio_event event = loop_hear(&self->loop, A);
        assert_true(mio_event_is_writable(&event));
        while (n > 0 && sent < FLOW_SIZE) {
            n = mio_tcp_stream_write(stream, flow_at(sent), chunk_of(sent));
            if (n > 0)
                sent += n;
        }
        assert_true(n > 0 || n == MIO_EAGAIN);
    }
    mio_tcp_stream_close(stream);
    stranger_join(&stranger);
}

static void tcp_connect_then_close(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct tcp *tcp = &self->tcp;
    loop_watch(loop, &tcp->client.source, A, BOTH);
    assert_int_equal(loop_hear(loop, A).readiness, MIO_READY_WRITABLE);
    mio_tcp_stream_close(&tcp->server);
    struct mio_event event = loop_hear(loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_false(mio_event_is_error(&event));
}

static void tcp_listen_then_close(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->listener.source, A, MIO_READABLE);
    loop_silence(&self->loop);
    mio_tcp_listener_close(&tcp->listener);
    loop_silence(&self->loop);
}

static void tcp_bind_twice_bad(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_listener second;
    assert_code(MIO_EADDRINUSE,
                mio_tcp_listener_open(&second, &self->tcp.at, NULL));
}

static void tcp_multiple_writes_immediate_success(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    static uint8_t in[16 * 1024];
    size_t received = 0;
    loop_watch(&self->loop, &tcp->client.source, A, MIO_WRITABLE);
    (void)loop_hear(&self->loop, A);
    for (int64_t i = 0; i < 16; i++)
        assert_int_equal(
            mio_tcp_stream_write(&tcp->client, flow_at(i * 1024), 1024), 1024);
    while (received < sizeof(in)) {
        (void)tcp_await(tcp, &tcp->server.source, MIO_READABLE);
        int64_t n = mio_tcp_stream_read(&tcp->server, in + received,
                                        sizeof(in) - received);
        assert_true(n > 0);
        received += (size_t)n;
    }
    assert_memory_equal(in, pattern, sizeof(in));
}

static void tcp_connection_reset_by_peer(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte;
    loop_watch(&self->loop, &tcp->server.source, A, MIO_READABLE);
    loop_silence(&self->loop);
    assert_ok(mio_tcp_stream_set_reset_on_close(&tcp->client, true));
    mio_tcp_stream_close(&tcp->client);
    struct mio_event event = loop_hear(&self->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_tcp_stream_read(&tcp->server, &byte, 1),
                     MIO_ECONNRESET);
}

static void tcp_connect_error(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream client;
    mio_tcp_listener_close(&self->tcp.listener);
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    loop_watch(&self->loop, &client.source, A, MIO_WRITABLE);
    struct mio_event event = loop_hear(&self->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_true(mio_event_is_write_closed(&event));
    assert_code(MIO_ECONNREFUSED, mio_tcp_stream_take_error(&client));
    assert_ok(mio_tcp_stream_take_error(&client)); /* it was taken */
    mio_tcp_stream_close(&client);
}

static void tcp_write_error(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    int64_t n;
    loop_watch(&self->loop, &tcp->client.source, A, MIO_WRITABLE);
    (void)loop_hear(&self->loop, A);
    mio_tcp_stream_close(&tcp->server);
    do {
        n = mio_tcp_stream_write(&tcp->client, pattern, CHUNK_SIZE);
        if (n == MIO_EAGAIN)
            (void)loop_hear(&self->loop, A);
    } while (n > 0 || n == MIO_EAGAIN);
    assert_true(n == MIO_EPIPE || n == MIO_ECONNRESET);
    assert_int_equal(mio_tcp_stream_write(&tcp->client, "x", 1), MIO_EPIPE);
}

static void tcp_write_shutdown(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte;
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    loop_silence(&self->loop);
    assert_ok(mio_tcp_stream_shutdown(&tcp->server, MIO_SHUTDOWN_WRITE));
    struct mio_event event = loop_hear(&self->loop, A);
    assert_int_equal(event.readiness,
                     MIO_READY_READABLE | MIO_READY_READ_CLOSED);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
    tcp_say(&tcp->client, "still heard");
    tcp_hear(tcp, &tcp->server, "still heard");
}

static void tcp_local_addr_ready(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    struct mio_address local;
    struct mio_address peer;
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    loop_watch(&self->loop, &client.source, A, MIO_WRITABLE);
    (void)loop_hear(&self->loop, A);
    assert_ok(mio_tcp_stream_local_address(&client, &local));
    assert_ok(mio_tcp_stream_peer_address(&client, &peer));
    assert_int_not_equal(mio_address_port(&local), 0);
    assert_true(mio_address_equal(&peer, &tcp->at));

    mio_tcp_stream_close(&tcp->server);
    tcp_accept(tcp, &tcp->server, &peer);
    assert_true(mio_address_equal(&peer, &local));
    mio_tcp_stream_close(&client);
}

static void expect_1234(struct tcp_case *self)
{
    struct mio_event event = loop_hear(&self->loop, A);
    char bytes[8];
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(
        mio_tcp_stream_read(&self->tcp.client, bytes, sizeof(bytes)), 4);
    assert_memory_equal(bytes, "1234", 4);
}

static void tcp_write_then_drop(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->server.source, B, MIO_WRITABLE);
    (void)loop_hear(&self->loop, B);
    tcp_say(&tcp->server, "1234");
    mio_tcp_stream_close(&tcp->server);
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    expect_1234(self);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, (char[1]){0}, 1), 0);
}

static void tcp_write_then_deregister(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    loop_watch(&self->loop, &tcp->server.source, B, MIO_WRITABLE);
    (void)loop_hear(&self->loop, B);
    tcp_say(&tcp->server, "1234");
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->server.source));
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    expect_1234(self);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, (char[1]){0}, 1),
                     MIO_EAGAIN);
    loop_silence(&self->loop);
}

static void tcp_tcp_no_events_after_deregister(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    loop_watch(&self->loop, &tcp->listener.source, A, MIO_READABLE);
    loop_watch(&self->loop, &tcp->client.source, B, BOTH);
    loop_watch(&self->loop, &tcp->server.source, C, BOTH);
    assert_int_equal(wait_some(self->loop.poll, self->loop.events), 2);
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->listener.source));
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->client.source));
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->server.source));

    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    (void)tcp_await(tcp, &client.source, MIO_WRITABLE);
    tcp_say(&tcp->client, "ping");
    tcp_say(&tcp->server, "pong");
    tcp_hear(tcp, &tcp->server, "ping");
    tcp_hear(tcp, &tcp->client, "pong");
    loop_silence(&self->loop);
    mio_tcp_stream_close(&tcp->server);
    tcp_accept(tcp, &tcp->server, NULL);
    loop_silence(&self->loop);
    mio_tcp_stream_close(&client);
}

int main(void)
{
    /* tests/net/tcp.h has the other two names. */
    static const struct CMUnitTest cases[] = {
        CASE_TCP(tcp_assert_size),
        CASE_TCP(tcp_is_send_and_sync),
        CASE_TCP_NAMED(tcp_accept, tcp_accept_),
        CASE_TCP_NAMED(tcp_connect, tcp_connect_),
        CASE_TCP(tcp_read),
        CASE_TCP(tcp_peek),
        CASE_TCP(tcp_write),
        CASE_TCP(tcp_connect_then_close),
        CASE_TCP(tcp_listen_then_close),
        CASE_TCP(tcp_bind_twice_bad),
        CASE_TCP(tcp_multiple_writes_immediate_success),
        CASE_TCP(tcp_connection_reset_by_peer),
        CASE_TCP(tcp_connect_error),
        CASE_TCP(tcp_write_error),
        CASE_TCP(tcp_write_shutdown),
        CASE_TCP(tcp_local_addr_ready),
        CASE_TCP(tcp_write_then_drop),
        CASE_TCP(tcp_write_then_deregister),
        CASE_TCP(tcp_tcp_no_events_after_deregister),
    };
    make_pattern();
    return cmocka_run_group_tests_name("tcp", cases, NULL, NULL);
}
