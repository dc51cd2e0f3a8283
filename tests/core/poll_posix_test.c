/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_posix_test.c - the selector on poll(2): what it emulates, and
 * what it must not do. The call itself is wrapped: it is counted, its timeouts
 * are seen, and things are made to happen while it runs. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/poll.h"
#include "core/waker.h"
#include "tests/core/check.h"
#include "tests/storm/patient.h"

#define A mio_token_of(1)
#define B mio_token_of(2)
#define BOTH (MIO_READABLE | MIO_WRITABLE)

#define R MIO_READY_READABLE
#define W MIO_READY_WRITABLE
#define P MIO_READY_PRIORITY
#define E MIO_READY_ERROR
#define RC MIO_READY_READ_CLOSED
#define WC MIO_READY_WRITE_CLOSED

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_source ours; /* TCP: has everything, urgent bytes too */
    int peer;
};

/* --- the wrapped call ----------------------------------------------------- */

static uint32_t calls_count; /* written by who waits */
static int64_t last_timeout_ns;
static void (*before_next_call)(void *arg); /* runs once */
static void (*after_next_call)(void *arg);  /* runs once, after that one */
static void *calls_arg;

int __real_ppoll(struct pollfd *entries, nfds_t count,
                 const struct timespec *timeout, const sigset_t *mask);
int __wrap_ppoll(struct pollfd *entries, nfds_t count,
                 const struct timespec *timeout, const sigset_t *mask);

int __wrap_ppoll(struct pollfd *entries, nfds_t count,
                 const struct timespec *timeout, const sigset_t *mask)
{
    void (*before)(void *) = before_next_call;
    void (*after)(void *) = after_next_call;
    before_next_call = NULL;
    after_next_call = NULL;
    calls_count++;
    last_timeout_ns = timeout == NULL
                          ? -1
                          : timeout->tv_sec * MIO_NS_PER_S + timeout->tv_nsec;
    if (before != NULL)
        before(calls_arg);
    int rc = __real_ppoll(entries, count, timeout, mask);
    if (rc < 0 && errno == EINTR)
        calls_count--; /* it is made again */
    if (after != NULL)
        after(calls_arg);
    return rc;
}

/* Allocations are counted while this is set. Volatile: the compiler believes
 * that malloc reads no variable of ours. */
static volatile uint32_t is_counting;
static volatile uint32_t allocations_count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations_count = allocations_count + is_counting;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations_count = allocations_count + is_counting;
    return __real_calloc(count, size);
}

/* --- fixture -------------------------------------------------------------- */

static void connect_pair(int pair[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect_patiently(pair[0], (struct sockaddr *)&at, size),
                     0);
    pair[1] = PATIENTLY(accept(listener, NULL, NULL));
    assert_true(pair[1] >= 0);
    close(listener);
}

static int setup(void **state)
{
    static struct fixture f;
    struct mio_poll_options options = {.selector = MIO_SELECTOR_POLL};
    int pair[2];
    connect_pair(pair);
    assert_ok(mio_poll_new(&f.poll, &options));
    assert_ok(mio_events_new(&f.events, 16));
    mio_source_init(&f.ours, pair[0]);
    f.peer = pair[1];
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_source_deregister(&f->ours);
    mio_events_free(f->events);
    mio_poll_free(f->poll);
    close((int)f->ours.handle);
    close(f->peer);
    return 0;
}

static void watch(struct fixture *f, uint32_t interest, uint32_t mode)
{
    assert_ok(mio_poll_register(f->poll, &f->ours, A, interest, mode));
}

static void say(struct fixture *f)
{
    assert_int_equal(send(f->peer, "x", 1, 0), 1);
}

static uint32_t next_readiness(struct fixture *f)
{
    return wait_one(f->poll, f->events).readiness;
}

/* --- which selector ------------------------------------------------------- */

static bool is_poll(struct mio_poll *poll)
{
    return mio_poll_handle(poll) == MIO_HANDLE_NONE;
}

