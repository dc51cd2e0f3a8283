/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/better_test.c - what is promised here beyond Mio. */
#include <sys/socket.h>

#include "core/registry.h"
#include "core/waker.h"
#include "net/udp_socket.h"
#include "net/unix_stream.h"
#include "tests/conformance/pipe_pair.h"
#include "tests/conformance/tcp_case.h"
#include "tests/conformance/waiter.h"
#include "tests/net/unix.h"

#define BOTH (MIO_READABLE | MIO_WRITABLE)

/* --- calls that are counted ----------------------------------------------- */

/* Volatile: the compiler believes that no call writes a variable of ours. */
static volatile uint32_t writes_count;

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    writes_count++;
    return __real_write(fd, bytes, size);
}

/* --- registrations -------------------------------------------------------- */

/* Mio's issue 1963: a read that would block makes nothing writable. */
static void better_rearm_by_direction(void **state)
{
    struct tcp_case *self = *state;
    char byte;
    loop_watch(&self->loop, &self->tcp.client.source, A, BOTH);
    assert_int_equal(loop_hear(&self->loop, A).readiness, MIO_READY_WRITABLE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mio_tcp_stream_read(&self->tcp.client, &byte, 1),
                         MIO_EAGAIN);
        loop_silence(&self->loop);
    }
}

static void better_edge(void **state)
{
    struct loop *loop = *state;
    struct pair pair;
    pair_open(&pair, true);
    pair_watch(loop, &pair, A, MIO_EDGE);
    (void)loop_hear(loop, A);
    loop_silence(loop); /* it was told, though it was not read */
    pair_drain(&pair);
    loop_silence(loop);
    pair_fill(&pair);
    (void)loop_hear(loop, A);
    pair_close(&pair);
}

static void better_level(void **state)
{
    struct loop *loop = *state;
    struct pair pair;
    pair_open(&pair, true);
    pair_watch(loop, &pair, A, MIO_LEVEL);
    for (int i = 0; i < 3; i++)
        (void)loop_hear(loop, A);
    pair_drain(&pair);
    loop_silence(loop);
    pair_fill(&pair);
    (void)loop_hear(loop, A);
    pair_close(&pair);
}

static void better_oneshot(void **state)
{
    struct loop *loop = *state;
    struct pair pair;
    pair_open(&pair, true);
    pair_watch(loop, &pair, A, MIO_ONESHOT);
    (void)loop_hear(loop, A);
    loop_silence(loop);
    pair_drain(&pair);
    pair_fill(&pair);
    loop_silence(loop); /* also of what is new */
    assert_ok(mio_poll_reregister(loop->poll, &pair.receiver.source, B,
                                  MIO_READABLE, MIO_ONESHOT));
    (void)loop_hear(loop, B);
    loop_silence(loop);
    pair_close(&pair);
}

/* Two polls share a listener and sleep: a peer wakes one. The other needs a
 * waker to find out that it was left alone. */
static void better_exclusive(void **state)
{
    only_on_epoll();
    struct tcp_case *self = *state;
    struct loop loops[2] = {self->loop};
    struct mio_source sources[2];
    struct waiter waiters[2];
    struct mio_waker *wakers[2];
    struct mio_tcp_stream client;
    struct mio_event event;
    int told_count = 0;
    loop_open(&loops[1]);
    for (int i = 0; i < 2; i++) {
        mio_source_init(&sources[i], self->tcp.listener.source.handle);
        assert_ok(mio_poll_register(loops[i].poll, &sources[i], A, MIO_READABLE,
                                    MIO_EXCLUSIVE));
        assert_ok(mio_waker_new(&wakers[i], loops[i].poll, B));
        waiter_start(&waiters[i], &loops[i]);
    }
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    while (!waiter_is_over(&waiters[0]) && !waiter_is_over(&waiters[1]))
        sched_yield();
    for (int i = 0; i < 2; i++) {
        assert_ok(mio_waker_wake(wakers[i]));
        assert_true(waiter_join(&waiters[i]) > 0);
        while (mio_events_next(loops[i].events, &event))
            told_count += event.token.value == A.value;
    }
    assert_int_equal(told_count, 1);
    for (int i = 0; i < 2; i++) {
        assert_ok(mio_poll_deregister(loops[i].poll, &sources[i]));
        mio_waker_free(wakers[i]);
    }
    mio_tcp_stream_close(&client);
    loop_close(&loops[1]);
}

