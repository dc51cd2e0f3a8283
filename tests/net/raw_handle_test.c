/* SPDX-License-Identifier: MIT
 *
 * tests/net/raw_handle_test.c - kinds of sockets that have no type here work
 * through mio_source_init: sequenced packets, which keep their bounds and have
 * an end. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif

#include <errno.h>
#include <sys/socket.h>

#include "net/unix_message.h"
#include "net/unix_stream.h"
#include "tests/net/unix.h"
#include "tests/storm/patient.h"

struct fixture {
    struct loop loop;
    int fds[2];
    struct mio_source a;
    struct mio_source b;
};

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    assert_int_equal(socketpair(AF_UNIX,
                                SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                0, f.fds),
                     0);
    mio_source_init(&f.a, f.fds[0]);
    mio_source_init(&f.b, f.fds[1]);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_source_deregister(&f->a);
    mio_source_deregister(&f->b);
    close(f->fds[0]);
    close(f->fds[1]);
    loop_close(&f->loop);
    return 0;
}

/* As one drains a raw handle on an edge: what would block is told. */
static ssize_t receive(struct mio_source *source, void *bytes, size_t size)
{
    ssize_t n = recv((int)source->handle, bytes, size, 0);
    if (n < 0 && errno == EAGAIN)
        mio_source_arm(source, MIO_READABLE);
    return n;
}

static void packets_keep_their_bounds_on_edges(void **state)
{
    struct fixture *f = *state;
    char bytes[16];
    loop_watch(&f->loop, &f->b, B, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(receive(&f->b, bytes, 16), -1);
        loop_silence(&f->loop);
        assert_int_equal(send(f->fds[0], "one", 3, 0), 3);
        assert_int_equal(send(f->fds[0], "three", 5, 0), 5);
        assert_true(loop_hear(&f->loop, B).readiness & MIO_READY_READABLE);
        assert_int_equal(receive(&f->b, bytes, 16), 3);
        assert_int_equal(receive(&f->b, bytes, 16), 5);
    }
}

static void packets_are_told_at_each_wait_on_level(void **state)
{
    struct fixture *f = *state;
    char bytes[16];
    assert_ok(
        mio_poll_register(f->loop.poll, &f->b, B, MIO_READABLE, MIO_LEVEL));
    loop_silence(&f->loop);
    assert_int_equal(send(f->fds[0], "x", 1, 0), 1);
    loop_hear(&f->loop, B);
    loop_hear(&f->loop, B);
    assert_int_equal(recv(f->fds[1], bytes, 16, 0), 1);
    loop_silence(&f->loop);
}

static void the_end_of_packets_is_told(void **state)
{
    struct fixture *f = *state;
    char byte;
    loop_watch(&f->loop, &f->b, B, MIO_READABLE);
    assert_int_equal(shutdown(f->fds[0], SHUT_WR), 0);
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(receive(&f->b, &byte, 1), 0);
}

static void a_listener_of_packets_accepts(void **state)
{
    struct fixture *f = *state;
    struct mio_address name = abstract_name("packets");
    const struct sockaddr *at =
        (const struct sockaddr *)(const void *)&name.storage;
    int type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int listener = socket(AF_UNIX, type, 0);
    int client = socket(AF_UNIX, type, 0);
    struct mio_source source;
    assert_int_equal(bind(listener, at, name.size), 0);
    assert_int_equal(listen(listener, 8), 0);
    mio_source_init(&source, listener);
    loop_watch(&f->loop, &source, C, MIO_READABLE);
    assert_int_equal(connect_patiently(client, at, name.size), 0);
    loop_hear(&f->loop, C);
    int server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(server >= 0);
    assert_int_equal(send(client, "hello", 5, 0), 5);
    char bytes[8];
    assert_int_equal(recv(server, bytes, 8, 0), 5);
    assert_ok(mio_poll_deregister(f->loop.poll, &source));
    close(server);
    close(client);
    close(listener);
}

/* What Unix sockets have in common, a stream's operations do for them too. */
static void packets_carry_handles_as_an_adopted_stream(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_stream a;
    struct mio_unix_stream b;
    struct mio_iovec out_piece = {"packet", 6};
    char bytes[4];
    struct mio_iovec in_piece = {bytes, 4};
    mio_handle sent = f->loop.free_fd; /* any open one */
    mio_handle seen;
    struct mio_unix_message out = {.pieces = &out_piece,
                                   .pieces_count = 1,
                                   .handles = &sent,
                                   .handles_count = 1};
    struct mio_unix_message in = {.pieces = &in_piece,
                                  .pieces_count = 1,
                                  .handles = &seen,
                                  .handles_max = 1};
    mio_unix_stream_from_handle(&a, f->fds[0]);
    mio_unix_stream_from_handle(&b, f->fds[1]);
    assert_int_equal(mio_unix_stream_send_message(&a, &out), 6);
    assert_int_equal(mio_unix_stream_recv_message(&b, &in), 4);
    assert_int_equal(in.flags, MIO_UNIX_TRUNCATED);
    assert_int_equal(in.handles_count, 1);
    assert_int_equal(close((int)seen), 0);
    assert_int_equal(mio_unix_stream_release(&a), f->fds[0]);
    assert_int_equal(mio_unix_stream_release(&b), f->fds[1]);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_source regular;
    struct mio_source closed;
    FILE *file = tmpfile();
    assert_non_null(file);
    mio_source_init(&regular, fileno(file));
    assert_code(MIO_EPERM, mio_poll_register(f->loop.poll, &regular, A,
                                             MIO_READABLE, MIO_LEVEL));
    (void)fclose(file);
    mio_source_init(&closed, lowest_free());
    assert_code(MIO_EBADF, mio_poll_register(f->loop.poll, &closed, A,
                                             MIO_READABLE, MIO_LEVEL));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(packets_keep_their_bounds_on_edges),
        TEST(packets_are_told_at_each_wait_on_level),
        TEST(the_end_of_packets_is_told),
        TEST(a_listener_of_packets_accepts),
        TEST(packets_carry_handles_as_an_adopted_stream),
        TEST(what_cannot_be_watched_is_refused),
    };
    return cmocka_run_group_tests_name("net/raw_handle", tests, NULL, NULL);
}