static void it_is_chosen_by_name_or_by_the_environment(void **state)
{
    (void)state;
    const struct {
        enum mio_selector_kind kind;
        const char *word;
        bool is_poll;
    } cases[] = {
        {MIO_SELECTOR_DEFAULT, NULL, false},
        {MIO_SELECTOR_DEFAULT, "", false},
        {MIO_SELECTOR_DEFAULT, "poll", true},
        {MIO_SELECTOR_DEFAULT, "epoll", false},
        {MIO_SELECTOR_EPOLL, "poll", false},
        {MIO_SELECTOR_POLL, "epoll", true},
        {MIO_SELECTOR_POLL, "kqueue", true},
    };
    struct mio_poll *poll = NULL;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_poll_options options = {.selector = cases[i].kind};
        unsetenv("MIO_SELECTOR");
        if (cases[i].word != NULL)
            setenv("MIO_SELECTOR", cases[i].word, 1);
        assert_ok(mio_poll_new(&poll, &options));
        assert_int_equal(is_poll(poll), cases[i].is_poll);
        mio_poll_free(poll);
    }

    poll = NULL;
    setenv("MIO_SELECTOR", "kqueue", 1);
    assert_code(MIO_EINVAL, mio_poll_new(&poll, NULL));
    unsetenv("MIO_SELECTOR");
    struct mio_poll_options options = {.selector = (enum mio_selector_kind)9};
    assert_code(MIO_EINVAL, mio_poll_new(&poll, &options));
    assert_null(poll);
}

/* --- modes ---------------------------------------------------------------- */

static void an_edge_is_silent_until_it_is_armed(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_EDGE);
    say(f);
    assert_int_equal(next_readiness(f), R);
    say(f);
    wait_silence(f->poll, f->events);
    mio_source_arm(&f->ours, MIO_READABLE);
    assert_int_equal(next_readiness(f), R);
    wait_silence(f->poll, f->events);
}

/* Mio re-arms all that was asked for: each read that would block then makes a
 * writable event for nothing. */
static void one_direction_is_armed_and_no_other(void **state)
{
    struct fixture *f = *state;
    watch(f, BOTH, MIO_EDGE);
    say(f);
    assert_int_equal(next_readiness(f), R | W);
    wait_silence(f->poll, f->events);
    for (int i = 0; i < 3; i++) {
        mio_source_arm(&f->ours, MIO_READABLE);
        assert_int_equal(next_readiness(f), R);
        wait_silence(f->poll, f->events);
        mio_source_arm(&f->ours, MIO_WRITABLE);
        assert_int_equal(next_readiness(f), W);
        wait_silence(f->poll, f->events);
    }
    mio_source_arm(&f->ours, BOTH);
    assert_int_equal(next_readiness(f), R | W);
}

static void only_what_was_asked_for_can_be_armed(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_EDGE);
    mio_source_arm(&f->ours, BOTH);
    wait_silence(f->poll, f->events);
}

static void arming_does_nothing_to_oneshot_and_level(void **state)
{
    struct fixture *f = *state;
    watch(f, MIO_READABLE, MIO_ONESHOT);
    say(f);
    assert_int_equal(next_readiness(f), R);
    mio_source_arm(&f->ours, MIO_READABLE);
    wait_silence(f->poll, f->events);

    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, B, MIO_WRITABLE, MIO_LEVEL));
    mio_source_arm(&f->ours, MIO_READABLE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(next_readiness(f), W);
}

static void urgent_bytes_are_told_and_armed_with_reading(void **state)
{
    struct fixture *f = *state;
    char byte;
    watch(f, MIO_READABLE | MIO_PRIORITY, MIO_EDGE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send(f->peer, "!", 1, MSG_OOB), 1);
        assert_true(next_readiness(f) & P);
        wait_silence(f->poll, f->events);
        assert_int_equal(recv((int)f->ours.handle, &byte, 1, MSG_OOB), 1);
        assert_int_equal(recv((int)f->ours.handle, &byte, 1, MSG_DONTWAIT), -1);
        mio_source_arm(&f->ours, MIO_READABLE);
        wait_silence(f->poll, f->events);
    }
}

