/* SPDX-License-Identifier: MIT
 *
 * tests/core/slice_test.c - bytes live until the last who needs them. */
#include "core/slice.h"

#include "tests/core/check.h"

static int releases_count;

static void on_release(struct mio_slice *slice)
{
    assert_int_equal(slice->size, 3);
    releases_count++;
}

static void the_last_reference_releases_once(void **state)
{
    (void)state;
    struct mio_slice slice;
    mio_slice_init(&slice, "abc", 3, on_release);
    assert_ptr_equal(mio_slice_ref(&slice), &slice);
    mio_slice_ref(&slice);
    mio_slice_unref(&slice);
    mio_slice_unref(&slice);
    assert_int_equal(releases_count, 0);
    mio_slice_unref(&slice);
    assert_int_equal(releases_count, 1);
}

static void a_copy_is_its_own(void **state)
{
    (void)state;
    char original[] = "line\r\n";
    struct mio_slice *slice;
    assert_ok(mio_slice_copy(&slice, original, 6));
    original[0] = 'X';
    assert_int_equal(slice->size, 6);
    assert_memory_equal(slice->bytes, "line\r\n", 6);
    mio_slice_unref(slice); /* the memory checkers see that it is freed */

    assert_ok(mio_slice_copy(&slice, NULL, 0));
    assert_int_equal(slice->size, 0);
    mio_slice_unref(slice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_reference_releases_once),
        cmocka_unit_test(a_copy_is_its_own),
    };
    return cmocka_run_group_tests_name("core/slice", tests, NULL, NULL);
}
