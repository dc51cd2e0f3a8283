/* SPDX-License-Identifier: MIT
 *
 * tests/core/framing_test.c - frames are found whole, however they arrive. */
#include "core/framing.h"

#include <stdlib.h>
#include <string.h>

#include "tests/core/check.h"

static void assert_frame(const struct mio_frame *frame, const char *expected)
{
    assert_int_equal(frame->size, strlen(expected));
    assert_memory_equal(frame->bytes, expected, frame->size);
}

static void lines_are_found_one_by_one(void **state)
{
    (void)state;
    struct mio_line_framing framing;
    struct mio_frame frame;
    struct mio_buffer in;
    mio_line_framing_init(&framing, 10);
    mio_buffer_init(&in, 100);
    assert_ok(mio_buffer_append(&in, "one\ntwo\r\n\n\r\nfi\rve\nsi", 20));

    const char *lines[] = {"one", "two", "", "", "fi\rve"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(mio_line_framing_next(&framing, mio_buffer_data(&in),
                                               mio_buffer_size(&in), &frame),
                         1);
        assert_frame(&frame, lines[i]);
        mio_buffer_consume(&in, frame.used);
    }
    assert_int_equal(mio_line_framing_next(&framing, mio_buffer_data(&in),
                                           mio_buffer_size(&in), &frame),
                     0);
    assert_int_equal(mio_line_framing_last(&framing, mio_buffer_data(&in),
                                           mio_buffer_size(&in), &frame),
                     1);
    assert_frame(&frame, "si");
    mio_buffer_consume(&in, frame.used);
    assert_int_equal(mio_buffer_size(&in), 0);
    mio_buffer_deinit(&in);
}

/* Of all the ways to cut a text in two, and byte by byte. */
static void a_line_may_come_in_pieces(void **state)
{
    (void)state;
    const char text[] = "abc\r\ndef\n";
    for (size_t cut = 0; cut < sizeof(text); cut++) {
        struct mio_line_framing framing;
        struct mio_frame frame;
        mio_line_framing_init(&framing, 3);
        int rc = mio_line_framing_next(&framing, text, cut, &frame);
        assert_int_equal(rc, cut >= 5);
        if (rc == 0)
            rc = mio_line_framing_next(&framing, text, 9, &frame);
        assert_int_equal(rc, 1);
        assert_frame(&frame, "abc");
        assert_int_equal(frame.used, 5);
        for (size_t size = 0; size < 4; size++)
            assert_int_equal(
                mio_line_framing_next(&framing, text + 5, size, &frame), 0);
        assert_int_equal(mio_line_framing_next(&framing, text + 5, 4, &frame),
                         1);
        assert_frame(&frame, "def");
    }
}

static void what_was_searched_is_not_searched_again(void **state)
{
    (void)state;
    struct mio_line_framing framing;
    struct mio_frame frame;
    char text[] = "abcdef";
    mio_line_framing_init(&framing, 100);
    assert_int_equal(mio_line_framing_next(&framing, text, 4, &frame), 0);
    text[1] = '\n'; /* nobody looks there any more */
    assert_int_equal(mio_line_framing_next(&framing, text, 6, &frame), 0);
}

static void a_line_has_a_maximum(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int code;
    } cases[] = {
        {"1234", 0},
        {"1234\n", 1},
        {"1234\r", 0}, /* its end is not part of it, and may be on its way */
        {"1234\r\n", 1},
        {"12345", MIO_EMSGSIZE},
        {"12345\n", MIO_EMSGSIZE},
        {"12345\r\n", MIO_EMSGSIZE},
        {"1234\rx", MIO_EMSGSIZE},
        {"1234\r\r\n", MIO_EMSGSIZE},
        {"12345678901234567890\n", MIO_EMSGSIZE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_line_framing framing;
        struct mio_frame frame;
        const char *text = cases[i].text;
        mio_line_framing_init(&framing, 4);
        /* Exactly so much memory, for who looks behind the end. */
        char *copy = malloc(strlen(text));
        assert_non_null(copy);
        memcpy(copy, text, strlen(text));
        for (int round = 0; round < 2; round++) {
            int rc =
                mio_line_framing_next(&framing, copy, strlen(text), &frame);
            assert_int_equal(rc, cases[i].code);
        }
        free(copy);
    }
}

