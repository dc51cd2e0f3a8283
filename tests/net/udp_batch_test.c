/* SPDX-License-Identifier: MIT
 *
 * tests/net/udp_batch_test.c - many datagrams at once, cut and put together;
 * also where the system's calls for that are missing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#endif

#include <errno.h>
#include <sys/socket.h>

#include "tests/net/udp.h"

/* Linked in place of the system's calls, which can be missing, as in a sandbox
 * that is older than they are, or be interrupted. */
static bool is_missing;
static int interruptions; /* to come, before a call works */

int __real_sendmmsg(int fd, struct mmsghdr *headers, unsigned int count,
                    int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *headers, unsigned int count,
                    int flags);
int __real_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
                    int flags, struct timespec *timeout);
int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
                    int flags, struct timespec *timeout);

ssize_t __real_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);

static bool refuses_options;

int __real_setsockopt(int fd, int level, int name, const void *value,
                      socklen_t size);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
                      socklen_t size);

int __wrap_setsockopt(int fd, int level, int name, const void *value,
                      socklen_t size)
{
    if (!refuses_options)
        return __real_setsockopt(fd, level, name, value, size);
    errno = EPERM;
    return -1;
}

static bool is_interrupted(void)
{
    if (interruptions == 0)
        return false;
    interruptions--;
    errno = EINTR;
    return true;
}

static bool fails(void)
{
    if (!is_missing)
        return is_interrupted();
    errno = ENOSYS;
    return true;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags)
{
    return is_interrupted() ? -1 : __real_sendmsg(fd, header, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
    return is_interrupted() ? -1 : __real_recvmsg(fd, header, flags);
}

int __wrap_sendmmsg(int fd, struct mmsghdr *headers, unsigned int count,
                    int flags)
{
    return fails() ? -1 : __real_sendmmsg(fd, headers, count, flags);
}

int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
                    int flags, struct timespec *timeout)
{
    return fails() ? -1 : __real_recvmmsg(fd, headers, count, flags, timeout);
}

static int setup(void **state)
{
    static struct udp udp;
    is_missing = false;
    interruptions = 0;
    udp_open(&udp, "127.0.0.1:0");
    *state = &udp;
    return 0;
}

static int setup_missing(void **state)
{
    int rc = setup(state);
    is_missing = true;
    return rc;
}

static int teardown(void **state)
{
    udp_close(*state);
    return 0;
}

/* So many datagrams, with room for 16 bytes each. */
struct room {
    struct mio_datagram datagrams[100];
    struct mio_iovec pieces[100];
    struct mio_address from[100];
    char bytes[100][16];
};

static void make_room(struct room *self)
{
    memset(self, 0, sizeof(*self));
    for (size_t i = 0; i < COUNT_OF(self->datagrams); i++) {
        self->pieces[i] = (struct mio_iovec){self->bytes[i], 16};
        self->datagrams[i] = (struct mio_datagram){
            .pieces = &self->pieces[i],
            .pieces_count = 1,
            .address = &self->from[i],
            .segment_size = 77,
            .flags = 77,
        };
    }
}

/* `count` datagrams, in as many batches as it takes until all are there. */
static void recv_all(struct udp *udp, struct mio_udp_socket *socket,
                     struct room *room, int count)
{
    int received = 0;
    make_room(room);
    while (received < count) {
        loop_await(&udp->loop, &socket->source, MIO_READABLE);
        int n = mio_udp_socket_recv_batch(socket, room->datagrams + received,
                                          100 - (size_t)received);
        assert_in_range(n, 1, MIO_DATAGRAMS_MAX);
        received += n;
    }
    assert_int_equal(received, count);
}

