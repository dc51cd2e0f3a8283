/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/mailbox/slab_test.c - message memory, and its way home. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/mailbox/slab.h"
#include "tests/runtime/pin.h"

#define assert_ok(expression) assert_int_equal((expression), 0)

struct fixture {
    struct mio_slabs slabs;
    struct mio_home home;
    struct mio_homeward homeward; /* of another reactor, 1 */
    struct mio_counters counters;
};

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    mio_home_init(&f.home);
    assert_ok(mio_slabs_init(&f.slabs, 0, &f.home, &f.counters));
    assert_ok(mio_homeward_init(&f.homeward, 2));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mio_slabs_out_count(&f->slabs), 0);
    mio_homeward_deinit(&f->homeward);
    mio_slabs_deinit(&f->slabs);
    return 0;
}

static void a_slot_holds_its_payload_and_is_not_twice_as_large(void **state)
{
    (void)state;
    for (size_t size = 0; size <= MIO_MESSAGE_POOLED_MAX; size++) {
        uint32_t size_class = mio_slot_class(size);
        size_t needed = size + sizeof(struct mio_message);
        assert_in_range(size_class, 0, MIO_SLOT_CLASSES - 1);
        assert_true(mio_slot_size(size_class) >= needed);
        assert_true(size_class == 0 || mio_slot_size(size_class - 1) < needed);
    }
}

static void a_freed_slot_is_the_next_to_be_used(void **state)
{
    struct fixture *f = *state;
    struct mio_message *a = mio_slabs_alloc(&f->slabs, 2);
    struct mio_message *b = mio_slabs_alloc(&f->slabs, 2);
    assert_ptr_not_equal(a, b);
    assert_int_equal(mio_slabs_out_count(&f->slabs), 2);
    mio_slabs_free(&f->slabs, a);
    assert_ptr_equal(mio_slabs_alloc(&f->slabs, 2), a);
    mio_slabs_free(&f->slabs, a);
    mio_slabs_free(&f->slabs, b);
}

/* More than one slab of each size, all different, none overlapping. */
static void slots_do_not_overlap(void **state)
{
    struct fixture *f = *state;
    static struct mio_message *slots[MIO_SLOT_CLASSES][1200];
    for (uint32_t c = 0; c < MIO_SLOT_CLASSES; c++) {
        for (uint32_t i = 0; i < 1200; i++) {
            slots[c][i] = mio_slabs_alloc(&f->slabs, c);
            assert_non_null(slots[c][i]);
            assert_int_equal((uintptr_t)slots[c][i] % 64, 0);
            assert_int_equal(slots[c][i]->home, 0);
            assert_int_equal(slots[c][i]->size_class, c);
            memset(slots[c][i] + 1, (int)(c * 31 + i) & 0xff,
                   mio_slot_size(c) - sizeof(struct mio_message));
        }
    }
    for (uint32_t c = 0; c < MIO_SLOT_CLASSES; c++) {
        for (uint32_t i = 0; i < 1200; i++) {
            const uint8_t *bytes = (const uint8_t *)(slots[c][i] + 1);
            size_t size = mio_slot_size(c) - sizeof(struct mio_message);
            for (size_t j = 0; j < size; j++)
                assert_int_equal(bytes[j], (c * 31 + i) & 0xff);
            mio_slabs_free(&f->slabs, slots[c][i]);
        }
    }
    assert_true(f->counters.slabs > MIO_SLOT_CLASSES);
}

/* As another reactor frees it. */
static bool collect(struct fixture *f, struct mio_message *message)
{
    return mio_homeward_add(&f->homeward, message,
                            mio_slot_size(message->size_class));
}

/* Slots of one class: how many make a chain that goes home. */
static uint32_t chain_length(struct fixture *f, uint32_t size_class)
{
    uint32_t count = 1;
    while (!collect(f, mio_slabs_alloc(&f->slabs, size_class)))
        count++;
    assert_int_equal(mio_homeward_send(&f->homeward, 0, &f->home), count);
    assert_int_equal(mio_homeward_send(&f->homeward, 0, &f->home), 0);
    return count;
}

