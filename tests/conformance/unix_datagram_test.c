/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/unix_datagram_test.c - datagrams within the host. */
#include "net/unix_datagram.h"

#include <sys/socket.h>

#include "tests/conformance/conformance.h"
#include "tests/net/unix.h"

struct fixture {
    struct loop loop;
    struct folder folder;
    struct mio_unix_datagram a;
    struct mio_unix_datagram b;
    struct mio_address at_a;
    struct mio_address at_b;
};

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    folder_open(&f.folder);
    f.at_a = folder_at(&f.folder, "a");
    f.at_b = folder_at(&f.folder, "b");
    assert_ok(mio_unix_datagram_open(&f.a, &f.at_a));
    assert_ok(mio_unix_datagram_open(&f.b, &f.at_b));
    *state = &f;
    return 0;
}

/* A socket that somebody else made, bound to `at`. */
static void adopt(struct mio_unix_datagram *socket_,
                  const struct mio_address *at)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)(const void *)&at->storage, at->size),
        0);
    mio_unix_datagram_from_handle(socket_, fd);
    assert_int_equal(socket_->source.handle, fd);
}

static int setup_std(void **state)
{
    int rc = setup(state);
    struct fixture *f = *state;
    mio_unix_datagram_close(&f->a);
    mio_unix_datagram_close(&f->b);
    folder_remove(&f->folder, "a");
    folder_remove(&f->folder, "b");
    adopt(&f->a, &f->at_a);
    adopt(&f->b, &f->at_b);
    return rc;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_datagram_close(&f->a);
    mio_unix_datagram_close(&f->b);
    folder_remove(&f->folder, "a");
    folder_remove(&f->folder, "b");
    folder_close(&f->folder);
    loop_close(&f->loop);
    return 0;
}

#define CASE_NAMED(function)                                                   \
    cmocka_unit_test_setup_teardown(function, setup, teardown)
#define CASE_STD(function)                                                     \
    cmocka_unit_test_setup_teardown(function, setup_std, teardown)

static void say(struct mio_unix_datagram *from, const struct mio_address *to)
{
    assert_int_equal(mio_unix_datagram_send_to(from, "hello", 5, to), 5);
}

static void *recv_and_answer(void *arg)
{
    struct fixture *f = arg;
    char bytes[8];
    struct mio_address from;
    if (mio_unix_datagram_recv_from(&f->a, bytes, 8, &from) == 5)
        (void)!mio_unix_datagram_send_to(&f->a, bytes, 5, &from);
    return NULL;
}

static void unix_datagram_is_send_and_sync(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE);
    say(&f->b, &f->at_a);
    loop_hear(&f->loop, A);
    thread_join(thread_start(recv_and_answer, f));
    assert_int_equal(mio_unix_datagram_recv(&f->b, bytes, 8), 5);
}

static void exchange_unconnected(struct fixture *f)
{
    char bytes[8];
    struct mio_address from = {.size = 0};
    assert_sound(&f->a.source);
    assert_sound(&f->b.source);
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_false(mio_event_is_readable(&event));
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &from),
                     MIO_EAGAIN);
    say(&f->b, &f->at_a);
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &from), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_true(mio_address_equal(&from, &f->at_b));
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &from),
                     MIO_EAGAIN);
    assert_ok(mio_unix_datagram_take_error(&f->a));
}

static void unix_datagram_smoke_unconnected(void **state)
{
    exchange_unconnected(*state);
}

static void unix_datagram_smoke_unconnected_from_std(void **state)
{
    exchange_unconnected(*state);
}

static void exchange_connected(struct fixture *f)
{
    char bytes[8];
    struct mio_address peer;
    assert_ok(mio_unix_datagram_connect(&f->a, &f->at_b));
    assert_ok(mio_unix_datagram_connect(&f->b, &f->at_a));
    assert_ok(mio_unix_datagram_peer_address(&f->a, &peer));
    assert_true(mio_address_equal(&peer, &f->at_b));
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), MIO_EAGAIN);
    assert_int_equal(mio_unix_datagram_send(&f->b, "hello", 5), 5);
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), MIO_EAGAIN);
    assert_ok(mio_unix_datagram_take_error(&f->a));
}

