/* SPDX-License-Identifier: MIT
 *
 * tests/net/unix_stream_test.c - connect, talk, shut down, vanish. */
#include "net/unix_stream.h"

#include <sys/socket.h>

#include "net/unix_listener.h"
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
    const struct mio_unix_listen_options options = {.unlink_on_close = true};
    loop_open(&f.loop);
    folder_open(&f.folder);
    f.at = folder_at(&f.folder, "listener");
    assert_ok(mio_unix_listener_open(&f.listener, &f.at, &options));
    assert_ok(mio_unix_stream_connect(&f.client, &f.at));
    loop_await(&f.loop, &f.listener.source, MIO_READABLE);
    assert_ok(mio_unix_listener_accept(&f.listener, &f.server, NULL));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_stream_close(&f->client);
    mio_unix_stream_close(&f->server);
    mio_unix_listener_close(&f->listener);
    folder_close(&f->folder);
    loop_close(&f->loop);
    return 0;
}

static void say(struct mio_unix_stream *stream, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(mio_unix_stream_write(stream, text, size), size);
}

/* All of it is there at once: what is written to a Unix socket has arrived. */
static void hear(struct mio_unix_stream *stream, const char *expected)
{
    char bytes[64];
    size_t size = strlen(expected);
    assert_int_equal(mio_unix_stream_read(stream, bytes, sizeof(bytes)), size);
    assert_memory_equal(bytes, expected, size);
}

static void two_ends_talk(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    struct mio_iovec in[] = {{bytes, 2}, {bytes + 2, 6}};
    struct mio_iovec out[] = {{"wel", 3}, {"", 0}, {"come", 4}};
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_writable(&event));
    assert_false(mio_event_is_readable(&event));
    assert_int_equal(mio_unix_stream_read(&f->client, bytes, 8), MIO_EAGAIN);
    assert_int_equal(mio_unix_stream_peek(&f->client, bytes, 8), MIO_EAGAIN);
    assert_int_equal(mio_unix_stream_readv(&f->client, in, 2), MIO_EAGAIN);

    say(&f->client, "hello");
    hear(&f->server, "hello");
    assert_int_equal(mio_unix_stream_writev(&f->server, out, 3), 7);
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_readable(&event));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mio_unix_stream_peek(&f->client, bytes, 8), 7);
        assert_memory_equal(bytes, "welcome", 7);
    }
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(mio_unix_stream_readv(&f->client, in, 2), 7);
    assert_memory_equal(bytes, "welcome", 7);
    assert_int_equal(mio_unix_stream_read(&f->client, bytes, 8), MIO_EAGAIN);
}

static void its_ends_do_not_block_and_are_not_inherited(void **state)
{
    struct fixture *f = *state;
    assert_sound(&f->client.source);
    assert_sound(&f->server.source);
}

static void it_knows_the_names_of_its_ends(void **state)
{
    struct fixture *f = *state;
    struct mio_address address;
    assert_ok(mio_unix_stream_peer_address(&f->client, &address));
    assert_true(mio_address_equal(&address, &f->at));
    assert_ok(mio_unix_stream_local_address(&f->server, &address));
    assert_true(mio_address_equal(&address, &f->at));
    assert_ok(mio_unix_stream_local_address(&f->client, &address));
    assert_int_equal(mio_address_family(&address), MIO_FAMILY_NONE);
    assert_ok(mio_unix_stream_peer_address(&f->server, &address));
    assert_int_equal(mio_address_family(&address), MIO_FAMILY_NONE);
    assert_address_text(&address, "unnamed");
}

static void a_pair_is_connected_and_unnamed(void **state)
{
    (void)state;
    struct mio_unix_stream a;
    struct mio_unix_stream b;
    struct mio_address address;
    assert_ok(mio_unix_stream_pair(&a, &b));
    assert_sound(&a.source);
    assert_sound(&b.source);
    assert_ok(mio_unix_stream_peer_address(&a, &address));
    assert_int_equal(mio_address_family(&address), MIO_FAMILY_NONE);
    say(&a, "hello");
    hear(&b, "hello");
    say(&b, "welcome");
    hear(&a, "welcome");
    mio_unix_stream_close(&a);
    char byte;
    assert_int_equal(mio_unix_stream_read(&b, &byte, 1), 0);
    mio_unix_stream_close(&b);
}

