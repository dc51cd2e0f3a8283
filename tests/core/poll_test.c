/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_test.c - registry, events and waiting, in one thread. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/poll.h"
#include "core/waker.h"
#include "tests/core/check.h"

#define A mio_token_of(0xa)
#define B mio_token_of(UINT64_MAX) /* no token is reserved */

/* A connected pair: bytes written to `peer` make `ours` readable. */
struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_source ours;
    int peer;
};

static int setup(void **state)
{
    static struct fixture fixture;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair),
                     0);
    assert_ok(mio_poll_new(&fixture.poll, NULL));
    assert_ok(mio_events_new(&fixture.events, 16));
    mio_source_init(&fixture.ours, pair[0]);
    fixture.peer = pair[1];
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_source_deregister(&f->ours);
    mio_events_free(f->events);
    mio_poll_free(f->poll);
    assert_int_equal(close((int)f->ours.handle), 0);
    assert_int_equal(close(f->peer), 0);
    return 0;
}

static void say(struct fixture *f, const char *bytes)
{
    assert_int_equal(write(f->peer, bytes, strlen(bytes)), strlen(bytes));
}

static void hear(struct fixture *f)
{
    char bytes[64];
    while (read((int)f->ours.handle, bytes, sizeof(bytes)) > 0)
        ;
    mio_source_arm(&f->ours, MIO_READABLE); /* a no-op where edges are real */
}

static bool is_on_poll(const struct fixture *f)
{
    return mio_poll_handle(f->poll) == MIO_HANDLE_NONE;
}

static void an_edge_is_reported_once(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    wait_silence(f->poll, f->events);

    say(f, "x");
    struct mio_event event = wait_one(f->poll, f->events);
    assert_int_equal(event.token.value, A.value);
    assert_int_equal(event.readiness, MIO_READY_READABLE);

    /* Not drained, yet silent: this is what edge-triggered means. */
    wait_silence(f->poll, f->events);
    hear(f);
    say(f, "y");
    wait_one(f->poll, f->events);
}

static void a_level_is_reported_at_each_wait(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_LEVEL));
    say(f, "x");
    wait_one(f->poll, f->events);
    wait_one(f->poll, f->events);
    hear(f);
    wait_silence(f->poll, f->events);
}

static void check_oneshot(struct fixture *f, uint32_t mode)
{
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, mode));
    say(f, "x");
    wait_one(f->poll, f->events);
    say(f, "y");
    wait_silence(f->poll, f->events);

    /* Re-armed, it reports the unread bytes again. */
    assert_ok(mio_poll_reregister(f->poll, &f->ours, B, MIO_READABLE, mode));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
    wait_silence(f->poll, f->events);
}

static void oneshot_is_silent_until_reregistered(void **state)
{
    check_oneshot(*state, MIO_ONESHOT);
}

static void oneshot_goes_with_level(void **state)
{
    check_oneshot(*state, MIO_LEVEL | MIO_ONESHOT);
}

static void only_what_was_asked_for_is_reported(void **state)
{
    struct fixture *f = *state;
    say(f, "x");
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_WRITABLE, MIO_EDGE));
    assert_int_equal(wait_one(f->poll, f->events).readiness,
                     MIO_READY_WRITABLE);
}

static void reregister_replaces_token_interest_and_mode(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, B, MIO_WRITABLE, MIO_LEVEL));
    for (int i = 0; i < 2; i++) {
        struct mio_event event = wait_one(f->poll, f->events);
        assert_int_equal(event.token.value, B.value);
        assert_int_equal(event.readiness, MIO_READY_WRITABLE);
    }
}

static void reregister_re_arms_the_edge(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    wait_one(f->poll, f->events);
    for (int i = 0; i < 3; i++) {
        wait_silence(f->poll, f->events);
        assert_ok(
            mio_poll_reregister(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
        wait_one(f->poll, f->events);
    }
}

static void deregister_silences_the_batch_that_is_handled(void **state)
{
    struct fixture *f = *state;
    struct mio_event event;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    assert_int_equal(wait_some(f->poll, f->events), 1);
    assert_ok(mio_poll_deregister(f->poll, &f->ours));
    assert_false(mio_events_next(f->events, &event));

    /* Nor does a new registration in the same slot inherit it. */
    assert_ok(mio_poll_register(f->poll, &f->ours, B, MIO_READABLE, MIO_EDGE));
    mio_events_rewind(f->events);
    assert_false(mio_events_next(f->events, &event));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
}

static void reregister_silences_the_batch_that_is_handled(void **state)
{
    struct fixture *f = *state;
    struct mio_event event;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    assert_int_equal(wait_some(f->poll, f->events), 1);
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, B, MIO_READABLE, MIO_EDGE));
    assert_false(mio_events_next(f->events, &event));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
}

