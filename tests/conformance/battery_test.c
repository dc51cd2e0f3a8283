/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/battery_test.c - many messages through a channel, a client
 * and a server, all in one loop. */
#include <pthread.h>
#include <sched.h>

#include "tests/conformance/echo_server.h"

/* A million; fewer where each costs much. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MESSAGES_COUNT 50000
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MESSAGES_COUNT 50000
#endif
#endif
#ifndef MESSAGES_COUNT
#define MESSAGES_COUNT 1000000
#endif
#define MESSAGES_ON_VALGRIND_COUNT 20000

#define CHANNEL_CAPACITY (1 << 20)
#define PER_TICK 64
#define CLIENT UINT64_C(1)

struct battery {
    struct mio_event_loop *loop;
    struct mio_notify_sender *sender;
    struct echo_server server;
    struct echo_peer client;
    struct mio_buffer in; /* of the client */
    uint64_t messages_count;
    uint64_t notified_count;
    uint64_t echoed_count;
    uint64_t turn_count; /* messages of this turn */
};

static void client_ready(struct battery *b)
{
    uint64_t value;
    assert_true(echo_peer_read_all(&b->client, &b->in));
    while (mio_buffer_size(&b->in) >= sizeof(value)) {
        memcpy(&value, mio_buffer_data(&b->in), sizeof(value));
        mio_buffer_consume(&b->in, sizeof(value));
        assert_int_equal(value, ++b->echoed_count);
    }
    if (b->echoed_count == b->messages_count)
        mio_event_loop_shutdown(b->loop);
    else
        echo_peer_go_on(&b->client, b->loop, CLIENT);
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct battery *b = ctx;
    (void)loop;
    if (event->token.value == CLIENT)
        client_ready(b);
    else
        echo_server_ready(&b->server, event->token.value);
}

static void notify(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct battery *b = ctx;
    uint64_t value = (uintptr_t)message;
    (void)loop;
    assert_int_equal(value, ++b->notified_count);
    b->turn_count++;
    assert_ok(mio_buffer_append(&b->client.out, &value, sizeof(value)));
}

static void tick(void *ctx, struct mio_event_loop *loop)
{
    struct battery *b = ctx;
    assert_true(b->turn_count <= PER_TICK);
    if (b->turn_count > 0)
        echo_peer_go_on(&b->client, loop, CLIENT);
    b->turn_count = 0;
}

static void *send_all(void *arg)
{
    struct battery *b = arg;
    int rc;
    for (uintptr_t i = 1; i <= b->messages_count; i++) {
        while ((rc = mio_notify_sender_send(b->sender, (void *)i)) == MIO_EFULL)
            (void)sched_yield();
        assert_ok(rc);
    }
    return NULL;
}

static void battery_open(struct battery *b)
{
    struct mio_event_loop_options options = {
        .notify_capacity = CHANNEL_CAPACITY, .messages_per_tick = PER_TICK};
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_event_loop_new(&b->loop, &options));
    b->sender = mio_event_loop_sender(b->loop);
    b->messages_count =
        is_on_valgrind() ? MESSAGES_ON_VALGRIND_COUNT : MESSAGES_COUNT;
    mio_buffer_init(&b->in, SIZE_MAX);
    echo_server_open(&b->server, b->loop, &at);
    echo_peer_init(&b->client, false);
    assert_ok(mio_tcp_stream_connect(&b->client.tcp, &at));
    assert_ok(mio_event_loop_register(b->loop, echo_peer_source(&b->client),
                                      mio_token_of(CLIENT), MIO_READABLE,
                                      MIO_EDGE | MIO_ONESHOT));
    /* Connected, before anything is to be written. */
    while (mio_slab_count(&b->server.peers) == 0)
        assert_true(mio_event_loop_turn(b->loop, DEADLINE_NS,
                                        &(struct mio_handler){.ready = ready},
                                        b) > 0);
}

static void battery_echo_server(void **state)
{
    (void)state;
    static const struct mio_handler handler = {
        .ready = ready, .notify = notify, .tick = tick};
    static struct battery b;
    pthread_t thread;
    alarm(HANGS_S);
    battery_open(&b);
    assert_int_equal(pthread_create(&thread, NULL, send_all, &b), 0);
    assert_ok(mio_event_loop_run(b.loop, &handler, &b));
    pthread_join(thread, NULL);
    assert_int_equal(b.notified_count, b.messages_count);
    assert_int_equal(b.echoed_count, b.messages_count);

    echo_peer_close(&b.client);
    while (mio_slab_count(&b.server.peers) > 0)
        assert_true(mio_event_loop_turn(b.loop, DEADLINE_NS, &handler, &b) > 0);
    mio_buffer_deinit(&b.in);
    echo_server_close(&b.server);
    mio_event_loop_free(b.loop);
    mio_notify_sender_free(b.sender);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(battery_echo_server),
    };
    return cmocka_run_group_tests_name("battery", cases, NULL, NULL);
}
