/* SPDX-License-Identifier: MIT
 *
 * tests/net/udp_socket_test.c - datagrams go, come, and are events. */
#include <sys/socket.h>

#include "tests/net/udp.h"

static int setup(void **state)
{
    static struct udp udp;
    udp_open(&udp, "127.0.0.1:0");
    *state = &udp;
    return 0;
}

static int setup_v6(void **state)
{
    static struct udp udp;
    udp_open(&udp, "[::1]:0");
    *state = &udp;
    return 0;
}

static int teardown(void **state)
{
    udp_close(*state);
    return 0;
}

static void strangers_exchange_datagrams(void **state)
{
    struct udp *udp = *state;
    char bytes[16];
    struct mio_address from;
    assert_sound(&udp->a.source);
    assert_true(mio_address_is_loopback(&udp->at_a));
    assert_int_not_equal(mio_address_port(&udp->at_a), 0);
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&udp->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_false(mio_event_is_readable(&event));
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 16, &from),
                     MIO_EAGAIN);
    assert_int_equal(mio_udp_socket_peek_from(&udp->a, bytes, 16, &from),
                     MIO_EAGAIN);

    udp_say(&udp->b, &udp->at_a, "hello");
    event = loop_hear(&udp->loop, A);
    assert_true(mio_event_is_readable(&event));
    for (int i = 0; i < 2; i++) {
        from = (struct mio_address){.size = 0};
        assert_int_equal(mio_udp_socket_peek_from(&udp->a, bytes, 16, &from),
                         5);
        assert_memory_equal(bytes, "hello", 5);
        assert_true(mio_address_equal(&from, &udp->at_b));
    }
    from = (struct mio_address){.size = 0};
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 16, &from), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_true(mio_address_equal(&from, &udp->at_b));
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 16, NULL),
                     MIO_EAGAIN);

    assert_ok(mio_poll_deregister(udp->loop.poll, &udp->a.source));
    udp_say(&udp->a, &from, "welcome");
    udp_hear(udp, &udp->b, "welcome");
}

static void connected_ones_need_no_addresses(void **state)
{
    struct udp *udp = *state;
    char bytes[16];
    struct mio_address peer;
    assert_code(MIO_ENOTCONN, mio_udp_socket_peer_address(&udp->a, &peer));
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    assert_ok(mio_udp_socket_connect(&udp->b, &udp->at_a));
    assert_ok(mio_udp_socket_peer_address(&udp->a, &peer));
    assert_true(mio_address_equal(&peer, &udp->at_b));

    loop_watch(&udp->loop, &udp->b.source, B, MIO_READABLE);
    assert_int_equal(mio_udp_socket_recv(&udp->b, bytes, 16), MIO_EAGAIN);
    assert_int_equal(mio_udp_socket_peek(&udp->b, bytes, 16), MIO_EAGAIN);
    assert_int_equal(mio_udp_socket_send(&udp->a, "hello", 5), 5);
    assert_true(loop_hear(&udp->loop, B).readiness & MIO_READY_READABLE);
    assert_int_equal(mio_udp_socket_peek(&udp->b, bytes, 16), 5);
    assert_memory_equal(bytes, "hello", 5);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(mio_udp_socket_recv(&udp->b, bytes, 16), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(mio_udp_socket_recv(&udp->b, bytes, 16), MIO_EAGAIN);
}

static void a_datagram_of_no_bytes_is_an_event(void **state)
{
    struct udp *udp = *state;
    char byte;
    struct mio_address from;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    assert_int_equal(mio_udp_socket_send_to(&udp->b, NULL, 0, &udp->at_a), 0);
    assert_true(loop_hear(&udp->loop, A).readiness & MIO_READY_READABLE);
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, &byte, 1, &from), 0);
    assert_true(mio_address_equal(&from, &udp->at_b));
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, &byte, 1, &from),
                     MIO_EAGAIN);
}

/* What does not fit is gone with its datagram, and nothing else is. */
static void a_short_buffer_cuts_one_datagram(void **state)
{
    struct udp *udp = *state;
    char bytes[16];
    udp_say(&udp->b, &udp->at_a, "one, and more");
    udp_say(&udp->b, &udp->at_a, "two");
    loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_peek(&udp->a, bytes, 3), 3);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 3), 3);
    assert_memory_equal(bytes, "one", 3);
    udp_hear(udp, &udp->a, "two");
}

/* What has no end does not end by an error. */
static void an_error_beside_data_is_no_end(void **state)
{
    struct udp *udp = *state;
    udp_say(&udp->b, &udp->at_a, "data");
    struct mio_event event =
        loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_int_equal(event.readiness, MIO_READY_READABLE);

    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    mio_udp_socket_close(&udp->b);
    assert_int_equal(mio_udp_socket_send(&udp->a, "x", 1), 1);
    event = loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_error(&event));
    assert_false(mio_event_is_read_closed(&event));
    assert_code(MIO_ECONNREFUSED, mio_udp_socket_take_error(&udp->a));
    udp_hear(udp, &udp->a, "data");
}

