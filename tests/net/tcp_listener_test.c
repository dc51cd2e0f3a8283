/* SPDX-License-Identifier: MIT
 *
 * tests/net/tcp_listener_test.c - bind, listen, accept, and trouble. */
#include "net/tcp_listener.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/reserve_handle.h"
#include "tests/net/tcp.h"

static int setup(void **state)
{
    static struct tcp tcp;
    tcp_open(&tcp, "127.0.0.1:0");
    *state = &tcp;
    return 0;
}

static int teardown(void **state)
{
    tcp_close(*state);
    return 0;
}

static void assert_handle_is_sound(mio_handle handle)
{
    assert_true(fcntl((int)handle, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl((int)handle, F_GETFL) & O_NONBLOCK);
}

static void the_system_chooses_a_port_and_it_is_told(void **state)
{
    struct tcp *tcp = *state;
    assert_int_not_equal(mio_address_port(&tcp->at), 0);
    assert_true(mio_address_is_loopback(&tcp->at));
    assert_true(mio_tcp_listener_is_open(&tcp->listener));
    assert_handle_is_sound(tcp->listener.source.handle);
}

static void a_connection_is_an_edge_and_is_accepted_with_its_peer(void **state)
{
    struct tcp *tcp = *state;
    struct mio_address peer;
    struct mio_address expected;
    assert_ok(mio_poll_register(tcp->poll, &tcp->listener.source, LISTENER,
                                MIO_READABLE, MIO_EDGE));
    wait_silence(tcp->poll, tcp->events);
    assert_code(MIO_EAGAIN,
                mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL));

    /* A second round: after a would-block comes a new event. */
    for (int round = 0; round < 2; round++) {
        assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
        struct mio_event event = wait_one(tcp->poll, tcp->events);
        assert_int_equal(event.token.value, LISTENER.value);
        assert_true(mio_event_is_readable(&event));
        assert_ok(mio_tcp_listener_accept(&tcp->listener, &tcp->server, &peer));
        assert_handle_is_sound(tcp->server.source.handle);
        assert_ok(mio_tcp_stream_local_address(&tcp->client, &expected));
        assert_true(mio_address_equal(&peer, &expected));
        assert_code(MIO_EAGAIN, mio_tcp_listener_accept(&tcp->listener,
                                                        &tcp->server, NULL));
        mio_tcp_stream_close(&tcp->client);
        mio_tcp_stream_close(&tcp->server);
    }
}

static void a_failed_accept_leaves_the_stream_alone(void **state)
{
    struct tcp *tcp = *state;
    assert_code(MIO_EAGAIN,
                mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL));
    assert_false(mio_tcp_stream_is_open(&tcp->server));
}

static void ipv6_listens_too(void **state)
{
    (void)state;
    struct tcp tcp;
    struct mio_address peer;
    tcp_open(&tcp, "[::1]:0");
    assert_ok(mio_tcp_stream_connect(&tcp.client, &tcp.at));
    tcp_accept(&tcp, &tcp.server, &peer);
    assert_int_equal(mio_address_family(&peer), MIO_FAMILY_IPV6);
    assert_true(mio_address_is_loopback(&peer));
    tcp_close(&tcp);
}

static void an_ipv6_listener_takes_ipv4_unless_told_not_to(void **state)
{
    struct tcp *tcp = *state;
    const struct mio_tcp_listen_options only_v6 = {.exclusive_v6 = true};
    struct mio_address any = address_of("[::]:0");
    struct mio_address peer;
    struct mio_address v4 = address_of("127.0.0.1:0");

    mio_tcp_listener_close(&tcp->listener);
    assert_ok(mio_tcp_listener_open(&tcp->listener, &any, NULL));
    assert_ok(mio_tcp_listener_address(&tcp->listener, &tcp->at));
    mio_address_set_port(&v4, mio_address_port(&tcp->at));
    assert_ok(mio_tcp_stream_connect(&tcp->client, &v4));
    tcp_accept(tcp, &tcp->server, &peer);
    assert_true(mio_address_equal_ip(&peer, &v4)); /* though it is mapped */

    mio_tcp_listener_close(&tcp->listener);
    mio_tcp_stream_close(&tcp->client);
    assert_ok(mio_tcp_listener_open(&tcp->listener, &any, &only_v6));
    assert_ok(mio_tcp_listener_address(&tcp->listener, &tcp->at));
    mio_address_set_port(&v4, mio_address_port(&tcp->at));
    int rc = mio_tcp_stream_connect(&tcp->client, &v4);
    if (rc == MIO_OK) {
        tcp_await(tcp, &tcp->client.source, MIO_WRITABLE);
        rc = mio_tcp_stream_take_error(&tcp->client);
    }
    assert_code(MIO_ECONNREFUSED, rc);
}

static void an_address_is_taken_once_unless_shared(void **state)
{
    struct tcp *tcp = *state;
    const struct mio_tcp_listen_options shared = {.share_port = true};
    struct mio_tcp_listener other = {.source.handle = MIO_HANDLE_NONE};
    assert_code(MIO_EADDRINUSE, mio_tcp_listener_open(&other, &tcp->at, NULL));
    assert_code(MIO_EADDRINUSE,
                mio_tcp_listener_open(&other, &tcp->at, &shared));
    assert_false(mio_tcp_listener_is_open(&other));

    mio_tcp_listener_close(&tcp->listener);
    assert_ok(mio_tcp_listener_open(&tcp->listener, &tcp->at, &shared));
    assert_ok(mio_tcp_listener_open(&other, &tcp->at, &shared));
    mio_tcp_listener_close(&other);
}