/* --- ends and errors ------------------------------------------------------ */

static void a_half_close_is_told_to_who_has_not_read_yet(void **state)
{
    struct fixture *f = *state;
    watch(f, BOTH, MIO_EDGE);
    say(f);
    assert_int_equal(next_readiness(f), R | W);
    assert_int_equal(shutdown(f->peer, SHUT_WR), 0);
    assert_int_equal(next_readiness(f), R | RC);
    wait_silence(f->poll, f->events);
}

static void a_hang_up_is_told_once_for_each_time_that_it_is_armed(void **state)
{
    struct fixture *f = *state;
    watch(f, BOTH, MIO_EDGE);
    assert_int_equal(next_readiness(f), W);
    struct linger reset = {.l_onoff = 1};
    setsockopt(f->peer, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    assert_int_equal(shutdown(f->peer, SHUT_RDWR), 0);
    assert_int_equal(shutdown((int)f->ours.handle, SHUT_WR), 0);
    uint32_t told = next_readiness(f);
    assert_int_equal(told & (R | RC | WC), R | RC | WC);
    wait_silence(f->poll, f->events);
    mio_source_arm(&f->ours, MIO_READABLE);
    assert_true(next_readiness(f) & RC);
    wait_silence(f->poll, f->events);
}

/* A datagram to a port that nobody has comes back as an error; the socket is
 * as good as ever. Who does not look at errors, but reads and writes as told,
 * must not go deaf. */
static void an_error_is_told_to_who_reads_and_who_writes(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int gone = socket(AF_INET, SOCK_DGRAM, 0);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(gone, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(gone, (struct sockaddr *)&at, &size), 0);
    assert_int_equal(connect_patiently(fd, (struct sockaddr *)&at, size), 0);
    struct mio_source source;
    mio_source_init(&source, fd);
    assert_ok(mio_poll_register(f->poll, &source, B, MIO_READABLE, MIO_EDGE));
    wait_silence(f->poll, f->events);

    close(gone);
    assert_int_equal(send(fd, "x", 1, 0), 1);
    uint32_t told = next_readiness(f);
    assert_int_equal(told & (E | R), E | R);
    wait_silence(f->poll, f->events);

    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), -1); /* takes the error */
    assert_int_equal(recv(fd, &byte, 1, 0), -1); /* would block */
    mio_source_arm(&source, MIO_READABLE);
    wait_silence(f->poll, f->events);
    assert_ok(mio_poll_deregister(f->poll, &source));
    close(fd);
}

static void a_closed_handle_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct mio_source source;
    struct mio_waker *waker;
    mio_source_init(&source, dup(f->peer));
    assert_ok(mio_waker_new(&waker, f->poll, B));
    assert_ok(mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_LEVEL));
    close((int)source.handle);
    calls_count = 0;
    assert_int_equal(wait_on(f->poll, f->events, MIO_NS_PER_MS), 0);
    assert_in_range(calls_count, 1, 2); /* it did not spin */
    calls_count = 0;
    wait_silence(f->poll, f->events);
    assert_int_equal(calls_count, 1);

    /* The number may come back as another file while the old source is there.
     */
    struct mio_source other;
    mio_source_init(&other, dup(f->peer));
    assert_int_equal(other.handle, source.handle);
    assert_ok(mio_poll_register(f->poll, &other, B, MIO_WRITABLE, MIO_LEVEL));
    assert_code(MIO_ENOENT, mio_poll_reregister(f->poll, &source, A,
                                                MIO_WRITABLE, MIO_LEVEL));
    assert_ok(mio_poll_deregister(f->poll, &source));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
    assert_ok(mio_poll_deregister(f->poll, &other));
    close((int)other.handle);
    mio_waker_free(waker);
}

/* --- batches -------------------------------------------------------------- */

