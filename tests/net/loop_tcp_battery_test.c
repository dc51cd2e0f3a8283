/* SPDX-License-Identifier: MIT
 *
 * tests/net/loop_tcp_battery_test.c - the older Mio's programs: a slab server
 * under a million messages, a timer that carries a socket, silence proven by a
 * timer, a connection that is dropped at once. */
#include <pthread.h>

#include "core/buffer.h"
#include "net/loop_tcp.h"
#include "tests/net/loop.h"

#define DOOR UINT64_C(0) /* no key of a slab is so small */
#define CLIENT UINT64_C(1)

#define ONESHOT (MIO_EDGE | MIO_ONESHOT)

/* --- the battery ---------------------------------------------------------- */

#define MESSAGES_COUNT 1000000
#define CHANNEL_CAPACITY (1 << 20)
#define PER_TICK 64
#define READ_SIZE 65536

struct peer {
    struct mio_tcp_stream stream;
    struct mio_buffer out;
};

struct battery {
    struct mio_event_loop *loop;
    struct mio_notify_sender *sender;
    struct mio_tcp_listener door;
    struct mio_slab peers; /* of the server */
    struct peer client;
    struct mio_buffer in; /* of the client */
    uint64_t notified_count;
    uint64_t echoed_count;
    uint64_t turn_count; /* messages of this turn */
};

static void peer_open(struct peer *self)
{
    mio_buffer_init(&self->out, SIZE_MAX);
}

static void peer_close(struct peer *self)
{
    mio_tcp_stream_close(&self->stream);
    mio_buffer_deinit(&self->out);
}

/* Read all that is there behind `in`. False at the end. */
static bool read_all(struct mio_tcp_stream *stream, struct mio_buffer *in)
{
    uint8_t *room;
    int64_t size;
    for (;;) {
        assert_ok(mio_buffer_reserve(in, READ_SIZE, &room));
        size = mio_tcp_stream_read(stream, room, READ_SIZE);
        if (size <= 0)
            break;
        mio_buffer_commit(in, (size_t)size);
    }
    if (size != 0)
        assert_code(MIO_EAGAIN, (int)size);
    return size != 0;
}

/* Write what can be written, and wait for the next of what there is to wait
 * for. */
static void peer_go_on(struct peer *self, struct mio_event_loop *loop,
                       uint64_t token)
{
    int64_t size = 1;
    while (
        mio_buffer_size(&self->out) > 0 &&
        (size = mio_tcp_stream_write(&self->stream, mio_buffer_data(&self->out),
                                     mio_buffer_size(&self->out))) > 0)
        mio_buffer_consume(&self->out, (size_t)size);
    if (size < 0)
        assert_code(MIO_EAGAIN, (int)size);
    uint32_t writes = mio_buffer_size(&self->out) > 0 ? MIO_WRITABLE : 0;
    assert_ok(mio_event_loop_reregister(loop, &self->stream.source,
                                        mio_token_of(token),
                                        MIO_READABLE | writes, ONESHOT));
}

static void server_accept(struct battery *b)
{
    struct mio_tcp_stream stream;
    mio_key key;
    while (mio_tcp_listener_accept(&b->door, &stream, NULL) == MIO_OK) {
        struct peer *peer = test_malloc(sizeof(*peer));
        peer->stream = stream;
        peer_open(peer);
        assert_ok(mio_slab_insert(&b->peers, peer, &key));
        assert_ok(mio_event_loop_register(b->loop, &peer->stream.source,
                                          mio_token_of(key), MIO_READABLE,
                                          ONESHOT));
    }
}

static void server_ready(struct battery *b, mio_key key)
{
    struct peer *peer = mio_slab_get(&b->peers, key);
    assert_non_null(peer);
    if (read_all(&peer->stream, &peer->out)) {
        peer_go_on(peer, b->loop, key);
        return;
    }
    peer_close(peer);
    test_free(mio_slab_remove(&b->peers, key));
}

static void client_ready(struct battery *b)
{
    uint64_t value;
    assert_true(read_all(&b->client.stream, &b->in));
    while (mio_buffer_size(&b->in) >= sizeof(value)) {
        memcpy(&value, mio_buffer_data(&b->in), sizeof(value));
        mio_buffer_consume(&b->in, sizeof(value));
        assert_int_equal(value, ++b->echoed_count);
    }
    if (b->echoed_count == MESSAGES_COUNT)
        mio_event_loop_shutdown(b->loop);
    else
        peer_go_on(&b->client, b->loop, CLIENT);
}

