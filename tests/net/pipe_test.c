/* SPDX-License-Identifier: MIT
 *
 * tests/net/pipe_test.c - both ends, a child's, and no signal; also where the
 * system cannot write without one. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pwritev2 */
#endif

#include "net/pipe.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tests/net/loop.h"
#include "tests/storm/patient.h"

/* Linked in place of the system's calls. */
static int refusal; /* what the write with flags answers; 0: it works */
static int interruptions;
static int writes_with_flags;

ssize_t __real_pwritev2(int fd, const struct iovec *pieces, int count,
                        off_t offset, int flags);
ssize_t __wrap_pwritev2(int fd, const struct iovec *pieces, int count,
                        off_t offset, int flags);
ssize_t __real_writev(int fd, const struct iovec *pieces, int count);
ssize_t __wrap_writev(int fd, const struct iovec *pieces, int count);
ssize_t __real_readv(int fd, const struct iovec *pieces, int count);
ssize_t __wrap_readv(int fd, const struct iovec *pieces, int count);

static bool is_interrupted(void)
{
    if (interruptions == 0)
        return false;
    interruptions--;
    errno = EINTR;
    return true;
}

ssize_t __wrap_pwritev2(int fd, const struct iovec *pieces, int count,
                        off_t offset, int flags)
{
    writes_with_flags++;
    if (refusal != 0) {
        errno = refusal;
        return -1;
    }
    if (is_interrupted())
        return -1;
    return __real_pwritev2(fd, pieces, count, offset, flags);
}

ssize_t __wrap_writev(int fd, const struct iovec *pieces, int count)
{
    return is_interrupted() ? -1 : __real_writev(fd, pieces, count);
}

ssize_t __wrap_readv(int fd, const struct iovec *pieces, int count)
{
    return is_interrupted() ? -1 : __real_readv(fd, pieces, count);
}

struct fixture {
    struct loop loop;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
};

static int setup(void **state)
{
    static struct fixture f;
    refusal = 0;
    interruptions = 0;
    writes_with_flags = 0;
    loop_open(&f.loop);
    assert_ok(mio_pipe_open(&f.sender, &f.receiver));
    *state = &f;
    return 0;
}

static int setup_refused(void **state)
{
    int rc = setup(state);
    refusal = EOPNOTSUPP;
    return rc;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_pipe_sender_close(&f->sender);
    mio_pipe_receiver_close(&f->receiver);
    loop_close(&f->loop);
    return 0;
}

static void say(struct mio_pipe_sender *sender, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(mio_pipe_sender_write(sender, text, size), size);
}

static void hear(struct mio_pipe_receiver *receiver, const char *expected)
{
    char bytes[64];
    size_t size = strlen(expected);
    assert_int_equal(mio_pipe_receiver_read(receiver, bytes, sizeof(bytes)),
                     size);
    assert_memory_equal(bytes, expected, size);
}

static void first_it_is_writable_then_readable(void **state)
{
    struct fixture *f = *state;
    char byte;
    assert_sound(&f->sender.source);
    assert_sound(&f->receiver.source);
    loop_watch(&f->loop, &f->sender.source, A, MIO_WRITABLE);
    loop_watch(&f->loop, &f->receiver.source, B, MIO_READABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, &byte, 1),
                     MIO_EAGAIN);
    for (int round = 0; round < 3; round++) {
        say(&f->sender, "hello");
        event = loop_hear(&f->loop, B);
        assert_true(mio_event_is_readable(&event));
        assert_false(mio_event_is_read_closed(&event));
        hear(&f->receiver, "hello");
        assert_int_equal(mio_pipe_receiver_read(&f->receiver, &byte, 1),
                         MIO_EAGAIN);
        loop_silence(&f->loop);
    }
}

