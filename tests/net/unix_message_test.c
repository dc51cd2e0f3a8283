/* SPDX-License-Identifier: MIT
 *
 * tests/net/unix_message_test.c - handles and credentials that travel: all of
 * them arrive, or are told of, and none is ever left open by mistake. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif

#include "net/unix_message.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "net/unix_datagram.h"
#include "net/unix_stream.h"
#include "tests/net/unix.h"

/* Linked in place of the system's calls. */
static int errors[4]; /* to be answered, one a call, until a 0 */

ssize_t __real_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);

static bool fails(void)
{
    if (errors[0] == 0)
        return false;
    errno = errors[0];
    memmove(errors, errors + 1, sizeof(errors) - sizeof(errors[0]));
    return true;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags)
{
    return fails() ? -1 : __real_sendmsg(fd, header, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
    return fails() ? -1 : __real_recvmsg(fd, header, flags);
}

struct fixture {
    struct loop loop;
    struct mio_unix_stream a;
    struct mio_unix_stream b;
    struct mio_unix_datagram c;
    struct mio_unix_datagram d;
    mio_handle pipe[2]; /* read end, write end: what travels */
};

static int setup(void **state)
{
    static struct fixture f;
    int fds[2];
    memset(errors, 0, sizeof(errors));
    loop_open(&f.loop);
    assert_ok(mio_unix_stream_pair(&f.a, &f.b));
    assert_ok(mio_unix_datagram_pair(&f.c, &f.d));
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    f.pipe[0] = fds[0];
    f.pipe[1] = fds[1];
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_stream_close(&f->a);
    mio_unix_stream_close(&f->b);
    mio_unix_datagram_close(&f->c);
    mio_unix_datagram_close(&f->d);
    close((int)f->pipe[0]);
    close((int)f->pipe[1]);
    loop_close(&f->loop);
    return 0;
}

static struct mio_iovec hello = {"hello", 5};

/* A message of 5 bytes and so many handles. */
static struct mio_unix_message with_handles(mio_handle *handles, size_t count)
{
    return (struct mio_unix_message){.pieces = &hello,
                                     .pieces_count = 1,
                                     .handles = handles,
                                     .handles_count = count};
}

static void send_handles(struct fixture *f, size_t count)
{
    mio_handle handles[MIO_UNIX_HANDLES_MAX];
    for (size_t i = 0; i < count; i++)
        handles[i] = f->pipe[1];
    struct mio_unix_message out = with_handles(handles, count);
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
}

static void close_all(const mio_handle *handles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(close((int)handles[i]), 0);
}

static void a_handle_arrives_and_works(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    mio_handle sent[2] = {f->pipe[1], f->pipe[0]};
    mio_handle seen[4];
    struct mio_iovec room[] = {{bytes, 1}, {bytes + 1, 7}};
    struct mio_unix_message out = with_handles(sent, 2);
    struct mio_unix_message in = {.pieces = room,
                                  .pieces_count = 2,
                                  .handles = seen,
                                  .handles_max = 4,
                                  .flags = 77};
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(in.handles_count, 2);
    assert_int_equal(in.flags, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_not_equal(seen[i], sent[i]);
        assert_true(fcntl((int)seen[i], F_GETFD) & FD_CLOEXEC);
        /* As its sender had it, who has it still. */
        assert_true(fcntl((int)seen[i], F_GETFL) & O_NONBLOCK);
        assert_int_equal(fcntl((int)sent[i], F_GETFD) & FD_CLOEXEC, 0);
    }
    assert_int_equal(write((int)seen[0], "x", 1), 1);
    assert_int_equal(read((int)f->pipe[0], bytes, 8), 1);
    close_all(seen, 2);
    assert_int_equal(write((int)f->pipe[1], "x", 1), 1);
}

static void a_datagram_carries_handles_without_any_bytes(void **state)
{
    struct fixture *f = *state;
    mio_handle seen[1];
    struct mio_unix_message out = {.handles = &f->pipe[1], .handles_count = 1};
    struct mio_unix_message in = {.handles = seen, .handles_max = 1};
    loop_watch(&f->loop, &f->d.source, A, MIO_READABLE);
    assert_int_equal(mio_unix_datagram_recv_message(&f->d, &in), MIO_EAGAIN);
    assert_int_equal(mio_unix_datagram_send_message(&f->c, &out), 0);
    loop_hear(&f->loop, A);
    assert_int_equal(mio_unix_datagram_recv_message(&f->d, &in), 0);
    assert_int_equal(in.handles_count, 1);
    assert_int_equal(in.flags, 0);
    assert_int_equal(write((int)seen[0], "x", 1), 1);
    close_all(seen, 1);
}

static void a_datagram_tells_its_sender_and_what_was_cut(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_datagram e;
    struct mio_address name = abstract_name("e");
    struct mio_address from;
    mio_handle seen[1];
    char bytes[3];
    struct mio_iovec room = {bytes, 3};
    struct mio_unix_message out = with_handles(&f->pipe[1], 1);
    struct mio_unix_message in = {.pieces = &room,
                                  .pieces_count = 1,
                                  .address = &from,
                                  .handles = seen,
                                  .handles_max = 1};
    assert_ok(mio_unix_datagram_open(&e, &name));
    out.address = &name;
    assert_int_equal(mio_unix_datagram_send_message(&e, &out), 5);
    assert_int_equal(mio_unix_datagram_recv_message(&e, &in), 3);
    assert_int_equal(in.flags, MIO_UNIX_TRUNCATED);
    assert_true(mio_address_equal(&from, &name));
    assert_int_equal(in.handles_count, 1);
    close_all(seen, 1);
    mio_unix_datagram_close(&e);
}

static void what_there_is_no_room_for_is_closed_and_told(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    mio_handle seen[3];
    struct mio_iovec room = {bytes, 8};
    for (size_t max = 0; max <= 3; max++) {
        struct mio_unix_message in = {.pieces = &room,
                                      .pieces_count = 1,
                                      .handles = max > 0 ? seen : NULL,
                                      .handles_max = max};
        int before = lowest_free();
        send_handles(f, 3);
        assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
        assert_int_equal(in.handles_count, max);
        assert_int_equal(in.flags, max < 3 ? MIO_UNIX_HANDLES_LOST : 0);
        close_all(seen, max);
        assert_int_equal(lowest_free(), before);
    }
}

static void a_plain_read_leaves_no_handle_open(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    struct mio_iovec piece = {bytes, 8};
    int before = lowest_free();
    for (int i = 0; i < 3; i++) {
        send_handles(f, 5);
        assert_int_equal(mio_unix_stream_peek(&f->b, bytes, 8), 5);
        assert_int_equal(i > 0 ? mio_unix_stream_read(&f->b, bytes, 8)
                               : mio_unix_stream_readv(&f->b, &piece, 1),
                         5);
        assert_int_equal(lowest_free(), before);
    }
    struct mio_unix_message out = with_handles(f->pipe, 2);
    assert_int_equal(mio_unix_datagram_send_message(&f->c, &out), 5);
    assert_int_equal(mio_unix_datagram_recv(&f->d, bytes, 8), 5);
    assert_int_equal(lowest_free(), before);

    /* Nor does closing what was never read. */
    send_handles(f, 5);
    assert_int_equal(mio_unix_datagram_send_message(&f->c, &out), 5);
}

/* Without descriptors the bytes still come, and it is said that handles did. */
static void at_the_limit_of_descriptors_nothing_leaks(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    mio_handle seen[8];
    struct mio_iovec room = {bytes, 8};
    struct rlimit limit;
    const char *preloaded = getenv("LD_PRELOAD");
    if (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL)
        skip(); /* valgrind keeps the limit from the system */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (rlim_t left = 0; left <= 4; left++) {
        struct mio_unix_message in = {.pieces = &room,
                                      .pieces_count = 1,
                                      .handles = seen,
                                      .handles_max = 8};
        int before = lowest_free();
        struct rlimit low = {.rlim_cur = (rlim_t)before + left,
                             .rlim_max = limit.rlim_max};
        send_handles(f, 4);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        int64_t n = mio_unix_stream_recv_message(&f->b, &in);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(n, 5);
        assert_memory_equal(bytes, "hello", 5);
        assert_int_equal(in.handles_count, left);
        assert_int_equal(in.flags, left < 4 ? MIO_UNIX_HANDLES_LOST : 0);
        close_all(seen, left);
        assert_int_equal(lowest_free(), before);
    }
}

static void a_message_carries_so_many_and_no_more(void **state)
{
    struct fixture *f = *state;
    static mio_handle handles[MIO_UNIX_HANDLES_MAX + 1];
    static mio_handle seen[MIO_UNIX_HANDLES_MAX + 1];
    char bytes[8];
    struct mio_iovec room = {bytes, 8};
    struct mio_unix_message in = {.pieces = &room,
                                  .pieces_count = 1,
                                  .handles = seen,
                                  .handles_max = COUNT_OF(seen)};
    for (size_t i = 0; i < COUNT_OF(handles); i++)
        handles[i] = f->pipe[1];
    struct mio_unix_message out = with_handles(handles, COUNT_OF(handles));
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_datagram_send_message(&f->c, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), MIO_EAGAIN);

    /* With everything else that can come along. */
    assert_ok(mio_unix_stream_set_pass_credentials(&f->b, true));
    out.handles_count = MIO_UNIX_HANDLES_MAX;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.handles_count, MIO_UNIX_HANDLES_MAX);
    assert_int_equal(in.flags, MIO_UNIX_CREDENTIALS);
    close_all(seen, in.handles_count);
}