static void a_datagram_has_a_largest_size(void **state)
{
    struct udp *udp = *state;
    static char bytes[65536];
    assert_int_equal(
        mio_udp_socket_send_to(&udp->a, bytes, sizeof(bytes), &udp->at_b),
        MIO_EMSGSIZE);
    assert_int_equal(mio_udp_socket_send_to(&udp->a, bytes, 60000, &udp->at_b),
                     60000);
    loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_recv(&udp->b, bytes, sizeof(bytes)), 60000);
}

static void another_peer_may_be_connected_for_sending(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c;
    struct mio_address at = address_at("127.0.0.1:0");
    struct mio_address peer;
    assert_ok(mio_udp_socket_open(&c, &at, NULL));
    assert_ok(mio_udp_socket_connect(&c, &udp->at_a));
    assert_int_equal(mio_udp_socket_send(&c, "to a", 4), 4);
    assert_ok(mio_udp_socket_connect(&c, &udp->at_b));
    assert_ok(mio_udp_socket_peer_address(&c, &peer));
    assert_true(mio_address_equal(&peer, &udp->at_b));
    assert_int_equal(mio_udp_socket_send(&c, "to b", 4), 4);
    udp_hear(udp, &udp->a, "to a");
    udp_hear(udp, &udp->b, "to b");
    mio_udp_socket_close(&c);
}

/* Edge-triggered, and after would-block each time. */
static void another_peer_may_be_connected_for_receiving(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c;
    struct mio_address at = address_at("127.0.0.1:0");
    struct mio_address at_c;
    char bytes[8];
    assert_ok(mio_udp_socket_open(&c, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&c, &at_c));
    loop_watch(&udp->loop, &c.source, C, MIO_READABLE);

    assert_ok(mio_udp_socket_connect(&c, &udp->at_a));
    assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), MIO_EAGAIN);
    udp_say(&udp->a, &at_c, "from a");
    loop_hear(&udp->loop, C);
    assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), 6);
    assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), MIO_EAGAIN);

    assert_ok(mio_udp_socket_connect(&c, &udp->at_b));
    udp_say(&udp->a, &at_c, "stranger");
    udp_say(&udp->b, &at_c, "from b");
    loop_hear(&udp->loop, C);
    assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), 6);
    assert_memory_equal(bytes, "from b", 6);
    assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), MIO_EAGAIN);
    mio_udp_socket_close(&c);
}

static void without_a_peer_a_send_fails_and_a_recv_does_not(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    assert_int_equal(mio_udp_socket_send(&udp->a, "x", 1), MIO_EDESTADDRREQ);
    udp_say(&udp->b, &udp->at_a, "hello");
    loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_peek(&udp->a, bytes, 8), 5);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), 5);
}

static void with_a_peer_addresses_still_work(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    struct mio_address from;
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    assert_ok(mio_udp_socket_connect(&udp->b, &udp->at_a));
    udp_say(&udp->a, &udp->at_b, "hello"); /* MIO_EISCONN on BSD */
    loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_peek_from(&udp->b, bytes, 8, &from), 5);
    assert_int_equal(mio_udp_socket_recv_from(&udp->b, bytes, 8, &from), 5);
    assert_true(mio_address_equal(&from, &udp->at_a));
}

static void a_connected_one_does_not_hear_strangers(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket stranger;
    struct mio_address at = address_at("127.0.0.1:0");
    char bytes[8];
    assert_ok(mio_udp_socket_open(&stranger, &at, NULL));
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    udp_say(&stranger, &udp->at_a, "hello");
    loop_silence(&udp->loop);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), MIO_EAGAIN);
    mio_udp_socket_close(&stranger);
}

static void after_a_drained_edge_comes_another(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    struct mio_address from;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    for (int round = 0; round < 6; round++) {
        udp_say(&udp->b, &udp->at_a, "x");
        loop_hear(&udp->loop, A);
        loop_silence(&udp->loop); /* it is an edge */
        if (round % 2 == 0) {
            assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), 1);
            assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8),
                             MIO_EAGAIN);
        } else {
            assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 8, &from),
                             1);
            assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 8, &from),
                             MIO_EAGAIN);
        }
    }
}

static void it_is_registered_reregistered_and_deregistered(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    loop_silence(&udp->loop);
    assert_ok(mio_poll_reregister(udp->loop.poll, &udp->a.source, B,
                                  MIO_WRITABLE, MIO_EDGE));
    struct mio_event event = loop_hear(&udp->loop, B);
    assert_true(mio_event_is_writable(&event));
    assert_ok(mio_poll_deregister(udp->loop.poll, &udp->a.source));
    udp_say(&udp->b, &udp->at_a, "hello");
    loop_silence(&udp->loop);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), 5);
}

