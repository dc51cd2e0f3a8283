/* SPDX-License-Identifier: MIT
 *
 * tests/core/waker_test.c - wakes are seen, coalesce and survive. */
#include "core/waker.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/core/check.h"

#define A mio_token_of(1)
#define WAKERS_COUNT 32

/* How often somebody rang. */
static uint32_t writes_count;

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    (void)__atomic_fetch_add(&writes_count, 1, __ATOMIC_RELAXED);
    return __real_write(fd, bytes, size);
}

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
};

static int setup(void **state)
{
    static struct fixture fixture;
    assert_ok(mio_poll_new(&fixture.poll, NULL));
    assert_ok(mio_events_new(&fixture.events, 64));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_events_free(f->events);
    mio_poll_free(f->poll);
    return 0;
}

static void a_wake_is_one_readable_event(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, f->poll, A));
    wait_silence(f->poll, f->events);
    for (int round = 0; round < 3; round++) {
        assert_ok(mio_waker_wake(waker));
        struct mio_event event = wait_one(f->poll, f->events);
        assert_int_equal(event.token.value, A.value);
        assert_int_equal(event.readiness, MIO_READY_READABLE);
        wait_silence(f->poll, f->events);
    }
    mio_waker_free(waker);
}

static void wakes_that_were_not_seen_coalesce(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, f->poll, A));
    for (int i = 0; i < 1000; i++)
        assert_ok(mio_waker_wake(waker));
    wait_one(f->poll, f->events);
    wait_silence(f->poll, f->events);
    mio_waker_free(waker);
}

static void every_waker_has_its_own_event(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *wakers[3];
    for (uint64_t i = 0; i < COUNT_OF(wakers); i++) {
        assert_ok(mio_waker_new(&wakers[i], f->poll, mio_token_of(i)));
        assert_ok(mio_waker_wake(wakers[i]));
    }
    /* In the order of the wakes, and again after a rewind. */
    assert_int_equal(wait_some(f->poll, f->events), 3);
    for (int round = 0; round < 2; round++) {
        struct mio_event event;
        for (uint64_t i = 0; i < COUNT_OF(wakers); i++) {
            assert_true(mio_events_next(f->events, &event));
            assert_int_equal(event.token.value, i);
        }
        assert_false(mio_events_next(f->events, &event));
        mio_events_rewind(f->events);
    }
    for (size_t i = 0; i < COUNT_OF(wakers); i++)
        mio_waker_free(wakers[i]);
}

static void of_many_wakes_the_first_rings(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *wakers[4];
    for (uint64_t i = 0; i < COUNT_OF(wakers); i++)
        assert_ok(mio_waker_new(&wakers[i], f->poll, mio_token_of(i)));
    uint32_t before = writes_count;
    for (size_t i = 0; i < COUNT_OF(wakers); i++) {
        assert_ok(mio_waker_wake(wakers[i]));
        assert_ok(mio_waker_wake(wakers[i]));
    }
    assert_int_equal(writes_count, before + 1);
    assert_int_equal(wait_some(f->poll, f->events), COUNT_OF(wakers));
    for (size_t i = 0; i < COUNT_OF(wakers); i++)
        mio_waker_free(wakers[i]);
}

static void a_wake_survives_its_waker(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, f->poll, A));
    assert_ok(mio_waker_wake(waker));
    mio_waker_free(waker);
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    wait_silence(f->poll, f->events);
}

static void a_waker_may_outlive_its_poll(void **state)
{
    (void)state;
    struct mio_poll *poll;
    struct mio_waker *woken;
    struct mio_waker *silent;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_waker_new(&woken, poll, A));
    assert_ok(mio_waker_new(&silent, poll, A));
    assert_ok(mio_waker_wake(woken));
    mio_poll_free(poll);
    for (int i = 0; i < 2; i++) {
        assert_code(MIO_ECLOSED, mio_waker_wake(woken));
        assert_code(MIO_ECLOSED, mio_waker_wake(silent));
    }
    mio_waker_free(woken);
    mio_waker_free(silent);
    mio_waker_free(NULL);
}

