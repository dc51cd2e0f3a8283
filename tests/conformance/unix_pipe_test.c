/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/unix_pipe_test.c - pipes, and a child's ends of them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif

#include <sys/wait.h>

#include "net/pipe.h"
#include "tests/conformance/conformance.h"
#include "tests/net/loop.h"
#include "tests/storm/patient.h"

struct fixture {
    struct loop loop;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
};

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    assert_ok(mio_pipe_open(&f.sender, &f.receiver));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_pipe_sender_close(&f->sender);
    mio_pipe_receiver_close(&f->receiver);
    loop_close(&f->loop);
    return 0;
}

#define CASE_PIPE(function)                                                    \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

static void unix_pipe_smoke(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    assert_sound(&f->sender.source);
    assert_sound(&f->receiver.source);
    loop_watch(&f->loop, &f->receiver.source, B, MIO_READABLE);
    loop_watch(&f->loop, &f->sender.source, A, MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, bytes, 8),
                     MIO_EAGAIN);
    assert_int_equal(mio_pipe_sender_write(&f->sender, "hello", 5), 5);
    event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, bytes, 8), 5);
    assert_memory_equal(bytes, "hello", 5);
}

static void unix_pipe_event_when_sender_is_dropped(void **state)
{
    struct fixture *f = *state;
    char byte;
    loop_watch(&f->loop, &f->receiver.source, B, MIO_READABLE);
    mio_pipe_sender_close(&f->sender);
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_read_closed(&event));
    loop_silence(&f->loop);
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, &byte, 1), 0);
}

static void unix_pipe_event_when_receiver_is_dropped(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->sender.source, A, MIO_WRITABLE);
    loop_hear(&f->loop, A);
    mio_pipe_receiver_close(&f->receiver);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_write_closed(&event));
    loop_silence(&f->loop);
    assert_int_equal(mio_pipe_sender_write(&f->sender, "x", 1), MIO_EPIPE);
}

/* A program that copies its input to its output, over plain blocking pipes. */
static pid_t start_cat(struct mio_pipe_sender *to,
                       struct mio_pipe_receiver *from)
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
    mio_pipe_sender_from_handle(to, in[1]);
    mio_pipe_receiver_from_handle(from, out[0]);
    return child;
}

static bool blocks(const struct mio_source *source)
{
    return (fcntl((int)source->handle, F_GETFL) & O_NONBLOCK) == 0;
}

/* What goes in comes out, and its end as well. Both ends are registered. */
static void talk_to_cat(struct fixture *f, struct mio_pipe_sender *to,
                        struct mio_pipe_receiver *from, pid_t child)
{
    char bytes[8];
    int status;
    loop_watch(&f->loop, &to->source, A, MIO_WRITABLE);
    loop_watch(&f->loop, &from->source, B, MIO_READABLE);
    loop_hear(&f->loop, A);
    assert_ok(mio_poll_deregister(f->loop.poll, &to->source));
    assert_int_equal(mio_pipe_sender_write(to, "hello", 5), 5);
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_pipe_receiver_read(from, bytes, 8), 5);
    assert_memory_equal(bytes, "hello", 5);
    mio_pipe_sender_close(to);
    event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(mio_pipe_receiver_read(from, bytes, 8), 0);
    mio_pipe_receiver_close(from);
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    assert_int_equal(status, 0);
}

static void unix_pipe_from_child_process_io(void **state)
{
    struct fixture *f = *state;
    struct mio_pipe_sender to;
    struct mio_pipe_receiver from;
    pid_t child = start_cat(&to, &from);
    assert_true(blocks(&to.source)); /* nothing is set by taking it over */
    assert_true(blocks(&from.source));
    talk_to_cat(f, &to, &from, child);
}

static void unix_pipe_nonblocking_child_process_io(void **state)
{
    struct fixture *f = *state;
    struct mio_pipe_sender to;
    struct mio_pipe_receiver from;
    char byte;
    pid_t child = start_cat(&to, &from);
    assert_ok(mio_pipe_sender_set_nonblocking(&to, true));
    assert_ok(mio_pipe_receiver_set_nonblocking(&from, true));
    assert_false(blocks(&to.source));
    assert_false(blocks(&from.source));
    assert_int_equal(mio_pipe_receiver_read(&from, &byte, 1), MIO_EAGAIN);
    talk_to_cat(f, &to, &from, child);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_PIPE(unix_pipe_smoke),
        CASE_PIPE(unix_pipe_event_when_sender_is_dropped),
        CASE_PIPE(unix_pipe_event_when_receiver_is_dropped),
        CASE_PIPE(unix_pipe_from_child_process_io),
        CASE_PIPE(unix_pipe_nonblocking_child_process_io),
    };
    return cmocka_run_group_tests_name("unix_pipe", cases, NULL, NULL);
}