static void the_receiver_is_told_once_that_the_sender_is_gone(void **state)
{
    struct fixture *f = *state;
    char byte;
    loop_watch(&f->loop, &f->receiver.source, B, MIO_READABLE);
    say(&f->sender, "last");
    loop_hear(&f->loop, B);
    mio_pipe_sender_close(&f->sender);
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_read_closed(&event));
    loop_silence(&f->loop);
    hear(&f->receiver, "last");
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, &byte, 1), 0);
}

static void the_sender_is_told_once_that_the_receiver_is_gone(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->sender.source, A, MIO_WRITABLE);
    loop_hear(&f->loop, A);
    mio_pipe_receiver_close(&f->receiver);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_write_closed(&event));
    loop_silence(&f->loop);
}

/* SIGPIPE has its deadly default action in this program. */
static void writing_to_nobody_is_an_error_and_no_signal(void **state)
{
    struct fixture *f = *state;
    struct mio_iovec piece = {"x", 1};
    sigset_t mask;
    mio_pipe_receiver_close(&f->receiver);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mio_pipe_sender_write(&f->sender, "x", 1), MIO_EPIPE);
        assert_int_equal(mio_pipe_sender_writev(&f->sender, &piece, 1),
                         MIO_EPIPE);
    }
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    assert_int_equal(sigismember(&mask, SIGPIPE), 0);
    assert_int_equal(sigpending(&mask), 0);
    assert_int_equal(sigismember(&mask, SIGPIPE), 0);
}

/* Whoever blocks the signal, and waits for it, gets those that are his. */
static void a_signal_that_was_pending_stays_so(void **state)
{
    struct fixture *f = *state;
    sigset_t sigpipe;
    sigset_t mask;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &sigpipe, NULL), 0);
    mio_pipe_receiver_close(&f->receiver);
    for (int was_pending = 0; was_pending < 2; was_pending++) {
        if (was_pending)
            assert_int_equal(raise(SIGPIPE), 0);
        assert_int_equal(mio_pipe_sender_write(&f->sender, "x", 1), MIO_EPIPE);
        assert_int_equal(sigpending(&mask), 0);
        assert_int_equal(sigismember(&mask, SIGPIPE), was_pending);
        assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
        assert_int_equal(sigismember(&mask, SIGPIPE), 1);
    }
    assert_int_equal(sigwaitinfo(&sigpipe, NULL), SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &sigpipe, NULL), 0);
}

static void the_way_to_write_is_found_out_once(void **state)
{
    struct fixture *f = *state;
    const int refusals[] = {EOPNOTSUPP, ENOSYS, EINVAL, EPERM};
    say(&f->sender, "1");
    say(&f->sender, "2");
    int asked = writes_with_flags;
    assert_true(asked == 2 || asked == 1); /* it has it or not: Linux 6.18 */
    hear(&f->receiver, "12");
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        mio_pipe_sender_from_handle(&f->sender,
                                    mio_pipe_sender_release(&f->sender));
        refusal = refusals[i];
        writes_with_flags = 0;
        say(&f->sender, "1");
        say(&f->sender, "2");
        assert_int_equal(writes_with_flags, 1);
        hear(&f->receiver, "12");
    }
    /* What is no matter of the flag is answered at once. */
    mio_pipe_sender_from_handle(&f->sender,
                                mio_pipe_sender_release(&f->sender));
    refusal = EFAULT;
    assert_int_equal(mio_pipe_sender_write(&f->sender, "x", 1), MIO_EFAULT);
}

