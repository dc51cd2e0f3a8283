/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/span_test.c - some bytes of somebody else's buffer. */
#include "apps/chat/irc/span.h"

#include "tests/apps/chat/irc/check.h"

static void numbers_are_written_in_decimal(void **state)
{
    (void)state;
    assert_span(IRC_NUMBER(0), "0");
    assert_span(IRC_NUMBER(6667), "6667");
    assert_span(IRC_NUMBER(UINT64_MAX), "18446744073709551615");
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
    static const char *const wrong[] = {"",
                                        "-1",
                                        "+1",
                                        "1x",
                                        " 1",
                                        "101",
                                        "18446744073709551616",
                                        "99999999999999999999999"};
    uint64_t value = 7;

    (void)state;
    assert_true(irc_span_to_number(S("100"), 100, &value));
    assert_int_equal(value, 100);
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(irc_span_to_number(S(wrong[i]), 100, &value));
    assert_int_equal(value, 100);
}

static void a_list_is_taken_apart_at_its_separators(void **state)
{
    struct irc_span rest = S("a,,bc"), item;

    (void)state;
    assert_true(irc_span_next(&rest, ',', &item));
    assert_span(item, "a");
    assert_true(irc_span_next(&rest, ',', &item));
    assert_span(item, "");
    assert_true(irc_span_next(&rest, ',', &item));
    assert_span(item, "bc");
    assert_false(irc_span_next(&rest, ',', &item));
}

static void heads_and_tails_stay_inside(void **state)
{
    (void)state;
    assert_span(irc_span_head(S("abc"), 2), "ab");
    assert_span(irc_span_head(S("abc"), 9), "abc");
    assert_span(irc_span_tail(S("abc"), 2), "c");
    assert_span(irc_span_tail(S("abc"), 9), "");
}

static void words_are_compared_without_case(void **state)
{
    (void)state;
    assert_true(irc_span_is(S("PrivMsg"), "PRIVMSG"));
    assert_false(irc_span_is(S("PRIV"), "PRIVMSG"));
    assert_false(irc_span_is(S("PRIVMSGS"), "PRIVMSG"));
    assert_true(irc_span_equal(S(""), (struct irc_span){NULL, 0}));
    assert_false(irc_span_equal(S("a"), S("A")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_in_decimal),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(a_list_is_taken_apart_at_its_separators),
        cmocka_unit_test(heads_and_tails_stay_inside),
        cmocka_unit_test(words_are_compared_without_case),
    };
    return cmocka_run_group_tests_name("chat/irc/span", tests, NULL, NULL);
}
