/* SPDX-License-Identifier: MIT
 *
 * tests/net/unix_datagram_test.c - datagrams between names, and without. */
#include "net/unix_datagram.h"

#include <sys/socket.h>

#include "tests/net/unix.h"

struct fixture {
    struct loop loop;
    struct folder folder;
    struct mio_unix_datagram a;
    struct mio_unix_datagram b;
    struct mio_address at_a;
    struct mio_address at_b;
};

static int setup(void **state)
{
    static struct fixture f;
    loop_open(&f.loop);
    folder_open(&f.folder);
    f.at_a = folder_at(&f.folder, "a");
    f.at_b = folder_at(&f.folder, "b");
    assert_ok(mio_unix_datagram_open(&f.a, &f.at_a));
    assert_ok(mio_unix_datagram_open(&f.b, &f.at_b));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_unix_datagram_close(&f->a);
    mio_unix_datagram_close(&f->b);
    folder_remove(&f->folder, "a");
    folder_remove(&f->folder, "b");
    folder_close(&f->folder);
    loop_close(&f->loop);
    return 0;
}

static void say(struct mio_unix_datagram *from, const struct mio_address *to,
                const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(mio_unix_datagram_send_to(from, text, size, to), size);
}

static void strangers_exchange_datagrams(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    struct mio_address from;
    assert_sound(&f->a.source);
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE | MIO_WRITABLE);
    assert_true(loop_hear(&f->loop, A).readiness & MIO_READY_WRITABLE);
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &from),
                     MIO_EAGAIN);
    assert_int_equal(mio_unix_datagram_peek_from(&f->a, bytes, 8, &from),
                     MIO_EAGAIN);
    say(&f->b, &f->at_a, "hello");
    assert_true(loop_hear(&f->loop, A).readiness & MIO_READY_READABLE);
    for (int i = 0; i < 2; i++) {
        from = (struct mio_address){.size = 0};
        assert_int_equal(mio_unix_datagram_peek_from(&f->a, bytes, 8, &from),
                         5);
        assert_true(mio_address_equal(&from, &f->at_b));
    }
    from = (struct mio_address){.size = 0};
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &from), 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_true(mio_address_equal(&from, &f->at_b));
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &from),
                     MIO_EAGAIN);
}

static void connected_ones_need_no_addresses(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    struct mio_address peer;
    assert_code(MIO_ENOTCONN, mio_unix_datagram_peer_address(&f->a, &peer));
    assert_code(MIO_ENOTCONN, (int)mio_unix_datagram_send(&f->a, "x", 1));
    assert_ok(mio_unix_datagram_connect(&f->a, &f->at_b));
    assert_ok(mio_unix_datagram_peer_address(&f->a, &peer));
    assert_true(mio_address_equal(&peer, &f->at_b));
    loop_watch(&f->loop, &f->b.source, B, MIO_READABLE);
    assert_int_equal(mio_unix_datagram_recv(&f->b, bytes, 8), MIO_EAGAIN);
    assert_int_equal(mio_unix_datagram_peek(&f->b, bytes, 8), MIO_EAGAIN);
    assert_int_equal(mio_unix_datagram_send(&f->a, "hello", 5), 5);
    loop_hear(&f->loop, B);
    assert_int_equal(mio_unix_datagram_peek(&f->b, bytes, 8), 5);
    assert_int_equal(mio_unix_datagram_recv(&f->b, bytes, 8), 5);
    assert_memory_equal(bytes, "hello", 5);

    /* With another, whenever it likes. */
    struct mio_unix_datagram c;
    struct mio_address at_c = abstract_name("c");
    assert_ok(mio_unix_datagram_open(&c, &at_c));
    assert_ok(mio_unix_datagram_connect(&f->a, &at_c));
    assert_int_equal(mio_unix_datagram_send(&f->a, "to c", 4), 4);
    assert_int_equal(mio_unix_datagram_recv(&c, bytes, 8), 4);
    mio_unix_datagram_close(&c);
}

