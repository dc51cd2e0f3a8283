/* SPDX-License-Identifier: MIT
 *
 * tests/net/tcp_stream_test.c - connect, read, write, shut down, vanish. */
#include "net/tcp_stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/tcp.h"

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

static void two_ends_talk_and_know_each_other(void **state)
{
    struct tcp *tcp = *state;
    struct mio_address ours;
    struct mio_address theirs;
    tcp_say(&tcp->client, "hello");
    tcp_hear(tcp, &tcp->server, "hello");
    tcp_say(&tcp->server, "welcome");
    tcp_hear(tcp, &tcp->client, "welcome");

    assert_ok(mio_tcp_stream_local_address(&tcp->client, &ours));
    assert_ok(mio_tcp_stream_peer_address(&tcp->server, &theirs));
    assert_true(mio_address_equal(&ours, &theirs));
    assert_ok(mio_tcp_stream_peer_address(&tcp->client, &theirs));
    assert_true(mio_address_equal(&tcp->at, &theirs));
}

static void its_handle_does_not_block_and_is_not_inherited(void **state)
{
    struct tcp *tcp = *state;
    int fd = (int)tcp->client.source.handle;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void reading_nothing_would_block_and_then_is_an_event(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    struct mio_iovec piece = {&byte, 1};
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_READABLE, MIO_EDGE));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_peek(&tcp->client, &byte, 1), MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_readv(&tcp->client, &piece, 1), MIO_EAGAIN);
    wait_silence(tcp->poll, tcp->events);
    for (int round = 0; round < 3; round++) {
        tcp_say(&tcp->server, "x");
        wait_one(tcp->poll, tcp->events);
        assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 1);
        assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1),
                         MIO_EAGAIN);
        wait_silence(tcp->poll, tcp->events);
    }
}

/* A stream's short read has emptied it: no read for nothing is needed. */
static void a_short_read_is_as_good_as_would_block(void **state)
{
    struct tcp *tcp = *state;
    char bytes[8];
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_READABLE, MIO_EDGE));
    for (int round = 0; round < 3; round++) {
        tcp_say(&tcp->server, "abc");
        wait_one(tcp->poll, tcp->events);
        assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 3);
        wait_silence(tcp->poll, tcp->events);
    }
}

static void a_read_of_nothing_is_not_the_end(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    struct mio_iovec pieces[2] = {{&byte, 0}, {&byte, 0}};
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 0), MIO_EINVAL);
    assert_int_equal(mio_tcp_stream_peek(&tcp->client, &byte, 0), MIO_EINVAL);
    assert_int_equal(mio_tcp_stream_readv(&tcp->client, pieces, 2), MIO_EINVAL);
    assert_int_equal(mio_tcp_stream_readv(&tcp->client, pieces, 0), MIO_EINVAL);
    assert_int_equal(mio_tcp_stream_write(&tcp->client, &byte, 0), 0);
    assert_int_equal(mio_tcp_stream_writev(&tcp->client, pieces, 2), 0);
}

static void a_peek_leaves_the_bytes_there(void **state)
{
    struct tcp *tcp = *state;
    char bytes[8];
    tcp_say(&tcp->server, "abc");
    tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mio_tcp_stream_peek(&tcp->client, bytes, 8), 3);
        assert_memory_equal(bytes, "abc", 3);
    }
    tcp_hear(tcp, &tcp->client, "abc");
}

static void pieces_are_gathered_and_scattered_in_order(void **state)
{
    struct tcp *tcp = *state;
    struct mio_iovec out[] = {{"one", 3}, {"", 0}, {"two", 3}, {"3", 1}};
    char a[2];
    char b[9];
    struct mio_iovec in[] = {{a, sizeof(a)}, {b, sizeof(b)}};
    assert_int_equal(mio_tcp_stream_writev(&tcp->client, out, 4), 7);
    tcp_await(tcp, &tcp->server.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_readv(&tcp->server, in, 2), 7);
    assert_memory_equal(a, "on", 2);
    assert_memory_equal(b, "etwo3", 5);
}

