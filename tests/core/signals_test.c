/* SPDX-License-Identifier: MIT
 *
 * tests/core/signals_test.c - signals as events, for several sets, and across
 * fork. */
#include "core/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/check.h"
#include "tests/storm/patient.h"

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_signals *signals;
};

static void open_set(struct fixture *f, struct mio_signals **out,
                     uint64_t token)
{
    assert_ok(mio_signals_new(out));
    assert_ok(mio_poll_register(f->poll, mio_signals_source(*out),
                                mio_token_of(token), MIO_READABLE, MIO_EDGE));
}

static void close_set(struct fixture *f, struct mio_signals *set)
{
    assert_ok(mio_poll_deregister(f->poll, mio_signals_source(set)));
    mio_signals_free(set);
}

static int setup(void **state)
{
    static struct fixture fixture;
    assert_ok(mio_poll_new(&fixture.poll, NULL));
    assert_ok(mio_events_new(&fixture.events, 8));
    open_set(&fixture, &fixture.signals, 1);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    close_set(f, f->signals);
    mio_events_free(f->events);
    mio_poll_free(f->poll);
    return 0;
}

/* The system restarts nothing here: a signal may end the wait itself. */
static void wait_signal(struct fixture *f, uint64_t token)
{
    assert_int_equal(wait_one(f->poll, f->events).token.value, token);
}

static void wait_no_signal(struct fixture *f)
{
    assert_int_equal(wait_on(f->poll, f->events, 0), 0);
}

static void a_signal_is_an_event(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    wait_no_signal(f);
    assert_code(MIO_EAGAIN, mio_signals_next(f->signals));
    for (int round = 0; round < 3; round++) {
        raise(SIGUSR1);
        wait_signal(f, 1);
        assert_int_equal(mio_signals_next(f->signals), MIO_SIGNAL_USER1);
        assert_code(MIO_EAGAIN, mio_signals_next(f->signals));
        wait_no_signal(f);
    }
}

static void every_kind_can_be_watched_and_comes_once(void **state)
{
    struct fixture *f = *state;
    const int numbers[] = {SIGINT,  SIGTERM, SIGHUP,  SIGUSR1,
                           SIGUSR2, SIGCHLD, SIGWINCH};
    assert_int_equal(COUNT_OF(numbers), MIO_SIGNALS_COUNT);
    for (int i = 0; i < MIO_SIGNALS_COUNT; i++)
        assert_ok(mio_signals_add(f->signals, (enum mio_signal)i));
    for (int times = 0; times < 3; times++) {
        for (int i = 0; i < MIO_SIGNALS_COUNT; i++)
            raise(numbers[i]);
    }
    wait_signal(f, 1);
    for (int i = 0; i < MIO_SIGNALS_COUNT; i++)
        assert_int_equal(mio_signals_next(f->signals), i);
    assert_code(MIO_EAGAIN, mio_signals_next(f->signals));
}

static void each_set_that_watches_gets_it(void **state)
{
    struct fixture *f = *state;
    struct mio_signals *second;
    struct mio_signals *bystander;
    open_set(f, &second, 2);
    open_set(f, &bystander, 3);
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    assert_ok(mio_signals_add(second, MIO_SIGNAL_USER1));
    assert_ok(mio_signals_add(bystander, MIO_SIGNAL_USER2));
    raise(SIGUSR1);
    assert_int_equal(wait_some(f->poll, f->events), 2);
    assert_int_equal(mio_signals_next(f->signals), MIO_SIGNAL_USER1);
    assert_int_equal(mio_signals_next(second), MIO_SIGNAL_USER1);
    assert_code(MIO_EAGAIN, mio_signals_next(bystander));

    /* One leaves, the other still watches. */
    close_set(f, second);
    raise(SIGUSR1);
    wait_signal(f, 1);
    assert_int_equal(mio_signals_next(f->signals), MIO_SIGNAL_USER1);
    close_set(f, bystander);
}

