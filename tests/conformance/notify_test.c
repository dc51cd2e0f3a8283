/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/notify_test.c - messages into a loop: refused or accepted,
 * and what wakes. */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "tests/conformance/loop_case.h"

#define OPTIONS(...) ((struct mio_event_loop_options){__VA_ARGS__})

/* How often somebody rang. */
static uint32_t writes_count;

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    (void)__atomic_fetch_add(&writes_count, 1, __ATOMIC_RELAXED);
    return __real_write(fd, bytes, size);
}

static uint32_t writes(void)
{
    return __atomic_load_n(&writes_count, __ATOMIC_RELAXED);
}

static pthread_t start(void *(*function)(void *arg), void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, function, arg), 0);
    return thread;
}

/* --- many senders --------------------------------------------------------- */

#define SENDERS_COUNT 8
#define SENDS_COUNT 1000

struct crowd {
    struct mio_event_loop *loop;
    uint64_t accepted[SENDERS_COUNT]; /* by the loop */
    uint64_t seen[SENDERS_COUNT];     /* the last of each sender */
    uint64_t seen_count;
    uint64_t released_count;
    uint64_t seen_max; /* then shut down */
};

struct sender {
    struct crowd *crowd;
    struct mio_notify_sender *sender; /* a reference of its own */
    uint64_t index;
    pthread_t thread;
};

/* A message is its sender and its number. */
static void *send_many(void *arg)
{
    struct sender *self = arg;
    int rc = MIO_OK;
    for (uint64_t i = 1; i <= SENDS_COUNT && rc != MIO_ECLOSED; i++) {
        uintptr_t message = (uintptr_t)(i * SENDERS_COUNT + self->index);
        while ((rc = mio_notify_sender_send(self->sender, (void *)message)) ==
               MIO_EFULL)
            (void)sched_yield();
        if (rc == MIO_OK)
            self->crowd->accepted[self->index]++;
    }
    mio_notify_sender_free(self->sender);
    return NULL;
}

static void count_message(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct crowd *crowd = ctx;
    uint64_t index = (uintptr_t)message % SENDERS_COUNT;
    uint64_t number = (uintptr_t)message / SENDERS_COUNT;
    assert_int_equal(number, crowd->seen[index] + 1);
    crowd->seen[index] = number;
    if (++crowd->seen_count == crowd->seen_max)
        mio_event_loop_shutdown(loop);
}

static void count_released(void *ctx, void *message)
{
    struct crowd *crowd = ctx;
    count_message(crowd, NULL, message);
    crowd->released_count++;
}

static void crowd_open(struct crowd *self, struct sender *senders)
{
    struct mio_event_loop_options options = {.notify_capacity = 16,
                                             .message_free = count_released,
                                             .message_ctx = self};
    *self = (struct crowd){.seen_max = UINT64_MAX};
    assert_ok(mio_event_loop_new(&self->loop, &options));
    for (uint64_t i = 0; i < SENDERS_COUNT; i++)
        senders[i] = (struct sender){
            .crowd = self,
            .sender = mio_event_loop_sender(self->loop),
            .index = i,
        };
}

static void crowd_start(struct sender *senders)
{
    for (int i = 0; i < SENDERS_COUNT; i++)
        senders[i].thread = start(send_many, &senders[i]);
}

static void crowd_join(struct sender *senders)
{
    for (int i = 0; i < SENDERS_COUNT; i++)
        pthread_join(senders[i].thread, NULL);
}

static void notify_mpmc_bounded_queue(void **state)
{
    (void)state;
    static const struct mio_handler handler = {.notify = count_message};
    struct crowd crowd;
    struct sender senders[SENDERS_COUNT];
    crowd_open(&crowd, senders);
    crowd.seen_max = SENDERS_COUNT * SENDS_COUNT;
    crowd_start(senders);
    assert_ok(mio_event_loop_run(crowd.loop, &handler, &crowd));
    crowd_join(senders);
    for (int i = 0; i < SENDERS_COUNT; i++)
        assert_int_equal(crowd.seen[i], SENDS_COUNT);
    mio_event_loop_free(crowd.loop);
    assert_int_equal(crowd.released_count, 0);
}

