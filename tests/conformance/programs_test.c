/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/programs_test.c - the small programs that were the older
 * Mio's tests, in an event loop. */
#include <sys/wait.h>

#include "core/ring.h"
#include "core/slice.h"
#include "net/loop_tcp.h"
#include "net/pipe.h"
#include "net/udp_socket.h"
#include "tests/conformance/echo_server.h"
#include "tests/conformance/loop_case.h"
#include "tests/net/unix.h"
#include "tests/storm/patient.h"

#define CLIENT UINT64_C(1)
#define DELAY_NS (20 * MIO_NS_PER_MS)

/* --- echo ----------------------------------------------------------------- */

struct echo {
    struct mio_event_loop *loop;
    struct echo_server server;
    struct echo_peer client;
    struct mio_buffer in; /* of the client */
    size_t said_count;
};

static const char *const words[] = {"foo", "bar"};

static void echo_say_next(struct echo *e)
{
    if (e->said_count == COUNT_OF(words)) {
        mio_event_loop_shutdown(e->loop);
        return;
    }
    const char *word = words[e->said_count++];
    assert_ok(mio_buffer_append(&e->client.out, word, strlen(word)));
    echo_peer_go_on(&e->client, e->loop, CLIENT);
}

static void echo_client_ready(struct echo *e)
{
    const char *word = words[e->said_count - 1];
    assert_true(echo_peer_read_all(&e->client, &e->in));
    if (mio_buffer_size(&e->in) < strlen(word)) {
        echo_peer_go_on(&e->client, e->loop, CLIENT);
        return;
    }
    assert_int_equal(mio_buffer_size(&e->in), strlen(word));
    assert_memory_equal(mio_buffer_data(&e->in), word, strlen(word));
    mio_buffer_consume(&e->in, strlen(word));
    echo_say_next(e);
}

static void echo_ready(void *ctx, struct mio_event_loop *loop,
                       const struct mio_event *event)
{
    struct echo *e = ctx;
    (void)loop;
    if (event->token.value == CLIENT)
        echo_client_ready(e);
    else
        echo_server_ready(&e->server, event->token.value);
}

static void run_echo(struct loop_case *c, struct mio_address at)
{
    static const struct mio_handler handler = {.ready = echo_ready};
    struct echo e = {.loop = c->loop};
    mio_buffer_init(&e.in, 64 + ECHO_READ_SIZE);
    echo_server_open(&e.server, c->loop, &at);
    echo_peer_init(&e.client, e.server.is_unix);
    if (e.server.is_unix)
        assert_ok(mio_unix_stream_connect(&e.client.local, &at));
    else
        assert_ok(mio_tcp_stream_connect(&e.client.tcp, &at));
    assert_ok(mio_event_loop_register(c->loop, echo_peer_source(&e.client),
                                      mio_token_of(CLIENT), MIO_READABLE,
                                      MIO_EDGE | MIO_ONESHOT));
    /* Accepted, so connected: then the first word is said. */
    while (mio_slab_count(&e.server.peers) == 0)
        assert_true(mio_event_loop_turn(c->loop, DEADLINE_NS, &handler, &e) >
                    0);
    echo_say_next(&e);
    assert_ok(mio_event_loop_run(c->loop, &handler, &e));
    echo_peer_close(&e.client);
    while (mio_slab_count(&e.server.peers) > 0)
        assert_true(mio_event_loop_turn(c->loop, DEADLINE_NS, &handler, &e) >
                    0);
    echo_server_close(&e.server);
    mio_buffer_deinit(&e.in);
}

static void programs_echo_server(void **state)
{
    run_echo(*state, address_at("127.0.0.1:0"));
}

static void programs_unix_echo_server(void **state)
{
    struct folder folder;
    folder_open(&folder);
    run_echo(*state, folder_at(&folder, "echo"));
    folder_remove(&folder, "echo");
    folder_close(&folder);
}

/* --- a listener and one connection ---------------------------------------- */

struct visit {
    struct mio_event_loop *loop;
    struct mio_tcp_listener door;
    struct mio_address at;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    char got[16]; /* by the client */
    size_t got_size;
    int64_t accepted_ns;
    int readies_count;
};

