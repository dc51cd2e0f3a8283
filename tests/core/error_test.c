/* SPDX-License-Identifier: MIT
 *
 * tests/core/error_test.c - every code has a name, a text and one value. */
#include "core/error.h"

#include <limits.h>

#include "tests/core/check.h"

struct entry {
    const char *name;
    int code;
    const char *text;
};

#define ENTRY(name, code, text) {#name, name, text},
static const struct entry entries[] = {MIO_ERROR_MAP(ENTRY)};

static void every_code_has_its_name_and_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        assert_true(entries[i].code < 0);
        assert_string_equal(mio_error_name(entries[i].code), entries[i].name);
        assert_string_equal(mio_error_text(entries[i].code), entries[i].text);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(entries[i].code, entries[j].code);
    }
}

static void codes_of_the_system_are_its_own(void **state)
{
    (void)state;
    assert_int_equal(MIO_EAGAIN, -EAGAIN);
    assert_int_equal(MIO_EPIPE, -EPIPE);
    assert_true(MIO_ECLOSED < -4095); /* no system's */
}

static void success_and_strangers_have_names_too(void **state)
{
    (void)state;
    assert_string_equal(mio_error_name(MIO_OK), "MIO_OK");
    assert_string_equal(mio_error_name(17), "MIO_OK");
    assert_string_equal(mio_error_text(0), "success");
    assert_string_equal(mio_error_name(-4000), "MIO_E?");
    assert_string_equal(mio_error_text(INT_MIN), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_name_and_text),
        cmocka_unit_test(codes_of_the_system_are_its_own),
        cmocka_unit_test(success_and_strangers_have_names_too),
    };
    return cmocka_run_group_tests_name("core/error", tests, NULL, NULL);
}