static void
deregistered_and_registered_again_reports_what_is_unread(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    wait_one(f->poll, f->events);
    assert_ok(mio_poll_deregister(f->poll, &f->ours));
    assert_false(mio_source_is_registered(&f->ours));
    say(f, "y");
    wait_silence(f->poll, f->events);

    assert_ok(mio_poll_register(f->poll, &f->ours, B, MIO_READABLE, MIO_EDGE));
    assert_true(mio_source_is_registered(&f->ours));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
}

static void a_source_moves_to_another_poll(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *other;
    assert_ok(mio_poll_new(&other, NULL));
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    wait_one(f->poll, f->events);

    assert_ok(mio_poll_deregister(f->poll, &f->ours));
    assert_ok(mio_poll_register(other, &f->ours, B, MIO_READABLE, MIO_EDGE));
    assert_int_equal(wait_one(other, f->events).token.value, B.value);
    say(f, "y");
    wait_silence(f->poll, f->events);

    assert_ok(mio_poll_deregister(other, &f->ours));
    mio_poll_free(other);
}

static void a_second_registration_is_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *other;
    assert_ok(mio_poll_new(&other, NULL));
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EEXIST, mio_poll_register(f->poll, &f->ours, B,
                                              MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EEXIST,
                mio_poll_register(other, &f->ours, B, MIO_READABLE, MIO_EDGE));

    /* And the first one is unharmed. */
    say(f, "x");
    wait_silence(other, f->events);
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    mio_poll_free(other);
}

static void a_second_source_with_the_same_handle_is_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_source twin;
    mio_source_init(&twin, f->ours.handle);
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    assert_code(MIO_EEXIST,
                mio_poll_register(f->poll, &twin, B, MIO_READABLE, MIO_EDGE));
    assert_false(mio_source_is_registered(&twin));
    say(f, "x");
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
}

static void what_is_not_registered_here_is_not_there(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *other;
    assert_ok(mio_poll_new(&other, NULL));
    assert_code(MIO_ENOENT, mio_poll_reregister(f->poll, &f->ours, A,
                                                MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_poll_deregister(f->poll, &f->ours));

    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_poll_reregister(other, &f->ours, B,
                                                MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_poll_deregister(other, &f->ours));

    /* Not even if the other poll knows the handle, through another source. */
    struct mio_source twin;
    mio_source_init(&twin, f->ours.handle);
    assert_ok(mio_poll_register(other, &twin, A, MIO_READABLE, MIO_EDGE));
    assert_code(MIO_ENOENT, mio_poll_reregister(other, &f->ours, B,
                                                MIO_WRITABLE, MIO_EDGE));
    wait_silence(other, f->events);
    assert_ok(mio_poll_deregister(other, &twin));
    assert_ok(mio_poll_deregister(f->poll, &f->ours));
    assert_code(MIO_ENOENT, mio_poll_deregister(f->poll, &f->ours));
    mio_poll_free(other);
}

static void empty_and_unknown_interests_and_modes_are_refused(void **state)
{
    struct fixture *f = *state;
    const struct {
        uint32_t interest;
        uint32_t mode;
        int code;
    } cases[] = {
        {0, MIO_EDGE, MIO_EINVAL},
        {32, MIO_EDGE, MIO_EINVAL},
        {MIO_READABLE, 8, MIO_EINVAL},
        {MIO_AIO, MIO_EDGE, MIO_ENOTSUP},
        {MIO_READABLE | MIO_LIO, MIO_EDGE, MIO_ENOTSUP},
        {MIO_READABLE, MIO_EXCLUSIVE | MIO_ONESHOT, MIO_EINVAL},
        {MIO_PRIORITY, MIO_EXCLUSIVE, MIO_EINVAL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_code(cases[i].code,
                    mio_poll_register(f->poll, &f->ours, A, cases[i].interest,
                                      cases[i].mode));
        assert_false(mio_source_is_registered(&f->ours));
    }

    /* A refused change leaves the registration as it was, pending events too.
     */
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    say(f, "x");
    assert_int_equal(wait_some(f->poll, f->events), 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_code(cases[i].code,
                    mio_poll_reregister(f->poll, &f->ours, B, cases[i].interest,
                                        cases[i].mode));
    struct mio_event event;
    assert_true(mio_events_next(f->events, &event));
    assert_int_equal(event.token.value, A.value);
}

static void handles_that_cannot_be_watched_are_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_source source;
    mio_source_init(&source, MIO_HANDLE_NONE);
    assert_code(MIO_EBADF,
                mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_EDGE));

    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    mio_source_init(&source, file);
    assert_code(MIO_EPERM,
                mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_EDGE));
    close(file);

    mio_source_init(&source, mio_poll_handle(f->poll));
    assert_code(is_on_poll(f) ? MIO_EBADF : MIO_EINVAL,
                mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_EDGE));
    assert_false(mio_source_is_registered(&source));
}

