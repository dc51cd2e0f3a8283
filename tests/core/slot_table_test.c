/* SPDX-License-Identifier: MIT
 *
 * tests/core/slot_table_test.c - white box: keys end, slots do not get lost. */
#include "core/slot_table.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#include "tests/core/check.h"

#define A mio_token_of(0xa)
#define B mio_token_of(0xb)

static void assert_finds(const struct mio_slot_table *table, uint64_t key,
                         mio_token expected)
{
    mio_token token;
    assert_true(mio_slot_table_find(table, key, &token));
    assert_true(token.value == expected.value);
}

static void assert_void(const struct mio_slot_table *table, uint64_t key)
{
    mio_token token;
    assert_false(mio_slot_table_find(table, key, &token));
}

static void a_key_lives_until_the_slot_changes(void **state)
{
    (void)state;
    struct mio_slot_table table;
    uint64_t first;
    assert_ok(mio_slot_table_init(&table, 4, NULL));
    assert_ok(mio_slot_table_claim(&table, A, &first));
    assert_finds(&table, first, A);

    uint32_t slot = mio_slot_of_key(first);
    uint64_t second = mio_slot_table_renew(&table, slot, B);
    assert_void(&table, first);
    assert_finds(&table, second, B);

    mio_slot_table_restore(&table, first, A);
    assert_void(&table, second);
    assert_finds(&table, first, A);

    mio_slot_table_void(&table, slot);
    assert_void(&table, first);
    mio_slot_table_release(&table, slot);
    uint64_t third;
    assert_ok(mio_slot_table_claim(&table, A, &third));
    assert_int_equal(mio_slot_of_key(third), slot); /* last in, first out */
    assert_void(&table, first);
    assert_finds(&table, third, A);
    mio_slot_table_deinit(&table);
}

static void a_generation_may_wrap(void **state)
{
    (void)state;
    struct mio_slot_table table;
    uint64_t key;
    assert_ok(mio_slot_table_init(&table, 1, NULL));
    table.slots[0].generation = UINT32_MAX;
    assert_ok(mio_slot_table_claim(&table, A, &key));
    assert_finds(&table, key, A);
    uint64_t next = mio_slot_table_renew(&table, 0, B);
    assert_void(&table, key);
    assert_finds(&table, next, B);
    mio_slot_table_deinit(&table);
}

static void keys_of_no_slot_are_void(void **state)
{
    (void)state;
    struct mio_slot_table table;
    assert_ok(mio_slot_table_init(&table, 2, NULL));
    assert_void(&table, 2);
    assert_void(&table, MIO_SLOT_NONE);
    assert_void(&table, UINT64_MAX);
    mio_slot_table_deinit(&table);
}

static void it_counts_what_is_claimed_and_says_when_it_is_full(void **state)
{
    (void)state;
    struct mio_slot_table table;
    uint64_t keys[3];
    uint64_t none;
    assert_ok(mio_slot_table_init(&table, 3, NULL));
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(mio_slot_table_count(&table), i);
        assert_ok(mio_slot_table_claim(&table, A, &keys[i]));
    }
    assert_code(MIO_ENOSPC, mio_slot_table_claim(&table, A, &none));
    mio_slot_table_release(&table, mio_slot_of_key(keys[1]));
    assert_int_equal(mio_slot_table_count(&table), 2);
    assert_ok(mio_slot_table_claim(&table, A, &none));
    assert_code(MIO_ENOSPC, mio_slot_table_claim(&table, A, &none));
    mio_slot_table_deinit(&table);
}

/* Each thread holds up to two of eight slots: never full for anyone, and a
 * slot that two hold at once shows in its owner cell. */
#define THREADS_COUNT 4

static struct mio_slot_table shared;
static uint32_t owners[2 * THREADS_COUNT]; /* atomic; 0: nobody */