static void visit_open(struct visit *v, struct loop_case *c)
{
    *v = (struct visit){.loop = c->loop,
                        .at = address_at("127.0.0.1:0"),
                        .server.source.handle = MIO_HANDLE_NONE};
    assert_ok(mio_loop_tcp_listen(v->loop, &v->door, &v->at, NULL,
                                  mio_token_of(ECHO_DOOR)));
    assert_ok(mio_tcp_listener_address(&v->door, &v->at));
    assert_ok(mio_loop_tcp_connect(v->loop, &v->client, &v->at,
                                   mio_token_of(CLIENT)));
}

static void visit_close(struct visit *v)
{
    mio_tcp_stream_close(&v->client);
    mio_tcp_stream_close(&v->server);
    mio_tcp_listener_close(&v->door);
}

/* Connected, and nobody registered. */
static void visit_open_still(struct visit *v, struct loop_case *c)
{
    visit_open(v, c);
    while (mio_tcp_listener_accept(&v->door, &v->server, NULL) == MIO_EAGAIN)
        ;
    assert_ok(mio_event_loop_deregister(v->loop, &v->client.source));
    assert_ok(mio_event_loop_deregister(v->loop, &v->door.source));
    assert_ok(mio_tcp_stream_take_error(&v->client));
}

/* Read to the end, which ends the loop. */
static void visit_read(struct visit *v)
{
    int64_t size;
    while ((size = mio_tcp_stream_read(&v->client, v->got + v->got_size,
                                       sizeof(v->got) - v->got_size)) > 0)
        v->got_size += (size_t)size;
    if (size == 0)
        mio_event_loop_shutdown(v->loop);
    else
        assert_code(MIO_EAGAIN, (int)size);
}

static void drop_at_once(void *ctx, struct mio_event_loop *loop,
                         const struct mio_event *event)
{
    struct visit *v = ctx;
    (void)loop;
    if (event->token.value == ECHO_DOOR) {
        assert_ok(mio_tcp_listener_accept(&v->door, &v->server, NULL));
        mio_tcp_stream_close(&v->server);
    } else if (mio_event_is_readable(event)) {
        assert_true(mio_event_is_read_closed(event));
        visit_read(v);
    }
}

static void programs_close_on_drop(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.ready = drop_at_once};
    struct visit v;
    visit_open(&v, c);
    assert_ok(mio_event_loop_run(c->loop, &handler, &v));
    assert_int_equal(v.got_size, 0);
    visit_close(&v);
}

static void accept_and_wait(void *ctx, struct mio_event_loop *loop,
                            const struct mio_event *event)
{
    struct visit *v = ctx;
    if (event->token.value == ECHO_DOOR) {
        assert_ok(mio_tcp_listener_accept(&v->door, &v->server, NULL));
        v->accepted_ns = mio_clock_monotonic_ns();
        assert_ok(mio_event_loop_set_timeout(
            loop, DELAY_NS, mio_token_of_ptr(&v->server), NULL));
    } else if (mio_event_is_readable(event)) {
        visit_read(v);
    }
}

static void say_zomg(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct visit *v = ctx;
    (void)loop;
    assert_true(mio_clock_monotonic_ns() - v->accepted_ns >= DELAY_NS);
    assert_int_equal(mio_tcp_stream_write(mio_token_ptr(token), "zomg", 4), 4);
    mio_tcp_stream_close(mio_token_ptr(token));
}

static void programs_timer(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.ready = accept_and_wait,
                                               .timeout = say_zomg};
    struct visit v;
    visit_open(&v, c);
    assert_ok(mio_event_loop_run(c->loop, &handler, &v));
    assert_int_equal(v.got_size, 4);
    assert_memory_equal(v.got, "zomg", 4);
    visit_close(&v);
}

static void write_then_be_silent(void *ctx, struct mio_event_loop *loop,
                                 const struct mio_event *event)
{
    struct visit *v = ctx;
    assert_int_equal(event->token.value, CLIENT);
    if (++v->readies_count == 1) { /* level: it would come in each turn */
        assert_ok(mio_event_loop_reregister(loop, &v->client.source,
                                            mio_token_of(CLIENT), MIO_WRITABLE,
                                            MIO_LEVEL));
        return;
    }
    assert_ok(mio_event_loop_deregister(loop, &v->client.source));
    assert_ok(mio_event_loop_set_timeout(loop, DELAY_NS, A, NULL));
}