static void a_batch_goes_and_comes_in_order(void **state)
{
    struct udp *udp = *state;
    struct room room;
    struct mio_iovec first[] = {{"on", 2}, {"e", 1}};
    struct mio_iovec second[] = {{"longer than sixteen", 19}};
    struct mio_datagram out[] = {
        {.pieces = first, .pieces_count = 2, .address = &udp->at_b},
        {.pieces = second, .pieces_count = 1, .address = &udp->at_b},
        {.address = &udp->at_b}, /* of no bytes */
        {.pieces = first, .pieces_count = 1, .address = &udp->at_b},
    };
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 4), 4);
    assert_int_equal(out[0].size, 3);
    assert_int_equal(out[1].size, 19);
    assert_int_equal(out[2].size, 0);
    assert_int_equal(out[3].size, 2);

    recv_all(udp, &udp->b, &room, 4);
    assert_int_equal(room.datagrams[0].size, 3);
    assert_memory_equal(room.bytes[0], "one", 3);
    assert_int_equal(room.datagrams[1].size, 16);
    assert_memory_equal(room.bytes[1], "longer than sixt", 16);
    assert_int_equal(room.datagrams[2].size, 0);
    assert_int_equal(room.datagrams[3].size, 2);
    for (int i = 0; i < 4; i++) {
        assert_true(mio_address_equal(&room.from[i], &udp->at_a));
        assert_int_equal(room.datagrams[i].flags,
                         i == 1 ? MIO_DATAGRAM_TRUNCATED : 0);
        assert_int_equal(room.datagrams[i].segment_size, 0);
    }
    assert_int_equal(mio_udp_socket_recv_batch(&udp->b, room.datagrams, 100),
                     MIO_EAGAIN);
}

static void a_connected_one_needs_no_addresses(void **state)
{
    struct udp *udp = *state;
    struct mio_iovec piece = {"hello", 5};
    struct mio_datagram out[2] = {{.pieces = &piece, .pieces_count = 1},
                                  {.pieces = &piece, .pieces_count = 1}};
    struct room room;
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 2),
                     MIO_EDESTADDRREQ);
    assert_ok(mio_udp_socket_connect(&udp->a, &udp->at_b));
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 2), 2);
    recv_all(udp, &udp->b, &room, 2);
    assert_int_equal(room.datagrams[1].size, 5);
}

static void more_than_one_call_takes_stays_with_the_caller(void **state)
{
    struct udp *udp = *state;
    struct mio_iovec piece = {"x", 1};
    struct mio_datagram out[100];
    struct room room;
    for (size_t i = 0; i < COUNT_OF(out); i++)
        out[i] = (struct mio_datagram){
            .pieces = &piece, .pieces_count = 1, .address = &udp->at_b};
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 100),
                     MIO_DATAGRAMS_MAX);
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 36), 36);
    recv_all(udp, &udp->b, &room, 100);
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 0), 0);
    assert_int_equal(mio_udp_socket_recv_batch(&udp->b, room.datagrams, 0), 0);
}

/* Those before it are sent, and then it is told of. */
static void a_datagram_that_cannot_be_sent_ends_a_batch(void **state)
{
    struct udp *udp = *state;
    static char much[70000];
    struct mio_iovec small = {"x", 1};
    struct mio_iovec large = {much, sizeof(much)};
    struct mio_iovec many[MIO_IOVECS_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = small;
    const struct {
        struct mio_datagram bad;
        int code;
    } cases[] = {
        {{.pieces = &large, .pieces_count = 1, .address = &udp->at_b},
         MIO_EMSGSIZE},
        {{.pieces = many,
          .pieces_count = COUNT_OF(many),
          .address = &udp->at_b},
         MIO_EINVAL},
        {{.pieces = &small,
          .pieces_count = 1,
          .address = &udp->at_b,
          .segment_size = 65536},
         MIO_EINVAL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mio_datagram out[] = {
            {.pieces = &small, .pieces_count = 1, .address = &udp->at_b},
            {.pieces = many,
             .pieces_count = MIO_IOVECS_MAX,
             .address = &udp->at_b},
            cases[i].bad,
            {.pieces = &small, .pieces_count = 1, .address = &udp->at_b},
        };
        assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 4), 2);
        assert_code(cases[i].code,
                    mio_udp_socket_send_batch(&udp->a, out + 2, 2));
        udp_hear(udp, &udp->b, "x");
        loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
        assert_int_equal(mio_udp_socket_recv(&udp->b, much, 100), 64);
        assert_int_equal(mio_udp_socket_recv(&udp->b, much, 1), MIO_EAGAIN);
    }
}

