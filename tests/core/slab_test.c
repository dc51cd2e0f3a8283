/* SPDX-License-Identifier: MIT
 *
 * tests/core/slab_test.c - a stale key is a miss, whatever happened since. */
#include "core/slab.h"

#include "tests/core/check.h"

static int objects[1000];

static void a_key_finds_its_object_until_it_is_removed(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key a;
    mio_key b;
    assert_ok(mio_slab_init(&slab, 4, 4));
    assert_ok(mio_slab_insert(&slab, &objects[0], &a));
    assert_ok(mio_slab_insert(&slab, &objects[1], &b));
    assert_true(a != b && a != MIO_NO_KEY && b != MIO_NO_KEY);
    assert_int_equal(mio_slab_count(&slab), 2);
    assert_ptr_equal(mio_slab_get(&slab, a), &objects[0]);
    assert_ptr_equal(mio_slab_get(&slab, b), &objects[1]);

    assert_ptr_equal(mio_slab_remove(&slab, a), &objects[0]);
    assert_null(mio_slab_get(&slab, a));
    assert_null(mio_slab_remove(&slab, a));
    assert_ptr_equal(mio_slab_get(&slab, b), &objects[1]);
    assert_int_equal(mio_slab_count(&slab), 1);
    mio_slab_deinit(&slab);
}

static void a_stale_key_never_finds_the_next_object(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key keys[50];
    assert_ok(mio_slab_init(&slab, 1, 1));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_ok(mio_slab_insert(&slab, &objects[i], &keys[i]));
        for (size_t stale = 0; stale < i; stale++) {
            assert_null(mio_slab_get(&slab, keys[stale]));
            assert_null(mio_slab_remove(&slab, keys[stale]));
        }
        assert_ptr_equal(mio_slab_remove(&slab, keys[i]), &objects[i]);
    }
    mio_slab_deinit(&slab);
}

static void no_key_and_made_up_keys_are_misses(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key key;
    assert_ok(mio_slab_init(&slab, 8, 8));
    assert_null(mio_slab_get(&slab, MIO_NO_KEY));
    assert_ok(mio_slab_insert(&slab, &objects[0], &key));
    const mio_key made_up[] = {MIO_NO_KEY, key + 1, key + 8, UINT64_MAX,
                               key + (UINT64_C(1) << 32)};
    for (size_t i = 0; i < COUNT_OF(made_up); i++)
        assert_null(mio_slab_get(&slab, made_up[i]));
    mio_slab_deinit(&slab);
}

/* The allocator may well give it the old one's memory, as it was left. */
static void a_new_slab_knows_no_keys_of_an_old_one(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key keys[64];
    assert_ok(mio_slab_init(&slab, COUNT_OF(keys), COUNT_OF(keys)));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_ok(mio_slab_insert(&slab, &objects[i], &keys[i]));
    mio_slab_deinit(&slab);
    assert_ok(mio_slab_init(&slab, COUNT_OF(keys), COUNT_OF(keys)));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_null(mio_slab_get(&slab, keys[i]));
    mio_slab_deinit(&slab);
}

static void places_are_reused_last_in_first_out(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key keys[4];
    mio_key again;
    assert_ok(mio_slab_init(&slab, 4, 4));
    for (size_t i = 0; i < 4; i++)
        assert_ok(mio_slab_insert(&slab, &objects[i], &keys[i]));
    mio_slab_remove(&slab, keys[1]);
    mio_slab_remove(&slab, keys[3]);
    assert_ok(mio_slab_insert(&slab, &objects[5], &again));
    assert_int_equal((uint32_t)again, (uint32_t)keys[3]);
    assert_ok(mio_slab_insert(&slab, &objects[6], &again));
    assert_int_equal((uint32_t)again, (uint32_t)keys[1]);
    mio_slab_deinit(&slab);
}

static void it_grows_to_its_maximum_and_keeps_its_keys(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key keys[COUNT_OF(objects)];
    mio_key none;
    assert_ok(mio_slab_init(&slab, 3, COUNT_OF(objects)));
    for (size_t i = 0; i < COUNT_OF(objects); i++)
        assert_ok(mio_slab_insert(&slab, &objects[i], &keys[i]));
    assert_code(MIO_EFULL, mio_slab_insert(&slab, &objects[0], &none));
    for (size_t i = 0; i < COUNT_OF(objects); i++)
        assert_ptr_equal(mio_slab_get(&slab, keys[i]), &objects[i]);
    assert_ptr_equal(mio_slab_remove(&slab, keys[500]), &objects[500]);
    assert_ok(mio_slab_insert(&slab, &objects[0], &none));
    mio_slab_deinit(&slab);

    assert_code(MIO_EINVAL, mio_slab_init(&slab, 0, 4));
    assert_code(MIO_EINVAL, mio_slab_init(&slab, 5, 4));
}

static void iteration_meets_each_object_once_and_bears_removal(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key keys[10];
    assert_ok(mio_slab_init(&slab, 10, 10));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_ok(mio_slab_insert(&slab, &objects[i], &keys[i]));
    mio_slab_remove(&slab, keys[0]);
    mio_slab_remove(&slab, keys[9]);

    uint32_t cursor = 0;
    mio_key key;
    void *object;
    for (size_t i = 1; i < 9; i++) {
        assert_true(mio_slab_next(&slab, &cursor, &key, &object));
        assert_ptr_equal(object, &objects[i]);
        assert_true(key == keys[i]);
        assert_ptr_equal(mio_slab_remove(&slab, key), object);
    }
    assert_false(mio_slab_next(&slab, &cursor, &key, &object));
    assert_int_equal(mio_slab_count(&slab), 0);
    mio_slab_deinit(&slab);
}

static void a_place_retires_when_its_generations_are_used_up(void **state)
{
    (void)state;
    struct mio_slab slab;
    mio_key first;
    mio_key last;
    mio_key other;
    assert_ok(mio_slab_init(&slab, 2, 2));
    assert_ok(mio_slab_insert(&slab, &objects[0], &first));
    /* As if four thousand million objects had been here. */
    slab.entries[(uint32_t)first].generation = UINT32_MAX;
    last = first | (mio_key)UINT32_MAX << 32;
    assert_ptr_equal(mio_slab_remove(&slab, last), &objects[0]);
    assert_null(mio_slab_get(&slab, MIO_NO_KEY));

    assert_ok(mio_slab_insert(&slab, &objects[1], &other));
    assert_int_not_equal((uint32_t)other, (uint32_t)first);
    assert_null(mio_slab_get(&slab, first));
    assert_code(MIO_EFULL, mio_slab_insert(&slab, &objects[2], &other));
    mio_slab_deinit(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_finds_its_object_until_it_is_removed),
        cmocka_unit_test(a_stale_key_never_finds_the_next_object),
        cmocka_unit_test(no_key_and_made_up_keys_are_misses),
        cmocka_unit_test(a_new_slab_knows_no_keys_of_an_old_one),
        cmocka_unit_test(places_are_reused_last_in_first_out),
        cmocka_unit_test(it_grows_to_its_maximum_and_keeps_its_keys),
        cmocka_unit_test(iteration_meets_each_object_once_and_bears_removal),
        cmocka_unit_test(a_place_retires_when_its_generations_are_used_up),
    };
    return cmocka_run_group_tests_name("core/slab", tests, NULL, NULL);
}
