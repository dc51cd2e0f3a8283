/* SPDX-License-Identifier: MIT
 *
 * tests/net/udp.h - a loop and two UDP sockets of one family on loopback. */
#ifndef MIO_TESTS_NET_UDP_H
#define MIO_TESTS_NET_UDP_H

#include "net/udp_socket.h"
#include "tests/net/loop.h"

struct udp {
    struct loop loop;
    struct mio_udp_socket a;
    struct mio_udp_socket b;
    struct mio_address at_a;
    struct mio_address at_b;
};

static inline void udp_open(struct udp *self, const char *at)
{
    struct mio_address address = address_at(at);
    loop_open(&self->loop);
    assert_ok(mio_udp_socket_open(&self->a, &address, NULL));
    assert_ok(mio_udp_socket_open(&self->b, &address, NULL));
    assert_ok(mio_udp_socket_local_address(&self->a, &self->at_a));
    assert_ok(mio_udp_socket_local_address(&self->b, &self->at_b));
}

static inline void udp_close(struct udp *self)
{
    mio_udp_socket_close(&self->a);
    mio_udp_socket_close(&self->b);
    loop_close(&self->loop);
}

/* A datagram from `from` to the address `to`, as text. */
static inline void udp_say(struct mio_udp_socket *from,
                           const struct mio_address *to, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(mio_udp_socket_send_to(from, text, size, to), size);
}

/* The next datagram, once it is there; `socket` is not registered. */
static inline void udp_hear(struct udp *self, struct mio_udp_socket *socket,
                            const char *expected)
{
    char bytes[256];
    size_t size = strlen(expected);
    (void)loop_await(&self->loop, &socket->source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_recv(socket, bytes, sizeof(bytes)), size);
    assert_memory_equal(bytes, expected, size);
}

#endif /* MIO_TESTS_NET_UDP_H */
