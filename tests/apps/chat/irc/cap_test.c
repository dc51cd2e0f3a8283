/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/cap_test.c - capabilities. */
#include "apps/chat/irc/cap.h"

#include "tests/apps/chat/irc/check.h"

static char buffer[IRC_LINE_MAX];

static struct irc_span names_of(unsigned caps)
{
    struct irc_writer writer;

    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_caps_put(&writer, caps);
    assert_false(writer.is_truncated);
    return irc_span(buffer, writer.size);
}

static void everything_offered_fits_into_one_line(void **state)
{
    (void)state;
    /* ":server CAP nick LS :" before it, at its longest */
    assert_true(names_of(IRC_CAP_ALL).size <
                IRC_BODY_MAX - IRC_SERVER_MAX - IRC_NICK_MAX - 20);
    assert_span(names_of(IRC_CAP_BATCH | IRC_CAP_SETNAME), "batch setname");
    assert_span(names_of(0), "");
}

static void what_is_offered_can_be_requested(void **state)
{
    unsigned caps = 0;

    (void)state;
    assert_true(irc_caps_request(names_of(IRC_CAP_ALL), 302, &caps));
    assert_int_equal(caps, IRC_CAP_ALL);
}

static void a_request_is_granted_whole_or_not_at_all(void **state)
{
    unsigned caps = IRC_CAP_BATCH;

    (void)state;
    /* irssi's first request names one that nobody but a bouncer has */
    assert_false(irc_caps_request(
        S("multi-prefix znc.in/self-message server-time"), 302, &caps));
    assert_int_equal(caps, IRC_CAP_BATCH);
    assert_true(irc_caps_request(S(" multi-prefix  -batch "), 302, &caps));
    assert_int_equal(caps, IRC_CAP_MULTI_PREFIX);
    assert_false(irc_caps_request(S("-nonsense"), 302, &caps));
    assert_false(irc_caps_request(S("BATCH"), 302, &caps));
    assert_false(irc_caps_request(S("batc"), 302, &caps));
    assert_true(irc_caps_request(S(""), 302, &caps));
}

static void cap_notify_stays_with_those_who_speak_302(void **state)
{
    unsigned caps = IRC_CAP_CAP_NOTIFY;

    (void)state;
    assert_false(irc_caps_request(S("-cap-notify"), 302, &caps));
    assert_int_equal(caps, IRC_CAP_CAP_NOTIFY);
    assert_true(irc_caps_request(S("-cap-notify"), 301, &caps));
    assert_int_equal(caps, 0);
}

static void subcommands_and_versions_are_read(void **state)
{
    (void)state;
    assert_int_equal(irc_cap_subcommand_find(S("ls")), IRC_CAP_LS);
    assert_int_equal(irc_cap_subcommand_find(S("LIST")), IRC_CAP_LIST);
    assert_int_equal(irc_cap_subcommand_find(S("REQ")), IRC_CAP_REQ);
    assert_int_equal(irc_cap_subcommand_find(S("END")), IRC_CAP_END);
    assert_int_equal(irc_cap_subcommand_find(S("ACK")), IRC_CAP_UNKNOWN);
    assert_int_equal(irc_cap_version(S("302")), 302);
    assert_int_equal(irc_cap_version(S("")), 301);
    assert_int_equal(irc_cap_version(S("x")), 301);
    assert_int_equal(irc_cap_version(S("7")), 301);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_offered_fits_into_one_line),
        cmocka_unit_test(what_is_offered_can_be_requested),
        cmocka_unit_test(a_request_is_granted_whole_or_not_at_all),
        cmocka_unit_test(cap_notify_stays_with_those_who_speak_302),
        cmocka_unit_test(subcommands_and_versions_are_read),
    };
    return cmocka_run_group_tests_name("chat/irc/cap", tests, NULL, NULL);
}