static void a_restart_does_not_wait_for_old_connections(void **state)
{
    struct tcp *tcp = *state;
    tcp_connect(tcp);
    /* The server closes first, so that the port is in TIME_WAIT. */
    mio_tcp_stream_close(&tcp->server);
    tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    mio_tcp_stream_close(&tcp->client);
    mio_tcp_listener_close(&tcp->listener);
    assert_ok(mio_tcp_listener_open(&tcp->listener, &tcp->at, NULL));
}

static void many_may_wait_to_be_accepted(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_stream clients[50];
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_ok(mio_tcp_stream_connect(&clients[i], &tcp->at));
        tcp_await(tcp, &clients[i].source, MIO_WRITABLE);
        assert_ok(mio_tcp_stream_take_error(&clients[i]));
    }
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        struct mio_tcp_stream accepted;
        tcp_accept(tcp, &accepted, NULL);
        mio_tcp_stream_close(&accepted);
        mio_tcp_stream_close(&clients[i]);
    }
}

static void a_closed_listener_is_silent_and_resets_who_waits(void **state)
{
    struct tcp *tcp = *state;
    assert_ok(mio_poll_register(tcp->poll, &tcp->listener.source, LISTENER,
                                MIO_READABLE, MIO_EDGE));
    assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
    wait_one(tcp->poll, tcp->events);
    mio_events_rewind(tcp->events);
    mio_tcp_listener_close(&tcp->listener);
    mio_tcp_listener_close(&tcp->listener); /* again is fine */
    assert_false(mio_tcp_listener_is_open(&tcp->listener));
    assert_false(mio_source_is_registered(&tcp->listener.source));

    struct mio_event event;
    assert_false(mio_events_next(tcp->events, &event));
    wait_silence(tcp->poll, tcp->events);
    char byte;
    tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_code(MIO_ECONNRESET,
                (int)mio_tcp_stream_read(&tcp->client, &byte, 1));
}

static void wrong_addresses_and_options_are_answered(void **state)
{
    (void)state;
    const struct {
        const char *at;
        struct mio_tcp_listen_options options;
        int code;
    } cases[] = {
        {"unix:/tmp/x", {0}, MIO_EAFNOSUPPORT},
        {"192.0.2.1:0", {0}, MIO_EADDRNOTAVAIL}, /* nobody's: RFC 5737 */
        {"127.0.0.1:0", {.backlog = -1}, MIO_EINVAL},
    };
    int before = dup(0);
    close(before);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_tcp_listener listener = {.source.handle = MIO_HANDLE_NONE};
        struct mio_address at = address_of(cases[i].at);
        assert_code(cases[i].code,
                    mio_tcp_listener_open(&listener, &at, &cases[i].options));
        assert_false(mio_tcp_listener_is_open(&listener));
    }
    int after = dup(0);
    assert_int_equal(after, before); /* no handle was left behind */
    close(after);
}

static void without_handles_a_peer_can_still_be_turned_away(void **state)
{
    struct tcp *tcp = *state;
    struct mio_reserve_handle reserve;
    struct rlimit limit;
    if (is_on_valgrind())
        skip(); /* there the accept that finds no handle takes the peer */
    assert_ok(mio_reserve_handle_open(&reserve));
    assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
    tcp_await(tcp, &tcp->listener.source, MIO_READABLE);

    int next = dup(0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit low = {.rlim_cur = (rlim_t)next, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int full = mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL);
    bool was_there = mio_reserve_handle_release(&reserve);
    bool is_there = mio_reserve_handle_release(&reserve);
    int rc = mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL);
    int taken_again = mio_reserve_handle_open(&reserve);
    mio_tcp_stream_close(&tcp->server);
    int taken_at_last = mio_reserve_handle_open(&reserve);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);

    assert_code(MIO_EMFILE, full);
    assert_true(was_there);
    assert_false(is_there);
    assert_ok(rc);
    assert_code(MIO_EMFILE, taken_again);
    assert_ok(taken_at_last);
    assert_true(fcntl((int)reserve.handle, F_GETFD) & FD_CLOEXEC);
    mio_reserve_handle_close(&reserve);
    mio_reserve_handle_close(&reserve);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_system_chooses_a_port_and_it_is_told),
        TEST(a_connection_is_an_edge_and_is_accepted_with_its_peer),
        TEST(a_failed_accept_leaves_the_stream_alone),
        TEST(ipv6_listens_too),
        TEST(an_ipv6_listener_takes_ipv4_unless_told_not_to),
        TEST(an_address_is_taken_once_unless_shared),
        TEST(a_restart_does_not_wait_for_old_connections),
        TEST(many_may_wait_to_be_accepted),
        TEST(a_closed_listener_is_silent_and_resets_who_waits),
        TEST(wrong_addresses_and_options_are_answered),
        TEST(without_handles_a_peer_can_still_be_turned_away),
    };
    return cmocka_run_group_tests_name("net/tcp_listener", tests, NULL, NULL);
}
