/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/poll_test.c - the contracts of the poll and its registry.
 */
#include <fcntl.h>
#include <sys/resource.h>

#include "core/waker.h"
#include "tests/conformance/pipe_pair.h"
#include "tests/conformance/tcp_case.h"
#include "tests/conformance/waiter.h"

#define BOTH (MIO_READABLE | MIO_WRITABLE)

/* Made in this thread, waited on in another. */
static void poll_is_send_and_sync(void **state)
{
    struct loop *loop = *state;
    struct waiter waiter;
    struct pair pair;
    struct mio_event event;
    pair_open(&pair, true);
    loop_watch(loop, &pair.receiver.source, A, MIO_READABLE);
    waiter.loop = loop;
    waiter.thread = thread_start(waiter_run, &waiter);
    assert_int_equal(waiter_join(&waiter), 1);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, A.value);
    pair_close(&pair);
}

static void poll_run_once_with_nothing(void **state)
{
    struct loop *loop = *state;
    assert_int_equal(wait_on(loop->poll, loop->events, MIO_NS_PER_MS), 0);
    loop_silence(loop);
}

static void poll_add_then_drop(void **state)
{
    struct loop *loop = *state;
    struct mio_tcp_listener listener;
    struct mio_address at = address_at("127.0.0.1:0");
    assert_ok(mio_tcp_listener_open(&listener, &at, NULL));
    loop_watch(loop, &listener.source, A, BOTH);
    mio_tcp_listener_close(&listener);
    assert_false(mio_source_is_registered(&listener.source));
    loop_silence(loop);
}

static void poll_zero_duration_polls_events(void **state)
{
    struct loop *loop = *state;
    struct pair pairs[3];
    for (uint64_t i = 0; i < COUNT_OF(pairs); i++) {
        pair_open(&pairs[i], true);
        loop_watch(loop, &pairs[i].receiver.source, mio_token_of(i),
                   MIO_READABLE);
    }
    assert_int_equal(wait_on(loop->poll, loop->events, 0), 3);
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        pair_close(&pairs[i]);
}

/* With room for a handful of descriptors: one that leaks in each round would
 * be out of them soon. */
static void poll_poll_closes_fd(void **state)
{
    struct loop *loop = *state;
    struct rlimit limit;
    struct rlimit low;
    int failed = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    low = limit;
    low.rlim_cur = (rlim_t)lowest_free() + 8;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int i = 0; i < 2000 && failed == 0; i++) {
        struct mio_poll *poll;
        failed =
            mio_poll_new(&poll, &(struct mio_poll_options){.sources_max = 8});
        if (failed == 0)
            mio_poll_free(poll);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_ok(failed);
    loop_silence(loop);
}

static void poll_readiness_is_reregistered_after_would_block(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char bytes[16];
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        loop_silence(&self->loop);
        tcp_say(&tcp->server, "again");
        (void)loop_hear(&self->loop, A);
        assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 5), 5);
        assert_int_equal(mio_tcp_stream_read(&tcp->client, bytes, 5),
                         MIO_EAGAIN);
    }
    /* The same for who accepts. */
    loop_watch(&self->loop, &tcp->listener.source, B, MIO_READABLE);
    for (int round = 0; round < 3; round++) {
        struct mio_tcp_stream client;
        struct mio_tcp_stream server;
        loop_silence(&self->loop);
        assert_ok(mio_tcp_stream_connect(&client, &tcp->at));
        (void)loop_hear(&self->loop, B);
        assert_ok(mio_tcp_listener_accept(&tcp->listener, &server, NULL));
        assert_int_equal(mio_tcp_listener_accept(&tcp->listener, &server, NULL),
                         MIO_EAGAIN);
        mio_tcp_stream_close(&client);
        mio_tcp_stream_close(&server);
    }
}

static void poll_drop_cancels_interest_and_shuts_down(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte;
    loop_watch(&self->loop, &tcp->client.source, A, MIO_READABLE);
    loop_watch(&self->loop, &tcp->server.source, B, MIO_READABLE);
    mio_tcp_stream_close(&tcp->client);
    struct mio_event event = loop_hear(&self->loop, B);
    assert_true(mio_event_is_readable(&event));
    assert_true(mio_event_is_read_closed(&event));
    assert_int_equal(mio_tcp_stream_read(&tcp->server, &byte, 1), 0);
}

struct registering {
    struct loop *loop;
    struct pair pair;
    mio_token token;
    int rc;
};

static void *register_receiver(void *arg)
{
    struct registering *self = arg;
    self->rc = mio_poll_register(self->loop->poll, &self->pair.receiver.source,
                                 self->token, MIO_READABLE, MIO_EDGE);
    return NULL;
}

