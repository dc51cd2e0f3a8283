/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/motd_test.c - the message of the day. */
#include "apps/chat/session/motd.h"

#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include "apps/chat/irc/utf8.h"
#include "tests/apps/chat/irc/check.h"

static void lines_are_taken_as_they_are(void **state)
{
    struct chat_motd motd;

    (void)state;
    assert_int_equal(chat_motd_init(&motd, S("one\r\n\ntwo\nlast")), 0);
    assert_int_equal(motd.lines_count, 4);
    assert_span(motd.lines[0], "one");
    assert_span(motd.lines[1], "");
    assert_span(motd.lines[2], "two");
    assert_span(motd.lines[3], "last");
    chat_motd_deinit(&motd);
}

static void nothing_is_no_motd(void **state)
{
    struct chat_motd motd;

    (void)state;
    assert_int_equal(chat_motd_init(&motd, S("")), 0);
    assert_int_equal(motd.lines_count, 0);
    chat_motd_deinit(&motd);
}

static void long_and_garbled_lines_become_legal(void **state)
{
    static char text[2000];
    struct chat_motd motd;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i += 2) /* two-byte letters */
        memcpy(text + i, "\xC3\xA9", 2);
    text[3] = 'x'; /* which leaves a lead byte alone */
    text[4] = '\0';
    assert_int_equal(chat_motd_init(&motd, irc_span(text, sizeof(text))), 0);
    assert_int_equal(motd.lines_count, 1);
    assert_in_range(motd.lines[0].size, CHAT_MOTD_LINE_MAX - 1,
                    CHAT_MOTD_LINE_MAX);
    assert_true(irc_utf8_is_valid(motd.lines[0]));
    assert_span(irc_span_head(motd.lines[0], 6), "\xC3\xA9?x??");
    chat_motd_deinit(&motd);
}

static void a_file_is_read_and_a_missing_one_is_told(void **state)
{
    char path[] = "motd-XXXXXX";
    struct chat_motd motd;
    FILE *file = fopen(path, "wb");

    (void)state;
    assert_non_null(file);
    assert_true(fputs("hello\nthere\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chat_motd_read(&motd, path), 0);
    assert_int_equal(motd.lines_count, 2);
    assert_span(motd.lines[1], "there");
    chat_motd_deinit(&motd);
    assert_int_equal(remove(path), 0);
    assert_int_equal(chat_motd_read(&motd, path), MIO_ENOENT);
    assert_int_equal(chat_motd_read(&motd, "."), MIO_ENOENT);
}

int main(void)
{
    const char *folder = getenv("TEST_TMPDIR");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_taken_as_they_are),
        cmocka_unit_test(nothing_is_no_motd),
        cmocka_unit_test(long_and_garbled_lines_become_legal),
        cmocka_unit_test(a_file_is_read_and_a_missing_one_is_told),
    };

    if (folder != NULL && chdir(folder) != 0)
        return 1;
    return cmocka_run_group_tests_name("chat/motd", tests, NULL, NULL);
}
