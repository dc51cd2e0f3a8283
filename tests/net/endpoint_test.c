/* SPDX-License-Identifier: MIT
 *
 * tests/net/endpoint_test.c - whatever would block says so to the poll, for its
 * direction alone; whatever is interrupted goes on; and nothing else is said.
 * On epoll the former costs nothing and is not seen: other selectors need it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sendmmsg, pwritev2 */
#endif

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net/pipe.h"
#include "net/tcp_listener.h"
#include "net/udp_socket.h"
#include "net/unix_datagram.h"
#include "net/unix_listener.h"
#include "tests/net/unix.h"

/* --- linked in place of the system's calls, and of core's ---------------- */

static uint32_t armed;           /* directions, since it was looked at */
static const void *armed_source; /* the last */
static int answers[8];           /* errors to come, one a call, until a 0 */

void __wrap_mio_source_arm(struct mio_source *self, uint32_t directions);

void __wrap_mio_source_arm(struct mio_source *self, uint32_t directions)
{
    armed |= directions;
    armed_source = self;
}

static bool fails(void)
{
    if (answers[0] == 0)
        return false;
    errno = answers[0];
    memmove(answers, answers + 1, sizeof(answers) - sizeof(answers[0]));
    return true;
}

/* WRAP(type, name, (parameters), (arguments)) */
#define WRAP(type, name, parameters, arguments)                                \
    type __real_##name parameters;                                             \
    type __wrap_##name parameters;                                             \
    type __wrap_##name parameters                                              \
    {                                                                          \
        return fails() ? -1 : __real_##name arguments;                         \
    }

WRAP(int, accept4, (int fd, struct sockaddr *at, socklen_t *size, int flags),
     (fd, at, size, flags))
WRAP(ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
     (fd, bytes, size, flags))
WRAP(ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
     (fd, bytes, size, flags))
WRAP(ssize_t, recvfrom,
     (int fd, void *bytes, size_t size, int flags, struct sockaddr *at,
      socklen_t *at_size),
     (fd, bytes, size, flags, at, at_size))
WRAP(ssize_t, sendto,
     (int fd, const void *bytes, size_t size, int flags,
      const struct sockaddr *at, socklen_t at_size),
     (fd, bytes, size, flags, at, at_size))
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *header, int flags),
     (fd, header, flags))
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *header, int flags),
     (fd, header, flags))
WRAP(int, recvmmsg,
     (int fd, struct mmsghdr *headers, unsigned int count, int flags,
      struct timespec *timeout),
     (fd, headers, count, flags, timeout))
WRAP(int, sendmmsg,
     (int fd, struct mmsghdr *headers, unsigned int count, int flags),
     (fd, headers, count, flags))
WRAP(ssize_t, readv, (int fd, const struct iovec *pieces, int count),
     (fd, pieces, count))
WRAP(ssize_t, writev, (int fd, const struct iovec *pieces, int count),
     (fd, pieces, count))
WRAP(ssize_t, pwritev2,
     (int fd, const struct iovec *pieces, int count, off_t offset, int flags),
     (fd, pieces, count, offset, flags))

/* --- every operation ----------------------------------------------------- */

struct fixture {
    struct mio_tcp_listener tcp_listener;
    struct mio_tcp_stream tcp;
    struct mio_tcp_stream tcp_peer;
    struct mio_tcp_stream tcp_waiting; /* to be accepted */
    struct mio_unix_listener unix_listener;
    struct mio_unix_stream unix_waiting;
    struct mio_unix_stream unix_a;
    struct mio_unix_stream unix_b;
    struct mio_unix_datagram datagram; /* connected with itself */
    struct mio_udp_socket udp;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    struct mio_address udp_at;
    struct mio_address datagramt;
    char bytes[8];
};

#define PIECE(f)                                                               \
    &(struct mio_iovec)                                                        \
    {                                                                          \
        (f)->bytes, 1                                                          \
    }
#define MESSAGE(f)                                                             \
    &(struct mio_unix_message)                                                 \
    {                                                                          \
        .pieces = PIECE(f), .pieces_count = 1                                  \
    }
