/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/deadline_queue_test.c - in the order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/server/deadline_queue.h"

static void deadlines_are_taken_when_due_and_in_order(void **state)
{
    (void)state;
    struct mio_deadline_queue queue;
    struct mio_deadline a = {0}, b = {0};
    mio_deadline_queue_init(&queue, 100);
    assert_null(mio_deadline_queue_first(&queue));
    mio_deadline_queue_push(&queue, &a, 0);
    mio_deadline_queue_push(&queue, &b, 10);

    assert_null(mio_deadline_queue_take(&queue, 99));
    assert_ptr_equal(mio_deadline_queue_take(&queue, 105), &a);
    assert_false(mio_deadline_is_set(&a));
    assert_null(mio_deadline_queue_take(&queue, 105));
    assert_ptr_equal(mio_deadline_queue_first(&queue), &b);
    assert_ptr_equal(mio_deadline_queue_take(&queue, 110), &b);
    assert_null(mio_deadline_queue_take(&queue, INT64_MAX));
}

static void one_that_was_removed_is_not_taken(void **state)
{
    (void)state;
    struct mio_deadline_queue queue;
    struct mio_deadline deadlines[3] = {0};
    mio_deadline_queue_init(&queue, 100);
    for (int i = 0; i < 3; i++)
        mio_deadline_queue_push(&queue, &deadlines[i], i);
    mio_deadline_remove(&deadlines[1]);
    mio_deadline_remove(&deadlines[1]); /* as often as one likes */
    assert_ptr_equal(mio_deadline_queue_take(&queue, 200), &deadlines[0]);
    assert_ptr_equal(mio_deadline_queue_take(&queue, 200), &deadlines[2]);
    assert_null(mio_deadline_queue_take(&queue, 200));
}

static void one_that_is_set_anew_moves(void **state)
{
    (void)state;
    struct mio_deadline_queue soon, late;
    struct mio_deadline a = {0}, b = {0};
    mio_deadline_queue_init(&soon, 100);
    mio_deadline_queue_init(&late, 500);
    mio_deadline_queue_push(&soon, &a, 0);
    mio_deadline_queue_push(&soon, &b, 0);
    mio_deadline_queue_push(&late, &a, 50);
    assert_ptr_equal(mio_deadline_queue_take(&soon, 100), &b);
    assert_null(mio_deadline_queue_take(&soon, 1000));
    assert_null(mio_deadline_queue_take(&late, 549));
    assert_ptr_equal(mio_deadline_queue_take(&late, 550), &a);
}

static void the_longest_delay_is_never_over(void **state)
{
    (void)state;
    struct mio_deadline_queue queue;
    struct mio_deadline a = {0};
    mio_deadline_queue_init(&queue, INT64_MAX);
    mio_deadline_queue_push(&queue, &a, 1000);
    assert_null(mio_deadline_queue_take(&queue, INT64_MAX - 1));
    mio_deadline_remove(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_are_taken_when_due_and_in_order),
        cmocka_unit_test(one_that_was_removed_is_not_taken),
        cmocka_unit_test(one_that_is_set_anew_moves),
        cmocka_unit_test(the_longest_delay_is_never_over),
    };
    return cmocka_run_group_tests_name("net/server/deadline_queue", tests, NULL,
                                       NULL);
}
