/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/interest_test.c - the contracts of sets of interests. */
#include "tests/conformance/conformance.h"

#define KINDS_COUNT 5

static const uint32_t kinds[KINDS_COUNT] = {
    MIO_READABLE, MIO_WRITABLE, MIO_AIO, MIO_LIO, MIO_PRIORITY,
};

/* The numbers of Mio, so that what it logged can be read. */
static void interest_is_tests(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < KINDS_COUNT; i++)
        assert_int_equal(kinds[i], 1 << i);
    for (uint32_t i = 0; i < KINDS_COUNT; i++)
        for (uint32_t j = 0; j < KINDS_COUNT; j++)
            assert_int_equal((kinds[i] & kinds[j]) != 0, i == j);
}

static void interest_bit_or(void **state)
{
    (void)state;
    uint32_t interest = MIO_READABLE | MIO_WRITABLE;
    assert_int_equal(interest, 3);
    assert_true(interest & MIO_READABLE);
    assert_true(interest & MIO_WRITABLE);
    assert_false(interest & MIO_PRIORITY);
    assert_true(mio_interest_is_valid(interest));
}

/* All together are a set, one more is none, and neither is nothing. */
static void interest_add(void **state)
{
    (void)state;
    uint32_t interest = 0;
    assert_false(mio_interest_is_valid(interest));
    for (uint32_t i = 0; i < KINDS_COUNT; i++) {
        interest |= kinds[i];
        interest |= kinds[i]; /* again: nothing changes */
        assert_true(mio_interest_is_valid(interest));
        assert_true(mio_interest_is_valid(kinds[i]));
    }
    assert_int_equal(interest, MIO_INTEREST_ALL);
    assert_false(mio_interest_is_valid(interest + 1));
    assert_false(mio_interest_is_valid(interest | 32));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(interest_is_tests),
        CASE(interest_bit_or),
        CASE(interest_add),
    };
    return cmocka_run_group_tests_name("interest", cases, NULL, NULL);
}
