/* SPDX-License-Identifier: MIT
 *
 * tests/bench/chat/payload_test.c - a message's number survives any prefix, and
 * no damage. */
#include "bench/chat/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 40u
#define ID 0x89abcdefu

/* A line as a server sends it; returns its size. */
static size_t make_line(const struct payload *payload, const char *prefix,
                        char *line)
{
    size_t size = strlen(prefix);
    memcpy(line, prefix, size);
    payload_write(payload, ID, line + size);
    return size + payload->size;
}

static void the_number_is_read_behind_any_prefix(void **state)
{
    static const char *const prefixes[] = {
        ":b1!u@127.0.0.1 PRIVMSG #x :",
        "@time=2020-01-01T00:00:00.000Z :b1!u@h PRIVMSG #x :",
    };
    struct payload payload;
    (void)state;
    payload_init(&payload, SIZE);
    for (size_t i = 0; i < 2; i++) {
        char line[256];
        uint32_t id = 0;
        size_t size = make_line(&payload, prefixes[i], line);
        assert_true(payload_read(&payload, line, size, &id));
        assert_int_equal(id, ID);
    }
}

static void the_smallest_text_works(void **state)
{
    struct payload payload;
    char line[256];
    uint32_t id = 0;
    (void)state;
    payload_init(&payload, PAYLOAD_SIZE_MIN);
    size_t size = make_line(&payload, "PRIVMSG #x :", line);
    assert_true(payload_read(&payload, line, size, &id));
    assert_int_equal(id, ID);
}

static void a_text_with_any_damaged_byte_is_not_ours(void **state)
{
    struct payload payload;
    char line[256];
    (void)state;
    payload_init(&payload, SIZE);
    size_t size = make_line(&payload, ":b PRIVMSG #x :", line);
    for (size_t i = size - SIZE; i < size; i++) {
        uint32_t id = 7;
        char kept = line[i];
        line[i] = 'G'; /* neither a lower-case hex digit nor filling */
        assert_false(payload_read(&payload, line, size, &id));
        assert_int_equal(id, 7);
        line[i] = kept;
    }
}

static void what_is_not_exactly_one_text_is_not_ours(void **state)
{
    struct payload payload;
    char line[256];
    uint32_t id;
    (void)state;
    payload_init(&payload, SIZE);
    size_t size = make_line(&payload, ":b PRIVMSG #x :", line);
    line[size] = 'z';
    assert_false(payload_read(&payload, line, size - 1, &id));
    assert_false(payload_read(&payload, line, size + 1, &id));
    assert_false(payload_read(&payload, line, 0, &id));
    assert_false(payload_read(&payload, line + size - SIZE, SIZE, &id));
    size = make_line(&payload, ":b PRIVMSG #x  ", line);
    assert_false(payload_read(&payload, line, size, &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_is_read_behind_any_prefix),
        cmocka_unit_test(the_smallest_text_works),
        cmocka_unit_test(a_text_with_any_damaged_byte_is_not_ours),
        cmocka_unit_test(what_is_not_exactly_one_text_is_not_ours),
    };
    return cmocka_run_group_tests_name("bench/chat/payload", tests, NULL, NULL);
}