static void shut_down(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    (void)ctx;
    (void)token;
    mio_event_loop_shutdown(loop);
}

static void programs_register_deregister(void **state)
{
    struct loop_case *c = *state;
    static const struct mio_handler handler = {.ready = write_then_be_silent,
                                               .timeout = shut_down};
    struct visit v;
    visit_open(&v, c);
    assert_ok(mio_event_loop_deregister(c->loop, &v.door.source));
    assert_ok(mio_event_loop_run(c->loop, &handler, &v));
    assert_int_equal(v.readies_count, 2);
    visit_close(&v);
}

static void programs_tick(void **state)
{
    struct loop_case *c = *state;
    struct visit v;
    c->ticks_max = 2;
    visit_open(&v, c);
    /* What is connected is ready in one turn or another; tick in each. */
    loop_case_watch(c, A, MIO_WRITABLE, MIO_LEVEL);
    assert_ok(mio_event_loop_run(c->loop, &loop_case_handler, c));
    assert_int_equal(c->ticks_count, 2);
    assert_int_equal(c->calls[c->calls_count - 1], '.');
    assert_int_equal(c->calls[0], 'r');
    visit_close(&v);
}

/* --- UDP ------------------------------------------------------------------ */

/* Each one's datagram is of a slice, and comes into a ring. */
static void udp_exchange(struct loop_case *c, struct mio_udp_socket *tx,
                         struct mio_udp_socket *rx,
                         const struct mio_address *to)
{
    struct mio_slice *slice;
    struct mio_ring ring;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    char bytes[16];
    assert_ok(mio_slice_copy(&slice, "hello world", 11));
    assert_ok(mio_ring_init(&ring, 1024));
    assert_ok(mio_event_loop_register(c->loop, &rx->source, A, MIO_READABLE,
                                      MIO_EDGE));
    assert_int_equal(mio_udp_socket_send_to(tx, slice->bytes, slice->size, to),
                     11);
    assert_int_equal(loop_case_turn(c, DEADLINE_NS), 1);
    assert_true(mio_event_is_readable(&c->event));
    struct mio_datagram datagram = {
        .pieces = pieces, .pieces_count = mio_ring_space(&ring, pieces)};
    assert_int_equal(mio_udp_socket_recv_batch(rx, &datagram, 1), 1);
    assert_int_equal(datagram.size, 11);
    mio_ring_commit(&ring, datagram.size);
    assert_int_equal(mio_ring_read(&ring, bytes, sizeof(bytes)), 11);
    assert_memory_equal(bytes, "hello world", 11);
    mio_ring_deinit(&ring);
    mio_slice_unref(slice);
}

static void programs_udp_socket(void **state)
{
    struct mio_udp_socket tx;
    struct mio_udp_socket rx;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_udp_socket_open(&tx, &at, NULL));
    assert_ok(mio_udp_socket_open(&rx, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&rx, &at));
    udp_exchange(*state, &tx, &rx, &at);
    mio_udp_socket_close(&tx);
    mio_udp_socket_close(&rx);
}

static void programs_multicast(void **state)
{
    struct mio_udp_socket tx;
    struct mio_udp_socket rx;
    struct mio_address any = address_at("0.0.0.0:0");
    struct mio_address local = address_at("127.0.0.1:0");
    struct mio_address group = address_at("239.77.111.5:0");
    assert_ok(mio_udp_socket_open(&tx, &local, NULL));
    assert_ok(mio_udp_socket_open(&rx, &any, NULL));
    assert_ok(mio_udp_socket_local_address(&rx, &any));
    mio_address_set_port(&group, mio_address_port(&any));
    assert_ok(mio_udp_socket_join_multicast_v4(&rx, &group, &local));
    assert_ok(mio_udp_socket_set_multicast_interface_v4(&tx, &local));
    udp_exchange(*state, &tx, &rx, &group);
    mio_udp_socket_close(&tx);
    mio_udp_socket_close(&rx);
}

/* --- smoke ---------------------------------------------------------------- */