static void more_pieces_than_one_call_takes_stay_with_the_caller(void **state)
{
    struct tcp *tcp = *state;
    static struct mio_iovec pieces[5000];
    char bytes[5000];
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        pieces[i] = (struct mio_iovec){"x", 1};
    assert_int_equal(
        mio_tcp_stream_writev(&tcp->client, pieces, COUNT_OF(pieces)),
        MIO_IOVECS_MAX);
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        pieces[i] = (struct mio_iovec){&bytes[i], 1};
    tcp_await(tcp, &tcp->server.source, MIO_READABLE);
    assert_int_equal(
        mio_tcp_stream_readv(&tcp->server, pieces, COUNT_OF(pieces)),
        MIO_IOVECS_MAX);
}

/* More than all buffers hold: both ends meet would-block, many times. */
static void much_data_arrives_whole(void **state)
{
    struct tcp *tcp = *state;
    const size_t total = 16 << 20;
    static uint8_t out[1 << 16];
    static uint8_t in[1 << 16];
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_WRITABLE, MIO_EDGE));
    assert_ok(mio_poll_register(tcp->poll, &tcp->server.source, SERVER,
                                MIO_READABLE, MIO_EDGE));
    size_t sent = 0;
    size_t received = 0;
    uint8_t next = 0;
    int blocked_count = 0;
    while (received < total) {
        struct mio_event event;
        wait_some(tcp->poll, tcp->events);
        while (mio_events_next(tcp->events, &event)) {
            int64_t n;
            if (event.token.value == CLIENT.value) {
                do {
                    for (size_t i = 0; i < sizeof(out); i++)
                        out[i] = (uint8_t)(sent + i);
                    size_t size =
                        total - sent < sizeof(out) ? total - sent : sizeof(out);
                    n = size == 0
                            ? MIO_EAGAIN
                            : mio_tcp_stream_write(&tcp->client, out, size);
                    if (n > 0)
                        sent += (size_t)n;
                } while (n > 0);
                blocked_count++;
            } else {
                while ((n = mio_tcp_stream_read(&tcp->server, in, sizeof(in))) >
                       0) {
                    for (int64_t i = 0; i < n; i++)
                        if (in[i] != next++)
                            fail();
                    received += (size_t)n;
                }
            }
            assert_int_equal(n, MIO_EAGAIN);
        }
    }
    assert_int_equal(received, total);
    assert_true(blocked_count > 1);
}

static void data_and_end_in_one_edge_are_both_told(void **state)
{
    struct tcp *tcp = *state;
    char bytes[8];
    tcp_say(&tcp->server, "bye");
    mio_tcp_stream_close(&tcp->server);
    struct mio_event event = tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    /* Data and end may have come apart: then the end is an edge of its own. */
    if (!mio_event_is_read_closed(&event))
        event = tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 3);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 0);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 0);
}

static void one_half_can_be_closed(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_WRITE));
    tcp_await(tcp, &tcp->server.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&tcp->server, &byte, 1), 0);
    tcp_say(&tcp->server, "still here");
    tcp_hear(tcp, &tcp->client, "still here");
}

static void what_is_shut_down_here_is_told_too(void **state)
{
    struct tcp *tcp = *state;
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_READABLE | MIO_WRITABLE, MIO_EDGE));
    struct mio_event event = wait_one(tcp->poll, tcp->events);
    assert_false(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));

    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_READ));
    event = wait_one(tcp->poll, tcp->events);
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    tcp_say(&tcp->client, "the other half lives");
    tcp_hear(tcp, &tcp->server, "the other half lives");

    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_BOTH));
    event = wait_one(tcp->poll, tcp->events);
    assert_true(mio_event_is_read_closed(&event));
    assert_true(mio_event_is_write_closed(&event));
}

static void deregistered_it_is_silent_but_works(void **state)
{
    struct tcp *tcp = *state;
    struct mio_event event;
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_READABLE | MIO_WRITABLE, MIO_EDGE));
    tcp_say(&tcp->server, "one");
    wait_some(tcp->poll, tcp->events);
    assert_ok(mio_poll_deregister(tcp->poll, &tcp->client.source));
    assert_false(mio_events_next(tcp->events, &event));
    tcp_say(&tcp->server, "two");
    wait_silence(tcp->poll, tcp->events);
    tcp_hear(tcp, &tcp->client, "onetwo");
    tcp_say(&tcp->client, "three");
    tcp_hear(tcp, &tcp->server, "three");
}

