/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/date_test.c - times as people and clients read them. */
#include "apps/chat/irc/date.h"

#include <time.h>

#include "tests/apps/chat/irc/check.h"

static void the_formats_are_those_of_the_specifications(void **state)
{
    char iso[IRC_DATE_ISO_SIZE], text[IRC_DATE_TEXT_SIZE];
    int64_t ns = INT64_C(1319042451620999999);

    (void)state;
    assert_span(irc_date_iso(iso, ns), "2011-10-19T16:40:51.620Z");
    assert_span(irc_date_text(text, ns), "Wed Oct 19 2011 16:40:51 UTC");
    assert_span(irc_date_iso(iso, 0), "1970-01-01T00:00:00.000Z");
    assert_span(irc_date_iso(iso, -5), "1970-01-01T00:00:00.000Z");
}

static void every_day_is_the_one_that_libc_says(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 100000; day++) {
        time_t seconds = (time_t)(day * 86400 + day % 86400);
        struct tm tm;
        struct irc_date date = irc_date_of((int64_t)seconds * 1000000000);

        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(date.weekday, tm.tm_wday);
        assert_int_equal(date.hour, tm.tm_hour);
        assert_int_equal(date.minute, tm.tm_min);
        assert_int_equal(date.second, tm.tm_sec);
    }
}

static void the_last_nanosecond_is_still_a_date(void **state)
{
    struct irc_date date = irc_date_of(INT64_MAX);

    (void)state;
    assert_int_equal(date.year, 2262);
    assert_int_equal(date.month, 4);
    assert_int_equal(date.day, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formats_are_those_of_the_specifications),
        cmocka_unit_test(every_day_is_the_one_that_libc_says),
        cmocka_unit_test(the_last_nanosecond_is_still_a_date),
    };
    return cmocka_run_group_tests_name("chat/irc/date", tests, NULL, NULL);
}
