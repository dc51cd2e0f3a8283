/* SPDX-License-Identifier: MIT
 *
 * tests/net/tcp_events_test.c - which events streams and listeners have, and
 * which they have not: the order of things, as Mio's own tests ask for it. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/tcp.h"

#define OTHER mio_token_of(7)

static int setup(void **state)
{
    static struct tcp tcp;
    tcp_open(&tcp, "127.0.0.1:0");
    tcp_connect(&tcp);
    *state = &tcp;
    return 0;
}

static int teardown(void **state)
{
    tcp_close(*state);
    return 0;
}

static void watch(struct tcp *tcp, struct mio_tcp_stream *stream,
                  uint32_t interest)
{
    assert_ok(mio_poll_register(tcp->poll, &stream->source, CLIENT, interest,
                                MIO_EDGE));
}

/* Events until one has all of `readiness`, which is then the answer. */
static struct mio_event wait_for(struct tcp *tcp, uint32_t readiness)
{
    struct mio_event event = {.readiness = 0};
    while ((event.readiness & readiness) != readiness) {
        wait_some(tcp->poll, tcp->events);
        assert_true(mio_events_next(tcp->events, &event));
    }
    return event;
}

static void a_stream_over_ipv6_does_it_all(void **state)
{
    (void)state;
    struct tcp tcp;
    char bytes[8];
    struct mio_iovec pieces[2] = {{bytes, 2}, {bytes + 2, 6}};
    tcp_open(&tcp, "[::1]:0");
    tcp_connect(&tcp);
    assert_int_equal(mio_tcp_stream_read(&tcp.client, bytes, 8), MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_peek(&tcp.client, bytes, 8), MIO_EAGAIN);
    tcp_say(&tcp.server, "abc");
    tcp_await(&tcp, &tcp.client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_peek(&tcp.client, bytes, 8), 3);
    assert_int_equal(mio_tcp_stream_readv(&tcp.client, pieces, 2), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(mio_tcp_stream_writev(&tcp.client, pieces, 1), 2);
    tcp_hear(&tcp, &tcp.server, "ab");
    tcp_close(&tcp);
}

static void
a_stream_that_is_closed_when_accepted_ends_for_the_peer(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_stream client;
    char byte;
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    mio_tcp_stream_close(&tcp->server);
    tcp_accept(tcp, &tcp->server, NULL);
    mio_tcp_stream_close(&tcp->server);
    tcp_await(tcp, &client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&client, &byte, 1), 0);
    mio_tcp_stream_close(&client);
}

static void addresses_are_there_when_it_is_writable(void **state)
{
    struct tcp *tcp = *state;
    struct mio_address local;
    struct mio_address peer;
    mio_tcp_stream_close(&tcp->client);
    assert_ok(mio_tcp_stream_connect(&tcp->client, &tcp->at));
    struct mio_event event = tcp_await(tcp, &tcp->client.source, MIO_WRITABLE);
    assert_true(mio_event_is_writable(&event));
    assert_ok(mio_tcp_stream_local_address(&tcp->client, &local));
    assert_ok(mio_tcp_stream_peer_address(&tcp->client, &peer));
    assert_int_not_equal(mio_address_port(&local), 0);
    assert_true(mio_address_equal(&peer, &tcp->at));
}

static void many_small_writes_go_at_once(void **state)
{
    struct tcp *tcp = *state;
    char out[1024];
    static char in[16 * 1024];
    size_t received = 0;
    for (int i = 0; i < 16; i++) {
        memset(out, 'a' + i, sizeof(out));
        assert_int_equal(mio_tcp_stream_write(&tcp->client, out, sizeof(out)),
                         sizeof(out));
    }
    while (received < sizeof(in)) {
        tcp_await(tcp, &tcp->server.source, MIO_READABLE);
        int64_t n = mio_tcp_stream_read(&tcp->server, in + received,
                                        sizeof(in) - received);
        assert_true(n > 0);
        received += (size_t)n;
    }
    for (size_t i = 0; i < sizeof(in); i++)
        assert_int_equal(in[i], 'a' + (char)(i / sizeof(out)));
}

