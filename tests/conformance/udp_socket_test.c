/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/udp_socket_test.c - datagrams: who may send to whom, and
 * which event tells of it. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/conformance/conformance.h"
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

/* A socket that somebody else made, in place of ours. */
static void adopt(struct mio_udp_socket *socket_, struct mio_address *at)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)(void *)&to, sizeof(to)), 0);
    mio_udp_socket_close(socket_);
    mio_udp_socket_from_handle(socket_, fd);
    assert_int_equal(socket_->source.handle, fd);
    assert_ok(mio_udp_socket_local_address(socket_, at));
}

static int setup_std(void **state)
{
    int rc = setup(state);
    struct udp *udp = *state;
    adopt(&udp->a, &udp->at_a);
    adopt(&udp->b, &udp->at_b);
    return rc;
}

static int teardown(void **state)
{
    udp_close(*state);
    return 0;
}

#define CASE_UDP(function)                                                     \
    cmocka_unit_test_setup_teardown(function, setup, teardown)
#define CASE_SIX(function)                                                     \
    cmocka_unit_test_setup_teardown(function, setup_v6, teardown)
#define CASE_STD(function)                                                     \
    cmocka_unit_test_setup_teardown(function, setup_std, teardown)

static void udp_socket_assert_size(void **state)
{
    (void)state;
    assert_true(sizeof(struct mio_udp_socket) <=
                sizeof(struct mio_source) + sizeof(uint64_t));
}

static void *recv_and_answer(void *arg)
{
    struct udp *udp = arg;
    char bytes[8];
    struct mio_address from;
    if (mio_udp_socket_recv_from(&udp->a, bytes, 8, &from) == 5)
        (void)!mio_udp_socket_send_to(&udp->a, bytes, 5, &from);
    return NULL;
}

static void udp_socket_is_send_and_sync(void **state)
{
    struct udp *udp = *state;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    udp_say(&udp->b, &udp->at_a, "hello");
    loop_hear(&udp->loop, A);
    thread_join(thread_start(recv_and_answer, udp));
    udp_hear(udp, &udp->b, "hello");
}

static void udp_socket_empty_datagram(void **state)
{
    struct udp *udp = *state;
    char byte;
    struct mio_address from;
    loop_watch(&udp->loop, &udp->b.source, B, MIO_READABLE);
    assert_int_equal(mio_udp_socket_send_to(&udp->a, "", 0, &udp->at_b), 0);
    struct mio_event event = loop_hear(&udp->loop, B);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_udp_socket_recv_from(&udp->b, &byte, 1, &from), 0);
    assert_true(mio_address_equal(&from, &udp->at_a));
}

/* Flags, the first event, would-block, then both ways. */
static void exchange_unconnected(struct udp *udp)
{
    char bytes[16];
    struct mio_address from = {.size = 0};
    assert_sound(&udp->a.source);
    assert_sound(&udp->b.source);
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&udp->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_false(mio_event_is_readable(&event));
    assert_int_equal(mio_udp_socket_peek_from(&udp->a, bytes, 16, &from),
                     MIO_EAGAIN);
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 16, &from),
                     MIO_EAGAIN);

    udp_say(&udp->b, &udp->at_a, "hello world");
    event = loop_hear(&udp->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_udp_socket_peek_from(&udp->a, bytes, 16, &from), 11);
    assert_int_equal(mio_udp_socket_recv_from(&udp->a, bytes, 16, &from), 11);
    assert_memory_equal(bytes, "hello world", 11);
    assert_true(mio_address_equal(&from, &udp->at_b));
    /* Where a sent datagram leaves the buffer is another edge. */
    assert_ok(mio_poll_deregister(udp->loop.poll, &udp->a.source));
    udp_say(&udp->a, &from, "answer");
    udp_hear(udp, &udp->b, "answer");
    assert_ok(mio_udp_socket_take_error(&udp->a));
}