static void poll_registry_behind_arc(void **state)
{
    struct loop *loop = *state;
    struct registering registering[2];
    pthread_t threads[2];
    uint64_t seen = 0;
    for (uint64_t i = 0; i < 2; i++) {
        registering[i] = (struct registering){.loop = loop, .rc = -1};
        registering[i].token = mio_token_of(i + 1);
        pair_open(&registering[i].pair, true);
        threads[i] = thread_start(register_receiver, &registering[i]);
    }
    while (seen != 3) {
        struct mio_event event;
        (void)wait_some(loop->poll, loop->events);
        while (mio_events_next(loop->events, &event))
            seen |= event.token.value;
    }
    for (int i = 0; i < 2; i++) {
        thread_join(threads[i]);
        assert_ok(registering[i].rc);
        pair_close(&registering[i].pair);
    }
}

struct changing {
    struct loop *loop;
    struct pair *pairs; /* each thread has one of them */
    pthread_barrier_t begin;
    int codes[3];
};

static void *add_source(void *arg)
{
    struct changing *self = arg;
    (void)pthread_barrier_wait(&self->begin);
    self->codes[0] =
        mio_poll_register(self->loop->poll, &self->pairs[0].receiver.source, A,
                          MIO_READABLE, MIO_EDGE);
    return NULL;
}

static void *change_source(void *arg)
{
    struct changing *self = arg;
    (void)pthread_barrier_wait(&self->begin);
    self->codes[1] =
        mio_poll_reregister(self->loop->poll, &self->pairs[1].receiver.source,
                            B, MIO_READABLE, MIO_EDGE);
    return NULL;
}

static void *remove_source(void *arg)
{
    struct changing *self = arg;
    (void)pthread_barrier_wait(&self->begin);
    self->codes[2] =
        mio_poll_deregister(self->loop->poll, &self->pairs[2].receiver.source);
    return NULL;
}

/* All at once, while this thread waits: one source is registered, one gets
 * another token and interest, one is deregistered. */
static void change_at_once(struct loop *loop)
{
    struct pair pairs[3];
    struct changing changing = {.loop = loop, .pairs = pairs};
    void *(*const runs[3])(void *) = {add_source, change_source, remove_source};
    pthread_t threads[3];
    uint64_t seen = 0;
    assert_int_equal(pthread_barrier_init(&changing.begin, NULL, 3), 0);
    for (int i = 0; i < 3; i++)
        pair_open(&pairs[i], i < 2);
    loop_watch(loop, &pairs[1].receiver.source, C, MIO_PRIORITY);
    loop_watch(loop, &pairs[2].receiver.source, C, MIO_READABLE);
    for (int i = 0; i < 3; i++)
        threads[i] = thread_start(runs[i], &changing);
    while (seen != (UINT64_C(1) << A.value | UINT64_C(1) << B.value)) {
        struct mio_event event;
        (void)wait_some(loop->poll, loop->events);
        while (mio_events_next(loop->events, &event))
            seen |= UINT64_C(1) << event.token.value;
    }
    for (int i = 0; i < 3; i++) {
        thread_join(threads[i]);
        assert_ok(changing.codes[i]);
    }
    assert_int_equal(mio_pipe_sender_write(&pairs[2].sender, "x", 1), 1);
    loop_silence(loop);
    for (int i = 0; i < 3; i++)
        pair_close(&pairs[i]);
    assert_int_equal(pthread_barrier_destroy(&changing.begin), 0);
}

static void poll_registry_operations_are_thread_safe(void **state)
{
    for (int round = 0; round < 50; round++)
        change_at_once(*state);
}

static void poll_register_during_poll(void **state)
{
    struct loop *loop = *state;
    struct waiter waiter;
    struct pair pair;
    struct mio_event event;
    pair_open(&pair, true);
    waiter_start(&waiter, loop);
    loop_watch(loop, &pair.receiver.source, A, MIO_READABLE);
    assert_int_equal(waiter_join(&waiter), 1);
    assert_true(mio_events_next(loop->events, &event));
    assert_int_equal(event.token.value, A.value);
    assert_true(mio_event_is_readable(&event));
    pair_close(&pair);
}

static void poll_reregister_interest_token_usage(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct mio_source *source = &self->tcp.client.source;
    tcp_say(&self->tcp.server, "x");
    (void)tcp_await(&self->tcp, source, MIO_READABLE);
    loop_watch(loop, source, A, MIO_READABLE);
    assert_int_equal(loop_hear(loop, A).readiness, MIO_READY_READABLE);

    static const uint32_t interests[] = {MIO_WRITABLE, MIO_WRITABLE,
                                         MIO_READABLE, BOTH, MIO_READABLE};
    for (uint64_t i = 0; i < COUNT_OF(interests); i++) {
        mio_token token = mio_token_of(10 + i);
        assert_ok(mio_poll_reregister(loop->poll, source, token, interests[i],
                                      MIO_EDGE));
        assert_int_equal(loop_hear(loop, token).readiness, interests[i]);
        loop_silence(loop);
    }
}