static void notify_drop_under_senders(void **state)
{
    (void)state;
    static const struct mio_handler handler = {.notify = count_message};
    for (int round = 0; round < 10; round++) {
        struct crowd crowd;
        struct sender senders[SENDERS_COUNT];
        crowd_open(&crowd, senders);
        crowd.seen_max = 100;
        crowd_start(senders);
        assert_ok(mio_event_loop_run(crowd.loop, &handler, &crowd));
        mio_event_loop_free(crowd.loop);
        crowd_join(senders);
        for (int i = 0; i < SENDERS_COUNT; i++)
            assert_int_equal(crowd.seen[i], crowd.accepted[i]);
    }
}

static void notify_channel(void **state)
{
    struct loop_case *c = *state;
    struct mio_notify_sender *copy = mio_notify_sender_clone(c->sender);
    loop_case_send(c, 1);
    mio_notify_sender_free(c->sender);
    c->sender = copy;
    loop_case_send(c, 2);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 2);
    assert_ptr_equal(c->message, (void *)2);
    assert_code(MIO_EINVAL, mio_notify_sender_send(copy, NULL));
}

/* --- refused -------------------------------------------------------------- */

static void notify_full(void **state)
{
    struct loop_case *c = *state;
    loop_case_reopen(c, OPTIONS(.notify_capacity = 4));
    for (uintptr_t i = 1; i <= 4; i++)
        loop_case_send(c, i);
    assert_code(MIO_EFULL, mio_notify_sender_send(c->sender, (void *)5));
    assert_int_equal(loop_case_turn(c, 0), 4);
    assert_ptr_equal(c->message, (void *)4); /* 5 is its sender's */
    loop_case_send(c, 5);
    assert_int_equal(loop_case_turn(c, 0), 1);
    assert_ptr_equal(c->message, (void *)5);
    assert_int_equal(c->released_count, 0);
}

static void notify_closed(void **state)
{
    struct loop_case *c = *state;
    mio_event_loop_free(c->loop);
    c->loop = NULL;
    assert_code(MIO_ECLOSED, mio_notify_sender_send(c->sender, c));
    assert_code(MIO_ECLOSED, mio_notify_sender_shutdown(c->sender));
    assert_int_equal(c->released_count, 0);
}

static void notify_capacity_is_a_power_of_two(void **state)
{
    struct loop_case *c = *state;
    const uint32_t asked[] = {1, 2, 3, 5, 64, 65};
    const uint32_t given[] = {2, 2, 4, 8, 64, 128};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        uint32_t count = 0;
        loop_case_reopen(c, OPTIONS(.notify_capacity = asked[i]));
        while (mio_notify_sender_send(c->sender, c) == MIO_OK)
            count++;
        assert_int_equal(count, given[i]);
    }
}

/* --- woken ---------------------------------------------------------------- */

/* A loop in its handler, as long as `lock` is held. */
struct nap {
    struct loop_case *c;
    pthread_mutex_t lock;
    uint32_t is_in_handler; /* atomic */
};

static void be_held_up(void *ctx, struct mio_event_loop *loop,
                       const struct mio_event *event)
{
    struct nap *nap = ctx;
    (void)event;
    __atomic_store_n(&nap->is_in_handler, 1, __ATOMIC_RELEASE);
    pthread_mutex_lock(&nap->lock);
    pthread_mutex_unlock(&nap->lock);
    mio_event_loop_shutdown(loop);
}

static void *run_nap(void *arg)
{
    static const struct mio_handler handler = {.ready = be_held_up};
    struct nap *nap = arg;
    assert_ok(mio_event_loop_run(nap->c->loop, &handler, nap));
    return NULL;
}

static void notify_wakes_only_who_sleeps(void **state)
{
    struct loop_case *c = *state;
    struct nap nap = {.c = c};
    assert_int_equal(pthread_mutex_init(&nap.lock, NULL), 0);
    pthread_mutex_lock(&nap.lock);
    loop_case_watch(c, A, MIO_WRITABLE, MIO_EDGE);
    pthread_t thread = start(run_nap, &nap);
    while (!__atomic_load_n(&nap.is_in_handler, __ATOMIC_ACQUIRE))
        (void)sched_yield();
    uint32_t before = writes();
    for (uintptr_t i = 1; i <= 10; i++)
        loop_case_send(c, i);
    uint32_t after = writes();
    pthread_mutex_unlock(&nap.lock);
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&nap.lock);
    assert_int_equal(after, before);
    assert_int_equal(c->released_count, 10); /* nobody wanted them */
}