static void programs_run_once_with_nothing(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(loop_case_turn(c, 0), 0);
    assert_calls(c, ".");
}

static void programs_add_then_drop(void **state)
{
    struct loop_case *c = *state;
    struct mio_tcp_listener door;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_loop_tcp_listen(c->loop, &door, &at, NULL, A));
    mio_tcp_listener_close(&door);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void programs_reregister_before_register(void **state)
{
    struct loop_case *c = *state;
    struct mio_tcp_listener door;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_tcp_listener_open(&door, &at, NULL));
    assert_code(MIO_ENOENT, mio_event_loop_reregister(c->loop, &door.source, A,
                                                      MIO_READABLE, MIO_EDGE));
    mio_tcp_listener_close(&door);
}

/* --- of Mio 0.6 ----------------------------------------------------------- */

static void programs_broken_pipe(void **state)
{
    struct loop_case *c = *state;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    assert_ok(mio_pipe_open(&sender, &receiver));
    assert_ok(mio_event_loop_register(c->loop, &sender.source, A, MIO_WRITABLE,
                                      MIO_EDGE));
    mio_pipe_receiver_close(&receiver);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_true(mio_event_is_writable(&c->event));
    assert_true(mio_event_is_write_closed(&c->event));
    assert_int_equal(mio_pipe_sender_write(&sender, "x", 1), MIO_EPIPE);
    mio_pipe_sender_close(&sender);
}

