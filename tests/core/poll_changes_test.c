/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_changes_test.c - the selector on poll(2): what other threads
 * change while one is in the call, or comes to it, or leaves it. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/sys/selector.h"
#include "core/waker.h"
#include "tests/core/poll_fixture.h"

/* --- changes while another thread is in the call -------------------------- */

static void *arm_in_thread(void *arg)
{
    struct fixture *f = arg;
    mio_source_arm(&f->ours, MIO_READABLE);
    return NULL;
}

static void arm_elsewhere(void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, arm_in_thread, arg), 0);
    pthread_join(thread, NULL);
}

static void what_is_armed_during_a_wait_is_reported_by_it(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_EDGE);
    say(f);
    assert_int_equal(next_readiness(f), R);
    calls.arg = f;
    calls.before = arm_elsewhere;
    assert_int_equal(next_readiness(f), R);
}

static void a_change_does_not_begin_the_timeout_anew(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_EDGE);
    say(f);
    assert_int_equal(next_readiness(f), R);
    char byte;
    assert_int_equal(recv((int)f->ours.handle, &byte, 1, 0), 1);

    const int64_t timeout_ns = 3 * MIO_NS_PER_MS;
    int64_t begin = mio_clock_monotonic_ns();
    calls.count = 0;
    calls.arg = f;
    calls.before = arm_elsewhere;
    assert_int_equal(wait_on(f->poll, f->events, timeout_ns), 0);
    assert_true(mio_clock_monotonic_ns() - begin >= timeout_ns);
    /* A slow machine may find the time over after the change. The ring that
     * told of it is answered, and ends no second call. */
    assert_in_range(calls.count, 1, 2);
    assert_true(calls.count == 1 || calls.last_timeout_ns < timeout_ns);

    /* It is armed: this changes nothing, and ends no call. */
    calls.before = arm_elsewhere;
    calls.count = 0;
    assert_int_equal(wait_on(f->poll, f->events, timeout_ns), 0);
    assert_int_equal(calls.count, 1);
}

static void say_now(void *arg)
{
    say(arg);
}

static void the_longest_timeout_has_a_rest_too(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_EDGE);
    say(f);
    assert_int_equal(next_readiness(f), R);
    char byte;
    assert_int_equal(recv((int)f->ours.handle, &byte, 1, 0), 1);
    calls.arg = f;
    calls.before = arm_elsewhere;
    calls.after = say_now;
    assert_int_equal(wait_on(f->poll, f->events, INT64_MAX), 1);
}

/* The call has its answer, and nobody has looked at it yet. */
static void *ask_for_writable_in_thread(void *arg)
{
    struct fixture *f = arg;
    assert_ok(mio_poll_reregister(f->poll, &f->ours, B, BOTH, MIO_EDGE));
    return NULL;
}

static void ask_for_writable_elsewhere(void *arg)
{
    pthread_t thread;
    assert_int_equal(
        pthread_create(&thread, NULL, ask_for_writable_in_thread, arg), 0);
    pthread_join(thread, NULL);
}

static void an_answer_of_before_a_change_is_not_used(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_EDGE);
    say(f);
    calls.arg = f;
    calls.after = ask_for_writable_elsewhere;
    struct mio_event event = wait_one(f->poll, f->events);
    assert_int_equal(event.token.value, B.value);
    assert_int_equal(event.readiness, R | W);
    wait_silence(f->poll, f->events);
}

struct closing {
    struct fixture *f;
    struct mio_source source;
    pthread_t thread;
    uint32_t is_done; /* atomic */
};

