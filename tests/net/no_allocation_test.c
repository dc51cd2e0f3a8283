/* SPDX-License-Identifier: MIT
 *
 * tests/net/no_allocation_test.c - all of core and net, after set-up, without
 * a call of an allocator: by us, or by the C library for us. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_CLOEXEC, mmap64 */
#endif

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/event_loop.h"
#include "core/framing.h"
#include "core/registry.h"
#include "core/ring.h"
#include "core/slab.h"
#include "core/timer_wheel.h"
#include "core/waker.h"
#include "net/loop_tcp.h"
#include "net/pipe.h"
#include "net/reserve_handle.h"
#include "net/tcp_socket.h"
#include "net/unix_datagram.h"
#include "net/unix_listener.h"
#include "net/unix_stream.h"
#include "tests/net/tcp.h"
#include "tests/net/udp.h"
#include "tests/net/unix.h"
#include "tests/storm/patient.h"

/* --- the C library's allocator, in place of which are these --------------- */

static uint32_t is_counting; /* atomic, as the next */
static uint32_t calls_count;

static void count_call(void)
{
    if (__atomic_load_n(&is_counting, __ATOMIC_RELAXED) != 0)
        (void)__atomic_fetch_add(&calls_count, 1, __ATOMIC_RELAXED);
}

/* What the program defines, the C library calls, too. The names are its own. */
#define REPLACED __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

REPLACED void *malloc(size_t size)
{
    count_call();
    return __libc_malloc(size);
}

REPLACED void *calloc(size_t nmemb, size_t size)
{
    count_call();
    return __libc_calloc(nmemb, size);
}

REPLACED void *realloc(void *ptr, size_t size)
{
    count_call();
    return __libc_realloc(ptr, size);
}

REPLACED void free(void *ptr)
{
    if (ptr != NULL)
        count_call();
    __libc_free(ptr);
}

REPLACED void *memalign(size_t alignment, size_t size)
{
    count_call();
    return __libc_memalign(alignment, size);
}

REPLACED void *aligned_alloc(size_t alignment, size_t size)
{
    count_call();
    return __libc_memalign(alignment, size);
}

REPLACED int posix_memalign(void **memptr, size_t alignment, size_t size)
{
    count_call();
    *memptr = __libc_memalign(alignment, size);
    return *memptr != NULL ? 0 : ENOMEM;
}

REPLACED void *mmap(void *addr, size_t len, int prot, int flags, int fd,
                    off_t offset)
{
    count_call();
    /* The address comes back as a long. */
    return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
}

static void begin_counting(void)
{
    __atomic_store_n(&calls_count, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&is_counting, 1, __ATOMIC_RELAXED);
}

static uint32_t end_counting(void)
{
    __atomic_store_n(&is_counting, 0, __ATOMIC_RELAXED);
    return __atomic_load_n(&calls_count, __ATOMIC_RELAXED);
}

/* What the C library has from the system, which it may ask without us. */
static size_t system_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.arena + info.hblkhd;
}

static void the_counter_sees_every_way_to_memory(void **state)
{
    (void)state;
    void *volatile memory;
    begin_counting();
    memory = malloc(1);
    free(memory);
    assert_int_equal(end_counting(), 2);
    begin_counting();
    memory = calloc(1, 1);
    memory = realloc(memory, 100);
    free(memory);
    assert_int_equal(end_counting(), 3);
    begin_counting();
    memory = aligned_alloc(64, 64);
    assert_int_equal(end_counting(), 1);
    free(memory);
    /* The library's own calls, too. */
    begin_counting();
    memory = strdup("x");
    assert_int_equal(end_counting(), 1);
    free(memory);
    begin_counting();
    memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_int_equal(end_counting(), 1);
    assert_int_equal(munmap(memory, 4096), 0);
    /* And those of another object's making, through core. */
    struct mio_poll *poll;
    begin_counting();
    assert_ok(mio_poll_new(&poll, NULL));
    assert_true(end_counting() > 0);
    mio_poll_free(poll);
}

/* --- what is there from set-up on ----------------------------------------- */

#define CHANNEL_CAPACITY 8

struct world {
    struct loop loop;
    struct mio_waker *waker;
    struct mio_registry *registry;
    struct mio_timer_wheel wheel;
    struct mio_slab slab;
    struct mio_ring ring;
    struct mio_buffer buffer;
    struct mio_event_loop *event_loop;
    struct mio_notify_sender *sender;
    struct mio_address at;   /* 127.0.0.1, any port */
    struct mio_address name; /* an abstract one */
    uint32_t called_back;
    /* The other thread: does its part each time it is asked to. */
    pthread_t thread;
    sem_t asked;
    sem_t done;
    bool ends;
};

