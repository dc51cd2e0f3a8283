/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/reactor/registry_test.c - addresses are given out once. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/reactor/registry.h"
#include "tests/runtime/pin.h"

#define assert_ok(expression) assert_int_equal((expression), 0)
#define SLOTS 8

static struct mio_actor_registry registry;
static struct mio_actor *const somebody = (struct mio_actor *)&registry;

static int setup(void **state)
{
    (void)state;
    return mio_actor_registry_init(&registry, 5, SLOTS);
}

static int teardown(void **state)
{
    (void)state;
    mio_actor_registry_deinit(&registry);
    return 0;
}

static mio_actor_id reserve(void)
{
    mio_actor_id id = {0};
    assert_ok(mio_actor_registry_reserve(&registry, &id));
    assert_false(mio_actor_id_is_none(id));
    return id;
}

static void an_address_says_where_it_is(void **state)
{
    (void)state;
    mio_actor_id id = mio_actor_id_make(1023, (1 << 22) - 1, UINT32_MAX);
    assert_int_equal(mio_actor_id_reactor(id), 1023);
    assert_int_equal(mio_actor_id_slot(id), (1 << 22) - 1);
    assert_int_equal(mio_actor_id_generation(id), UINT32_MAX);
    id = reserve();
    assert_int_equal(mio_actor_id_reactor(id), 5);
    assert_int_equal(mio_actor_id_generation(id), 1);
}

static void a_life_is_found_from_its_beginning_to_its_end(void **state)
{
    (void)state;
    mio_actor_id id = reserve();
    assert_null(mio_actor_registry_find(&registry, id));
    mio_actor_registry_begin(&registry, id, somebody, NULL);
    assert_ptr_equal(mio_actor_registry_find(&registry, id), somebody);
    mio_actor_registry_end(&registry, id);
    assert_null(mio_actor_registry_find(&registry, id));
}

static void a_slot_that_is_used_again_has_another_address(void **state)
{
    (void)state;
    mio_actor_id first = reserve();
    mio_actor_registry_begin(&registry, first, somebody, NULL);
    mio_actor_registry_end(&registry, first);
    mio_actor_id second = reserve();
    assert_int_equal(mio_actor_id_slot(first), mio_actor_id_slot(second));
    assert_false(mio_actor_id_equal(first, second));
    mio_actor_registry_begin(&registry, second, somebody, NULL);
    assert_null(mio_actor_registry_find(&registry, first));
    assert_ptr_equal(mio_actor_registry_find(&registry, second), somebody);
}

static void an_address_that_nobody_saw_is_given_out_again(void **state)
{
    (void)state;
    mio_actor_id first = reserve();
    mio_actor_registry_unreserve(&registry, first);
    assert_true(mio_actor_id_equal(first, reserve()));
}

static void a_full_registry_refuses_and_recovers(void **state)
{
    (void)state;
    mio_actor_id ids[SLOTS];
    mio_actor_id none;
    for (int i = 0; i < SLOTS; i++)
        ids[i] = reserve();
    assert_int_equal(mio_actor_registry_reserve(&registry, &none), MIO_EFULL);
    mio_actor_registry_end(&registry, ids[3]); /* it never began */
    assert_int_equal(mio_actor_id_slot(reserve()), mio_actor_id_slot(ids[3]));
    assert_int_equal(mio_actor_registry_reserve(&registry, &none), MIO_EFULL);
}

static void a_slot_is_retired_before_its_generation_wraps(void **state)
{
    (void)state;
    mio_actor_id none;
    for (int i = 1; i < SLOTS; i++)
        (void)reserve();
    registry.slots[SLOTS - 1].lives = UINT32_MAX - 1;
    mio_actor_id last = reserve();
    assert_int_equal(mio_actor_id_slot(last), SLOTS - 1);
    assert_int_equal(mio_actor_id_generation(last), UINT32_MAX);
    mio_actor_registry_begin(&registry, last, somebody, NULL);
    assert_ptr_equal(mio_actor_registry_find(&registry, last), somebody);
    mio_actor_registry_end(&registry, last);
    assert_null(mio_actor_registry_find(&registry, last));
    assert_int_equal(mio_actor_registry_reserve(&registry, &none), MIO_EFULL);
}