static void what_nobody_listens_at_refuses(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_stream c = {.source.handle = MIO_HANDLE_NONE};
    struct mio_address nowhere = folder_at(&f->folder, "nowhere");
    struct mio_address name = abstract_name("nobody");
    struct mio_address v4 = address_at("127.0.0.1:1");
    int before = lowest_free();
    assert_code(MIO_ENOENT, mio_unix_stream_connect(&c, &nowhere));
    assert_code(MIO_ECONNREFUSED, mio_unix_stream_connect(&c, &name));
    assert_code(MIO_EAFNOSUPPORT, mio_unix_stream_connect(&c, &v4));
    assert_false(mio_unix_stream_is_open(&c));
    assert_int_equal(lowest_free(), before);

    /* A file that its listener left behind. */
    struct mio_unix_listener listener;
    assert_ok(mio_unix_listener_open(&listener, &nowhere, NULL));
    mio_unix_listener_close(&listener);
    assert_code(MIO_ECONNREFUSED, mio_unix_stream_connect(&c, &nowhere));
    folder_remove(&f->folder, "nowhere");
}

/* Nothing is left of the attempt, and it works when there is room. */
static void a_full_queue_is_try_again(void **state)
{
    struct fixture *f = *state;
    const struct mio_unix_listen_options small = {.backlog = 1,
                                                  .unlink_on_close = true};
    struct mio_address at = folder_at(&f->folder, "small");
    struct mio_unix_listener listener;
    struct mio_unix_stream clients[8];
    struct mio_unix_stream accepted;
    size_t count = 0;
    int rc;
    assert_ok(mio_unix_listener_open(&listener, &at, &small));
    while ((rc = mio_unix_stream_connect(&clients[count], &at)) == MIO_OK) {
        count++;
        assert_true(count < COUNT_OF(clients));
    }
    assert_code(MIO_EAGAIN, rc);
    assert_true(count >= 1);
    int before = lowest_free();
    struct mio_unix_stream late = {.source.handle = MIO_HANDLE_NONE};
    assert_code(MIO_EAGAIN, mio_unix_stream_connect(&late, &at));
    assert_false(mio_unix_stream_is_open(&late));
    assert_int_equal(lowest_free(), before);

    assert_ok(mio_unix_listener_accept(&listener, &accepted, NULL));
    assert_ok(mio_unix_stream_connect(&late, &at));
    mio_unix_stream_close(&late);
    mio_unix_stream_close(&accepted);
    for (size_t i = 0; i < count; i++)
        mio_unix_stream_close(&clients[i]);
    mio_unix_listener_close(&listener);
}

static void a_read_of_nothing_is_not_the_end(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_iovec pieces[2] = {{&byte, 0}, {&byte, 0}};
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 0), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_peek(&f->client, &byte, 0), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_readv(&f->client, pieces, 2), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_readv(&f->client, pieces, 0), MIO_EINVAL);
    assert_int_equal(mio_unix_stream_write(&f->client, &byte, 0), 0);
}

static void more_pieces_than_one_call_takes_stay_with_the_caller(void **state)
{
    struct fixture *f = *state;
    struct mio_iovec pieces[MIO_IOVECS_MAX + 10];
    char bytes[MIO_IOVECS_MAX + 10];
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        pieces[i] = (struct mio_iovec){"x", 1};
    assert_int_equal(
        mio_unix_stream_writev(&f->client, pieces, COUNT_OF(pieces)),
        MIO_IOVECS_MAX);
    say(&f->client, "more");
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        pieces[i] = (struct mio_iovec){&bytes[i], 1};
    assert_int_equal(
        mio_unix_stream_readv(&f->server, pieces, COUNT_OF(pieces)),
        MIO_IOVECS_MAX);
    hear(&f->server, "more");
}