static void a_closed_handle_can_still_be_deregistered(void **state)
{
    struct fixture *f = *state;
    struct mio_source source;
    mio_source_init(&source, dup(f->peer));
    assert_ok(mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_EDGE));
    close((int)source.handle);
    assert_code(MIO_EBADF, mio_poll_reregister(f->poll, &source, B,
                                               MIO_READABLE, MIO_EDGE));
    assert_ok(mio_poll_deregister(f->poll, &source));
    wait_silence(f->poll, f->events);
}

static void exclusive_sources_are_reregistered_too(void **state)
{
    struct fixture *f = *state;
    if (is_on_poll(f)) {
        assert_code(MIO_ENOTSUP,
                    mio_poll_register(f->poll, &f->ours, A, MIO_READABLE,
                                      MIO_EXCLUSIVE));
        return;
    }
    assert_ok(
        mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EXCLUSIVE));
    say(f, "x");
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, B, MIO_READABLE, MIO_EXCLUSIVE));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, A, MIO_READABLE, MIO_LEVEL));
    wait_one(f->poll, f->events);
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);

    /* What became exclusive is known to be. */
    assert_ok(mio_poll_deregister(f->poll, &f->ours));
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_LEVEL));
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, A, MIO_READABLE, MIO_EXCLUSIVE));
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, B, MIO_READABLE, MIO_LEVEL));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
}

/* The kernel refuses to watch an epoll exclusively, once it was taken out. */
static void what_cannot_become_exclusive_stays_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *inner;
    struct mio_source source;
    if (is_on_poll(f))
        skip(); /* it has neither */
    assert_ok(mio_poll_new(&inner, NULL));
    mio_source_init(&source, mio_poll_handle(inner));
    assert_ok(mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_LEVEL));
    assert_code(MIO_EINVAL, mio_poll_reregister(f->poll, &source, B,
                                                MIO_READABLE, MIO_EXCLUSIVE));
    assert_true(mio_source_is_registered(&source));

    /* Still watched, still by level, still under its token. */
    assert_ok(mio_poll_register(inner, &f->ours, B, MIO_READABLE, MIO_LEVEL));
    say(f, "x");
    for (int i = 0; i < 2; i++)
        assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    assert_ok(mio_poll_deregister(inner, &f->ours));
    assert_ok(mio_poll_deregister(f->poll, &source));
    mio_poll_free(inner);
}

static void a_full_table_says_so_and_recovers(void **state)
{
    struct fixture *f = *state;
    struct mio_poll_options options = {.sources_max = 2};
    struct mio_poll *poll;
    struct mio_source sources[3];
    assert_ok(mio_poll_new(&poll, &options));
    for (int i = 0; i < 3; i++)
        mio_source_init(&sources[i], dup(f->peer));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2; i++)
            assert_ok(mio_poll_register(poll, &sources[i], A, MIO_WRITABLE,
                                        MIO_EDGE));
        assert_code(MIO_ENOSPC, mio_poll_register(poll, &sources[2], A,
                                                  MIO_WRITABLE, MIO_EDGE));
        assert_false(mio_source_is_registered(&sources[2]));
        for (int i = 0; i < 2; i++)
            assert_ok(mio_poll_deregister(poll, &sources[i]));
    }
    /* A failed registration gives its slot back. */
    struct mio_source bad;
    mio_source_init(&bad, MIO_HANDLE_NONE);
    for (int i = 0; i < 3; i++)
        assert_code(MIO_EBADF,
                    mio_poll_register(poll, &bad, A, MIO_WRITABLE, MIO_EDGE));
    assert_ok(mio_poll_register(poll, &sources[0], A, MIO_WRITABLE, MIO_EDGE));
    assert_ok(mio_poll_deregister(poll, &sources[0]));
    for (int i = 0; i < 3; i++)
        close((int)sources[i].handle);
    mio_poll_free(poll);
}

