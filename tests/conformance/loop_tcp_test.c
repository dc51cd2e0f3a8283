/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/loop_tcp_test.c - TCP in an event loop: what listens and
 * connects is told by events, and each operation from end to end. */
#include "net/loop_tcp.h"

#include "tests/conformance/loop_case.h"

enum { DOOR = 1, CLIENT, SERVER };

#define BYTES_COUNT (UINT32_C(4) << 20)

struct fixture {
    struct mio_event_loop *loop;
    struct mio_address at; /* where it listens */
    struct mio_tcp_listener door;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server; /* once it is accepted */
    uint32_t doors_count;         /* events of each */
    uint32_t clients_count;
    uint32_t servers_count;
    struct mio_event client_event; /* the last */
    uint32_t sent_count;           /* bytes of the client */
    uint32_t received_count;       /* bytes of the server */
    int ended;                     /* the server read the end */
    int free_fd;
};

static uint8_t byte_at(uint32_t place)
{
    return (uint8_t)(place * 31 >> 3);
}

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){.at = address_at("127.0.0.1:0"),
                         .free_fd = lowest_free(),
                         .client.source.handle = MIO_HANDLE_NONE,
                         .server.source.handle = MIO_HANDLE_NONE};
    alarm(HANGS_S);
    assert_ok(mio_event_loop_new(&f.loop, NULL));
    assert_ok(
        mio_loop_tcp_listen(f.loop, &f.door, &f.at, NULL, mio_token_of(DOOR)));
    assert_ok(mio_tcp_listener_address(&f.door, &f.at));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_tcp_stream_close(&f->client);
    mio_tcp_stream_close(&f->server);
    mio_tcp_listener_close(&f->door);
    mio_event_loop_free(f->loop);
    assert_int_equal(lowest_free(), f->free_fd);
    alarm(0);
    return 0;
}

#define CASE_DOOR(function)                                                    \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

/* Accept who comes, register it, and read what it sends. */
static void accept_all(struct fixture *f)
{
    struct mio_tcp_stream stream;
    f->doors_count++;
    while (mio_tcp_listener_accept(&f->door, &stream, NULL) == MIO_OK) {
        assert_false(mio_tcp_stream_is_open(&f->server));
        f->server = stream;
        assert_ok(mio_event_loop_register(f->loop, &f->server.source,
                                          mio_token_of(SERVER), MIO_READABLE,
                                          MIO_EDGE));
    }
}

static void read_all(struct fixture *f)
{
    static uint8_t bytes[1 << 16];
    int64_t size;
    f->servers_count++;
    while ((size = mio_tcp_stream_read(&f->server, bytes, sizeof(bytes))) > 0)
        for (int64_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], byte_at(f->received_count++));
    if (size == 0)
        f->ended = 1;
    else
        assert_code(MIO_EAGAIN, (int)size);
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct fixture *f = ctx;
    assert_ptr_equal(loop, f->loop);
    if (event->token.value == DOOR) {
        accept_all(f);
    } else if (event->token.value == SERVER) {
        read_all(f);
    } else {
        assert_int_equal(event->token.value, CLIENT);
        f->clients_count++;
        f->client_event = *event;
    }
}

static void turn(struct fixture *f)
{
    static const struct mio_handler handler = {.ready = ready};
    assert_true(mio_event_loop_turn(f->loop, DEADLINE_NS, &handler, f) > 0);
}

static void begin_to_connect(struct fixture *f)
{
    assert_ok(mio_loop_tcp_connect(f->loop, &f->client, &f->at,
                                   mio_token_of(CLIENT)));
}

static void connect_and_accept(struct fixture *f)
{
    begin_to_connect(f);
    while (f->clients_count == 0 || !mio_tcp_stream_is_open(&f->server))
        turn(f);
    assert_ok(mio_tcp_stream_take_error(&f->client));
}

static void loop_tcp_listen(void **state)
{
    struct fixture *f = *state;
    assert_false(mio_event_loop_is_running(f->loop));
    connect_and_accept(f);
    assert_int_equal(f->doors_count, 1);
}

/* Over loopback it is made before the loop looks: told all the same. */
static void loop_tcp_connect_always_notifies(void **state)
{
    struct fixture *f = *state;
    begin_to_connect(f);
    while (mio_tcp_listener_accept(&f->door, &f->server, NULL) == MIO_EAGAIN)
        ;
    assert_int_equal(f->clients_count, 0);
    while (f->clients_count == 0)
        turn(f);
    assert_true(mio_event_is_writable(&f->client_event));
    assert_ok(mio_tcp_stream_take_error(&f->client));
}

/* One that fails is told as well, by the call or by an event. */
static void loop_tcp_connect_refused(void **state)
{
    struct fixture *f = *state;
    mio_tcp_listener_close(&f->door);
    int rc =
        mio_loop_tcp_connect(f->loop, &f->client, &f->at, mio_token_of(CLIENT));
    if (rc == MIO_OK) {
        while (f->clients_count == 0)
            turn(f);
        assert_true(mio_event_is_writable(&f->client_event));
        rc = mio_tcp_stream_take_error(&f->client);
    }
    assert_code(MIO_ECONNREFUSED, rc);
}