/* SIGPIPE has its deadly default action in this program. */
static void writing_to_a_closed_half_is_an_error_and_no_signal(void **state)
{
    struct tcp *tcp = *state;
    struct mio_iovec piece = {"x", 1};
    assert_ok(mio_tcp_stream_shutdown(&tcp->client, MIO_SHUTDOWN_BOTH));
    assert_int_equal(mio_tcp_stream_write(&tcp->client, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_tcp_stream_writev(&tcp->client, &piece, 1), MIO_EPIPE);
    char byte;
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
}

static void writing_to_a_vanished_peer_ends_in_an_error(void **state)
{
    struct tcp *tcp = *state;
    mio_tcp_stream_close(&tcp->server);
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_READABLE | MIO_WRITABLE, MIO_EDGE));
    int64_t n;
    while ((n = mio_tcp_stream_write(&tcp->client, "x", 1)) == 1)
        wait_some(tcp->poll, tcp->events); /* the reset is an event */
    assert_true(n == MIO_EPIPE || n == MIO_ECONNRESET);
}

static void a_reset_is_an_error_at_the_other_end(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    assert_ok(mio_tcp_stream_set_reset_on_close(&tcp->server, true));
    mio_tcp_stream_close(&tcp->server);
    struct mio_event event = tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_error(&event));
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1),
                     MIO_ECONNRESET);
}

static void an_orderly_close_is_not_a_reset(void **state)
{
    struct tcp *tcp = *state;
    char byte;
    assert_ok(mio_tcp_stream_set_reset_on_close(&tcp->server, true));
    assert_ok(mio_tcp_stream_set_reset_on_close(&tcp->server, false));
    mio_tcp_stream_close(&tcp->server);
    tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
}

static void a_refused_connection_says_so(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_stream stream;
    mio_tcp_listener_close(&tcp->listener);
    int rc = mio_tcp_stream_connect(&stream, &tcp->at);
    if (rc == MIO_OK) {
        struct mio_event event = tcp_await(tcp, &stream.source, MIO_WRITABLE);
        assert_true(mio_event_is_writable(&event));
        assert_true(mio_event_is_write_closed(&event));
        rc = mio_tcp_stream_take_error(&stream);
        assert_ok(mio_tcp_stream_take_error(&stream)); /* taken */
        mio_tcp_stream_close(&stream);
    }
    assert_code(MIO_ECONNREFUSED, rc);
}

static void impossible_connections_leave_nothing_behind(void **state)
{
    (void)state;
    struct mio_tcp_stream stream = {.source.handle = MIO_HANDLE_NONE};
    struct mio_address path = address_of("unix:/nowhere");
    struct mio_address broadcast = address_of("255.255.255.255:1");
    int before = dup(0);
    close(before);
    assert_code(MIO_EAFNOSUPPORT, mio_tcp_stream_connect(&stream, &path));
    assert_true(mio_tcp_stream_connect(&stream, &broadcast) < 0);
    assert_false(mio_tcp_stream_is_open(&stream));
    int after = dup(0);
    assert_int_equal(after, before);
    close(after);
}

static int option(const struct mio_tcp_stream *stream, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(
        getsockopt((int)stream->source.handle, level, name, &value, &size), 0);
    return value;
}

static void options_reach_the_system(void **state)
{
    struct tcp *tcp = *state;
    struct mio_tcp_stream *stream = &tcp->client;
    assert_ok(mio_tcp_stream_set_nodelay(stream, true));
    assert_int_not_equal(option(stream, IPPROTO_TCP, TCP_NODELAY), 0);
    assert_ok(mio_tcp_stream_set_nodelay(stream, false));
    assert_int_equal(option(stream, IPPROTO_TCP, TCP_NODELAY), 0);

    assert_ok(mio_tcp_stream_set_keepalive(stream, 77));
    assert_int_not_equal(option(stream, SOL_SOCKET, SO_KEEPALIVE), 0);
    assert_int_equal(option(stream, IPPROTO_TCP, TCP_KEEPIDLE), 77);
    assert_ok(mio_tcp_stream_set_keepalive(stream, 0));
    assert_int_equal(option(stream, SOL_SOCKET, SO_KEEPALIVE), 0);
    assert_code(MIO_EINVAL, mio_tcp_stream_set_keepalive(stream, UINT32_MAX));
}