static void a_peer_s_shutdown_is_an_end_and_nothing_was_before(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    watch(tcp, &tcp->client, MIO_READABLE);
    wait_silence(tcp->poll, tcp->events);
    assert_ok(mio_tcp_stream_shutdown(&tcp->server, MIO_SHUTDOWN_WRITE));
    struct mio_event event = wait_one(tcp->poll, tcp->events);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_false(mio_event_is_error(&event));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
    wait_silence(tcp->poll, tcp->events);
}

static void a_reset_closes_the_reading_end_and_then_is_quiet(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    watch(tcp, &tcp->client, MIO_READABLE | MIO_WRITABLE);
    wait_one(tcp->poll, tcp->events);
    assert_ok(mio_tcp_stream_set_reset_on_close(&tcp->server, true));
    mio_tcp_stream_close(&tcp->server);
    struct mio_event event = wait_for(tcp, MIO_READY_READ_CLOSED);
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1),
                     MIO_ECONNRESET);
    wait_silence(tcp->poll, tcp->events);
}

static void shut_down_for_reading_it_reads_the_end(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_READ));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
    tcp_say(&tcp->client, "and still writes");
    tcp_hear(tcp, &tcp->server, "and still writes");
}

static void out_of_band_data_is_a_priority(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    watch(tcp, &tcp->client, MIO_PRIORITY);
    tcp_say(&tcp->server, "x");
    wait_silence(tcp->poll, tcp->events); /* that was plain data */
    assert_int_equal(send((int)tcp->server.source.handle, "!", 1, MSG_OOB), 1);
    struct mio_event event = wait_one(tcp->poll, tcp->events);
    assert_true(mio_event_is_priority(&event));
    assert_true(mio_event_is_readable(&event));
    assert_int_equal(recv((int)tcp->client.source.handle, &byte, 1, MSG_OOB),
                     1);
    assert_int_equal(byte, '!');
    tcp_hear(tcp, &tcp->client, "x");
}

static void a_peek_that_succeeds_takes_no_readiness(void **state)
{
    struct tcp *tcp = *state;
    char bytes[8];
    tcp_say(&tcp->server, "abc");
    tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_peek(&tcp->client, bytes, 8), 3);
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_READABLE, MIO_LEVEL));
    wait_one(tcp->poll, tcp->events);
    assert_int_equal(mio_tcp_stream_peek(&tcp->client, bytes, 8), 3);
    wait_one(tcp->poll, tcp->events);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 3);
    wait_silence(tcp->poll, tcp->events);
}

/* A peek alone that would block is enough for the next event. */
static void a_peek_that_would_block_waits_for_an_event(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    watch(tcp, &tcp->client, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(mio_tcp_stream_peek(&tcp->client, &byte, 1),
                         MIO_EAGAIN);
        wait_silence(tcp->poll, tcp->events);
        tcp_say(&tcp->server, "x");
        wait_one(tcp->poll, tcp->events);
        assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 1);
    }
}

static void what_was_written_before_deregistering_still_arrives(void **state)
{
    struct tcp *tcp = *state;
    watch(tcp, &tcp->client, MIO_READABLE);
    assert_ok(mio_poll_register(tcp->poll, &tcp->server.source, SERVER,
                                MIO_WRITABLE, MIO_EDGE));
    assert_int_equal(wait_one(tcp->poll, tcp->events).token.value,
                     SERVER.value);
    tcp_say(&tcp->server, "1234");
    assert_ok(mio_poll_deregister(tcp->poll, &tcp->server.source));
    assert_int_equal(wait_one(tcp->poll, tcp->events).token.value,
                     CLIENT.value);
    assert_ok(mio_poll_deregister(tcp->poll, &tcp->client.source));
    tcp_hear(tcp, &tcp->client, "1234");
}

static void the_same_before_closing(void **state)
{
    struct tcp *tcp = *state;
    watch(tcp, &tcp->client, MIO_READABLE);
    tcp_say(&tcp->server, "1234");
    mio_tcp_stream_close(&tcp->server);
    (void)wait_for(tcp, MIO_READY_READABLE);
    assert_ok(mio_poll_deregister(tcp->poll, &tcp->client.source));
    tcp_hear(tcp, &tcp->client, "1234");
}

