/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/conformance.h - what every case of the suite needs. The
 * table of contracts and cases is README.md. */
#ifndef MIO_TESTS_CONFORMANCE_CONFORMANCE_H
#define MIO_TESTS_CONFORMANCE_CONFORMANCE_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/address.h"
#include "tests/core/check.h"
#include "tests/net/loop.h"

/* A case that hangs ends the program after so many seconds. */
#define HANGS_S 120

/* A case; the name is the contract's with an underscore for the dot. Its state
 * is a struct loop (tests/net/loop.h): a poll and a batch of 16. When it is
 * over, every descriptor that it opened must be closed. */
#define CASE(function) cmocka_unit_test_setup_teardown(function, open_, close_)

static inline int open_(void **state)
{
    static struct loop loop;
    alarm(HANGS_S);
    loop_open(&loop);
    *state = &loop;
    return 0;
}

static inline int close_(void **state)
{
    loop_close(*state);
    alarm(0);
    return 0;
}

/* Threads. What they find out is asserted after the join: cmocka's assertions
 * are for the thread that runs the case. */
static inline pthread_t thread_start(void *(*run)(void *arg), void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run, arg), 0);
    return thread;
}

static inline void thread_join(pthread_t thread)
{
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static inline bool is_epoll(void)
{
    const char *selector = getenv("MIO_SELECTOR");
    return selector == NULL || strcmp(selector, "epoll") == 0;
}

/* The first line of a case whose contract poll(2) cannot keep. README.md says
 * why in the row. */
static inline void only_on_epoll(void)
{
    if (!is_epoll())
        skip();
}

#endif /* MIO_TESTS_CONFORMANCE_CONFORMANCE_H */
