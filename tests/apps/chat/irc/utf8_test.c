/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/utf8_test.c - the encoding that every text must have. */
#include "apps/chat/irc/utf8.h"

#include "tests/apps/chat/irc/check.h"

/* The plain definition, to compare with: decode, then judge the number. */
static bool is_valid_by_the_book(const unsigned char *at, size_t size)
{
    size_t i = 0;

    while (i < size) {
        unsigned lead = at[i];
        size_t more = lead < 0x80             ? 0
                      : (lead & 0xE0) == 0xC0 ? 1
                      : (lead & 0xF0) == 0xE0 ? 2
                      : (lead & 0xF8) == 0xF0 ? 3
                                              : 9;
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (more == 9 || size - i <= more)
            return false;
        uint32_t value = more == 0 ? lead : lead & (0x3Fu >> more);
        for (size_t k = 1; k <= more; k++) {
            if ((at[i + k] & 0xC0) != 0x80)
                return false;
            value = value << 6 | (at[i + k] & 0x3F);
        }
        if (value < least[more] || value > 0x10FFFF ||
            (value >= 0xD800 && value <= 0xDFFF))
            return false;
        i += more + 1;
    }
    return true;
}

static void
every_pair_and_many_longer_texts_are_judged_by_the_book(void **state)
{
    unsigned char text[12];
    uint64_t seed = 1;

    (void)state;
    for (unsigned lead = 0; lead < 256; lead++) {
        for (unsigned second = 0; second < 256; second++) {
            unsigned char with[4] = {(unsigned char)lead, (unsigned char)second,
                                     0x80, 0xBF};
            for (size_t size = 1; size <= 4; size++)
                assert_int_equal(
                    irc_utf8_is_valid(irc_span((char *)with, size)),
                    is_valid_by_the_book(with, size));
        }
    }
    for (int round = 0; round < 200000; round++) {
        size_t size = 1 + next_random(&seed) % sizeof(text);
        for (size_t i = 0; i < size; i++)
            text[i] = (unsigned char)(next_random(&seed) >> 56 |
                                      (next_random(&seed) & 0x80));
        assert_int_equal(irc_utf8_is_valid(irc_span((char *)text, size)),
                         is_valid_by_the_book(text, size));
    }
}

static void long_ascii_with_one_bad_byte_is_invalid(void **state)
{
    char text[40];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        memset(text, 'a', sizeof(text));
        assert_true(irc_utf8_is_valid(irc_span(text, sizeof(text))));
        text[i] = (char)0xFF;
        assert_false(irc_utf8_is_valid(irc_span(text, sizeof(text))));
    }
}

static void a_cut_never_splits_a_character(void **state)
{
    struct irc_span text = S("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};

    (void)state;
    for (size_t size = 0; size < COUNT(expected); size++) {
        struct irc_span head = irc_utf8_head(text, size);
        assert_int_equal(head.size, expected[size]);
        assert_true(irc_utf8_is_valid(head));
    }
}

static void a_cut_of_rubbish_still_advances(void **state)
{
    (void)state;
    assert_true(irc_utf8_head(S("\x80\x80\x80\x80\x80\x80\x80"), 5).size >= 2);
    assert_int_equal(irc_utf8_step(S("\x80")), 1);
    assert_int_equal(irc_utf8_step(S("\xE2\x82")), 1);
    assert_int_equal(irc_utf8_step(S("\xE2\x82\xAC")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_pair_and_many_longer_texts_are_judged_by_the_book),
        cmocka_unit_test(long_ascii_with_one_bad_byte_is_invalid),
        cmocka_unit_test(a_cut_never_splits_a_character),
        cmocka_unit_test(a_cut_of_rubbish_still_advances),
    };
    return cmocka_run_group_tests_name("chat/irc/utf8", tests, NULL, NULL);
}