static void better_move_between_polls(void **state)
{
    struct loop *loop = *state;
    struct loop there;
    struct pair pair;
    loop_open(&there);
    pair_open(&pair, true);
    for (int round = 0; round < 3; round++) {
        loop_watch(loop, &pair.receiver.source, A, MIO_READABLE);
        (void)loop_hear(loop, A);
        assert_ok(mio_poll_deregister(loop->poll, &pair.receiver.source));
        loop_watch(&there, &pair.receiver.source, B, MIO_READABLE);
        (void)loop_hear(&there, B); /* still unread, so told again */
        loop_silence(loop);
        assert_ok(mio_poll_deregister(there.poll, &pair.receiver.source));
    }
    pair_close(&pair);
    loop_close(&there);
}

static void better_handle_twice(void **state)
{
    struct loop *loop = *state;
    struct mio_source another;
    struct pair pair;
    pair_open(&pair, true);
    pair_watch(loop, &pair, A, MIO_LEVEL);
    mio_source_init(&another, pair.receiver.source.handle);
    assert_code(MIO_EEXIST, mio_poll_register(loop->poll, &another, B,
                                              MIO_READABLE, MIO_LEVEL));
    (void)loop_hear(loop, A);
    pair_close(&pair);
}

static void better_duplicate_tokens(void **state)
{
    struct loop *loop = *state;
    struct pair pairs[2];
    struct mio_event event;
    for (int i = 0; i < 2; i++) {
        pair_open(&pairs[i], true);
        pair_watch(loop, &pairs[i], A, MIO_EDGE);
    }
    assert_int_equal(wait_some(loop->poll, loop->events), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(mio_events_next(loop->events, &event));
        assert_int_equal(event.token.value, A.value);
    }
    pair_close(&pairs[0]);
    pair_close(&pairs[1]);
}

/* Nothing, what nobody knows, and what this system has not. */
static void better_asked_for_what_is_not_there(void **state)
{
    struct loop *loop = *state;
    struct pair pair;
    pair_open(&pair, true);
    struct mio_source *source = &pair.receiver.source;
    const struct {
        uint32_t interest;
        uint32_t mode;
        int code;
    } asked[] = {
        {0, MIO_EDGE, MIO_EINVAL},
        {32, MIO_EDGE, MIO_EINVAL},
        {MIO_READABLE, 8, MIO_EINVAL},
        {MIO_AIO, MIO_EDGE, MIO_ENOTSUP},
        {MIO_READABLE | MIO_LIO, MIO_EDGE, MIO_ENOTSUP},
        {MIO_READABLE, MIO_EXCLUSIVE, is_epoll() ? MIO_OK : MIO_ENOTSUP},
    };
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        int rc = mio_poll_register(loop->poll, source, A, asked[i].interest,
                                   asked[i].mode);
        assert_code(asked[i].code, rc);
        assert_int_equal(mio_source_is_registered(source), rc == MIO_OK);
        mio_source_deregister(source);
    }
    loop_silence(loop);
    pair_close(&pair);
}

/* --- events --------------------------------------------------------------- */

/* Two are in the batch; one is handled, and the other one goes. Which of them
 * came first is the system's choice. */
static void take_one_of_two(struct loop *loop, struct pair pairs[2],
                            struct pair **other)
{
    struct mio_event event;
    for (uint64_t i = 0; i < 2; i++) {
        pair_open(&pairs[i], true);
        pair_watch(loop, &pairs[i], mio_token_of(i), MIO_LEVEL);
    }
    assert_int_equal(wait_some(loop->poll, loop->events), 2);
    assert_true(mio_events_next(loop->events, &event));
    *other = &pairs[1 - event.token.value];
}

