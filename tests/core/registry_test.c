/* SPDX-License-Identifier: MIT
 *
 * tests/core/registry_test.c - registrations of threads that know nothing of
 * the poll's end. */
#include "core/registry.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "core/event_loop.h"
#include "core/waker.h"
#include "tests/core/check.h"

#define TOKEN mio_token_of(7)

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_registry *registry;
    int pipe[2];
    struct mio_source source;
};

static int setup(void **state)
{
    static struct fixture fixture;
    assert_ok(mio_poll_new(&fixture.poll, NULL));
    assert_ok(mio_events_new(&fixture.events, 8));
    fixture.registry = mio_poll_registry(fixture.poll);
    assert_int_equal(pipe(fixture.pipe), 0);
    mio_source_init(&fixture.source, fixture.pipe[0]);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_poll_free(f->poll);
    mio_source_deregister(&f->source);
    mio_registry_free(f->registry);
    mio_events_free(f->events);
    assert_int_equal(close(f->pipe[0]), 0);
    assert_int_equal(close(f->pipe[1]), 0);
    return 0;
}

static void end_poll(struct fixture *f)
{
    mio_poll_free(f->poll);
    f->poll = NULL;
}

static int enroll(struct fixture *f)
{
    return mio_registry_register(f->registry, &f->source, TOKEN, MIO_READABLE,
                                 MIO_EDGE);
}

static void a_registry_does_what_its_poll_does(void **state)
{
    struct fixture *f = *state;
    assert_ok(enroll(f));
    assert_code(MIO_EEXIST, enroll(f));
    assert_code(MIO_EINVAL,
                mio_registry_reregister(f->registry, &f->source, TOKEN, 0, 0));
    assert_ok(mio_registry_reregister(f->registry, &f->source, mio_token_of(8),
                                      MIO_READABLE, MIO_EDGE));
    assert_int_equal(write(f->pipe[1], "x", 1), 1);
    assert_int_equal(wait_one(f->poll, f->events).token.value, 8);

    assert_ok(mio_registry_deregister(f->registry, &f->source));
    assert_code(MIO_ENOENT, mio_registry_deregister(f->registry, &f->source));
    assert_code(MIO_ENOENT,
                mio_registry_reregister(f->registry, &f->source, TOKEN,
                                        MIO_READABLE, MIO_EDGE));
}

static void sources_of_poll_and_registry_are_the_same(void **state)
{
    struct fixture *f = *state;
    assert_ok(enroll(f));
    assert_ok(mio_poll_reregister(f->poll, &f->source, TOKEN, MIO_READABLE,
                                  MIO_LEVEL));
    assert_ok(mio_poll_deregister(f->poll, &f->source));
    assert_ok(
        mio_poll_register(f->poll, &f->source, TOKEN, MIO_READABLE, MIO_EDGE));
    assert_ok(mio_registry_reregister(f->registry, &f->source, TOKEN,
                                      MIO_READABLE, MIO_LEVEL));
    assert_ok(mio_registry_deregister(f->registry, &f->source));
    assert_false(mio_source_is_registered(&f->source));
}

static void an_edge_is_armed_through_the_registration(void **state)
{
    struct fixture *f = *state;
    char byte;
    assert_ok(enroll(f));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write(f->pipe[1], "x", 1), 1);
        assert_int_equal(wait_one(f->poll, f->events).token.value, TOKEN.value);
        assert_int_equal(read(f->pipe[0], &byte, 1), 1);
        mio_source_arm(&f->source, MIO_READABLE);
    }
}

static void a_registry_outlives_its_poll_and_says_so(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    end_poll(f);
    assert_code(MIO_ECLOSED, enroll(f));
    assert_false(mio_source_is_registered(&f->source));
    assert_code(MIO_ECLOSED,
                mio_registry_reregister(f->registry, &f->source, TOKEN,
                                        MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ECLOSED, mio_waker_new_in(&waker, f->registry, TOKEN));
    assert_code(MIO_ENOENT, mio_registry_deregister(f->registry, &f->source));
}

static void a_source_of_a_registry_outlives_poll_and_registry(void **state)
{
    struct fixture *f = *state;
    assert_ok(enroll(f));
    end_poll(f);
    assert_code(MIO_ECLOSED,
                mio_registry_reregister(f->registry, &f->source, TOKEN,
                                        MIO_READABLE, MIO_EDGE));
    mio_registry_free(f->registry);
    f->registry = NULL;
    mio_source_arm(&f->source, MIO_READABLE);
    assert_true(mio_source_is_registered(&f->source));
    mio_source_deregister(&f->source); /* and the memory goes: LeakSanitizer */
    assert_false(mio_source_is_registered(&f->source));
}

static void a_source_is_deregistered_from_a_poll_that_is_gone(void **state)
{
    struct fixture *f = *state;
    assert_ok(enroll(f));
    end_poll(f);
    assert_ok(mio_registry_deregister(f->registry, &f->source));
    assert_code(MIO_ENOENT, mio_registry_deregister(f->registry, &f->source));
}

static void clones_are_counted(void **state)
{
    struct fixture *f = *state;
    struct mio_registry *clone = mio_registry_clone(f->registry);
    mio_registry_free(f->registry);
    f->registry = clone;
    assert_ok(enroll(f));
    mio_registry_free(NULL);
}

static void a_waker_of_the_registry_wakes_the_poll(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new_in(&waker, f->registry, TOKEN));
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(wait_one(f->poll, f->events).token.value, TOKEN.value);
    mio_waker_free(waker);
}

