/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/unix_stream_test.c - connections within the host. */
#include "net/unix_stream.h"

#include <sys/socket.h>

#include "net/unix_listener.h"
#include "tests/conformance/conformance.h"
#include "tests/net/unix.h"

struct fixture {
    struct loop loop;
    struct folder folder;
    struct mio_address at;
    struct mio_unix_listener listener;
    struct mio_unix_stream client; /* connected */
    struct mio_unix_stream server;
};

static void accept_client(struct fixture *f)
{
    loop_await(&f->loop, &f->listener.source, MIO_READABLE);
    assert_ok(mio_unix_listener_accept(&f->listener, &f->server, NULL));
}

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    folder_open(&f.folder);
    f.at = folder_at(&f.folder, "door");
    assert_ok(mio_unix_listener_open(&f.listener, &f.at, NULL));
    assert_ok(mio_unix_stream_connect(&f.client, &f.at));
    accept_client(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_stream_close(&f->client);
    mio_unix_stream_close(&f->server);
    mio_unix_listener_close(&f->listener);
    folder_remove(&f->folder, "door");
    folder_close(&f->folder);
    loop_close(&f->loop);
    return 0;
}

#define CASE_STREAM(function)                                                  \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

static void *read_and_answer(void *arg)
{
    struct fixture *f = arg;
    char bytes[8];
    if (mio_unix_stream_read(&f->client, bytes, 8) == 5)
        (void)!mio_unix_stream_write(&f->client, bytes, 5);
    return NULL;
}

static void unix_stream_send_and_sync(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE);
    assert_int_equal(mio_unix_stream_write(&f->server, "hello", 5), 5);
    loop_hear(&f->loop, A);
    thread_join(thread_start(read_and_answer, f));
    assert_int_equal(mio_unix_stream_read(&f->server, bytes, 8), 5);
}

/* Flags, the first event, would-block, one word each way, pieces. */
static void talk(struct fixture *f)
{
    char bytes[16];
    char more[16];
    struct mio_iovec out[] = {{"hello ", 6}, {"world", 5}};
    struct mio_iovec in[] = {{bytes, 6}, {more, 16}};
    assert_sound(&f->client.source);
    assert_sound(&f->server.source);
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_false(mio_event_is_readable(&event));
    assert_int_equal(mio_unix_stream_read(&f->client, bytes, 16), MIO_EAGAIN);
    assert_int_equal(mio_unix_stream_peek(&f->client, bytes, 16), MIO_EAGAIN);

    assert_int_equal(mio_unix_stream_write(&f->client, "hello", 5), 5);
    loop_await(&f->loop, &f->server.source, MIO_READABLE);
    assert_int_equal(mio_unix_stream_read(&f->server, bytes, 16), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(mio_unix_stream_writev(&f->server, out, 2), 11);
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_unix_stream_readv(&f->client, in, 2), 11);
    assert_memory_equal(bytes, "hello ", 6);
    assert_memory_equal(more, "world", 5);
    assert_ok(mio_unix_stream_take_error(&f->client));
}

static void unix_stream_smoke(void **state)
{
    talk(*state);
}

/* It is connected when the call returns, and the peer reads its end. */
static void unix_stream_connect(void **state)
{
    struct fixture *f = *state;
    char byte;
    mio_unix_stream_close(&f->client);
    assert_int_equal(mio_unix_stream_read(&f->server, &byte, 1), 0);
    mio_unix_stream_close(&f->server);
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    accept_client(f);
    mio_unix_stream_close(&f->server);
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1), 0);
}

static void unix_stream_connect_addr(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_listener hidden;
    struct mio_address name = abstract_name("stream");
    struct mio_address at;
    mio_unix_stream_close(&f->client);
    assert_ok(mio_unix_listener_open(&hidden, &name, NULL));
    assert_ok(mio_unix_listener_address(&hidden, &at));
    assert_ok(mio_unix_stream_connect(&f->client, &at));
    assert_ok(mio_unix_stream_peer_address(&f->client, &at));
    assert_true(mio_address_equal(&at, &name));
    mio_unix_listener_close(&hidden);
}

