/* SPDX-License-Identifier: MIT
 *
 * tests/core/handle_set_test.c - white box: a set of descriptors against a
 * plain table of them. */
#include "core/sys/handle_set.h"

#include "tests/core/check.h"

#define HANDLES_MAX 8 /* so 16 cells */
#define RANGE 64      /* four descriptors to a cell, and runs that wrap */

static void a_handle_is_in_it_once(void **state)
{
    (void)state;
    struct mio_handle_set set;
    assert_ok(mio_handle_set_init(&set, 1, NULL));
    assert_true(mio_handle_set_add(&set, 0));
    assert_false(mio_handle_set_add(&set, 0));
    mio_handle_set_remove(&set, 0);
    assert_true(mio_handle_set_add(&set, 0));
    assert_true(mio_handle_set_add(&set, INT32_MAX)); /* none is too high */
    mio_handle_set_deinit(&set);
}

static void it_is_what_a_plain_table_says(void **state)
{
    (void)state;
    struct mio_handle_set set;
    struct sequence random = {0x5eed};
    bool is_in[RANGE] = {false};
    int count = 0;
    assert_ok(mio_handle_set_init(&set, HANDLES_MAX, NULL));
    for (int step = 0; step < 100000; step++) {
        int handle = (int)(sequence_next(&random) % RANGE);
        if (is_in[handle] && sequence_next(&random) % 2 == 0) {
            mio_handle_set_remove(&set, handle);
            is_in[handle] = false;
            count--;
        } else if (is_in[handle]) {
            assert_false(mio_handle_set_add(&set, handle));
        } else if (count < HANDLES_MAX) {
            assert_true(mio_handle_set_add(&set, handle));
            is_in[handle] = true;
            count++;
        }
    }
    for (int handle = 0; handle < RANGE; handle++)
        if (is_in[handle])
            assert_false(mio_handle_set_add(&set, handle));
    mio_handle_set_deinit(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_is_in_it_once),
        cmocka_unit_test(it_is_what_a_plain_table_says),
    };
    return cmocka_run_group_tests_name("core/sys/handle_set", tests, NULL,
                                       NULL);
}