static void a_poll_may_end_with_wakes_of_freed_wakers(void **state)
{
    (void)state;
    struct mio_poll *poll;
    struct mio_waker *waker;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_waker_new(&waker, poll, A));
    assert_ok(mio_waker_wake(waker));
    mio_waker_free(waker);
    mio_poll_free(poll); /* the memory checkers see that nothing stays */
}

/* Wakes and a socket that is always ready share batches of every size. */
static void check_capacity(struct fixture *f, uint32_t capacity)
{
    struct mio_events *few;
    struct mio_waker *wakers[10];
    struct mio_source source;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    mio_source_init(&source, pair[0]);
    assert_ok(mio_poll_register(f->poll, &source, mio_token_of(99),
                                MIO_WRITABLE, MIO_LEVEL));
    assert_ok(mio_events_new(&few, capacity));
    for (uint64_t i = 0; i < COUNT_OF(wakers); i++) {
        assert_ok(mio_waker_new(&wakers[i], f->poll, mio_token_of(i)));
        assert_ok(mio_waker_wake(wakers[i]));
    }

    uint32_t seen = 0;
    bool is_source_seen = false;
    for (int waits = 0; seen != (1 << COUNT_OF(wakers)) - 1; waits++) {
        assert_true(waits < 50); /* neither starves the other */
        int expected = wait_some(f->poll, few);
        assert_true(expected <= (int)capacity);
        struct mio_event event;
        int taken = 0;
        for (; mio_events_next(few, &event); taken++) {
            if (event.token.value == 99) {
                is_source_seen = true;
                continue;
            }
            uint32_t bit = UINT32_C(1) << event.token.value;
            assert_false(seen & bit);
            seen |= bit;
        }
        assert_int_equal(taken, expected);
    }
    assert_true(is_source_seen);
    assert_ok(mio_poll_deregister(f->poll, &source));
    wait_silence(f->poll, few);

    for (size_t i = 0; i < COUNT_OF(wakers); i++)
        mio_waker_free(wakers[i]);
    mio_events_free(few);
    close(pair[0]);
    close(pair[1]);
}

static void wakes_never_exceed_the_capacity(void **state)
{
    for (uint32_t capacity = 1; capacity <= 12; capacity++)
        check_capacity(*state, capacity);
}

static struct mio_waker *handler_s_waker;

static void on_signal(int number)
{
    (void)number;
    (void)mio_waker_wake(handler_s_waker);
}

static void a_signal_handler_may_wake(void **state)
{
    struct fixture *f = *state;
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction before;
    assert_ok(mio_waker_new(&handler_s_waker, f->poll, A));
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1);
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    sigaction(SIGUSR1, &before, NULL);
    mio_waker_free(handler_s_waker);
}

static void *wake_once(void *arg)
{
    assert_ok(mio_waker_wake(arg));
    return NULL;
}

static void a_wake_ends_a_wait_in_another_thread(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, f->poll, A));
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, wake_once, waker), 0);
        assert_int_equal(wait_on(f->poll, f->events, MIO_FOREVER), 1);
        pthread_join(thread, NULL);
        wait_silence(f->poll, f->events);
    }
    mio_waker_free(waker);
}

/* Each thread counts up in a cell of its own, wakes, and waits until the poll
 * has seen that count. One lost wake and everything stands still. */
struct hammer {
    struct mio_waker *waker;
    uint64_t written;
    uint64_t seen; /* atomic */
    uint64_t rounds_count;
};

static void *hammer(void *arg)
{
    struct hammer *self = arg;
    for (uint64_t i = 1; i <= self->rounds_count; i++) {
        /* Plain: the wake itself must publish it. */
        self->written = i;
        if (mio_waker_wake(self->waker) != MIO_OK)
            return self;
        while (__atomic_load_n(&self->seen, __ATOMIC_ACQUIRE) != i)
            sched_yield();
    }
    return NULL;
}