static void better_no_event_after_deregister(void **state)
{
    struct loop *loop = *state;
    struct pair pairs[2];
    struct pair *other;
    struct mio_event event;
    take_one_of_two(loop, pairs, &other);
    assert_ok(mio_poll_deregister(loop->poll, &other->receiver.source));
    assert_false(mio_events_next(loop->events, &event));
    /* Nor another's, which got its place. */
    pair_watch(loop, other, C, MIO_LEVEL);
    assert_false(mio_events_next(loop->events, &event));
    assert_int_equal(wait_some(loop->poll, loop->events), 2);
    pair_close(&pairs[0]);
    pair_close(&pairs[1]);
}

static void better_no_old_event_after_reregister(void **state)
{
    struct loop *loop = *state;
    struct pair pairs[2];
    struct pair *other;
    struct mio_event event;
    take_one_of_two(loop, pairs, &other);
    assert_ok(mio_poll_reregister(loop->poll, &other->receiver.source, C,
                                  MIO_READABLE, MIO_EDGE));
    assert_false(mio_events_next(loop->events, &event));
    pair_drain(other == &pairs[0] ? &pairs[1] : &pairs[0]);
    (void)loop_hear(loop, C);
    pair_close(&pairs[0]);
    pair_close(&pairs[1]);
}

/* Sources and wakers together; whatever does not fit comes next time. */
static void better_capacity_never_exceeded(void **state)
{
    struct loop *loop = *state;
    struct mio_events *four;
    struct mio_waker *wakers[9];
    struct pair pairs[9];
    uint64_t seen = 0;
    assert_ok(mio_events_new(&four, 4));
    for (uint64_t i = 0; i < 9; i++) {
        pair_open(&pairs[i], true);
        pair_watch(loop, &pairs[i], mio_token_of(i), MIO_EDGE);
        assert_ok(mio_waker_new(&wakers[i], loop->poll, mio_token_of(9 + i)));
        assert_ok(mio_waker_wake(wakers[i]));
    }
    while (seen != (1 << 18) - 1) {
        struct mio_event event;
        int count = wait_some(loop->poll, four);
        assert_true(count <= 4);
        while (mio_events_next(four, &event)) {
            uint64_t bit = UINT64_C(1) << event.token.value;
            assert_int_equal(seen & bit, 0);
            seen |= bit;
            count--;
        }
        assert_int_equal(count, 0);
    }
    loop_silence(loop);
    for (int i = 0; i < 9; i++) {
        mio_waker_free(wakers[i]);
        pair_close(&pairs[i]);
    }
    mio_events_free(four);
}

static void better_capacity_of_none(void **state)
{
    (void)state;
    struct mio_events *events;
    assert_code(MIO_EINVAL, mio_events_new(&events, 0));
    assert_code(MIO_EINVAL, mio_events_new(&events, UINT32_MAX));
}

/* --- the wait ------------------------------------------------------------- */

static void better_second_waiter_is_told(void **state)
{
    struct loop *loop = *state;
    struct waiter waiter;
    struct mio_waker *waker;
    struct mio_events *mine;
    assert_ok(mio_events_new(&mine, 1));
    assert_ok(mio_waker_new(&waker, loop->poll, A));
    waiter_start(&waiter, loop);
    int rc = MIO_OK;
    /* At once, unless a signal woke the other just then. */
    for (int i = 0; i < 1000 && rc != MIO_EBUSY; i++)
        rc = wait_on(loop->poll, mine, 0);
    assert_code(MIO_EBUSY, rc);
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(waiter_join(&waiter), 1);
    wait_silence(loop->poll, mine);
    mio_waker_free(waker);
    mio_events_free(mine);
}