static void a_line_that_never_ends_is_refused_at_once(void **state)
{
    (void)state;
    struct mio_line_framing framing;
    struct mio_frame frame;
    char text[300];
    memset(text, 'x', sizeof(text));
    mio_line_framing_init(&framing, 256);
    for (size_t size = 0; size <= 256; size++)
        assert_int_equal(mio_line_framing_next(&framing, text, size, &frame),
                         0);
    for (size_t size = 257; size < 300; size++)
        assert_int_equal(mio_line_framing_next(&framing, text, size, &frame),
                         MIO_EMSGSIZE);
}

static void the_last_line_has_a_maximum_too(void **state)
{
    (void)state;
    struct mio_line_framing framing;
    struct mio_frame frame;
    mio_line_framing_init(&framing, 4);
    assert_int_equal(mio_line_framing_last(&framing, "", 0, &frame), 0);
    assert_int_equal(mio_line_framing_last(&framing, NULL, 0, &frame), 0);
    assert_int_equal(mio_line_framing_last(&framing, "12345", 5, &frame),
                     MIO_EMSGSIZE);
    /* It is begun anew after it. */
    assert_int_equal(mio_line_framing_next(&framing, "123", 3, &frame), 0);
    assert_int_equal(mio_line_framing_last(&framing, "123", 3, &frame), 1);
    assert_int_equal(mio_line_framing_next(&framing, "\n", 1, &frame), 1);
    assert_frame(&frame, "");
}

static void any_maximum_is_good(void **state)
{
    (void)state;
    struct mio_line_framing framing;
    struct mio_frame frame;
    mio_line_framing_init(&framing, SIZE_MAX);
    assert_int_equal(mio_line_framing_next(&framing, "abc", 3, &frame), 0);
    assert_int_equal(mio_line_framing_next(&framing, "abc\n", 4, &frame), 1);
    mio_line_framing_init(&framing, 0);
    assert_int_equal(mio_line_framing_next(&framing, NULL, 0, &frame), 0);
    assert_int_equal(mio_line_framing_next(&framing, "\r\n", 2, &frame), 1);
    assert_int_equal(mio_line_framing_next(&framing, "x\n", 2, &frame),
                     MIO_EMSGSIZE);
}

static void lines_are_appended_whole_or_not(void **state)
{
    (void)state;
    struct mio_line_framing framing;
    struct mio_buffer out;
    mio_line_framing_init(&framing, 4);
    mio_buffer_init(&out, 7);
    assert_ok(mio_line_framing_append(&framing, &out, "1234", 4));
    assert_ok(mio_line_framing_append(&framing, &out, NULL, 0));
    assert_code(MIO_EFULL, mio_line_framing_append(&framing, &out, "a", 1));
    assert_code(MIO_EMSGSIZE,
                mio_line_framing_append(&framing, &out, "12345", 5));
    assert_code(MIO_EINVAL, mio_line_framing_append(&framing, &out, "\n", 1));
    assert_int_equal(mio_buffer_size(&out), 6);
    assert_memory_equal(mio_buffer_data(&out), "1234\n\n", 6);
    mio_buffer_deinit(&out);
}

