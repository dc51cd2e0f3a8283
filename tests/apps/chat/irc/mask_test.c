/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/mask_test.c - '*' and '?'. */
#include "apps/chat/irc/mask.h"

#include "apps/chat/irc/casemap.h"
#include "tests/apps/chat/irc/check.h"

static bool matches(const char *mask, const char *text)
{
    return irc_mask_matches(S(mask), S(text));
}

static void stars_and_question_marks_match(void **state)
{
    static const struct {
        const char *mask, *text;
        bool expected;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"a*c", "abbbc", true},
        {"a*c", "abbb", false},
        {"*a*b*", "xxaxxbxx", true},
        {"*ab", "aab", true},
        {"*a?c", "abcabc", true},
        {"a**b", "ab", true},
        {"ANN!*@*", "ann!~u@h", true},
        {"[x]*", "[x]y", true},
        {"*?", "", false},
        {"*?*?*", "ab", true},
        {"*?*?*", "a", false},
        {"?", "\xC3\xA9", true},
        {"??", "\xC3\xA9", false},
        {"*\xA9", "\xC3\xA9", false}, /* not inside a character */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (matches(cases[i].mask, cases[i].text) != cases[i].expected)
            fail_msg("%s on %s", cases[i].mask, cases[i].text);
}

/* The plain recursive definition; exponential, so for short texts only. */
static bool by_the_book(const char *mask, const char *text)
{
    if (*mask == '\0')
        return *text == '\0';
    if (*mask == '*')
        return by_the_book(mask + 1, text) ||
               (*text != '\0' && by_the_book(mask, text + 1));
    if (*text == '\0')
        return false;
    return (*mask == '?' || irc_fold(*mask) == irc_fold(*text)) &&
           by_the_book(mask + 1, text + 1);
}

static void random_masks_match_as_the_definition_says(void **state)
{
    uint64_t seed = 2;
    char mask[8], text[9];
    int hits = 0;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t mask_size = next_random(&seed) % sizeof(mask);
        size_t text_size = next_random(&seed) % sizeof(text);
        for (size_t i = 0; i < mask_size; i++)
            mask[i] = "ab*?B*"[next_random(&seed) % 6];
        for (size_t i = 0; i < text_size; i++)
            text[i] = "abA"[next_random(&seed) % 3];
        mask[mask_size] = text[text_size] = '\0';
        bool expected = by_the_book(mask, text);
        hits += expected;
        if (matches(mask, text) != expected)
            fail_msg("%s on %s", mask, text);
    }
    assert_in_range(hits, 10000, 190000);
}

/* With a matcher that tries every star again this would outlast the sun. */
static void a_hostile_mask_costs_little(void **state)
{
    static char mask[400], text[4000];

    (void)state;
    for (size_t i = 0; i < sizeof(mask); i++)
        mask[i] = i % 2 == 0 ? '*' : 'a';
    mask[sizeof(mask) - 1] = 'b';
    memset(text, 'a', sizeof(text));
    for (int i = 0; i < 100; i++)
        assert_false(irc_mask_matches(irc_span(mask, sizeof(mask)),
                                      irc_span(text, sizeof(text))));
}

static void bans_are_completed(void **state)
{
    static const struct {
        const char *given, *full;
    } cases[] = {
        {"nick", "nick!*@*"},
        {"nick!user", "nick!user@*"},
        {"user@host", "*!user@host"},
        {"n!u@h", "n!u@h"},
        {"!u@", "*!u@*"},
        {"@h", "*!*@h"},
        {"n!", "n!*@*"},
        {"*.example", "*!*@*.example"},
        {"0::1", "*!*@0::1"},
        {"a***b", "a*b!*@*"},
        {"*", "*!*@*"},
        {"", "*!*@*"},
        {"u@h!x", "*!u@h!x"},
    };
    char out[IRC_MASK_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_span(irc_span(out, irc_mask_normalise(S(cases[i].given), out)),
                    cases[i].full);
}

static void bans_that_match_nobody_are_refused(void **state)
{
    static char longest[IRC_HOST_MAX + 3];
    char out[IRC_MASK_MAX];

    (void)state;
    assert_int_equal(irc_mask_normalise(S("a b"), out), 0);
    assert_int_equal(irc_mask_normalise(S("a\x03"), out), 0);
    memset(longest, 'h', sizeof(longest));
    assert_int_equal(irc_mask_normalise(irc_span(longest, IRC_NICK_MAX), out),
                     IRC_NICK_MAX + 4);
    assert_int_equal(
        irc_mask_normalise(irc_span(longest, IRC_NICK_MAX + 1), out), 0);
    longest[0] = '@';
    assert_int_equal(
        irc_mask_normalise(irc_span(longest, IRC_HOST_MAX + 1), out),
        IRC_HOST_MAX + 4);
    assert_int_equal(
        irc_mask_normalise(irc_span(longest, IRC_HOST_MAX + 2), out), 0);
}

static void wildness_is_seen(void **state)
{
    (void)state;
    assert_true(irc_mask_is_wild(S("a*")));
    assert_true(irc_mask_is_wild(S("?")));
    assert_false(irc_mask_is_wild(S("#a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stars_and_question_marks_match),
        cmocka_unit_test(random_masks_match_as_the_definition_says),
        cmocka_unit_test(a_hostile_mask_costs_little),
        cmocka_unit_test(bans_are_completed),
        cmocka_unit_test(bans_that_match_nobody_are_refused),
        cmocka_unit_test(wildness_is_seen),
    };
    return cmocka_run_group_tests_name("chat/irc/mask", tests, NULL, NULL);
}