static void silly_sizes_are_refused(void **state)
{
    (void)state;
    struct mio_poll_options options = {.sources_max = UINT32_MAX};
    struct mio_poll *poll = NULL;
    struct mio_events *events = NULL;
    assert_code(MIO_EINVAL, mio_poll_new(&poll, &options));
    assert_null(poll);
    assert_code(MIO_EINVAL, mio_events_new(&events, 0));
    assert_code(MIO_EINVAL, mio_events_new(&events, 65537));
    assert_null(events);
    mio_poll_free(NULL);
    mio_events_free(NULL);
}

static void capacity_bounds_each_batch_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct mio_source sources[10];
    struct mio_events *few;
    assert_ok(mio_events_new(&few, 3));
    assert_int_equal(mio_events_capacity(few), 3);
    for (uint64_t i = 0; i < COUNT_OF(sources); i++) {
        mio_source_init(&sources[i], dup(f->peer));
        assert_ok(mio_poll_register(f->poll, &sources[i], mio_token_of(i),
                                    MIO_WRITABLE, MIO_EDGE));
    }

    const int expected[] = {3, 3, 3, 1};
    uint32_t seen = 0;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        struct mio_event event;
        assert_int_equal(wait_on(f->poll, few, 0), expected[i]);
        while (mio_events_next(few, &event))
            seen |= UINT32_C(1) << event.token.value;
    }
    assert_int_equal(seen, (1 << COUNT_OF(sources)) - 1);
    wait_silence(f->poll, few);

    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        mio_source_deregister(&sources[i]);
        close((int)sources[i].handle);
    }
    mio_events_free(few);
}

static void a_batch_can_be_cleared_and_read_again(void **state)
{
    struct fixture *f = *state;
    struct mio_event event;
    assert_true(mio_events_is_empty(f->events));
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_WRITABLE, MIO_EDGE));
    wait_one(f->poll, f->events);
    assert_false(mio_events_is_empty(f->events));
    assert_false(mio_events_next(f->events, &event));
    mio_events_rewind(f->events);
    assert_true(mio_events_next(f->events, &event));
    assert_int_equal(event.token.value, A.value);
    mio_events_clear(f->events);
    assert_true(mio_events_is_empty(f->events));
    assert_false(mio_events_next(f->events, &event));
}

static void two_sources_may_share_a_token(void **state)
{
    struct fixture *f = *state;
    struct mio_source peer;
    struct mio_event event;
    mio_source_init(&peer, f->peer);
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_WRITABLE, MIO_EDGE));
    assert_ok(mio_poll_register(f->poll, &peer, A, MIO_WRITABLE, MIO_EDGE));
    assert_int_equal(wait_some(f->poll, f->events), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(mio_events_next(f->events, &event));
        assert_int_equal(event.token.value, A.value);
    }
    assert_ok(mio_poll_deregister(f->poll, &peer));
}

static void a_timeout_is_never_cut_short(void **state)
{
    struct fixture *f = *state;
    const int64_t timeouts_ns[] = {1, 999, 100 * MIO_NS_PER_US,
                                   1500 * MIO_NS_PER_US, 2 * MIO_NS_PER_MS};
    for (size_t i = 0; i < COUNT_OF(timeouts_ns); i++) {
        int64_t begin = mio_clock_monotonic_ns();
        assert_int_equal(wait_on(f->poll, f->events, timeouts_ns[i]), 0);
        assert_true(mio_clock_monotonic_ns() - begin >= timeouts_ns[i]);
    }
}

static void any_timeout_is_good_if_something_is_there(void **state)
{
    struct fixture *f = *state;
    const int64_t timeouts_ns[] = {INT64_MIN, -5, MIO_FOREVER, 0, 1, INT64_MAX};
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_WRITABLE, MIO_LEVEL));
    for (size_t i = 0; i < COUNT_OF(timeouts_ns); i++)
        assert_int_equal(wait_on(f->poll, f->events, timeouts_ns[i]), 1);
}