static void lengths_are_written_as_asked(void **state)
{
    (void)state;
    const struct {
        uint8_t length_size;
        bool little_endian;
        const char *expected;
    } cases[] = {
        {1, false, "\3"},
        {1, true, "\3"},
        {2, false, "\0\3"},
        {2, true, "\3\0"},
        {3, false, "\0\0\3"},
        {4, false, "\0\0\0\3"},
        {4, true, "\3\0\0\0"},
        {8, false, "\0\0\0\0\0\0\0\3"},
        {8, true, "\3\0\0\0\0\0\0\0"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length_size = cases[i].length_size;
        struct mio_length_framing framing;
        struct mio_buffer out;
        struct mio_frame frame;
        mio_length_framing_init(&framing, cases[i].length_size, 100,
                                cases[i].little_endian);
        mio_buffer_init(&out, 100);
        assert_ok(mio_length_framing_append(&framing, &out, "abc", 3));
        const uint8_t *bytes = mio_buffer_data(&out);
        assert_int_equal(mio_buffer_size(&out), length_size + 3);
        assert_memory_equal(bytes, cases[i].expected, length_size);
        assert_memory_equal(bytes + length_size, "abc", 3);

        for (size_t size = 0; size < length_size + 3; size++)
            assert_int_equal(
                mio_length_framing_next(&framing, bytes, size, &frame), 0);
        assert_int_equal(
            mio_length_framing_next(&framing, bytes, length_size + 3, &frame),
            1);
        assert_frame(&frame, "abc");
        assert_int_equal(frame.used, length_size + 3);
        mio_buffer_deinit(&out);
    }
}

static void every_byte_of_a_length_counts(void **state)
{
    (void)state;
    struct mio_length_framing framing;
    struct mio_buffer out;
    struct mio_frame frame;
    static char bytes[0x010203];
    mio_length_framing_init(&framing, 3, sizeof(bytes), false);
    mio_buffer_init(&out, sizeof(bytes) + 3);
    assert_ok(mio_length_framing_append(&framing, &out, bytes, sizeof(bytes)));
    assert_memory_equal(mio_buffer_data(&out), "\1\2\3", 3);
    assert_int_equal(mio_length_framing_next(&framing, mio_buffer_data(&out),
                                             mio_buffer_size(&out), &frame),
                     1);
    assert_int_equal(frame.size, sizeof(bytes));
    mio_buffer_deinit(&out);
}

static void an_empty_message_is_a_frame(void **state)
{
    (void)state;
    struct mio_length_framing framing;
    struct mio_frame frame;
    mio_length_framing_init(&framing, 2, 100, false);
    assert_int_equal(mio_length_framing_next(&framing, NULL, 0, &frame), 0);
    assert_int_equal(mio_length_framing_next(&framing, "\0", 1, &frame), 0);
    assert_int_equal(mio_length_framing_next(&framing, "\0\0", 2, &frame), 1);
    assert_int_equal(frame.size, 0);
    assert_int_equal(frame.used, 2);
}

static void a_message_has_a_maximum(void **state)
{
    (void)state;
    struct mio_length_framing framing;
    struct mio_buffer out;
    struct mio_frame frame;
    mio_buffer_init(&out, 7);
    mio_length_framing_init(&framing, 1, 3, false);
    assert_int_equal(mio_length_framing_next(&framing, "\3", 1, &frame), 0);
    /* Refused by its length alone: nobody waits for the rest. */
    assert_int_equal(mio_length_framing_next(&framing, "\4", 1, &frame),
                     MIO_EMSGSIZE);
    assert_code(MIO_EMSGSIZE,
                mio_length_framing_append(&framing, &out, "abcd", 4));
    assert_ok(mio_length_framing_append(&framing, &out, "abc", 3));
    assert_code(MIO_EFULL, mio_length_framing_append(&framing, &out, "abc", 3));
    assert_int_equal(mio_buffer_size(&out), 4);

    /* What one byte cannot say is too long as well. */
    static char bytes[256];
    mio_buffer_deinit(&out);
    mio_buffer_init(&out, 1000);
    mio_length_framing_init(&framing, 1, 1000, false);
    assert_code(MIO_EMSGSIZE,
                mio_length_framing_append(&framing, &out, bytes, 256));
    assert_ok(mio_length_framing_append(&framing, &out, bytes, 255));
    mio_buffer_deinit(&out);
}

static void a_length_beyond_all_memory_is_refused(void **state)
{
    (void)state;
    struct mio_length_framing framing;
    struct mio_frame frame;
    mio_length_framing_init(&framing, 8, SIZE_MAX, false);
    assert_int_equal(mio_length_framing_next(&framing,
                                             "\xff\xff\xff\xff\xff\xff\xff\xff",
                                             8, &frame),
                     MIO_EMSGSIZE);
    mio_length_framing_init(&framing, 4, SIZE_MAX, false);
    assert_int_equal(
        mio_length_framing_next(&framing, "\xff\xff\xff\xff", 4, &frame), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_found_one_by_one),
        cmocka_unit_test(a_line_may_come_in_pieces),
        cmocka_unit_test(what_was_searched_is_not_searched_again),
        cmocka_unit_test(a_line_has_a_maximum),
        cmocka_unit_test(a_line_that_never_ends_is_refused_at_once),
        cmocka_unit_test(the_last_line_has_a_maximum_too),
        cmocka_unit_test(any_maximum_is_good),
        cmocka_unit_test(lines_are_appended_whole_or_not),
        cmocka_unit_test(lengths_are_written_as_asked),
        cmocka_unit_test(every_byte_of_a_length_counts),
        cmocka_unit_test(an_empty_message_is_a_frame),
        cmocka_unit_test(a_message_has_a_maximum),
        cmocka_unit_test(a_length_beyond_all_memory_is_refused),
    };
    return cmocka_run_group_tests_name("core/framing", tests, NULL, NULL);
}
