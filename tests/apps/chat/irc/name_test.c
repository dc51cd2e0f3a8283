/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/name_test.c - what may be a nick, a channel, a key. */
#include "apps/chat/irc/name.h"

#include "tests/apps/chat/irc/check.h"

#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void check_all(bool (*is_valid)(struct irc_span),
                      const char *const *names, bool expected)
{
    for (; *names != NULL; names++)
        if (is_valid(S(*names)) != expected)
            fail_msg("\"%s\" should%s be valid", *names,
                     expected ? "" : " not");
}

static void nicks_are_those_of_the_rfc(void **state)
{
    static const char *const valid[] = {"a",   "Ann",    "[x]", "a-b", "_",
                                        "`a1", "^\\{|}", A32,   NULL};
    static const char *const invalid[] = {
        "",    "1a",  "-a", "a b", "a.b",   "a!b",      "a@b",   "#a",
        "a,b", "a:b", "*",  "a*",  "a\x01", "\xC3\xA9", A32 "a", NULL};

    (void)state;
    check_all(irc_nick_is_valid, valid, true);
    check_all(irc_nick_is_valid, invalid, false);
}

static void channels_begin_with_a_hash(void **state)
{
    static const char *const valid[] = {"#a",
                                        "##",
                                        "#a:b",
                                        "#\xC3\xA9t\xC3\xA9",
                                        "#" A32
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                        NULL};
    static const char *const invalid[] = {
        "",     "#",      "a",     "&a",        "+a", "#a b",
        "#a,b", "#a\x07", "#\x7F", "#" A32 A32, NULL};

    (void)state;
    check_all(irc_channel_is_valid, valid, true);
    check_all(irc_channel_is_valid, invalid, false);
}

static void hosts_keys_and_servers(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "0::1", "a-b.example",
                                        "cloak/user", NULL};
    static const char *const no_hosts[] = {"",    "::1",       "a b", "a@b",
                                           "a!b", A32 A32 "a", NULL};
    static const char *const keys[] = {"k", "s3cr3t!", "a:b",
                                       "12345678901234567890123", NULL};
    static const char *const no_keys[] = {
        "", ":k", "a b", "a,b", "\xC3\xA9", "123456789012345678901234", NULL};
    static const char *const no_servers[] = {"", "localhost", ".a b", NULL};

    (void)state;
    check_all(irc_host_is_valid, hosts, true);
    check_all(irc_host_is_valid, no_hosts, false);
    check_all(irc_key_is_valid, keys, true);
    check_all(irc_key_is_valid, no_keys, false);
    check_all(irc_server_is_valid, no_servers, false);
    assert_true(irc_server_is_valid(S("chat.example")));
}

static void a_user_name_keeps_what_may_be_shown(void **state)
{
    static const struct {
        const char *given, *shown;
    } cases[] = {{"root", "~root"}, {"a@b!c", "~abc"},
                 {"~x", "~x"},      {"12345678901234567", "~123456789012345"},
                 {"@!*", ""},       {"", ""}};
    char out[IRC_USER_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_span(irc_span(out, irc_user_clean(S(cases[i].given), out)),
                    cases[i].shown);
}

static void an_address_never_begins_with_a_colon(void **state)
{
    char out[IRC_HOST_MAX];

    (void)state;
    assert_span(irc_span(out, irc_host_from_address(S("::1"), out)), "0::1");
    assert_span(irc_span(out, irc_host_from_address(S("10.0.0.1"), out)),
                "10.0.0.1");
    assert_int_equal(irc_host_from_address(S(":" A32 A32 A32), out),
                     IRC_HOST_MAX);
}

static void targets_may_ask_for_a_status(void **state)
{
    struct irc_target target = irc_target_parse(S("@#c"));

    (void)state;
    assert_span(target.name, "#c");
    assert_true(target.is_channel);
    assert_int_equal(target.status, '@');

    target = irc_target_parse(S("#c"));
    assert_true(target.is_channel);
    assert_int_equal(target.status, 0);

    target = irc_target_parse(S("@nick"));
    assert_span(target.name, "@nick");
    assert_false(target.is_channel);
    assert_false(irc_target_parse(S("@")).is_channel);
    assert_false(irc_target_parse(S("")).is_channel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nicks_are_those_of_the_rfc),
        cmocka_unit_test(channels_begin_with_a_hash),
        cmocka_unit_test(hosts_keys_and_servers),
        cmocka_unit_test(a_user_name_keeps_what_may_be_shown),
        cmocka_unit_test(an_address_never_begins_with_a_colon),
        cmocka_unit_test(targets_may_ask_for_a_status),
    };
    return cmocka_run_group_tests_name("chat/irc/name", tests, NULL, NULL);
}