static void unix_datagram_smoke_connected(void **state)
{
    exchange_connected(*state);
}

static void unix_datagram_smoke_connected_from_std(void **state)
{
    exchange_connected(*state);
}

/* The first makes its name known to the second by connecting, as the second
 * does; each sees the other's name and its own. */
static void unix_datagram_connect(void **state)
{
    struct fixture *f = *state;
    struct mio_address at;
    assert_code(MIO_ENOTCONN, mio_unix_datagram_peer_address(&f->a, &at));
    assert_ok(mio_unix_datagram_connect(&f->a, &f->at_b));
    assert_ok(mio_unix_datagram_local_address(&f->a, &at));
    assert_true(mio_address_equal(&at, &f->at_a));
    assert_ok(mio_unix_datagram_peer_address(&f->a, &at));
    assert_true(mio_address_equal(&at, &f->at_b));
    assert_ok(mio_unix_datagram_local_address(&f->b, &at));
    assert_true(mio_address_equal(&at, &f->at_b));
}

static void unix_datagram_pair(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_datagram c;
    struct mio_unix_datagram d;
    char bytes[8];
    assert_ok(mio_unix_datagram_pair(&c, &d));
    assert_sound(&c.source);
    assert_sound(&d.source);
    loop_watch(&f->loop, &c.source, A, MIO_READABLE);
    loop_watch(&f->loop, &d.source, B, MIO_READABLE);
    assert_int_equal(mio_unix_datagram_send(&c, "one", 3), 3);
    loop_hear(&f->loop, B);
    assert_int_equal(mio_unix_datagram_recv(&d, bytes, 8), 3);
    assert_memory_equal(bytes, "one", 3);
    assert_int_equal(mio_unix_datagram_send(&d, "two!", 4), 4);
    loop_hear(&f->loop, A);
    assert_int_equal(mio_unix_datagram_recv(&c, bytes, 8), 4);
    assert_memory_equal(bytes, "two!", 4);
    mio_unix_datagram_close(&c);
    mio_unix_datagram_close(&d);
}

static void unix_datagram_shutdown(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_unix_datagram_connect(&f->a, &f->at_b));
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE | MIO_WRITABLE);
    loop_hear(&f->loop, A);
    assert_ok(mio_unix_datagram_shutdown(&f->a, MIO_SHUTDOWN_READ));
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_ok(mio_unix_datagram_shutdown(&f->a, MIO_SHUTDOWN_WRITE));
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_datagram_send(&f->a, "x", 1), MIO_EPIPE);
}

static void unix_datagram_register(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE);
    loop_silence(&f->loop);
}

static void unix_datagram_reregister(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(f->loop.poll, &f->a.source, B, MIO_WRITABLE,
                                  MIO_EDGE));
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_writable(&event));
}

static void unix_datagram_deregister(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE | MIO_WRITABLE);
    assert_ok(mio_poll_deregister(f->loop.poll, &f->a.source));
    say(&f->b, &f->at_a);
    loop_silence(&f->loop);
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 5);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_NAMED(unix_datagram_is_send_and_sync),
        CASE_NAMED(unix_datagram_smoke_unconnected),
        CASE_STD(unix_datagram_smoke_unconnected_from_std),
        CASE_NAMED(unix_datagram_smoke_connected),
        CASE_STD(unix_datagram_smoke_connected_from_std),
        CASE_NAMED(unix_datagram_connect),
        CASE_NAMED(unix_datagram_pair),
        CASE_NAMED(unix_datagram_shutdown),
        CASE_NAMED(unix_datagram_register),
        CASE_NAMED(unix_datagram_reregister),
        CASE_NAMED(unix_datagram_deregister),
    };
    return cmocka_run_group_tests_name("unix_datagram", cases, NULL, NULL);
}