static void pieces_are_gathered_and_scattered_in_order(void **state)
{
    struct fixture *f = *state;
    struct mio_iovec out[] = {{"one", 3}, {"", 0}, {"two", 3}};
    char a[2];
    char b[8];
    struct mio_iovec in[] = {{a, 2}, {b, 8}};
    assert_int_equal(mio_pipe_sender_writev(&f->sender, out, 3), 6);
    assert_int_equal(mio_pipe_receiver_readv(&f->receiver, in, 2), 6);
    assert_memory_equal(a, "on", 2);
    assert_memory_equal(b, "etwo", 4);

    struct mio_iovec many[MIO_IOVECS_MAX + 9];
    char bytes[MIO_IOVECS_MAX + 9];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct mio_iovec){"x", 1};
    assert_int_equal(mio_pipe_sender_writev(&f->sender, many, COUNT_OF(many)),
                     MIO_IOVECS_MAX);
    say(&f->sender, "more");
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct mio_iovec){&bytes[i], 1};
    assert_int_equal(
        mio_pipe_receiver_readv(&f->receiver, many, COUNT_OF(many)),
        MIO_IOVECS_MAX);
    hear(&f->receiver, "more");
}

static void a_read_of_nothing_is_not_the_end(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_iovec none = {&byte, 0};
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, &byte, 0),
                     MIO_EINVAL);
    assert_int_equal(mio_pipe_receiver_readv(&f->receiver, &none, 1),
                     MIO_EINVAL);
    assert_int_equal(mio_pipe_receiver_readv(&f->receiver, NULL, 0),
                     MIO_EINVAL);
    assert_int_equal(mio_pipe_sender_write(&f->sender, &byte, 0), 0);
}

static void a_full_pipe_would_block_and_then_is_an_event(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[1 << 16];
    size_t sent = 0;
    size_t received = 0;
    int64_t n;
    loop_watch(&f->loop, &f->sender.source, A, MIO_WRITABLE);
    for (int round = 0; round < 3; round++) {
        loop_hear(&f->loop, A);
        while ((n = mio_pipe_sender_write(&f->sender, bytes, 10000)) > 0)
            sent += (size_t)n;
        assert_int_equal(n, MIO_EAGAIN);
        loop_silence(&f->loop);
        while ((n = mio_pipe_receiver_read(&f->receiver, bytes,
                                           sizeof(bytes))) > 0)
            received += (size_t)n;
        assert_int_equal(n, MIO_EAGAIN);
        assert_int_equal(received, sent);
    }
}

static void interruptions_are_not_seen(void **state)
{
    struct fixture *f = *state;
    interruptions = 3;
    say(&f->sender, "hello");
    assert_int_equal(interruptions, 0);
    interruptions = 3;
    hear(&f->receiver, "hello");
    assert_int_equal(interruptions, 0);
}