static void loop_tcp_failure_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_listener door;
    mio_token refused = mio_token_of(UINT64_MAX);
    int lowest = lowest_free();
    assert_code(MIO_EINVAL,
                mio_loop_tcp_connect(f->loop, &f->client, &f->at, refused));
    assert_code(MIO_EADDRINUSE, mio_loop_tcp_listen(f->loop, &door, &f->at,
                                                    NULL, mio_token_of(DOOR)));
    assert_int_equal(lowest_free(), lowest);
}

static void loop_tcp_accept(void **state)
{
    struct fixture *f = *state;
    connect_and_accept(f);
    assert_sound(&f->server.source);
    assert_code(MIO_EAGAIN,
                mio_tcp_listener_accept(&f->door, &f->server, NULL));
}

static void loop_tcp_connect(void **state)
{
    struct fixture *f = *state;
    char byte;
    connect_and_accept(f);
    assert_true(mio_event_is_writable(&f->client_event));
    assert_false(mio_event_is_read_closed(&f->client_event));
    mio_tcp_stream_close(&f->server);
    uint32_t before = f->clients_count;
    while (f->clients_count == before)
        turn(f);
    assert_true(mio_event_is_readable(&f->client_event));
    assert_int_equal(mio_tcp_stream_read(&f->client, &byte, 1), 0);
}

/* Write as much as goes, until all is out. */
static void send_some(struct fixture *f)
{
    static uint8_t bytes[1 << 16];
    int64_t size = 1;
    while (f->sent_count < BYTES_COUNT && size > 0) {
        uint32_t left = BYTES_COUNT - f->sent_count;
        uint32_t count = left < sizeof(bytes) ? left : (uint32_t)sizeof(bytes);
        for (uint32_t i = 0; i < count; i++)
            bytes[i] = byte_at(f->sent_count + i);
        size = mio_tcp_stream_write(&f->client, bytes, count);
        if (size > 0)
            f->sent_count += (uint32_t)size;
    }
    if (size < 0)
        assert_code(MIO_EAGAIN, (int)size);
}

static void loop_tcp_read(void **state)
{
    struct fixture *f = *state;
    connect_and_accept(f);
    send_some(f);
    while (f->received_count < BYTES_COUNT) {
        turn(f);
        send_some(f);
    }
    assert_true(f->servers_count > 0);
    mio_tcp_stream_close(&f->client);
    while (!f->ended)
        turn(f);
    assert_int_equal(f->received_count, BYTES_COUNT);
}

/* As read, but the writer waits for its events. */
static void loop_tcp_write(void **state)
{
    struct fixture *f = *state;
    connect_and_accept(f);
    send_some(f);
    uint32_t before = f->clients_count;
    while (f->received_count < BYTES_COUNT) {
        turn(f);
        if (f->clients_count != before)
            send_some(f);
        before = f->clients_count;
    }
    assert_int_equal(f->sent_count, BYTES_COUNT);
}

static void loop_tcp_connect_then_close(void **state)
{
    struct fixture *f = *state;
    begin_to_connect(f);
    mio_tcp_stream_close(&f->client);
    while (!f->ended)
        turn(f);
    assert_int_equal(f->clients_count, 0);
    assert_int_equal(f->received_count, 0);
}

static void loop_tcp_listen_then_close(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler handler = {.ready = ready};
    mio_tcp_listener_close(&f->door);
    assert_int_equal(mio_event_loop_turn(f->loop, 0, &handler, f), 0);
    assert_ok(mio_loop_tcp_listen(f->loop, &f->door, &f->at, NULL,
                                  mio_token_of(DOOR)));
    connect_and_accept(f);
}

static void loop_tcp_bind_twice_bad(void **state)
{
    struct fixture *f = *state;
    struct mio_tcp_listener twin;
    assert_code(MIO_EADDRINUSE, mio_tcp_listener_open(&twin, &f->at, NULL));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_DOOR(loop_tcp_listen),
        CASE_DOOR(loop_tcp_connect_always_notifies),
        CASE_DOOR(loop_tcp_connect_refused),
        CASE_DOOR(loop_tcp_failure_leaves_nothing),
        CASE_DOOR(loop_tcp_accept),
        CASE_DOOR(loop_tcp_connect),
        CASE_DOOR(loop_tcp_read),
        CASE_DOOR(loop_tcp_write),
        CASE_DOOR(loop_tcp_connect_then_close),
        CASE_DOOR(loop_tcp_listen_then_close),
        CASE_DOOR(loop_tcp_bind_twice_bad),
    };
    return cmocka_run_group_tests_name("loop_tcp", cases, NULL, NULL);
}