static void battery_ready(void *ctx, struct mio_event_loop *loop,
                          const struct mio_event *event)
{
    struct battery *b = ctx;
    assert_ptr_equal(loop, b->loop);
    if (event->token.value == DOOR)
        server_accept(b);
    else if (event->token.value == CLIENT)
        client_ready(b);
    else
        server_ready(b, event->token.value);
}

static void battery_notify(void *ctx, struct mio_event_loop *loop,
                           void *message)
{
    struct battery *b = ctx;
    uint64_t value = (uintptr_t)message;
    (void)loop;
    b->notified_count++;
    b->turn_count++;
    assert_ok(mio_buffer_append(&b->client.out, &value, sizeof(value)));
}

static void battery_tick(void *ctx, struct mio_event_loop *loop)
{
    struct battery *b = ctx;
    assert_true(b->turn_count <= PER_TICK);
    if (b->turn_count > 0)
        peer_go_on(&b->client, loop, CLIENT);
    b->turn_count = 0;
}

static void *send_all(void *arg)
{
    for (uintptr_t i = 1; i <= MESSAGES_COUNT; i++)
        assert_ok(mio_notify_sender_send(arg, (void *)i));
    return NULL;
}

static void battery_open(struct battery *b)
{
    struct mio_event_loop_options options = {
        .notify_capacity = CHANNEL_CAPACITY, .messages_per_tick = PER_TICK};
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_event_loop_new(&b->loop, &options));
    b->sender = mio_event_loop_sender(b->loop);
    assert_ok(mio_slab_init(&b->peers, 4, 4));
    mio_buffer_init(&b->in, SIZE_MAX);
    peer_open(&b->client);
    assert_ok(
        mio_loop_tcp_listen(b->loop, &b->door, &at, NULL, mio_token_of(DOOR)));
    assert_ok(mio_tcp_listener_address(&b->door, &at));
    assert_ok(mio_loop_tcp_connect(b->loop, &b->client.stream, &at,
                                   mio_token_of(CLIENT)));
    assert_ok(mio_event_loop_reregister(b->loop, &b->client.stream.source,
                                        mio_token_of(CLIENT),
                                        MIO_READABLE | MIO_WRITABLE, ONESHOT));
}

static void battery_close(struct battery *b)
{
    mio_buffer_deinit(&b->in);
    mio_tcp_listener_close(&b->door);
    mio_slab_deinit(&b->peers);
    mio_event_loop_free(b->loop);
    mio_notify_sender_free(b->sender);
}

static void a_million_messages_pass_through_a_slab_server(void **state)
{
    (void)state;
    static const struct mio_handler handler = {
        .ready = battery_ready, .notify = battery_notify, .tick = battery_tick};
    static struct battery b;
    pthread_t thread;
    battery_open(&b);
    /* The first event is that the client is connected. */
    assert_int_equal(pthread_create(&thread, NULL, send_all, b.sender), 0);
    assert_ok(mio_event_loop_run(b.loop, &handler, &b));
    pthread_join(thread, NULL);
    assert_int_equal(b.notified_count, MESSAGES_COUNT);
    assert_int_equal(b.echoed_count, MESSAGES_COUNT);

    /* The server hears of its client's end. */
    assert_int_equal(mio_slab_count(&b.peers), 1);
    peer_close(&b.client);
    while (mio_slab_count(&b.peers) > 0)
        assert_true(mio_event_loop_turn(b.loop, DEADLINE_NS, &handler, &b) > 0);
    battery_close(&b);
}

/* --- smaller programs ----------------------------------------------------- */

struct fixture {
    struct mio_event_loop *loop;
    struct mio_tcp_listener door;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    int64_t accepted_ns;
    char got[8];
    size_t got_size;
    uint32_t readies_count;
};

