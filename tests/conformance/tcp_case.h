/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/tcp_case.h - a case with a listener and two connected
 * streams. */
#ifndef MIO_TESTS_CONFORMANCE_TCP_CASE_H
#define MIO_TESTS_CONFORMANCE_TCP_CASE_H

#include "tests/conformance/conformance.h"
#include "tests/net/tcp.h"

/* The state of a CASE_TCP; `tcp` uses the poll and the batch of `loop`. Its
 * client and its server are connected, and nothing is registered. */
struct tcp_case {
    struct loop loop;
    struct tcp tcp;
};

#define CASE_TCP(function)                                                     \
    cmocka_unit_test_setup_teardown(function, open_tcp_, close_tcp_)

/* For a contract whose name is taken by a function of the fixture's. */
#define CASE_TCP_NAMED(name, function)                                         \
    {                                                                          \
#name, function, open_tcp_, close_tcp_, NULL                           \
    }

static inline void tcp_case_open(struct tcp_case *self, const char *at)
{
    loop_open(&self->loop);
    self->tcp.poll = self->loop.poll;
    self->tcp.events = self->loop.events;
    tcp_listen(&self->tcp, at);
    tcp_connect(&self->tcp);
}

static inline int open_tcp_(void **state)
{
    static struct tcp_case self;
    alarm(HANGS_S);
    tcp_case_open(&self, "127.0.0.1:0");
    *state = &self;
    return 0;
}

static inline int close_tcp_(void **state)
{
    struct tcp_case *self = *state;
    tcp_close_sockets(&self->tcp);
    loop_close(&self->loop);
    alarm(0);
    return 0;
}

#endif /* MIO_TESTS_CONFORMANCE_TCP_CASE_H */