static void *deregister_in_thread(void *arg)
{
    struct closing *self = arg;
    assert_ok(mio_poll_deregister(self->f->poll, &self->source));
    __atomic_store_n(&self->is_done, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void begin_deregister(void *arg)
{
    struct closing *self = arg;
    assert_int_equal(
        pthread_create(&self->thread, NULL, deregister_in_thread, self), 0);
}

/* The call came back because the other thread rang: it has had its say. */
static void check_not_done(void *arg)
{
    struct closing *self = arg;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(__atomic_load_n(&self->is_done, __ATOMIC_ACQUIRE), 0);
        sched_yield();
    }
}

/* Until then the kernel holds the file, and a close would not close it. */
static void deregister_returns_when_the_call_has_let_go(void **state)
{
    struct fixture *f = *state;
    struct closing closing = {.f = f};
    mio_source_init(&closing.source, dup(f->peer));
    assert_ok(
        mio_poll_register(f->poll, &closing.source, B, MIO_READABLE, MIO_EDGE));
    calls.arg = &closing;
    calls.before = begin_deregister;
    calls.after = check_not_done;
    assert_int_equal(wait_on(f->poll, f->events, 50 * MIO_NS_PER_MS), 0);
    pthread_join(closing.thread, NULL);
    assert_int_equal(closing.is_done, 1);
    close((int)closing.source.handle);
}

/* Two of them, and who waits is in its next call before they come to run. */
static struct leaving {
    struct fixture *f;
    struct closing closings[2];
    struct mio_waker *waker;
    uint32_t is_held;      /* atomic; how they wait is ours to say */
    uint32_t asleep_count; /* atomic */
    uint32_t is_next;      /* atomic; the next call is made */
} leaving;

static void begin_both(void *arg)
{
    struct leaving *self = arg;
    for (size_t i = 0; i < COUNT_OF(self->closings); i++)
        begin_deregister(&self->closings[i]);
    /* Woken for nothing, they sleep again. */
    uint32_t asleep_count = COUNT_OF(self->closings) * (1 + self->is_held);
    int64_t end_ns = mio_clock_monotonic_ns() + DEADLINE_NS;
    while (__atomic_load_n(&self->asleep_count, __ATOMIC_ACQUIRE) <
           asleep_count) {
        assert_true(mio_clock_monotonic_ns() < end_ns);
        sched_yield();
    }
}

static void await_both(void *arg)
{
    struct leaving *self = arg;
    int64_t end_ns = mio_clock_monotonic_ns() + DEADLINE_NS;
    __atomic_store_n(&self->is_next, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < COUNT_OF(self->closings); i++)
        while (!__atomic_load_n(&self->closings[i].is_done, __ATOMIC_ACQUIRE)) {
            assert_true(mio_clock_monotonic_ns() < end_ns);
            sched_yield();
        }
    assert_ok(mio_waker_wake(self->waker));
}

static void then_await_both(void *arg)
{
    (void)arg;
    calls.before = await_both;
}

static void leave_both(struct fixture *f, uint32_t is_held)
{
    leaving = (struct leaving){.f = f, .is_held = is_held};
    assert_ok(mio_waker_new(&leaving.waker, f->poll, A));
    for (size_t i = 0; i < COUNT_OF(leaving.closings); i++) {
        struct closing *closing = &leaving.closings[i];
        closing->f = f;
        mio_source_init(&closing->source, dup(f->peer));
        assert_ok(mio_poll_register(f->poll, &closing->source, B, MIO_READABLE,
                                    MIO_EDGE));
    }
    calls.arg = &leaving;
    calls.before = begin_both;
    calls.after = then_await_both;
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    for (size_t i = 0; i < COUNT_OF(leaving.closings); i++) {
        pthread_join(leaving.closings[i].thread, NULL);
        close((int)leaving.closings[i].source.handle);
    }
    mio_waker_free(leaving.waker);
    leaving.f = NULL;
}

static void all_that_deregister_are_let_go_at_once(void **state)
{
    leave_both(*state, 0);
}

static void who_deregisters_waits_for_one_call_only(void **state)
{
    leave_both(*state, 1);
}

/* Counts up, wakes, and waits until that count was seen: one lost wake and all
 * stands still. Meanwhile others change registrations as fast as they can. */
struct hammer {
    struct mio_poll *poll;
    struct mio_waker *waker;
    uint32_t rounds_count;
    uint32_t seen;    /* atomic */
    uint32_t is_over; /* atomic */
};

static void *wake_and_wait(void *arg)
{
    struct hammer *self = arg;
    for (uint32_t i = 1; i <= self->rounds_count; i++) {
        if (mio_waker_wake(self->waker) != MIO_OK)
            return self;
        while (__atomic_load_n(&self->seen, __ATOMIC_ACQUIRE) != i)
            sched_yield();
    }
    return NULL;
}

static void *register_all_the_time(void *arg)
{
    struct hammer *self = arg;
    struct mio_source source;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    mio_source_init(&source, ends[0]); /* never ready */
    while (!__atomic_load_n(&self->is_over, __ATOMIC_ACQUIRE)) {
        assert_ok(
            mio_poll_register(self->poll, &source, B, MIO_READABLE, MIO_EDGE));
        assert_ok(mio_poll_reregister(self->poll, &source, B, MIO_READABLE,
                                      MIO_LEVEL));
        assert_ok(mio_poll_deregister(self->poll, &source));
    }
    close(ends[0]);
    close(ends[1]);
    return NULL;
}

static void no_wake_is_lost_among_changes(void **state)
{
    struct fixture *f = *state;
    struct hammer hammer = {
        .poll = f->poll,
        .rounds_count = is_on_valgrind() ? 100 : 100000,
    };
    pthread_t waking;
    pthread_t changing[2];
    assert_ok(mio_waker_new(&hammer.waker, f->poll, A));
    assert_int_equal(pthread_create(&waking, NULL, wake_and_wait, &hammer), 0);
    for (size_t i = 0; i < COUNT_OF(changing); i++)
        assert_int_equal(
            pthread_create(&changing[i], NULL, register_all_the_time, &hammer),
            0);
    while (hammer.seen < hammer.rounds_count) {
        assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
        __atomic_store_n(&hammer.seen, hammer.seen + 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&hammer.is_over, 1, __ATOMIC_RELEASE);
    void *failed;
    pthread_join(waking, &failed);
    assert_null(failed);
    for (size_t i = 0; i < COUNT_OF(changing); i++)
        pthread_join(changing[i], NULL);
    mio_waker_free(hammer.waker);
    wait_silence(f->poll, f->events);
}

/* --- who waits goes first ------------------------------------------------- */

int __real_pthread_mutex_trylock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *lock);
int __real_pthread_mutex_lock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock);
int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);