/* Both ends meet would-block, many times. */
static void much_data_arrives_whole(void **state)
{
    struct fixture *f = *state;
    const size_t total = 4 << 20;
    static uint8_t out[1 << 16];
    static uint8_t in[1 << 16];
    size_t sent = 0;
    size_t received = 0;
    int blocked_count = 0;
    loop_watch(&f->loop, &f->client.source, A, MIO_WRITABLE);
    loop_watch(&f->loop, &f->server.source, B, MIO_READABLE);
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (uint8_t)(i * 7 >> 2);
    while (received < total) {
        struct mio_event event;
        wait_some(f->loop.poll, f->loop.events);
        while (mio_events_next(f->loop.events, &event)) {
            int64_t n;
            if (event.token.value == A.value) {
                while (sent < total &&
                       (n = mio_unix_stream_write(
                            &f->client, out + sent % sizeof(out),
                            sizeof(out) - sent % sizeof(out))) > 0)
                    sent += (size_t)n;
                blocked_count++;
                continue;
            }
            while ((n = mio_unix_stream_read(&f->server, in, sizeof(in))) > 0) {
                for (int64_t i = 0; i < n; i++)
                    if (in[i] != out[(received + (size_t)i) % sizeof(out)])
                        fail();
                received += (size_t)n;
            }
            assert_int_equal(n, MIO_EAGAIN);
        }
    }
    assert_int_equal(received, sent);
    assert_true(blocked_count > 1);
}

static void it_is_registered_reregistered_and_deregistered(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE);
    loop_silence(&f->loop);
    assert_ok(mio_poll_reregister(f->loop.poll, &f->client.source, B,
                                  MIO_WRITABLE, MIO_EDGE));
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_writable(&event));
    assert_ok(mio_poll_deregister(f->loop.poll, &f->client.source));
    say(&f->server, "hello");
    loop_silence(&f->loop);
    hear(&f->client, "hello");
}

static void shut_down_for_reading_it_is_told_and_reads_the_end(void **state)
{
    struct fixture *f = *state;
    char byte;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE);
    loop_silence(&f->loop);
    assert_ok(mio_unix_stream_shutdown(&f->client, MIO_SHUTDOWN_READ));
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1), 0);
    say(&f->client, "still writes");
    hear(&f->server, "still writes");
}

/* SIGPIPE has its deadly default action in this program. */
static void shut_down_for_writing_it_is_a_broken_pipe(void **state)
{
    struct fixture *f = *state;
    struct mio_iovec piece = {"x", 1};
    struct mio_unix_message message = {.pieces = &piece, .pieces_count = 1};
    char byte;
    loop_watch(&f->loop, &f->server.source, B, MIO_READABLE);
    loop_silence(&f->loop);
    assert_ok(mio_unix_stream_shutdown(&f->client, MIO_SHUTDOWN_WRITE));
    struct mio_event event = loop_hear(&f->loop, B);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_stream_read(&f->server, &byte, 1), 0);
    assert_int_equal(mio_unix_stream_write(&f->client, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_unix_stream_writev(&f->client, &piece, 1), MIO_EPIPE);
    assert_int_equal(mio_unix_stream_send_message(&f->client, &message),
                     MIO_EPIPE);
    say(&f->server, "still here");
    hear(&f->client, "still here");
}

static void shut_down_for_both_both_are_told(void **state)
{
    struct fixture *f = *state;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE | MIO_WRITABLE);
    loop_hear(&f->loop, A);
    assert_ok(mio_unix_stream_shutdown(&f->client, MIO_SHUTDOWN_BOTH));
    struct mio_event event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_read_closed(&event));
    assert_true(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_stream_write(&f->client, "x", 1), MIO_EPIPE);
}

static void a_peer_that_vanishes_with_unread_bytes_resets(void **state)
{
    struct fixture *f = *state;
    char byte;
    say(&f->client, "unread");
    mio_unix_stream_close(&f->server);
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1),
                     MIO_ECONNRESET);
    assert_int_equal(mio_unix_stream_read(&f->client, &byte, 1), 0);
    assert_int_equal(mio_unix_stream_write(&f->client, "x", 1), MIO_EPIPE);
    assert_ok(mio_unix_stream_take_error(&f->client));
}

