/* SPDX-License-Identifier: MIT
 *
 * tests/storm/fork_test.c - children made in the middle of a loop's life: they
 * are unharmed, and do no harm. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pwritev2 */
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/event_loop.h"
#include "net/pipe.h"
#include "tests/core/check.h"
#include "tests/storm/constructors.h"
#include "tests/storm/patient.h"

#define PIPE mio_token_of(7)

/* --- a loop with everything ----------------------------------------------- */

struct fixture {
    struct mio_event_loop *loop;
    struct mio_notify_sender *sender;
    struct mio_pipe_sender ours;
    struct mio_pipe_receiver pipe; /* registered */
    uint32_t ready_count;          /* atomic, as all of them */
    uint32_t signals_count;
    uint32_t messages_count;
};

static void note(uint32_t *count)
{
    (void)__atomic_fetch_add(count, 1, __ATOMIC_RELEASE);
}

static uint32_t count_of(const uint32_t *count)
{
    return __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct fixture *f = ctx;
    char bytes[8];
    (void)loop;
    (void)event;
    while (mio_pipe_receiver_read(&f->pipe, bytes, sizeof(bytes)) > 0)
        note(&f->ready_count);
}

static void on_signal(void *ctx, struct mio_event_loop *loop,
                      enum mio_signal which)
{
    struct fixture *f = ctx;
    (void)loop;
    (void)which;
    note(&f->signals_count);
}

static void on_message(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct fixture *f = ctx;
    (void)loop;
    (void)message;
    note(&f->messages_count);
}

static const struct mio_handler handler = {
    .ready = ready,
    .signal = on_signal,
    .notify = on_message,
};

static int setup(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    *f = (struct fixture){.loop = NULL};
    assert_ok(mio_event_loop_new(&f->loop, NULL));
    f->sender = mio_event_loop_sender(f->loop);
    assert_ok(mio_pipe_open(&f->ours, &f->pipe));
    assert_ok(mio_event_loop_register(f->loop, &f->pipe.source, PIPE,
                                      MIO_READABLE, MIO_EDGE));
    assert_ok(mio_event_loop_watch_signal(f->loop, MIO_SIGNAL_USER1));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_pipe_sender_close(&f->ours);
    mio_pipe_receiver_close(&f->pipe);
    mio_notify_sender_free(f->sender);
    mio_event_loop_free(f->loop);
    return 0;
}

/* Nothing has come that was not caused here, and all that is caused comes. */
static void assert_unharmed(struct fixture *f)
{
    const uint32_t signals = f->signals_count;
    const uint32_t messages = f->messages_count;
    const uint32_t reads = f->ready_count;
    assert_int_equal(mio_event_loop_turn(f->loop, 0, &handler, f), 0);
    raise(SIGUSR1);
    assert_ok(mio_notify_sender_send(f->sender, f));
    assert_int_equal(mio_pipe_sender_write(&f->ours, "x", 1), 1);
    while (f->signals_count == signals || f->messages_count == messages ||
           f->ready_count == reads)
        assert_true(mio_event_loop_turn(f->loop, DEADLINE_NS, &handler, f) >=
                    0);
    assert_int_equal(f->signals_count, signals + 1);
    assert_int_equal(f->messages_count, messages + 1);
    assert_int_equal(f->ready_count, reads + 1);
    assert_int_equal(mio_event_loop_turn(f->loop, 0, &handler, f), 0);
}

/* --- children ------------------------------------------------------------- */

static int ended(pid_t child)
{
    int status;
    assert_true(child > 0);
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    return status;
}

static int run_child(void (*life)(struct fixture *f), struct fixture *f)
{
    pid_t child = fork();
    if (child == 0) {
        life(f);
        _exit(0);
    }
    return ended(child);
}

static void close_all(struct fixture *f)
{
    (void)f;
    for (int fd = 3; fd < 256; fd++)
        close(fd);
}

/* It has the signal's own effect there. */
static void signal_itself(struct fixture *f)
{
    (void)f;
    raise(SIGUSR1);
}

static void ignored(int number)
{
    (void)number;
}

/* With an action of its own it lives on; its parent must not hear of it. */
static void handle_signals_itself(struct fixture *f)
{
    struct sigaction action = {.sa_handler = ignored};
    (void)f;
    sigaction(SIGUSR1, &action, NULL);
    for (int i = 0; i < 100; i++)
        raise(SIGUSR1);
}

/* A whole life in the child, beside the parent's things. */
static void have_a_loop(struct fixture *f)
{
    struct fixture own = {.loop = NULL};
    (void)f;
    if (mio_event_loop_new(&own.loop, NULL) != MIO_OK ||
        mio_event_loop_watch_signal(own.loop, MIO_SIGNAL_USER1) != MIO_OK)
        _exit(1);
    raise(SIGUSR1);
    while (own.signals_count == 0) {
        if (mio_event_loop_turn(own.loop, DEADLINE_NS, &handler, &own) < 0)
            _exit(2);
    }
    mio_event_loop_free(own.loop);
}

static void run_another_program(struct fixture *f)
{
    (void)f;
    (void)execl("/bin/true", "true", (char *)NULL);
    _exit(3);
}