static void change_elsewhere(struct world *w, struct mio_source *source)
{
    assert_ok(
        mio_registry_register(w->registry, source, C, MIO_READABLE, MIO_EDGE));
    mio_source_arm(source, MIO_READABLE);
    assert_ok(mio_registry_reregister(w->registry, source, C, MIO_READABLE,
                                      MIO_ONESHOT));
    assert_ok(mio_registry_deregister(w->registry, source));
    assert_ok(mio_waker_wake(w->waker));
    assert_ok(mio_notify_sender_send(w->sender, w));
}

static void *help(void *arg)
{
    struct world *w = arg;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    assert_ok(mio_pipe_open(&sender, &receiver));
    for (;;) {
        (void)PATIENTLY(sem_wait(&w->asked));
        if (w->ends)
            break;
        change_elsewhere(w, &receiver.source);
        assert_int_equal(sem_post(&w->done), 0);
    }
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
    return NULL;
}

static int setup(void **state)
{
    static struct world world;
    struct world *w = &world;
    const struct mio_event_loop_options options = {
        .poll = {.sources_max = 16},
        .notify_capacity = CHANNEL_CAPACITY,
    };
    loop_open(&w->loop);
    assert_ok(mio_waker_new(&w->waker, w->loop.poll, A));
    w->registry = mio_poll_registry(w->loop.poll);
    mio_timer_wheel_init(&w->wheel, 0);
    assert_ok(mio_slab_init(&w->slab, 8, 8));
    assert_ok(mio_ring_init(&w->ring, 64));
    mio_buffer_init(&w->buffer, 4096);
    assert_ok(mio_event_loop_new(&w->event_loop, &options));
    assert_ok(mio_event_loop_watch_signal(w->event_loop, MIO_SIGNAL_USER1));
    w->sender = mio_event_loop_sender(w->event_loop);
    w->at = address_at("127.0.0.1:0");
    w->name = abstract_name("no-allocation");
    assert_int_equal(sem_init(&w->asked, 0, 0), 0);
    assert_int_equal(sem_init(&w->done, 0, 0), 0);
    w->ends = false;
    assert_int_equal(pthread_create(&w->thread, NULL, help, w), 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    w->ends = true;
    assert_int_equal(sem_post(&w->asked), 0);
    assert_int_equal(pthread_join(w->thread, NULL), 0);
    mio_notify_sender_free(w->sender);
    mio_event_loop_free(w->event_loop);
    mio_buffer_deinit(&w->buffer);
    mio_ring_deinit(&w->ring);
    mio_slab_deinit(&w->slab);
    mio_registry_free(w->registry);
    mio_waker_free(w->waker);
    loop_close(&w->loop);
    return 0;
}

/* --- core ----------------------------------------------------------------- */

static void use_poll(struct world *w)
{
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    char bytes[8];
    assert_ok(mio_pipe_open(&sender, &receiver));
    const uint32_t modes[] = {MIO_EDGE, MIO_LEVEL, MIO_ONESHOT};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        assert_ok(mio_poll_register(w->loop.poll, &receiver.source, B,
                                    MIO_READABLE, modes[i]));
        assert_int_equal(mio_pipe_sender_write(&sender, "x", 1), 1);
        (void)loop_hear(&w->loop, B);
        assert_int_equal(mio_pipe_receiver_read(&receiver, bytes, 8), 1);
        assert_ok(mio_poll_reregister(w->loop.poll, &receiver.source, C,
                                      MIO_READABLE | MIO_PRIORITY, modes[i]));
        assert_int_equal(mio_pipe_receiver_read(&receiver, bytes, 8),
                         MIO_EAGAIN);
        loop_silence(&w->loop);
        assert_ok(mio_poll_deregister(w->loop.poll, &receiver.source));
    }
    assert_int_equal(mio_poll_wait(w->loop.poll, w->loop.events, 1), 0);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
}

static void use_threads(struct world *w)
{
    assert_int_equal(sem_post(&w->asked), 0);
    (void)loop_hear(&w->loop, A);
    (void)PATIENTLY(sem_wait(&w->done));
    assert_ok(mio_waker_wake(w->waker));
    assert_ok(mio_waker_wake(w->waker));
    (void)loop_hear(&w->loop, A);
}

static void use_wheel(struct world *w)
{
    struct mio_timer timers[3];
    int64_t now = w->wheel.now_tick << MIO_TICK_SHIFT;
    for (int i = 0; i < 3; i++) {
        mio_timer_init(&timers[i]);
        mio_timer_wheel_insert(&w->wheel, &timers[i],
                               now + (i + 1) * 100 * MIO_NS_PER_MS);
    }
    assert_true(mio_timer_wheel_cancel(&w->wheel, &timers[1]));
    mio_timer_wheel_advance(&w->wheel, now + MIO_NS_PER_S);
    assert_ptr_equal(mio_timer_wheel_take(&w->wheel), &timers[0]);
    assert_ptr_equal(mio_timer_wheel_take(&w->wheel), &timers[2]);
}

