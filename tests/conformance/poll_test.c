/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/poll_test.c - the contracts of the poll and its registry. */
#include "tests/conformance/conformance.h"

static void poll_run_once_with_nothing(void **state)
{
    (void)state;
    struct mio_poll *poll;
    struct mio_events *events;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_events_new(&events, 16));
    assert_int_equal(mio_poll_wait(poll, events, MIO_NS_PER_MS), 0);
    mio_events_free(events);
    mio_poll_free(poll);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(poll_run_once_with_nothing),
    };
    return cmocka_run_group_tests_name("poll", cases, NULL, NULL);
}
