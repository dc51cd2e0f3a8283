/* SPDX-License-Identifier: MIT
 *
 * tests/net/tcp_socket_test.c - told first, then it connects or listens. */
#include "net/tcp_socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "tests/net/tcp.h"

struct fixture {
    struct tcp tcp;
    struct mio_tcp_socket socket;
};

static int setup(void **state)
{
    static struct fixture fixture;
    tcp_open(&fixture.tcp, "127.0.0.1:0");
    assert_ok(mio_tcp_socket_open(&fixture.socket, MIO_FAMILY_IPV4));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_tcp_socket_close(&f->socket);
    tcp_close(&f->tcp);
    return 0;
}

static void it_connects_from_where_it_is_bound(void **state)
{
    struct fixture *f = *state;
    struct mio_address from = address_of("127.0.0.1:0");
    struct mio_address ours;
    struct mio_address theirs;
    mio_handle handle = f->socket.source.handle;
    assert_ok(mio_tcp_socket_bind(&f->socket, &from));
    assert_ok(mio_tcp_socket_address(&f->socket, &ours));
    assert_int_not_equal(mio_address_port(&ours), 0);

    assert_ok(mio_tcp_socket_connect(&f->socket, &f->tcp.at, &f->tcp.client));
    assert_false(mio_tcp_socket_is_open(&f->socket));
    assert_int_equal(f->tcp.client.source.handle, handle);
    tcp_await(&f->tcp, &f->tcp.client.source, MIO_WRITABLE);
    assert_ok(mio_tcp_stream_take_error(&f->tcp.client));
    tcp_accept(&f->tcp, &f->tcp.server, &theirs);
    assert_true(mio_address_equal(&ours, &theirs));
    tcp_say(&f->tcp.client, "hello");
    tcp_hear(&f->tcp, &f->tcp.server, "hello");
}

static void it_listens_where_it_is_bound(void **state)
{
    struct fixture *f = *state;
    mio_tcp_listener_close(&f->tcp.listener);
    assert_ok(mio_tcp_socket_set_reuse_address(&f->socket, true));
    assert_ok(mio_tcp_socket_bind(&f->socket, &f->tcp.at));
    assert_code(MIO_EINVAL,
                mio_tcp_socket_listen(&f->socket, -1, &f->tcp.listener));
    assert_true(mio_tcp_socket_is_open(&f->socket));
    assert_ok(mio_tcp_socket_listen(&f->socket, 0, &f->tcp.listener));
    assert_false(mio_tcp_socket_is_open(&f->socket));
    tcp_connect(&f->tcp);
    tcp_say(&f->tcp.server, "welcome");
    tcp_hear(&f->tcp, &f->tcp.client, "welcome");
}

/* Linux lets backlog + 1 wait; what comes then is not answered. */
static void a_backlog_is_a_limit(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = address_of("127.0.0.1:0");
    struct mio_tcp_stream clients[8];
    size_t connected = 0;
    mio_tcp_listener_close(&f->tcp.listener);
    assert_ok(mio_tcp_socket_bind(&f->socket, &at));
    assert_ok(mio_tcp_socket_listen(&f->socket, 1, &f->tcp.listener));
    assert_ok(mio_tcp_listener_address(&f->tcp.listener, &at));
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        assert_ok(mio_tcp_stream_connect(&clients[i], &at));
    tcp_await(&f->tcp, &f->tcp.listener.source, MIO_READABLE);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        struct mio_address peer;
        connected += mio_tcp_stream_peer_address(&clients[i], &peer) == MIO_OK;
        mio_tcp_stream_close(&clients[i]);
    }
    assert_in_range(connected, 1, 3);
}

static void no_backlog_given_is_room_for_many(void **state)
{
    struct fixture *f = *state;
    struct mio_address at = address_of("127.0.0.1:0");
    struct mio_tcp_stream clients[50];
    mio_tcp_listener_close(&f->tcp.listener);
    assert_ok(mio_tcp_socket_bind(&f->socket, &at));
    assert_ok(mio_tcp_socket_listen(&f->socket, 0, &f->tcp.listener));
    assert_ok(mio_tcp_listener_address(&f->tcp.listener, &at));
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_ok(mio_tcp_stream_connect(&clients[i], &at));
        tcp_await(&f->tcp, &clients[i].source, MIO_WRITABLE);
        assert_ok(mio_tcp_stream_take_error(&clients[i]));
    }
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        mio_tcp_stream_close(&clients[i]);
}