static void what_is_not_connected_says_so(void **state)
{
    (void)state;
    struct mio_tcp_stream stream;
    struct mio_address peer;
    char byte;
    mio_source_init(&stream.source,
                    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    assert_int_equal(mio_tcp_stream_read(&stream, &byte, 1), MIO_ENOTCONN);
    assert_code(MIO_ENOTCONN, mio_tcp_stream_peer_address(&stream, &peer));
    assert_code(MIO_ENOTCONN,
                mio_tcp_stream_shutdown(&stream, MIO_SHUTDOWN_BOTH));
    mio_tcp_stream_close(&stream);
    assert_code(MIO_EBADF, mio_tcp_stream_local_address(&stream, &peer));
}

static void closing_deregisters_and_silences(void **state)
{
    struct tcp *tcp = *state;
    struct mio_event event;
    assert_ok(mio_poll_register(tcp->poll, &tcp->client.source, CLIENT,
                                MIO_WRITABLE, MIO_LEVEL));
    wait_some(tcp->poll, tcp->events);
    /* A copy of the handle, as a child has it, must not keep it ringing. */
    int copy = dup((int)tcp->client.source.handle);
    mio_tcp_stream_close(&tcp->client);
    assert_false(mio_tcp_stream_is_open(&tcp->client));
    assert_false(mio_source_is_registered(&tcp->client.source));
    assert_false(mio_events_next(tcp->events, &event));
    wait_silence(tcp->poll, tcp->events);
    close(copy);
    mio_tcp_stream_close(&tcp->client);
}

static void a_stream_may_be_closed_after_its_poll(void **state)
{
    struct tcp *tcp = *state;
    struct mio_poll *poll;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_poll_register(poll, &tcp->client.source, CLIENT, MIO_READABLE,
                                MIO_EDGE));
    mio_poll_free(poll);
    char byte;
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), MIO_EAGAIN);
    mio_tcp_stream_close(&tcp->client);
}

static void closing_ends_the_connection_for_the_peer(void **state)
{
    struct tcp *tcp = *state;
    char bytes[8];
    tcp_say(&tcp->server, "last");
    mio_tcp_stream_close(&tcp->server);
    tcp_hear(tcp, &tcp->client, "last"); /* what was written still arrives */
    if (mio_tcp_stream_peek(&tcp->client, bytes, 8) == MIO_EAGAIN)
        tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 8), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_ends_talk_and_know_each_other),
        TEST(its_handle_does_not_block_and_is_not_inherited),
        TEST(reading_nothing_would_block_and_then_is_an_event),
        TEST(a_short_read_is_as_good_as_would_block),
        TEST(a_read_of_nothing_is_not_the_end),
        TEST(a_peek_leaves_the_bytes_there),
        TEST(pieces_are_gathered_and_scattered_in_order),
        TEST(more_pieces_than_one_call_takes_stay_with_the_caller),
        TEST(much_data_arrives_whole),
        TEST(data_and_end_in_one_edge_are_both_told),
        TEST(one_half_can_be_closed),
        TEST(what_is_shut_down_here_is_told_too),
        TEST(deregistered_it_is_silent_but_works),
        TEST(writing_to_a_closed_half_is_an_error_and_no_signal),
        TEST(writing_to_a_vanished_peer_ends_in_an_error),
        TEST(a_reset_is_an_error_at_the_other_end),
        TEST(an_orderly_close_is_not_a_reset),
        TEST(a_refused_connection_says_so),
        TEST(impossible_connections_leave_nothing_behind),
        TEST(options_reach_the_system),
        TEST(what_is_not_connected_says_so),
        TEST(closing_deregisters_and_silences),
        TEST(a_stream_may_be_closed_after_its_poll),
        TEST(closing_ends_the_connection_for_the_peer),
    };
    return cmocka_run_group_tests_name("net/tcp_stream", tests, NULL, NULL);
}