static void an_error_can_be_taken(void **state)
{
    struct fixture *f = *state;
    say(&f->client, "unread");
    mio_unix_stream_close(&f->server);
    assert_code(MIO_ECONNRESET, mio_unix_stream_take_error(&f->client));
    assert_ok(mio_unix_stream_take_error(&f->client));
}

static void the_peer_s_process_is_known(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_credentials seen = {.process = 0};
    assert_ok(mio_unix_stream_peer_credentials(&f->client, &seen));
    assert_int_equal(seen.process, getpid());
    assert_int_equal(seen.user, geteuid());
    assert_int_equal(seen.group, getegid());
    seen = (struct mio_unix_credentials){.process = 0};
    assert_ok(mio_unix_stream_peer_credentials(&f->server, &seen));
    assert_int_equal(seen.process, getpid());

    /* Of one that was never connected there is no peer. */
    struct mio_unix_stream lonely;
    mio_unix_stream_from_handle(&lonely, socket(AF_UNIX, SOCK_STREAM, 0));
    assert_code(MIO_ENOTCONN, mio_unix_stream_peer_credentials(&lonely, &seen));
    struct mio_address address;
    assert_code(MIO_ENOTCONN, mio_unix_stream_peer_address(&lonely, &address));
    mio_unix_stream_close(&lonely);
}

static void a_handle_is_adopted_and_given_away(void **state)
{
    struct fixture *f = *state;
    mio_handle handle = f->client.source.handle;
    loop_watch(&f->loop, &f->client.source, A, MIO_READABLE);
    assert_int_equal(mio_unix_stream_release(&f->client), handle);
    assert_false(mio_unix_stream_is_open(&f->client));
    assert_false(mio_source_is_registered(&f->client.source));
    assert_int_equal(mio_unix_stream_release(&f->client), MIO_HANDLE_NONE);
    mio_unix_stream_close(&f->client);
    assert_int_equal(write((int)handle, "raw", 3), 3);
    hear(&f->server, "raw");
    mio_unix_stream_from_handle(&f->client, handle);
    say(&f->client, "again");
    hear(&f->server, "again");
}

static void closing_deregisters_and_silences(void **state)
{
    struct fixture *f = *state;
    struct mio_event event;
    char byte;
    assert_ok(mio_poll_register(f->loop.poll, &f->client.source, A,
                                MIO_WRITABLE, MIO_LEVEL));
    wait_some(f->loop.poll, f->loop.events);
    int copy = dup((int)f->client.source.handle); /* as a child has it */
    mio_unix_stream_close(&f->client);
    mio_unix_stream_close(&f->client);
    assert_false(mio_events_next(f->loop.events, &event));
    loop_silence(&f->loop);
    assert_code(MIO_EBADF, (int)mio_unix_stream_read(&f->client, &byte, 1));
    close(copy);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_ends_talk),
        TEST(its_ends_do_not_block_and_are_not_inherited),
        TEST(it_knows_the_names_of_its_ends),
        TEST(a_pair_is_connected_and_unnamed),
        TEST(what_nobody_listens_at_refuses),
        TEST(a_full_queue_is_try_again),
        TEST(a_read_of_nothing_is_not_the_end),
        TEST(more_pieces_than_one_call_takes_stay_with_the_caller),
        TEST(much_data_arrives_whole),
        TEST(it_is_registered_reregistered_and_deregistered),
        TEST(shut_down_for_reading_it_is_told_and_reads_the_end),
        TEST(shut_down_for_writing_it_is_a_broken_pipe),
        TEST(shut_down_for_both_both_are_told),
        TEST(a_peer_that_vanishes_with_unread_bytes_resets),
        TEST(an_error_can_be_taken),
        TEST(the_peer_s_process_is_known),
        TEST(a_handle_is_adopted_and_given_away),
        TEST(closing_deregisters_and_silences),
    };
    return cmocka_run_group_tests_name("net/unix_stream", tests, NULL, NULL);
}
