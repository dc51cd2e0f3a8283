/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/slab_test.c - tokens to objects. */
#include "core/slab.h"

#include "tests/conformance/conformance.h"

static int objects[8];

#define CASE_SLAB(function)                                                    \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

/* Four places, never more. */
static int setup(void **state)
{
    static struct mio_slab slab;
    assert_ok(mio_slab_init(&slab, 4, 4));
    *state = &slab;
    return 0;
}

static int teardown(void **state)
{
    mio_slab_deinit(*state);
    return 0;
}

static mio_key insert(struct mio_slab *slab, int i)
{
    mio_key key = MIO_NO_KEY;
    assert_ok(mio_slab_insert(slab, &objects[i], &key));
    assert_int_not_equal(key, MIO_NO_KEY);
    return key;
}

static void slab_new(void **state)
{
    struct mio_slab slab;
    (void)state;
    assert_code(MIO_EINVAL, mio_slab_init(&slab, 0, 4));
    assert_code(MIO_EINVAL, mio_slab_init(&slab, 5, 4));
    assert_ok(mio_slab_init(&slab, 2, 5));
    for (int i = 0; i < 5; i++)
        (void)insert(&slab, i);
    mio_key key;
    assert_code(MIO_EFULL, mio_slab_insert(&slab, &objects[5], &key));
    mio_slab_deinit(&slab);
}

/* Tokens of the caller's own are below every key. */
static void slab_new_starting_at(void **state)
{
    for (int i = 0; i < 4; i++)
        assert_true(insert(*state, i) > UINT32_MAX);
}

static void slab_insertion(void **state)
{
    struct mio_slab *slab = *state;
    mio_key keys[4];
    for (int i = 0; i < 4; i++)
        keys[i] = insert(slab, i);
    for (int i = 0; i < 4; i++)
        assert_ptr_equal(mio_slab_get(slab, keys[i]), &objects[i]);
}

static void slab_insert_when_full(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key = 1234;
    for (int i = 0; i < 4; i++)
        (void)insert(slab, i);
    assert_code(MIO_EFULL, mio_slab_insert(slab, &objects[4], &key));
    assert_int_equal(mio_slab_count(slab), 4);
}

static void slab_remove(void **state)
{
    struct mio_slab *slab = *state;
    mio_key a = insert(slab, 0);
    mio_key b = insert(slab, 1);
    assert_ptr_equal(mio_slab_remove(slab, a), &objects[0]);
    assert_null(mio_slab_remove(slab, a));
    assert_null(mio_slab_get(slab, a));
    assert_ptr_equal(mio_slab_get(slab, b), &objects[1]);
    assert_int_equal(mio_slab_count(slab), 1);
}

static void slab_reuse_of_slots(void **state)
{
    struct mio_slab *slab = *state;
    mio_key a = insert(slab, 0);
    mio_key b = insert(slab, 1);
    (void)mio_slab_remove(slab, a);
    (void)mio_slab_remove(slab, b);
    /* Last in, first out: the place is the key's lower half. */
    assert_int_equal((uint32_t)insert(slab, 2), (uint32_t)b);
    assert_int_equal((uint32_t)insert(slab, 3), (uint32_t)a);
}

static void slab_reuse_after_full(void **state)
{
    struct mio_slab *slab = *state;
    mio_key keys[4];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            keys[i] = insert(slab, i);
        for (int i = 0; i < 4; i++)
            assert_ptr_equal(mio_slab_remove(slab, keys[i]), &objects[i]);
        assert_int_equal(mio_slab_count(slab), 0);
    }
}

/* Mio has no generations: an old token there means the new object. */
static void slab_stale_key(void **state)
{
    struct mio_slab *slab = *state;
    mio_key old = insert(slab, 0);
    (void)mio_slab_remove(slab, old);
    mio_key fresh = insert(slab, 1);
    assert_int_equal((uint32_t)old, (uint32_t)fresh);
    assert_null(mio_slab_get(slab, old));
    assert_null(mio_slab_remove(slab, old));
    assert_ptr_equal(mio_slab_get(slab, fresh), &objects[1]);
}

