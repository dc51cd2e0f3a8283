/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/flood_test.c - a token bucket. */
#include "apps/chat/irc/flood.h"

#include "tests/apps/chat/irc/check.h"

#define MS INT64_C(1000000)

static void ten_at_once_then_two_a_second(void **state)
{
    struct irc_flood flood = {0};
    int64_t now = 5000 * MS;

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(irc_flood_take(&flood, 10, 2, now), 0);
    assert_int_equal(irc_flood_take(&flood, 10, 2, now), 500 * MS);
    assert_int_equal(irc_flood_take(&flood, 10, 2, now + 200 * MS), 300 * MS);
    assert_int_equal(irc_flood_take(&flood, 10, 2, now + 500 * MS), 0);
    assert_int_equal(irc_flood_take(&flood, 10, 2, now + 500 * MS), 500 * MS);
}

static void a_rest_fills_the_bucket_and_no_more(void **state)
{
    struct irc_flood flood = {0};
    int taken = 0;

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(irc_flood_take(&flood, 10, 2, 0), 0);
    while (irc_flood_take(&flood, 10, 2, 3600 * 1000 * MS) == 0)
        taken++;
    assert_int_equal(taken, 10);
}

static void waiting_as_told_is_always_enough(void **state)
{
    struct irc_flood flood = {0};
    uint64_t seed = 3;
    int64_t now = 0;
    int taken = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t wait = irc_flood_take(&flood, 10, 2, now);
        assert_in_range(wait, 0, 500 * MS);
        if (wait == 0) {
            taken++;
        } else {
            now += wait;
            assert_int_equal(irc_flood_take(&flood, 10, 2, now), 0);
            taken++;
        }
        now += (int64_t)(next_random(&seed) % (100 * MS));
        assert_true(taken <= 10 + now / (500 * MS) + 1);
    }
}

static void other_buckets_hold_and_fill_as_told(void **state)
{
    struct irc_flood flood = {0};
    struct irc_flood wide = {0};

    (void)state;
    assert_int_equal(irc_flood_take(&flood, 1, 1000, 0), 0);
    assert_int_equal(irc_flood_take(&flood, 1, 1000, 0), MS);
    assert_int_equal(irc_flood_take(&flood, 1, 1000, MS), 0);
    for (int i = 0; i < 1000000; i++)
        assert_int_equal(irc_flood_take(&wide, 1000000, 1, 0), 0);
    assert_int_equal(irc_flood_take(&wide, 1000000, 1, 0), 1000 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_at_once_then_two_a_second),
        cmocka_unit_test(a_rest_fills_the_bucket_and_no_more),
        cmocka_unit_test(waiting_as_told_is_always_enough),
        cmocka_unit_test(other_buckets_hold_and_fill_as_told),
    };
    return cmocka_run_group_tests_name("chat/irc/flood", tests, NULL, NULL);
}
