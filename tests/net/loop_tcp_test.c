/* SPDX-License-Identifier: MIT
 *
 * tests/net/loop_tcp_test.c - what connects is always told by an event, and
 * what fails leaves nothing open. */
#include "net/loop_tcp.h"

#include "tests/net/loop.h"

enum { DOOR = 1, CLIENT };

struct fixture {
    struct mio_event_loop *loop;
    struct mio_tcp_listener door;
    struct mio_tcp_stream client;
    struct mio_address at;
    int accepted_count;
    int connected_count;
    int error;
    int free_fd;
};

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct fixture *f = ctx;
    struct mio_tcp_stream accepted;
    if (event->token.value == DOOR) {
        while (mio_tcp_listener_accept(&f->door, &accepted, NULL) == MIO_OK) {
            f->accepted_count++;
            mio_tcp_stream_close(&accepted);
        }
    } else if (mio_event_is_writable(event)) {
        assert_int_equal(event->token.value, CLIENT);
        f->error = mio_tcp_stream_take_error(&f->client);
        f->connected_count++;
        mio_tcp_stream_close(&f->client);
    }
    if (f->connected_count > 0 && (f->accepted_count > 0 || f->error < 0))
        mio_event_loop_shutdown(loop);
}

static const struct mio_handler handler = {.ready = ready};

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){.free_fd = lowest_free()};
    assert_ok(mio_event_loop_new(&f.loop, NULL));
    struct mio_address any = address_at("127.0.0.1:0");
    assert_ok(
        mio_loop_tcp_listen(f.loop, &f.door, &any, NULL, mio_token_of(DOOR)));
    assert_ok(mio_tcp_listener_address(&f.door, &f.at));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_tcp_listener_close(&f->door);
    mio_event_loop_free(f->loop);
    assert_int_equal(lowest_free(), f->free_fd);
    return 0;
}

static void a_connection_is_told_by_an_event(void **state)
{
    struct fixture *f = *state;
    assert_ok(mio_loop_tcp_connect(f->loop, &f->client, &f->at,
                                   mio_token_of(CLIENT)));
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_int_equal(f->accepted_count, 1);
    assert_int_equal(f->connected_count, 1);
    assert_ok(f->error);
}

static void one_that_was_made_before_the_loop_looked_is_told_too(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_stream accepted;
    assert_ok(mio_loop_tcp_connect(f->loop, &f->client, &f->at,
                                   mio_token_of(CLIENT)));
    /* Taken out of the queue: over loopback it is made by then. */
    int rc;
    do
        rc = mio_tcp_listener_accept(&f->door, &accepted, NULL);
    while (rc == MIO_EAGAIN);
    assert_ok(rc);
    f->accepted_count = 1;
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_int_equal(f->connected_count, 1);
    assert_ok(f->error);
    mio_tcp_stream_close(&accepted);
}

static void a_refused_connection_is_a_code_or_an_event(void **state)
{
    struct fixture *f = *state;
    mio_tcp_listener_close(&f->door);
    int rc =
        mio_loop_tcp_connect(f->loop, &f->client, &f->at, mio_token_of(CLIENT));
    if (rc == MIO_OK) {
        assert_ok(mio_event_loop_run(f->loop, &handler, f));
        rc = f->error;
    }
    assert_code(MIO_ECONNREFUSED, rc);
}

static void what_cannot_be_registered_is_not_left_open(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_listener door;
    struct mio_tcp_stream client;
    struct mio_address any = address_at("127.0.0.1:0");
    mio_token refused = mio_token_of(UINT64_MAX);
    int lowest = lowest_free();
    assert_code(MIO_EINVAL,
                mio_loop_tcp_listen(f->loop, &door, &any, NULL, refused));
    assert_code(MIO_EINVAL,
                mio_loop_tcp_connect(f->loop, &client, &f->at, refused));
    assert_int_equal(lowest_free(), lowest);
    assert_code(MIO_EADDRINUSE, mio_loop_tcp_listen(f->loop, &door, &f->at,
                                                    NULL, mio_token_of(DOOR)));
    assert_int_equal(lowest_free(), lowest);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_connection_is_told_by_an_event),
        TEST(one_that_was_made_before_the_loop_looked_is_told_too),
        TEST(a_refused_connection_is_a_code_or_an_event),
        TEST(what_cannot_be_registered_is_not_left_open),
    };
    return cmocka_run_group_tests_name("loop_tcp", tests, NULL, NULL);
}