static void what_is_wrong_is_not_sent(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_iovec nothing = {&byte, 0};
    struct mio_iovec many[MIO_IOVECS_MAX + 1];
    mio_handle bad[2] = {f->pipe[1], MIO_HANDLE_NONE};
    struct mio_unix_message out = with_handles(bad, 2);
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct mio_iovec){&byte, 1};
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), MIO_EBADF);
    assert_int_equal(mio_unix_datagram_send_message(&f->c, &out), MIO_EBADF);

    /* A stream has nothing that handles alone could travel with. */
    out.handles_count = 1;
    out.pieces = &nothing;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), MIO_EINVAL);
    out.pieces_count = 0;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_recv_message(&f->a, &out), MIO_EINVAL);
    out.pieces = many;
    out.pieces_count = COUNT_OF(many);
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_recv_message(&f->a, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_datagram_send_message(&f->c, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_datagram_recv_message(&f->c, &out), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_read(&f->b, &byte, 1), MIO_EAGAIN);
    assert_int_equal(mio_unix_datagram_recv(&f->d, &byte, 1), MIO_EAGAIN);
}

/* However large the room: the handles of two messages are never mixed. */
static void handles_stay_with_their_bytes(void **state)
{
    struct fixture *f = *state;
    char bytes[64];
    mio_handle seen[8];
    struct mio_iovec room = {bytes, sizeof(bytes)};
    struct mio_unix_message in = {
        .pieces = &room, .pieces_count = 1, .handles = seen, .handles_max = 8};
    assert_int_equal(mio_unix_stream_write(&f->a, "plain", 5), 5);
    send_handles(f, 2);
    send_handles(f, 1);
    size_t received = 0;
    const size_t expected[] = {2, 1};
    size_t arrived = 0;
    while (received < 15) {
        int64_t n = mio_unix_stream_recv_message(&f->b, &in);
        assert_true(n > 0);
        received += (size_t)n;
        if (in.handles_count > 0) {
            assert_int_equal(in.handles_count, expected[arrived++]);
            /* The last of its bytes have come by now, and no byte more. */
            assert_int_equal(received, 5 + 5 * arrived);
            close_all(seen, in.handles_count);
        }
    }
    assert_int_equal(arrived, 2);
}

