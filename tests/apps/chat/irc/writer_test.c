/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/writer_test.c - one line, put together piece by piece. */
#include "apps/chat/irc/writer.h"

#include "apps/chat/irc/utf8.h"
#include "tests/apps/chat/irc/check.h"

static void pieces_become_one_line(void **state)
{
    char buffer[IRC_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_put_source(&writer, S("ann"), S("~ann"), S("127.0.0.1"));
    irc_put_text(&writer, "MODE ");
    irc_put(&writer, S("#c +l"));
    irc_put_char(&writer, ' ');
    irc_put_number(&writer, 20);
    assert_span(irc_writer_end(&writer),
                ":ann!~ann@127.0.0.1 MODE #c +l 20\r\n");
    assert_false(writer.is_truncated);
}

static void a_long_body_is_cut_at_510_bytes(void **state)
{
    char buffer[IRC_OUTPUT_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    for (int i = 0; i < 100; i++)
        irc_put_text(&writer, "0123456789");
    struct irc_span line = irc_writer_end(&writer);
    assert_int_equal(line.size, 512);
    assert_true(writer.is_truncated);
    assert_memory_equal(line.at + 500, "0123456789\r\n", 12);
}

static void a_cut_falls_between_characters_wherever_it_is(void **state)
{
    for (size_t lead = 500; lead <= 510; lead++) {
        char buffer[IRC_LINE_MAX];
        struct irc_writer writer;

        irc_writer_init(&writer, buffer, sizeof(buffer));
        for (size_t i = 0; i < lead; i++)
            irc_put_char(&writer, 'x');
        irc_put_text(&writer, "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xE2\x82\xAC");
        irc_put_text(&writer, "late"); /* must not fill the gap */
        struct irc_span line = irc_writer_end(&writer);
        assert_true(irc_utf8_is_valid(line));
        assert_true(line.size >= 509 && line.size <= 512);
        assert_memory_equal(line.at + line.size - 2, "\r\n", 2);
    }
    (void)state;
}

static void whole_pieces_are_put_whole_or_not(void **state)
{
    char buffer[12];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    assert_int_equal(irc_writer_room(&writer), 10);
    assert_true(irc_put_whole(&writer, S("12345678")));
    assert_false(irc_put_whole(&writer, S("abc")));
    assert_true(irc_put_whole(&writer, S("ab")));
    assert_span(irc_writer_end(&writer), "12345678ab\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_become_one_line),
        cmocka_unit_test(a_long_body_is_cut_at_510_bytes),
        cmocka_unit_test(a_cut_falls_between_characters_wherever_it_is),
        cmocka_unit_test(whole_pieces_are_put_whole_or_not),
    };
    return cmocka_run_group_tests_name("chat/irc/writer", tests, NULL, NULL);
}
