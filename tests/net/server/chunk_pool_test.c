/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/chunk_pool_test.c - chunks come back warm, idle ones go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/server/chunk_pool.h"

#define MANY 1000

static void the_chunk_given_last_is_taken_first(void **state)
{
    (void)state;
    struct mio_chunk_pool pool;
    mio_chunk_pool_init(&pool);
    void *a = mio_chunk_pool_take(&pool, MIO_CHUNK_SMALL);
    void *b = mio_chunk_pool_take(&pool, MIO_CHUNK_SMALL);
    void *large = mio_chunk_pool_take(&pool, MIO_CHUNK_LARGE);
    assert_ptr_not_equal(a, b);
    memset(a, 1, MIO_CHUNK_SMALL_SIZE);
    memset(large, 2, MIO_CHUNK_LARGE_SIZE);

    mio_chunk_pool_give(&pool, MIO_CHUNK_SMALL, b);
    mio_chunk_pool_give(&pool, MIO_CHUNK_SMALL, a);
    assert_ptr_equal(mio_chunk_pool_take(&pool, MIO_CHUNK_SMALL), a);
    assert_ptr_equal(mio_chunk_pool_take(&pool, MIO_CHUNK_SMALL), b);
    assert_int_equal(pool.allocations_count, 3);

    mio_chunk_pool_give(&pool, MIO_CHUNK_SMALL, a);
    mio_chunk_pool_give(&pool, MIO_CHUNK_SMALL, b);
    mio_chunk_pool_give(&pool, MIO_CHUNK_LARGE, large);
    mio_chunk_pool_deinit(&pool);
}

/* Take `count` chunks, then give them back. */
static void borrow(struct mio_chunk_pool *pool, int count)
{
    void *chunks[MANY];
    for (int i = 0; i < count; i++) {
        chunks[i] = mio_chunk_pool_take(pool, MIO_CHUNK_SMALL);
        assert_non_null(chunks[i]);
    }
    while (count > 0)
        mio_chunk_pool_give(pool, MIO_CHUNK_SMALL, chunks[--count]);
}

static void a_load_that_repeats_itself_never_allocates_again(void **state)
{
    (void)state;
    struct mio_chunk_pool pool;
    mio_chunk_pool_init(&pool);
    borrow(&pool, MANY);
    for (int i = 0; i < 100; i++)
        borrow(&pool, MANY);
    assert_int_equal(pool.allocations_count, MANY);
    mio_chunk_pool_deinit(&pool);
}

static void what_is_not_needed_any_more_is_freed(void **state)
{
    (void)state;
    struct mio_chunk_pool pool;
    mio_chunk_pool_init(&pool);
    borrow(&pool, MANY);
    assert_int_equal(pool.shelves[MIO_CHUNK_SMALL].idle_count, MANY);
    for (int i = 0; i < 100000; i++)
        borrow(&pool, 1);
    assert_in_range(pool.shelves[MIO_CHUNK_SMALL].idle_count, 1, 64);
    mio_chunk_pool_deinit(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chunk_given_last_is_taken_first),
        cmocka_unit_test(a_load_that_repeats_itself_never_allocates_again),
        cmocka_unit_test(what_is_not_needed_any_more_is_freed),
    };
    return cmocka_run_group_tests_name("net/server/chunk_pool", tests, NULL,
                                       NULL);
}