static void a_small_batch_starves_nobody(void **state)
{
    struct fixture *f = *state;
    struct mio_source sources[5];
    struct mio_events *one;
    uint32_t seen = 0;
    assert_ok(mio_events_new(&one, 1));
    for (uint64_t i = 0; i < COUNT_OF(sources); i++) {
        mio_source_init(&sources[i], dup(f->peer));
        assert_ok(mio_poll_register(f->poll, &sources[i], mio_token_of(i),
                                    MIO_WRITABLE, MIO_LEVEL));
    }
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        seen |= UINT32_C(1) << wait_one(f->poll, one).token.value;
    assert_int_equal(seen, (1 << COUNT_OF(sources)) - 1);
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        mio_source_deregister(&sources[i]);
        close((int)sources[i].handle);
    }
    mio_events_free(one);
}

static void nothing_is_allocated_after_the_start(void **state)
{
    struct fixture *f = *state;
    struct mio_source sources[200];
    struct mio_events *many;
    assert_ok(mio_events_new(&many, COUNT_OF(sources)));
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        mio_source_init(&sources[i], dup(f->peer));

    allocations_count = 0;
    is_counting = 1;
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < COUNT_OF(sources); i++)
            assert_ok(mio_poll_register(f->poll, &sources[i], mio_token_of(i),
                                        MIO_WRITABLE, MIO_EDGE));
        assert_int_equal(wait_on(f->poll, many, 0), COUNT_OF(sources));
        for (size_t i = 0; i < COUNT_OF(sources); i++)
            assert_ok(mio_poll_deregister(f->poll, &sources[i]));
    }
    is_counting = 0;
    assert_int_equal(allocations_count, 0);
    void *volatile probe = malloc(1); /* the counter is alive */
    is_counting = 1;
    void *volatile counted = malloc(1);
    is_counting = 0;
    assert_int_equal(allocations_count, 1);
    free(probe);
    free(counted);

    for (size_t i = 0; i < COUNT_OF(sources); i++)
        close((int)sources[i].handle);
    mio_events_free(many);
}

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
    calls_arg = f;
    before_next_call = arm_elsewhere;
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
    calls_count = 0;
    calls_arg = f;
    before_next_call = arm_elsewhere;
    assert_int_equal(wait_on(f->poll, f->events, timeout_ns), 0);
    assert_true(mio_clock_monotonic_ns() - begin >= timeout_ns);
    /* A slow machine may find the time over after the change. */
    assert_true(calls_count == 1 || last_timeout_ns < timeout_ns);

    mio_source_arm(&f->ours, MIO_READABLE); /* is armed: no change */
    before_next_call = arm_elsewhere;
    calls_count = 0;
    assert_int_equal(wait_on(f->poll, f->events, 0), 0);
    assert_int_equal(calls_count, 1);
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
    calls_arg = &closing;
    before_next_call = begin_deregister;
    after_next_call = check_not_done;
    assert_int_equal(wait_on(f->poll, f->events, 50 * MIO_NS_PER_MS), 0);
    pthread_join(closing.thread, NULL);
    assert_int_equal(closing.is_done, 1);
    close((int)closing.source.handle);
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
    struct hammer hammer = {.poll = f->poll, .rounds_count = 100000};
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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_chosen_by_name_or_by_the_environment),
        TEST(an_edge_is_silent_until_it_is_armed),
        TEST(one_direction_is_armed_and_no_other),
        TEST(only_what_was_asked_for_can_be_armed),
        TEST(arming_does_nothing_to_oneshot_and_level),
        TEST(urgent_bytes_are_told_and_armed_with_reading),
        TEST(a_half_close_is_told_to_who_has_not_read_yet),
        TEST(a_hang_up_is_told_once_for_each_time_that_it_is_armed),
        TEST(an_error_is_told_to_who_reads_and_who_writes),
        TEST(a_closed_handle_is_left_out),
        TEST(a_small_batch_starves_nobody),
        TEST(nothing_is_allocated_after_the_start),
        TEST(what_is_armed_during_a_wait_is_reported_by_it),
        TEST(a_change_does_not_begin_the_timeout_anew),
        TEST(deregister_returns_when_the_call_has_let_go),
        TEST(no_wake_is_lost_among_changes),
    };
    return cmocka_run_group_tests_name("core/sys, poll(2)", tests, NULL, NULL);
}