static void *send_one(void *arg)
{
    assert_ok(mio_notify_sender_send(arg, arg));
    return NULL;
}

static void notify_wakes_once(void **state)
{
    struct loop_case *c = *state;
    for (int round = 0; round < 50; round++) {
        uint32_t before = writes();
        pthread_t thread = start(send_one, c->sender);
        c->message = NULL;
        while (c->message == NULL)
            loop_case_turn(c, MIO_FOREVER);
        pthread_join(thread, NULL);
        assert_true(writes() - before <= 1);
        c->calls_count = 0;
    }
}

static void *run_until_stopped(void *arg)
{
    struct loop_case *c = arg;
    assert_ok(mio_event_loop_run(c->loop, &loop_case_handler, c));
    return NULL;
}

static void stop_at_message(void *ctx, struct mio_event_loop *loop,
                            void *message)
{
    loop_case_notify(ctx, loop, message);
    mio_event_loop_shutdown(loop);
}

static void send_to_self(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct loop_case *c = ctx;
    if (message == c)
        mio_event_loop_shutdown(loop);
    else
        assert_ok(mio_notify_sender_send(c->sender, c));
    loop_case_note(c, 'n');
}

static void notify_notify(void **state)
{
    struct loop_case *c = *state;
    struct mio_handler handler = loop_case_handler;
    handler.notify = send_to_self;
    handler.tick = NULL;
    pthread_t thread = start(send_one, c->sender);
    assert_ok(mio_event_loop_run(c->loop, &handler, c));
    pthread_join(thread, NULL);
    assert_calls(c, "nn");
}

static void notify_to_self_comes_in_the_next_turn(void **state)
{
    struct loop_case *c = *state;
    struct mio_handler handler = loop_case_handler;
    handler.notify = send_to_self;
    loop_case_send(c, 1);
    assert_int_equal(mio_event_loop_turn(c->loop, MIO_FOREVER, &handler, c), 1);
    assert_int_equal(mio_event_loop_turn(c->loop, MIO_FOREVER, &handler, c), 1);
    assert_calls(c, "n.n.");
}

static void notify_notify_capacity(void **state)
{
    struct loop_case *c = *state;
    loop_case_reopen(c, OPTIONS(.notify_capacity = 1));
    for (int round = 0; round < 3; round++) {
        loop_case_send(c, 1);
        loop_case_send(c, 2);
        assert_code(MIO_EFULL, mio_notify_sender_send(c->sender, (void *)3));
        loop_case_turn(c, MIO_FOREVER);
        assert_calls(c, "nn.");
    }
}

static void notify_notify_drop(void **state)
{
    struct loop_case *c = *state;
    struct mio_handler handler = {.notify = stop_at_message};
    loop_case_reopen(c, OPTIONS(.notify_capacity = 4, .messages_per_tick = 1));
    for (uintptr_t i = 1; i <= 4; i++)
        loop_case_send(c, i);
    assert_ok(mio_event_loop_run(c->loop, &handler, c));
    assert_ptr_equal(c->message, (void *)1);
    assert_int_equal(c->released_count, 0);
    mio_event_loop_free(c->loop);
    c->loop = NULL;
    assert_int_equal(c->released_count, 3);
    assert_code(MIO_ECLOSED, mio_notify_sender_send(c->sender, (void *)5));
    assert_int_equal(c->released_count, 3);
}

/* --- the channel of Mio 0.6, a source of its own there -------------------- */

static void notify_poll_channel_edge(void **state)
{
    struct loop_case *c = *state;
    assert_int_equal(loop_case_turn(c, 0), 0);
    for (uintptr_t i = 1; i <= 2; i++) {
        loop_case_send(c, i);
        assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
        assert_ptr_equal(c->message, (void *)i);
        assert_int_equal(loop_case_turn(c, 0), 0);
    }
}

