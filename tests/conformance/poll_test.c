/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/poll_test.c - the contracts of the poll and its registry.
 */
#include "tests/conformance/conformance.h"

static void poll_run_once_with_nothing(void **state)
{
    struct loop *loop = *state;
    assert_int_equal(mio_poll_wait(loop->poll, loop->events, MIO_NS_PER_MS), 0);
    loop_silence(loop);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(poll_run_once_with_nothing),
    };
    return cmocka_run_group_tests_name("poll", cases, NULL, NULL);
}