/* Wakes another poll after a while, long enough for a wait that is much too
 * short to show. */
static void *wake_later(void *arg)
{
    struct mio_poll *own;
    struct mio_events *events;
    assert_ok(mio_poll_new(&own, NULL));
    assert_ok(mio_events_new(&events, 1));
    (void)!wait_on(own, events, 5 * MIO_NS_PER_MS);
    assert_ok(mio_waker_wake(arg));
    mio_events_free(events);
    mio_poll_free(own);
    return NULL;
}

static void no_timeout_is_too_long(void **state)
{
    struct fixture *f = *state;
    /* For ever; then what does not fit the system's milliseconds (2^32 of them
     * would be 0), nor its seconds. */
    const int64_t timeouts_ns[] = {
        INT64_MIN,     -5,        MIO_FOREVER, MIO_NS_PER_MS << 32,
        INT64_MAX - 1, INT64_MAX,
    };
    struct mio_waker *waker;
    assert_ok(mio_waker_new(&waker, f->poll, A));
    for (size_t i = 0; i < COUNT_OF(timeouts_ns); i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, wake_later, waker), 0);
        assert_int_equal(wait_on(f->poll, f->events, timeouts_ns[i]), 1);
        pthread_join(thread, NULL);
    }
    mio_waker_free(waker);
}

static void the_poll_s_own_handle_can_be_watched(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *outer;
    struct mio_source inner;
    if (is_on_poll(f))
        return; /* it has none */
    assert_ok(mio_poll_new(&outer, NULL));
    mio_source_init(&inner, mio_poll_handle(f->poll));
    assert_ok(mio_poll_register(outer, &inner, B, MIO_READABLE, MIO_LEVEL));
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    wait_silence(outer, f->events);
    say(f, "x");
    assert_int_equal(wait_one(outer, f->events).token.value, B.value);
    assert_int_equal(wait_one(f->poll, f->events).token.value, A.value);
    wait_silence(outer, f->events);

    /* But two polls cannot watch each other. */
    struct mio_source ring;
    mio_source_init(&ring, mio_poll_handle(outer));
    assert_code(MIO_EINVAL,
                mio_poll_register(f->poll, &ring, A, MIO_READABLE, MIO_EDGE));
    assert_ok(mio_poll_deregister(outer, &inner));
    mio_poll_free(outer);
}

