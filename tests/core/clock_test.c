/* SPDX-License-Identifier: MIT
 *
 * tests/core/clock_test.c - the clocks, and the dice beside them. */
#include "core/clock.h"

#include <time.h>

#include "core/random.h"
#include "tests/core/check.h"

static void the_monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    int64_t begin = mio_clock_monotonic_ns();
    int64_t before = begin;
    while (before < begin + MIO_NS_PER_MS) { /* so it goes on, too */
        int64_t now = mio_clock_monotonic_ns();
        assert_true(now >= before);
        before = now;
    }
}

static void the_realtime_clock_is_the_system_s(void **state)
{
    (void)state;
    int64_t before_s = (int64_t)time(NULL) - 1;
    int64_t now = mio_clock_realtime_ns();
    assert_in_range(now / MIO_NS_PER_S, before_s, (int64_t)time(NULL) + 1);
    assert_true(now % MIO_NS_PER_S != 0 ||
                mio_clock_realtime_ns() % MIO_NS_PER_S != 0);
}

static void random_words_use_every_bit_and_differ(void **state)
{
    (void)state;
    uint64_t words[64];
    uint64_t ones = 0;
    uint64_t zeros = 0;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        words[i] = mio_random_u64();
        ones |= words[i];
        zeros |= ~words[i];
        for (size_t j = 0; j < i; j++)
            assert_true(words[i] != words[j]);
    }
    /* A bit that never changes in 64 throws: once in 10^17 runs. */
    assert_true(ones == UINT64_MAX);
    assert_true(zeros == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(the_realtime_clock_is_the_system_s),
        cmocka_unit_test(random_words_use_every_bit_and_differ),
    };
    return cmocka_run_group_tests_name("core/clock", tests, NULL, NULL);
}