static void it_is_told_to_block_and_not_to(void **state)
{
    struct fixture *f = *state;
    int fds[] = {(int)f->sender.source.handle, (int)f->receiver.source.handle};
    for (int on = 0; on < 2; on++) {
        assert_ok(mio_pipe_sender_set_nonblocking(&f->sender, on != 0));
        assert_int_equal((fcntl(fds[0], F_GETFL) & O_NONBLOCK) != 0, on);
        assert_true(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
        assert_ok(mio_pipe_sender_set_nonblocking(&f->sender, on != 0));
        assert_int_equal((fcntl(fds[0], F_GETFL) & O_NONBLOCK) != 0, on);
    }
    for (int on = 0; on < 2; on++) {
        assert_ok(mio_pipe_receiver_set_nonblocking(&f->receiver, on != 0));
        assert_int_equal((fcntl(fds[1], F_GETFL) & O_NONBLOCK) != 0, on);
        assert_true(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    }
    /* What else is set stays. */
    assert_int_equal(fcntl(fds[0], F_SETFL, O_APPEND | O_NONBLOCK), 0);
    assert_ok(mio_pipe_sender_set_nonblocking(&f->sender, false));
    assert_int_equal(fcntl(fds[0], F_GETFL) & (O_APPEND | O_NONBLOCK),
                     O_APPEND);
    mio_pipe_sender_close(&f->sender);
    assert_code(MIO_EBADF, mio_pipe_sender_set_nonblocking(&f->sender, true));
}

/* A program that copies its input to its output, with plain blocking pipes. */
static pid_t start_child(int *to_child, int *from_child)
{
    int in[2];
    int out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execlp("cat", "cat", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    *to_child = in[1];
    *from_child = out[0];
    return child;
}

static void a_child_s_input_and_output_are_its_ends(void **state)
{
    struct fixture *f = *state;
    struct mio_pipe_sender to;
    struct mio_pipe_receiver from;
    int fds[2];
    int status;
    char byte;
    pid_t child = start_child(&fds[0], &fds[1]);
    mio_pipe_sender_from_handle(&to, fds[0]);
    mio_pipe_receiver_from_handle(&from, fds[1]);
    for (int i = 0; i < 2; i++) /* nothing was set */
        assert_int_equal(fcntl(fds[i], F_GETFL) & O_NONBLOCK, 0);
    assert_ok(mio_pipe_sender_set_nonblocking(&to, true));
    assert_ok(mio_pipe_receiver_set_nonblocking(&from, true));

    loop_watch(&f->loop, &from.source, B, MIO_READABLE);
    assert_int_equal(mio_pipe_receiver_read(&from, &byte, 1), MIO_EAGAIN);
    say(&to, "hello");
    assert_true(loop_hear(&f->loop, B).readiness & MIO_READY_READABLE);
    hear(&from, "hello");
    assert_int_equal(mio_pipe_receiver_read(&from, &byte, 1), MIO_EAGAIN);

    mio_pipe_sender_close(&to); /* so it ends */
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(mio_pipe_receiver_read(&from, &byte, 1), 0);
    mio_pipe_receiver_close(&from);
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    assert_int_equal(status, 0);
}

static void a_child_that_ends_closes_its_input(void **state)
{
    struct fixture *f = *state;
    struct mio_pipe_sender to;
    int fds[2];
    pid_t child = start_child(&fds[0], &fds[1]);
    mio_pipe_sender_from_handle(&to, fds[0]);
    assert_ok(mio_pipe_sender_set_nonblocking(&to, true));
    loop_watch(&f->loop, &to.source, A, MIO_WRITABLE);
    loop_hear(&f->loop, A);
    assert_int_equal(kill(child, SIGKILL), 0);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_write_closed(&event));
    assert_int_equal(mio_pipe_sender_write(&to, "x", 1), MIO_EPIPE);
    mio_pipe_sender_close(&to);
    close(fds[1]);
    assert_int_equal(PATIENTLY(waitpid(child, NULL, 0)), child);
}

/* Some give their children a socket pair for standard input. */
static void a_socket_as_an_end_raises_no_signal_either(void **state)
{
    (void)state;
    struct mio_pipe_sender sender;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                     0);
    mio_pipe_sender_from_handle(&sender, fds[0]);
    say(&sender, "x");
    close(fds[1]);
    assert_int_equal(mio_pipe_sender_write(&sender, "x", 1), MIO_EPIPE);
    mio_pipe_sender_close(&sender);
}

static void ends_are_given_away_as_they_are(void **state)
{
    struct fixture *f = *state;
    mio_handle to_write = f->sender.source.handle;
    mio_handle to_read = f->receiver.source.handle;
    loop_watch(&f->loop, &f->sender.source, A, MIO_WRITABLE);
    loop_watch(&f->loop, &f->receiver.source, B, MIO_READABLE);
    assert_int_equal(mio_pipe_sender_release(&f->sender), to_write);
    assert_int_equal(mio_pipe_receiver_release(&f->receiver), to_read);
    assert_false(mio_pipe_sender_is_open(&f->sender));
    assert_false(mio_pipe_receiver_is_open(&f->receiver));
    assert_false(mio_source_is_registered(&f->sender.source));
    assert_false(mio_source_is_registered(&f->receiver.source));
    assert_int_equal(mio_pipe_sender_release(&f->sender), MIO_HANDLE_NONE);
    assert_int_equal(mio_pipe_receiver_release(&f->receiver), MIO_HANDLE_NONE);
    mio_pipe_sender_close(&f->sender);
    mio_pipe_receiver_close(&f->receiver);
    assert_int_equal(write((int)to_write, "x", 1), 1);
    mio_pipe_sender_from_handle(&f->sender, to_write);
    mio_pipe_receiver_from_handle(&f->receiver, to_read);
    assert_true(mio_pipe_receiver_is_open(&f->receiver));
    hear(&f->receiver, "x");
}

static void closing_deregisters_and_silences(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_event event;
    assert_ok(mio_poll_register(f->loop.poll, &f->sender.source, A,
                                MIO_WRITABLE, MIO_LEVEL));
    loop_watch(&f->loop, &f->receiver.source, B, MIO_READABLE);
    wait_some(f->loop.poll, f->loop.events);
    int copy = dup((int)f->sender.source.handle); /* as a child has it */
    mio_pipe_sender_close(&f->sender);
    assert_false(mio_events_next(f->loop.events, &event));
    loop_silence(&f->loop); /* somebody can still write */
    close(copy);
    loop_hear(&f->loop, B);
    mio_pipe_receiver_close(&f->receiver);
    loop_silence(&f->loop);
    assert_code(MIO_EBADF, (int)mio_pipe_sender_write(&f->sender, "x", 1));
    assert_code(MIO_EBADF, (int)mio_pipe_receiver_read(&f->receiver, &byte, 1));
}

static void without_descriptors_there_is_none(void **state)
{
    (void)state;
    struct mio_pipe_sender sender = {.source.handle = MIO_HANDLE_NONE};
    struct mio_pipe_receiver receiver = {.source.handle = MIO_HANDLE_NONE};
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int before = lowest_free();
    struct rlimit low = {.rlim_cur = (rlim_t)before + 1,
                         .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int rc = mio_pipe_open(&sender, &receiver);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_code(MIO_EMFILE, rc);
    assert_false(mio_pipe_sender_is_open(&sender));
    assert_false(mio_pipe_receiver_is_open(&receiver));
    assert_int_equal(lowest_free(), before);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_REFUSED(fn)                                                       \
    {                                                                          \
#fn " with masks", fn, setup_refused, teardown, NULL                   \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_it_is_writable_then_readable),
        TEST_REFUSED(first_it_is_writable_then_readable),
        TEST(the_receiver_is_told_once_that_the_sender_is_gone),
        TEST(the_sender_is_told_once_that_the_receiver_is_gone),
        TEST(writing_to_nobody_is_an_error_and_no_signal),
        TEST_REFUSED(writing_to_nobody_is_an_error_and_no_signal),
        TEST(a_signal_that_was_pending_stays_so),
        TEST_REFUSED(a_signal_that_was_pending_stays_so),
        TEST(the_way_to_write_is_found_out_once),
        TEST(pieces_are_gathered_and_scattered_in_order),
        TEST_REFUSED(pieces_are_gathered_and_scattered_in_order),
        TEST(a_read_of_nothing_is_not_the_end),
        TEST(a_full_pipe_would_block_and_then_is_an_event),
        TEST_REFUSED(a_full_pipe_would_block_and_then_is_an_event),
        TEST(interruptions_are_not_seen),
        TEST_REFUSED(interruptions_are_not_seen),
        TEST(it_is_told_to_block_and_not_to),
        TEST(a_child_s_input_and_output_are_its_ends),
        TEST(a_child_that_ends_closes_its_input),
        TEST(a_socket_as_an_end_raises_no_signal_either),
        TEST_REFUSED(a_socket_as_an_end_raises_no_signal_either),
        TEST(ends_are_given_away_as_they_are),
        TEST(closing_deregisters_and_silences),
        TEST(without_descriptors_there_is_none),
    };
    return cmocka_run_group_tests_name("net/pipe", tests, NULL, NULL);
}