#define DATAGRAM(f)                                                            \
    &(struct mio_datagram)                                                     \
    {                                                                          \
        .pieces = PIECE(f), .pieces_count = 1, .address = &(f)->udp_at         \
    }

/* OPERATION(its name, the source it is about, direction, the call). A call
 * that reads finds one byte, one that writes has room for it. */
#define OPERATIONS(X)                                                          \
    X(tcp_read, tcp, MIO_READABLE, mio_tcp_stream_read(&f->tcp, f->bytes, 1))  \
    X(tcp_peek, tcp, MIO_READABLE, mio_tcp_stream_peek(&f->tcp, f->bytes, 1))  \
    X(tcp_readv, tcp, MIO_READABLE,                                            \
      mio_tcp_stream_readv(&f->tcp, PIECE(f), 1))                              \
    X(tcp_write, tcp, MIO_WRITABLE,                                            \
      mio_tcp_stream_write(&f->tcp, f->bytes, 1))                              \
    X(tcp_writev, tcp, MIO_WRITABLE,                                           \
      mio_tcp_stream_writev(&f->tcp, PIECE(f), 1))                             \
    X(unix_read, unix_a, MIO_READABLE,                                         \
      mio_unix_stream_read(&f->unix_a, f->bytes, 1))                           \
    X(unix_peek, unix_a, MIO_READABLE,                                         \
      mio_unix_stream_peek(&f->unix_a, f->bytes, 1))                           \
    X(unix_readv, unix_a, MIO_READABLE,                                        \
      mio_unix_stream_readv(&f->unix_a, PIECE(f), 1))                          \
    X(unix_recv_message, unix_a, MIO_READABLE,                                 \
      mio_unix_stream_recv_message(&f->unix_a, MESSAGE(f)))                    \
    X(unix_write, unix_a, MIO_WRITABLE,                                        \
      mio_unix_stream_write(&f->unix_a, f->bytes, 1))                          \
    X(unix_writev, unix_a, MIO_WRITABLE,                                       \
      mio_unix_stream_writev(&f->unix_a, PIECE(f), 1))                         \
    X(unix_send_message, unix_a, MIO_WRITABLE,                                 \
      mio_unix_stream_send_message(&f->unix_a, MESSAGE(f)))                    \
    X(datagram_recv, datagram, MIO_READABLE,                                   \
      mio_unix_datagram_recv(&f->datagram, f->bytes, 1))                       \
    X(datagram_recv_from, datagram, MIO_READABLE,                              \
      mio_unix_datagram_recv_from(&f->datagram, f->bytes, 1, NULL))            \
    X(datagram_peek, datagram, MIO_READABLE,                                   \
      mio_unix_datagram_peek(&f->datagram, f->bytes, 1))                       \
    X(datagram_peek_from, datagram, MIO_READABLE,                              \
      mio_unix_datagram_peek_from(&f->datagram, f->bytes, 1, NULL))            \
    X(datagram_recv_message, datagram, MIO_READABLE,                           \
      mio_unix_datagram_recv_message(&f->datagram, MESSAGE(f)))                \
    X(datagram_send, datagram, MIO_WRITABLE,                                   \
      mio_unix_datagram_send(&f->datagram, f->bytes, 1))                       \
    X(datagram_send_to, datagram, MIO_WRITABLE,                                \
      mio_unix_datagram_send_to(&f->datagram, f->bytes, 1, &f->datagramt))     \
    X(datagram_send_message, datagram, MIO_WRITABLE,                           \
      mio_unix_datagram_send_message(&f->datagram, MESSAGE(f)))                \
    X(udp_recv, udp, MIO_READABLE, mio_udp_socket_recv(&f->udp, f->bytes, 1))  \
    X(udp_recv_from, udp, MIO_READABLE,                                        \
      mio_udp_socket_recv_from(&f->udp, f->bytes, 1, NULL))                    \
    X(udp_peek, udp, MIO_READABLE, mio_udp_socket_peek(&f->udp, f->bytes, 1))  \
    X(udp_peek_from, udp, MIO_READABLE,                                        \
      mio_udp_socket_peek_from(&f->udp, f->bytes, 1, NULL))                    \
    X(udp_recv_batch, udp, MIO_READABLE,                                       \
      mio_udp_socket_recv_batch(&f->udp, DATAGRAM(f), 1))                      \
    X(udp_send, udp, MIO_WRITABLE, mio_udp_socket_send(&f->udp, f->bytes, 1))  \
    X(udp_send_to, udp, MIO_WRITABLE,                                          \
      mio_udp_socket_send_to(&f->udp, f->bytes, 1, &f->udp_at))                \
    X(udp_send_batch, udp, MIO_WRITABLE,                                       \
      mio_udp_socket_send_batch(&f->udp, DATAGRAM(f), 1))                      \
    X(pipe_read, receiver, MIO_READABLE,                                       \
      mio_pipe_receiver_read(&f->receiver, f->bytes, 1))                       \
    X(pipe_readv, receiver, MIO_READABLE,                                      \
      mio_pipe_receiver_readv(&f->receiver, PIECE(f), 1))                      \
    X(pipe_write, sender, MIO_WRITABLE,                                        \
      mio_pipe_sender_write(&f->sender, f->bytes, 1))                          \
    X(pipe_writev, sender, MIO_WRITABLE,                                       \
      mio_pipe_sender_writev(&f->sender, PIECE(f), 1))                         \
    X(tcp_accept, tcp_listener, MIO_READABLE, accept_tcp(f))                   \
    X(unix_accept, unix_listener, MIO_READABLE, accept_unix(f))

