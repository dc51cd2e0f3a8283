/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/mode_test.c - mode strings. */
#include "apps/chat/irc/mode.h"

#include "apps/chat/irc/message.h"
#include "tests/apps/chat/irc/check.h"

#define ONE(text) (struct irc_span[]){S(text)}, 1

static struct irc_mode_change changes[IRC_MODE_CHANGES_MAX];
static size_t changes_count;

/* "+o-v a b" as MODE's parameters behind the channel */
static void parse(const char *text)
{
    static char line[IRC_LINE_MAX];
    struct irc_message message;

    strcpy(line, "MODE ");
    strcat(line, text);
    assert_true(irc_message_parse(&message, S(line)));
    changes_count =
        irc_channel_modes_parse(message.params, message.params_count, changes);
}

static void check(size_t index, const char *letter,
                  enum irc_mode_verdict verdict, const char *arg)
{
    assert_true(index < changes_count);
    assert_int_equal(changes[index].is_adding, letter[0] == '+');
    assert_int_equal(changes[index].letter, letter[1]);
    assert_int_equal(changes[index].verdict, verdict);
    assert_span(changes[index].arg, arg);
}

static void signs_and_arguments_go_to_their_letters(void **state)
{
    (void)state;
    parse("+o-v+ntb-k ann bob *!*@h key");
    assert_int_equal(changes_count, 6);
    check(0, "+o", IRC_MODE_CHANGE, "ann");
    check(1, "-v", IRC_MODE_CHANGE, "bob");
    check(2, "+n", IRC_MODE_CHANGE, "");
    check(3, "+t", IRC_MODE_CHANGE, "");
    check(4, "+b", IRC_MODE_CHANGE, "*!*@h");
    check(5, "-k", IRC_MODE_CHANGE, "key");
}

static void without_a_sign_modes_are_added(void **state)
{
    (void)state;
    parse("m");
    check(0, "+m", IRC_MODE_CHANGE, "");
    parse("b"); /* irssi after each JOIN */
    check(0, "+b", IRC_MODE_QUERY, "");
    parse("-b");
    check(0, "-b", IRC_MODE_QUERY, "");
}

static void wrong_arguments_are_told_apart(void **state)
{
    (void)state;
    parse("+o");
    check(0, "+o", IRC_MODE_NO_ARG, "");
    parse("+k");
    check(0, "+k", IRC_MODE_NO_ARG, "");
    parse("+k a,b");
    check(0, "+k", IRC_MODE_BAD_ARG, "a,b");
    parse("-k");
    check(0, "-k", IRC_MODE_CHANGE, "");
    parse("+l");
    check(0, "+l", IRC_MODE_NO_ARG, "");
    parse("+l 0");
    check(0, "+l", IRC_MODE_BAD_ARG, "0");
    parse("+l -5");
    check(0, "+l", IRC_MODE_BAD_ARG, "-5");
    parse("+l ten");
    check(0, "+l", IRC_MODE_BAD_ARG, "ten");
    parse("+b :a b");
    check(0, "+b", IRC_MODE_BAD_ARG, "a b");
    parse("+x");
    check(0, "+x", IRC_MODE_UNKNOWN, "");
    parse("+l 25");
    check(0, "+l", IRC_MODE_CHANGE, "25");
    assert_int_equal(changes[0].number, 25);
    parse("-l 25");
    check(0, "-l", IRC_MODE_CHANGE, "");
}