/* A thread that changes something when another one, that waits, has come to the
 * lock and not got it. All are atomic. */
static struct door {
    pthread_t waiter;
    pthread_t changing;
    struct fixture *f;
    uint32_t is_watched; /* the rest is of use */
    uint32_t passes;     /* of the waiter, until then */
    uint32_t is_begun;   /* the other thread was started */
    uint32_t is_done;    /* it made its change */
    uint32_t stood_back_count;
    uint32_t came_back_count; /* it has the lock again */
    uint32_t is_second;       /* the waiter is at the door once more */
} door;

static uint32_t get(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static bool is_waiter(void)
{
    return get(&door.is_watched) && pthread_equal(pthread_self(), door.waiter);
}

static void *register_through_the_door(void *arg)
{
    struct fixture *f = arg;
    watch(f, MIO_WRITABLE, MIO_LEVEL);
    set(&door.is_done, 1);
    return NULL;
}

/* When it is time, as if somebody had the lock. */
int __wrap_pthread_mutex_trylock(pthread_mutex_t *lock)
{
    if (is_waiter() && !get(&door.is_begun)) {
        if (door.passes == 0)
            return EBUSY;
        door.passes--;
    }
    return __real_pthread_mutex_trylock(lock);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *lock)
{
    if (is_waiter() && !get(&door.is_begun)) {
        set(&door.is_begun, 1);
        assert_int_equal(pthread_create(&door.changing, NULL,
                                        register_through_the_door, door.f),
                         0);
        while (!get(&door.stood_back_count) && !get(&door.is_done))
            sched_yield();
    } else if (is_waiter()) {
        set(&door.is_second, 1);
    }
    return __real_pthread_mutex_lock(lock);
}

/* As it may, it comes back without a reason; the second time, not before the
 * next call is made. */
static int sleep_in_leaving(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    static _Thread_local uint32_t sleeps_count;
    (void)__atomic_fetch_add(&leaving.asleep_count, 1, __ATOMIC_ACQ_REL);
    if (!get(&leaving.is_held))
        return __real_pthread_cond_wait(cond, lock);
    pthread_mutex_unlock(lock);
    while (sleeps_count > 0 && !get(&leaving.is_next))
        sched_yield();
    sleeps_count++;
    return __real_pthread_mutex_lock(lock);
}

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    if (leaving.f != NULL)
        return sleep_in_leaving(cond, lock);
    if (!get(&door.is_watched) || is_waiter())
        return __real_pthread_cond_wait(cond, lock);
    set(&door.stood_back_count, door.stood_back_count + 1);
    int rc = __real_pthread_cond_wait(cond, lock);
    set(&door.came_back_count, door.came_back_count + 1);
    /* If need be, until the waiter has come a second time. */
    while (get(&door.is_watched) > 1 && !get(&door.is_second))
        sched_yield();
    return rc;
}

