/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/isupport_test.c - 005 tells the truth. */
#include "apps/chat/irc/isupport.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/chat/irc/message.h"
#include "apps/chat/irc/mode.h"
#include "apps/chat/irc/name.h"
#include "tests/apps/chat/irc/check.h"

#define LINES_MAX 8

static char lines[LINES_MAX][IRC_LINE_MAX];
static struct irc_message messages[LINES_MAX];
static size_t lines_count;

static struct irc_isupport values;

static void set_values(uint32_t nick_max, uint32_t topic_max,
                       uint32_t channels_max, uint32_t bans_max)
{
    values = (struct irc_isupport){.network = S("Net"),
                                   .nick_max = nick_max,
                                   .topic_max = topic_max,
                                   .channels_max = channels_max,
                                   .bans_max = bans_max,
                                   .monitor_max = 2 * bans_max};
}

static void tell_all(void)
{
    unsigned cursor = 0;
    struct irc_writer writer;

    for (lines_count = 0; lines_count < LINES_MAX; lines_count++) {
        irc_writer_init(&writer, lines[lines_count], IRC_LINE_MAX);
        if (!irc_isupport_put(&writer, S("srv.example"), S("ann"), &values,
                              &cursor))
            return;
        assert_false(writer.is_truncated);
        assert_true(irc_message_parse(
            &messages[lines_count], irc_span(lines[lines_count], writer.size)));
    }
    fail_msg("it does not end");
}

static int tell(void **state)
{
    (void)state;
    set_values(IRC_NICK_MAX, IRC_TOPIC_MAX, IRC_CHANNELS_MAX, IRC_BANS_MAX);
    tell_all();
    return 0;
}

/* The value of a token, "" without one; fails if it is not told. */
static struct irc_span told(const char *name)
{
    for (size_t i = 0; i < lines_count; i++) {
        for (uint32_t k = 1; k + 1 < messages[i].params_count; k++) {
            struct irc_span token = messages[i].params[k];
            size_t equals = irc_span_find(token, '=');
            if (irc_span_equal(irc_span_head(token, equals), S(name)))
                return irc_span_tail(token, equals + 1);
        }
    }
    fail_msg("%s is not told", name);
    return S("");
}

static size_t number_told(const char *name)
{
    uint64_t value = 0;

    assert_true(irc_span_to_number(told(name), 100000, &value));
    return (size_t)value;
}

static void every_line_is_a_005_of_at_most_13_tokens(void **state)
{
    (void)state;
    assert_true(lines_count >= 2);
    for (size_t i = 0; i < lines_count; i++) {
        assert_span(messages[i].command, "005");
        assert_span(messages[i].params[0], "ann");
        assert_in_range(messages[i].params_count, 3, 15);
        assert_span(messages[i].params[messages[i].params_count - 1],
                    "are supported by this server");
    }
}

static void
names_as_long_as_told_are_valid_and_longer_ones_are_not(void **state)
{
    static char text[1000];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_true(irc_nick_is_valid(irc_span(text, number_told("NICKLEN"))));
    assert_false(irc_nick_is_valid(irc_span(text, number_told("NICKLEN") + 1)));
    assert_true(irc_key_is_valid(irc_span(text, number_told("KEYLEN"))));
    assert_false(irc_key_is_valid(irc_span(text, number_told("KEYLEN") + 1)));
    text[0] = '#';
    assert_true(
        irc_channel_is_valid(irc_span(text, number_told("CHANNELLEN"))));
    assert_false(
        irc_channel_is_valid(irc_span(text, number_told("CHANNELLEN") + 1)));
}

static void the_design_limits_are_told(void **state)
{
    (void)state;
    assert_int_equal(number_told("TOPICLEN"), 390);
    assert_int_equal(number_told("NICKLEN"), 32);
    assert_int_equal(number_told("CHANNELLEN"), 64);
    assert_span(told("CHANLIMIT"), "#:100");
    assert_span(told("MAXLIST"), "b:100");
    assert_span(told("NETWORK"), "Net");
    assert_span(told("CASEMAPPING"), "ascii");
    told("UTF8ONLY");
    told("WHOX");
}

static void other_limits_are_told_as_they_are(void **state)
{
    (void)state;
    set_values(9, 80, 3, 5);
    tell_all();
    assert_int_equal(number_told("NICKLEN"), 9);
    assert_int_equal(number_told("TOPICLEN"), 80);
    assert_span(told("CHANLIMIT"), "#:3");
    assert_span(told("MAXLIST"), "b:5");
    assert_int_equal(number_told("MONITOR"), 10);
}

/* The four kinds of CHANMODES, checked against the parser. */
static void modes_take_arguments_as_told(void **state)
{
    struct irc_span rest = told("CHANMODES"), letters;
    struct irc_mode_change change[IRC_MODE_CHANGES_MAX];
    char text[2];

    (void)state;
    for (int kind = 0; irc_span_next(&rest, ',', &letters); kind++) {
        for (size_t i = 0; i < letters.size; i++) {
            struct irc_span params[2] = {irc_span(text, 2), S("5")};
            text[0] = '+';
            text[1] = letters.at[i];
            assert_int_equal(irc_channel_modes_parse(params, 2, change), 1);
            assert_int_equal(change[0].verdict, IRC_MODE_CHANGE);
            assert_int_equal(change[0].arg.size, kind < 3 ? 1 : 0);
            text[0] = '-';
            assert_int_equal(irc_channel_modes_parse(params, 2, change), 1);
            assert_int_equal(change[0].verdict, IRC_MODE_CHANGE);
            assert_int_equal(change[0].arg.size, kind < 2 ? 1 : 0);
        }
        assert_in_range(kind, 0, 3);
    }
    assert_span(told("PREFIX"), "(ov)@+");
}

static void a_network_is_one_token(void **state)
{
    (void)state;
    assert_true(irc_network_is_valid(S("Net-1")));
    assert_false(irc_network_is_valid(S("")));
    assert_false(irc_network_is_valid(S("a b")));
    assert_false(irc_network_is_valid(S("a=b")));
    assert_false(irc_network_is_valid(S("\xC3\xA9")));
    assert_false(irc_network_is_valid(S("a2345678901234567890123456789012x")));
}

#define TEST(fn) cmocka_unit_test_setup(fn, tell)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_line_is_a_005_of_at_most_13_tokens),
        TEST(names_as_long_as_told_are_valid_and_longer_ones_are_not),
        TEST(the_design_limits_are_told),
        TEST(other_limits_are_told_as_they_are),
        TEST(modes_take_arguments_as_told),
        TEST(a_network_is_one_token),
    };
    return cmocka_run_group_tests_name("chat/irc/isupport", tests, NULL, NULL);
}