static void udp_socket_unconnected_udp_socket_ipv4(void **state)
{
    exchange_unconnected(*state);
}

static void udp_socket_unconnected_udp_socket_ipv6(void **state)
{
    exchange_unconnected(*state);
}

static void udp_socket_unconnected_udp_socket_std(void **state)
{
    exchange_unconnected(*state);
}

static void exchange_connected(struct udp *udp)
{
    char bytes[16];
    struct mio_address peer;
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    assert_ok(mio_udp_socket_connect(&udp->b, &udp->at_a));
    assert_ok(mio_udp_socket_peer_address(&udp->a, &peer));
    assert_true(mio_address_equal(&peer, &udp->at_b));
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&udp->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_int_equal(mio_udp_socket_peek(&udp->a, bytes, 16), MIO_EAGAIN);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 16), MIO_EAGAIN);

    assert_int_equal(mio_udp_socket_send(&udp->b, "hello world", 11), 11);
    event = loop_hear(&udp->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_udp_socket_peek(&udp->a, bytes, 16), 11);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 16), 11);
    assert_memory_equal(bytes, "hello world", 11);
    assert_ok(mio_poll_deregister(udp->loop.poll, &udp->a.source));
    assert_int_equal(mio_udp_socket_send(&udp->a, "answer", 6), 6);
    udp_hear(udp, &udp->b, "answer");
    assert_ok(mio_udp_socket_take_error(&udp->a));
}

static void udp_socket_connected_udp_socket_ipv4(void **state)
{
    exchange_connected(*state);
}

static void udp_socket_connected_udp_socket_ipv6(void **state)
{
    exchange_connected(*state);
}

static void udp_socket_connected_udp_socket_std(void **state)
{
    exchange_connected(*state);
}

/* --- options -------------------------------------------------------------- */

static int system_option(const struct mio_udp_socket *self, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(
        getsockopt((int)self->source.handle, level, name, &value, &size), 0);
    return value;
}

static void udp_socket_set_get_ttl(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_set_ttl(&udp->a, 10));
    assert_int_equal(mio_udp_socket_ttl(&udp->a), 10);
    assert_int_equal(system_option(&udp->a, IPPROTO_IP, IP_TTL), 10);
}

static void udp_socket_get_ttl_without_previous_set(void **state)
{
    struct udp *udp = *state;
    assert_in_range(mio_udp_socket_ttl(&udp->a), 1, 255);
    assert_int_equal(mio_udp_socket_ttl(&udp->a),
                     system_option(&udp->a, IPPROTO_IP, IP_TTL));
}

static void udp_socket_set_get_broadcast(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_set_broadcast(&udp->a, true));
    assert_int_equal(mio_udp_socket_broadcast(&udp->a), 1);
    assert_int_equal(system_option(&udp->a, SOL_SOCKET, SO_BROADCAST), 1);
    assert_ok(mio_udp_socket_set_broadcast(&udp->a, false));
    assert_int_equal(mio_udp_socket_broadcast(&udp->a), 0);
}

static void udp_socket_get_broadcast_without_previous_set(void **state)
{
    struct udp *udp = *state;
    assert_int_equal(mio_udp_socket_broadcast(&udp->a), 0);
}

static void udp_socket_set_get_multicast_loop_v4(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_set_multicast_loop_v4(&udp->a, false));
    assert_int_equal(mio_udp_socket_multicast_loop_v4(&udp->a), 0);
    assert_int_equal(system_option(&udp->a, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
    assert_ok(mio_udp_socket_set_multicast_loop_v4(&udp->a, true));
    assert_int_equal(mio_udp_socket_multicast_loop_v4(&udp->a), 1);
}

static void udp_socket_get_multicast_loop_v4_without_previous_set(void **state)
{
    struct udp *udp = *state;
    assert_int_equal(mio_udp_socket_multicast_loop_v4(&udp->a), 1);
}

static void udp_socket_set_get_multicast_ttl_v4(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_set_multicast_ttl_v4(&udp->a, 10));
    assert_int_equal(mio_udp_socket_multicast_ttl_v4(&udp->a), 10);
    assert_int_equal(system_option(&udp->a, IPPROTO_IP, IP_MULTICAST_TTL), 10);
}

