/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/not_repeated_test.c - the faults that were found in Mio. */
#include "core/waker.h"
#include "net/unix_listener.h"
#include "net/unix_stream.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/pipe_pair.h"
#include "tests/conformance/tcp_case.h"
#include "tests/conformance/waiter.h"
#include "tests/net/unix.h"

struct restless {
    struct loop *loop;
    struct pair pair;
    int is_stopped;
    int failed;
};

static void *register_on_and_on(void *arg)
{
    struct restless *self = arg;
    while (!__atomic_load_n(&self->is_stopped, __ATOMIC_ACQUIRE)) {
        self->failed |=
            mio_poll_register(self->loop->poll, &self->pair.receiver.source, B,
                              MIO_READABLE, MIO_EDGE);
        self->failed |=
            mio_poll_deregister(self->loop->poll, &self->pair.receiver.source);
    }
    return NULL;
}

struct caller {
    struct mio_waker *waker;
    uint64_t heard_count; /* by who waits */
};

#define WAKES_COUNT 2000

static void *wake_after_each(void *arg)
{
    struct caller *self = arg;
    for (uint64_t i = 0; i < WAKES_COUNT; i++) {
        (void)mio_waker_wake(self->waker);
        while (__atomic_load_n(&self->heard_count, __ATOMIC_ACQUIRE) == i)
            sched_yield();
    }
    return NULL;
}

/* Mio's issue 1874: a registration ends a wait, and takes a wake along. */
static void not_repeated_register_swallows_no_wake(void **state)
{
    struct loop *loop = *state;
    struct restless restless = {.loop = loop};
    struct caller caller = {.waker = NULL};
    pair_open(&restless.pair, false);
    assert_ok(mio_waker_new(&caller.waker, loop->poll, A));
    pthread_t registering = thread_start(register_on_and_on, &restless);
    pthread_t waking = thread_start(wake_after_each, &caller);
    for (int i = 0; i < WAKES_COUNT; i++) {
        (void)loop_hear(loop, A);
        (void)__atomic_fetch_add(&caller.heard_count, 1, __ATOMIC_RELEASE);
    }
    thread_join(waking);
    __atomic_store_n(&restless.is_stopped, 1, __ATOMIC_RELEASE);
    thread_join(registering);
    assert_ok(restless.failed);
    loop_silence(loop);
    mio_waker_free(caller.waker);
    pair_close(&restless.pair);
}

/* Every operation that can block re-arms; none goes round it. */
static void not_repeated_every_accept_rearms(void **state)
{
    struct loop *loop = *state;
    struct mio_unix_listener listener;
    struct mio_address at = abstract_name("rearm");
    assert_ok(mio_unix_listener_open(&listener, &at, NULL));
    loop_watch(loop, &listener.source, A, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        struct mio_unix_stream client;
        struct mio_unix_stream server;
        assert_ok(mio_unix_stream_connect(&client, &at));
        (void)loop_hear(loop, A);
        assert_ok(mio_unix_listener_accept(&listener, &server, NULL));
        assert_int_equal(mio_unix_listener_accept(&listener, &server, NULL),
                         MIO_EAGAIN);
        loop_silence(loop);
        mio_unix_stream_close(&client);
        mio_unix_stream_close(&server);
    }
    mio_unix_listener_close(&listener);
}

/* What is ready, but was told or is masked, keeps nobody awake. */
static void not_repeated_for_ever_sleeps(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct waiter waiter;
    struct mio_waker *waker;
    struct mio_event event;
    assert_ok(mio_waker_new(&waker, loop->poll, B));
    loop_watch(loop, &self->tcp.client.source, A, MIO_WRITABLE);
    (void)loop_hear(loop, A);
    tcp_say(&self->tcp.server, "not asked for");
    waiter_start(&waiter, loop);
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(waiter_join(&waiter), 1);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, B.value);
    mio_waker_free(waker);
}

/* A wait that ends in an error leaves the poll as it found it. */
static void not_repeated_failed_wait_leaves_no_trace(void **state)
{
    struct loop *loop = *state;
    struct pair pair;
    pair_open(&pair, false);
    pair_watch(loop, &pair, A, MIO_EDGE);
    for (int i = 0; i < 2; i++) {
        assert_code(MIO_EINTR, wait_interrupted(loop, 0));
        assert_int_equal(mio_poll_wait(loop->poll, loop->events, MIO_NS_PER_MS),
                         0);
    }
    pair_fill(&pair);
    (void)loop_hear(loop, A);
    pair_close(&pair);
}

/* Two threads that begin each round in the same moment, as near as can be. */
struct rivals {
    struct loop *loops[2];
    struct mio_source *source;
    uint32_t round; /* that may begin */
    int there_rc;
    uint32_t there_ready; /* the round that it waits for, on a processor */
    uint32_t there_round; /* that is over */
};