static void many_small_slots_or_some_large_ones_go_home(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(chain_length(f, 0), MIO_HOMEWARD_BYTES / 64);
    assert_int_equal(chain_length(f, 1), MIO_HOMEWARD_BYTES / 128);
    assert_int_equal(chain_length(f, 2), MIO_HOMEWARD_MESSAGES);
    assert_int_equal(chain_length(f, 6), MIO_HOMEWARD_MESSAGES);
}

#define SLOTS 40

static void what_is_freed_elsewhere_comes_home_and_is_used_again(void **state)
{
    struct fixture *f = *state;
    struct mio_message *slots[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        slots[i] = mio_slabs_alloc(&f->slabs, i % 2);
    for (uint32_t i = 0; i < SLOTS; i++)
        (void)collect(f, slots[i]);
    assert_int_equal(mio_slabs_out_count(&f->slabs), SLOTS);
    assert_int_equal(mio_homeward_send(&f->homeward, 0, &f->home), SLOTS);
    assert_int_equal(mio_slabs_out_count(&f->slabs), 0);

    /* All are used again before a slot that never was. */
    for (uint32_t i = 0; i < SLOTS; i++) {
        struct mio_message *again = mio_slabs_alloc(&f->slabs, i % 2);
        uint32_t known = 0;
        for (uint32_t j = 0; j < SLOTS; j++)
            known += slots[j] == again;
        assert_int_equal(known, 1);
        assert_int_equal(again->size_class, i % 2);
    }
    for (uint32_t i = 0; i < SLOTS; i++)
        mio_slabs_free(&f->slabs, slots[i]);
}

/* What lies sorted half-way must not hide what came home since. */
static void a_second_return_is_found_behind_the_first(void **state)
{
    struct fixture *f = *state;
    struct mio_message *small[2];
    for (int i = 0; i < 2; i++)
        small[i] = mio_slabs_alloc(&f->slabs, 0);
    struct mio_message *large = mio_slabs_alloc(&f->slabs, 6);
    for (int i = 0; i < 2; i++)
        (void)collect(f, small[i]);
    (void)mio_homeward_send(&f->homeward, 0, &f->home);
    small[0] = mio_slabs_alloc(&f->slabs, 0); /* the other one stays there */
    (void)collect(f, large);
    (void)mio_homeward_send(&f->homeward, 0, &f->home);
    assert_ptr_equal(mio_slabs_alloc(&f->slabs, 6), large);
    mio_slabs_free(&f->slabs, large);
    mio_slabs_free(&f->slabs, small[0]);
}

#ifdef MIO_POISONS
static void a_free_slot_is_poisoned_and_a_used_one_is_not(void **state)
{
    struct fixture *f = *state;
    struct mio_message *message = mio_slabs_alloc(&f->slabs, 1);
    uint8_t *payload = mio_message_payload(message);
    assert_false(__asan_address_is_poisoned(payload));
    mio_slabs_free(&f->slabs, message);
    assert_true(__asan_address_is_poisoned(payload));
    assert_true(__asan_address_is_poisoned(payload + 87));
    assert_true(__asan_address_is_poisoned(&message->type));
    message = mio_slabs_alloc(&f->slabs, 1);
    assert_false(__asan_address_is_poisoned(payload));
    assert_false(__asan_address_is_poisoned(&message->type));
    mio_slabs_free(&f->slabs, message);
}
#endif

/* --- two threads --------------------------------------------------------- */

#ifdef MIO_DEBUG
#define ROUND_TRIPS 50000
#else
#define ROUND_TRIPS 500000
#endif

/* Slots go through this cell to the other thread and come back as memory. */
struct crossing {
    struct fixture *f;
    struct mio_message *cell;
};

static void *free_elsewhere(void *argument)
{
    struct crossing *crossing = argument;
    struct fixture *f = crossing->f;
    for (uint32_t i = 0; i < ROUND_TRIPS; i++) {
        struct mio_message *message;
        while ((message = __atomic_exchange_n(&crossing->cell, NULL,
                                              __ATOMIC_ACQUIRE)) == NULL)
            ;
        uint32_t *payload = mio_message_payload(message);
        if (*payload != i)
            return argument;
        *payload = UINT32_MAX;
        if (collect(f, message))
            (void)mio_homeward_send(&f->homeward, 0, &f->home);
    }
    (void)mio_homeward_send(&f->homeward, 0, &f->home);
    return NULL;
}

static void slots_go_round_between_two_threads(void **state)
{
    struct crossing crossing = {*state, NULL};
    struct fixture *f = *state;
    pthread_t thread;
    assert_ok(pthread_create(&thread, NULL, free_elsewhere, &crossing));
    for (uint32_t i = 0; i < ROUND_TRIPS; i++) {
        struct mio_message *message = mio_slabs_alloc(&f->slabs, i % 3);
        *(uint32_t *)mio_message_payload(message) = i;
        while (__atomic_load_n(&crossing.cell, __ATOMIC_RELAXED) != NULL)
            ;
        __atomic_store_n(&crossing.cell, message, __ATOMIC_RELEASE);
    }
    void *result;
    pthread_join(thread, &result);
    assert_null(result);                    /* what went was what came */
    assert_int_equal(f->counters.slabs, 3); /* and never more */
}

/* --- several threads, one home ------------------------------------------- */

#define RETURNERS 3
#define RETURNS 400000

static struct mio_message returns[RETURNERS][RETURNS];
static struct mio_home storm_home;

/* Push all of them, in chains of one to three. */
static void *return_all(void *argument)
{
    struct mio_message *messages = argument;
    pin(1 + (uint32_t)(messages != returns[0]));
    for (uint32_t i = 0; i < RETURNS;) {
        uint32_t count = 1 + i % 3;
        if (count > RETURNS - i)
            count = RETURNS - i;
        for (uint32_t j = 0; j + 1 < count; j++)
            messages[i + j].next = &messages[i + j + 1];
        mio_home_push(&storm_home, &messages[i], &messages[i + count - 1]);
        i += count;
    }
    return NULL;
}

/* Count in `size` how often each came. */
static uint64_t take_home(void)
{
    uint64_t count = 0;
    struct mio_message *message = mio_home_take(&storm_home);
    for (; message != NULL; message = message->next, count++)
        message->size++;
    return count;
}

static void what_many_threads_return_comes_home_once(void **state)
{
    (void)state;
    pthread_t threads[RETURNERS];
    uint64_t count = 0;
    memset(returns, 0, sizeof(returns));
    mio_home_init(&storm_home);
    for (int i = 0; i < RETURNERS; i++)
        assert_ok(pthread_create(&threads[i], NULL, return_all, returns[i]));
    pin(0);
    for (int i = 0; i < 100 * RETURNS && count < RETURNERS * RETURNS; i++)
        count += take_home();
    for (int i = 0; i < RETURNERS; i++)
        pthread_join(threads[i], NULL);
    count += take_home();
    assert_int_equal(count, RETURNERS * RETURNS);
    for (int i = 0; i < RETURNERS; i++)
        for (int j = 0; j < RETURNS; j++)
            assert_int_equal(returns[i][j].size, 1);
}

int main(void)
{
    pin_init();
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_slot_holds_its_payload_and_is_not_twice_as_large),
        TEST(a_freed_slot_is_the_next_to_be_used),
        TEST(slots_do_not_overlap),
        TEST(many_small_slots_or_some_large_ones_go_home),
        TEST(what_is_freed_elsewhere_comes_home_and_is_used_again),
        TEST(a_second_return_is_found_behind_the_first),
#ifdef MIO_POISONS
        TEST(a_free_slot_is_poisoned_and_a_used_one_is_not),
#endif
        TEST(slots_go_round_between_two_threads),
        cmocka_unit_test(what_many_threads_return_comes_home_once),
    };
    return cmocka_run_group_tests_name("runtime/mailbox/slab", tests, NULL,
                                       NULL);
}