/* A child that sorts: it answers when its input has ended. */
static void programs_subprocess_pipe(void **state)
{
    struct loop_case *c = *state;
    struct mio_pipe_sender to;
    struct mio_pipe_receiver from;
    int in[2];
    int out[2];
    int status;
    char bytes[16];
    int64_t size;
    size_t count = 0;
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        close(out[0]);
        execlp("sort", "sort", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    mio_pipe_sender_from_handle(&to, in[1]);
    mio_pipe_receiver_from_handle(&from, out[0]);
    assert_ok(mio_pipe_receiver_set_nonblocking(&from, true));
    assert_ok(mio_event_loop_register(c->loop, &from.source, A, MIO_READABLE,
                                      MIO_EDGE));
    assert_int_equal(mio_pipe_sender_write(&to, "b\na\n", 4), 4);
    mio_pipe_sender_close(&to);
    do {
        (void)loop_case_turn(c, DEADLINE_NS);
        while ((size = mio_pipe_receiver_read(&from, bytes + count,
                                              sizeof(bytes) - count)) > 0)
            count += (size_t)size;
    } while (size == MIO_EAGAIN);
    assert_int_equal(size, 0);
    assert_int_equal(count, 4);
    assert_memory_equal(bytes, "a\nb\n", 4);
    mio_pipe_receiver_close(&from);
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    assert_int_equal(status, 0);
}

static void programs_uds_shutdown(void **state)
{
    struct loop_case *c = *state;
    char byte;
    loop_case_watch(c, A, MIO_READABLE | MIO_WRITABLE, MIO_EDGE);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_ok(mio_unix_stream_shutdown(&c->far, MIO_SHUTDOWN_WRITE));
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_true(mio_event_is_read_closed(&c->event));
    assert_false(mio_event_is_write_closed(&c->event));
    assert_int_equal(mio_unix_stream_read(&c->near, &byte, 1), 0);
    assert_int_equal(mio_unix_stream_write(&c->near, "x", 1), 1);
}

static void programs_double_register(void **state)
{
    struct loop_case *c = *state;
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    assert_code(MIO_EEXIST, mio_event_loop_register(c->loop, &c->near.source, A,
                                                    MIO_READABLE, MIO_EDGE));
    loop_case_say(c); /* the first one stands */
    assert_int_equal(loop_case_turn(c, 0), 1);
}

static void programs_local_addr_ready(void **state)
{
    struct loop_case *c = *state;
    struct visit v;
    struct mio_address here;
    struct mio_address there;
    visit_open_still(&v, c);
    assert_ok(mio_tcp_stream_peer_address(&v.client, &there));
    assert_true(mio_address_equal(&there, &v.at));
    assert_ok(mio_tcp_stream_local_address(&v.client, &here));
    assert_ok(mio_tcp_stream_peer_address(&v.server, &there));
    assert_true(mio_address_equal(&there, &here));
    visit_close(&v);
}

/* The server writes, and then `end` happens to it. */
static void write_then(struct loop_case *c, void (*end)(struct visit *v))
{
    struct visit v;
    visit_open_still(&v, c);
    assert_ok(mio_event_loop_register(c->loop, &v.server.source, B,
                                      MIO_WRITABLE, MIO_EDGE));
    assert_int_equal(loop_case_turn(c, DEADLINE_NS), 1);
    assert_int_equal(mio_tcp_stream_write(&v.server, "data", 4), 4);
    end(&v);
    assert_ok(mio_event_loop_register(c->loop, &v.client.source, A,
                                      MIO_READABLE, MIO_EDGE));
    assert_int_equal(loop_case_turn(c, DEADLINE_NS), 1);
    assert_int_equal(c->event.token.value, A.value);
    assert_int_equal(mio_tcp_stream_read(&v.client, v.got, 8), 4);
    assert_memory_equal(v.got, "data", 4);
    visit_close(&v);
}

static void drop(struct visit *v)
{
    mio_tcp_stream_close(&v->server);
}

static void deregister(struct visit *v)
{
    assert_ok(mio_event_loop_deregister(v->loop, &v->server.source));
}

static void programs_write_then_drop(void **state)
{
    write_then(*state, drop);
}

static void programs_write_then_deregister(void **state)
{
    write_then(*state, deregister);
}

/* What the client is told after `end` happened to the server; the code that
 * its read answers. */
static int end_of(struct loop_case *c, void (*end)(struct visit *v))
{
    struct visit v;
    char byte;
    visit_open_still(&v, c);
    assert_ok(mio_event_loop_register(c->loop, &v.client.source, A,
                                      MIO_READABLE, MIO_EDGE));
    assert_int_equal(loop_case_turn(c, 0), 0);
    end(&v);
    assert_int_equal(loop_case_turn(c, DEADLINE_NS), 1);
    assert_true(mio_event_is_readable(&c->event));
    assert_true(mio_event_is_read_closed(&c->event));
    int rc = (int)mio_tcp_stream_read(&v.client, &byte, 1);
    visit_close(&v);
    return rc;
}

static void shut_down_writing(struct visit *v)
{
    assert_ok(mio_tcp_stream_shutdown(&v->server, MIO_SHUTDOWN_WRITE));
}

static void reset(struct visit *v)
{
    assert_ok(mio_tcp_stream_set_linger(&v->server, 0));
    mio_tcp_stream_close(&v->server);
}

static void programs_tcp_write_shutdown(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(end_of(c, shut_down_writing), 0);
    assert_false(mio_event_is_write_closed(&c->event));
}

static void programs_tcp_graceful_shutdown(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(end_of(c, drop), 0);
    assert_false(mio_event_is_error(&c->event));
}

static void programs_tcp_abrupt_shutdown(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(end_of(c, reset), MIO_ECONNRESET);
    assert_true(mio_event_is_write_closed(&c->event));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_LOOP(programs_echo_server),
        CASE_LOOP(programs_unix_echo_server),
        CASE_LOOP(programs_close_on_drop),
        CASE_LOOP(programs_timer),
        CASE_LOOP(programs_register_deregister),
        CASE_LOOP(programs_tick),
        CASE_LOOP(programs_udp_socket),
        CASE_LOOP(programs_multicast),
        CASE_LOOP(programs_run_once_with_nothing),
        CASE_LOOP(programs_add_then_drop),
        CASE_LOOP(programs_reregister_before_register),
        CASE_LOOP(programs_broken_pipe),
        CASE_LOOP(programs_subprocess_pipe),
        CASE_LOOP(programs_uds_shutdown),
        CASE_LOOP(programs_double_register),
        CASE_LOOP(programs_local_addr_ready),
        CASE_LOOP(programs_write_then_drop),
        CASE_LOOP(programs_write_then_deregister),
        CASE_LOOP(programs_tcp_write_shutdown),
        CASE_LOOP(programs_tcp_graceful_shutdown),
        CASE_LOOP(programs_tcp_abrupt_shutdown),
    };
    return cmocka_run_group_tests_name("programs", cases, NULL, NULL);
}