static void it_does_not_block_and_is_not_inherited(void **state)
{
    struct fixture *f = *state;
    int fd = (int)f->socket.source.handle;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void what_it_was_told_its_stream_knows(void **state)
{
    struct fixture *f = *state;
    const struct mio_tcp_keepalive details = {11, 12, 13};
    struct mio_tcp_keepalive seen;
    int32_t linger_s;
    assert_ok(mio_tcp_socket_set_nodelay(&f->socket, true));
    assert_ok(mio_tcp_socket_set_keepalive(&f->socket, &details));
    assert_ok(mio_tcp_socket_set_linger(&f->socket, 0));
    assert_ok(mio_tcp_socket_set_ttl(&f->socket, 33));
    assert_ok(mio_tcp_socket_set_send_buffer_size(&f->socket, 50000));
    assert_ok(mio_tcp_socket_set_recv_buffer_size(&f->socket, 60000));

    assert_int_equal(mio_tcp_socket_nodelay(&f->socket), 1);
    assert_ok(mio_tcp_socket_keepalive(&f->socket, &seen));
    assert_memory_equal(&seen, &details, sizeof(seen));
    assert_ok(mio_tcp_socket_linger(&f->socket, &linger_s));
    assert_int_equal(linger_s, 0);
    assert_int_equal(mio_tcp_socket_ttl(&f->socket), 33);
    assert_in_range(mio_tcp_socket_send_buffer_size(&f->socket), 50000, 100000);
    assert_in_range(mio_tcp_socket_recv_buffer_size(&f->socket), 60000, 120000);
    int send_size = mio_tcp_socket_send_buffer_size(&f->socket);

    assert_ok(mio_tcp_socket_connect(&f->socket, &f->tcp.at, &f->tcp.client));
    tcp_await(&f->tcp, &f->tcp.client.source, MIO_WRITABLE);
    assert_int_equal(mio_tcp_stream_nodelay(&f->tcp.client), 1);
    assert_int_equal(mio_tcp_stream_ttl(&f->tcp.client), 33);
    assert_int_equal(mio_tcp_stream_send_buffer_size(&f->tcp.client),
                     send_size);
    assert_ok(mio_tcp_stream_linger(&f->tcp.client, &linger_s));
    assert_int_equal(linger_s, 0);
}

static void addresses_are_shared_only_by_who_said_so(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_socket other;
    struct mio_tcp_listener listener;
    struct mio_address at = address_of("127.0.0.1:0");
    mio_tcp_listener_close(&f->tcp.listener);
    assert_int_equal(mio_tcp_socket_reuse_address(&f->socket), 0);
    assert_int_equal(mio_tcp_socket_share_port(&f->socket), 0);
    assert_ok(mio_tcp_socket_bind(&f->socket, &at));
    assert_ok(mio_tcp_socket_address(&f->socket, &at));
    assert_ok(mio_tcp_socket_listen(&f->socket, 1, &f->tcp.listener));
    assert_ok(mio_tcp_socket_open(&other, MIO_FAMILY_IPV4));
    assert_code(MIO_EADDRINUSE, mio_tcp_socket_bind(&other, &at));
    mio_tcp_listener_close(&f->tcp.listener);

    assert_ok(mio_tcp_socket_open(&f->socket, MIO_FAMILY_IPV4));
    assert_ok(mio_tcp_socket_set_share_port(&f->socket, true));
    assert_int_equal(mio_tcp_socket_share_port(&f->socket), 1);
    assert_ok(mio_tcp_socket_bind(&f->socket, &at));
    assert_ok(mio_tcp_socket_listen(&f->socket, 1, &f->tcp.listener));
    assert_code(MIO_EADDRINUSE, mio_tcp_socket_bind(&other, &at));
    assert_ok(mio_tcp_socket_set_share_port(&other, true));
    assert_ok(mio_tcp_socket_bind(&other, &at));
    assert_ok(mio_tcp_socket_listen(&other, 1, &listener));
    mio_tcp_listener_close(&listener);
}

static void where_connections_died_reuse_is_needed(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_socket other;
    tcp_connect(&f->tcp);
    /* The server closes first, so that the port is in TIME_WAIT. */
    mio_tcp_stream_close(&f->tcp.server);
    tcp_await(&f->tcp, &f->tcp.client.source, MIO_READABLE);
    mio_tcp_stream_close(&f->tcp.client);
    mio_tcp_listener_close(&f->tcp.listener);

    assert_ok(mio_tcp_socket_open(&other, MIO_FAMILY_IPV4));
    assert_code(MIO_EADDRINUSE, mio_tcp_socket_bind(&other, &f->tcp.at));
    mio_tcp_socket_close(&other);
    assert_ok(mio_tcp_socket_set_reuse_address(&f->socket, true));
    assert_int_equal(mio_tcp_socket_reuse_address(&f->socket), 1);
    assert_ok(mio_tcp_socket_bind(&f->socket, &f->tcp.at));
}

static void ipv6_may_be_taken_alone(void **state)
{
    struct fixture *f = *state;
    struct mio_address any = address_of("[::]:0");
    assert_true(mio_tcp_socket_set_only_v6(&f->socket, true) < 0);
    assert_true(mio_tcp_socket_only_v6(&f->socket) < 0);
    mio_tcp_socket_close(&f->socket);
    assert_ok(mio_tcp_socket_open(&f->socket, MIO_FAMILY_IPV6));
    assert_ok(mio_tcp_socket_set_only_v6(&f->socket, false));
    assert_int_equal(mio_tcp_socket_only_v6(&f->socket), 0);
    assert_ok(mio_tcp_socket_set_only_v6(&f->socket, true));
    assert_int_equal(mio_tcp_socket_only_v6(&f->socket), 1);
    assert_ok(mio_tcp_socket_bind(&f->socket, &any));
    assert_code(MIO_EINVAL, mio_tcp_socket_set_only_v6(&f->socket, false));
}

static void a_failure_leaves_the_socket_with_the_caller(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_stream stream = {.source.handle = MIO_HANDLE_NONE};
    struct mio_address broadcast = address_of("255.255.255.255:1");
    struct mio_address v6 = address_of("[::1]:1");
    struct mio_address nobody = address_of("192.0.2.1:0"); /* RFC 5737 */
    struct mio_address at = address_of("127.0.0.1:0");
    assert_true(mio_tcp_socket_connect(&f->socket, &broadcast, &stream) < 0);
    assert_code(MIO_EAFNOSUPPORT,
                mio_tcp_socket_connect(&f->socket, &v6, &stream));
    assert_false(mio_tcp_stream_is_open(&stream));
    assert_true(mio_tcp_socket_is_open(&f->socket));
    assert_code(MIO_EADDRNOTAVAIL, mio_tcp_socket_bind(&f->socket, &nobody));
    assert_ok(mio_tcp_socket_bind(&f->socket, &at));
    assert_code(MIO_EINVAL, mio_tcp_socket_bind(&f->socket, &at)); /* again */
    assert_ok(mio_tcp_socket_take_error(&f->socket));
}

static void only_ip_families_have_tcp(void **state)
{
    (void)state;
    struct mio_tcp_socket none = {.source.handle = MIO_HANDLE_NONE};
    assert_code(MIO_EAFNOSUPPORT, mio_tcp_socket_open(&none, MIO_FAMILY_UNIX));
    assert_code(MIO_EAFNOSUPPORT, mio_tcp_socket_open(&none, MIO_FAMILY_NONE));
    assert_false(mio_tcp_socket_is_open(&none));
}

static void closing_and_releasing_end_it(void **state)
{
    struct fixture *f = *state;
    mio_handle handle = mio_tcp_socket_release(&f->socket);
    assert_true(handle != MIO_HANDLE_NONE);
    assert_int_equal(mio_tcp_socket_release(&f->socket), MIO_HANDLE_NONE);
    mio_tcp_socket_close(&f->socket);
    assert_int_not_equal(fcntl((int)handle, F_GETFD), -1);
    mio_tcp_socket_from_handle(&f->socket, handle);
    mio_tcp_socket_close(&f->socket);
    assert_int_equal(fcntl((int)handle, F_GETFD), -1);
    assert_code(MIO_EBADF, mio_tcp_socket_take_error(&f->socket));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_connects_from_where_it_is_bound),
        TEST(it_listens_where_it_is_bound),
        TEST(a_backlog_is_a_limit),
        TEST(no_backlog_given_is_room_for_many),
        TEST(it_does_not_block_and_is_not_inherited),
        TEST(what_it_was_told_its_stream_knows),
        TEST(addresses_are_shared_only_by_who_said_so),
        TEST(where_connections_died_reuse_is_needed),
        TEST(ipv6_may_be_taken_alone),
        TEST(a_failure_leaves_the_socket_with_the_caller),
        TEST(only_ip_families_have_tcp),
        TEST(closing_and_releasing_end_it),
    };
    return cmocka_run_group_tests_name("net/tcp_socket", tests, NULL, NULL);
}