static void mistakes_are_answered(void **state)
{
    struct fixture *f = *state;
    assert_code(MIO_EINVAL, mio_signals_add(f->signals, MIO_SIGNALS_COUNT));
    assert_code(MIO_ENOENT, mio_signals_remove(f->signals, MIO_SIGNALS_COUNT));
    assert_code(MIO_ENOENT, mio_signals_remove(f->signals, MIO_SIGNAL_USER1));
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    assert_code(MIO_EEXIST, mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    assert_ok(mio_signals_remove(f->signals, MIO_SIGNAL_USER1));
    assert_code(MIO_ENOENT, mio_signals_remove(f->signals, MIO_SIGNAL_USER1));
    mio_signals_free(NULL);
}

static volatile sig_atomic_t own_count;

static void own_handler(int number)
{
    (void)number;
    own_count++;
}

static void the_action_before_comes_back_with_the_last_watcher(void **state)
{
    struct fixture *f = *state;
    struct mio_signals *second;
    struct sigaction own = {.sa_handler = own_handler, .sa_flags = SA_NODEFER};
    struct sigaction original;
    struct sigaction now;
    sigaction(SIGUSR1, &own, &original);
    open_set(f, &second, 2);
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    assert_ok(mio_signals_add(second, MIO_SIGNAL_USER1));
    sigaction(SIGUSR1, NULL, &now);
    assert_true(now.sa_flags & SA_RESTART); /* other calls do not notice */

    assert_ok(mio_signals_remove(f->signals, MIO_SIGNAL_USER1));
    raise(SIGUSR1);
    assert_int_equal(own_count, 0);
    close_set(f, second);
    sigaction(SIGUSR1, NULL, &now);
    assert_ptr_equal(now.sa_handler, own_handler);
    assert_true(now.sa_flags & SA_NODEFER);
    raise(SIGUSR1);
    assert_int_equal(own_count, 1);
    assert_code(MIO_EAGAIN, mio_signals_next(f->signals));
    sigaction(SIGUSR1, &original, NULL);
}

static void an_action_that_another_put_there_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct sigaction own = {.sa_handler = own_handler};
    struct sigaction original;
    struct sigaction now;
    sigaction(SIGUSR2, NULL, &original);
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER2));
    sigaction(SIGUSR2, &own, NULL);
    assert_ok(mio_signals_remove(f->signals, MIO_SIGNAL_USER2));
    sigaction(SIGUSR2, NULL, &now);
    assert_ptr_equal(now.sa_handler, own_handler);
    sigaction(SIGUSR2, &original, NULL);
}

static void the_handler_keeps_errno_even_if_the_pipe_is_full(void **state)
{
    struct fixture *f = *state;
    int handle = (int)mio_signals_source(f->signals)->handle;
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", handle);
    int writing = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(writing >= 0);
    while (write(writing, path, 1) == 1)
        ;
    assert_int_equal(errno, EAGAIN);
    close(writing);

    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    errno = ENOTTY;
    raise(SIGUSR1);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(mio_signals_next(f->signals), MIO_SIGNAL_USER1);
    assert_code(MIO_EAGAIN, mio_signals_next(f->signals));
}

static void its_handles_are_not_inherited_and_do_not_block(void **state)
{
    struct fixture *f = *state;
    int reading = (int)mio_signals_source(f->signals)->handle;
    assert_true(fcntl(reading, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(reading, F_GETFL) & O_NONBLOCK);
    int writing = reading + 1; /* made together */
    assert_true(fcntl(writing, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(writing, F_GETFL) & O_NONBLOCK);
}

static int wait_child(pid_t child)
{
    int status;
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    return status;
}

static void a_forked_child_has_the_signal_s_own_effect(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_TERMINATE));
    pid_t child = fork();
    if (child == 0) {
        raise(SIGTERM);
        _exit(3); /* not reached: the child watches nothing itself */
    }
    int status = wait_child(child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);

    /* And the parent's pipe and sets have heard nothing. */
    wait_no_signal(f);
    assert_code(MIO_EAGAIN, mio_signals_next(f->signals));
    raise(SIGTERM);
    wait_signal(f, 1);
    assert_int_equal(mio_signals_next(f->signals), MIO_SIGNAL_TERMINATE);
}

