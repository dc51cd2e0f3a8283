/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_threads_test.c - one thread waits, others register. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/poll.h"
#include "core/waker.h"
#include "tests/core/check.h"

#define STOP mio_token_of(UINT64_MAX)
#define THREADS_COUNT 3
#define SOURCES_COUNT 8 /* per thread */

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
};

static int setup(void **state)
{
    static struct fixture fixture;
    /* Just as many slots as are used: none may get lost. */
    struct mio_poll_options options = {
        .sources_max = THREADS_COUNT * SOURCES_COUNT,
    };
    assert_ok(mio_poll_new(&fixture.poll, &options));
    assert_ok(mio_events_new(&fixture.events, 8));
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

/* A handle that is readable and writable for ever. */
static mio_handle ready_handle(void)
{
    int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

struct registering {
    struct fixture *f;
    struct mio_source source;
    int rc;
};

static void *register_now(void *arg)
{
    struct registering *self = arg;
    self->rc = mio_poll_register(self->f->poll, &self->source, mio_token_of(7),
                                 MIO_READABLE, MIO_EDGE);
    return NULL;
}

static void a_source_registered_during_a_wait_is_reported_by_it(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 200; round++) {
        struct registering registering = {.f = f};
        pthread_t thread;
        mio_source_init(&registering.source, ready_handle());
        assert_int_equal(
            pthread_create(&thread, NULL, register_now, &registering), 0);
        assert_int_equal(wait_on(f->poll, f->events, MIO_FOREVER), 1);
        pthread_join(thread, NULL);
        assert_ok(registering.rc);
        assert_ok(mio_poll_deregister(f->poll, &registering.source));
        close((int)registering.source.handle);
    }
}

/* A token is the number of a source, and of its registration, counting up. */
static mio_token token_of(uint64_t source, uint64_t registration)
{
    return mio_token_of(source << 48 | registration);
}

struct changer {
    struct fixture *f;
    struct mio_source sources[SOURCES_COUNT];
    uint64_t *floors; /* atomic; of its sources */
    uint64_t first;   /* number of its first source */
    uint64_t seed;
    uint64_t steps_count;
    const uint64_t *seen_count; /* atomic; of all events */
    int failed;                 /* a code that should not be */
    struct mio_waker *waker;
};

static uint32_t random_mode(struct sequence *random)
{
    static const uint32_t modes[] = {MIO_EDGE, MIO_LEVEL, MIO_ONESHOT};
    return modes[sequence_next(random) % COUNT_OF(modes)];
}

/* One change of one source, and then what the poll may still report of it:
 * registrations from this floor on. */
static int change(struct changer *self, struct sequence *random,
                  uint64_t *registrations)
{
    uint64_t i = sequence_next(random) % SOURCES_COUNT;
    struct mio_source *source = &self->sources[i];
    uint64_t next = registrations[i] + 1;
    int rc;
    if (!mio_source_is_registered(source))
        rc = mio_poll_register(self->f->poll, source,
                               token_of(self->first + i, next), MIO_READABLE,
                               random_mode(random));
    else if (sequence_next(random) % 2 == 0)
        rc = mio_poll_reregister(
            self->f->poll, source, token_of(self->first + i, next),
            MIO_READABLE | MIO_WRITABLE, random_mode(random));
    else
        rc = mio_poll_deregister(self->f->poll, source);

    registrations[i] = next;
    __atomic_store_n(&self->floors[self->first + i], next, __ATOMIC_RELEASE);
    return rc;
}

static void *change_all_the_time(void *arg)
{
    struct changer *self = arg;
    struct sequence random = {self->seed};
    uint64_t registrations[SOURCES_COUNT] = {0};
    /* However quick it is, it goes on until it was in somebody's way. */
    for (uint64_t step = 0;
         step < self->steps_count ||
         __atomic_load_n(self->seen_count, __ATOMIC_RELAXED) == 0;
         step++) {
        int rc = change(self, &random, registrations);
        if (rc < 0)
            self->failed = rc;
    }
    for (int i = 0; i < SOURCES_COUNT; i++) {
        mio_source_deregister(&self->sources[i]);
        __atomic_store_n(&self->floors[self->first + (uint64_t)i], UINT64_MAX,
                         __ATOMIC_RELEASE);
    }
    (void)mio_waker_wake(self->waker);
    return NULL;
}

/* The floor is read before the event is taken: what was changed by then must
 * not come. Returns how many changers have ended. */
static int check_batch(struct fixture *f, const uint64_t *floors,
                       uint64_t *seen_count)
{
    uint64_t before[THREADS_COUNT * SOURCES_COUNT];
    int ends_count = 0;
    for (;;) {
        for (size_t i = 0; i < COUNT_OF(before); i++)
            before[i] = __atomic_load_n(&floors[i], __ATOMIC_ACQUIRE);
        struct mio_event event;
        if (!mio_events_next(f->events, &event))
            return ends_count;
        if (event.token.value == STOP.value) {
            ends_count++;
            continue;
        }
        uint64_t source = event.token.value >> 48;
        uint64_t registration = event.token.value & 0xffffffffffff;
        assert_true(source < COUNT_OF(before));
        assert_true(registration >= before[source]);
        (void)__atomic_fetch_add(seen_count, 1, __ATOMIC_RELAXED);
    }
}

static void three_threads_change_registrations_while_one_waits(void **state)
{
    struct fixture *f = *state;
    static struct changer changers[THREADS_COUNT];
    static uint64_t floors[THREADS_COUNT * SOURCES_COUNT];
    static uint64_t seen_count;
    pthread_t threads[THREADS_COUNT];
    for (uint64_t t = 0; t < THREADS_COUNT; t++) {
        changers[t] = (struct changer){.f = f,
                                       .floors = floors,
                                       .first = t * SOURCES_COUNT,
                                       .seed = 0x9e3779b9 + t,
                                       .steps_count = 20000,
                                       .seen_count = &seen_count};
        for (int i = 0; i < SOURCES_COUNT; i++)
            mio_source_init(&changers[t].sources[i], ready_handle());
        assert_ok(mio_waker_new(&changers[t].waker, f->poll, STOP));
        assert_int_equal(pthread_create(&threads[t], NULL, change_all_the_time,
                                        &changers[t]),
                         0);
    }

    for (int ends_count = 0; ends_count < THREADS_COUNT;) {
        assert_true(wait_on(f->poll, f->events, DEADLINE_NS) > 0);
        ends_count += check_batch(f, floors, &seen_count);
    }
    wait_silence(f->poll, f->events);

    for (int t = 0; t < THREADS_COUNT; t++) {
        pthread_join(threads[t], NULL);
        assert_ok(changers[t].failed);
        mio_waker_free(changers[t].waker);
        for (int i = 0; i < SOURCES_COUNT; i++)
            close((int)changers[t].sources[i].handle);
    }
}

struct contender {
    struct mio_poll *poll;
    struct mio_source *source;
    uint32_t *gate; /* atomic */
    int rc;
};

static void *contend(void *arg)
{
    struct contender *self = arg;
    while (!__atomic_load_n(self->gate, __ATOMIC_ACQUIRE))
        sched_yield();
    self->rc = mio_poll_register(self->poll, self->source, mio_token_of(1),
                                 MIO_READABLE, MIO_EDGE);
    return NULL;
}

static void of_two_threads_one_registers_a_source(void **state)
{
    struct fixture *f = *state;
    struct mio_poll *other;
    assert_ok(mio_poll_new(&other, NULL));
    for (int round = 0; round < 300; round++) {
        struct mio_source source;
        uint32_t gate = 0;
        mio_source_init(&source, ready_handle());
        struct contender contenders[2] = {
            {f->poll, &source, &gate, 1},
            {round % 2 ? other : f->poll, &source, &gate, 1},
        };
        pthread_t threads[2];
        for (int i = 0; i < 2; i++)
            assert_int_equal(
                pthread_create(&threads[i], NULL, contend, &contenders[i]), 0);
        __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);

        int winner = contenders[0].rc == MIO_OK ? 0 : 1;
        assert_ok(contenders[winner].rc);
        assert_code(MIO_EEXIST, contenders[1 - winner].rc);
        wait_one(contenders[winner].poll, f->events);
        wait_silence(winner == 0 ? other : f->poll, f->events);
        assert_ok(mio_poll_deregister(contenders[winner].poll, &source));
        close((int)source.handle);
    }
    mio_poll_free(other);
}