static int hold(uint64_t *key, uint32_t me)
{
    if (mio_slot_table_claim(&shared, A, key) < 0)
        return 1;
    uint32_t nobody = 0;
    return !__atomic_compare_exchange_n(&owners[mio_slot_of_key(*key)], &nobody,
                                        me, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
}

static void let_go(uint64_t key)
{
    uint32_t slot = mio_slot_of_key(key);
    __atomic_store_n(&owners[slot], 0, __ATOMIC_RELAXED);
    mio_slot_table_void(&shared, slot);
    mio_slot_table_release(&shared, slot);
}

static void *claim_and_release(void *arg)
{
    uint32_t me = (uint32_t)(uintptr_t)arg;
    struct sequence random = {me};
    uintptr_t failures_count = 0;
    for (int i = 0; i < 50000 && failures_count == 0; i++) {
        uint64_t keys[2];
        failures_count += (uintptr_t)hold(&keys[0], me);
        failures_count += (uintptr_t)hold(&keys[1], me);
        if (sequence_next(&random) % 64 == 0)
            sched_yield();
        /* In either order, so that the free list is mixed. */
        uint64_t first = sequence_next(&random) % 2;
        let_go(keys[first]);
        let_go(keys[1 - first]);
    }
    return (void *)failures_count;
}

static void threads_never_share_nor_lose_a_slot(void **state)
{
    (void)state;
    pthread_t threads[THREADS_COUNT];
    assert_ok(mio_slot_table_init(&shared, 2 * THREADS_COUNT, NULL));
    for (uintptr_t i = 0; i < THREADS_COUNT; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, claim_and_release,
                                        (void *)(i + 1)),
                         0);
    for (int i = 0; i < THREADS_COUNT; i++) {
        void *failures_count;
        pthread_join(threads[i], &failures_count);
        assert_null(failures_count);
    }
    assert_int_equal(mio_slot_table_count(&shared), 0);
    mio_slot_table_deinit(&shared);
}

/* One thread renews, alternating two tokens by the parity of the generation;
 * the other looks up the key that it was last told. */
static uint64_t told; /* atomic */

