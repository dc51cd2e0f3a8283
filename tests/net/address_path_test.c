/* SPDX-License-Identifier: MIT
 *
 * tests/net/address_path_test.c - Unix addresses from paths and names. */
#include "net/address.h"

#include <string.h>

#include "tests/net/loop.h"

static void assert_path(const struct mio_address *address, const char *expected,
                        size_t expected_size)
{
    const char *bytes;
    assert_int_equal(mio_address_family(address), MIO_FAMILY_UNIX);
    assert_int_equal(mio_address_path(address, &bytes), expected_size);
    assert_memory_equal(bytes, expected, expected_size);
}

static void a_path_is_taken_as_it_is(void **state)
{
    (void)state;
    struct mio_address address;
    struct mio_address parsed;
    assert_ok(mio_address_from_path(&address, "/run/x.sock"));
    assert_path(&address, "/run/x.sock", 11);
    assert_address_text(&address, "unix:/run/x.sock");
    parsed = address_at("unix:/run/x.sock");
    assert_true(mio_address_equal(&address, &parsed));

    /* A file's name, though as text it would be an abstract one. */
    assert_ok(mio_address_from_path(&address, "@x"));
    assert_path(&address, "@x", 2);
    parsed = address_at("unix:@x");
    assert_false(mio_address_equal(&address, &parsed));
}

static void an_abstract_name_is_any_bytes(void **state)
{
    (void)state;
    struct mio_address address;
    struct mio_address other;
    assert_ok(mio_address_from_abstract(&address, "a\0b", 3));
    assert_path(&address, "\0a\0b", 4);
    assert_address_text(&address, "unix:@a@b");
    assert_ok(mio_address_from_abstract(&other, "a\0c", 3));
    assert_false(mio_address_equal(&address, &other));
    assert_ok(mio_address_from_abstract(&other, "ab", 2));
    struct mio_address parsed = address_at("unix:@ab");
    assert_true(mio_address_equal(&other, &parsed));
}

static void both_have_a_largest_size_and_are_not_empty(void **state)
{
    (void)state;
    struct mio_address address;
    char longest[108];
    memset(longest, 'x', sizeof(longest));
    assert_code(MIO_EINVAL, mio_address_from_path(&address, ""));
    assert_code(MIO_EINVAL, mio_address_from_abstract(&address, "", 0));

    assert_ok(mio_address_from_abstract(&address, longest, 107));
    const char *bytes;
    assert_int_equal(mio_address_path(&address, &bytes), 108);
    assert_int_equal(bytes[0], '\0');
    assert_memory_equal(bytes + 1, longest, 107);
    assert_code(MIO_ENAMETOOLONG,
                mio_address_from_abstract(&address, longest, 108));
    longest[107] = '\0';
    assert_ok(mio_address_from_path(&address, longest));
    assert_path(&address, longest, 107);
    char too_long[109];
    memset(too_long, 'x', sizeof(too_long));
    too_long[108] = '\0';
    assert_code(MIO_ENAMETOOLONG, mio_address_from_path(&address, too_long));
    assert_path(&address, longest, 107); /* untouched */
}

static void what_is_not_unix_has_no_path(void **state)
{
    (void)state;
    struct mio_address v4 = address_at("127.0.0.1:1");
    struct mio_address none = {.family = MIO_FAMILY_NONE};
    const char *bytes = "something";
    assert_int_equal(mio_address_path(&v4, &bytes), 0);
    assert_null(bytes);
    bytes = "something";
    assert_int_equal(mio_address_path(&none, &bytes), 0);
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_taken_as_it_is),
        cmocka_unit_test(an_abstract_name_is_any_bytes),
        cmocka_unit_test(both_have_a_largest_size_and_are_not_empty),
        cmocka_unit_test(what_is_not_unix_has_no_path),
    };
    return cmocka_run_group_tests_name("net/address_path", tests, NULL, NULL);
}