static void too_many_changes_are_not_looked_at(void **state)
{
    static struct irc_span params[20];

    (void)state;
    parse("+vvvvvvvvvvvvvv a b c d e f g h i j k l m n");
    assert_int_equal(changes_count, 14);
    check(11, "+v", IRC_MODE_CHANGE, "l");
    check(12, "+v", IRC_MODE_NO_ARG, "");
    params[0] = S("+nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
    assert_int_equal(irc_channel_modes_parse(params, 1, changes),
                     IRC_MODE_CHANGES_MAX);
    assert_int_equal(irc_channel_modes_parse(params, 0, changes), 0);
}

static void changes_are_put_as_they_were_read(void **state)
{
    static const char *const texts[] = {"+o-v+b ann bob *!*@h", "+ntk key",
                                        "-l+l 5", "+imnst-imnst", "-k key"};
    char buffer[IRC_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        parse(texts[i]);
        irc_writer_init(&writer, buffer, sizeof(buffer));
        assert_int_equal(irc_mode_changes_put(&writer, changes, changes_count),
                         changes_count);
        assert_span(irc_span(buffer, writer.size), texts[i]);
    }
}

static void changes_that_do_not_fit_wait_for_the_next_line(void **state)
{
    char buffer[22]; /* 20 for us */
    struct irc_writer writer;
    size_t done;

    (void)state;
    parse("+ov-ob 123456 12345 1 x!*@*");
    irc_writer_init(&writer, buffer, sizeof(buffer));
    done = irc_mode_changes_put(&writer, changes, changes_count);
    assert_int_equal(done, 3);
    assert_span(irc_span(buffer, writer.size), "+ov-o 123456 12345 1");

    irc_writer_init(&writer, buffer, sizeof(buffer));
    assert_int_equal(irc_mode_changes_put(&writer, changes + done, 1), 1);
    assert_span(irc_span(buffer, writer.size), "-b x!*@*");
}

static void a_channels_modes_are_told(void **state)
{
    char buffer[IRC_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_channel_modes_put(&writer,
                          irc_channel_flag_of('n') | irc_channel_flag_of('t'),
                          S("key"), 20);
    assert_span(irc_span(buffer, writer.size), "+ntkl key 20");
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_channel_modes_put(&writer, 0, S(""), 0);
    assert_span(irc_span(buffer, writer.size), "+");
}

static void prefixes_show_the_highest_or_all(void **state)
{
    unsigned op = irc_member_flag_of('o'), voice = irc_member_flag_of('v');

    (void)state;
    assert_span(irc_member_prefix(0, true), "");
    assert_span(irc_member_prefix(voice, false), "+");
    assert_span(irc_member_prefix(op, true), "@");
    assert_span(irc_member_prefix(op | voice, false), "@");
    assert_span(irc_member_prefix(op | voice, true), "@+");
    assert_int_equal(irc_member_flag_of('b'), 0);
}

static void user_modes_are_set_and_cleared(void **state)
{
    unsigned set, clear;

    (void)state;
    assert_true(irc_user_modes_parse(ONE("+iw-o"), &set, &clear));
    assert_int_equal(set, IRC_USER_INVISIBLE | IRC_USER_WALLOPS);
    assert_int_equal(clear, IRC_USER_OPERATOR);
    assert_true(irc_user_modes_parse(ONE("+o"), &set, &clear));
    assert_int_equal(set, 0);
    assert_true(irc_user_modes_parse(ONE("+i-i"), &set, &clear));
    assert_int_equal(set, 0);
    assert_int_equal(clear, IRC_USER_INVISIBLE);
    assert_false(irc_user_modes_parse(ONE("+ix"), &set, &clear));
    assert_int_equal(set, IRC_USER_INVISIBLE);
}

static void user_modes_are_told(void **state)
{
    char buffer[IRC_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_user_modes_put(&writer, IRC_USER_INVISIBLE | IRC_USER_WALLOPS);
    assert_span(irc_span(buffer, writer.size), "+iw");

    irc_writer_init(&writer, buffer, sizeof(buffer));
    assert_true(irc_user_modes_change_put(&writer, IRC_USER_OPERATOR,
                                          IRC_USER_INVISIBLE));
    assert_span(irc_span(buffer, writer.size), "+i-o");
    assert_false(irc_user_modes_change_put(&writer, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_arguments_go_to_their_letters),
        cmocka_unit_test(without_a_sign_modes_are_added),
        cmocka_unit_test(wrong_arguments_are_told_apart),
        cmocka_unit_test(too_many_changes_are_not_looked_at),
        cmocka_unit_test(changes_are_put_as_they_were_read),
        cmocka_unit_test(changes_that_do_not_fit_wait_for_the_next_line),
        cmocka_unit_test(a_channels_modes_are_told),
        cmocka_unit_test(prefixes_show_the_highest_or_all),
        cmocka_unit_test(user_modes_are_set_and_cleared),
        cmocka_unit_test(user_modes_are_told),
    };
    return cmocka_run_group_tests_name("chat/irc/mode", tests, NULL, NULL);
}
