/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/conformance.h - what every case of the suite needs. The
 * table of contracts and cases is README.md. */
#ifndef MIO_TESTS_CONFORMANCE_CONFORMANCE_H
#define MIO_TESTS_CONFORMANCE_CONFORMANCE_H

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
