/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_pieces_test.c - the selector on poll(2) when the system takes
 * fewer handles at once than are watched: the limit of open files was lowered
 * below them, or there is no memory. */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/sys/poll_call.h"
#include "core/waker.h"
#include "tests/core/poll_fixture.h"

/* With the doorbell and the bell, 25 entries: in pieces of 13, 6, 3, 1; and 16
 * of them in pieces of 8, 4, 2, 1. */
#define PIPES_COUNT 23
#define FEWER_COUNT 14
#define LOOK_NS MIO_NS_PER_MS

struct pipes {
    struct fixture *f;
    struct mio_source sources[PIPES_COUNT];
    int to_write[PIPES_COUNT];
    uint64_t count; /* of those that are registered */
    struct mio_waker *waker;
    struct mio_events *many;
    struct rlimit before;
};

static int setup_pipes(void **state)
{
    static struct pipes self;
    assert_int_equal(setup((void **)&self.f), 0);
    self.count = PIPES_COUNT;
    assert_ok(mio_waker_new(&self.waker, self.f->poll, B));
    assert_ok(mio_events_new(&self.many, PIPES_COUNT));
    for (uint64_t i = 0; i < PIPES_COUNT; i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        self.to_write[i] = ends[1];
        mio_source_init(&self.sources[i], ends[0]);
        assert_ok(mio_poll_register(self.f->poll, &self.sources[i],
                                    mio_token_of(100 + i), MIO_READABLE,
                                    MIO_EDGE));
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &self.before), 0);
    *state = &self;
    return 0;
}

