/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/casemap_test.c - when two names are one name. */
#include "apps/chat/irc/casemap.h"

#include "tests/apps/chat/irc/check.h"

static const struct irc_hash_key key = {UINT64_C(0x0706050403020100),
                                        UINT64_C(0x0f0e0d0c0b0a0908)};

static void only_ascii_letters_have_a_case(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char x = (char)a, y = (char)b;
            bool is_pair =
                (a ^ b) == 0x20 && ((a | 0x20) >= 'a') && ((a | 0x20) <= 'z');
            assert_int_equal(irc_fold_equal(irc_span(&x, 1), irc_span(&y, 1)),
                             a == b || is_pair);
        }
    }
    assert_false(irc_fold_equal(S("a"), S("ab")));
    assert_false(irc_fold_equal(S("nick["), S("nick{"))); /* not rfc1459 */
}

static void a_folded_copy_is_lower_case(void **state)
{
    char out[5];

    (void)state;
    irc_fold_copy(S("#C[Z\xC3"), out);
    assert_memory_equal(out, "#c[z\xC3", 5);
}

static void equal_names_have_equal_hashes(void **state)
{
    static const char *const names[][2] = {
        {"", ""},
        {"Ann", "aNN"},
        {"#ROOM", "#room"},
        {"SEVENTEENletters!", "seventeenLETTERS!"}};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(irc_fold_hash(S(names[i][0]), key) ==
                    irc_fold_hash(S(names[i][1]), key));
}

static void hashes_differ_by_every_byte_by_length_and_by_key(void **state)
{
    struct irc_hash_key other = {key.low, key.high + 1};
    char name[20] = "abcdefghijklmnopqrs";

    (void)state;
    for (size_t size = 1; size < sizeof(name); size++) {
        struct irc_span span = irc_span(name, size);
        uint64_t hash = irc_fold_hash(span, key);
        assert_true(hash != irc_fold_hash(irc_span(name, size - 1), key));
        assert_true(hash != irc_fold_hash(span, other));
        for (size_t i = 0; i < size; i++) {
            name[i] ^= 1;
            assert_true(hash != irc_fold_hash(span, key));
            name[i] ^= 1;
        }
    }
}

static void names_spread_evenly_over_reactors(void **state)
{
    unsigned counts[8] = {0};
    char name[8] = "#room00";

    (void)state;
    for (int i = 0; i < 800; i++) {
        name[4] = (char)('a' + i / 100);
        name[5] = (char)('0' + i / 10 % 10);
        name[6] = (char)('0' + i % 10);
        counts[irc_fold_hash(irc_span(name, 7), key) % 8]++;
    }
    for (size_t i = 0; i < COUNT(counts); i++)
        assert_in_range(counts[i], 60, 140);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_ascii_letters_have_a_case),
        cmocka_unit_test(a_folded_copy_is_lower_case),
        cmocka_unit_test(equal_names_have_equal_hashes),
        cmocka_unit_test(hashes_differ_by_every_byte_by_length_and_by_key),
        cmocka_unit_test(names_spread_evenly_over_reactors),
    };
    return cmocka_run_group_tests_name("chat/irc/casemap", tests, NULL, NULL);
}