static void udp_socket_get_multicast_ttl_v4_without_previous_set(void **state)
{
    struct udp *udp = *state;
    assert_int_equal(mio_udp_socket_multicast_ttl_v4(&udp->a), 1);
}

static void udp_socket_set_get_multicast_loop_v6(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_set_multicast_loop_v6(&udp->a, false));
    assert_int_equal(mio_udp_socket_multicast_loop_v6(&udp->a), 0);
    assert_int_equal(system_option(&udp->a, IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
                     0);
    assert_ok(mio_udp_socket_set_multicast_loop_v6(&udp->a, true));
    assert_int_equal(mio_udp_socket_multicast_loop_v6(&udp->a), 1);
}

static void udp_socket_get_multicast_loop_v6_without_previous_set(void **state)
{
    struct udp *udp = *state;
    assert_int_equal(mio_udp_socket_multicast_loop_v6(&udp->a), 1);
}

/* --- with a peer and without ---------------------------------------------- */

static void udp_socket_reconnect_udp_socket_sending(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open(&c, &at, NULL));
    assert_ok(mio_udp_socket_connect(&c, &udp->at_a));
    assert_int_equal(mio_udp_socket_send(&c, "to a", 4), 4);
    assert_ok(mio_udp_socket_connect(&c, &udp->at_b));
    assert_int_equal(mio_udp_socket_send(&c, "to b", 4), 4);
    udp_hear(udp, &udp->a, "to a");
    udp_hear(udp, &udp->b, "to b");
    mio_udp_socket_close(&c);
}

/* Edge-triggered, with would-block in between. */
static void udp_socket_reconnect_udp_socket_receiving(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c;
    struct mio_address at = address_at("127.0.0.1:0");
    char bytes[8];
    assert_ok(mio_udp_socket_open(&c, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&c, &at));
    loop_watch(&udp->loop, &c.source, C, MIO_READABLE);
    struct mio_udp_socket *peers[] = {&udp->a, &udp->b, &udp->a};
    const struct mio_address *peers_at[] = {&udp->at_a, &udp->at_b, &udp->at_a};
    for (int i = 0; i < 3; i++) {
        assert_ok(mio_udp_socket_connect(&c, peers_at[i]));
        udp_say(peers[i], &at, "hello");
        loop_hear(&udp->loop, C);
        assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), 5);
        assert_int_equal(mio_udp_socket_recv(&c, bytes, 8), MIO_EAGAIN);
    }
    mio_udp_socket_close(&c);
}

static void udp_socket_unconnected_udp_socket_connected_methods(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    assert_int_equal(mio_udp_socket_send(&udp->a, "x", 1), MIO_EDESTADDRREQ);
    udp_say(&udp->b, &udp->at_a, "hello");
    loop_await(&udp->loop, &udp->a.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_peek(&udp->a, bytes, 8), 5);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), 5);
    assert_memory_equal(bytes, "hello", 5);
}

static void udp_socket_connected_udp_socket_unconnected_methods(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket c;
    struct mio_address at = address_at("127.0.0.1:0");
    struct mio_address from;
    char bytes[8];
    assert_ok(mio_udp_socket_open(&c, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&c, &at));
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    udp_say(&udp->a, &at, "hello");
    loop_await(&udp->loop, &c.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_peek_from(&c, bytes, 8, &from), 5);
    assert_int_equal(mio_udp_socket_recv_from(&c, bytes, 8, &from), 5);
    assert_true(mio_address_equal(&from, &udp->at_a));
    mio_udp_socket_close(&c);
}