static void two_polls_cannot_have_it(void **state)
{
    struct udp *udp = *state;
    struct mio_poll *other;
    assert_ok(mio_poll_new(&other, NULL));
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    assert_code(MIO_EEXIST, mio_poll_register(other, &udp->a.source, B,
                                              MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EEXIST, mio_poll_register(udp->loop.poll, &udp->a.source, B,
                                              MIO_READABLE, MIO_EDGE));
    mio_poll_free(other);
}

static void a_port_that_nobody_has_refuses_once(void **state)
{
    struct udp *udp = *state;
    char byte;
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    mio_udp_socket_close(&udp->b);
    assert_int_equal(mio_udp_socket_send(&udp->a, "x", 1), 1);
    struct mio_event event =
        loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_true(mio_event_is_error(&event));
    assert_int_equal(mio_udp_socket_recv(&udp->a, &byte, 1), MIO_ECONNREFUSED);
    assert_int_equal(mio_udp_socket_recv(&udp->a, &byte, 1), MIO_EAGAIN);

    assert_int_equal(mio_udp_socket_send(&udp->a, "x", 1), 1);
    loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_code(MIO_ECONNREFUSED, mio_udp_socket_take_error(&udp->a));
    assert_ok(mio_udp_socket_take_error(&udp->a));
}

static void an_address_is_taken_once_unless_shared(void **state)
{
    struct udp *udp = *state;
    const struct mio_udp_options shared = {.share_port = true};
    const struct mio_udp_options reused = {.reuse_address = true};
    struct mio_udp_socket c = {.source.handle = MIO_HANDLE_NONE};
    struct mio_udp_socket d;
    assert_code(MIO_EADDRINUSE, mio_udp_socket_open(&c, &udp->at_a, NULL));
    assert_code(MIO_EADDRINUSE, mio_udp_socket_open(&c, &udp->at_a, &shared));
    assert_code(MIO_EADDRINUSE, mio_udp_socket_open(&c, &udp->at_a, &reused));
    assert_false(mio_udp_socket_is_open(&c));
    mio_udp_socket_close(&udp->a);
    for (int i = 0; i < 2; i++) {
        const struct mio_udp_options *options = i == 0 ? &shared : &reused;
        assert_ok(mio_udp_socket_open(&c, &udp->at_a, options));
        assert_ok(mio_udp_socket_open(&d, &udp->at_a, options));
        mio_udp_socket_close(&c);
        mio_udp_socket_close(&d);
    }
}

static void an_unbound_one_gets_an_address_when_it_needs_one(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c;
    struct mio_address at;
    struct mio_address loopback = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open_unbound(&c, MIO_FAMILY_IPV4, NULL));
    assert_sound(&c.source);
    assert_ok(mio_udp_socket_local_address(&c, &at));
    assert_int_equal(mio_address_port(&at), 0);
    udp_say(&c, &udp->at_a, "hello");
    assert_ok(mio_udp_socket_local_address(&c, &at));
    assert_int_not_equal(mio_address_port(&at), 0);
    assert_code(MIO_EINVAL, mio_udp_socket_bind(&c, &loopback));
    mio_udp_socket_close(&c);

    assert_ok(mio_udp_socket_open_unbound(&c, MIO_FAMILY_IPV4, NULL));
    assert_ok(mio_udp_socket_bind(&c, &loopback));
    assert_ok(mio_udp_socket_local_address(&c, &at));
    assert_int_not_equal(mio_address_port(&at), 0);
    mio_udp_socket_close(&c);
}

static void an_ipv6_one_has_ipv4_peers_unless_told_not_to(void **state)
{
    struct udp *udp = *state;
    const struct mio_udp_options only_v6 = {.exclusive_v6 = true};
    struct mio_address any = address_at("[::]:0");
    struct mio_address to = address_at("127.0.0.1:0");
    struct mio_address from;
    struct mio_udp_socket c;
    char bytes[8];
    for (int exclusive = 0; exclusive < 2; exclusive++) {
        assert_ok(
            mio_udp_socket_open(&c, &any, exclusive != 0 ? &only_v6 : NULL));
        assert_int_equal(mio_udp_socket_only_v6(&c), exclusive);
        assert_ok(mio_udp_socket_local_address(&c, &from));
        mio_address_set_port(&to, mio_address_port(&from));
        udp_say(&udp->a, &to, "hello");
        if (exclusive == 0) {
            loop_await(&udp->loop, &c.source, MIO_READABLE);
            assert_int_equal(mio_udp_socket_recv_from(&c, bytes, 8, &from), 5);
            assert_true(mio_address_equal_ip(&from, &udp->at_a));
        } else {
            assert_int_equal(mio_udp_socket_recv_from(&c, bytes, 8, &from),
                             MIO_EAGAIN);
        }
        mio_udp_socket_close(&c);
    }
}