/* The first bytes take the handles along; the rest goes without. */
static void what_is_written_in_part_takes_its_handles_along(void **state)
{
    struct fixture *f = *state;
    static char much[4 << 20];
    struct mio_iovec piece = {much, sizeof(much)};
    struct mio_unix_message out = {.pieces = &piece,
                                   .pieces_count = 1,
                                   .handles = &f->pipe[1],
                                   .handles_count = 1};
    mio_handle seen[4];
    struct mio_unix_message in = {
        .pieces = &piece, .pieces_count = 1, .handles = seen, .handles_max = 4};
    loop_watch(&f->loop, &f->a.source, A, MIO_WRITABLE);
    loop_hear(&f->loop, A);
    int64_t sent = mio_unix_stream_send_message(&f->a, &out);
    assert_in_range(sent, 1, sizeof(much) - 1);
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), MIO_EAGAIN);
    size_t count = 0;
    for (int64_t received = 0; received < sent;) {
        int64_t n = mio_unix_stream_recv_message(&f->b, &in);
        assert_true(n > 0);
        received += n;
        count += in.handles_count;
        close_all(seen, in.handles_count);
    }
    assert_int_equal(count, 1);
    loop_hear(&f->loop, A);
}

static void a_message_that_would_block_waits_for_an_event(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    mio_handle seen[2];
    struct mio_iovec room = {bytes, 8};
    loop_watch(&f->loop, &f->b.source, B, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        struct mio_unix_message in = {.pieces = &room,
                                      .pieces_count = 1,
                                      .handles = seen,
                                      .handles_count = 99,
                                      .handles_max = 2,
                                      .flags = 99};
        assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), MIO_EAGAIN);
        assert_int_equal(in.handles_count, 99); /* as before */
        assert_int_equal(in.flags, 99);
        loop_silence(&f->loop);
        send_handles(f, 1);
        loop_hear(&f->loop, B);
        assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
        assert_int_equal(in.handles_count, 1);
        close_all(seen, 1);
    }
    mio_unix_stream_close(&f->a);
    struct mio_unix_message in = {
        .pieces = &room, .pieces_count = 1, .handles_count = 99};
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 0);
    assert_int_equal(in.handles_count, 0);
}

