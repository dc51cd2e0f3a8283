/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/unix_socket_test.c - Unix sockets in an event loop, as the
 * older Mio had them. */
#include "net/pipe.h"
#include "net/unix_listener.h"
#include "tests/conformance/loop_case.h"
#include "tests/net/unix.h"

static void unix_socket_connect(void **state)
{
    struct loop_case *c = *state;
    struct mio_unix_listener listener;
    struct mio_address name = abstract_name("older");
    mio_unix_stream_close(&c->near);
    assert_code(MIO_ECONNREFUSED, mio_unix_stream_connect(&c->near, &name));
    assert_ok(mio_unix_listener_open(&listener, &name, NULL));
    assert_ok(mio_unix_stream_connect(&c->near, &name));
    loop_case_watch(c, A, MIO_READABLE | MIO_WRITABLE, MIO_EDGE);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_true(mio_event_is_writable(&c->event));
    mio_unix_listener_close(&listener);
}

static void unix_socket_bind_and_listen(void **state)
{
    struct loop_case *c = *state;
    struct folder folder;
    struct mio_unix_listener listener;
    struct mio_unix_listener twin;
    folder_open(&folder);
    struct mio_address at = folder_at(&folder, "door");
    assert_ok(mio_unix_listener_open(&listener, &at, NULL));
    assert_code(MIO_EADDRINUSE, mio_unix_listener_open(&twin, &at, NULL));
    assert_ok(mio_event_loop_register(c->loop, &listener.source, B,
                                      MIO_READABLE, MIO_EDGE));
    mio_unix_stream_close(&c->near);
    mio_unix_stream_close(&c->far);
    assert_ok(mio_unix_stream_connect(&c->near, &at));
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(c->event.token.value, B.value);
    assert_ok(mio_unix_listener_accept(&listener, &c->far, NULL));
    loop_case_say(c);
    mio_unix_listener_close(&listener);
    assert_true(folder_has(&folder, "door")); /* the file is the caller's */
    folder_remove(&folder, "door");
    folder_close(&folder);
}

static void unix_socket_pipe(void **state)
{
    struct loop_case *c = *state;
    struct mio_pipe_sender writer;
    struct mio_pipe_receiver reader;
    char bytes[8];
    assert_ok(mio_pipe_open(&writer, &reader));
    assert_ok(mio_event_loop_register(c->loop, &reader.source, A, MIO_READABLE,
                                      MIO_EDGE));
    assert_int_equal(loop_case_turn(c, 0), 0);
    assert_int_equal(mio_pipe_sender_write(&writer, "hello", 5), 5);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(mio_pipe_receiver_read(&reader, bytes, 8), 5);
    mio_pipe_sender_close(&writer);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_true(mio_event_is_read_closed(&c->event));
    assert_int_equal(mio_pipe_receiver_read(&reader, bytes, 8), 0);
    mio_pipe_receiver_close(&reader);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_LOOP(unix_socket_connect),
        CASE_LOOP(unix_socket_bind_and_listen),
        CASE_LOOP(unix_socket_pipe),
    };
    return cmocka_run_group_tests_name("unix_socket", cases, NULL, NULL);
}