/* In the child; returns its exit code. */
static int use_own_set(void)
{
    struct mio_signals *own;
    int code = 0;
    if (mio_signals_new(&own) != MIO_OK)
        return 10;
    if (mio_signals_add(own, MIO_SIGNAL_USER1) != MIO_OK)
        code = 11;
    raise(SIGUSR1);
    if (mio_signals_next(own) != MIO_SIGNAL_USER1)
        code = 12;
    mio_signals_free(own);
    return code;
}

static void a_forked_child_may_have_sets_of_its_own(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    pid_t child = fork();
    if (child == 0)
        _exit(use_own_set());
    int status = wait_child(child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    wait_no_signal(f);
}

static void sets_leave_no_handles_behind(void **state)
{
    (void)state;
    struct rlimit before;
    struct mio_signals *set;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit low = {.rlim_cur = 64, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int i = 0; i < 500; i++) {
        assert_ok(mio_signals_new(&set));
        assert_ok(mio_signals_add(set, MIO_SIGNAL_USER1));
        mio_signals_free(set);
    }
    low.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int rc = mio_signals_new(&set);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_code(MIO_EMFILE, rc);
}

static void *shower(void *arg)
{
    uint32_t *is_done = arg;
    while (!__atomic_load_n(is_done, __ATOMIC_ACQUIRE)) {
        for (int i = 0; i < 20; i++)
            raise(SIGUSR1);
        sched_yield(); /* else the sets wait for a processor, most of all */
    }
    return NULL;
}

/* Sets come and go under a shower of signals that one of them outlives. A byte
 * for a set that is gone would show in the pipe that has its number now. */
static void sets_may_come_and_go_while_signals_arrive(void **state)
{
    struct fixture *f = *state;
    uint32_t is_done = 0;
    pthread_t threads[2];
    assert_ok(mio_signals_add(f->signals, MIO_SIGNAL_USER1));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, shower, &is_done),
                         0);
    for (int round = 0; round < 500; round++) {
        struct mio_signals *set;
        assert_ok(mio_signals_new(&set));
        int writing = (int)mio_signals_source(set)->handle + 1;
        assert_ok(mio_signals_add(set, MIO_SIGNAL_USER1));
        if (round % 2 == 0) {
            while (mio_signals_next(set) != MIO_SIGNAL_USER1)
                sched_yield();
        }
        mio_signals_free(set);

        int ends[2];
        char byte;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(ends[1], writing);
        sched_yield();
        assert_int_equal(read(ends[0], &byte, 1), -1);
        close(ends[0]);
        close(ends[1]);
    }
    __atomic_store_n(&is_done, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    wait_signal(f, 1);
    assert_int_equal(mio_signals_next(f->signals), MIO_SIGNAL_USER1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signal_is_an_event),
        TEST(every_kind_can_be_watched_and_comes_once),
        TEST(each_set_that_watches_gets_it),
        TEST(mistakes_are_answered),
        TEST(the_action_before_comes_back_with_the_last_watcher),
        TEST(an_action_that_another_put_there_is_left_alone),
        TEST(the_handler_keeps_errno_even_if_the_pipe_is_full),
        TEST(its_handles_are_not_inherited_and_do_not_block),
        TEST(a_forked_child_has_the_signal_s_own_effect),
        TEST(a_forked_child_may_have_sets_of_its_own),
        TEST(sets_leave_no_handles_behind),
        TEST(sets_may_come_and_go_while_signals_arrive),
    };
    return cmocka_run_group_tests_name("core/signals", tests, NULL, NULL);
}
