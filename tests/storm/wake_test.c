/* SPDX-License-Identifier: MIT
 *
 * tests/storm/wake_test.c - 32 threads wake one poll at once, with wakers that
 * come and go, while it registers and deregisters: no wake is lost, and none
 * comes that was not given. */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "core/waker.h"
#include "net/pipe.h"
#include "tests/core/check.h"

#define THREADS_COUNT 32
#define ROUNDS_COUNT 150
#define WAKES_MAX 3 /* of one waker */
#define SOURCE mio_token_of(UINT64_MAX)

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
};

static int setup(void **state)
{
    static struct fixture fixture;
    assert_ok(mio_poll_new(&fixture.poll, NULL));
    assert_ok(mio_events_new(&fixture.events, 16));
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

/* --- wakers that come and go ---------------------------------------------- */

/* Each round has a waker of its own, and a token: thread and round. Only when
 * the poll has seen it does the thread go on: one wake lost, and all stands
 * still. */
struct waking {
    struct mio_poll *poll;
    uint64_t number;
    uint64_t written; /* plain: the wake itself must publish it */
    uint64_t seen;    /* atomic; the last round that was */
    uint32_t wakes[ROUNDS_COUNT + 1];
    int failed;
};

static int wake_one_round(struct waking *self, uint64_t round,
                          struct sequence *random)
{
    struct mio_waker *waker;
    int rc = mio_waker_new(&waker, self->poll,
                           mio_token_of(self->number << 32 | round));
    if (rc < 0)
        return rc;
    uint32_t wakes = (uint32_t)(sequence_next(random) % WAKES_MAX + 1);
    bool is_freed_early = sequence_next(random) % 2 == 0;
    self->wakes[round] = wakes;
    self->written = round;
    for (uint32_t i = 0; i < wakes && rc == MIO_OK; i++)
        rc = mio_waker_wake(waker);
    if (is_freed_early)
        mio_waker_free(waker);
    while (__atomic_load_n(&self->seen, __ATOMIC_ACQUIRE) != round)
        sched_yield();
    if (!is_freed_early)
        mio_waker_free(waker);
    return rc;
}

static void *wake_and_wait(void *arg)
{
    struct waking *self = arg;
    struct sequence random = {0x9e3779b9 + self->number};
    for (uint64_t round = 1; round <= ROUNDS_COUNT; round++) {
        int rc = wake_one_round(self, round, &random);
        if (rc < 0)
            self->failed = rc;
    }
    return NULL;
}

/* A source that is always ready comes and goes between the waits. */
struct visitor {
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    uint64_t events_count;
    uint64_t steps_count;
};

static void visit(struct fixture *f, struct visitor *self)
{
    struct mio_source *source = &self->sender.source;
    switch (self->steps_count++ % 3) {
    case 0:
        assert_ok(
            mio_poll_register(f->poll, source, SOURCE, MIO_WRITABLE, MIO_EDGE));
        break;
    case 1:
        assert_ok(mio_poll_reregister(f->poll, source, SOURCE, MIO_WRITABLE,
                                      MIO_ONESHOT));
        break;
    default:
        assert_ok(mio_poll_deregister(f->poll, source));
    }
}

/* Returns whether it is the first of its round. */
static bool take(struct waking *threads, mio_token token, uint32_t *events)
{
    uint64_t number = token.value >> 32;
    uint64_t round = token.value & UINT32_MAX;
    assert_true(number < THREADS_COUNT);
    struct waking *who = &threads[number];
    /* A later one of the same waker may come when the thread has gone on. */
    assert_true(round <= who->seen + 1 && round > 0);
    bool is_first = round == who->seen + 1;
    if (is_first)
        assert_int_equal(who->written, round);
    events[number * (ROUNDS_COUNT + 1) + round]++;
    return is_first;
}

static void wakers_come_and_go_and_no_wake_is_lost(void **state)
{
    struct fixture *f = *state;
    static struct waking threads[THREADS_COUNT];
    static uint32_t events[THREADS_COUNT * (ROUNDS_COUNT + 1)];
    struct visitor visitor = {.events_count = 0};
    pthread_t handles[THREADS_COUNT];
    assert_ok(mio_pipe_open(&visitor.sender, &visitor.receiver));
    for (uint64_t i = 0; i < THREADS_COUNT; i++) {
        threads[i] = (struct waking){.poll = f->poll, .number = i};
        assert_int_equal(
            pthread_create(&handles[i], NULL, wake_and_wait, &threads[i]), 0);
    }

    for (uint64_t total = 0; total < THREADS_COUNT * ROUNDS_COUNT;) {
        struct mio_event event;
        visit(f, &visitor);
        wait_some(f->poll, f->events);
        while (mio_events_next(f->events, &event)) {
            if (event.token.value == SOURCE.value) {
                visitor.events_count++;
                continue;
            }
            if (!take(threads, event.token, events))
                continue;
            total++;
            struct waking *who = &threads[event.token.value >> 32];
            __atomic_store_n(&who->seen, who->written, __ATOMIC_RELEASE);
        }
    }
    for (size_t i = 0; i < THREADS_COUNT; i++)
        pthread_join(handles[i], NULL);

    /* What is left are further wakes of the last rounds. */
    assert_true(visitor.events_count > 0);
    mio_pipe_sender_close(&visitor.sender);
    mio_pipe_receiver_close(&visitor.receiver);
    struct mio_event event;
    while (wait_on(f->poll, f->events, 0) > 0) {
        while (mio_events_next(f->events, &event))
            assert_false(take(threads, event.token, events));
    }
    for (size_t i = 0; i < THREADS_COUNT; i++) {
        assert_ok(threads[i].failed);
        for (size_t round = 1; round <= ROUNDS_COUNT; round++)
            assert_in_range(events[i * (ROUNDS_COUNT + 1) + round], 1,
                            threads[i].wakes[round]);
    }
}

/* --- all at once ---------------------------------------------------------- */

struct crowd {
    pthread_barrier_t barrier;
    struct mio_waker *shared;
    struct mio_waker *own[THREADS_COUNT];
    uint32_t next_number; /* atomic */
};

static void *wake_at_once(void *arg)
{
    struct crowd *self = arg;
    uint32_t number =
        __atomic_fetch_add(&self->next_number, 1, __ATOMIC_RELAXED);
    for (int round = 0; round < ROUNDS_COUNT; round++) {
        (void)pthread_barrier_wait(&self->barrier);
        (void)mio_waker_wake(self->shared);
        (void)mio_waker_wake(self->own[number]);
        (void)mio_waker_wake(self->shared);
        (void)pthread_barrier_wait(&self->barrier);
    }
    return NULL;
}

/* Nobody looks until all have woken: then each waker has one event. */
static void wakes_at_once_are_one_event_of_each_waker(void **state)
{
    struct fixture *f = *state;
    static struct crowd crowd;
    pthread_t threads[THREADS_COUNT];
    crowd = (struct crowd){.next_number = 0};
    (void)pthread_barrier_init(&crowd.barrier, NULL, THREADS_COUNT + 1);
    assert_ok(
        mio_waker_new(&crowd.shared, f->poll, mio_token_of(THREADS_COUNT)));
    for (uint64_t i = 0; i < THREADS_COUNT; i++) {
        assert_ok(mio_waker_new(&crowd.own[i], f->poll, mio_token_of(i)));
        assert_int_equal(
            pthread_create(&threads[i], NULL, wake_at_once, &crowd), 0);
    }
    for (int round = 0; round < ROUNDS_COUNT; round++) {
        (void)pthread_barrier_wait(&crowd.barrier);
        (void)pthread_barrier_wait(&crowd.barrier);
        uint32_t events[THREADS_COUNT + 1] = {0};
        struct mio_event event;
        for (int left = THREADS_COUNT + 1; left > 0;) {
            wait_some(f->poll, f->events);
            for (; mio_events_next(f->events, &event); left--)
                events[event.token.value]++;
        }
        for (size_t i = 0; i < COUNT_OF(events); i++)
            assert_int_equal(events[i], 1);
        wait_silence(f->poll, f->events);
    }
    for (size_t i = 0; i < THREADS_COUNT; i++) {
        pthread_join(threads[i], NULL);
        mio_waker_free(crowd.own[i]);
    }
    mio_waker_free(crowd.shared);
    (void)pthread_barrier_destroy(&crowd.barrier);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(wakers_come_and_go_and_no_wake_is_lost),
        TEST(wakes_at_once_are_one_event_of_each_waker),
    };
    return cmocka_run_group_tests_name("storm/wake", tests, NULL, NULL);
}