/* 1 as the others, for one connection. */
static int64_t accept_tcp(struct fixture *f)
{
    struct mio_tcp_stream accepted;
    int rc = mio_tcp_listener_accept(&f->tcp_listener, &accepted, NULL);
    if (rc < 0)
        return rc;
    mio_tcp_stream_close(&accepted);
    return 1;
}

static int64_t accept_unix(struct fixture *f)
{
    struct mio_unix_stream accepted;
    int rc = mio_unix_listener_accept(&f->unix_listener, &accepted, NULL);
    if (rc < 0)
        return rc;
    mio_unix_stream_close(&accepted);
    return 1;
}

#define CALL(name, member, direction, call)                                    \
    static int64_t call_##name(struct fixture *f)                              \
    {                                                                          \
        return call;                                                           \
    }
OPERATIONS(CALL)

struct operation {
    const char *name;
    size_t source_offset;
    uint32_t direction;
    int64_t (*call)(struct fixture *f);
};

#define ENTRY(name, member, direction, call)                                   \
    {#name, offsetof(struct fixture, member.source), direction, call_##name},
static const struct operation operations[] = {OPERATIONS(ENTRY)};

/* --- the fixture: there is a byte, or a peer, for each call that reads -----
 */

/* Without a poll of ours: nothing is registered here. */
static void await(const struct mio_source *source)
{
    struct pollfd fd = {.fd = (int)source->handle, .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 20000), 1);
}

static void open_tcp(struct fixture *f)
{
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_tcp_listener_open(&f->tcp_listener, &at, NULL));
    assert_ok(mio_tcp_listener_address(&f->tcp_listener, &at));
    assert_ok(mio_tcp_stream_connect(&f->tcp_peer, &at));
    await(&f->tcp_listener.source);
    assert_ok(mio_tcp_listener_accept(&f->tcp_listener, &f->tcp, NULL));
    assert_int_equal(mio_tcp_stream_write(&f->tcp_peer, "x", 1), 1);
    await(&f->tcp.source);
    assert_ok(mio_tcp_stream_connect(&f->tcp_waiting, &at));
    await(&f->tcp_listener.source);
}

