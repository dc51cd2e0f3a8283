/* SPDX-License-Identifier: MIT
 *
 * tests/net/tcp_options_test.c - options reach the system and come back;
 * handles come in and go out as they are. */
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/tcp.h"

static int setup(void **state)
{
    static struct tcp tcp;
    tcp_open(&tcp, "127.0.0.1:0");
    tcp_connect(&tcp);
    *state = &tcp;
    return 0;
}

static int teardown(void **state)
{
    tcp_close(*state);
    return 0;
}

static int option(mio_handle handle, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(getsockopt((int)handle, level, name, &value, &size), 0);
    return value;
}

static void a_ttl_is_the_system_s_until_it_is_set(void **state)
{
    struct tcp *tcp = *state;
    int fd = (int)tcp->client.source.handle;
    assert_int_equal(mio_tcp_stream_ttl(&tcp->client),
                     option(fd, IPPROTO_IP, IP_TTL));
    assert_ok(mio_tcp_stream_set_ttl(&tcp->client, 10));
    assert_int_equal(mio_tcp_stream_ttl(&tcp->client), 10);
    assert_int_equal(option(fd, IPPROTO_IP, IP_TTL), 10);
    assert_ok(mio_tcp_stream_set_ttl(&tcp->client, 255));
    assert_code(MIO_EINVAL, mio_tcp_stream_set_ttl(&tcp->client, 0));
    assert_code(MIO_EINVAL, mio_tcp_stream_set_ttl(&tcp->client, 256));
    assert_code(MIO_EINVAL, mio_tcp_stream_set_ttl(&tcp->client, UINT32_MAX));
    assert_int_equal(mio_tcp_stream_ttl(&tcp->client), 255);
}

static void on_ipv6_a_ttl_is_the_hop_limit(void **state)
{
    (void)state;
    struct tcp tcp;
    tcp_open(&tcp, "[::1]:0");
    tcp_connect(&tcp);
    int fd = (int)tcp.client.source.handle;
    assert_int_equal(mio_tcp_stream_ttl(&tcp.client),
                     option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS));
    assert_ok(mio_tcp_stream_set_ttl(&tcp.client, 11));
    assert_int_equal(mio_tcp_stream_ttl(&tcp.client), 11);
    assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 11);
    assert_int_equal(option(fd, IPPROTO_IP, IP_TTL), 11); /* mapped peers */
    const int other = 22;
    assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_TTL, &other, sizeof(other)),
                     0);
    assert_int_equal(mio_tcp_stream_ttl(&tcp.client), 11);
    assert_code(MIO_EINVAL, mio_tcp_stream_set_ttl(&tcp.client, 0));
    assert_code(MIO_EINVAL, mio_tcp_stream_set_ttl(&tcp.client, UINT32_MAX));
    tcp_say(&tcp.client, "still talks");
    tcp_hear(&tcp, &tcp.server, "still talks");

    assert_ok(mio_tcp_listener_set_ttl(&tcp.listener, 12));
    assert_int_equal(mio_tcp_listener_ttl(&tcp.listener), 12);
    tcp_close(&tcp);
}

static void nodelay_is_off_until_it_is_set(void **state)
{
    struct tcp *tcp = *state;
    assert_int_equal(mio_tcp_stream_nodelay(&tcp->client), 0);
    assert_ok(mio_tcp_stream_set_nodelay(&tcp->client, true));
    assert_int_equal(mio_tcp_stream_nodelay(&tcp->client), 1);
    assert_int_equal(mio_tcp_stream_nodelay(&tcp->server), 0);
}

static void keepalive_is_told_in_detail(void **state)
{
    struct tcp *tcp = *state;
    int fd = (int)tcp->client.source.handle;
    struct mio_tcp_keepalive details = {1, 2, 3};
    struct mio_tcp_keepalive seen;
    assert_ok(mio_tcp_stream_keepalive(&tcp->client, &seen));
    assert_int_equal(seen.idle_s, 0);

    assert_ok(mio_tcp_stream_set_keepalive_details(&tcp->client, &details));
    assert_int_not_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 1);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 2);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
    assert_ok(mio_tcp_stream_keepalive(&tcp->client, &seen));
    assert_memory_equal(&seen, &details, sizeof(seen));

    /* 0 leaves what there is, but no idle time is never. */
    details = (struct mio_tcp_keepalive){.idle_s = 44};
    assert_ok(mio_tcp_stream_set_keepalive_details(&tcp->client, &details));
    assert_ok(mio_tcp_stream_keepalive(&tcp->client, &seen));
    assert_int_equal(seen.idle_s, 44);
    assert_int_equal(seen.interval_s, 2);
    assert_int_equal(seen.probes_count, 3);
    details.idle_s = 0;
    assert_ok(mio_tcp_stream_set_keepalive_details(&tcp->client, &details));
    assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    assert_ok(mio_tcp_stream_keepalive(&tcp->client, &seen));
    assert_int_equal(seen.idle_s, 0);
}

