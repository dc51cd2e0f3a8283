/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_posix_test.c - the selector on poll(2): what it emulates, and
 * what it must not do. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/waker.h"
#include "tests/core/poll_fixture.h"
#include "tests/storm/patient.h"

/* Allocations are counted while this is set. Volatile: the compiler believes
 * that malloc reads no variable of ours. */
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
    allocations_count = allocations_count + is_counting;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations_count = allocations_count + is_counting;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    allocations_count = allocations_count + is_counting;
    return __real_realloc(memory, size);
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

static void what_was_armed_before_stays_armed(void **state)
{
    struct fixture *f = *state;
    watch(f, BOTH, MIO_EDGE);
    assert_int_equal(next_readiness(f), W);
    mio_source_arm(&f->ours, MIO_WRITABLE);
    assert_int_equal(next_readiness(f), W);
    say(f);
    assert_int_equal(next_readiness(f), R);
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

/* A pipe's hang-up comes alone: what was armed is armed still, and the source
 * is left out nevertheless. */
static void a_hang_up_that_comes_alone_is_armed_like_any_other(void **state)
{
    struct fixture *f = *state;
    struct mio_source source;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    mio_source_init(&source, ends[0]);
    assert_ok(mio_poll_register(f->poll, &source, B, MIO_READABLE, MIO_EDGE));
    close(ends[1]);
    for (int i = 0; i < 3; i++) {
        assert_true(next_readiness(f) & RC);
        wait_silence(f->poll, f->events);
        mio_source_arm(&source, MIO_READABLE);
    }
    assert_ok(mio_poll_deregister(f->poll, &source));
    close(ends[0]);
}

/* A datagram to a port that nobody has comes back as an error; the socket is
 * as good as ever. Who does not look at errors, but reads and writes as told,
 * must not go deaf. */
static void an_error_is_told_to_who_reads_and_who_writes(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in ours = at;
    socklen_t size = sizeof(at);
    int gone = socket(AF_INET, SOCK_DGRAM, 0);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(gone, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(gone, (struct sockaddr *)&at, &size), 0);
    assert_int_equal(connect_patiently(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ours, &size), 0);
    struct mio_source source;
    mio_source_init(&source, fd);
    assert_ok(mio_poll_register(f->poll, &source, B, BOTH, MIO_EDGE));
    assert_int_equal(next_readiness(f), W);

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

    /* Another error, and who is there again: armed is what was armed. */
    assert_int_equal(send(fd, "x", 1, 0), 1);
    assert_true(next_readiness(f) & E);
    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    gone = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(gone, (struct sockaddr *)&at, size), 0);
    assert_int_equal(sendto(gone, "x", 1, 0, (struct sockaddr *)&ours, size),
                     1);
    mio_source_arm(&source, MIO_WRITABLE);
    assert_int_equal(next_readiness(f), W);
    assert_ok(mio_poll_deregister(f->poll, &source));
    close(gone);
    close(fd);
}

static void a_closed_handle_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct mio_source source;
    struct mio_waker *waker;
    mio_source_init(&source, dup(f->peer));
    assert_ok(mio_waker_new(&waker, f->poll, B));
    assert_ok(mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_EDGE));
    close((int)source.handle);
    calls.count = 0;
    assert_int_equal(wait_on(f->poll, f->events, MIO_NS_PER_MS), 0);
    assert_in_range(calls.count, 1, 2); /* it did not spin */
    calls.count = 0;
    wait_silence(f->poll, f->events);
    assert_int_equal(calls.count, 1);
    mio_source_arm(&source, MIO_READABLE); /* nothing */
    wait_silence(f->poll, f->events);

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

    /* Whoever gets its place in the table has nothing of it. */
    watch(f, MIO_WRITABLE, MIO_EDGE);
    assert_ok(
        mio_poll_reregister(f->poll, &f->ours, A, MIO_READABLE, MIO_EDGE));
    assert_int_equal(wait_one(f->poll, f->events).token.value, B.value);
    assert_ok(mio_poll_deregister(f->poll, &other));
    close((int)other.handle);
    mio_waker_free(waker);
}

