/* SPDX-License-Identifier: MIT
 *
 * tests/net/udp_options_test.c - options come back, groups are heard. */
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
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

static int option(const struct mio_udp_socket *socket, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(
        getsockopt((int)socket->source.handle, level, name, &value, &size), 0);
    return value;
}

static void options_reach_the_system_and_come_back(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket *a = &udp->a;
    assert_int_equal(mio_udp_socket_broadcast(a), 0);
    assert_ok(mio_udp_socket_set_broadcast(a, true));
    assert_int_equal(mio_udp_socket_broadcast(a), 1);
    assert_int_equal(option(a, SOL_SOCKET, SO_BROADCAST), 1);
    assert_ok(mio_udp_socket_set_broadcast(a, false));
    assert_int_equal(mio_udp_socket_broadcast(a), 0);

    assert_int_equal(mio_udp_socket_ttl(a), option(a, IPPROTO_IP, IP_TTL));
    assert_ok(mio_udp_socket_set_ttl(a, 42));
    assert_int_equal(mio_udp_socket_ttl(a), 42);
    assert_int_equal(option(a, IPPROTO_IP, IP_TTL), 42);
    assert_code(MIO_EINVAL, mio_udp_socket_set_ttl(a, 0));
    assert_code(MIO_EINVAL, mio_udp_socket_set_ttl(a, 256));

    assert_int_equal(mio_udp_socket_multicast_loop_v4(a), 1);
    assert_ok(mio_udp_socket_set_multicast_loop_v4(a, false));
    assert_int_equal(mio_udp_socket_multicast_loop_v4(a), 0);
    assert_int_equal(option(a, IPPROTO_IP, IP_MULTICAST_LOOP), 0);

    assert_int_equal(mio_udp_socket_multicast_ttl_v4(a), 1);
    assert_ok(mio_udp_socket_set_multicast_ttl_v4(a, 200));
    assert_int_equal(mio_udp_socket_multicast_ttl_v4(a), 200);
    assert_int_equal(option(a, IPPROTO_IP, IP_MULTICAST_TTL), 200);
    assert_ok(mio_udp_socket_set_multicast_ttl_v4(a, 0));
    assert_int_equal(mio_udp_socket_multicast_ttl_v4(a), 0);
    assert_code(MIO_EINVAL, mio_udp_socket_set_multicast_ttl_v4(a, 256));
    assert_code(MIO_EINVAL, mio_udp_socket_set_multicast_ttl_v4(a, UINT32_MAX));
}