/* Watched by another poll, as any other handle. */
static void better_nested_polls(void **state)
{
    only_on_epoll();
    struct loop *loop = *state;
    struct loop inner;
    struct mio_source source;
    struct pair pair;
    loop_open(&inner);
    pair_open(&pair, false);
    pair_watch(&inner, &pair, A, MIO_EDGE);
    mio_source_init(&source, mio_poll_handle(inner.poll));
    assert_ok(
        mio_poll_register(loop->poll, &source, B, MIO_READABLE, MIO_LEVEL));
    loop_silence(loop);
    pair_fill(&pair);
    (void)loop_hear(loop, B);
    (void)loop_hear(&inner, A);
    loop_silence(loop);
    assert_ok(mio_poll_deregister(loop->poll, &source));
    pair_close(&pair);
    loop_close(&inner);
}

/* --- wakers and other threads --------------------------------------------- */

/* Also a wake of many is one call at most. */
static void better_wakes_coalesce(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *wakers[2];
    assert_ok(mio_waker_new(&wakers[0], loop->poll, A));
    assert_ok(mio_waker_new(&wakers[1], loop->poll, B));
    writes_count = 0;
    for (int i = 0; i < 1000; i++)
        assert_ok(mio_waker_wake(wakers[i % 2]));
    assert_int_equal(writes_count, 1);
    assert_int_equal(wait_some(loop->poll, loop->events), 2);
    loop_silence(loop);
    mio_waker_free(wakers[0]);
    mio_waker_free(wakers[1]);
}

static void better_waker_survives_its_poll(void **state)
{
    (void)state;
    struct mio_poll *poll;
    struct mio_waker *waker;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_waker_new(&waker, poll, A));
    assert_ok(mio_waker_wake(waker));
    mio_poll_free(poll);
    assert_code(MIO_ECLOSED, mio_waker_wake(waker));
    mio_waker_free(waker);
}

static void better_registry_survives_its_poll(void **state)
{
    struct loop *loop = *state;
    struct mio_poll *poll;
    struct pair pair;
    assert_ok(mio_poll_new(&poll, NULL));
    pair_open(&pair, true);
    struct mio_source *source = &pair.receiver.source;
    struct mio_registry *registry = mio_poll_registry(poll);
    assert_ok(
        mio_registry_register(registry, source, A, MIO_READABLE, MIO_EDGE));
    assert_int_equal(wait_one(poll, loop->events).token.value, A.value);
    mio_poll_free(poll);
    assert_ok(mio_registry_deregister(registry, source));
    assert_code(MIO_ECLOSED, mio_registry_register(registry, source, A,
                                                   MIO_READABLE, MIO_EDGE));
    mio_registry_free(registry);
    loop_watch(loop, source, B, MIO_READABLE);
    (void)loop_hear(loop, B);
    pair_close(&pair);
}

/* --- what the system has, and Mio has not --------------------------------- */

/* Packets keep their bounds; the handle is somebody else's. Level needs no
 * more; edge needs to be told what would block. */
static void better_raw_handle(void **state)
{
    struct loop *loop = *state;
    static const uint32_t modes[] = {MIO_LEVEL, MIO_EDGE};
    int fds[2];
    char bytes[8];
    struct mio_source source;
    assert_int_equal(socketpair(AF_UNIX,
                                SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                0, fds),
                     0);
    mio_source_init(&source, fds[0]);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        assert_ok(
            mio_poll_register(loop->poll, &source, A, MIO_READABLE, modes[i]));
        for (int round = 0; round < 3; round++) {
            assert_int_equal(send(fds[1], "ab", 2, 0), 2);
            assert_int_equal(send(fds[1], "c", 1, 0), 1);
            (void)loop_hear(loop, A);
            assert_int_equal(recv(fds[0], bytes, sizeof(bytes), 0), 2);
            assert_int_equal(recv(fds[0], bytes, sizeof(bytes), 0), 1);
            assert_int_equal(recv(fds[0], bytes, sizeof(bytes), 0), -1);
            mio_source_arm(&source, MIO_READABLE);
            loop_silence(loop);
        }
        assert_ok(mio_poll_deregister(loop->poll, &source));
    }
    close(fds[0]);
    close(fds[1]);
}

