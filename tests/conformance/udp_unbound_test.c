/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/udp_unbound_test.c - UDP as the older Mio began it: a
 * socket first, then its address. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/conformance/conformance.h"
#include "tests/net/udp.h"

static int setup(void **state)
{
    static struct udp udp;
    alarm(HANGS_S);
    udp_open(&udp, "127.0.0.1:0");
    *state = &udp;
    return 0;
}

static int teardown(void **state)
{
    udp_close(*state);
    alarm(0);
    return 0;
}

#define CASE_UDP(function)                                                     \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

static int system_option(const struct mio_udp_socket *self, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(
        getsockopt((int)self->source.handle, IPPROTO_IP, name, &value, &size),
        0);
    return value;
}

static void reopen(struct udp *udp, enum mio_family family)
{
    mio_udp_socket_close(&udp->a);
    assert_ok(mio_udp_socket_open_unbound(&udp->a, family, NULL));
    assert_sound(&udp->a.source);
    assert_ok(mio_udp_socket_local_address(&udp->a, &udp->at_a));
    assert_int_equal(mio_address_family(&udp->at_a), family);
    assert_int_equal(mio_address_port(&udp->at_a), 0);
}

static void udp_unbound_v4(void **state)
{
    struct udp *udp = *state;
    reopen(udp, MIO_FAMILY_IPV4);
    udp_say(&udp->a, &udp->at_b, "hello");
    udp_hear(udp, &udp->b, "hello");
    assert_ok(mio_udp_socket_local_address(&udp->a, &udp->at_a));
    assert_int_not_equal(mio_address_port(&udp->at_a), 0); /* it has one now */
}

static void udp_unbound_v6(void **state)
{
    reopen(*state, MIO_FAMILY_IPV6);
}

static void udp_unbound_bound(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket twin;
    assert_true(mio_address_is_loopback(&udp->at_a));
    assert_int_not_equal(mio_address_port(&udp->at_a), 0);
    assert_code(MIO_EADDRINUSE, mio_udp_socket_open(&twin, &udp->at_a, NULL));
}

static void udp_unbound_bind(void **state)
{
    struct udp *udp = *state;
    struct mio_address at = address_at("127.0.0.1:0");
    reopen(udp, MIO_FAMILY_IPV4);
    assert_ok(mio_udp_socket_bind(&udp->a, &at));
    assert_code(MIO_EINVAL, mio_udp_socket_bind(&udp->a, &at));
    assert_ok(mio_udp_socket_local_address(&udp->a, &udp->at_a));
    udp_say(&udp->b, &udp->at_a, "hello");
    udp_hear(udp, &udp->a, "hello");
}

static void udp_unbound_send_to_recv_from(void **state)
{
    struct udp *udp = *state;
    char bytes[8];
    struct mio_address from;
    udp_say(&udp->a, &udp->at_b, "hello");
    loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_recv_from(&udp->b, bytes, 8, &from), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_true(mio_address_equal(&from, &udp->at_a));
}

/* To the loopback net's broadcast address nothing leaves the host. */
static void udp_unbound_set_broadcast(void **state)
{
    struct udp *udp = *state;
    struct mio_address all = address_at("127.255.255.255:0");
    mio_address_set_port(&all, mio_address_port(&udp->at_b));
    assert_int_equal(mio_udp_socket_send_to(&udp->a, "x", 1, &all), MIO_EACCES);
    assert_ok(mio_udp_socket_set_broadcast(&udp->a, true));
    assert_int_equal(mio_udp_socket_send_to(&udp->a, "x", 1, &all), 1);
}

static void udp_unbound_join_and_leave_multicast(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket member;
    struct mio_address any = address_at("0.0.0.0:0");
    struct mio_address group = address_at("239.77.111.3:0");
    struct mio_address local = address_at("127.0.0.1:0");
    char byte;
    assert_ok(mio_udp_socket_open(&member, &any, NULL));
    assert_ok(mio_udp_socket_local_address(&member, &any));
    mio_address_set_port(&group, mio_address_port(&any));
    assert_ok(mio_udp_socket_set_multicast_interface_v4(&udp->a, &local));
    assert_ok(mio_udp_socket_join_multicast_v4(&member, &group, &local));
    udp_say(&udp->a, &group, "hello");
    udp_hear(udp, &member, "hello");
    assert_ok(mio_udp_socket_leave_multicast_v4(&member, &group, &local));
    udp_say(&udp->a, &group, "hello");
    assert_int_equal(mio_udp_socket_recv(&member, &byte, 1), MIO_EAGAIN);
    mio_udp_socket_close(&member);
}

/* Over loopback what does not loop is heard all the same. */
static void udp_unbound_set_multicast_loop_and_ttl(void **state)
{
    struct udp *udp = *state;
    reopen(udp, MIO_FAMILY_IPV4);
    assert_ok(mio_udp_socket_set_multicast_loop_v4(&udp->a, false));
    assert_int_equal(system_option(&udp->a, IP_MULTICAST_LOOP), 0);
    assert_ok(mio_udp_socket_set_multicast_loop_v4(&udp->a, true));
    assert_int_equal(system_option(&udp->a, IP_MULTICAST_LOOP), 1);
    assert_ok(mio_udp_socket_set_multicast_ttl_v4(&udp->a, 255));
    assert_int_equal(system_option(&udp->a, IP_MULTICAST_TTL), 255);
    assert_ok(mio_udp_socket_set_multicast_ttl_v4(&udp->a, 0));
    assert_int_equal(system_option(&udp->a, IP_MULTICAST_TTL), 0);
    assert_code(MIO_EINVAL, mio_udp_socket_set_multicast_ttl_v4(&udp->a, 256));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_UDP(udp_unbound_v4),
        CASE_UDP(udp_unbound_v6),
        CASE_UDP(udp_unbound_bound),
        CASE_UDP(udp_unbound_bind),
        CASE_UDP(udp_unbound_send_to_recv_from),
        CASE_UDP(udp_unbound_set_broadcast),
        CASE_UDP(udp_unbound_join_and_leave_multicast),
        CASE_UDP(udp_unbound_set_multicast_loop_and_ttl),
    };
    return cmocka_run_group_tests_name("udp_unbound", cases, NULL, NULL);
}