static void udp_socket_udp_socket_raw_fd(void **state)
{
    struct udp *udp = *state;
    struct mio_address at;
    mio_handle handle = mio_udp_socket_release(&udp->a);
    assert_true(handle >= 0);
    mio_udp_socket_from_handle(&udp->a, handle);
    assert_int_equal(udp->a.source.handle, handle);
    assert_ok(mio_udp_socket_local_address(&udp->a, &at));
    assert_true(mio_address_equal(&at, &udp->at_a));
}

/* --- registrations -------------------------------------------------------- */

static void udp_socket_udp_socket_register(void **state)
{
    struct udp *udp = *state;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    loop_silence(&udp->loop);
}

static void udp_socket_udp_socket_reregister(void **state)
{
    struct udp *udp = *state;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(udp->loop.poll, &udp->a.source, B,
                                  MIO_WRITABLE, MIO_EDGE));
    struct mio_event event = loop_hear(&udp->loop, B);
    assert_true(mio_event_is_writable(&event));
}

static void udp_socket_udp_socket_no_events_after_deregister(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    loop_watch(&udp->loop, &udp->a.source, A, MIO_READABLE | MIO_WRITABLE);
    assert_ok(mio_poll_deregister(udp->loop.poll, &udp->a.source));
    udp_say(&udp->b, &udp->at_a, "hello");
    loop_silence(&udp->loop);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), 5);
    assert_int_equal(mio_udp_socket_recv(&udp->a, bytes, 8), MIO_EAGAIN);
}

/* --- exchanges ------------------------------------------------------------ */

/* One waits to write, the other to read. */
static void exchange_registered(struct udp *udp, bool is_connected)
{
    char bytes[16];
    struct mio_address from = udp->at_a;
    loop_watch(&udp->loop, &udp->a.source, A, MIO_WRITABLE);
    loop_watch(&udp->loop, &udp->b.source, B, MIO_READABLE);
    loop_hear(&udp->loop, A);
    assert_ok(mio_poll_deregister(udp->loop.poll, &udp->a.source));
    int64_t size =
        is_connected
            ? mio_udp_socket_send(&udp->a, "hello world", 11)
            : mio_udp_socket_send_to(&udp->a, "hello world", 11, &udp->at_b);
    assert_int_equal(size, 11);
    struct mio_event event = loop_hear(&udp->loop, B);
    assert_true(mio_event_is_readable(&event));
    size = is_connected ? mio_udp_socket_recv(&udp->b, bytes, 16)
                        : mio_udp_socket_recv_from(&udp->b, bytes, 16, &from);
    assert_int_equal(size, 11);
    assert_memory_equal(bytes, "hello world", 11);
    assert_true(mio_address_equal(&from, &udp->at_a));
}

static void udp_socket_udp_socket(void **state)
{
    exchange_registered(*state, false);
}

static void udp_socket_udp_socket_send_recv(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    assert_ok(mio_udp_socket_connect(&udp->b, &udp->at_a));
    exchange_registered(udp, true);
}

static void udp_socket_udp_socket_discard(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket stranger;
    struct mio_address at = address_at("127.0.0.1:0");
    char bytes[8];
    assert_ok(mio_udp_socket_open(&stranger, &at, NULL));
    assert_ok(mio_udp_socket_connect(&udp->b, &udp->at_a));
    loop_watch(&udp->loop, &udp->b.source, B, MIO_READABLE);
    udp_say(&stranger, &udp->at_b, "hello");
    loop_silence(&udp->loop);
    assert_int_equal(mio_udp_socket_recv(&udp->b, bytes, 8), MIO_EAGAIN);
    mio_udp_socket_close(&stranger);
}