static void poll_double_register_different_token(void **state)
{
    struct tcp_case *self = *state;
    struct mio_source *source = &self->tcp.client.source;
    loop_watch(&self->loop, source, A, MIO_WRITABLE);
    assert_code(MIO_EEXIST, mio_poll_register(self->loop.poll, source, B,
                                              MIO_READABLE, MIO_EDGE));
    struct mio_event event = loop_hear(&self->loop, A);
    assert_int_equal(event.readiness, MIO_READY_WRITABLE);
}

/* What the system was asked for before is taken back, and asked anew. */
static void poll_poll_ok_after_cancelling_pending_ops(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct mio_source *source = &self->tcp.listener.source;
    struct mio_tcp_stream client;
    loop_watch(loop, source, A, MIO_READABLE);
    loop_silence(loop);
    assert_ok(
        mio_poll_reregister(loop->poll, source, B, MIO_READABLE, MIO_EDGE));
    loop_silence(loop);
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    assert_true(loop_hear(loop, B).readiness & MIO_READY_READABLE);
    mio_tcp_stream_close(&client);
}

static void poll_reregister_without_register(void **state)
{
    struct tcp_case *self = *state;
    struct mio_source *source = &self->tcp.client.source;
    assert_code(MIO_ENOENT, mio_poll_reregister(self->loop.poll, source, A,
                                                MIO_WRITABLE, MIO_EDGE));
    assert_false(mio_source_is_registered(source));
    loop_silence(&self->loop);
}

static void poll_deregister_without_register(void **state)
{
    struct tcp_case *self = *state;
    struct mio_source *source = &self->tcp.client.source;
    assert_code(MIO_ENOENT, mio_poll_deregister(self->loop.poll, source));
    loop_watch(&self->loop, source, A, MIO_WRITABLE);
    assert_ok(mio_poll_deregister(self->loop.poll, source));
    assert_code(MIO_ENOENT, mio_poll_deregister(self->loop.poll, source));
    loop_silence(&self->loop);
}

/* What is given comes back as it was: any token, just the interest. */
static void poll_poll_registration(void **state)
{
    struct tcp_case *self = *state;
    struct loop *loop = &self->loop;
    struct mio_source *source = &self->tcp.client.source;
    static const uint64_t tokens[] = {0, 1, UINT32_MAX, INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        loop_watch(loop, source, mio_token_of(tokens[i]), MIO_WRITABLE);
        assert_true(mio_source_is_registered(source));
        struct mio_event event = loop_hear(loop, mio_token_of(tokens[i]));
        assert_int_equal(event.readiness, MIO_READY_WRITABLE);
        assert_ok(mio_poll_deregister(loop->poll, source));
        assert_false(mio_source_is_registered(source));
    }
}

static void assert_refused(struct loop *loop, struct mio_source *source,
                           int code)
{
    assert_code(code, mio_poll_register(loop->poll, source, A, MIO_READABLE,
                                        MIO_LEVEL));
    assert_false(mio_source_is_registered(source));
    assert_code(MIO_ENOENT, mio_poll_deregister(loop->poll, source));
}

/* What the system says is passed on, and nothing is left behind. */
static void poll_poll_erroneous_registration(void **state)
{
    struct loop *loop = *state;
    struct mio_source source;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    mio_source_init(&source, fd);
    assert_refused(loop, &source, MIO_EPERM);
    close(fd);
    assert_refused(loop, &source, MIO_EBADF);
    loop_silence(loop);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(poll_is_send_and_sync),
        CASE(poll_run_once_with_nothing),
        CASE(poll_add_then_drop),
        CASE(poll_zero_duration_polls_events),
        CASE(poll_poll_closes_fd),
        CASE_TCP(poll_readiness_is_reregistered_after_would_block),
        CASE_TCP(poll_drop_cancels_interest_and_shuts_down),
        CASE(poll_registry_behind_arc),
        CASE(poll_registry_operations_are_thread_safe),
        CASE(poll_register_during_poll),
        CASE_TCP(poll_reregister_interest_token_usage),
        CASE_TCP(poll_double_register_different_token),
        CASE_TCP(poll_poll_ok_after_cancelling_pending_ops),
        CASE_TCP(poll_reregister_without_register),
        CASE_TCP(poll_deregister_without_register),
        CASE_TCP(poll_poll_registration),
        CASE(poll_poll_erroneous_registration),
    };
    return cmocka_run_group_tests_name("poll", cases, NULL, NULL);
}