static void open_unix(struct fixture *f)
{
    struct mio_address at = abstract_name("endpoint");
    assert_ok(mio_unix_listener_open(&f->unix_listener, &at, NULL));
    assert_ok(mio_unix_stream_connect(&f->unix_waiting, &at));
    assert_ok(mio_unix_stream_pair(&f->unix_a, &f->unix_b));
    assert_int_equal(mio_unix_stream_write(&f->unix_b, "x", 1), 1);
    f->datagramt = abstract_name("endpoint/a");
    assert_ok(mio_unix_datagram_open(&f->datagram, &f->datagramt));
    assert_ok(mio_unix_datagram_connect(&f->datagram, &f->datagramt));
    assert_int_equal(mio_unix_datagram_send(&f->datagram, "x", 1), 1);
}

static int setup(void **state)
{
    static struct fixture f;
    struct mio_address at = address_at("127.0.0.1:0");
    memset(answers, 0, sizeof(answers));
    open_tcp(&f);
    open_unix(&f);
    assert_ok(mio_udp_socket_open(&f.udp, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&f.udp, &f.udp_at));
    assert_ok(mio_udp_socket_connect(&f.udp, &f.udp_at)); /* with itself */
    assert_int_equal(mio_udp_socket_send(&f.udp, "x", 1), 1);
    await(&f.udp.source);
    assert_ok(mio_pipe_open(&f.sender, &f.receiver));
    assert_int_equal(mio_pipe_sender_write(&f.sender, "x", 1), 1);
    armed = 0;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_tcp_listener_close(&f->tcp_listener);
    mio_tcp_stream_close(&f->tcp);
    mio_tcp_stream_close(&f->tcp_peer);
    mio_tcp_stream_close(&f->tcp_waiting);
    mio_unix_listener_close(&f->unix_listener);
    mio_unix_stream_close(&f->unix_waiting);
    mio_unix_stream_close(&f->unix_a);
    mio_unix_stream_close(&f->unix_b);
    mio_unix_datagram_close(&f->datagram);
    mio_udp_socket_close(&f->udp);
    mio_pipe_sender_close(&f->sender);
    mio_pipe_receiver_close(&f->receiver);
    return 0;
}

/* A fresh one, as each operation may take the one byte that is there. */
static int64_t run(const struct operation *operation, const int *errors,
                   const void **source)
{
    void *state;
    (void)setup(&state);
    struct fixture *f = state;
    for (size_t i = 0; errors[i] != 0; i++)
        answers[i] = errors[i];
    int64_t answer = operation->call(f);
    if (source != NULL)
        *source = (const char *)f + operation->source_offset;
    assert_int_equal(answers[0], 0); /* all of them were asked for */
    (void)teardown(&state);
    return answer;
}

static void what_would_block_is_told_for_its_direction(void **state)
{
    (void)state;
    const int would_block[] = {EAGAIN, 0};
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        const void *source;
        int64_t answer = run(&operations[i], would_block, &source);
        if (answer != MIO_EAGAIN || armed != operations[i].direction ||
            armed_source != source)
            fail_msg("%s: answer %d, armed %u", operations[i].name, (int)answer,
                     armed);
    }
}

static void what_did_not_block_is_not_told(void **state)
{
    (void)state;
    const int nothing[] = {0};
    const int broken[] = {ECONNRESET, 0};
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        int64_t answer = run(&operations[i], nothing, NULL);
        if (answer != 1 || armed != 0)
            fail_msg("%s: answer %d, armed %u", operations[i].name, (int)answer,
                     armed);
        answer = run(&operations[i], broken, NULL);
        if (answer != MIO_ECONNRESET || armed != 0)
            fail_msg("%s: answer %d, armed %u", operations[i].name, (int)answer,
                     armed);
    }
}

static void what_is_interrupted_goes_on(void **state)
{
    (void)state;
    const int interrupted[] = {EINTR, EINTR, EINTR, 0};
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        int64_t answer = run(&operations[i], interrupted, NULL);
        if (answer != 1 || armed != 0)
            fail_msg("%s: answer %d, armed %u", operations[i].name, (int)answer,
                     armed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_block_is_told_for_its_direction),
        cmocka_unit_test(what_did_not_block_is_not_told),
        cmocka_unit_test(what_is_interrupted_goes_on),
    };
    return cmocka_run_group_tests_name("net/endpoint", tests, NULL, NULL);
}
