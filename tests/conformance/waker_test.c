/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/waker_test.c - the contracts of wakers. */
#include "core/waker.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/waiter.h"

static struct mio_waker *waker_of(struct loop *loop, mio_token token)
{
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, loop->poll, token));
    return waker;
}

static void *wake(void *waker)
{
    (void)mio_waker_wake(waker);
    return NULL;
}

/* 64 threads on one waker, at once: it is heard, as often as it takes. */
static void waker_is_send_and_sync(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker = waker_of(loop, A);
    pthread_t threads[64];
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        threads[i] = thread_start(wake, waker);
    (void)loop_hear(loop, A);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        thread_join(threads[i]);
    /* What came after that one is one more at most. */
    int count = wait_on(loop->poll, loop->events, 0);
    assert_true(count == 0 || count == 1);
    loop_silence(loop);
    mio_waker_free(waker);
}

static void waker_waker(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker = waker_of(loop, A);
    loop_silence(loop);
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(loop_hear(loop, A).readiness, MIO_READY_READABLE);
    loop_silence(loop);
    mio_waker_free(waker);
}

static void waker_waker_multiple_wakeups_same_thread(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker = waker_of(loop, A);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++)
            assert_ok(mio_waker_wake(waker));
        (void)loop_hear(loop, A);
        loop_silence(loop);
    }
    mio_waker_free(waker);
}

static void waker_waker_wakeup_different_thread(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker = waker_of(loop, A);
    struct waiter waiter;
    struct mio_event event;
    waiter_start(&waiter, loop);
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(waiter_join(&waiter), 1);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, A.value);
    loop_silence(loop);
    mio_waker_free(waker);
}

static void waker_waker_multiple_wakeups_different_thread(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker = waker_of(loop, A);
    pthread_t first = thread_start(wake, waker);
    (void)loop_hear(loop, A);
    thread_join(first);
    /* The first one was seen: this is a second. */
    pthread_t second = thread_start(wake, waker);
    (void)loop_hear(loop, A);
    thread_join(second);
    loop_silence(loop);
    mio_waker_free(waker);
}

/* Mio panics. Here each is told from the others, in the order of the wakes. */
static void waker_using_multiple_wakers_panics(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *wakers[3];
    struct mio_event event;
    for (uint64_t i = 0; i < 3; i++)
        wakers[i] = waker_of(loop, mio_token_of(i));
    assert_ok(mio_waker_wake(wakers[2]));
    assert_ok(mio_waker_wake(wakers[0]));
    assert_int_equal(wait_some(loop->poll, loop->events), 2);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, 2);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, 0);
    loop_silence(loop);
    assert_ok(mio_waker_wake(wakers[1]));
    (void)loop_hear(loop, mio_token_of(1));
    for (int i = 0; i < 3; i++)
        mio_waker_free(wakers[i]);
}

struct maker {
    struct loop *loop;
    struct mio_waker *waker;
    mio_token token;
    int rc;
};

static void *make_waker(void *arg)
{
    struct maker *self = arg;
    self->rc = mio_waker_new(&self->waker, self->loop->poll, self->token);
    if (self->rc == MIO_OK)
        self->rc = mio_waker_wake(self->waker);
    return NULL;
}

/* Two threads that know the poll make one each, while a third waits. */
static void
waker_using_multiple_wakers_panics_different_cloned_registries(void **state)
{
    struct loop *loop = *state;
    struct maker makers[2];
    pthread_t threads[2];
    uint64_t seen = 0;
    for (uint64_t i = 0; i < 2; i++) {
        makers[i] = (struct maker){.loop = loop, .token = mio_token_of(i + 1)};
        threads[i] = thread_start(make_waker, &makers[i]);
    }
    while (seen != 3) {
        struct mio_event event;
        (void)wait_some(loop->poll, loop->events);
        while (mio_events_next(loop->events, &event)) {
            assert_int_equal(seen & event.token.value, 0);
            seen |= event.token.value;
        }
    }
    for (int i = 0; i < 2; i++) {
        thread_join(threads[i]);
        assert_ok(makers[i].rc);
        mio_waker_free(makers[i].waker);
    }
    loop_silence(loop);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(waker_is_send_and_sync),
        CASE(waker_waker),
        CASE(waker_waker_multiple_wakeups_same_thread),
        CASE(waker_waker_wakeup_different_thread),
        CASE(waker_waker_multiple_wakeups_different_thread),
        CASE(waker_using_multiple_wakers_panics),
        CASE(waker_using_multiple_wakers_panics_different_cloned_registries),
    };
    return cmocka_run_group_tests_name("waker", cases, NULL, NULL);
}