static void use_containers(struct world *w)
{
    static const char lines[] = "one\ntwo\n";
    struct mio_line_framing framing;
    struct mio_frame frame;
    mio_key keys[8];
    char bytes[16];
    for (size_t i = 0; i < 8; i++)
        assert_ok(mio_slab_insert(&w->slab, w, &keys[i]));
    for (size_t i = 0; i < 8; i++)
        assert_ptr_equal(mio_slab_remove(&w->slab, keys[i]), w);
    assert_int_equal(mio_ring_write(&w->ring, lines, 8), 8);
    assert_int_equal(mio_ring_read(&w->ring, bytes, 16), 8);
    mio_line_framing_init(&framing, 100);
    for (int i = 0; i < 100; i++)
        assert_ok(mio_buffer_append(&w->buffer, lines, 8));
    while (mio_line_framing_next(&framing, mio_buffer_data(&w->buffer),
                                 mio_buffer_size(&w->buffer), &frame) == 1)
        mio_buffer_consume(&w->buffer, frame.used);
    assert_int_equal(mio_buffer_size(&w->buffer), 0);
}

/* --- the event loop ------------------------------------------------------- */

static void on_message(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct world *w = ctx;
    (void)loop;
    (void)message;
    w->called_back++;
}

static void on_timeout(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    (void)token;
    on_message(ctx, loop, NULL);
}

static void on_signal(void *ctx, struct mio_event_loop *loop,
                      enum mio_signal which)
{
    (void)which;
    on_message(ctx, loop, NULL);
}

/* A message of the other thread's, three of our own, a signal and a timeout;
 * one timeout that is cleared; and a connection. */
static void use_event_loop(struct world *w)
{
    const struct mio_handler handler = {
        .notify = on_message,
        .timeout = on_timeout,
        .signal = on_signal,
    };
    struct mio_tcp_listener listener;
    struct mio_tcp_stream stream;
    struct mio_address at;
    mio_key key;
    w->called_back = 0;
    for (int i = 0; i < 3; i++)
        assert_ok(mio_notify_sender_send(w->sender, w));
    assert_ok(mio_event_loop_set_timeout(w->event_loop, 0, A, NULL));
    assert_ok(mio_event_loop_set_timeout(w->event_loop, MIO_NS_PER_S, A, &key));
    assert_true(mio_event_loop_clear_timeout(w->event_loop, key));
    assert_int_equal(raise(SIGUSR1), 0);
    assert_ok(mio_loop_tcp_listen(w->event_loop, &listener, &w->at, NULL, B));
    assert_ok(mio_tcp_listener_address(&listener, &at));
    assert_ok(mio_loop_tcp_connect(w->event_loop, &stream, &at, C));
    while (w->called_back < 6)
        assert_true(
            mio_event_loop_turn(w->event_loop, MIO_NS_PER_S, &handler, w) >= 0);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
    mio_event_loop_shutdown(w->event_loop);
    assert_ok(mio_event_loop_run(w->event_loop, &handler, w));
}

/* --- net ------------------------------------------------------------------ */

static void use_tcp(struct world *w)
{
    struct tcp tcp = {.poll = w->loop.poll, .events = w->loop.events};
    char text[MIO_ADDRESS_TEXT_MAX];
    char bytes[8] = "";
    struct mio_iovec pieces[2] = {{bytes, 1}, {bytes + 1, 7}};
    tcp_listen(&tcp, "127.0.0.1:0");
    tcp_connect(&tcp);
    assert_true(mio_address_format(&tcp.at, text, sizeof(text)) > 0);
    assert_ok(mio_tcp_stream_set_nodelay(&tcp.client, true));
    assert_ok(mio_tcp_stream_set_ttl(&tcp.client, 10));
    assert_ok(mio_tcp_stream_peer_address(&tcp.client, &tcp.at));
    loop_watch(&w->loop, &tcp.server.source, B, MIO_READABLE);
    tcp_say(&tcp.client, "ab");
    assert_int_equal(mio_tcp_stream_writev(&tcp.client, pieces, 2), 8);
    (void)loop_hear(&w->loop, B);
    assert_int_equal(mio_tcp_stream_peek(&tcp.server, bytes, 1), 1);
    assert_true(mio_tcp_stream_readv(&tcp.server, pieces, 2) > 0);
    assert_ok(mio_tcp_stream_shutdown(&tcp.client, MIO_SHUTDOWN_WRITE));
    while (mio_tcp_stream_read(&tcp.server, bytes, 8) != 0)
        (void)!mio_poll_wait(w->loop.poll, w->loop.events, MIO_NS_PER_MS);
    mio_source_deregister(&tcp.server.source);
    tcp_close_sockets(&tcp);

    struct mio_reserve_handle reserve;
    assert_ok(mio_reserve_handle_open(&reserve));
    mio_reserve_handle_close(&reserve);
}