static void notify_poll_channel_oneshot(void **state)
{
    struct loop_case *c = *state;
    loop_case_reopen(c, OPTIONS(.messages_per_tick = 1));
    for (uintptr_t i = 1; i <= 3; i++)
        loop_case_send(c, i);
    for (uintptr_t i = 1; i <= 3; i++) {
        assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
        assert_ptr_equal(c->message, (void *)i);
    }
    assert_int_equal(loop_case_turn(c, 0), 0);
}

/* What one turn leaves, the next finds without being woken. */
static void notify_poll_channel_level(void **state)
{
    struct loop_case *c = *state;
    loop_case_reopen(c, OPTIONS(.messages_per_tick = 2));
    for (uintptr_t i = 1; i <= 5; i++)
        loop_case_send(c, i);
    uint32_t before = writes();
    for (int i = 0; i < 3; i++)
        loop_case_turn(c, MIO_FOREVER);
    assert_calls(c, "nn.nn.n.");
    assert_int_equal(writes(), before);
}

static void notify_poll_channel_writable(void **state)
{
    struct loop_case *c = *state;
    pthread_t thread = start(send_one, c->sender);
    while (c->message == NULL)
        loop_case_turn(c, MIO_FOREVER);
    pthread_join(thread, NULL);
    loop_case_turn(c, 0);
    assert_null(memchr(c->calls, 'r', c->calls_count));
}

static void notify_poll_channel_dropped_before_poll(void **state)
{
    struct loop_case *c = *state;
    loop_case_send(c, 1);
    loop_case_send(c, 2);
    mio_event_loop_free(c->loop);
    c->loop = NULL;
    assert_int_equal(c->released_count, 2);
    assert_code(MIO_ECLOSED, mio_notify_sender_send(c->sender, (void *)3));
}

static void notify_poll_channel_with_socket(void **state)
{
    struct loop_case *c = *state;
    char bytes[8];
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    loop_case_send(c, 1);
    loop_case_say(c);
    loop_case_turn(c, MIO_FOREVER);
    assert_int_equal(mio_unix_stream_read(&c->near, bytes, 8), 1);
    loop_case_say(c);
    loop_case_turn(c, MIO_FOREVER);
    loop_case_send(c, 2);
    loop_case_turn(c, MIO_FOREVER);
    assert_calls(c, "rn.r.n.");
}

static void notify_poll_channel_from_other_thread(void **state)
{
    struct loop_case *c = *state;
    pthread_t thread = start(run_until_stopped, c);
    while (!mio_event_loop_is_running(c->loop))
        (void)sched_yield();
    loop_case_send(c, 7);
    loop_case_send(c, 8);
    mio_event_loop_shutdown(c->loop);
    pthread_join(thread, NULL);
    loop_case_turn(c, 0); /* what came after the stop */
    assert_ptr_equal(c->message, (void *)8);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_LOOP(notify_channel),
        CASE_LOOP(notify_full),
        CASE_LOOP(notify_closed),
        CASE_LOOP(notify_capacity_is_a_power_of_two),
        CASE_LOOP(notify_wakes_only_who_sleeps),
        CASE_LOOP(notify_wakes_once),
        CASE_LOOP(notify_drop_under_senders),
        CASE_LOOP(notify_mpmc_bounded_queue),
        CASE_LOOP(notify_notify),
        CASE_LOOP(notify_to_self_comes_in_the_next_turn),
        CASE_LOOP(notify_notify_capacity),
        CASE_LOOP(notify_notify_drop),
        CASE_LOOP(notify_poll_channel_edge),
        CASE_LOOP(notify_poll_channel_oneshot),
        CASE_LOOP(notify_poll_channel_level),
        CASE_LOOP(notify_poll_channel_writable),
        CASE_LOOP(notify_poll_channel_dropped_before_poll),
        CASE_LOOP(notify_poll_channel_with_socket),
        CASE_LOOP(notify_poll_channel_from_other_thread),
    };
    return cmocka_run_group_tests_name("notify", cases, NULL, NULL);
}