static void open_door(struct fixture *f, uint32_t how, uint32_t passes)
{
    door = (struct door){.waiter = pthread_self(), .f = f, .passes = passes};
    set(&door.is_watched, how);
}

static void close_door(void)
{
    pthread_join(door.changing, NULL);
    set(&door.is_watched, 0);
    assert_int_equal(door.is_done, 1);
    assert_int_equal(door.stood_back_count, 1);
}

/* Else threads that change places all the time keep a wait from beginning for
 * as long as they do, and another from ending. */
static void who_waits_gets_in_before_who_comes_later(void **state)
{
    struct fixture *f = *state;
    open_door(f, 1, 0);
    assert_int_equal(next_readiness(f), W);
    close_door();
}

static void who_waited_gets_out_before_who_comes_later(void **state)
{
    struct fixture *f = *state;
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, f->poll, A));
    assert_ok(mio_waker_wake(waker));
    open_door(f, 1, 1);
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    close_door();
    mio_waker_free(waker);
}

static void wait_until_it_came_back(void *arg)
{
    (void)arg;
    while (!get(&door.came_back_count))
        sched_yield();
}

static void who_stood_back_goes_before_the_next_wait(void **state)
{
    struct fixture *f = *state;
    open_door(f, 2, 0);
    calls.before = wait_until_it_came_back;
    /* The answer is nothing, and who waits comes for the lock again while the
     * other one has it. */
    assert_true(wait_on(f->poll, f->events, 1) >= 0);
    close_door();
    assert_int_equal(door.is_second, 1);
    assert_int_equal(next_readiness(f), W);
}

/* --- two that wait ----------------------------------------------------------
 */

/* White box: the poll sees most of them itself. */
struct second {
    struct mio_selector *selector;
    struct mio_batch *batch;
    int rc;
    int code;
};

static void wait_too(void *arg)
{
    struct second *self = arg;
    self->rc = self->selector->ops->wait(self->selector, self->batch, 1, 0);
    self->code = errno;
}

static void a_second_wait_is_refused_and_does_not_harm_the_first(void **state)
{
    (void)state;
    const struct mio_selector_options options = {.kind = MIO_SELECTOR_POLL,
                                                 .sources_max = 1};
    struct second second = {.rc = 0};
    assert_ok(mio_selector_new(&second.selector, &options));
    assert_ok(mio_batch_new(&second.batch, 1, NULL));
    calls.arg = &second;
    calls.before = wait_too;
    assert_int_equal(
        second.selector->ops->wait(second.selector, second.batch, 1, 0), 0);
    assert_int_equal(second.rc, -1);
    assert_int_equal(second.code, EBUSY);
    assert_int_equal(
        second.selector->ops->wait(second.selector, second.batch, 1, 0), 0);
    mio_batch_free(second.batch, 1, NULL);
    second.selector->ops->free(second.selector);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_armed_during_a_wait_is_reported_by_it),
        TEST(a_change_does_not_begin_the_timeout_anew),
        TEST(the_longest_timeout_has_a_rest_too),
        TEST(an_answer_of_before_a_change_is_not_used),
        TEST(deregister_returns_when_the_call_has_let_go),
        TEST(all_that_deregister_are_let_go_at_once),
        TEST(who_deregisters_waits_for_one_call_only),
        TEST(no_wake_is_lost_among_changes),
        TEST(who_waits_gets_in_before_who_comes_later),
        TEST(who_waited_gets_out_before_who_comes_later),
        TEST(who_stood_back_goes_before_the_next_wait),
        TEST(a_second_wait_is_refused_and_does_not_harm_the_first),
    };
    return cmocka_run_group_tests_name("core/sys, poll(2), changes", tests,
                                       NULL, NULL);
}