static void too_many_pieces_are_no_room(void **state)
{
    struct udp *udp = *state;
    char byte;
    struct mio_iovec many[MIO_IOVECS_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = (struct mio_iovec){&byte, 1};
    struct mio_datagram in[] = {
        {.pieces = many, .pieces_count = MIO_IOVECS_MAX},
        {.pieces = many, .pieces_count = MIO_IOVECS_MAX + 1},
    };
    udp_say(&udp->a, &udp->at_b, "1");
    udp_say(&udp->a, &udp->at_b, "2");
    loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_recv_batch(&udp->b, in, 2), 1);
    assert_code(MIO_EINVAL, mio_udp_socket_recv_batch(&udp->b, in + 1, 1));
    udp_hear(udp, &udp->b, "2");
}

static void a_batch_that_would_block_waits_for_an_event(void **state)
{
    struct udp *udp = *state;
    struct room room;
    make_room(&room);
    loop_watch(&udp->loop, &udp->b.source, B, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(mio_udp_socket_recv_batch(&udp->b, room.datagrams, 2),
                         MIO_EAGAIN);
        loop_silence(&udp->loop);
        udp_say(&udp->a, &udp->at_b, "x");
        loop_hear(&udp->loop, B);
        assert_int_equal(mio_udp_socket_recv_batch(&udp->b, room.datagrams, 2),
                         1);
    }
}

static void interruptions_are_not_seen(void **state)
{
    struct udp *udp = *state;
    struct mio_iovec piece = {"x", 1};
    struct mio_datagram out = {
        .pieces = &piece, .pieces_count = 1, .address = &udp->at_b};
    struct room room;
    interruptions = 3;
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, &out, 1), 1);
    make_room(&room);
    loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
    interruptions = 3;
    assert_int_equal(mio_udp_socket_recv_batch(&udp->b, room.datagrams, 2), 1);
}

static void one_call_cuts_into_many(void **state)
{
    struct udp *udp = *state;
    char bytes[100];
    struct room room;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    struct mio_iovec piece = {bytes, sizeof(bytes)};
    struct mio_datagram out[] = {
        {.pieces = &piece,
         .pieces_count = 1,
         .address = &udp->at_b,
         .segment_size = 15},
        {.pieces = &piece, .pieces_count = 1, .address = &udp->at_b},
    };
    if (mio_udp_socket_can_cut(&udp->a) < 0) {
        assert_code(MIO_ENOTSUP, mio_udp_socket_can_cut(&udp->a));
        assert_code(MIO_ENOTSUP, mio_udp_socket_send_batch(&udp->a, out, 2));
        return;
    }
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, out, 2), 2);
    assert_int_equal(out[0].size, 100);
    recv_all(udp, &udp->b, &room, 8);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(room.datagrams[i].size, i < 6 ? 15 : 10);
        assert_memory_equal(room.bytes[i], bytes + 15 * i,
                            room.datagrams[i].size);
    }
    assert_int_equal(room.datagrams[7].flags, MIO_DATAGRAM_TRUNCATED);
}

static void without_cutting_it_is_said_so_and_nothing_is_sent(void **state)
{
    struct udp *udp = *state;
    struct mio_iovec piece = {"xy", 2};
    struct mio_datagram out = {.pieces = &piece,
                               .pieces_count = 1,
                               .address = &udp->at_b,
                               .segment_size = 1};
    /* A kind of socket that has no segments stands for a system that has
     * none. */
    int fds[2];
    struct mio_udp_socket other;
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds),
                     0);
    mio_udp_socket_from_handle(&other, fds[0]);
    out.address = NULL;
    assert_code(MIO_ENOTSUP, mio_udp_socket_can_cut(&other));
    assert_code(MIO_ENOTSUP, mio_udp_socket_send_batch(&other, &out, 1));
    assert_int_equal(mio_udp_socket_recv(&other, (char[1]){0}, 1), MIO_EAGAIN);
    assert_true(mio_udp_socket_set_gro(&other, true) < 0);
    out.segment_size = 0;
    assert_int_equal(mio_udp_socket_send_batch(&other, &out, 1), 1);
    mio_udp_socket_close(&other);
    close(fds[1]);
}