static void a_handle_is_adopted_and_given_away(void **state)
{
    struct udp *udp = *state;
    mio_handle handle = udp->a.source.handle;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_WRITABLE);
    loop_hear(&udp->loop, A);
    assert_int_equal(mio_udp_socket_release(&udp->a), handle);
    assert_false(mio_udp_socket_is_open(&udp->a));
    assert_false(mio_source_is_registered(&udp->a.source));
    assert_int_equal(mio_udp_socket_release(&udp->a), MIO_HANDLE_NONE);
    mio_udp_socket_close(&udp->a);

    mio_udp_socket_from_handle(&udp->a, handle);
    assert_true(mio_udp_socket_is_open(&udp->a));
    udp_say(&udp->b, &udp->at_a, "hello");
    udp_hear(udp, &udp->a, "hello");

    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct mio_udp_socket raw;
    mio_udp_socket_from_handle(&raw, fd);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    mio_udp_socket_close(&raw);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void closing_deregisters_and_silences(void **state)
{
    struct udp *udp = *state;
    struct mio_event event;
    assert_ok(mio_poll_register(udp->loop.poll, &udp->a.source, A, MIO_WRITABLE,
                                MIO_LEVEL));
    wait_some(udp->loop.poll, udp->loop.events);
    int copy = dup((int)udp->a.source.handle); /* as a child has it */
    mio_udp_socket_close(&udp->a);
    mio_udp_socket_close(&udp->a);
    assert_false(mio_udp_socket_is_open(&udp->a));
    assert_false(mio_events_next(udp->loop.events, &event));
    loop_silence(&udp->loop);
    close(copy);
}

static void impossible_addresses_leave_nothing_behind(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c = {.source.handle = MIO_HANDLE_NONE};
    struct mio_address path = address_at("unix:/nowhere");
    struct mio_address nobody = address_at("192.0.2.1:0"); /* RFC 5737 */
    struct mio_address v6 = address_at("[::1]:9");
    struct mio_address broadcast = address_at("255.255.255.255:9");
    int before = lowest_free();
    assert_code(MIO_EAFNOSUPPORT, mio_udp_socket_open(&c, &path, NULL));
    assert_code(MIO_EADDRNOTAVAIL, mio_udp_socket_open(&c, &nobody, NULL));
    assert_code(MIO_EAFNOSUPPORT,
                mio_udp_socket_open_unbound(&c, MIO_FAMILY_NONE, NULL));
    assert_false(mio_udp_socket_is_open(&c));
    assert_int_equal(lowest_free(), before);

    assert_code(MIO_EAFNOSUPPORT, mio_udp_socket_connect(&udp->a, &v6));
    assert_code(MIO_EACCES,
                (int)mio_udp_socket_send_to(&udp->a, "x", 1, &broadcast));
    assert_int_equal(mio_udp_socket_broadcast(&udp->a), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_V6(fn)                                                            \
    {                                                                          \
#fn " over IPv6", fn, setup_v6, teardown, NULL                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(strangers_exchange_datagrams),
        TEST_V6(strangers_exchange_datagrams),
        TEST(connected_ones_need_no_addresses),
        TEST_V6(connected_ones_need_no_addresses),
        TEST(a_datagram_of_no_bytes_is_an_event),
        TEST_V6(a_datagram_of_no_bytes_is_an_event),
        TEST(a_short_buffer_cuts_one_datagram),
        TEST(an_error_beside_data_is_no_end),
        TEST(a_datagram_has_a_largest_size),
        TEST(another_peer_may_be_connected_for_sending),
        TEST(another_peer_may_be_connected_for_receiving),
        TEST(without_a_peer_a_send_fails_and_a_recv_does_not),
        TEST(with_a_peer_addresses_still_work),
        TEST(a_connected_one_does_not_hear_strangers),
        TEST(after_a_drained_edge_comes_another),
        TEST(it_is_registered_reregistered_and_deregistered),
        TEST(two_polls_cannot_have_it),
        TEST(a_port_that_nobody_has_refuses_once),
        TEST(an_address_is_taken_once_unless_shared),
        TEST(an_unbound_one_gets_an_address_when_it_needs_one),
        TEST(an_ipv6_one_has_ipv4_peers_unless_told_not_to),
        TEST(a_handle_is_adopted_and_given_away),
        TEST(closing_deregisters_and_silences),
        TEST(impossible_addresses_leave_nothing_behind),
    };
    return cmocka_run_group_tests_name("net/udp_socket", tests, NULL, NULL);
}
