/* SPDX-License-Identifier: MIT
 *
 * tests/storm/handles_test.c - a process that may have 64 descriptors: who asks
 * for one more is told so, and nothing is lost. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/core/check.h"
#include "tests/storm/constructors.h"

#define LIMIT 64
/* No constructor takes more handles than this. */
#define TAKEN_MAX 6

static struct rlimit limit_before;

static int setup(void **state)
{
    (void)state;
    struct rlimit low = {.rlim_cur = LIMIT};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit_before), 0);
    low.rlim_max = limit_before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    surroundings_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    surroundings_close();
    return setrlimit(RLIMIT_NOFILE, &limit_before);
}

/* Take all handles but `spare`. */
static int fill(int fillers[LIMIT], int spare)
{
    int count = 0;
    while ((fillers[count] = dup(0)) >= 0)
        count++;
    assert_true(count > spare);
    for (int i = 0; i < spare; i++)
        close(fillers[--count]);
    return count;
}

/* Returns how many could be made. */
static int check(const struct constructor *self, int spare)
{
    int fillers[LIMIT];
    union thing things[LIMIT];
    union thing another;
    surroundings_call(LIMIT);
    int count_before = handles_count();
    int lowest_before = lowest_free_handle();

    int fillers_count = fill(fillers, spare);
    int count = 0;
    int rc = MIO_OK;
    while (count < LIMIT && rc == MIO_OK) {
        rc = self->open(&things[count]);
        count += rc == MIO_OK;
    }
    assert_code(self->takes_no_handle ? MIO_OK : MIO_EMFILE, rc);
    for (int i = 0; i < count; i++)
        self->close(&things[i]);
    for (int i = 0; i < fillers_count; i++)
        close(fillers[i]);
    assert_int_equal(handles_count(), count_before);
    assert_int_equal(lowest_free_handle(), lowest_before);

    assert_ok(self->open(&another));
    self->close(&another);
    assert_int_equal(handles_count(), count_before);
    return count;
}

static void without_handles_all_say_so_and_lose_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < constructors_count; i++) {
        printf("%s\n", constructors[i].name);
        /* The last one may fail at any of the handles that it takes. */
        int count = 0;
        for (int spare = 0; spare <= TAKEN_MAX; spare++)
            count += check(&constructors[i], spare);
        assert_true(count > 0);
    }
}

static void signals_ask_again_when_there_are_handles(void **state)
{
    (void)state;
    const struct mio_event_loop_options options = {.timers_max = 16};
    struct mio_event_loop *loop;
    int fillers[LIMIT];
    assert_ok(mio_event_loop_new(&loop, &options));
    int fillers_count = fill(fillers, 1);
    assert_code(MIO_EMFILE,
                mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER1));
    for (int i = 0; i < fillers_count; i++)
        close(fillers[i]);
    assert_ok(mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER1));
    mio_event_loop_free(loop);
}

/* Each is used before it is freed. */
static void a_poll_closes_its_handles(void **state)
{
    (void)state;
    struct mio_events *events;
    int lowest_before = lowest_free_handle();
    assert_ok(mio_events_new(&events, 8));
    for (int i = 0; i < 2000; i++) {
        struct mio_poll *poll;
        struct mio_waker *waker;
        struct mio_pipe_sender sender;
        struct mio_pipe_receiver receiver;
        assert_ok(mio_poll_new(&poll, NULL));
        assert_ok(mio_waker_new(&waker, poll, mio_token_of(1)));
        assert_ok(mio_pipe_open(&sender, &receiver));
        assert_ok(mio_poll_register(poll, &sender.source, mio_token_of(2),
                                    MIO_WRITABLE, MIO_EDGE));
        assert_ok(mio_waker_wake(waker));
        assert_int_equal(wait_some(poll, events), 2);
        /* In every order that there is. */
        if (i % 2 == 0)
            mio_pipe_sender_close(&sender);
        if (i % 4 < 2)
            mio_waker_free(waker);
        mio_poll_free(poll);
        if (i % 4 >= 2)
            mio_waker_free(waker);
        mio_pipe_sender_close(&sender);
        mio_pipe_receiver_close(&receiver);
        assert_int_equal(lowest_free_handle(), lowest_before);
    }
    mio_events_free(events);
}

#define TEST(fn) cmocka_unit_test(fn)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_handles_all_say_so_and_lose_none),
        TEST(signals_ask_again_when_there_are_handles),
        TEST(a_poll_closes_its_handles),
    };
    return cmocka_run_group_tests_name("storm/handles", tests, setup, teardown);
}