static void a_source_may_outlive_its_poll(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *poll;
    struct mio_source source;
    mio_source_init(&source, dup(f->peer));
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_poll_register(poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    assert_ok(mio_poll_register(poll, &source, A, MIO_READABLE, MIO_EDGE));
    mio_poll_free(poll);

    /* The memory checkers see that nothing dangles, nothing stays. */
    mio_source_arm(&f->ours, MIO_READABLE);
    mio_source_deregister(&f->ours);
    assert_false(mio_source_is_registered(&f->ours));
    assert_ok(mio_poll_register(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    mio_source_deregister(&source);
    close((int)source.handle);
    say(f, "x");
    wait_one(f->poll, f->events);
}

static void the_last_source_of_a_poll_that_is_gone_may_go(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *poll;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_poll_register(poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    mio_poll_free(poll);
    /* The memory checkers see that the table was still there. */
    mio_source_arm(&f->ours, MIO_READABLE);
    mio_source_deregister(&f->ours);
    assert_false(mio_source_is_registered(&f->ours));
}

static void polls_leave_no_handles_behind(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit low = {.rlim_cur = 64, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int i = 0; i < 500; i++) {
        struct mio_poll *poll;
        struct mio_waker *waker;
        assert_ok(mio_poll_new(&poll, NULL));
        assert_ok(mio_waker_new(&waker, poll, A));
        assert_ok(mio_waker_wake(waker));
        mio_poll_free(poll);
        mio_waker_free(waker);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void without_handles_a_poll_is_not_made(void **state)
{
    struct fixture *f = *state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    /* Room for none, then for the selector but not for the doorbell. */
    int lowest = dup(f->peer);
    close(lowest);
    for (int room = 0; room < 2; room++) {
        struct rlimit low = {.rlim_cur = (rlim_t)(lowest + room),
                             .rlim_max = before.rlim_max};
        struct mio_poll *poll = NULL;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        int rc = mio_poll_new(&poll, NULL);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_code(MIO_EMFILE, rc);
        assert_null(poll);
    }
    int again = dup(f->peer);
    assert_int_equal(again, lowest); /* the half-made ones left nothing */
    close(again);
}

static void its_handles_are_not_inherited(void **state)
{
    struct fixture *f = *state;
    int next = dup(f->peer); /* above all that the poll has */
    int cloexec_count = 0;
    for (int fd = 3; fd < next; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC))
            cloexec_count++;
    }
    close(next);
    if (!is_on_poll(f))
        assert_true(fcntl((int)mio_poll_handle(f->poll), F_GETFD) & FD_CLOEXEC);
    assert_true(cloexec_count >= 2); /* the selector's, the doorbell */
}

static volatile sig_atomic_t signals_count;

static void on_signal(int number)
{
    (void)number;
    signals_count++;
}

struct interrupter {
    pthread_t whom;
    uint32_t is_done;
};

static void *interrupt(void *arg)
{
    struct interrupter *self = arg;
    /* One may come before the wait begins: again until it is over. */
    do {
        pthread_kill(self->whom, SIGUSR1);
        sched_yield();
    } while (!__atomic_load_n(&self->is_done, __ATOMIC_ACQUIRE));
    return NULL;
}

static void check_interrupted(struct fixture *f, int64_t timeout_ns)
{
    /* SA_RESTART: the wait must end all the same. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction before;
    sigaction(SIGUSR1, &action, &before);
    struct interrupter interrupter = {.whom = pthread_self()};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &interrupter), 0);
    int rc = mio_poll_wait(f->poll, f->events, timeout_ns);
    __atomic_store_n(&interrupter.is_done, 1, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    sigaction(SIGUSR1, &before, NULL);
    assert_code(MIO_EINTR, rc);
    assert_true(signals_count > 0);
    assert_true(mio_events_is_empty(f->events));
    /* The poll is as good as before. */
    wait_silence(f->poll, f->events);
}

static void a_signal_ends_the_wait(void **state)
{
    check_interrupted(*state, MIO_FOREVER);
    check_interrupted(*state, DEADLINE_NS);
    check_interrupted(*state, DEADLINE_NS + 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_edge_is_reported_once),
        TEST(a_level_is_reported_at_each_wait),
        TEST(oneshot_is_silent_until_reregistered),
        TEST(oneshot_goes_with_level),
        TEST(only_what_was_asked_for_is_reported),
        TEST(reregister_replaces_token_interest_and_mode),
        TEST(reregister_re_arms_the_edge),
        TEST(deregister_silences_the_batch_that_is_handled),
        TEST(reregister_silences_the_batch_that_is_handled),
        TEST(deregistered_and_registered_again_reports_what_is_unread),
        TEST(a_source_moves_to_another_poll),
        TEST(a_second_registration_is_refused),
        TEST(a_second_source_with_the_same_handle_is_refused),
        TEST(what_is_not_registered_here_is_not_there),
        TEST(empty_and_unknown_interests_and_modes_are_refused),
        TEST(handles_that_cannot_be_watched_are_refused),
        TEST(a_closed_handle_can_still_be_deregistered),
        TEST(exclusive_sources_are_reregistered_too),
        TEST(what_cannot_become_exclusive_stays_as_it_was),
        TEST(a_full_table_says_so_and_recovers),
        TEST(silly_sizes_are_refused),
        TEST(capacity_bounds_each_batch_and_loses_nothing),
        TEST(a_batch_can_be_cleared_and_read_again),
        TEST(two_sources_may_share_a_token),
        TEST(a_timeout_is_never_cut_short),
        TEST(any_timeout_is_good_if_something_is_there),
        TEST(no_timeout_is_too_long),
        TEST(the_poll_s_own_handle_can_be_watched),
        TEST(a_source_may_outlive_its_poll),
        TEST(the_last_source_of_a_poll_that_is_gone_may_go),
        TEST(polls_leave_no_handles_behind),
        TEST(without_handles_a_poll_is_not_made),
        TEST(its_handles_are_not_inherited),
        TEST(a_signal_ends_the_wait),
    };
    return cmocka_run_group_tests_name("core/poll", tests, NULL, NULL);
}