static void credentials_come_to_who_asked(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    struct mio_iovec room = {bytes, 8};
    struct mio_unix_message out = {
        .pieces = &hello, .pieces_count = 1, .flags = MIO_UNIX_CREDENTIALS};
    struct mio_unix_message in = {.pieces = &room, .pieces_count = 1};

    /* Attached, but nobody asked. */
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.flags & MIO_UNIX_CREDENTIALS, 0);

    /* Asked late: now it counts whether they were attached. */
    out.flags = 0;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    out = with_handles(f->pipe, 2);
    out.flags = MIO_UNIX_CREDENTIALS;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    out = with_handles(NULL, 0);
    assert_ok(mio_unix_stream_set_pass_credentials(&f->b, true));
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.credentials.process, 0);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.credentials.process, getpid());
    assert_ok(mio_unix_datagram_set_pass_credentials(&f->d, true));
    for (int attached = 0; attached < 2; attached++) {
        out.flags = attached != 0 ? MIO_UNIX_CREDENTIALS : 0;
        for (int is_stream = 0; is_stream < 2; is_stream++) {
            in.credentials = (struct mio_unix_credentials){.process = 0};
            if (is_stream) {
                assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
                assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
            } else {
                assert_int_equal(mio_unix_datagram_send_message(&f->c, &out),
                                 5);
                assert_int_equal(mio_unix_datagram_recv_message(&f->d, &in), 5);
            }
            assert_int_equal(in.flags, MIO_UNIX_CREDENTIALS);
            assert_int_equal(in.credentials.process, getpid());
            assert_int_equal(in.credentials.user, geteuid());
            assert_int_equal(in.credentials.group, getegid());
        }
    }
    assert_ok(mio_unix_stream_set_pass_credentials(&f->b, false));
    out.flags = 0;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.flags, 0);
}

static void credentials_and_handles_travel_together(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    mio_handle seen[2];
    struct mio_iovec room = {bytes, 8};
    struct mio_unix_message out = with_handles(f->pipe, 2);
    struct mio_unix_message in = {
        .pieces = &room, .pieces_count = 1, .handles = seen, .handles_max = 2};
    out.flags = MIO_UNIX_CREDENTIALS;
    assert_ok(mio_unix_stream_set_pass_credentials(&f->b, true));
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.handles_count, 2);
    assert_int_equal(in.flags, MIO_UNIX_CREDENTIALS);
    assert_int_equal(in.credentials.process, getpid());
    close_all(seen, 2);
}

/* Of a socket that somebody else made and told to ask for processes. */
static void a_process_that_comes_as_a_handle_is_closed(void **state)
{
    struct fixture *f = *state;
    const int so_passpidfd = 76; /* Linux 6.5 */
    const int on = 1;
    char bytes[8];
    struct mio_iovec room = {bytes, 8};
    struct mio_unix_message in = {.pieces = &room, .pieces_count = 1};
    if (setsockopt((int)f->b.source.handle, SOL_SOCKET, so_passpidfd, &on,
                   sizeof(on)) < 0)
        skip();
    int before = lowest_free();
    assert_int_equal(mio_unix_stream_write(&f->a, "hello", 5), 5);
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
    assert_int_equal(in.handles_count, 0);
    assert_int_equal(lowest_free(), before);
}

static void interruptions_are_not_seen(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    struct mio_iovec room = {bytes, 8};
    struct mio_unix_message out = {.pieces = &hello, .pieces_count = 1};
    struct mio_unix_message in = {.pieces = &room, .pieces_count = 1};
    errors[0] = errors[1] = EINTR;
    assert_int_equal(mio_unix_stream_send_message(&f->a, &out), 5);
    errors[0] = errors[1] = EINTR;
    assert_int_equal(mio_unix_stream_recv_message(&f->b, &in), 5);
}

static void too_many_on_their_way_is_no_room(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_message out = with_handles(f->pipe, 2);
    errors[0] = ETOOMANYREFS; /* as root nobody ever sees it */
    assert_code(MIO_ENOBUFS, (int)mio_unix_stream_send_message(&f->a, &out));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_handle_arrives_and_works),
        TEST(a_datagram_carries_handles_without_any_bytes),
        TEST(a_datagram_tells_its_sender_and_what_was_cut),
        TEST(what_there_is_no_room_for_is_closed_and_told),
        TEST(a_plain_read_leaves_no_handle_open),
        TEST(at_the_limit_of_descriptors_nothing_leaks),
        TEST(a_message_carries_so_many_and_no_more),
        TEST(what_is_wrong_is_not_sent),
        TEST(handles_stay_with_their_bytes),
        TEST(what_is_written_in_part_takes_its_handles_along),
        TEST(a_message_that_would_block_waits_for_an_event),
        TEST(credentials_come_to_who_asked),
        TEST(credentials_and_handles_travel_together),
        TEST(a_process_that_comes_as_a_handle_is_closed),
        TEST(interruptions_are_not_seen),
        TEST(too_many_on_their_way_is_no_room),
    };
    return cmocka_run_group_tests_name("net/unix_message", tests, NULL, NULL);
}