static void *renew_all_the_time(void *arg)
{
    uint64_t key = __atomic_load_n(&told, __ATOMIC_RELAXED);
    uint32_t slot = mio_slot_of_key(key);
    for (int i = 0; i < 300000; i++) {
        uint64_t parity = (mio_slot_table_key(&shared, slot) >> 32) + 1;
        key = mio_slot_table_renew(&shared, slot, mio_token_of(parity % 2));
        __atomic_store_n(&told, key, __ATOMIC_RELEASE);
    }
    __atomic_store_n((uint32_t *)arg, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void a_lookup_never_mixes_two_registrations(void **state)
{
    (void)state;
    pthread_t thread;
    uint32_t is_done = 0;
    uint64_t key;
    assert_ok(mio_slot_table_init(&shared, 1, NULL));
    assert_ok(mio_slot_table_claim(&shared, mio_token_of(0), &key));
    __atomic_store_n(&told, key, __ATOMIC_RELAXED);
    assert_int_equal(
        pthread_create(&thread, NULL, renew_all_the_time, &is_done), 0);
    while (!__atomic_load_n(&is_done, __ATOMIC_ACQUIRE)) {
        mio_token token;
        key = __atomic_load_n(&told, __ATOMIC_ACQUIRE);
        if (!mio_slot_table_find(&shared, key, &token))
            continue;
        assert_int_equal(token.value, (key >> 32) % 2);
    }
    pthread_join(thread, NULL);
    key = __atomic_load_n(&told, __ATOMIC_ACQUIRE);
    assert_finds(&shared, key, mio_token_of((key >> 32) % 2));
    mio_slot_table_deinit(&shared);
}

/* What a second thread does once in a million times, a signal does at once: it
 * comes between any two instructions. (ThreadSanitizer delays signals, so it
 * sees nothing here.) */
#define SIGNALS_COUNT 2000

static volatile sig_atomic_t signals_count;

static void shower(void (*handler)(int), void (*interrupted)(void))
{
    struct sigaction action = {.sa_handler = handler};
    struct sigaction before;
    struct itimerval often = {.it_interval.tv_usec = 20,
                              .it_value.tv_usec = 20};
    const struct itimerval never = {.it_value.tv_usec = 0};
    signals_count = 0;
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    while (signals_count < SIGNALS_COUNT)
        interrupted();
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
}

/* The handler puts the first free slot back on top, after it has taken the one
 * below: the interrupted claim must not then go on with that one. */
static uint64_t kept[SIGNALS_COUNT + 64];
static volatile sig_atomic_t kept_count;

static void take_the_second(int number)
{
    (void)number;
    uint64_t top;
    uint64_t below;
    if (mio_slot_table_claim(&shared, A, &top) < 0)
        return;
    if (mio_slot_table_claim(&shared, A, &below) == MIO_OK)
        kept[kept_count++] = below;
    mio_slot_table_release(&shared, mio_slot_of_key(top));
    signals_count++;
}

static uint8_t is_held[SIGNALS_COUNT + 64];

static void note(uint64_t key)
{
    assert_false(is_held[mio_slot_of_key(key)]);
    is_held[mio_slot_of_key(key)] = 1;
}

static void let_go_of(uint64_t key)
{
    is_held[mio_slot_of_key(key)] = 0;
    mio_slot_table_release(&shared, mio_slot_of_key(key));
}

static void claim_and_check(void)
{
    uint64_t key;
    assert_ok(mio_slot_table_claim(&shared, A, &key));
    note(key);
    /* Those of the handler, too, while it cannot come. */
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_only, NULL);
    int count = kept_count;
    for (int i = 0; i < count; i++)
        note(kept[i]);
    for (int i = 0; i < count; i++)
        let_go_of(kept[i]);
    kept_count = 0;
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    let_go_of(key);
}

static void a_claim_may_be_interrupted_anywhere(void **state)
{
    (void)state;
    if (is_on_valgrind())
        skip(); /* not anywhere there, and after the end */
    assert_ok(mio_slot_table_init(&shared, COUNT_OF(is_held), NULL));
    uint64_t keys[32];
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_ok(mio_slot_table_claim(&shared, A, &keys[i]));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        mio_slot_table_release(&shared, mio_slot_of_key(keys[i]));
    shower(take_the_second, claim_and_check);
    claim_and_check();
    assert_int_equal(mio_slot_table_count(&shared), 0);
    mio_slot_table_deinit(&shared);
}

static volatile uint64_t renewed_key;

static void renew(int number)
{
    (void)number;
    uint64_t parity = (mio_slot_table_key(&shared, 0) >> 32) + 1;
    renewed_key = mio_slot_table_renew(&shared, 0, mio_token_of(parity % 2));
    signals_count++;
}

static void look_up(void)
{
    for (int i = 0; i < 100; i++) {
        uint64_t key = renewed_key;
        mio_token token;
        if (mio_slot_table_find(&shared, key, &token))
            assert_int_equal(token.value, (key >> 32) % 2);
    }
}

static void a_lookup_may_be_interrupted_anywhere(void **state)
{
    (void)state;
    if (is_on_valgrind())
        skip();
    uint64_t key;
    assert_ok(mio_slot_table_init(&shared, 1, NULL));
    assert_ok(mio_slot_table_claim(&shared, mio_token_of(0), &key));
    renewed_key = key;
    shower(renew, look_up);
    mio_slot_table_deinit(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_lives_until_the_slot_changes),
        cmocka_unit_test(a_generation_may_wrap),
        cmocka_unit_test(keys_of_no_slot_are_void),
        cmocka_unit_test(it_counts_what_is_claimed_and_says_when_it_is_full),
        cmocka_unit_test(threads_never_share_nor_lose_a_slot),
        cmocka_unit_test(a_lookup_never_mixes_two_registrations),
        cmocka_unit_test(a_claim_may_be_interrupted_anywhere),
        cmocka_unit_test(a_lookup_may_be_interrupted_anywhere),
    };
    return cmocka_run_group_tests_name("core/slot_table", tests, NULL, NULL);
}
