/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/unix_listener_test.c - listening within the host. */
#include "net/unix_listener.h"

#include <sys/socket.h>

#include "tests/conformance/conformance.h"
#include "tests/net/unix.h"

struct fixture {
    struct loop loop;
    struct folder folder;
    struct mio_address at;
    struct mio_unix_listener listener;
    struct mio_unix_stream client;
    struct mio_unix_stream server;
};

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    folder_open(&f.folder);
    f.at = folder_at(&f.folder, "door");
    f.client.source.handle = MIO_HANDLE_NONE;
    f.server.source.handle = MIO_HANDLE_NONE;
    assert_ok(mio_unix_listener_open(&f.listener, &f.at, NULL));
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

#define CASE_DOOR(function)                                                    \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

static void *accept_and_greet(void *arg)
{
    struct fixture *f = arg;
    if (mio_unix_listener_accept(&f->listener, &f->server, NULL) == MIO_OK)
        (void)!mio_unix_stream_write(&f->server, "hello", 5);
    return NULL;
}

static void unix_listener_send_and_sync(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    loop_hear(&f->loop, A);
    thread_join(thread_start(accept_and_greet, f));
    assert_int_equal(mio_unix_stream_read(&f->client, bytes, 8), 5);
}

/* Would block, an event, a sound stream of nobody, would block. */
static void accept_one(struct fixture *f)
{
    struct mio_address peer;
    char bytes[8];
    assert_sound(&f->listener.source);
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    loop_silence(&f->loop);
    assert_code(MIO_EAGAIN,
                mio_unix_listener_accept(&f->listener, &f->server, &peer));
    for (int round = 0; round < 2; round++) {
        assert_ok(mio_unix_stream_connect(&f->client, &f->at));
        struct mio_event event = loop_hear(&f->loop, A);
        assert_true(mio_event_is_readable(&event));
        assert_ok(mio_unix_listener_accept(&f->listener, &f->server, &peer));
        assert_sound(&f->server.source);
        assert_int_equal(mio_address_family(&peer), MIO_FAMILY_NONE);
        assert_code(MIO_EAGAIN,
                    mio_unix_listener_accept(&f->listener, &f->client, NULL));
        assert_int_equal(mio_unix_stream_write(&f->client, "hello", 5), 5);
        assert_int_equal(mio_unix_stream_read(&f->server, bytes, 8), 5);
        mio_unix_stream_close(&f->client);
        mio_unix_stream_close(&f->server);
    }
    assert_ok(mio_unix_listener_take_error(&f->listener));
}

static void unix_listener_smoke(void **state)
{
    accept_one(*state);
}

static void unix_listener_from_std(void **state)
{
    struct fixture *f = *state;
    mio_unix_listener_close(&f->listener);
    folder_remove(&f->folder, "door");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)(void *)&f->at.storage, f->at.size), 0);
    assert_int_equal(listen(fd, 16), 0);
    mio_unix_listener_from_handle(&f->listener, fd);
    accept_one(f);
}

static void unix_listener_local_addr(void **state)
{
    struct fixture *f = *state;
    struct mio_address at;
    struct mio_address peer;
    const char *path;
    assert_ok(mio_unix_listener_address(&f->listener, &at));
    assert_true(mio_address_equal(&at, &f->at));
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    loop_await(&f->loop, &f->listener.source, MIO_READABLE);
    assert_ok(mio_unix_listener_accept(&f->listener, &f->server, &peer));
    assert_int_equal(mio_address_path(&peer, &path), 0);
    assert_null(path);
    assert_ok(mio_unix_stream_local_address(&f->server, &at));
    assert_true(mio_address_equal(&at, &f->at));
}

static void unix_listener_register(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    loop_silence(&f->loop);
}

static void unix_listener_reregister(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    assert_ok(mio_poll_reregister(f->loop.poll, &f->listener.source, B,
                                  MIO_READABLE, MIO_EDGE));
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_readable(&event));
}

static void unix_listener_deregister(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->listener.source, A, MIO_READABLE);
    assert_ok(mio_poll_deregister(f->loop.poll, &f->listener.source));
    assert_ok(mio_unix_stream_connect(&f->client, &f->at));
    loop_silence(&f->loop);
    assert_ok(mio_unix_listener_accept(&f->listener, &f->server, NULL));
}

static void unix_listener_abstract_namespace(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_listener hidden;
    struct mio_address name = abstract_name("conformance");
    struct mio_address at;
    const char *bytes;
    assert_ok(mio_unix_listener_open(&hidden, &name, NULL));
    assert_ok(mio_unix_listener_address(&hidden, &at));
    assert_true(mio_address_equal(&at, &name));
    assert_true(mio_address_path(&at, &bytes) > 1);
    assert_int_equal(bytes[0], '\0');
    loop_watch(&f->loop, &hidden.source, A, MIO_READABLE);
    assert_ok(mio_unix_stream_connect(&f->client, &name));
    loop_hear(&f->loop, A);
    assert_ok(mio_unix_listener_accept(&hidden, &f->server, NULL));
    mio_unix_listener_close(&hidden);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_DOOR(unix_listener_send_and_sync),
        CASE_DOOR(unix_listener_smoke),
        CASE_DOOR(unix_listener_from_std),
        CASE_DOOR(unix_listener_local_addr),
        CASE_DOOR(unix_listener_register),
        CASE_DOOR(unix_listener_reregister),
        CASE_DOOR(unix_listener_deregister),
        CASE_DOOR(unix_listener_abstract_namespace),
    };
    return cmocka_run_group_tests_name("unix_listener", cases, NULL, NULL);
}