static void a_handle_is_not_cut_off(void **state)
{
    struct fixture *f = *state;
    struct mio_source source;
    mio_source_init(&source, f->peer + (INT64_C(1) << 32));
    assert_code(MIO_EBADF,
                mio_poll_register(f->poll, &source, A, MIO_READABLE, MIO_EDGE));
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

/* The last entry takes the place of one that was removed. */
static void who_moves_up_in_the_call_is_watched_as_before(void **state)
{
    struct fixture *f = *state;
    struct mio_source sources[4];
    int to_write[COUNT_OF(sources)];
    for (uint64_t i = 0; i < COUNT_OF(sources); i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        to_write[i] = ends[1];
        mio_source_init(&sources[i], ends[0]);
        assert_ok(mio_poll_register(f->poll, &sources[i], mio_token_of(10 + i),
                                    MIO_READABLE, MIO_LEVEL));
    }
    for (uint64_t i = 0; i + 1 < COUNT_OF(sources); i++) {
        uint64_t last = COUNT_OF(sources) - 1;
        char byte;
        mio_source_deregister(&sources[i]);
        assert_int_equal(write(to_write[last], "x", 1), 1);
        assert_int_equal(wait_one(f->poll, f->events).token.value, 10 + last);
        assert_int_equal(read((int)sources[last].handle, &byte, 1), 1);
        assert_int_equal(write(to_write[i], "x", 1), 1);
        wait_silence(f->poll, f->events);
    }
    for (uint64_t i = 0; i < COUNT_OF(sources); i++) {
        mio_source_deregister(&sources[i]);
        close((int)sources[i].handle);
        close(to_write[i]);
    }
}

static void a_full_table_has_room_for_wakers(void **state)
{
    (void)state;
    struct mio_poll_options options = {.selector = MIO_SELECTOR_POLL,
                                       .sources_max = 2};
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_waker *waker;
    struct mio_source sources[2];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_ok(mio_poll_new(&poll, &options));
    assert_ok(mio_events_new(&events, 4));
    assert_ok(mio_waker_new(&waker, poll, mio_token_of(2)));
    for (uint64_t i = 0; i < 2; i++) {
        mio_source_init(&sources[i], ends[i]);
        assert_ok(mio_poll_register(poll, &sources[i], mio_token_of(i), BOTH,
                                    MIO_EDGE));
    }
    assert_int_equal(wait_one(poll, events).token.value, 1);
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(wait_one(poll, events).token.value, 2);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(wait_one(poll, events).token.value, 0);
    for (uint64_t i = 0; i < 2; i++) {
        mio_source_deregister(&sources[i]);
        close(ends[i]);
    }
    mio_waker_free(waker);
    mio_events_free(events);
    mio_poll_free(poll);
}

static int not_more_than_thirty(uint32_t entries_count)
{
    return entries_count > 30 ? EINVAL : 0;
}

/* Everything that is done to a poll that lives. */
static void use_all(struct fixture *f, struct mio_source *sources,
                    uint32_t sources_count, struct mio_events *many,
                    struct mio_waker *waker)
{
    const uint32_t modes[] = {MIO_EDGE, MIO_LEVEL, MIO_ONESHOT};
    for (uint32_t i = 0; i < sources_count; i++)
        assert_ok(mio_poll_register(f->poll, &sources[i], mio_token_of(i),
                                    MIO_WRITABLE, modes[i % 3]));
    assert_int_equal(wait_on(f->poll, many, 0), sources_count);
    for (uint32_t i = 0; i < sources_count; i++) {
        mio_source_arm(&sources[i], MIO_WRITABLE);
        assert_ok(mio_poll_reregister(f->poll, &sources[i], mio_token_of(i),
                                      BOTH, modes[(i + 1) % 3]));
    }
    assert_int_equal(wait_on(f->poll, many, 0), sources_count);
    assert_ok(mio_waker_wake(waker));
    assert_true(wait_on(f->poll, f->events, 0) > 0);
    for (uint32_t i = 0; i < sources_count; i++)
        assert_ok(mio_poll_deregister(f->poll, &sources[i]));
}

static void nothing_is_allocated_after_the_start(void **state)
{
    struct fixture *f = *state;
    struct mio_source sources[200];
    struct mio_events *many;
    struct mio_waker *waker;
    assert_ok(mio_events_new(&many, COUNT_OF(sources)));
    assert_ok(mio_waker_new(&waker, f->poll, B));
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        mio_source_init(&sources[i], dup(f->peer));

    allocations_count = 0;
    is_counting = 1;
    for (int round = 0; round < 4; round++) {
        calls.refusal = round < 2 ? NULL : not_more_than_thirty;
        use_all(f, sources, COUNT_OF(sources), many, waker);
    }
    is_counting = 0;
    assert_int_equal(allocations_count, 0);
    is_counting = 1; /* the counter is alive */
    void *volatile one = malloc(1);
    void *volatile other = calloc(1, 1);
    one = realloc(one, 2);
    is_counting = 0;
    assert_int_equal(allocations_count, 3);
    free(one);
    free(other);

    for (size_t i = 0; i < COUNT_OF(sources); i++)
        close((int)sources[i].handle);
    mio_waker_free(waker);
    mio_events_free(many);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_chosen_by_name_or_by_the_environment),
        TEST(an_edge_is_silent_until_it_is_armed),
        TEST(one_direction_is_armed_and_no_other),
        TEST(what_was_armed_before_stays_armed),
        TEST(only_what_was_asked_for_can_be_armed),
        TEST(arming_does_nothing_to_oneshot_and_level),
        TEST(urgent_bytes_are_told_and_armed_with_reading),
        TEST(a_half_close_is_told_to_who_has_not_read_yet),
        TEST(a_hang_up_is_told_once_for_each_time_that_it_is_armed),
        TEST(a_hang_up_that_comes_alone_is_armed_like_any_other),
        TEST(an_error_is_told_to_who_reads_and_who_writes),
        TEST(a_closed_handle_is_left_out),
        TEST(a_handle_is_not_cut_off),
        TEST(a_small_batch_starves_nobody),
        TEST(who_moves_up_in_the_call_is_watched_as_before),
        cmocka_unit_test(a_full_table_has_room_for_wakers),
        TEST(nothing_is_allocated_after_the_start),
    };
    return cmocka_run_group_tests_name("core/sys, poll(2)", tests, NULL, NULL);
}
