/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/tcp_socket_test.c - a socket before it connects or
 * listens. */
#include "net/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/conformance/conformance.h"

struct fixture {
    struct loop loop;
    struct mio_tcp_socket socket;
    struct mio_tcp_listener listener;
    struct mio_address at; /* where it listens */
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
};

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){.at = address_at("127.0.0.1:0"),
                         .client.source.handle = MIO_HANDLE_NONE,
                         .server.source.handle = MIO_HANDLE_NONE};
    alarm(HANGS_S);
    loop_open(&f.loop);
    assert_ok(mio_tcp_listener_open(&f.listener, &f.at, NULL));
    assert_ok(mio_tcp_listener_address(&f.listener, &f.at));
    assert_ok(mio_tcp_socket_open(&f.socket, MIO_FAMILY_IPV4));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_tcp_socket_close(&f->socket);
    mio_tcp_stream_close(&f->client);
    mio_tcp_stream_close(&f->server);
    mio_tcp_listener_close(&f->listener);
    loop_close(&f->loop);
    alarm(0);
    return 0;
}

#define CASE_SOCKET(function)                                                  \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

static int system_option(const struct mio_source *source, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(
        getsockopt((int)source->handle, level, name, &value, &size), 0);
    return value;
}

static void connect_and_accept(struct fixture *f)
{
    assert_ok(mio_tcp_socket_connect(&f->socket, &f->at, &f->client));
    loop_await(&f->loop, &f->client.source, MIO_WRITABLE);
    assert_ok(mio_tcp_stream_take_error(&f->client));
    loop_await(&f->loop, &f->listener.source, MIO_READABLE);
    assert_ok(mio_tcp_listener_accept(&f->listener, &f->server, NULL));
}

static void open_as(enum mio_family family, int domain)
{
    struct mio_tcp_socket socket;
    assert_ok(mio_tcp_socket_open(&socket, family));
    assert_sound(&socket.source);
    assert_int_equal(system_option(&socket.source, SOL_SOCKET, SO_DOMAIN),
                     domain);
    assert_int_equal(system_option(&socket.source, SOL_SOCKET, SO_TYPE),
                     SOCK_STREAM);
    mio_tcp_socket_close(&socket);
    assert_false(mio_tcp_socket_is_open(&socket));
}

static void tcp_socket_v4(void **state)
{
    (void)state;
    open_as(MIO_FAMILY_IPV4, AF_INET);
}

static void tcp_socket_v6(void **state)
{
    (void)state;
    open_as(MIO_FAMILY_IPV6, AF_INET6);
}

static void tcp_socket_connect(void **state)
{
    struct fixture *f = *state;
    mio_handle handle = f->socket.source.handle;
    connect_and_accept(f);
    assert_int_equal(f->client.source.handle, handle);
    assert_false(mio_tcp_socket_is_open(&f->socket)); /* it is the stream */
    assert_sound(&f->client.source);
    assert_int_equal(mio_tcp_stream_write(&f->client, "hello", 5), 5);
}

static void tcp_socket_connect_fails(void **state)
{
    struct fixture *f = *state;
    struct mio_address six = address_at("[::1]:9");
    assert_code(MIO_EAFNOSUPPORT,
                mio_tcp_socket_connect(&f->socket, &six, &f->client));
    assert_true(mio_tcp_socket_is_open(&f->socket)); /* it is a socket still */
    assert_false(mio_tcp_stream_is_open(&f->client));
    connect_and_accept(f);
}

static void tcp_socket_bind(void **state)
{
    struct fixture *f = *state;
    struct mio_address local = address_at("127.0.0.1:0");
    struct mio_address seen;
    assert_ok(mio_tcp_socket_bind(&f->socket, &local));
    assert_code(MIO_EINVAL, mio_tcp_socket_bind(&f->socket, &local));
    assert_ok(mio_tcp_socket_address(&f->socket, &local));
    assert_int_not_equal(mio_address_port(&local), 0);
    connect_and_accept(f);
    assert_ok(mio_tcp_stream_peer_address(&f->server, &seen));
    assert_true(mio_address_equal(&seen, &local));
}

static void tcp_socket_listen(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = address_at("127.0.0.1:0");
    struct mio_tcp_listener listener;
    assert_ok(mio_tcp_socket_bind(&f->socket, &at));
    assert_ok(mio_tcp_socket_listen(&f->socket, 16, &listener));
    assert_false(mio_tcp_socket_is_open(&f->socket));
    mio_tcp_listener_close(&f->listener);
    f->listener = listener;
    assert_ok(mio_tcp_listener_address(&f->listener, &f->at));
    assert_int_equal(
        system_option(&f->listener.source, SOL_SOCKET, SO_ACCEPTCONN), 1);
    assert_ok(mio_tcp_socket_open(&f->socket, MIO_FAMILY_IPV4));
    connect_and_accept(f);
}