#define ROUNDS_COUNT 5000

static void await_round(const uint32_t *round, uint32_t awaited)
{
    for (uint32_t i = 0; __atomic_load_n(round, __ATOMIC_ACQUIRE) != awaited;
         i++)
        if (i % 1024 == 1023)
            sched_yield();
}

/* As long as the other thread takes to see that the round began, or so: in
 * some of the rounds the two meet. Where there is but one processor for them
 * they cannot, and take turns in being first. */
static void hesitate(struct sequence *sequence)
{
    uint64_t steps = sequence_next(sequence) % 256;
    if (steps % 8 == 0)
        sched_yield();
    for (volatile uint64_t i = 0; i < steps; i++)
        ;
}

static int register_here(struct rivals *self, int index)
{
    return mio_poll_register(self->loops[index]->poll, self->source, A,
                             MIO_READABLE, MIO_EDGE);
}

static void *register_there(void *arg)
{
    struct rivals *self = arg;
    for (uint32_t round = 1; round <= ROUNDS_COUNT; round++) {
        __atomic_store_n(&self->there_ready, round, __ATOMIC_RELEASE);
        await_round(&self->round, round);
        self->there_rc = register_here(self, 1);
        __atomic_store_n(&self->there_round, round, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* Two threads, two polls, one source: one of them gets it. What they answered
 * is looked at when both are done. */
static void not_repeated_one_poll_at_a_time(void **state)
{
    struct loop there;
    struct pair pair;
    struct rivals rivals = {.loops = {*state, &there}};
    struct sequence sequence = {1};
    uint32_t both_count = 0;
    uint32_t none_count = 0;
    loop_open(&there);
    pair_open(&pair, true);
    rivals.source = &pair.receiver.source;
    pthread_t thread = thread_start(register_there, &rivals);
    for (uint32_t round = 1; round <= ROUNDS_COUNT; round++) {
        await_round(&rivals.there_ready, round);
        __atomic_store_n(&rivals.round, round, __ATOMIC_RELEASE);
        hesitate(&sequence);
        int rc = register_here(&rivals, 0);
        await_round(&rivals.there_round, round);
        both_count += rc == MIO_OK && rivals.there_rc == MIO_OK;
        none_count += rc != MIO_OK && rivals.there_rc != MIO_OK;
        mio_source_deregister(rivals.source);
    }
    thread_join(thread);
    assert_int_equal(both_count, 0);
    assert_int_equal(none_count, 0);
    loop_silence(*state);
    loop_silence(&there);
    pair_close(&pair);
    loop_close(&there);
}

static void not_repeated_wake_survives_its_waker(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, loop->poll, A));
    assert_ok(mio_waker_wake(waker));
    mio_waker_free(waker);
    (void)loop_hear(loop, A);
    loop_silence(loop);
}

/* Volatile: the compiler believes that malloc reads no variable of ours. */
static volatile uint32_t is_counting;
static volatile uint32_t allocations_count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations_count += is_counting;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations_count += is_counting;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    allocations_count += is_counting;
    return __real_realloc(memory, size);
}

static void not_repeated_no_allocation(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker;
    struct pair pair;
    void *volatile seen;
    pair_open(&pair, true);
    struct mio_source *source = &pair.receiver.source;
    assert_ok(mio_waker_new(&waker, loop->poll, B));

    is_counting = 1;
    seen = malloc(1);
    assert_int_equal(allocations_count, 1); /* it can count */
    allocations_count = 0;
    for (int i = 0; i < 100; i++) {
        loop_watch(loop, source, A, MIO_READABLE);
        assert_ok(mio_waker_wake(waker));
        assert_int_equal(wait_some(loop->poll, loop->events), 2);
        assert_ok(mio_poll_reregister(loop->poll, source, A, MIO_READABLE,
                                      MIO_ONESHOT));
        (void)loop_hear(loop, A);
        assert_ok(mio_poll_deregister(loop->poll, source));
    }
    is_counting = 0;
    assert_int_equal(allocations_count, 0);
    free(seen);
    mio_waker_free(waker);
    pair_close(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(not_repeated_register_swallows_no_wake),
        CASE(not_repeated_every_accept_rearms),
        CASE_TCP(not_repeated_for_ever_sleeps),
        CASE(not_repeated_failed_wait_leaves_no_trace),
        CASE(not_repeated_one_poll_at_a_time),
        CASE(not_repeated_wake_survives_its_waker),
        CASE(not_repeated_no_allocation),
    };
    return cmocka_run_group_tests_name("not_repeated", cases, NULL, NULL);
}