static void addresses_of_other_tables_are_nobody(void **state)
{
    (void)state;
    (void)reserve();
    assert_null(
        mio_actor_registry_find(&registry, mio_actor_id_make(5, SLOTS, 1)));
    assert_null(mio_actor_registry_find(&registry, mio_actor_id_make(5, 0, 0)));
    assert_null(mio_actor_registry_find(
        &registry, mio_actor_id_make(5, (1 << 22) - 1, 1)));
}

/* --- many spawners ------------------------------------------------------- */

#define THREADS 4
#ifdef MIO_DEBUG
#define ROUNDS 20000
#else
#define ROUNDS 200000
#endif

static uint32_t threads_count;

/* Reserve and give back: no slot is ever in two hands. Fewer slots than hands,
 * so that the list is often empty, and the same slots come by all the time. */
static void *reserve_and_end(void *argument)
{
    uint32_t *owners = argument;
    pin(__atomic_fetch_add(&threads_count, 1, __ATOMIC_RELAXED));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        mio_actor_id id;
        if (mio_actor_registry_reserve(&registry, &id) == MIO_EFULL)
            continue;
        uint32_t slot = mio_actor_id_slot(id);
        if (__atomic_add_fetch(&owners[slot], 1, __ATOMIC_SEQ_CST) != 1)
            return argument; /* somebody else has it too */
        if (i % 4 == 0)
            sched_yield(); /* hold it for a while */
        __atomic_sub_fetch(&owners[slot], 1, __ATOMIC_SEQ_CST);
        if (i % 2 == 0)
            mio_actor_registry_end(&registry, id);
        else
            mio_actor_registry_unreserve(&registry, id);
    }
    return NULL;
}

static void no_slot_is_ever_in_two_hands(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    uint32_t owners[SLOTS] = {0};
    registry.slots_max = THREADS - 1;
    for (int i = 0; i < THREADS; i++)
        assert_ok(pthread_create(&threads[i], NULL, reserve_and_end, owners));
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
    /* And none is lost. */
    for (int i = 0; i < THREADS - 1; i++)
        (void)reserve();
}

static void a_late_kill_does_not_wipe_out_another(void **state)
{
    (void)state;
    mio_actor_id first = reserve();
    assert_true(mio_actor_registry_is_awaited(&registry, first));
    mio_actor_registry_begin(&registry, first, somebody, NULL);
    assert_false(mio_actor_registry_is_awaited(&registry, first));
    mio_actor_registry_end(&registry, first);
    assert_false(mio_actor_registry_is_awaited(&registry, first));
    mio_actor_id second = reserve();
    assert_int_equal(mio_actor_id_slot(second), mio_actor_id_slot(first));
    mio_actor_registry_mark(&registry, first);
    assert_false(mio_actor_registry_is_marked(&registry, second));
    mio_actor_registry_mark(&registry, second);
    mio_actor_registry_mark(&registry, first);
    assert_true(mio_actor_registry_is_marked(&registry, second));
}

int main(void)
{
    pin_init();
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_address_says_where_it_is),
        TEST(a_life_is_found_from_its_beginning_to_its_end),
        TEST(a_slot_that_is_used_again_has_another_address),
        TEST(an_address_that_nobody_saw_is_given_out_again),
        TEST(a_full_registry_refuses_and_recovers),
        TEST(a_slot_is_retired_before_its_generation_wraps),
        TEST(addresses_of_other_tables_are_nobody),
        TEST(no_slot_is_ever_in_two_hands),
        TEST(a_late_kill_does_not_wipe_out_another),
    };
    return cmocka_run_group_tests_name("runtime/reactor/registry", tests, NULL,
                                       NULL);
}