static void ipv6_has_its_own(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket *a = &udp->a;
    assert_int_equal(mio_udp_socket_ttl(a),
                     option(a, IPPROTO_IPV6, IPV6_UNICAST_HOPS));
    assert_ok(mio_udp_socket_set_ttl(a, 43));
    assert_int_equal(mio_udp_socket_ttl(a), 43);
    assert_int_equal(option(a, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 43);

    assert_int_equal(mio_udp_socket_multicast_loop_v6(a), 1);
    assert_ok(mio_udp_socket_set_multicast_loop_v6(a, false));
    assert_int_equal(mio_udp_socket_multicast_loop_v6(a), 0);
    assert_int_equal(option(a, IPPROTO_IPV6, IPV6_MULTICAST_LOOP), 0);

    assert_int_equal(mio_udp_socket_multicast_hops_v6(a), 1);
    assert_ok(mio_udp_socket_set_multicast_hops_v6(a, 201));
    assert_int_equal(mio_udp_socket_multicast_hops_v6(a), 201);
    assert_int_equal(option(a, IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 201);
    assert_ok(mio_udp_socket_set_multicast_hops_v6(a, 0));
    assert_int_equal(mio_udp_socket_multicast_hops_v6(a), 0);
    /* -1, which the system takes for its default, is none of ours. */
    assert_code(MIO_EINVAL,
                mio_udp_socket_set_multicast_hops_v6(a, UINT32_MAX));
    assert_code(MIO_EINVAL, mio_udp_socket_set_multicast_hops_v6(a, 256));
    assert_int_equal(mio_udp_socket_multicast_hops_v6(a), 0);
}

static void buffers_get_another_size(void **state)
{
    struct udp *udp = *state;
    assert_ok(mio_udp_socket_set_send_buffer_size(&udp->a, 30000));
    assert_in_range(mio_udp_socket_send_buffer_size(&udp->a), 30000, 60000);
    assert_ok(mio_udp_socket_set_recv_buffer_size(&udp->a, 40000));
    assert_in_range(mio_udp_socket_recv_buffer_size(&udp->a), 40000, 80000);
    assert_int_equal(mio_udp_socket_send_buffer_size(&udp->a),
                     option(&udp->a, SOL_SOCKET, SO_SNDBUF));
    assert_code(MIO_EINVAL, mio_udp_socket_set_send_buffer_size(
                                &udp->a, (uint32_t)INT_MAX + 1));
}

static void what_is_not_ipv6_has_no_such_options(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket *a = &udp->a;
    struct mio_address group = address_at("[ff02::4d69:6f]:0");
    assert_true(mio_udp_socket_only_v6(a) < 0);
    assert_true(mio_udp_socket_multicast_loop_v6(a) < 0);
    assert_true(mio_udp_socket_set_multicast_loop_v6(a, true) < 0);
    assert_true(mio_udp_socket_multicast_hops_v6(a) < 0);
    assert_true(mio_udp_socket_multicast_interface_v6(a) < 0);
    assert_true(mio_udp_socket_join_multicast_v6(a, &group, 1) < 0);
}

static void what_is_closed_has_none_at_all(void **state)
{
    struct udp *udp = *state;
    struct mio_udp_socket *a = &udp->a;
    struct mio_address address = address_at("239.77.105.111:0");
    struct mio_datagram none = {.address = &udp->at_b};
    char byte;
    mio_udp_socket_close(a);
    const int codes[] = {
        mio_udp_socket_bind(a, &udp->at_b),
        mio_udp_socket_connect(a, &udp->at_b),
        (int)mio_udp_socket_send(a, "x", 1),
        (int)mio_udp_socket_send_to(a, "x", 1, &udp->at_b),
        (int)mio_udp_socket_recv(a, &byte, 1),
        (int)mio_udp_socket_peek(a, &byte, 1),
        mio_udp_socket_send_batch(a, &none, 1),
        mio_udp_socket_recv_batch(a, &none, 1),
        mio_udp_socket_set_gro(a, true),
        mio_udp_socket_take_error(a),
        mio_udp_socket_local_address(a, &address),
        mio_udp_socket_set_broadcast(a, true),
        mio_udp_socket_broadcast(a),
        mio_udp_socket_set_ttl(a, 1),
        mio_udp_socket_ttl(a),
        mio_udp_socket_multicast_loop_v4(a),
        mio_udp_socket_multicast_ttl_v4(a),
        mio_udp_socket_join_multicast_v4(a, &address, NULL),
        mio_udp_socket_multicast_interface_v4(a, &address),
    };
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        assert_code(MIO_EBADF, codes[i]);
}

/* Two members of a group on loopback, and one that is none. */
static void members_of_a_group_hear_what_it_is_sent(void **state)
{
    struct udp *udp = *state;
    const struct mio_udp_options shared = {.reuse_address = true};
    struct mio_address any = address_at("0.0.0.0:0");
    struct mio_address group = address_at("239.77.105.111:0");
    struct mio_address local = address_at("127.0.0.1:0");
    struct mio_address seen;
    struct mio_udp_socket members[2];
    char byte;
    assert_ok(mio_udp_socket_open(&members[0], &any, &shared));
    assert_ok(mio_udp_socket_local_address(&members[0], &any));
    assert_ok(mio_udp_socket_open(&members[1], &any, &shared));
    mio_address_set_port(&group, mio_address_port(&any));
    for (int i = 0; i < 2; i++)
        assert_ok(
            mio_udp_socket_join_multicast_v4(&members[i], &group, &local));
    assert_code(MIO_EADDRINUSE,
                mio_udp_socket_join_multicast_v4(&members[0], &group, &local));

    assert_ok(mio_udp_socket_multicast_interface_v4(&udp->a, &seen));
    assert_address_text(&seen, "0.0.0.0:0");
    assert_ok(mio_udp_socket_set_multicast_interface_v4(&udp->a, &local));
    assert_ok(mio_udp_socket_multicast_interface_v4(&udp->a, &seen));
    assert_address_text(&seen, "127.0.0.1:0");
    udp_say(&udp->a, &group, "to all");
    udp_hear(udp, &members[0], "to all");
    udp_hear(udp, &members[1], "to all");
    assert_int_equal(mio_udp_socket_recv(&udp->b, &byte, 1), MIO_EAGAIN);

    for (int i = 0; i < 2; i++)
        assert_ok(
            mio_udp_socket_leave_multicast_v4(&members[i], &group, &local));
    assert_code(MIO_EADDRNOTAVAIL,
                mio_udp_socket_leave_multicast_v4(&members[0], &group, &local));
    udp_say(&udp->a, &group, "to no one");
    assert_int_equal(mio_udp_socket_recv(&members[0], &byte, 1), MIO_EAGAIN);

    assert_ok(mio_udp_socket_set_multicast_interface_v4(&udp->a, NULL));
    assert_ok(mio_udp_socket_multicast_interface_v4(&udp->a, &seen));
    assert_address_text(&seen, "0.0.0.0:0");
    mio_udp_socket_close(&members[0]);
    mio_udp_socket_close(&members[1]);
}

/* A group within one interface (RFC 4291, 2.7): nothing leaves the host. Few
 * have a route to groups over loopback, so any interface will do. */
static bool group_is_heard_on(struct udp *udp, uint32_t interface_index)
{
    struct mio_address any = address_at("[::]:0");
    struct mio_address group = address_at("[ff01::4d69:6f]:0");
    struct mio_udp_socket member;
    char byte;
    assert_ok(mio_udp_socket_open(&member, &any, NULL));
    assert_ok(mio_udp_socket_local_address(&member, &any));
    mio_address_set_port(&group, mio_address_port(&any));
    if (mio_udp_socket_join_multicast_v6(&member, &group, interface_index) <
        0) {
        mio_udp_socket_close(&member); /* it is down, or has no groups */
        return false;
    }
    assert_code(MIO_EADDRINUSE, mio_udp_socket_join_multicast_v6(
                                    &member, &group, interface_index));
    mio_udp_socket_close(&udp->a);
    assert_ok(mio_udp_socket_open_unbound(&udp->a, MIO_FAMILY_IPV6, NULL));
    assert_int_equal(mio_udp_socket_multicast_interface_v6(&udp->a), 0);
    assert_ok(
        mio_udp_socket_set_multicast_interface_v6(&udp->a, interface_index));
    assert_int_equal(mio_udp_socket_multicast_interface_v6(&udp->a),
                     interface_index);

    bool is_heard = mio_udp_socket_send_to(&udp->a, "hello", 5, &group) == 5;
    if (is_heard)
        udp_hear(udp, &member, "hello");
    assert_ok(
        mio_udp_socket_leave_multicast_v6(&member, &group, interface_index));
    assert_true(mio_udp_socket_leave_multicast_v6(&member, &group,
                                                  interface_index) < 0);
    if (is_heard) {
        udp_say(&udp->a, &group, "hello");
        assert_int_equal(mio_udp_socket_recv(&member, &byte, 1), MIO_EAGAIN);
    }
    mio_udp_socket_close(&member);
    return is_heard;
}

static void members_of_an_ipv6_group_hear_it_too(void **state)
{
    struct if_nameindex *interfaces = if_nameindex();
    bool is_heard = false;
    assert_non_null(interfaces);
    for (size_t i = 0; !is_heard && interfaces[i].if_index != 0; i++)
        is_heard = group_is_heard_on(*state, interfaces[i].if_index);
    if_freenameindex(interfaces);
}

static void an_ipv6_group_may_name_its_interface(void **state)
{
    struct udp *udp = *state;
    struct mio_address group = address_at("[ff02::4d69:6f%lo]:0");
    uint32_t lo = if_nametoindex("lo");
    assert_ok(mio_udp_socket_join_multicast_v6(&udp->a, &group, 0));
    assert_code(MIO_EADDRINUSE,
                mio_udp_socket_join_multicast_v6(&udp->a, &group, lo));
    assert_ok(mio_udp_socket_leave_multicast_v6(&udp->a, &group, 0));
    assert_code(MIO_ENODEV, mio_udp_socket_join_multicast_v6(
                                &udp->a, &group, (uint32_t)INT_MAX));
    assert_true(mio_udp_socket_set_multicast_interface_v6(
                    &udp->a, (uint32_t)INT_MAX) < 0);
    assert_code(MIO_EINVAL,
                mio_udp_socket_set_multicast_interface_v6(&udp->a, UINT32_MAX));
}

static void what_is_no_group_is_refused(void **state)
{
    struct udp *udp = *state;
    struct mio_address host = address_at("127.0.0.1:0");
    struct mio_address host_v6 = address_at("[::1]:0");
    struct mio_address group = address_at("239.77.105.111:0");
    struct mio_address path = address_at("unix:/nowhere");
    assert_code(MIO_EINVAL,
                mio_udp_socket_join_multicast_v4(&udp->a, &host, NULL));
    assert_code(MIO_EINVAL,
                mio_udp_socket_join_multicast_v4(&udp->a, &host_v6, NULL));
    assert_code(MIO_EINVAL,
                mio_udp_socket_join_multicast_v4(&udp->a, &path, NULL));
    assert_code(MIO_EINVAL,
                mio_udp_socket_join_multicast_v4(&udp->a, &group, &host_v6));
    assert_code(MIO_EINVAL,
                mio_udp_socket_leave_multicast_v4(&udp->a, &path, NULL));
    assert_code(MIO_EINVAL,
                mio_udp_socket_join_multicast_v6(&udp->a, &group, 0));
    assert_code(MIO_EINVAL,
                mio_udp_socket_leave_multicast_v6(&udp->a, &host, 0));
    assert_code(MIO_EINVAL,
                mio_udp_socket_set_multicast_interface_v4(&udp->a, &host_v6));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_V6(fn) cmocka_unit_test_setup_teardown(fn, setup_v6, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(options_reach_the_system_and_come_back),
        TEST_V6(ipv6_has_its_own),
        TEST(buffers_get_another_size),
        TEST(what_is_not_ipv6_has_no_such_options),
        TEST(what_is_closed_has_none_at_all),
        TEST(members_of_a_group_hear_what_it_is_sent),
        TEST_V6(members_of_an_ipv6_group_hear_it_too),
        TEST_V6(an_ipv6_group_may_name_its_interface),
        TEST(what_is_no_group_is_refused),
    };
    return cmocka_run_group_tests_name("net/udp_options", tests, NULL, NULL);
}
