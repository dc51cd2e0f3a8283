/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/try_io_test.c - reads and writes that would block: what
 * the older Mio answered with None is MIO_EAGAIN. */
#include "core/buffer.h"
#include "core/ring.h"
#include "net/pipe.h"
#include "net/udp_socket.h"
#include "net/unix_stream.h"
#include "tests/conformance/tcp_case.h"

static char bytes[1 << 16];

static void try_io_tcp_read(void **state)
{
    struct tcp_case *c = *state;
    struct mio_iovec piece = {bytes, 64};
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 64),
                     MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_readv(&c->tcp.client, &piece, 1),
                     MIO_EAGAIN);
    assert_int_equal(mio_tcp_stream_peek(&c->tcp.client, bytes, 64),
                     MIO_EAGAIN);
    loop_watch(&c->loop, &c->tcp.client.source, A, MIO_READABLE);
    tcp_say(&c->tcp.server, "hello");
    loop_hear(&c->loop, A);
    loop_silence(&c->loop);
    /* All that was asked for: nothing says yet that there is no more. */
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 5), 5);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 5), MIO_EAGAIN);
    mio_tcp_stream_close(&c->tcp.server);
    loop_hear(&c->loop, A);
    assert_int_equal(mio_tcp_stream_read(&c->tcp.client, bytes, 64), 0);
}

static void try_io_tcp_write(void **state)
{
    struct tcp_case *c = *state;
    struct mio_iovec piece = {bytes, sizeof(bytes)};
    int64_t size;
    int count;
    loop_watch(&c->loop, &c->tcp.client.source, A, MIO_WRITABLE);
    loop_hear(&c->loop, A);
    while ((size = mio_tcp_stream_write(&c->tcp.client, bytes, sizeof(bytes))) >
           0)
        ;
    assert_int_equal(size, MIO_EAGAIN);
    /* The peer's system may have made room meanwhile. */
    while ((size = mio_tcp_stream_writev(&c->tcp.client, &piece, 1)) > 0)
        ;
    assert_int_equal(size, MIO_EAGAIN);
    do { /* until what is on its way has come, too: then it is told of room */
        while (mio_tcp_stream_read(&c->tcp.server, bytes, sizeof(bytes)) > 0)
            ;
        count = mio_poll_wait(c->loop.poll, c->loop.events, MIO_NS_PER_MS);
    } while (count == 0);
    assert_int_equal(count, 1);
    assert_true(mio_tcp_stream_write(&c->tcp.client, bytes, 64) > 0);
}

static void try_io_accept(void **state)
{
    struct tcp_case *c = *state;
    struct mio_tcp_stream stream = {.source.handle = MIO_HANDLE_NONE};
    assert_code(MIO_EAGAIN,
                mio_tcp_listener_accept(&c->tcp.listener, &stream, NULL));
    assert_false(mio_tcp_stream_is_open(&stream));
}

static void try_io_unix(void **state)
{
    struct loop *loop = *state;
    struct mio_unix_stream a;
    struct mio_unix_stream b;
    int64_t size;
    assert_ok(mio_unix_stream_pair(&a, &b));
    assert_int_equal(mio_unix_stream_read(&b, bytes, 64), MIO_EAGAIN);
    loop_watch(loop, &a.source, A, MIO_WRITABLE);
    loop_hear(loop, A);
    while ((size = mio_unix_stream_write(&a, bytes, sizeof(bytes))) > 0)
        ;
    assert_int_equal(size, MIO_EAGAIN);
    loop_silence(loop);
    while (mio_unix_stream_read(&b, bytes, sizeof(bytes)) > 0)
        ;
    loop_hear(loop, A);
    assert_int_equal(mio_unix_stream_write(&a, bytes, 64), 64);
    mio_unix_stream_close(&a);
    assert_int_equal(mio_unix_stream_read(&b, bytes, sizeof(bytes)), 64);
    assert_int_equal(mio_unix_stream_read(&b, bytes, 64), 0);
    mio_unix_stream_close(&b);
}