static void use_udp(struct world *w)
{
    struct udp udp = {.loop = w->loop};
    struct mio_address from;
    char bytes[8] = "";
    struct mio_iovec piece = {bytes, sizeof(bytes)};
    struct mio_datagram batch[2] = {
        {.pieces = &piece, .pieces_count = 1, .address = &udp.at_b},
        {.pieces = &piece, .pieces_count = 1, .address = &udp.at_b},
    };
    assert_ok(mio_udp_socket_open(&udp.a, &w->at, NULL));
    assert_ok(mio_udp_socket_open(&udp.b, &w->at, NULL));
    assert_ok(mio_udp_socket_local_address(&udp.b, &udp.at_b));
    udp_say(&udp.a, &udp.at_b, "x");
    udp_hear(&udp, &udp.b, "x");
    assert_int_equal(mio_udp_socket_send_batch(&udp.a, batch, 2), 2);
    batch[0].address = batch[1].address = &from;
    (void)loop_await(&w->loop, &udp.b.source, MIO_READABLE);
    assert_true(mio_udp_socket_recv_batch(&udp.b, batch, 2) > 0);
    assert_ok(mio_udp_socket_connect(&udp.a, &udp.at_b));
    assert_int_equal(mio_udp_socket_send(&udp.a, "x", 1), 1);
    assert_ok(mio_udp_socket_set_ttl(&udp.a, 3));
    mio_udp_socket_close(&udp.a);
    mio_udp_socket_close(&udp.b);
}

static void pass_a_handle(struct mio_unix_stream *from,
                          struct mio_unix_stream *to)
{
    mio_handle handle = STDOUT_FILENO;
    char bytes[8] = "x";
    struct mio_iovec piece = {bytes, 1};
    struct mio_unix_message message = {
        .pieces = &piece,
        .pieces_count = 1,
        .handles = &handle,
        .handles_count = 1,
    };
    assert_int_equal(mio_unix_stream_send_message(from, &message), 1);
    message.handles_count = 0;
    message.handles_max = 1;
    assert_int_equal(mio_unix_stream_recv_message(to, &message), 1);
    assert_int_equal(message.handles_count, 1);
    assert_int_equal(close((int)handle), 0);
}

static void use_unix(struct world *w)
{
    struct mio_unix_listener listener;
    struct mio_unix_stream client;
    struct mio_unix_stream server;
    struct mio_unix_datagram a;
    struct mio_unix_datagram b;
    char bytes[8];
    assert_ok(mio_unix_listener_open(&listener, &w->name, NULL));
    assert_ok(mio_unix_stream_connect(&client, &w->name));
    (void)loop_await(&w->loop, &listener.source, MIO_READABLE);
    assert_ok(mio_unix_listener_accept(&listener, &server, NULL));
    assert_int_equal(mio_unix_stream_write(&client, "x", 1), 1);
    assert_int_equal(mio_unix_stream_read(&server, bytes, 8), 1);
    pass_a_handle(&client, &server);
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
    mio_unix_listener_close(&listener);
    assert_ok(mio_unix_datagram_pair(&a, &b));
    assert_int_equal(mio_unix_datagram_send(&a, "x", 1), 1);
    assert_int_equal(mio_unix_datagram_recv(&b, bytes, 8), 1);
    mio_unix_datagram_close(&a);
    mio_unix_datagram_close(&b);
}

static void (*const uses[])(struct world *) = {
    use_poll,       use_threads, use_wheel, use_containers,
    use_event_loop, use_tcp,     use_udp,   use_unix,
};

#define ROUNDS_COUNT 20

/* The first round is the warm-up: buffers get their size. */
static void after_the_first_time_nothing_is_allocated(void **state)
{
    struct world *w = *state;
    size_t bytes = 0;
    for (int round = 0; round < ROUNDS_COUNT; round++) {
        for (size_t i = 0; i < COUNT_OF(uses); i++) {
            begin_counting();
            uses[i](w);
            uint32_t count = end_counting();
            if (round > 0 && count > 0)
                fail_msg("use %u: %u calls", (unsigned)i, (unsigned)count);
        }
        if (round == 0)
            bytes = system_bytes();
    }
    assert_int_equal(system_bytes(), bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_sees_every_way_to_memory),
        cmocka_unit_test_setup_teardown(
            after_the_first_time_nothing_is_allocated, setup, teardown),
    };
    return cmocka_run_group_tests_name("net/no_allocation", tests, NULL, NULL);
}
