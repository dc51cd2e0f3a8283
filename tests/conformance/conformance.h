/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/conformance.h - what every case of the suite needs. The
 * table of contracts and cases is README.md. */
#ifndef MIO_TESTS_CONFORMANCE_CONFORMANCE_H
#define MIO_TESTS_CONFORMANCE_CONFORMANCE_H

#include <stdlib.h>
#include <string.h>

#include "net/address.h"
#include "tests/core/check.h"

/* A case; the name is the contract's with an underscore for the dot. */
#define CASE(function) cmocka_unit_test_setup_teardown(function, open_, close_)

/* The first line of a case whose contract poll(2) cannot keep. README.md says
 * why in the row. */
static inline void only_on_epoll(void)
{
    const char *selector = getenv("MIO_SELECTOR");
    if (selector != NULL && strcmp(selector, "epoll") != 0)
        skip();
}

#endif /* MIO_TESTS_CONFORMANCE_CONFORMANCE_H */