static void impossible_keepalives_change_nothing(void **state)
{
    struct tcp *tcp = *state;
    const struct mio_tcp_keepalive impossible[] = {
        {32768, 5, 0}, {1, 32768, 0}, {1, 5, 128}, {1, 5, UINT32_MAX}};
    const struct mio_tcp_keepalive possible = {32767, 32767, 127};
    struct mio_tcp_keepalive before;
    struct mio_tcp_keepalive after;
    assert_ok(mio_tcp_stream_keepalive(&tcp->client, &before));
    for (size_t i = 0; i < COUNT_OF(impossible); i++) {
        assert_code(MIO_EINVAL, mio_tcp_stream_set_keepalive_details(
                                    &tcp->client, &impossible[i]));
        assert_ok(mio_tcp_stream_keepalive(&tcp->client, &after));
        assert_memory_equal(&before, &after, sizeof(after));
    }
    assert_ok(mio_tcp_stream_set_keepalive_details(&tcp->client, &possible));
}

static void lingering_is_off_until_it_is_set(void **state)
{
    struct tcp *tcp = *state;
    struct linger raw;
    socklen_t size = sizeof(raw);
    int32_t linger_s = 99;
    assert_ok(mio_tcp_stream_linger(&tcp->client, &linger_s));
    assert_int_equal(linger_s, MIO_LINGER_OFF);
    assert_ok(mio_tcp_stream_set_linger(&tcp->client, 7));
    assert_int_equal(getsockopt((int)tcp->client.source.handle, SOL_SOCKET,
                                SO_LINGER, &raw, &size),
                     0);
    assert_int_not_equal(raw.l_onoff, 0);
    assert_int_equal(raw.l_linger, 7);
    assert_ok(mio_tcp_stream_linger(&tcp->client, &linger_s));
    assert_int_equal(linger_s, 7);
    assert_code(MIO_EINVAL, mio_tcp_stream_set_linger(&tcp->client, -2));
    assert_ok(mio_tcp_stream_set_linger(&tcp->client, MIO_LINGER_OFF));
    assert_ok(mio_tcp_stream_linger(&tcp->client, &linger_s));
    assert_int_equal(linger_s, MIO_LINGER_OFF);
}

static void lingering_for_no_time_resets_the_peer(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    int32_t linger_s;
    assert_ok(mio_tcp_stream_set_linger(&tcp->server, 0));
    assert_ok(mio_tcp_stream_linger(&tcp->server, &linger_s));
    assert_int_equal(linger_s, 0);
    mio_tcp_stream_close(&tcp->server);
    tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1),
                     MIO_ECONNRESET);
}

static void buffers_get_another_size(void **state)
{
    struct tcp *tcp = *state;
    int before = mio_tcp_stream_send_buffer_size(&tcp->client);
    assert_int_equal(before,
                     option(tcp->client.source.handle, SOL_SOCKET, SO_SNDBUF));
    assert_ok(mio_tcp_stream_set_send_buffer_size(&tcp->client, 30000));
    int after = mio_tcp_stream_send_buffer_size(&tcp->client);
    assert_int_not_equal(after, before);
    assert_in_range(after, 30000, 60000);
    assert_ok(mio_tcp_stream_set_recv_buffer_size(&tcp->client, 40000));
    assert_in_range(mio_tcp_stream_recv_buffer_size(&tcp->client), 40000,
                    80000);
    assert_int_equal(mio_tcp_stream_send_buffer_size(&tcp->client), after);
    assert_code(MIO_EINVAL, mio_tcp_stream_set_send_buffer_size(
                                &tcp->client, (uint32_t)INT_MAX + 1));
    assert_code(MIO_EINVAL, mio_tcp_stream_set_recv_buffer_size(
                                &tcp->client, (uint32_t)INT_MAX + 1));
}

static void a_listener_has_options_too(void **state)
{
    struct tcp *tcp = *state;
    assert_ok(mio_tcp_listener_take_error(&tcp->listener));
    assert_int_equal(mio_tcp_listener_ttl(&tcp->listener),
                     option(tcp->listener.source.handle, IPPROTO_IP, IP_TTL));
    assert_ok(mio_tcp_listener_set_ttl(&tcp->listener, 10));
    assert_int_equal(mio_tcp_listener_ttl(&tcp->listener), 10);
    assert_code(MIO_EINVAL, mio_tcp_listener_set_ttl(&tcp->listener, 0));
    assert_true(mio_tcp_listener_only_v6(&tcp->listener) < 0); /* not IPv6 */

    struct mio_tcp_listener other;
    struct mio_address any = address_of("[::]:0");
    const struct mio_tcp_listen_options only_v6 = {.exclusive_v6 = true};
    assert_ok(mio_tcp_listener_open(&other, &any, &only_v6));
    assert_int_equal(mio_tcp_listener_only_v6(&other), 1);
    mio_tcp_listener_close(&other);
    assert_ok(mio_tcp_listener_open(&other, &any, NULL));
    assert_int_equal(mio_tcp_listener_only_v6(&other), 0);
    mio_tcp_listener_close(&other);
}