/* What was cut is put together again on its way over loopback. */
static void what_belongs_together_comes_together(void **state)
{
    struct udp *udp = *state;
    static char out_bytes[10 * 1000 + 10];
    static char in_bytes[65536];
    struct mio_iovec piece = {out_bytes, sizeof(out_bytes)};
    struct mio_iovec room = {in_bytes, sizeof(in_bytes)};
    struct mio_datagram out = {.pieces = &piece,
                               .pieces_count = 1,
                               .address = &udp->at_b,
                               .segment_size = 1000};
    struct mio_address from;
    struct mio_datagram in = {
        .pieces = &room, .pieces_count = 1, .address = &from};
    for (size_t i = 0; i < sizeof(out_bytes); i++)
        out_bytes[i] = (char)(i / 7);
    int rc = mio_udp_socket_set_gro(&udp->b, true);
    if (rc < 0 || mio_udp_socket_can_cut(&udp->a) < 0) {
        assert_true(rc == MIO_OK || rc == MIO_ENOTSUP);
        skip();
    }
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, &out, 1), 1);
    size_t received = 0;
    bool was_put_together = false;
    while (received < sizeof(out_bytes)) {
        loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
        assert_int_equal(mio_udp_socket_recv_batch(&udp->b, &in, 1), 1);
        assert_memory_equal(in_bytes, out_bytes + received, in.size);
        assert_true(mio_address_equal(&from, &udp->at_a));
        if (in.size > 1000) {
            assert_int_equal(in.segment_size, 1000);
            was_put_together = true;
        }
        received += in.size;
    }
    assert_int_equal(received, sizeof(out_bytes));
    assert_true(was_put_together);

    /* Off, they come one by one. */
    assert_ok(mio_udp_socket_set_gro(&udp->b, false));
    assert_int_equal(mio_udp_socket_send_batch(&udp->a, &out, 1), 1);
    loop_await(&udp->loop, &udp->b.source, MIO_READABLE);
    assert_int_equal(mio_udp_socket_recv_batch(&udp->b, &in, 1), 1);
    assert_int_equal(in.size, 1000);
    assert_int_equal(in.segment_size, 0);
}

static void a_socket_that_cannot_be_told_is_not_left_open(void **state)
{
    (void)state;
    const struct mio_udp_options options[] = {
        {.reuse_address = true}, {.share_port = true}, {.exclusive_v6 = true}};
    const char *at[] = {"127.0.0.1:0", "127.0.0.1:0", "[::1]:0"};
    struct mio_udp_socket socket = {.source.handle = MIO_HANDLE_NONE};
    int before = lowest_free();
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        struct mio_address address = address_at(at[i]);
        refuses_options = true;
        int rc = mio_udp_socket_open(&socket, &address, &options[i]);
        refuses_options = false;
        assert_code(MIO_EPERM, rc);
        assert_false(mio_udp_socket_is_open(&socket));
        assert_int_equal(lowest_free(), before);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_MISSING(fn)                                                       \
    {                                                                          \
#fn " one by one", fn, setup_missing, teardown, NULL                   \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_goes_and_comes_in_order),
        TEST_MISSING(a_batch_goes_and_comes_in_order),
        TEST(a_connected_one_needs_no_addresses),
        TEST_MISSING(a_connected_one_needs_no_addresses),
        TEST(more_than_one_call_takes_stays_with_the_caller),
        TEST_MISSING(more_than_one_call_takes_stays_with_the_caller),
        TEST(a_datagram_that_cannot_be_sent_ends_a_batch),
        TEST_MISSING(a_datagram_that_cannot_be_sent_ends_a_batch),
        TEST(too_many_pieces_are_no_room),
        TEST(a_batch_that_would_block_waits_for_an_event),
        TEST_MISSING(a_batch_that_would_block_waits_for_an_event),
        TEST(interruptions_are_not_seen),
        TEST_MISSING(interruptions_are_not_seen),
        TEST(one_call_cuts_into_many),
        TEST_MISSING(one_call_cuts_into_many),
        TEST(without_cutting_it_is_said_so_and_nothing_is_sent),
        TEST(what_belongs_together_comes_together),
        TEST(a_socket_that_cannot_be_told_is_not_left_open),
    };
    return cmocka_run_group_tests_name("net/udp_batch", tests, NULL, NULL);
}