static void try_io_pipe(void **state)
{
    struct loop *loop = *state;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    int64_t size;
    assert_ok(mio_pipe_open(&sender, &receiver));
    assert_int_equal(mio_pipe_receiver_read(&receiver, bytes, 64), MIO_EAGAIN);
    loop_watch(loop, &sender.source, A, MIO_WRITABLE);
    loop_hear(loop, A);
    while ((size = mio_pipe_sender_write(&sender, bytes, 4096)) > 0)
        ;
    assert_int_equal(size, MIO_EAGAIN);
    loop_silence(loop);
    while (mio_pipe_receiver_read(&receiver, bytes, sizeof(bytes)) > 0)
        ;
    loop_hear(loop, A);
    assert_int_equal(mio_pipe_sender_write(&sender, bytes, 64), 64);
    mio_pipe_sender_close(&sender);
    assert_int_equal(mio_pipe_receiver_read(&receiver, bytes, sizeof(bytes)),
                     64);
    assert_int_equal(mio_pipe_receiver_read(&receiver, bytes, 64), 0);
    mio_pipe_receiver_close(&receiver);
}

static void try_io_udp(void **state)
{
    (void)state;
    struct mio_udp_socket udp;
    struct mio_address at = address_at("127.0.0.1:0");
    struct mio_address from = at;
    assert_ok(mio_udp_socket_open(&udp, &at, NULL));
    assert_int_equal(mio_udp_socket_recv_from(&udp, bytes, 64, &from),
                     MIO_EAGAIN);
    assert_true(mio_address_equal(&from, &at));
    mio_udp_socket_close(&udp);
}

/* Read into a buffer's room, as much as there is. */
static void try_io_read_buf(void **state)
{
    struct tcp_case *c = *state;
    struct mio_buffer buffer;
    uint8_t *room;
    mio_buffer_init(&buffer, 64);
    tcp_say(&c->tcp.server, "hello world");
    loop_await(&c->loop, &c->tcp.client.source, MIO_READABLE);
    assert_ok(mio_buffer_reserve(&buffer, 64, &room));
    int64_t size = mio_tcp_stream_read(&c->tcp.client, room, 64);
    assert_int_equal(size, 11);
    mio_buffer_commit(&buffer, (size_t)size);
    assert_memory_equal(mio_buffer_data(&buffer), "hello world", 11);
    mio_buffer_deinit(&buffer);
}

/* Write what a ring holds, in two pieces, and read into the room of one. */
static void try_io_write_buf(void **state)
{
    struct tcp_case *c = *state;
    struct mio_ring ring;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    assert_ok(mio_ring_init(&ring, 8));
    assert_int_equal(mio_ring_write(&ring, "xxxxxa", 6), 6);
    mio_ring_consume(&ring, 5);
    assert_int_equal(mio_ring_write(&ring, "bcdef", 5), 5);
    size_t count = mio_ring_data(&ring, pieces);
    assert_int_equal(count, 2);
    assert_int_equal(mio_tcp_stream_writev(&c->tcp.client, pieces, count), 6);
    mio_ring_consume(&ring, 6);
    loop_await(&c->loop, &c->tcp.server.source, MIO_READABLE);
    count = mio_ring_space(&ring, pieces);
    assert_int_equal(mio_tcp_stream_readv(&c->tcp.server, pieces, count), 6);
    mio_ring_commit(&ring, 6);
    assert_int_equal(mio_ring_read(&ring, bytes, 8), 6);
    assert_memory_equal(bytes, "abcdef", 6);
    mio_ring_deinit(&ring);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(try_io_tcp_read), CASE_TCP(try_io_tcp_write),
        CASE_TCP(try_io_accept),   CASE(try_io_unix),
        CASE(try_io_pipe),         CASE(try_io_udp),
        CASE_TCP(try_io_read_buf), CASE_TCP(try_io_write_buf),
    };
    return cmocka_run_group_tests_name("try_io", cases, NULL, NULL);
}
