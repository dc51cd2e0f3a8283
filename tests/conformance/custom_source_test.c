/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/custom_source_test.c - readiness of the caller's making: a
 * descriptor of any kind, and wakers, which need none. */
#include <pthread.h>
#include <sys/eventfd.h>

#include "core/waker.h"
#include "tests/conformance/conformance.h"

#define WAKERS_COUNT 64

struct fixture {
    struct loop loop;
    struct mio_waker *wakers[WAKERS_COUNT]; /* of their index as token */
    uint32_t seen[WAKERS_COUNT];
};

#define CASE_WAKERS(function)                                                  \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){.seen = {0}};
    alarm(HANGS_S);
    loop_open(&f.loop);
    for (uint64_t i = 0; i < WAKERS_COUNT; i++)
        assert_ok(mio_waker_new(&f.wakers[i], f.loop.poll, mio_token_of(i)));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < WAKERS_COUNT; i++)
        mio_waker_free(f->wakers[i]);
    loop_close(&f->loop);
    alarm(0);
    return 0;
}

/* Count what one wait tells. */
static void hear_some(struct fixture *f, struct mio_events *events)
{
    struct mio_event event;
    (void)wait_some(f->loop.poll, events);
    while (mio_events_next(events, &event)) {
        assert_true(event.token.value < WAKERS_COUNT);
        assert_true(mio_event_is_readable(&event));
        f->seen[event.token.value]++;
    }
}

static void custom_source_fd(void **state)
{
    struct loop *loop = *state;
    struct mio_source source;
    uint64_t count = 1;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(fd >= 0);
    mio_source_init(&source, fd);
    assert_false(mio_source_is_registered(&source));
    assert_ok(
        mio_poll_register(loop->poll, &source, A, MIO_READABLE, MIO_LEVEL));
    assert_true(mio_source_is_registered(&source));
    loop_silence(loop);
    assert_int_equal(write(fd, &count, 8), 8);
    for (int i = 0; i < 2; i++)
        assert_true(loop_hear(loop, A).readiness & MIO_READY_READABLE);
    assert_int_equal(read(fd, &count, 8), 8);
    loop_silence(loop);
    assert_ok(
        mio_poll_reregister(loop->poll, &source, B, MIO_WRITABLE, MIO_LEVEL));
    assert_true(loop_hear(loop, B).readiness & MIO_READY_WRITABLE);
    assert_ok(mio_poll_deregister(loop->poll, &source));
    loop_silence(loop);
    assert_int_equal(write(fd, &count, 8), 8); /* it is not closed */
    close(fd);
}

static void custom_source_smoke(void **state)
{
    struct fixture *f = *state;
    loop_silence(&f->loop);
    assert_ok(mio_waker_wake(f->wakers[7]));
    assert_ok(mio_waker_wake(f->wakers[7]));
    struct mio_event event = loop_hear(&f->loop, mio_token_of(7));
    assert_int_equal(event.readiness, MIO_READY_READABLE);
    loop_silence(&f->loop);
}

static void custom_source_set_readiness_before_register(void **state)
{
    struct loop *loop = *state;
    struct mio_source source;
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    mio_source_init(&source, fd);
    loop_watch(loop, &source, A, MIO_READABLE);
    loop_hear(loop, A);
    assert_ok(mio_poll_deregister(loop->poll, &source));
    close(fd);
}

static void custom_source_stress_single_threaded(void **state)
{
    struct fixture *f = *state;
    struct sequence sequence = {.state = 1};
    struct mio_events *events;
    assert_ok(mio_events_new(&events, WAKERS_COUNT));
    for (int round = 0; round < 200; round++) {
        uint64_t woken = sequence_next(&sequence) | 1;
        memset(f->seen, 0, sizeof(f->seen));
        for (int i = 0; i < WAKERS_COUNT; i++)
            if (woken >> i & 1)
                assert_ok(mio_waker_wake(f->wakers[i]));
        hear_some(f, events);
        for (int i = 0; i < WAKERS_COUNT; i++)
            assert_int_equal(f->seen[i], woken >> i & 1);
        loop_silence(&f->loop);
    }
    mio_events_free(events);
}

static void custom_source_stress_with_small_events(void **state)
{
    struct fixture *f = *state;
    struct mio_events *events;
    assert_ok(mio_events_new(&events, 5));
    for (int i = 0; i < WAKERS_COUNT; i++)
        assert_ok(mio_waker_wake(f->wakers[i]));
    for (int waits = 0; waits < (WAKERS_COUNT + 4) / 5; waits++)
        hear_some(f, events);
    for (int i = 0; i < WAKERS_COUNT; i++)
        assert_int_equal(f->seen[i], 1);
    loop_silence(&f->loop);
    mio_events_free(events);
}

/* Each thread counts up, and wakes after each step. */
struct stepper {
    struct mio_waker *waker;
    uint32_t steps_count; /* atomic */
    pthread_t thread;
};

#define STEPS_COUNT 2000

static void *step(void *arg)
{
    struct stepper *self = arg;
    for (int i = 0; i < STEPS_COUNT; i++) {
        (void)__atomic_fetch_add(&self->steps_count, 1, __ATOMIC_RELAXED);
        assert_ok(mio_waker_wake(self->waker));
    }
    return NULL;
}

static void custom_source_stress_multi_threaded(void **state)
{
    struct fixture *f = *state;
    struct stepper steppers[4];
    struct mio_event event;
    int left = COUNT_OF(steppers);
    for (size_t i = 0; i < COUNT_OF(steppers); i++) {
        steppers[i] = (struct stepper){.waker = f->wakers[i]};
        assert_int_equal(
            pthread_create(&steppers[i].thread, NULL, step, &steppers[i]), 0);
    }
    /* After each one's last step there is an event, which sees it. */
    while (left > 0) {
        (void)wait_some(f->loop.poll, f->loop.events);
        while (mio_events_next(f->loop.events, &event)) {
            struct stepper *stepper = &steppers[event.token.value];
            uint32_t steps =
                __atomic_load_n(&stepper->steps_count, __ATOMIC_RELAXED);
            if (steps == STEPS_COUNT && f->seen[event.token.value]++ == 0)
                left--;
        }
    }
    for (size_t i = 0; i < COUNT_OF(steppers); i++)
        pthread_join(steppers[i].thread, NULL);
}

static void *wake_and_free(void *arg)
{
    assert_ok(mio_waker_wake(arg));
    mio_waker_free(arg);
    return NULL;
}

static void custom_source_dropped_by_another_thread(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(
            pthread_create(&thread, NULL, wake_and_free, f->wakers[i]), 0);
        pthread_join(thread, NULL);
        f->wakers[i] = NULL;
        loop_hear(&f->loop, mio_token_of((uint64_t)i));
        loop_silence(&f->loop);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(custom_source_fd),
        CASE_WAKERS(custom_source_smoke),
        CASE(custom_source_set_readiness_before_register),
        CASE_WAKERS(custom_source_stress_single_threaded),
        CASE_WAKERS(custom_source_stress_with_small_events),
        CASE_WAKERS(custom_source_stress_multi_threaded),
        CASE_WAKERS(custom_source_dropped_by_another_thread),
    };
    return cmocka_run_group_tests_name("custom_source", cases, NULL, NULL);
}
