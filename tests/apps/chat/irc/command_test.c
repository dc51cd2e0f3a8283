/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/command_test.c - what a client can say. */
#include "apps/chat/irc/command.h"

#include "tests/apps/chat/irc/check.h"

static void every_command_is_found_by_its_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IRC_COMMANDS_COUNT; i++) {
        enum irc_command command = (enum irc_command)i;
        assert_int_equal(irc_command_find(S(irc_command_name(command))),
                         command);
    }
    assert_int_equal(irc_command_find(S("privmsg")), IRC_PRIVMSG);
    assert_int_equal(irc_command_find(S("PRIVMS")), IRC_UNKNOWN);
    assert_int_equal(irc_command_find(S("PRIVMSGX")), IRC_UNKNOWN);
    assert_int_equal(irc_command_find(S("")), IRC_UNKNOWN);
}

static void a_few_commands_are_understood_before_registration(void **state)
{
    static const char *const early[] = {"CAP",  "NICK", "USER", "PASS",
                                        "QUIT", "PING", "PONG", "ERROR"};
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(early); i++)
        assert_true(irc_command_flags(irc_command_find(S(early[i]))) &
                    IRC_COMMAND_EARLY);
    for (unsigned i = 0; i < IRC_COMMANDS_COUNT; i++)
        count +=
            (irc_command_flags((enum irc_command)i) & IRC_COMMAND_EARLY) != 0;
    assert_int_equal(count, COUNT(early));
}

static void needed_parameters_are_told(void **state)
{
    (void)state;
    assert_int_equal(irc_command_params_min(IRC_USER), 4);
    assert_int_equal(irc_command_params_min(IRC_KICK), 2);
    assert_int_equal(irc_command_params_min(IRC_NICK), 0); /* 431 instead */
}

static void a_browser_is_recognised(void **state)
{
    (void)state;
    assert_true(irc_command_is_http(S("GET")));
    assert_true(irc_command_is_http(S("post")));
    assert_false(irc_command_is_http(S("NICK")));
    for (unsigned i = 0; i < IRC_COMMANDS_COUNT; i++)
        assert_false(
            irc_command_is_http(S(irc_command_name((enum irc_command)i))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_found_by_its_name),
        cmocka_unit_test(a_few_commands_are_understood_before_registration),
        cmocka_unit_test(needed_parameters_are_told),
        cmocka_unit_test(a_browser_is_recognised),
    };
    return cmocka_run_group_tests_name("chat/irc/command", tests, NULL, NULL);
}