static void a_stream_gets_another_token_and_interest(void **state)
{
    struct tcp *tcp = *state;
    watch(tcp, &tcp->client, MIO_READABLE);
    wait_silence(tcp->poll, tcp->events);
    assert_ok(mio_poll_reregister(tcp->poll, &tcp->client.source, OTHER,
                                  MIO_WRITABLE, MIO_EDGE));
    struct mio_event event = wait_one(tcp->poll, tcp->events);
    assert_int_equal(event.token.value, OTHER.value);
    assert_true(mio_event_is_writable(&event));
    assert_false(mio_event_is_readable(&event));
    assert_ok(mio_poll_deregister(tcp->poll, &tcp->client.source));
    wait_silence(tcp->poll, tcp->events);
}

static void
a_listener_gets_another_token_and_deregistered_it_works(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_stream client;
    assert_ok(mio_poll_register(tcp->poll, &tcp->listener.source, LISTENER,
                                MIO_READABLE, MIO_EDGE));
    assert_ok(mio_poll_reregister(tcp->poll, &tcp->listener.source, OTHER,
                                  MIO_READABLE, MIO_EDGE));
    assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
    struct mio_event event = wait_one(tcp->poll, tcp->events);
    assert_int_equal(event.token.value, OTHER.value);
    assert_true(mio_event_is_readable(&event));
    assert_false(mio_event_is_writable(&event));

    assert_ok(mio_poll_deregister(tcp->poll, &tcp->listener.source));
    wait_silence(tcp->poll, tcp->events);
    mio_tcp_stream_close(&tcp->server);
    assert_ok(mio_tcp_listener_accept(&tcp->listener, &tcp->server, NULL));
    mio_tcp_stream_close(&client);
}

/* Both ways, more than all buffers hold, and each byte is looked at first. */
static void much_data_is_peeked_at_and_then_read(void **state)
{
    struct tcp *tcp = *state;
    const size_t total = 4 << 20;
    static uint8_t out[1 << 15];
    static uint8_t seen[1 << 15];
    static uint8_t in[1 << 15];
    size_t sent = 0;
    size_t received = 0;
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (uint8_t)(i * 7);
    watch(tcp, &tcp->client, MIO_READABLE | MIO_WRITABLE);
    assert_ok(mio_poll_register(tcp->poll, &tcp->server.source, SERVER,
                                MIO_READABLE, MIO_EDGE));
    while (received < total) {
        struct mio_event event;
        wait_some(tcp->poll, tcp->events);
        while (mio_events_next(tcp->events, &event)) {
            int64_t n;
            while (event.token.value == CLIENT.value && sent < total &&
                   (n = mio_tcp_stream_write(
                        &tcp->client, out + sent % sizeof(out),
                        sizeof(out) - sent % sizeof(out))) > 0)
                sent += (size_t)n;
            while (event.token.value == SERVER.value &&
                   (n = mio_tcp_stream_peek(&tcp->server, seen, sizeof(seen))) >
                       0) {
                assert_int_equal(
                    mio_tcp_stream_read(&tcp->server, in, (size_t)n), n);
                assert_memory_equal(in, seen, (size_t)n);
                for (int64_t i = 0; i < n; i++)
                    if (in[i] != out[(received + (size_t)i) % sizeof(out)])
                        fail();
                received += (size_t)n;
            }
        }
    }
    assert_int_equal(received, sent);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_over_ipv6_does_it_all),
        TEST(a_stream_that_is_closed_when_accepted_ends_for_the_peer),
        TEST(addresses_are_there_when_it_is_writable),
        TEST(many_small_writes_go_at_once),
        TEST(a_peer_s_shutdown_is_an_end_and_nothing_was_before),
        TEST(a_reset_closes_the_reading_end_and_then_is_quiet),
        TEST(shut_down_for_reading_it_reads_the_end),
        TEST(out_of_band_data_is_a_priority),
        TEST(a_peek_that_succeeds_takes_no_readiness),
        TEST(a_peek_that_would_block_waits_for_an_event),
        TEST(what_was_written_before_deregistering_still_arrives),
        TEST(the_same_before_closing),
        TEST(a_stream_gets_another_token_and_interest),
        TEST(a_listener_gets_another_token_and_deregistered_it_works),
        TEST(much_data_is_peeked_at_and_then_read),
    };
    return cmocka_run_group_tests_name("net/tcp_events", tests, NULL, NULL);
}
