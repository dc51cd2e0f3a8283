/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/line_test.c - lines out of a stream of bytes. */
#include "apps/chat/irc/line.h"

#include <stdlib.h>

#include "apps/chat/irc/limits.h"
#include "tests/apps/chat/irc/check.h"

/* Scan a stream that is all there. */
struct stream {
    struct irc_line_scanner scanner;
    const char *at;
    size_t size;
};

static enum irc_line_verdict next(struct stream *self, struct irc_span *line)
{
    size_t consumed;
    enum irc_line_verdict verdict =
        irc_line_next(&self->scanner, self->at, self->size, &consumed, line);

    assert_true(consumed <= self->size);
    self->at += consumed;
    self->size -= consumed;
    return verdict;
}

/* One line of `body` bytes behind `tags` bytes of tags ("@xx... "), 0 = none.
 */
static enum irc_line_verdict verdict_of(size_t tags, size_t body,
                                        const char *end)
{
    static char buffer[40000];
    struct stream stream = {.at = buffer};
    struct irc_span line;

    memset(buffer, 'x', sizeof(buffer));
    if (tags > 0) {
        buffer[0] = '@';
        buffer[tags - 1] = ' ';
    }
    memcpy(buffer + tags + body, end, strlen(end));
    stream.size = tags + body + strlen(end);

    enum irc_line_verdict verdict = next(&stream, &line);
    if (verdict == IRC_LINE_READY)
        assert_int_equal(line.size, tags + body);
    if (verdict != IRC_LINE_MORE && verdict != IRC_LINE_ENDLESS)
        assert_int_equal(stream.size, 0);
    return verdict;
}

static void both_line_ends_end_a_line(void **state)
{
    static const char text[] = "PING a\nPING b\r\n\n\r\nhalf";
    struct stream stream = {.at = text, .size = sizeof(text) - 1};
    struct irc_span line;

    (void)state;
    assert_int_equal(next(&stream, &line), IRC_LINE_READY);
    assert_span(line, "PING a");
    assert_int_equal(next(&stream, &line), IRC_LINE_READY);
    assert_span(line, "PING b");
    assert_int_equal(next(&stream, &line), IRC_LINE_READY);
    assert_span(line, "");
    assert_int_equal(next(&stream, &line), IRC_LINE_READY);
    assert_span(line, "");
    assert_int_equal(next(&stream, &line), IRC_LINE_MORE);
    assert_int_equal(stream.size, 4);
}

static void a_body_has_510_bytes_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(0, 510, "\r\n"), IRC_LINE_READY);
    assert_int_equal(verdict_of(0, 510, "\n"), IRC_LINE_READY);
    assert_int_equal(verdict_of(0, 511, "\r\n"), IRC_LINE_TOO_LONG);
    assert_int_equal(verdict_of(0, 511, "\n"), IRC_LINE_TOO_LONG);
    assert_int_equal(verdict_of(0, 2000, "\r\n"), IRC_LINE_TOO_LONG);
}

static void tags_have_a_limit_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(4096, 510, "\r\n"), IRC_LINE_READY);
    assert_int_equal(verdict_of(4096, 511, "\r\n"), IRC_LINE_TOO_LONG);
    assert_int_equal(verdict_of(4097, 10, "\r\n"), IRC_LINE_TOO_LONG);
    assert_int_equal(verdict_of(9000, 10, "\r\n"), IRC_LINE_TOO_LONG);
}

static void sixteen_kib_without_a_newline_are_the_end(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(0, 16383, ""), IRC_LINE_MORE);
    assert_int_equal(verdict_of(0, 16384, ""), IRC_LINE_ENDLESS);
    assert_int_equal(verdict_of(0, 16383, "\n"), IRC_LINE_TOO_LONG);
    assert_int_equal(verdict_of(0, 30000, "\n"), IRC_LINE_ENDLESS);
}

static void nul_and_bare_cr_drop_their_line_only(void **state)
{
    static const char text[] = "a\0b\r\na\rb\n\r\r\nPING\n";
    struct stream stream = {.at = text, .size = sizeof(text) - 1};
    struct irc_span line;

    (void)state;
    assert_int_equal(next(&stream, &line), IRC_LINE_DROPPED);
    assert_int_equal(next(&stream, &line), IRC_LINE_DROPPED);
    assert_int_equal(next(&stream, &line), IRC_LINE_DROPPED);
    assert_int_equal(next(&stream, &line), IRC_LINE_READY);
    assert_span(line, "PING");
}

static void the_line_after_an_over_long_one_is_read(void **state)
{
    static char text[3000];
    struct stream stream = {.at = text, .size = sizeof(text)};
    struct irc_span line;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text + sizeof(text) - 6, "\nPING\n", 6);
    assert_int_equal(next(&stream, &line), IRC_LINE_TOO_LONG);
    assert_int_equal(next(&stream, &line), IRC_LINE_READY);
    assert_span(line, "PING");
}

static void an_over_long_line_does_not_fill_the_buffer(void **state)
{
    static char text[IRC_INPUT_LINE_MAX];
    struct irc_line_scanner scanner = {0};
    struct irc_span line;
    size_t held = 0;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[0] = '@';
    for (int i = 0; i < 6000; i++) { /* as bytes trickle in */
        size_t consumed;
        assert_true(++held <= sizeof(text));
        assert_int_equal(irc_line_next(&scanner, text, held, &consumed, &line),
                         IRC_LINE_MORE);
        held -= consumed;
    }
    assert_int_equal(held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_line_ends_end_a_line),
        cmocka_unit_test(a_body_has_510_bytes_and_no_more),
        cmocka_unit_test(tags_have_a_limit_of_their_own),
        cmocka_unit_test(sixteen_kib_without_a_newline_are_the_end),
        cmocka_unit_test(nul_and_bare_cr_drop_their_line_only),
        cmocka_unit_test(the_line_after_an_over_long_one_is_read),
        cmocka_unit_test(an_over_long_line_does_not_fill_the_buffer),
    };
    return cmocka_run_group_tests_name("chat/irc/line", tests, NULL, NULL);
}