static void children_leave_their_parent_s_loop_alone(void **state)
{
    struct fixture *f = *state;
    assert_unharmed(f);
    assert_int_equal(run_child(close_all, f), 0);
    assert_unharmed(f);
    int status = run_child(signal_itself, f);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGUSR1);
    assert_unharmed(f);
    assert_int_equal(run_child(handle_signals_itself, f), 0);
    assert_unharmed(f);
    assert_int_equal(run_child(have_a_loop, f), 0);
    assert_unharmed(f);
    assert_int_equal(run_child(run_another_program, f), 0);
    assert_unharmed(f);
}

static void a_child_that_lives_on_is_no_bother(void **state)
{
    struct fixture *f = *state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        _exit((int)PATIENTLY(read(ends[0], &byte, 1)));
    }
    close(ends[0]);
    for (int i = 0; i < 10; i++)
        assert_unharmed(f);
    /* It has a copy of each descriptor: what is closed here stays open there,
     * and is silent all the same. */
    mio_pipe_receiver_close(&f->pipe);
    assert_int_equal(mio_pipe_sender_write(&f->ours, "x", 1), 1);
    assert_int_equal(mio_event_loop_turn(f->loop, 0, &handler, f), 0);
    close(ends[1]);
    assert_int_equal(ended(child), 0);
}

static void *run_loop(void *arg)
{
    struct fixture *f = arg;
    return (void *)(intptr_t)mio_event_loop_run(f->loop, &handler, f);
}

/* Waits until one more was counted. */
static void await(const uint32_t *count, uint32_t expected)
{
    while (count_of(count) < expected)
        sched_yield();
    assert_int_equal(count_of(count), expected);
}

static void a_loop_waits_on_while_others_fork(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_loop, f), 0);
    for (uint32_t i = 1; i <= 20; i++) {
        assert_int_equal(
            run_child(i % 2 == 0 ? close_all : handle_signals_itself, f), 0);
        assert_ok(mio_notify_sender_send(f->sender, f));
        await(&f->messages_count, i);
        assert_int_equal(mio_pipe_sender_write(&f->ours, "x", 1), 1);
        await(&f->ready_count, i);
        kill(getpid(), SIGUSR1);
        await(&f->signals_count, i);
    }
    mio_event_loop_shutdown(f->loop);
    void *rc;
    pthread_join(thread, &rc);
    assert_ok((int)(intptr_t)rc);
}

/* --- exec ----------------------------------------------------------------- */

/* The program that was executed: what has it got? Its exit code tells. */
static int look_around(const char *ignored_before)
{
    sigset_t blocked;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 10;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (fd > 2 && fd != dirfd(folder))
            return 11;
    }
    (void)closedir(folder);

    (void)sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (sigismember(&blocked, number) == 1)
            return 12;
        if (sigaction(number, NULL, &action) < 0)
            continue;
        if (action.sa_handler == SIG_IGN && ignored_before[number] != 'i')
            return 13;
    }
    return 0;
}

static char ignored_before[33];

/* Before anything was made. What others left to this process is not ours. */
static void note_the_beginning(void)
{
    for (int fd = 3; fd < 256; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    memset(ignored_before, '-', 32);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 &&
            action.sa_handler == SIG_IGN)
            ignored_before[number] = 'i';
    }
}

/* An older kernel's: a write then blocks SIGPIPE for as long as it takes. */
ssize_t __wrap_pwritev2(int fd, const struct iovec *pieces, int count,
                        off_t offset, int flags);
ssize_t __wrap_pwritev2(int fd, const struct iovec *pieces, int count,
                        off_t offset, int flags)
{
    (void)fd;
    (void)pieces;
    (void)count;
    (void)offset;
    (void)flags;
    errno = EOPNOTSUPP;
    return -1;
}

static void write_to_nobody(void)
{
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    assert_ok(mio_pipe_open(&sender, &receiver));
    mio_pipe_receiver_close(&receiver);
    assert_int_equal(mio_pipe_sender_write(&sender, "x", 1), MIO_EPIPE);
    mio_pipe_sender_close(&sender);
}

static void a_program_that_is_executed_inherits_nothing(void **state)
{
    struct fixture *f = *state;
    union thing things[64];
    assert_true(constructors_count < COUNT_OF(things));
    surroundings_open();
    surroundings_call(1);
    for (size_t i = 0; i < constructors_count; i++)
        assert_ok(constructors[i].open(&things[i]));
    write_to_nobody();
    assert_unharmed(f);

    pid_t child = fork();
    if (child == 0) {
        (void)execl("/proc/self/exe", "fork_test", ignored_before,
                    (char *)NULL);
        _exit(9);
    }
    int status = ended(child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);

    for (size_t i = 0; i < constructors_count; i++)
        constructors[i].close(&things[i]);
    surroundings_close();
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    if (argc == 2)
        return look_around(argv[1]);
    note_the_beginning();
    const struct CMUnitTest tests[] = {
        TEST(children_leave_their_parent_s_loop_alone),
        TEST(a_child_that_lives_on_is_no_bother),
        TEST(a_loop_waits_on_while_others_fork),
        TEST(a_program_that_is_executed_inherits_nothing),
    };
    return cmocka_run_group_tests_name("storm/fork", tests, NULL, NULL);
}
