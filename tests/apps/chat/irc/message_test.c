/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/message_test.c - one line taken apart. */
#include "apps/chat/irc/message.h"

#include "tests/apps/chat/irc/check.h"

static struct irc_message parse(const char *line)
{
    struct irc_message message;

    assert_true(irc_message_parse(&message, S(line)));
    return message;
}

static void a_full_line_has_all_its_parts(void **state)
{
    struct irc_message m = parse("@a=1;+b :nick!u@h PRIVMSG #c :hello  you ");

    (void)state;
    assert_span(m.tags, "a=1;+b");
    assert_span(m.source, "nick!u@h");
    assert_span(m.command, "PRIVMSG");
    assert_int_equal(m.params_count, 2);
    assert_span(m.params[0], "#c");
    assert_span(m.params[1], "hello  you ");
}

static void a_bare_command_has_no_params(void **state)
{
    struct irc_message m = parse("QUIT");

    (void)state;
    assert_span(m.tags, "");
    assert_span(m.source, "");
    assert_span(m.command, "QUIT");
    assert_int_equal(m.params_count, 0);
    assert_span(irc_message_param(&m, 0), "");
}

static void an_empty_trailing_is_a_parameter(void **state)
{
    struct irc_message m = parse("JOIN :"); /* irssi's first words */

    (void)state;
    assert_int_equal(m.params_count, 1);
    assert_span(m.params[0], "");
}

static void runs_of_spaces_separate_once(void **state)
{
    struct irc_message m = parse("  USER   root  0 *   :a  b");

    (void)state;
    assert_span(m.command, "USER");
    assert_int_equal(m.params_count, 4);
    assert_span(m.params[1], "0");
    assert_span(m.params[3], "a  b");
    assert_int_equal(parse("NICK a  ").params_count, 1);
}

static void a_colon_inside_a_word_is_not_a_trailing(void **state)
{
    struct irc_message m = parse("MODE #c +b a:b ::x");

    (void)state;
    assert_int_equal(m.params_count, 4);
    assert_span(m.params[2], "a:b");
    assert_span(m.params[3], ":x");
}

static void the_fifteenth_parameter_takes_the_rest(void **state)
{
    struct irc_message m = parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 a b :c");

    (void)state;
    assert_int_equal(m.params_count, 15);
    assert_span(m.params[13], "14");
    assert_span(m.params[14], "a b :c");
    m = parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :a b");
    assert_span(m.params[14], "a b");
}

static void a_line_without_a_command_is_none(void **state)
{
    static const char *const lines[] = {"",      " ",     "   ",    "@a=b",
                                        "@a=b ", ":nick", ":nick ", "@a :b "};
    struct irc_message m;

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_false(irc_message_parse(&m, S(lines[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_line_has_all_its_parts),
        cmocka_unit_test(a_bare_command_has_no_params),
        cmocka_unit_test(an_empty_trailing_is_a_parameter),
        cmocka_unit_test(runs_of_spaces_separate_once),
        cmocka_unit_test(a_colon_inside_a_word_is_not_a_trailing),
        cmocka_unit_test(the_fifteenth_parameter_takes_the_rest),
        cmocka_unit_test(a_line_without_a_command_is_none),
    };
    return cmocka_run_group_tests_name("chat/irc/message", tests, NULL, NULL);
}