static void better_datagrams_in_batches(void **state)
{
    struct loop *loop = *state;
    struct mio_udp_socket socket;
    struct mio_address at = address_at("127.0.0.1:0");
    char in[3][8];
    struct mio_iovec room[3] = {{in[0], 8}, {in[1], 8}, {in[2], 8}};
    const struct mio_iovec out[3] = {{"a", 1}, {"bc", 2}, {"def", 3}};
    struct mio_datagram datagrams[3] = {{.pieces = NULL}};
    int count = 0;
    assert_ok(mio_udp_socket_open(&socket, &at, NULL));
    assert_ok(mio_udp_socket_local_address(&socket, &at));
    for (int i = 0; i < 3; i++)
        datagrams[i] = (struct mio_datagram){
            .pieces = &out[i], .pieces_count = 1, .address = &at};
    assert_int_equal(mio_udp_socket_send_batch(&socket, datagrams, 3), 3);
    while (count < 3) {
        for (int i = count; i < 3; i++)
            datagrams[i] =
                (struct mio_datagram){.pieces = &room[i], .pieces_count = 1};
        (void)loop_await(loop, &socket.source, MIO_READABLE);
        int got = mio_udp_socket_recv_batch(&socket, datagrams + count,
                                            (size_t)(3 - count));
        assert_true(got > 0);
        count += got;
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(datagrams[i].size, out[i].size);
        assert_memory_equal(in[i], out[i].base, out[i].size);
    }
    mio_udp_socket_close(&socket);
}

static void better_handles_travel(void **state)
{
    struct loop *loop = *state;
    struct mio_unix_stream ends[2];
    struct pair pair;
    struct mio_source copy;
    char byte = 'x';
    mio_handle sent;
    mio_handle received;
    const struct mio_iovec piece = {&byte, 1};
    struct mio_unix_message message = {.pieces = &piece, .pieces_count = 1};
    assert_ok(mio_unix_stream_pair(&ends[0], &ends[1]));
    pair_open(&pair, true);
    sent = pair.receiver.source.handle;
    message.handles = &sent;
    message.handles_count = 1;
    assert_int_equal(mio_unix_stream_send_message(&ends[0], &message), 1);
    message = (struct mio_unix_message){.pieces = &piece,
                                        .pieces_count = 1,
                                        .handles = &received,
                                        .handles_max = 1};
    (void)loop_await(loop, &ends[1].source, MIO_READABLE);
    assert_int_equal(mio_unix_stream_recv_message(&ends[1], &message), 1);
    assert_int_equal(message.handles_count, 1);
    mio_source_init(&copy, received);
    assert_sound(&copy);
    (void)loop_await(loop, &copy, MIO_READABLE);
    close((int)received);
    mio_unix_stream_close(&ends[0]);
    mio_unix_stream_close(&ends[1]);
    pair_close(&pair);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_TCP(better_rearm_by_direction),
        CASE(better_edge),
        CASE(better_level),
        CASE(better_oneshot),
        CASE_TCP(better_exclusive),
        CASE(better_move_between_polls),
        CASE(better_handle_twice),
        CASE(better_duplicate_tokens),
        CASE(better_asked_for_what_is_not_there),
        CASE(better_no_event_after_deregister),
        CASE(better_no_old_event_after_reregister),
        CASE(better_capacity_never_exceeded),
        CASE(better_capacity_of_none),
        CASE(better_second_waiter_is_told),
        CASE(better_nested_polls),
        CASE(better_wakes_coalesce),
        CASE(better_waker_survives_its_poll),
        CASE(better_registry_survives_its_poll),
        CASE(better_raw_handle),
        CASE(better_datagrams_in_batches),
        CASE(better_handles_travel),
    };
    return cmocka_run_group_tests_name("better", cases, NULL, NULL);
}