static void the_tokens_of_an_event_loop_stay_its_own(void **state)
{
    struct fixture *f = *state;
    struct mio_event_loop *loop;
    struct mio_waker *waker;
    assert_ok(mio_event_loop_new(&loop, NULL));
    struct mio_registry *registry = mio_event_loop_registry(loop);
    mio_token its_own = mio_token_of(MIO_EVENT_LOOP_TOKEN_MAX + 1);
    mio_token last = mio_token_of(MIO_EVENT_LOOP_TOKEN_MAX);
    assert_code(MIO_EINVAL, mio_registry_register(registry, &f->source, its_own,
                                                  MIO_READABLE, MIO_EDGE));
    assert_ok(mio_registry_register(registry, &f->source, last, MIO_READABLE,
                                    MIO_EDGE));
    assert_code(MIO_EINVAL,
                mio_registry_reregister(registry, &f->source, its_own,
                                        MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EINVAL, mio_waker_new_in(&waker, registry, its_own));
    assert_ok(mio_registry_deregister(registry, &f->source));
    mio_event_loop_free(loop);
    mio_registry_free(registry);
}

/* --- the end, while others are at it -------------------------------------- */

#define THREADS_COUNT 4
#define ROUNDS_COUNT 50

struct race {
    struct mio_registry *registry;
    uint32_t
        rounds_count; /* of all threads, so that the end finds them at it */
};

/* Register, arm, deregister in turn by each way there is, until the poll is
 * gone; at last with a source that stays registered beyond the end. */
static void *change_until_closed(void *arg)
{
    struct race *race = arg;
    int fds[2];
    int bad = pipe(fds);
    struct mio_source sources[2];
    mio_source_init(&sources[0], fds[0]);
    mio_source_init(&sources[1], fds[1]);
    (void)!mio_registry_register(race->registry, &sources[1], TOKEN,
                                 MIO_WRITABLE, MIO_ONESHOT);
    int rc = MIO_OK;
    for (uint32_t i = 0; rc != MIO_ECLOSED; i++) {
        rc = mio_registry_register(race->registry, &sources[0], TOKEN,
                                   MIO_READABLE, MIO_EDGE);
        bad |= rc != MIO_OK && rc != MIO_ECLOSED;
        mio_source_arm(&sources[0], MIO_READABLE);
        if (i % 2 == 0)
            mio_source_deregister(&sources[0]);
        else if (rc == MIO_OK)
            bad |= mio_registry_deregister(race->registry, &sources[0]);
        (void)__atomic_fetch_add(&race->rounds_count, 1, __ATOMIC_RELAXED);
    }
    mio_registry_free(race->registry);
    mio_source_deregister(&sources[1]);
    bad |= close(fds[0]) | close(fds[1]);
    return bad == 0 ? NULL : arg;
}

static void a_poll_may_be_freed_while_others_register(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS_COUNT; round++) {
        pthread_t threads[THREADS_COUNT];
        struct mio_poll *poll;
        assert_ok(mio_poll_new(&poll, NULL));
        struct race race = {.registry = mio_poll_registry(poll)};
        for (uint32_t i = 0; i < THREADS_COUNT; i++) {
            struct mio_registry *of_thread = mio_registry_clone(race.registry);
            assert_ptr_equal(of_thread, race.registry);
            assert_int_equal(
                pthread_create(&threads[i], NULL, change_until_closed, &race),
                0);
        }
        mio_registry_free(race.registry);
        while (__atomic_load_n(&race.rounds_count, __ATOMIC_RELAXED) <= round)
            (void)sched_yield();
        mio_poll_free(poll);
        for (uint32_t i = 0; i < THREADS_COUNT; i++) {
            void *complaint;
            assert_int_equal(pthread_join(threads[i], &complaint), 0);
            assert_null(complaint);
        }
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_registry_does_what_its_poll_does),
        TEST(sources_of_poll_and_registry_are_the_same),
        TEST(an_edge_is_armed_through_the_registration),
        TEST(a_registry_outlives_its_poll_and_says_so),
        TEST(a_source_of_a_registry_outlives_poll_and_registry),
        TEST(a_source_is_deregistered_from_a_poll_that_is_gone),
        TEST(clones_are_counted),
        TEST(a_waker_of_the_registry_wakes_the_poll),
        TEST(the_tokens_of_an_event_loop_stay_its_own),
        cmocka_unit_test(a_poll_may_be_freed_while_others_register),
    };
    return cmocka_run_group_tests_name("core/registry", tests, NULL, NULL);
}