static void udp_socket_multicast(void **state)
{
    struct udp *udp = *state;
    const char *groups[] = {"239.77.111.1:0", "239.77.111.2:0"};
    struct mio_udp_socket member;
    struct mio_address any = address_at("0.0.0.0:0");
    struct mio_address local = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open(&member, &any, NULL));
    assert_ok(mio_udp_socket_local_address(&member, &any));
    assert_ok(mio_udp_socket_set_multicast_interface_v4(&udp->a, &local));
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        struct mio_address group = address_at(groups[i]);
        mio_address_set_port(&group, mio_address_port(&any));
        assert_ok(mio_udp_socket_join_multicast_v4(&member, &group, &local));
        udp_say(&udp->a, &group, groups[i]);
        udp_hear(udp, &member, groups[i]);
    }
    mio_udp_socket_close(&member);
}

/* --- edges ---------------------------------------------------------------- */

static void drain_repeatedly(struct udp *udp, bool with_address)
{
    char bytes[8];
    struct mio_address from;
    loop_watch(&udp->loop, &udp->b.source, B, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        udp_say(&udp->a, &udp->at_b, "hello");
        loop_hear(&udp->loop, B);
        loop_silence(&udp->loop);
        for (int i = 0; i < 2; i++) {
            int64_t size =
                with_address
                    ? mio_udp_socket_recv_from(&udp->b, bytes, 8, &from)
                    : mio_udp_socket_recv(&udp->b, bytes, 8);
            assert_int_equal(size, i == 0 ? 5 : MIO_EAGAIN);
        }
        loop_silence(&udp->loop);
    }
}

static void udp_socket_et_behavior_recv(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_connect(&udp->b, &udp->at_a));
    drain_repeatedly(udp, false);
}

static void udp_socket_et_behavior_recv_from(void **state)
{
    drain_repeatedly(*state, true);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_UDP(udp_socket_assert_size),
        CASE_UDP(udp_socket_is_send_and_sync),
        CASE_UDP(udp_socket_empty_datagram),
        CASE_UDP(udp_socket_unconnected_udp_socket_ipv4),
        CASE_SIX(udp_socket_unconnected_udp_socket_ipv6),
        CASE_STD(udp_socket_unconnected_udp_socket_std),
        CASE_UDP(udp_socket_connected_udp_socket_ipv4),
        CASE_SIX(udp_socket_connected_udp_socket_ipv6),
        CASE_STD(udp_socket_connected_udp_socket_std),
        CASE_UDP(udp_socket_set_get_ttl),
        CASE_UDP(udp_socket_get_ttl_without_previous_set),
        CASE_UDP(udp_socket_set_get_broadcast),
        CASE_UDP(udp_socket_get_broadcast_without_previous_set),
        CASE_UDP(udp_socket_set_get_multicast_loop_v4),
        CASE_UDP(udp_socket_get_multicast_loop_v4_without_previous_set),
        CASE_UDP(udp_socket_set_get_multicast_ttl_v4),
        CASE_UDP(udp_socket_get_multicast_ttl_v4_without_previous_set),
        CASE_SIX(udp_socket_set_get_multicast_loop_v6),
        CASE_SIX(udp_socket_get_multicast_loop_v6_without_previous_set),
        CASE_UDP(udp_socket_reconnect_udp_socket_sending),
        CASE_UDP(udp_socket_reconnect_udp_socket_receiving),
        CASE_UDP(udp_socket_unconnected_udp_socket_connected_methods),
        CASE_UDP(udp_socket_connected_udp_socket_unconnected_methods),
        CASE_UDP(udp_socket_udp_socket_raw_fd),
        CASE_UDP(udp_socket_udp_socket_register),
        CASE_UDP(udp_socket_udp_socket_reregister),
        CASE_UDP(udp_socket_udp_socket_no_events_after_deregister),
        CASE_UDP(udp_socket_udp_socket),
        CASE_UDP(udp_socket_udp_socket_send_recv),
        CASE_UDP(udp_socket_udp_socket_discard),
        CASE_UDP(udp_socket_multicast),
        CASE_UDP(udp_socket_et_behavior_recv),
        CASE_UDP(udp_socket_et_behavior_recv_from),
    };
    return cmocka_run_group_tests_name("udp_socket", cases, NULL, NULL);
}