static void who_has_no_name_is_nobody(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_datagram c;
    struct mio_address address = f->at_a;
    char bytes[8];
    assert_ok(mio_unix_datagram_open_unbound(&c));
    assert_sound(&c.source);
    assert_ok(mio_unix_datagram_local_address(&c, &address));
    assert_int_equal(mio_address_family(&address), MIO_FAMILY_NONE);
    say(&c, &f->at_a, "hello");
    address = f->at_b;
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &address), 5);
    assert_int_equal(mio_address_family(&address), MIO_FAMILY_NONE);
    const char *path;
    assert_int_equal(mio_address_path(&address, &path), 0);
    assert_null(path);

    /* It may take one later, once. */
    struct mio_address name = abstract_name("late");
    assert_ok(mio_unix_datagram_bind(&c, &name));
    say(&c, &f->at_a, "hello");
    assert_int_equal(mio_unix_datagram_recv_from(&f->a, bytes, 8, &address), 5);
    assert_true(mio_address_equal(&address, &name));
    struct mio_address other = abstract_name("later");
    assert_code(MIO_EINVAL, mio_unix_datagram_bind(&c, &other));
    mio_unix_datagram_close(&c);
}

static void a_pair_is_connected_and_unnamed(void **state)
{
    (void)state;
    struct mio_unix_datagram a;
    struct mio_unix_datagram b;
    struct mio_address address;
    char bytes[8];
    assert_ok(mio_unix_datagram_pair(&a, &b));
    assert_sound(&a.source);
    assert_sound(&b.source);
    assert_ok(mio_unix_datagram_peer_address(&a, &address));
    assert_int_equal(mio_address_family(&address), MIO_FAMILY_NONE);
    assert_int_equal(mio_unix_datagram_send(&a, "one", 3), 3);
    assert_int_equal(mio_unix_datagram_send(&a, "two", 3), 3);
    assert_int_equal(mio_unix_datagram_recv(&b, bytes, 8), 3);
    assert_memory_equal(bytes, "one", 3);
    assert_int_equal(mio_unix_datagram_send(&b, "back", 4), 4);
    assert_int_equal(mio_unix_datagram_recv(&a, bytes, 8), 4);
    assert_int_equal(mio_unix_datagram_recv(&b, bytes, 8), 3);
    assert_memory_equal(bytes, "two", 3);
    mio_unix_datagram_close(&a);
    assert_int_equal(mio_unix_datagram_send(&b, "x", 1), MIO_ECONNREFUSED);
    mio_unix_datagram_close(&b);
}

static void of_no_bytes_and_of_too_many(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE);
    assert_int_equal(mio_unix_datagram_send_to(&f->b, NULL, 0, &f->at_a), 0);
    loop_hear(&f->loop, A);
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 0);
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), MIO_EAGAIN);
    say(&f->b, &f->at_a, "0123456789");
    say(&f->b, &f->at_a, "next");
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 8);
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 4);
    static char much[8 << 20];
    assert_int_equal(
        mio_unix_datagram_send_to(&f->b, much, sizeof(much), &f->at_a),
        MIO_EMSGSIZE);
}

/* The peer's queue fills, and an event tells when it does not. */
static void a_full_queue_would_block_and_then_is_an_event(void **state)
{
    struct fixture *f = *state;
    char byte;
    assert_ok(mio_unix_datagram_connect(&f->a, &f->at_b));
    loop_watch(&f->loop, &f->a.source, A, MIO_WRITABLE);
    for (int round = 0; round < 3; round++) {
        size_t count = 0;
        int64_t n;
        loop_hear(&f->loop, A);
        while ((n = mio_unix_datagram_send(&f->a, "x", 1)) == 1)
            count++;
        assert_int_equal(n, MIO_EAGAIN);
        assert_true(count > 0);
        loop_silence(&f->loop);
        while ((n = mio_unix_datagram_recv(&f->b, &byte, 1)) == 1)
            count--;
        assert_int_equal(n, MIO_EAGAIN);
        assert_int_equal(count, 0); /* none was lost */
    }
    assert_int_equal(mio_unix_datagram_send(&f->a, "x", 1), 1);
}

static void it_is_registered_reregistered_and_deregistered(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE);
    loop_silence(&f->loop);
    assert_ok(mio_poll_reregister(f->loop.poll, &f->a.source, B, MIO_WRITABLE,
                                  MIO_EDGE));
    assert_true(loop_hear(&f->loop, B).readiness & MIO_READY_WRITABLE);
    assert_ok(mio_poll_deregister(f->loop.poll, &f->a.source));
    say(&f->b, &f->at_a, "hello");
    loop_silence(&f->loop);
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 5);
}