static int waiter_tid; /* set when the next thing it does is to wait */

static void *wait_for_ever(void *arg)
{
    struct fixture *f = arg;
    __atomic_store_n(&waiter_tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    int count;
    do /* interrupted, it may find that the other is faster */
        count = wait_on(f->poll, f->events, MIO_FOREVER);
    while (count == MIO_EBUSY);
    return (void *)(intptr_t)count;
}

/* Whether the kernel says that the waiter sleeps. Asking the poll instead would
 * be a second waiter that may win. */
static bool waiter_sleeps(void)
{
    int tid = __atomic_load_n(&waiter_tid, __ATOMIC_ACQUIRE);
    char path[64];
    char state = 0;
    if (tid == 0)
        return false;
    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d %*s %c", &state), 1);
    (void)fclose(file);
    return state == 'S';
}

static void a_second_waiter_is_told_that_the_poll_is_busy(void **state)
{
    struct fixture *f = *state;
    struct mio_events *mine;
    struct mio_waker *waker;
    pthread_t thread;
    assert_ok(mio_events_new(&mine, 1));
    assert_ok(mio_waker_new(&waker, f->poll, STOP));
    waiter_tid = 0;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, f), 0);
    while (!waiter_sleeps())
        sched_yield();
    int rc = MIO_OK;
    /* Once, unless a signal woke the other just then. */
    for (int i = 0; i < 1000 && rc != MIO_EBUSY; i++)
        rc = wait_on(f->poll, mine, 0);
    assert_code(MIO_EBUSY, rc);

    assert_ok(mio_waker_wake(waker));
    void *count;
    pthread_join(thread, &count);
    assert_int_equal((intptr_t)count, 1);
    wait_silence(f->poll, mine);
    mio_waker_free(waker);
    mio_events_free(mine);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_source_registered_during_a_wait_is_reported_by_it),
        TEST(three_threads_change_registrations_while_one_waits),
        TEST(of_two_threads_one_registers_a_source),
        TEST(a_second_waiter_is_told_that_the_poll_is_busy),
    };
    return cmocka_run_group_tests_name("core/poll, threads", tests, NULL, NULL);
}