static void unix_stream_from_std(void **state)
{
    struct fixture *f = *state;
    mio_unix_stream_close(&f->client);
    mio_unix_stream_close(&f->server);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(
        connect(fd, (struct sockaddr *)(void *)&f->at.storage, f->at.size), 0);
    mio_unix_stream_from_handle(&f->client, fd);
    accept_client(f);
    talk(f);
}

static void unix_stream_pair(void **state)
{
    struct fixture *f = *state;
    struct mio_address at;
    mio_unix_stream_close(&f->client);
    mio_unix_stream_close(&f->server);
    assert_ok(mio_unix_stream_pair(&f->client, &f->server));
    assert_ok(mio_unix_stream_peer_address(&f->client, &at));
    assert_int_equal(mio_address_family(&at), MIO_FAMILY_NONE);
    talk(f);
}

static void unix_stream_peer_addr(void **state)
{
    struct fixture *f = *state;
    struct mio_address at;
    const char *path;
    assert_ok(mio_unix_stream_peer_address(&f->client, &at));
    assert_true(mio_address_equal(&at, &f->at));
    assert_ok(mio_unix_stream_local_address(&f->server, &at));
    assert_true(mio_address_equal(&at, &f->at));
    assert_ok(mio_unix_stream_local_address(&f->client, &at));
    assert_int_equal(mio_address_path(&at, &path), 0);
    assert_ok(mio_unix_stream_peer_address(&f->server, &at));
    assert_int_equal(mio_address_path(&at, &path), 0);
}

static void unix_stream_register(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE);
    loop_silence(&f->loop);
}

static void unix_stream_reregister(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(f->loop.poll, &f->client.source, B,
                                  MIO_WRITABLE, MIO_EDGE));
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_writable(&event));
}

static void unix_stream_deregister(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    assert_ok(mio_poll_deregister(f->loop.poll, &f->client.source));
    assert_int_equal(mio_unix_stream_write(&f->server, "hello", 5), 5);
    loop_silence(&f->loop);
    assert_int_equal(mio_unix_stream_read(&f->client, bytes, 8), 5);
}

/* --- one end shuts down --------------------------------------------------- */

/* What the client is told after `how` was done to it. */
static struct mio_event shut_down(struct fixture *f, enum mio_shutdown how)
{
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_false(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_ok(mio_unix_stream_shutdown(&f->client, how));
    return loop_hear(&f->loop, A);
}

static void unix_stream_shutdown_read(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_event event = shut_down(f, MIO_SHUTDOWN_READ);
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1), 0);
}

/* The event is kqueue's alone; what follows is everybody's. */
static void unix_stream_shutdown_write(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    assert_ok(mio_unix_stream_shutdown(&f->client, MIO_SHUTDOWN_WRITE));
    assert_int_equal(mio_unix_stream_write(&f->client, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_unix_stream_write(&f->server, "hello", 5), 5);
    assert_int_equal(mio_unix_stream_read(&f->client, bytes, 8), 5);
}

static void unix_stream_shutdown_both(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_event event = shut_down(f, MIO_SHUTDOWN_BOTH);
    assert_true(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_stream_write(&f->client, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1), 0);
}

static void unix_stream_shutdown_listener_write(void **state)
{
    struct fixture *f = *state;
    char byte;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    loop_hear(&f->loop, A);
    assert_ok(mio_unix_stream_shutdown(&f->server, MIO_SHUTDOWN_WRITE));
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1), 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_STREAM(unix_stream_send_and_sync),
        CASE_STREAM(unix_stream_smoke),
        CASE_STREAM(unix_stream_connect),
        CASE_STREAM(unix_stream_connect_addr),
        CASE_STREAM(unix_stream_from_std),
        CASE_STREAM(unix_stream_pair),
        CASE_STREAM(unix_stream_peer_addr),
        CASE_STREAM(unix_stream_register),
        CASE_STREAM(unix_stream_reregister),
        CASE_STREAM(unix_stream_deregister),
        CASE_STREAM(unix_stream_shutdown_read),
        CASE_STREAM(unix_stream_shutdown_write),
        CASE_STREAM(unix_stream_shutdown_both),
        CASE_STREAM(unix_stream_shutdown_listener_write),
    };
    return cmocka_run_group_tests_name("unix_stream", cases, NULL, NULL);
}