/* SIGPIPE has its deadly default action in this program. */
static void each_half_is_shut_down_by_itself(void **state)
{
    struct fixture *f = *state;
    char byte;
    struct mio_iovec piece = {"x", 1};
    struct mio_unix_message message = {.pieces = &piece, .pieces_count = 1};
    assert_ok(mio_unix_datagram_connect(&f->a, &f->at_b));
    assert_ok(mio_unix_datagram_connect(&f->b, &f->at_a));
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE | MIO_WRITABLE);
    struct mio_event event = loop_hear(&f->loop, A);
    assert_false(mio_event_is_read_closed(&event));
    assert_ok(mio_unix_datagram_shutdown(&f->a, MIO_SHUTDOWN_READ));
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_read_closed(&event));
    assert_false(mio_event_is_write_closed(&event));
    assert_true(mio_unix_datagram_recv(&f->a, &byte, 1) <= 0);

    assert_ok(mio_unix_datagram_shutdown(&f->a, MIO_SHUTDOWN_WRITE));
    event = loop_hear(&f->loop, A);
    assert_true(mio_event_is_write_closed(&event));
    assert_int_equal(mio_unix_datagram_send(&f->a, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_unix_datagram_send_message(&f->a, &message),
                     MIO_EPIPE);
    assert_ok(mio_unix_datagram_take_error(&f->a));
}

static void what_cannot_be_reached_says_so(void **state)
{
    struct fixture *f = *state;
    struct mio_unix_datagram c = {.source.handle = MIO_HANDLE_NONE};
    struct mio_address nowhere = folder_at(&f->folder, "nowhere");
    struct mio_address v4 = address_at("127.0.0.1:0");
    int before = lowest_free();
    assert_code(MIO_ENOENT, mio_unix_datagram_connect(&f->a, &nowhere));
    assert_code(MIO_ENOENT,
                (int)mio_unix_datagram_send_to(&f->a, "x", 1, &nowhere));
    assert_code(MIO_EADDRINUSE, mio_unix_datagram_open(&c, &f->at_a));
    assert_code(MIO_EAFNOSUPPORT, mio_unix_datagram_open(&c, &v4));
    assert_false(mio_unix_datagram_is_open(&c));
    assert_int_equal(lowest_free(), before);

    /* A file that was left behind, and stays. */
    mio_unix_datagram_close(&f->b);
    assert_true(folder_has(&f->folder, "b"));
    assert_code(MIO_ECONNREFUSED, mio_unix_datagram_connect(&f->a, &f->at_b));
    assert_code(MIO_ECONNREFUSED,
                (int)mio_unix_datagram_send_to(&f->a, "x", 1, &f->at_b));
    assert_code(MIO_EADDRINUSE, mio_unix_datagram_open(&f->b, &f->at_b));

    /* One that is connected hears its peer alone. */
    struct mio_unix_datagram d;
    struct mio_address name = abstract_name("d");
    assert_ok(mio_unix_datagram_open(&d, &name));
    assert_ok(mio_unix_datagram_connect(&d, &f->at_a));
    assert_ok(mio_unix_datagram_open_unbound(&f->b));
    assert_code(MIO_EPERM,
                (int)mio_unix_datagram_send_to(&f->b, "x", 1, &name));
    mio_unix_datagram_close(&d);
}

static void a_handle_is_adopted_and_given_away(void **state)
{
    struct fixture *f = *state;
    char bytes[8];
    mio_handle handle = f->a.source.handle;
    loop_watch(&f->loop, &f->a.source, A, MIO_READABLE);
    assert_int_equal(mio_unix_datagram_release(&f->a), handle);
    assert_false(mio_source_is_registered(&f->a.source));
    assert_false(mio_unix_datagram_is_open(&f->a));
    assert_int_equal(mio_unix_datagram_release(&f->a), MIO_HANDLE_NONE);
    mio_unix_datagram_close(&f->a);
    mio_unix_datagram_from_handle(&f->a, handle);
    say(&f->b, &f->at_a, "hello");
    assert_int_equal(mio_unix_datagram_recv(&f->a, bytes, 8), 5);
    mio_unix_datagram_close(&f->a);
    mio_unix_datagram_close(&f->a);
    assert_code(MIO_EBADF, (int)mio_unix_datagram_recv(&f->a, bytes, 8));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(strangers_exchange_datagrams),
        TEST(connected_ones_need_no_addresses),
        TEST(who_has_no_name_is_nobody),
        TEST(a_pair_is_connected_and_unnamed),
        TEST(of_no_bytes_and_of_too_many),
        TEST(a_full_queue_would_block_and_then_is_an_event),
        TEST(it_is_registered_reregistered_and_deregistered),
        TEST(each_half_is_shut_down_by_itself),
        TEST(what_cannot_be_reached_says_so),
        TEST(a_handle_is_adopted_and_given_away),
    };
    return cmocka_run_group_tests_name("net/unix_datagram", tests, NULL, NULL);
}
