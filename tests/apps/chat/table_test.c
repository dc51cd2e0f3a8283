/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/table_test.c - hash to object, against a model that is too
 * simple to be wrong. */
#include "apps/chat/protocol/table.h"

#include "tests/apps/chat/recorder.h"

#define NUMBERS 600
#define STEPS 200000

static uint32_t numbers[NUMBERS]; /* objects; the number is its index */
static bool is_in[NUMBERS];

static bool is_number(const void *object, const void *key)
{
    return *(const uint32_t *)object == *(const uint32_t *)key;
}

/* Few different hashes: searches run into each other. */
static uint64_t hash_of(uint32_t number)
{
    return chat_table_hash(number % 50) | (number % 3);
}

static uint32_t *find(const struct chat_table *table, uint32_t number)
{
    return chat_table_find(table, hash_of(number), is_number, &number);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void what_is_in_is_found_and_nothing_else(void **state)
{
    struct chat_table table = {0};
    uint32_t seed = 1;
    uint32_t count = 0;

    (void)state;
    for (uint32_t i = 0; i < NUMBERS; i++) {
        numbers[i] = i;
        is_in[i] = false;
    }
    for (unsigned step = 0; step < STEPS; step++) {
        uint32_t number = next_random(&seed) % NUMBERS;
        assert_int_equal(find(&table, number) != NULL, is_in[number]);
        if (!is_in[number]) {
            assert_int_equal(
                chat_table_insert(&table, hash_of(number), &numbers[number]),
                0);
            count++;
        } else {
            assert_true(
                chat_table_remove(&table, hash_of(number), &numbers[number]));
            assert_false(
                chat_table_remove(&table, hash_of(number), &numbers[number]));
            count--;
        }
        is_in[number] = !is_in[number];
    }
    uint32_t cursor = 0;
    uint32_t met = 0;
    for (uint32_t *each; (each = chat_table_next(&table, &cursor)) != NULL;) {
        assert_true(is_in[*each]);
        is_in[*each] = false; /* once */
        met++;
    }
    assert_int_equal(met, count);
    chat_table_deinit(&table);
}

static void after_a_reserve_an_insert_needs_no_memory(void **state)
{
    struct chat_table table = {0};

    (void)state;
    for (uint32_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(chat_table_reserve(&table), 0);
        struct chat_table_entry *entries = table.entries;
        assert_int_equal(chat_table_insert(&table, i, &numbers[i]), 0);
        assert_ptr_equal(table.entries, entries);
    }
    chat_table_deinit(&table);
}

static void an_empty_table_has_nothing(void **state)
{
    struct chat_table table = {0};
    uint32_t cursor = 0;

    (void)state;
    assert_null(find(&table, 1));
    assert_false(chat_table_remove(&table, 1, &numbers[1]));
    assert_null(chat_table_next(&table, &cursor));
    chat_table_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_is_found_and_nothing_else),
        cmocka_unit_test(after_a_reserve_an_insert_needs_no_memory),
        cmocka_unit_test(an_empty_table_has_nothing),
    };
    return cmocka_run_group_tests_name("apps/chat/table", tests, NULL, NULL);
}