static int setup(void **state)
{
    static struct fixture f;
    struct mio_address at = address_at("127.0.0.1:0");
    f = (struct fixture){.server.source.handle = MIO_HANDLE_NONE};
    assert_ok(mio_event_loop_new(&f.loop, NULL));
    assert_ok(
        mio_loop_tcp_listen(f.loop, &f.door, &at, NULL, mio_token_of(DOOR)));
    assert_ok(mio_tcp_listener_address(&f.door, &at));
    assert_ok(
        mio_loop_tcp_connect(f.loop, &f.client, &at, mio_token_of(CLIENT)));
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
    return 0;
}

#define DELAY_NS (20 * MIO_NS_PER_MS)

static void read_to_the_end(struct fixture *f, struct mio_event_loop *loop)
{
    int64_t size;
    while ((size = mio_tcp_stream_read(&f->client, f->got + f->got_size,
                                       sizeof(f->got) - f->got_size)) > 0)
        f->got_size += (size_t)size;
    if (size == 0)
        mio_event_loop_shutdown(loop);
    else
        assert_code(MIO_EAGAIN, (int)size);
}

static void accept_and_wait(void *ctx, struct mio_event_loop *loop,
                            const struct mio_event *event)
{
    struct fixture *f = ctx;
    if (event->token.value == CLIENT) {
        if (mio_event_is_readable(event))
            read_to_the_end(f, loop);
        return;
    }
    assert_ok(mio_tcp_listener_accept(&f->door, &f->server, NULL));
    f->accepted_ns = mio_clock_monotonic_ns();
    assert_ok(mio_event_loop_set_timeout(loop, DELAY_NS,
                                         mio_token_of_ptr(&f->server), NULL));
}

static void say_zomg(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct fixture *f = ctx;
    struct mio_tcp_stream *stream = mio_token_ptr(token);
    (void)loop;
    assert_true(mio_clock_monotonic_ns() - f->accepted_ns >= DELAY_NS);
    assert_int_equal(mio_tcp_stream_write(stream, "zomg", 4), 4);
    mio_tcp_stream_close(stream);
}

static void a_timeout_carries_the_socket_that_it_is_for(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler handler = {.ready = accept_and_wait,
                                               .timeout = say_zomg};
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_int_equal(f->got_size, 4);
    assert_memory_equal(f->got, "zomg", 4);
}

static void drop_at_once(void *ctx, struct mio_event_loop *loop,
                         const struct mio_event *event)
{
    struct fixture *f = ctx;
    if (event->token.value == CLIENT) {
        if (mio_event_is_readable(event))
            read_to_the_end(f, loop);
        return;
    }
    assert_ok(mio_tcp_listener_accept(&f->door, &f->server, NULL));
    mio_tcp_stream_close(&f->server);
}

static void a_connection_that_is_dropped_at_once_ends_for_its_peer(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler handler = {.ready = drop_at_once};
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_int_equal(f->got_size, 0);
}

static void write_then_be_silent(void *ctx, struct mio_event_loop *loop,
                                 const struct mio_event *event)
{
    struct fixture *f = ctx;
    assert_int_equal(event->token.value, CLIENT);
    assert_true(mio_event_is_writable(event));
    /* Level: it would come in each turn. */
    if (++f->readies_count == 1) {
        assert_ok(mio_event_loop_reregister(loop, &f->client.source,
                                            mio_token_of(CLIENT), MIO_WRITABLE,
                                            MIO_LEVEL));
        return;
    }
    assert_ok(mio_event_loop_deregister(loop, &f->client.source));
    assert_ok(
        mio_event_loop_set_timeout(loop, DELAY_NS, mio_token_of(0), NULL));
}

static void shut_down(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    (void)ctx;
    (void)token;
    mio_event_loop_shutdown(loop);
}

static void
a_deregistered_source_is_silent_until_a_timer_proves_it(void **state)
{
    struct fixture *f = *state;
    static const struct mio_handler handler = {.ready = write_then_be_silent,
                                               .timeout = shut_down};
    assert_ok(mio_event_loop_deregister(f->loop, &f->door.source));
    assert_ok(mio_event_loop_run(f->loop, &handler, f));
    assert_int_equal(f->readies_count, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_messages_pass_through_a_slab_server),
        TEST(a_timeout_carries_the_socket_that_it_is_for),
        TEST(a_connection_that_is_dropped_at_once_ends_for_its_peer),
        TEST(a_deregistered_source_is_silent_until_a_timer_proves_it),
    };
    return cmocka_run_group_tests_name("loop_tcp_battery", tests, NULL, NULL);
}
