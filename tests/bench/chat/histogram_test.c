/* SPDX-License-Identifier: MIT
 *
 * tests/bench/chat/histogram_test.c - quantiles without the values. */
#include "bench/chat/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_empty_histogram_says_zero(void **state)
{
    static struct histogram h;
    (void)state;
    histogram_reset(&h);
    assert_int_equal(histogram_quantile(&h, 0.99), 0);
}

static void small_values_are_kept_exactly(void **state)
{
    static struct histogram h;
    (void)state;
    histogram_reset(&h);
    for (int64_t v = 1; v <= 60; v++)
        histogram_add(&h, v);
    assert_int_equal(histogram_quantile(&h, 0.5), 30);
    assert_int_equal(histogram_quantile(&h, 1.0), 60);
}

static void a_quantile_is_at_most_two_percent_above_the_value(void **state)
{
    static struct histogram h;
    (void)state;
    for (int64_t value = 1; value < INT64_MAX / 3; value = value * 3 + 1) {
        histogram_reset(&h);
        histogram_add(&h, value);
        histogram_add(&h, INT64_MAX);
        int64_t found = histogram_quantile(&h, 0.5);
        assert_true(found >= value);
        assert_true(found - value <= value / 50);
    }
}

static void a_quantile_never_exceeds_the_largest_value(void **state)
{
    static struct histogram h;
    (void)state;
    histogram_reset(&h);
    histogram_add(&h, 1000001);
    assert_int_equal(histogram_quantile(&h, 0.99), 1000001);
    assert_int_equal(h.max, 1000001);
}

static void one_slow_value_in_fifty_shows_at_p99_and_not_at_p50(void **state)
{
    static struct histogram h;
    (void)state;
    histogram_reset(&h);
    for (int i = 0; i < 5000; i++)
        histogram_add(&h, i % 50 == 0 ? 40000000 : 100000);
    assert_true(histogram_quantile(&h, 0.50) < 102000);
    assert_true(histogram_quantile(&h, 0.99) >= 40000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_histogram_says_zero),
        cmocka_unit_test(small_values_are_kept_exactly),
        cmocka_unit_test(a_quantile_is_at_most_two_percent_above_the_value),
        cmocka_unit_test(a_quantile_never_exceeds_the_largest_value),
        cmocka_unit_test(one_slow_value_in_fifty_shows_at_p99_and_not_at_p50),
    };
    return cmocka_run_group_tests_name("bench/chat/histogram", tests, NULL,
                                       NULL);
}
