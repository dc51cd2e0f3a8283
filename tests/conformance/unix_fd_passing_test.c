/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/unix_fd_passing_test.c - handles go with bytes. */
#include "net/pipe.h"
#include "net/unix_stream.h"
#include "tests/conformance/conformance.h"

struct fixture {
    struct loop loop;
    struct mio_unix_stream a;
    struct mio_unix_stream b;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
};

static int setup(void **state)
{
    static struct fixture f;
    alarm(HANGS_S);
    loop_open(&f.loop);
    assert_ok(mio_unix_stream_pair(&f.a, &f.b));
    assert_ok(mio_pipe_open(&f.sender, &f.receiver));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_stream_close(&f->a);
    mio_unix_stream_close(&f->b);
    mio_pipe_sender_close(&f->sender);
    mio_pipe_receiver_close(&f->receiver);
    loop_close(&f->loop);
    alarm(0);
    return 0;
}

#define CASE_PASSING(function)                                                 \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

/* A handle and one byte. */
static void send_handle(struct mio_unix_stream *stream, mio_handle handle)
{
    struct mio_iovec piece = {"x", 1};
    struct mio_unix_message message = {.pieces = &piece,
                                       .pieces_count = 1,
                                       .handles = &handle,
                                       .handles_count = 1};
    assert_int_equal(mio_unix_stream_send_message(stream, &message), 1);
}

/* The byte, and as many handles as there is room for. */
static struct mio_unix_message receive(struct mio_unix_stream *stream,
                                       mio_handle *handles, size_t handles_max)
{
    char byte;
    struct mio_iovec piece = {&byte, 1};
    struct mio_unix_message message = {.pieces = &piece,
                                       .pieces_count = 1,
                                       .handles = handles,
                                       .handles_max = handles_max};
    assert_int_equal(mio_unix_stream_recv_message(stream, &message), 1);
    assert_int_equal(byte, 'x');
    return message;
}

/* The older test: a pipe's end is sent over a pair, and works there. */
static void unix_fd_passing_pass_fd(void **state)
{
    struct fixture *f = *state;
    mio_handle handle = MIO_HANDLE_NONE;
    char bytes[8];
    loop_watch(&f->loop, &f->b.source, B, MIO_READABLE);
    send_handle(&f->a, f->receiver.source.handle);
    mio_pipe_receiver_close(&f->receiver);
    loop_hear(&f->loop, B);
    struct mio_unix_message message = receive(&f->b, &handle, 1);
    assert_int_equal(message.handles_count, 1);
    assert_true(fcntl((int)handle, F_GETFD) & FD_CLOEXEC);
    mio_pipe_receiver_from_handle(&f->receiver, handle);
    loop_watch(&f->loop, &f->receiver.source, C, MIO_READABLE);
    assert_int_equal(mio_pipe_sender_write(&f->sender, "hello", 5), 5);
    loop_hear(&f->loop, C);
    assert_int_equal(mio_pipe_receiver_read(&f->receiver, bytes, 8), 5);
    assert_memory_equal(bytes, "hello", 5);
}

static void unix_fd_passing_copies(void **state)
{
    struct fixture *f = *state;
    mio_handle handle = MIO_HANDLE_NONE;
    send_handle(&f->a, f->sender.source.handle);
    (void)receive(&f->b, &handle, 1);
    assert_int_not_equal(handle, f->sender.source.handle);
    mio_pipe_sender_close(&f->sender); /* the copy is open still */
    assert_int_equal(write((int)handle, "x", 1), 1);
    close((int)handle);
}

static void unix_fd_passing_none(void **state)
{
    struct fixture *f = *state;
    mio_handle handle = MIO_HANDLE_NONE;
    assert_int_equal(mio_unix_stream_write(&f->a, "x", 1), 1);
    struct mio_unix_message message = receive(&f->b, &handle, 1);
    assert_int_equal(message.handles_count, 0);
    assert_int_equal(handle, MIO_HANDLE_NONE);
}

static void unix_fd_passing_would_block(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_iovec piece = {&byte, 1};
    struct mio_unix_message message = {.pieces = &piece, .pieces_count = 1};
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &message), MIO_EAGAIN);
    loop_watch(&f->loop, &f->b.source, B, MIO_READABLE);
    for (int round = 0; round < 2; round++) {
        send_handle(&f->a, f->sender.source.handle);
        loop_hear(&f->loop, B);
        assert_int_equal(mio_unix_stream_recv_message(&f->b, &message), 1);
        assert_int_equal(mio_unix_stream_recv_message(&f->b, &message),
                         MIO_EAGAIN);
    }
}

/* That none is left open is seen by the loop's end, too. */
static void unix_fd_passing_without_room(void **state)
{
    struct fixture *f = *state;
    char byte;
    int lowest = lowest_free();
    send_handle(&f->a, f->sender.source.handle);
    struct mio_unix_message message = receive(&f->b, NULL, 0);
    assert_true(message.flags & MIO_UNIX_HANDLES_LOST);
    assert_int_equal(message.handles_count, 0);
    send_handle(&f->a, f->sender.source.handle);
    assert_int_equal(mio_unix_stream_read(&f->b, &byte, 1), 1);
    assert_int_equal(lowest_free(), lowest);
}

static void unix_fd_passing_order(void **state)
{
    struct fixture *f = *state;
    mio_handle handles[2] = {MIO_HANDLE_NONE, MIO_HANDLE_NONE};
    char bytes[8];
    send_handle(&f->a, f->sender.source.handle);
    assert_int_equal(mio_unix_stream_write(&f->a, "x", 1), 1);
    send_handle(&f->a, f->receiver.source.handle);
    for (int i = 0; i < 3; i++) {
        struct mio_unix_message message = receive(&f->b, &handles[i / 2], 1);
        assert_int_equal(message.handles_count, i == 1 ? 0 : 1);
    }
    assert_int_equal(write((int)handles[0], "hello", 5), 5);
    assert_int_equal(read((int)handles[1], bytes, 8), 5);
    close((int)handles[0]);
    close((int)handles[1]);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_PASSING(unix_fd_passing_pass_fd),
        CASE_PASSING(unix_fd_passing_copies),
        CASE_PASSING(unix_fd_passing_none),
        CASE_PASSING(unix_fd_passing_would_block),
        CASE_PASSING(unix_fd_passing_without_room),
        CASE_PASSING(unix_fd_passing_order),
    };
    return cmocka_run_group_tests_name("unix_fd_passing", cases, NULL, NULL);
}