static void what_is_closed_has_no_options(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_keepalive details = {1, 1, 1};
    int32_t linger_s;
    mio_tcp_stream_close(&tcp->client);
    mio_tcp_listener_close(&tcp->listener);
    const int codes[] = {
        mio_tcp_stream_nodelay(&tcp->client),
        mio_tcp_stream_set_ttl(&tcp->client, 1),
        mio_tcp_stream_ttl(&tcp->client),
        mio_tcp_stream_set_keepalive_details(&tcp->client, &details),
        mio_tcp_stream_keepalive(&tcp->client, &details),
        mio_tcp_stream_set_linger(&tcp->client, 1),
        mio_tcp_stream_linger(&tcp->client, &linger_s),
        mio_tcp_stream_set_send_buffer_size(&tcp->client, 1),
        mio_tcp_stream_set_recv_buffer_size(&tcp->client, 1),
        mio_tcp_stream_send_buffer_size(&tcp->client),
        mio_tcp_stream_recv_buffer_size(&tcp->client),
        mio_tcp_listener_take_error(&tcp->listener),
        mio_tcp_listener_set_ttl(&tcp->listener, 1),
        mio_tcp_listener_ttl(&tcp->listener),
        mio_tcp_listener_only_v6(&tcp->listener),
    };
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        assert_code(MIO_EBADF, codes[i]);
}

static void a_handle_is_given_away_as_it_is(void **state)
{
    struct tcp *tcp = *state;
    mio_handle handle = tcp->client.source.handle;
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_WRITABLE, MIO_LEVEL));
    assert_int_equal(mio_tcp_stream_release(&tcp->client), handle);
    assert_false(mio_tcp_stream_is_open(&tcp->client));
    assert_false(mio_source_is_registered(&tcp->client.source));
    wait_silence(tcp->poll, tcp->events);
    assert_int_equal(mio_tcp_stream_release(&tcp->client), MIO_HANDLE_NONE);
    mio_tcp_stream_close(&tcp->client); /* closes nothing */

    assert_int_equal(write((int)handle, "raw", 3), 3);
    tcp_hear(tcp, &tcp->server, "raw");

    struct mio_tcp_stream again;
    mio_tcp_stream_from_handle(&again, handle);
    assert_true(mio_tcp_stream_is_open(&again));
    assert_ok(mio_poll_register(tcp->poll, &again.source, CLIENT, MIO_WRITABLE,
                                MIO_EDGE));
    wait_one(tcp->poll, tcp->events);
    tcp_say(&again, "again");
    tcp_hear(tcp, &tcp->server, "again");
    mio_tcp_stream_close(&again);
    assert_int_equal(fcntl((int)handle, F_GETFD), -1);
}

static void an_adopted_handle_is_not_touched(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct mio_tcp_stream stream;
    mio_tcp_stream_from_handle(&stream, fd);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    mio_tcp_stream_close(&stream);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void a_listener_is_handed_on(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_listener other;
    mio_handle handle = mio_tcp_listener_release(&tcp->listener);
    assert_false(mio_tcp_listener_is_open(&tcp->listener));
    assert_int_equal(mio_tcp_listener_release(&tcp->listener), MIO_HANDLE_NONE);
    mio_tcp_listener_close(&tcp->listener);

    mio_tcp_listener_from_handle(&other, handle);
    mio_tcp_stream_close(&tcp->client);
    mio_tcp_stream_close(&tcp->server);
    assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
    tcp_await(tcp, &other.source, MIO_READABLE);
    assert_ok(mio_tcp_listener_accept(&other, &tcp->server, NULL));
    mio_tcp_listener_close(&other);
    assert_int_equal(fcntl((int)handle, F_GETFD), -1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_ttl_is_the_system_s_until_it_is_set),
        TEST(on_ipv6_a_ttl_is_the_hop_limit),
        TEST(nodelay_is_off_until_it_is_set),
        TEST(keepalive_is_told_in_detail),
        TEST(impossible_keepalives_change_nothing),
        TEST(lingering_is_off_until_it_is_set),
        TEST(lingering_for_no_time_resets_the_peer),
        TEST(buffers_get_another_size),
        TEST(a_listener_has_options_too),
        TEST(what_is_closed_has_no_options),
        TEST(a_handle_is_given_away_as_it_is),
        TEST(an_adopted_handle_is_not_touched),
        TEST(a_listener_is_handed_on),
    };
    return cmocka_run_group_tests_name("net/tcp_options", tests, NULL, NULL);
}