static void tcp_socket_accept(void **state)
{
    struct fixture *f = *state;
    struct mio_address peer;
    struct mio_address local;
    assert_code(MIO_EAGAIN,
                mio_tcp_listener_accept(&f->listener, &f->server, &peer));
    assert_ok(mio_tcp_socket_connect(&f->socket, &f->at, &f->client));
    loop_await(&f->loop, &f->listener.source, MIO_READABLE);
    assert_ok(mio_tcp_listener_accept(&f->listener, &f->server, &peer));
    assert_sound(&f->server.source);
    assert_ok(mio_tcp_stream_local_address(&f->client, &local));
    assert_true(mio_address_equal(&peer, &local));
    assert_code(MIO_EAGAIN,
                mio_tcp_listener_accept(&f->listener, &f->server, &peer));
}

static void tcp_socket_set_reuseaddr(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mio_tcp_socket_reuse_address(&f->socket), 0);
    assert_ok(mio_tcp_socket_set_reuse_address(&f->socket, true));
    assert_int_equal(mio_tcp_socket_reuse_address(&f->socket), 1);
    assert_int_equal(system_option(&f->socket.source, SOL_SOCKET, SO_REUSEADDR),
                     1);
}

static void tcp_socket_set_nodelay(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mio_tcp_socket_nodelay(&f->socket), 0);
    assert_ok(mio_tcp_socket_set_nodelay(&f->socket, true));
    connect_and_accept(f); /* what was set stays set */
    assert_int_equal(mio_tcp_stream_nodelay(&f->client), 1);
    assert_int_equal(system_option(&f->client.source, IPPROTO_TCP, TCP_NODELAY),
                     1);
}

static void tcp_socket_set_keepalive(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_keepalive details = {.idle_s = 30};
    assert_ok(mio_tcp_socket_set_keepalive(&f->socket, &details));
    connect_and_accept(f);
    assert_ok(mio_tcp_stream_keepalive(&f->client, &details));
    assert_int_equal(details.idle_s, 30);
    assert_int_equal(system_option(&f->client.source, SOL_SOCKET, SO_KEEPALIVE),
                     1);
    assert_ok(mio_tcp_stream_set_keepalive(&f->client, 0));
    assert_int_equal(system_option(&f->client.source, SOL_SOCKET, SO_KEEPALIVE),
                     0);
}

/* Refused at once or later: then it is the socket's pending error, once. */
static void tcp_socket_take_socket_error(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_tcp_socket_take_error(&f->socket));
    mio_tcp_listener_close(&f->listener);
    int rc = mio_tcp_socket_connect(&f->socket, &f->at, &f->client);
    if (rc == MIO_OK) {
        loop_await(&f->loop, &f->client.source, MIO_WRITABLE);
        rc = mio_tcp_stream_take_error(&f->client);
        assert_ok(mio_tcp_stream_take_error(&f->client));
    }
    assert_code(MIO_ECONNREFUSED, rc);
}

static void tcp_socket_try_clone(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_stream copy;
    char bytes[8];
    connect_and_accept(f);
    int fd = fcntl((int)f->client.source.handle, F_DUPFD_CLOEXEC, 0);
    mio_tcp_stream_from_handle(&copy, fd);
    mio_tcp_stream_close(&f->client);
    assert_int_equal(mio_tcp_stream_write(&copy, "hello", 5), 5);
    loop_await(&f->loop, &f->server.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&f->server, bytes, 8), 5);
    assert_int_equal(mio_tcp_stream_read(&f->server, bytes, 8), MIO_EAGAIN);
    mio_tcp_stream_close(&copy);
    loop_await(&f->loop, &f->server.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&f->server, bytes, 8), 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_SOCKET(tcp_socket_v4),
        CASE_SOCKET(tcp_socket_v6),
        CASE_SOCKET(tcp_socket_connect),
        CASE_SOCKET(tcp_socket_connect_fails),
        CASE_SOCKET(tcp_socket_bind),
        CASE_SOCKET(tcp_socket_listen),
        CASE_SOCKET(tcp_socket_accept),
        CASE_SOCKET(tcp_socket_set_reuseaddr),
        CASE_SOCKET(tcp_socket_set_nodelay),
        CASE_SOCKET(tcp_socket_set_keepalive),
        CASE_SOCKET(tcp_socket_take_socket_error),
        CASE_SOCKET(tcp_socket_try_clone),
    };
    return cmocka_run_group_tests_name("tcp_socket", cases, NULL, NULL);
}