static void slab_out_of_bounds(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key = insert(slab, 0);
    const mio_key strangers[] = {
        MIO_NO_KEY, key + 1, key + 4, key + 1000, key + (UINT64_C(1) << 32),
        UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        assert_null(mio_slab_get(slab, strangers[i]));
        assert_null(mio_slab_remove(slab, strangers[i]));
    }
    assert_int_equal(mio_slab_count(slab), 1);
}

static void slab_contains(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key = insert(slab, 0);
    assert_non_null(mio_slab_get(slab, key));
    (void)mio_slab_remove(slab, key);
    assert_null(mio_slab_get(slab, key));
}

static void slab_get(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key = insert(slab, 0);
    for (int i = 0; i < 2; i++) /* it stays */
        assert_ptr_equal(mio_slab_get(slab, key), &objects[0]);
}

static void slab_get_mut(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key = insert(slab, 0);
    objects[0] = 1;
    *(int *)mio_slab_get(slab, key) += 1;
    assert_int_equal(objects[0], 2);
}

static void slab_count(void **state)
{
    struct mio_slab *slab = *state;
    assert_int_equal(mio_slab_count(slab), 0);
    mio_key a = insert(slab, 0);
    (void)insert(slab, 1);
    assert_int_equal(mio_slab_count(slab), 2);
    (void)mio_slab_remove(slab, a);
    assert_int_equal(mio_slab_count(slab), 1);
}

static void slab_remaining(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key;
    (void)insert(slab, 0);
    for (uint32_t left = 4 - mio_slab_count(slab); left > 0; left--)
        (void)insert(slab, 1);
    assert_code(MIO_EFULL, mio_slab_insert(slab, &objects[2], &key));
}

static void slab_iter(void **state)
{
    struct mio_slab *slab = *state;
    mio_key keys[3];
    mio_key key;
    void *object;
    uint32_t cursor = 0;
    for (int i = 0; i < 3; i++)
        keys[i] = insert(slab, i);
    (void)mio_slab_remove(slab, keys[1]);
    for (int i = 0; i < 3; i += 2) {
        assert_true(mio_slab_next(slab, &cursor, &key, &object));
        assert_int_equal(key, keys[i]);
        assert_ptr_equal(object, &objects[i]);
    }
    assert_false(mio_slab_next(slab, &cursor, &key, &object));
}

static void slab_iter_mut(void **state)
{
    struct mio_slab *slab = *state;
    mio_key key;
    void *object;
    uint32_t cursor = 0;
    for (int i = 0; i < 4; i++) {
        objects[i] = i;
        (void)insert(slab, i);
    }
    while (mio_slab_next(slab, &cursor, &key, &object)) {
        *(int *)object += 10;
        if (*(int *)object % 2 == 0)
            assert_ptr_equal(mio_slab_remove(slab, key), object);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(objects[i], 10 + i);
    assert_int_equal(mio_slab_count(slab), 2);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_SLAB(slab_new),
        CASE_SLAB(slab_new_starting_at),
        CASE_SLAB(slab_insertion),
        CASE_SLAB(slab_insert_when_full),
        CASE_SLAB(slab_remove),
        CASE_SLAB(slab_reuse_of_slots),
        CASE_SLAB(slab_reuse_after_full),
        CASE_SLAB(slab_stale_key),
        CASE_SLAB(slab_out_of_bounds),
        CASE_SLAB(slab_contains),
        CASE_SLAB(slab_get),
        CASE_SLAB(slab_get_mut),
        CASE_SLAB(slab_count),
        CASE_SLAB(slab_remaining),
        CASE_SLAB(slab_iter),
        CASE_SLAB(slab_iter_mut),
    };
    return cmocka_run_group_tests_name("slab", cases, NULL, NULL);
}