static void set_limit(struct pipes *self, rlim_t handles_max)
{
    struct rlimit limit = self->before;
    limit.rlim_cur = handles_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static int teardown_pipes(void **state)
{
    struct pipes *self = *state;
    set_limit(self, self->before.rlim_cur);
    for (int i = 0; i < PIPES_COUNT; i++) {
        mio_source_deregister(&self->sources[i]);
        close((int)self->sources[i].handle);
        close(self->to_write[i]);
    }
    mio_events_free(self->many);
    mio_waker_free(self->waker);
    *state = self->f;
    return teardown(state);
}

/* From here on, only those below `count`. */
static void keep(struct pipes *self, uint64_t count)
{
    self->count = count;
    for (uint64_t i = count; i < PIPES_COUNT; i++)
        mio_source_deregister(&self->sources[i]);
}

static void put(struct pipes *self, uint64_t i)
{
    assert_int_equal(write(self->to_write[i], "x", 1), 1);
}

static void empty(struct pipes *self, uint64_t i)
{
    char byte;
    assert_int_equal(read((int)self->sources[i].handle, &byte, 1), 1);
    mio_source_arm(&self->sources[i], MIO_READABLE);
}

static uint64_t next_token(struct pipes *self)
{
    return wait_one(self->f->poll, self->f->events).token.value;
}

/* What a wait that is made as the last one was reports. */
static void each_is_reported(struct pipes *self)
{
    for (uint64_t i = 0; i < self->count; i++) {
        put(self, i);
        assert_int_equal(next_token(self), 100 + i);
        empty(self, i);
        wait_silence(self->f->poll, self->f->events);
    }
}

/* None is left out and none comes twice, wherever the pieces begin. */
static void all_are_reported(struct pipes *self)
{
    uint32_t seen = 0;
    struct mio_event event;
    for (uint64_t i = 0; i < self->count; i++)
        put(self, i);
    assert_int_equal(wait_on(self->f->poll, self->many, DEADLINE_NS),
                     self->count);
    while (mio_events_next(self->many, &event))
        seen |= UINT32_C(1) << (event.token.value - 100);
    assert_int_equal(seen, (1 << self->count) - 1);
    for (uint64_t i = 0; i < self->count; i++)
        empty(self, i);
}

static void a_wake_is_heard(struct pipes *self)
{
    assert_ok(mio_waker_wake(self->waker));
    assert_int_equal(next_token(self), B.value);
    wait_silence(self->f->poll, self->f->events);
}

static void any_limit_will_do(void **state)
{
    struct pipes *self = *state;
    const rlim_t limits[] = {1, 2, 3, 4, 6, 7, 11, 12, 13, 15, 24};
    for (size_t i = 0; i < 2 * COUNT_OF(limits); i++) {
        if (i == COUNT_OF(limits)) /* once more with fewer */
            keep(self, FEWER_COUNT);
        set_limit(self, limits[i % COUNT_OF(limits)]);
        each_is_reported(self);
        all_are_reported(self);
        a_wake_is_heard(self);
    }
    set_limit(self, self->before.rlim_cur);
    calls.count = 0;
    a_wake_is_heard(self);
    assert_int_equal(calls.count, 2); /* whole again */
}

static int not_more_than_eight(uint32_t entries_count)
{
    return entries_count > 8 ? ENOMEM : 0;
}

static void no_memory_is_too_many_at_once(void **state)
{
    struct pipes *self = *state;
    calls.refusal = not_more_than_eight;
    calls.count = 0;
    wait_silence(self->f->poll, self->f->events);
    assert_in_range(calls.count, 4, 8); /* it did not creep up to it */
    each_is_reported(self);
    all_are_reported(self);
    a_wake_is_heard(self);
}

/* --- the time of a wait --------------------------------------------------- */

static int64_t longest_ns;

static int see_timeouts(uint32_t entries_count)
{
    if (entries_count > 5)
        return EINVAL;
    /* None is for ever, or others would go unseen. */
    assert_in_range(calls.last_timeout_ns, 0, LOOK_NS);
    /* The bell and the doorbell are among those that are waited for. */
    assert_true(calls.last_timeout_ns == 0 || entries_count >= 2);
    if (calls.last_timeout_ns > longest_ns)
        longest_ns = calls.last_timeout_ns;
    return 0;
}

static void a_timeout_is_waited_for_to_its_end(void **state)
{
    struct pipes *self = *state;
    const int64_t timeout_ns = 3 * LOOK_NS + 1;
    calls.refusal = see_timeouts;
    longest_ns = 0;
    int64_t begin = mio_clock_monotonic_ns();
    assert_int_equal(wait_on(self->f->poll, self->many, timeout_ns), 0);
    assert_true(mio_clock_monotonic_ns() - begin >= timeout_ns);
    assert_int_equal(longest_ns, LOOK_NS); /* it slept, it did not spin */

    longest_ns = 0;
    assert_int_equal(wait_on(self->f->poll, self->many, 0), 0);
    assert_int_equal(longest_ns, 0);
}

/* It comes when that piece was looked at, and is seen at the next look. */
static int put_late(uint32_t entries_count)
{
    static bool is_done;
    int code = see_timeouts(entries_count);
    if (code == 0 && calls.last_timeout_ns > 0 && !is_done) {
        put(calls.arg, PIPES_COUNT - 1);
        is_done = true;
    }
    return code;
}

static void what_comes_while_it_waits_is_seen(void **state)
{
    struct pipes *self = *state;
    calls.arg = self;
    calls.refusal = put_late;
    assert_int_equal(wait_on(self->f->poll, self->many, MIO_FOREVER), 1);
    struct mio_event event;
    assert_true(mio_events_next(self->many, &event));
    assert_int_equal(event.token.value, 100 + PIPES_COUNT - 1);
}

/* A piece behind is ready: the front is looked at, and not waited for. */
static void what_is_ready_is_not_kept_waiting(void **state)
{
    struct pipes *self = *state;
    calls.refusal = see_timeouts;
    longest_ns = 0;
    put(self, PIPES_COUNT - 1);
    assert_int_equal(next_token(self), 100 + PIPES_COUNT - 1);
    assert_int_equal(longest_ns, 0);
}

static void *deregister_the_last(void *arg)
{
    struct pipes *self = arg;
    assert_ok(
        mio_poll_deregister(self->f->poll, &self->sources[PIPES_COUNT - 1]));
    assert_ok(mio_waker_wake(self->waker));
    return NULL;
}

static pthread_t changing;

static void begin_to_deregister(void *arg)
{
    assert_int_equal(pthread_create(&changing, NULL, deregister_the_last, arg),
                     0);
}

static void a_change_is_let_in(void **state)
{
    struct pipes *self = *state;
    calls.refusal = see_timeouts;
    calls.arg = self;
    calls.before = begin_to_deregister;
    assert_int_equal(next_token(self), B.value);
    pthread_join(changing, NULL);
    put(self, PIPES_COUNT - 1);
    wait_silence(self->f->poll, self->f->events);
}

/* --- what cannot be helped ------------------------------------------------ */

static int interrupted(uint32_t entries_count)
{
    return entries_count > 8 ? EINVAL : EINTR;
}

static void an_interruption_is_told(void **state)
{
    struct pipes *self = *state;
    put(self, 0);
    calls.refusal = interrupted;
    assert_code(MIO_EINTR, mio_poll_wait(self->f->poll, self->many, 0));
    calls.refusal = NULL;
    assert_int_equal(next_token(self), 100);
}

/* The sleep that then follows is interrupted: the code stays what it was. */
static int no_memory_at_all(uint32_t entries_count)
{
    return entries_count > 0 ? ENOMEM : EINTR;
}

/* A limit of 0, as the system answers it. (The tools that watch a program's
 * memory keep such a limit from the system.) */
static int no_limit_at_all(uint32_t entries_count)
{
    return entries_count > 0 ? EINVAL : 0;
}

/* Whoever does not look at the code must not spin. */
static void not_even_one_is_an_error_after_a_while(void **state)
{
    struct pipes *self = *state;
    put(self, 0);
    calls.refusal = no_limit_at_all;
    assert_code(MIO_EINVAL, wait_on(self->f->poll, self->many, MIO_FOREVER));
    assert_int_equal(calls.last_entries_count, 0);
    assert_int_equal(calls.last_timeout_ns, LOOK_NS);
    assert_code(MIO_EINVAL, wait_on(self->f->poll, self->many, 0));
    assert_int_equal(calls.last_timeout_ns, 0);
    assert_true(mio_events_is_empty(self->many));

    calls.refusal = no_memory_at_all;
    assert_code(MIO_ENOMEM, wait_on(self->f->poll, self->many, MIO_FOREVER));
    assert_int_equal(calls.last_timeout_ns, LOOK_NS);

    calls.refusal = NULL;
    assert_int_equal(next_token(self), 100);
}

/* White box: no poll has less than two. */
static void of_one_entry_there_is_no_half(void **state)
{
    struct pipes *self = *state;
    struct pollfd entry = {.fd = self->f->peer, .events = POLLOUT};
    assert_int_equal(mio_poll_call(&entry, 1, 0), 1);
    calls.refusal = no_memory_at_all;
    assert_int_equal(mio_poll_call(&entry, 1, 0), -1);
    assert_int_equal(errno, ENOMEM);
}

#define TEST(fn)                                                               \
    cmocka_unit_test_setup_teardown(fn, setup_pipes, teardown_pipes)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(any_limit_will_do),
        TEST(no_memory_is_too_many_at_once),
        TEST(a_timeout_is_waited_for_to_its_end),
        TEST(what_comes_while_it_waits_is_seen),
        TEST(what_is_ready_is_not_kept_waiting),
        TEST(a_change_is_let_in),
        TEST(an_interruption_is_told),
        TEST(not_even_one_is_an_error_after_a_while),
        TEST(of_one_entry_there_is_no_half),
    };
    return cmocka_run_group_tests_name("core/sys, poll(2), pieces", tests, NULL,
                                       NULL);
}
