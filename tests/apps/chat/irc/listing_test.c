/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/listing_test.c - LIST's filters. */
#include "apps/chat/irc/listing.h"

#include "tests/apps/chat/irc/check.h"

#define NOW INT64_C(1000000)

/* A channel of 10 users, an hour old, its topic 10 minutes. */
static bool lists(const char *text)
{
    struct irc_list_channel channel = {.name = S("#Room"),
                                       .users = 10,
                                       .created_s = NOW - 3600,
                                       .topic_s = NOW - 600};
    struct irc_list_filter filter;

    assert_true(irc_list_filter_parse(&filter, S(text), NOW));
    return irc_list_filter_matches(&filter, &channel);
}

static void each_filter_does_what_elist_says(void **state)
{
    static const struct {
        const char *text;
        bool expected;
    } cases[] = {
        {"", true},        {"#room", true},    {"#roo", false},
        {"#r*", true},     {"#x,#room", true}, {"#x,#y", false},
        {"!#r*", false},   {"!#x", true},      {"#r*,!*oo*", false},
        {">9", true},      {">10", false},     {"<11", true},
        {"<10", false},    {">5,<20", true},   {"<0", false},
        {"C<61", true},    {"C<59", false},    {"C>59", true},
        {"C>61", false},   {"T<11", true},     {"T<9", false},
        {"T>9", true},     {"T>11", false},    {"t>9,c>59,#r?om", true},
        {",,#room,", true}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (lists(cases[i].text) != cases[i].expected)
            fail_msg("LIST %s", cases[i].text);
}

static void a_topic_filter_leaves_out_channels_without_one(void **state)
{
    struct irc_list_channel channel = {.name = S("#c"), .users = 1};
    struct irc_list_filter filter;

    (void)state;
    assert_true(irc_list_filter_parse(&filter, S("T>0"), NOW));
    assert_false(irc_list_filter_matches(&filter, &channel));
}

static void the_filter_outlives_the_line(void **state)
{
    char line[] = "#room";
    struct irc_list_channel channel = {.name = S("#room"), .users = 1};
    struct irc_list_filter filter;

    (void)state;
    assert_true(irc_list_filter_parse(&filter, S(line), NOW));
    memset(line, 'x', 5);
    assert_true(irc_list_filter_matches(&filter, &channel));
}

static void more_than_it_can_hold_is_refused(void **state)
{
    static const char *const refused[] = {
        "a,b,c,d,e,f,g,h,i",
        "!",
        ">x",
        "<-1",
        "C<x",
        "#2345678901234567890123456789012345678901234567890123456789012345"};
    struct irc_list_filter filter;

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++)
        if (irc_list_filter_parse(&filter, S(refused[i]), NOW))
            fail_msg("LIST %s", refused[i]);
    assert_true(irc_list_filter_parse(&filter, S("a,b,c,d,e,f,g,h,!i"), NOW));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_filter_does_what_elist_says),
        cmocka_unit_test(a_topic_filter_leaves_out_channels_without_one),
        cmocka_unit_test(the_filter_outlives_the_line),
        cmocka_unit_test(more_than_it_can_hold_is_refused),
    };
    return cmocka_run_group_tests_name("chat/irc/listing", tests, NULL, NULL);
}
