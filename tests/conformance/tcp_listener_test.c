/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/tcp_listener_test.c - the contracts of TCP listeners. */
#include <sys/socket.h>

#include "tests/conformance/tcp_case.h"

static void *accept_one(void *arg)
{
    struct tcp *tcp = arg;
    (void)!mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL);
    return NULL;
}

static void tcp_listener_is_send_and_sync(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    mio_tcp_stream_close(&tcp->client);
    mio_tcp_stream_close(&tcp->server);
    assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
    (void)tcp_await(tcp, &tcp->listener.source, MIO_READABLE);
    thread_join(thread_start(accept_one, tcp));
    assert_true(mio_tcp_stream_is_open(&tcp->server));
    tcp_say(&tcp->server, "accepted there");
    tcp_hear(tcp, &tcp->client, "accepted there");
}

/* From its birth to a connection. Whoever made it, the listener is `tcp`'s. */
static void accept_on(struct loop *loop, struct tcp *tcp)
{
    struct mio_address local;
    struct mio_address peer;
    struct mio_tcp_stream none;
    assert_sound(&tcp->listener.source);
    loop_watch(loop, &tcp->listener.source, A, MIO_READABLE);
    assert_int_equal(mio_tcp_listener_accept(&tcp->listener, &none, NULL),
                     MIO_EAGAIN);
    loop_silence(loop);

    assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
    assert_int_equal(loop_hear(loop, A).readiness, MIO_READY_READABLE);
    assert_ok(mio_tcp_listener_accept(&tcp->listener, &tcp->server, &peer));
    assert_sound(&tcp->server.source);
    assert_ok(mio_tcp_stream_local_address(&tcp->client, &local));
    assert_true(mio_address_equal(&local, &peer));
    assert_ok(mio_tcp_stream_local_address(&tcp->server, &local));
    assert_true(mio_address_equal(&local, &tcp->at));

    assert_int_equal(mio_tcp_stream_read(&tcp->server, &local, 1), MIO_EAGAIN);
    assert_int_equal(mio_tcp_listener_accept(&tcp->listener, &none, NULL),
                     MIO_EAGAIN);
    assert_ok(mio_tcp_listener_take_error(&tcp->listener));
    loop_silence(loop);
}

static void listen_and_accept(struct loop *loop, const char *at)
{
    struct tcp tcp = {.poll = loop->poll, .events = loop->events};
    tcp_listen(&tcp, at);
    accept_on(loop, &tcp);
    tcp_close_sockets(&tcp);
}

static void tcp_listener_tcp_listener(void **state)
{
    listen_and_accept(*state, "127.0.0.1:0");
}

static void tcp_listener_tcp_listener_ipv6(void **state)
{
    listen_and_accept(*state, "[::1]:0");
}

/* Made by somebody else, by hand. */
static void tcp_listener_tcp_listener_std(void **state)
{
    struct loop *loop = *state;
    struct tcp tcp = {.poll = loop->poll, .events = loop->events};
    struct mio_address at = address_at("127.0.0.1:0");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const void *)&at.storage, at.size), 0);
    assert_int_equal(listen(fd, 8), 0);
    mio_tcp_listener_from_handle(&tcp.listener, fd);
    assert_ok(mio_tcp_listener_address(&tcp.listener, &tcp.at));
    accept_on(loop, &tcp);
    tcp_close_sockets(&tcp);
}

static void tcp_listener_set_get_ttl(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_listener *listener = &self->tcp.listener;
    assert_ok(mio_tcp_listener_set_ttl(listener, 10));
    assert_int_equal(mio_tcp_listener_ttl(listener), 10);
    assert_ok(mio_tcp_listener_take_error(listener));
}

static void tcp_listener_get_ttl_without_previous_set(void **state)
{
    struct tcp_case *self = *state;
    assert_true(mio_tcp_listener_ttl(&self->tcp.listener) > 0);
    assert_ok(mio_tcp_listener_take_error(&self->tcp.listener));
}

/* The handle goes and comes, and is the same. */
static void tcp_listener_raw_fd(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_listener *listener = &self->tcp.listener;
    struct mio_address at;
    mio_handle handle = listener->source.handle;
    loop_watch(&self->loop, &listener->source, A, MIO_READABLE);
    assert_int_equal(mio_tcp_listener_release(listener), handle);
    assert_false(mio_tcp_listener_is_open(listener));
    assert_int_equal(mio_tcp_listener_release(listener), MIO_HANDLE_NONE);
    mio_tcp_listener_from_handle(listener, handle);
    assert_int_equal(listener->source.handle, handle);
    assert_ok(mio_tcp_listener_address(listener, &at));
    assert_true(mio_address_equal(&at, &self->tcp.at));
    loop_watch(&self->loop, &listener->source, A, MIO_READABLE);
}

static void tcp_listener_registering(void **state)
{
    struct tcp_case *self = *state;
    loop_watch(&self->loop, &self->tcp.listener.source, A, MIO_READABLE);
    loop_silence(&self->loop);
}

static void tcp_listener_reregister(void **state)
{
    struct tcp_case *self = *state;
    struct mio_source *source = &self->tcp.listener.source;
    struct mio_tcp_stream client;
    loop_watch(&self->loop, source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(self->loop.poll, source, B, MIO_READABLE,
                                  MIO_EDGE));
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    assert_int_equal(loop_hear(&self->loop, B).readiness, MIO_READY_READABLE);
    mio_tcp_stream_close(&client);
}

static void tcp_listener_no_events_after_deregister(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    loop_watch(&self->loop, &tcp->listener.source, A, MIO_READABLE);
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    (void)loop_hear(&self->loop, A);
    assert_ok(mio_poll_deregister(self->loop.poll, &tcp->listener.source));
    loop_silence(&self->loop);
    assert_ok(mio_tcp_listener_accept(&tcp->listener, &server, NULL));
    assert_int_equal(mio_tcp_listener_accept(&tcp->listener, &server, NULL),
                     MIO_EAGAIN);
    loop_silence(&self->loop);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
}

static void tcp_listener_tcp_listener_two_streams(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    struct mio_tcp_stream clients[2];
    struct mio_tcp_stream servers[2];
    loop_watch(&self->loop, &tcp->listener.source, A, MIO_READABLE);
    for (int i = 0; i < 2; i++) {
        assert_ok(mio_tcp_stream_connect(&clients[i], &tcp->at));
        (void)loop_hear(&self->loop, A);
        assert_ok(mio_tcp_listener_accept(&tcp->listener, &servers[i], NULL));
        assert_int_equal(
            mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL),
            MIO_EAGAIN);
        loop_silence(&self->loop);
    }
    for (int i = 0; i < 2; i++) {
        mio_tcp_stream_close(&clients[i]);
        mio_tcp_stream_close(&servers[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(tcp_listener_is_send_and_sync),
        CASE(tcp_listener_tcp_listener),
        CASE(tcp_listener_tcp_listener_ipv6),
        CASE(tcp_listener_tcp_listener_std),
        CASE_TCP(tcp_listener_set_get_ttl),
        CASE_TCP(tcp_listener_get_ttl_without_previous_set),
        CASE_TCP(tcp_listener_raw_fd),
        CASE_TCP(tcp_listener_registering),
        CASE_TCP(tcp_listener_reregister),
        CASE_TCP(tcp_listener_no_events_after_deregister),
        CASE_TCP(tcp_listener_tcp_listener_two_streams),
    };
    return cmocka_run_group_tests_name("tcp_listener", cases, NULL, NULL);
}