static void wakes_from_many_threads_are_all_seen(void **state)
{
    struct fixture *f = *state;
    static struct hammer hammers[WAKERS_COUNT];
    pthread_t threads[WAKERS_COUNT];
    const uint64_t rounds_count = 500;
    for (uint64_t i = 0; i < WAKERS_COUNT; i++) {
        hammers[i] = (struct hammer){.rounds_count = rounds_count};
        assert_ok(mio_waker_new(&hammers[i].waker, f->poll, mio_token_of(i)));
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, &hammers[i]),
                         0);
    }

    uint64_t total = 0;
    while (total < WAKERS_COUNT * rounds_count) {
        struct mio_event event;
        assert_true(wait_on(f->poll, f->events, DEADLINE_NS) > 0);
        for (; mio_events_next(f->events, &event); total++) {
            struct hammer *who = &hammers[event.token.value];
            assert_int_equal(who->written, who->seen + 1);
            __atomic_store_n(&who->seen, who->written, __ATOMIC_RELEASE);
        }
    }
    for (int i = 0; i < WAKERS_COUNT; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        mio_waker_free(hammers[i].waker);
    }
    wait_silence(f->poll, f->events);
}

struct shared_hammer {
    struct mio_waker *waker;
    uint64_t written; /* atomic */
    uint64_t rounds_count;
};

static void *hammer_shared(void *arg)
{
    struct shared_hammer *self = arg;
    for (uint64_t i = 0; i < self->rounds_count; i++) {
        (void)__atomic_fetch_add(&self->written, 1, __ATOMIC_RELAXED);
        (void)mio_waker_wake(self->waker);
    }
    return NULL;
}

/* Nobody waits for the poll here, so most wakes meet one that is under way. */
static void the_last_of_many_wakes_is_seen(void **state)
{
    struct fixture *f = *state;
    struct shared_hammer shared = {.rounds_count = 5000};
    pthread_t threads[4];
    assert_ok(mio_waker_new(&shared.waker, f->poll, A));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, hammer_shared, &shared), 0);
    uint64_t seen = 0;
    while (seen < COUNT_OF(threads) * shared.rounds_count) {
        wait_one(f->poll, f->events);
        seen = __atomic_load_n(&shared.written, __ATOMIC_RELAXED);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    mio_waker_free(shared.waker);
}

static void *wake_until_closed(void *arg)
{
    while (mio_waker_wake(arg) == MIO_OK)
        ;
    mio_waker_free(arg);
    return NULL;
}

/* It looks at the wakes for a while, so that they are in full swing when it
 * ends. A wake that then came too late would stay for ever. */
static void a_poll_may_end_while_it_is_woken(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 100; round++) {
        struct mio_poll *poll;
        pthread_t threads[2];
        assert_ok(mio_poll_new(&poll, NULL));
        for (size_t i = 0; i < COUNT_OF(threads); i++) {
            struct mio_waker *waker;
            assert_ok(mio_waker_new(&waker, poll, A));
            assert_int_equal(
                pthread_create(&threads[i], NULL, wake_until_closed, waker), 0);
        }
        for (int i = 0; i < 50; i++)
            wait_some(poll, f->events);
        mio_poll_free(poll);
        for (size_t i = 0; i < COUNT_OF(threads); i++)
            pthread_join(threads[i], NULL);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_wake_is_one_readable_event),
        TEST(wakes_that_were_not_seen_coalesce),
        TEST(every_waker_has_its_own_event),
        TEST(of_many_wakes_the_first_rings),
        TEST(a_wake_survives_its_waker),
        TEST(a_waker_may_outlive_its_poll),
        TEST(a_poll_may_end_with_wakes_of_freed_wakers),
        TEST(wakes_never_exceed_the_capacity),
        TEST(a_signal_handler_may_wake),
        TEST(a_wake_ends_a_wait_in_another_thread),
        TEST(wakes_from_many_threads_are_all_seen),
        TEST(the_last_of_many_wakes_is_seen),
        TEST(a_poll_may_end_while_it_is_woken),
    };
    return cmocka_run_group_tests_name("core/waker", tests, NULL, NULL);
}
