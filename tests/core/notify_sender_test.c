/* SPDX-License-Identifier: MIT
 *
 * tests/core/notify_sender_test.c - messages into a loop, from its own handler
 * and from many threads. */
#include "core/notify_sender.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "core/event_loop.h"
#include "core/waker.h"
#include "tests/core/check.h"

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

struct fixture {
    struct mio_event_loop *loop;
    struct mio_notify_sender *sender;
    uint64_t received[64];
    size_t received_count;
    size_t received_max; /* then shut down */
    size_t freed_count;
    uint64_t freed_last;
};

static void *message_of(uint64_t value)
{
    return (void *)(uintptr_t)value;
}

static void free_message(void *ctx, void *message)
{
    struct fixture *f = ctx;
    f->freed_count++;
    f->freed_last = (uintptr_t)message;
}

static void open_loop(struct fixture *f, uint32_t capacity, uint32_t per_tick)
{
    struct mio_event_loop_options options = {
        .notify_capacity = capacity,
        .messages_per_tick = per_tick,
        .message_free = free_message,
        .message_ctx = f,
    };
    *f = (struct fixture){.loop = NULL};
    assert_ok(mio_event_loop_new(&f->loop, &options));
    f->sender = mio_event_loop_sender(f->loop);
}

static void close_loop(struct fixture *f)
{
    mio_event_loop_free(f->loop);
    f->loop = NULL;
    mio_notify_sender_free(f->sender);
}

static int tell(struct fixture *f, uint64_t value)
{
    return mio_notify_sender_send(f->sender, message_of(value));
}

static void receive(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct fixture *f = ctx;
    assert_true(f->received_count < COUNT_OF(f->received));
    f->received[f->received_count++] = (uintptr_t)message;
    if (f->received_count == f->received_max)
        mio_event_loop_shutdown(loop);
}

/* What wakes the loop is nobody's source. */
static void refuse_ready(void *ctx, struct mio_event_loop *loop,
                         const struct mio_event *event)
{
    (void)ctx;
    (void)loop;
    fail_msg("ready for token %llu", (unsigned long long)event->token.value);
}

static const struct mio_handler receiver = {.ready = refuse_ready,
                                            .notify = receive};

static void turn(struct fixture *f)
{
    assert_true(mio_event_loop_turn(f->loop, 0, &receiver, f) >= 0);
}

static void messages_come_in_the_order_of_their_sends(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 4, 0);
    /* Round and round the ring. */
    for (uint64_t i = 1; i <= 30; i += 3) {
        for (uint64_t j = 0; j < 3; j++)
            assert_ok(tell(&f, i + j));
        turn(&f);
    }
    assert_int_equal(f.received_count, 30);
    for (uint64_t i = 0; i < 30; i++)
        assert_int_equal(f.received[i], i + 1);
    close_loop(&f);
    assert_int_equal(f.freed_count, 0);
}

static void *send_late(void *arg)
{
    struct fixture *f = arg;
    while (!mio_event_loop_is_running(f->loop))
        (void)sched_yield();
    assert_ok(tell(f, 7));
    return NULL;
}

static void a_message_ends_the_wait_of_a_loop(void **state)
{
    (void)state;
    struct fixture f;
    pthread_t thread;
    open_loop(&f, 2, 0);
    for (f.received_max = 1; f.received_max <= COUNT_OF(f.received);
         f.received_max++) {
        assert_int_equal(pthread_create(&thread, NULL, send_late, &f), 0);
        assert_ok(mio_event_loop_run(f.loop, &receiver, &f));
        pthread_join(thread, NULL);
        assert_int_equal(f.received_count, f.received_max);
    }
    close_loop(&f);
}

static void send_to_self(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct fixture *f = ctx;
    receive(ctx, loop, message);
    if (f->received_count < f->received_max)
        assert_ok(tell(f, (uintptr_t)message + 1));
}

static void
a_handler_may_send_to_itself_and_it_comes_the_next_turn(void **state)
{
    (void)state;
    struct fixture f;
    static const struct mio_handler handler = {.notify = send_to_self};
    open_loop(&f, 0, 0);
    f.received_max = 3;
    assert_ok(tell(&f, 1));
    for (int i = 1; i <= 3; i++) {
        /* Does not wait: there always is one. */
        int rc = mio_event_loop_turn(f.loop, MIO_FOREVER, &handler, &f);
        assert_int_equal(rc, 1);
        assert_int_equal(f.received[i - 1], i);
    }
    close_loop(&f);
}

static void a_turn_handles_no_more_messages_than_it_may(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 8, 3);
    for (uint64_t i = 1; i <= 8; i++)
        assert_ok(tell(&f, i));
    const size_t expected[] = {3, 6, 8, 8};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        turn(&f);
        assert_int_equal(f.received_count, expected[i]);
    }
    close_loop(&f);
}

static void a_full_channel_refuses_and_takes_again_when_it_drained(void **state)
{
    (void)state;
    struct fixture f;
    /* What is asked for, and what it is rounded up to. */
    const uint32_t capacities[][2] = {{1, 2}, {2, 2}, {3, 4}, {8, 8}, {9, 16}};
    for (size_t i = 0; i < COUNT_OF(capacities); i++) {
        open_loop(&f, capacities[i][0], 1);
        uint32_t capacity = capacities[i][1];
        for (uint32_t j = 1; j <= capacity; j++)
            assert_ok(tell(&f, j));
        assert_code(MIO_EFULL, tell(&f, 99));
        turn(&f);
        assert_ok(tell(&f, capacity + 1));
        assert_code(MIO_EFULL, tell(&f, 99));
        while (f.received_count <= capacity)
            turn(&f);
        for (uint32_t j = 0; j <= capacity; j++)
            assert_int_equal(f.received[j], j + 1);
        close_loop(&f);
        assert_int_equal(f.freed_count, 0);
    }
}

static void while_a_message_is_handled_its_place_is_free(void **state)
{
    (void)state;
    struct fixture f;
    static const struct mio_handler handler = {.notify = send_to_self};
    open_loop(&f, 1, 0);
    f.received_max = 9;
    assert_ok(tell(&f, 1));
    assert_ok(tell(&f, 2));
    for (int i = 0; i < 4; i++) /* two are there, and send_to_self insists */
        assert_int_equal(mio_event_loop_turn(f.loop, 0, &handler, &f), 2);
    close_loop(&f);
}

static void what_is_queued_when_the_loop_dies_is_released(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0, 0);
    mio_event_loop_shutdown(f.loop);
    assert_ok(mio_event_loop_run(f.loop, &receiver, &f));
    assert_ok(tell(&f, 41)); /* too late for that run */
    assert_ok(tell(&f, 42));
    assert_int_equal(f.freed_count, 0);
    mio_event_loop_free(f.loop);
    assert_int_equal(f.freed_count, 2);
    assert_int_equal(f.freed_last, 42);
    assert_int_equal(f.received_count, 0);

    /* And what comes later stays with its sender. */
    assert_code(MIO_ECLOSED, tell(&f, 43));
    assert_int_equal(f.freed_count, 2);
    mio_notify_sender_free(f.sender);
}

static void without_a_callback_messages_are_released(void **state)
{
    (void)state;
    struct fixture f;
    static const struct mio_handler nobody;
    open_loop(&f, 0, 0);
    assert_ok(tell(&f, 5));
    assert_int_equal(mio_event_loop_turn(f.loop, 0, &nobody, NULL), 1);
    assert_int_equal(f.freed_count, 1);
    assert_int_equal(f.freed_last, 5);
    close_loop(&f);
    assert_int_equal(f.freed_count, 1);
}

static void null_is_no_message(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 0, 0);
    assert_code(MIO_EINVAL, mio_notify_sender_send(f.sender, NULL));
    assert_int_equal(mio_event_loop_turn(f.loop, 0, &receiver, &f), 0);
    close_loop(&f);
    mio_notify_sender_free(NULL);
}

/* --- the bell ------------------------------------------------------------- */

static void a_loop_that_is_awake_is_not_woken(void **state)
{
    (void)state;
    struct fixture f;
    open_loop(&f, 64, 0);
    uint32_t before = writes();
    for (uint64_t i = 1; i <= 60; i++)
        assert_ok(tell(&f, i));
    turn(&f);
    assert_int_equal(f.received_count, 60);
    assert_ok(tell(&f, 61));
    mio_event_loop_shutdown(f.loop);
    assert_int_equal(writes(), before);
    close_loop(&f);
}

/* A loop whose handler is held up by a lock. */
struct nap {
    struct fixture f;
    pthread_mutex_t lock;
    uint32_t is_up;
};

static void be_held_up(void *ctx, struct mio_event_loop *loop,
                       const struct mio_event *event)
{
    struct nap *nap = ctx;
    (void)loop;
    (void)event;
    __atomic_store_n(&nap->is_up, 1, __ATOMIC_RELAXED);
    pthread_mutex_lock(&nap->lock);
    pthread_mutex_unlock(&nap->lock);
}

static void receive_in_nap(void *ctx, struct mio_event_loop *loop,
                           void *message)
{
    struct nap *nap = ctx;
    receive(&nap->f, loop, message);
}

static void *run_nap(void *arg)
{
    static const struct mio_handler handler = {.ready = be_held_up,
                                               .notify = receive_in_nap};
    struct nap *nap = arg;
    assert_ok(mio_event_loop_run(nap->f.loop, &handler, nap));
    return NULL;
}

static void a_loop_that_is_in_its_handler_is_not_woken(void **state)
{
    (void)state;
    static struct nap nap;
    struct mio_waker *waker;
    pthread_t thread;
    open_loop(&nap.f, 64, 0);
    nap.f.received_max = 32;
    assert_int_equal(pthread_mutex_init(&nap.lock, NULL), 0);
    assert_ok(mio_waker_new(&waker, mio_event_loop_poll(nap.f.loop),
                            mio_token_of(1)));
    pthread_mutex_lock(&nap.lock);
    assert_ok(mio_waker_wake(waker));
    assert_int_equal(pthread_create(&thread, NULL, run_nap, &nap), 0);
    while (!__atomic_load_n(&nap.is_up, __ATOMIC_RELAXED))
        (void)sched_yield();
    uint32_t before = writes();
    for (uint64_t i = 1; i <= 32; i++)
        assert_ok(tell(&nap.f, i));
    assert_int_equal(writes(), before);
    pthread_mutex_unlock(&nap.lock);
    pthread_join(thread, NULL);
    assert_int_equal(nap.f.received_count, 32);
    mio_waker_free(waker);
    close_loop(&nap.f);
    pthread_mutex_destroy(&nap.lock);
}

/* --- many threads --------------------------------------------------------- */

#define PRODUCERS_COUNT 8
#define PER_PRODUCER 1000

struct crowd {
    struct mio_event_loop *loop;
    struct mio_notify_sender *sender;
    uint64_t next_of[PRODUCERS_COUNT]; /* each one's arrive in order */
    uint64_t received_count;
    uint64_t received_max;
    uint64_t freed_count;
    uint64_t accepted_count; /* atomic */
};

struct producer {
    struct crowd *crowd;
    struct mio_notify_sender *sender;
    uint64_t number;
    pthread_t thread;
};

static void *produce(void *arg)
{
    struct producer *producer = arg;
    uint64_t i = 0;
    while (i < PER_PRODUCER) {
        void *message = message_of(producer->number << 32 | (i + 1));
        int rc = mio_notify_sender_send(producer->sender, message);
        if (rc == MIO_OK) {
            i++;
            continue;
        }
        if (rc == MIO_ECLOSED)
            break;
        assert_code(MIO_EFULL, rc);
        (void)sched_yield();
    }
    (void)__atomic_fetch_add(&producer->crowd->accepted_count, i,
                             __ATOMIC_RELAXED);
    mio_notify_sender_free(producer->sender);
    return NULL;
}

static void count_in_order(void *ctx, struct mio_event_loop *loop,
                           void *message)
{
    struct crowd *crowd = ctx;
    uint64_t value = (uintptr_t)message;
    assert_int_equal((uint32_t)value, ++crowd->next_of[value >> 32]);
    if (++crowd->received_count == crowd->received_max)
        mio_event_loop_shutdown(loop);
}

static void count_freed(void *ctx, void *message)
{
    (void)message;
    ((struct crowd *)ctx)->freed_count++;
}

static void start_producers(struct crowd *crowd, struct producer *producers,
                            uint32_t capacity)
{
    struct mio_event_loop_options options = {
        .notify_capacity = capacity,
        .message_free = count_freed,
        .message_ctx = crowd,
    };
    assert_ok(mio_event_loop_new(&crowd->loop, &options));
    crowd->sender = mio_event_loop_sender(crowd->loop);
    for (uint64_t i = 0; i < PRODUCERS_COUNT; i++) {
        producers[i] = (struct producer){
            .crowd = crowd,
            .sender = mio_notify_sender_clone(crowd->sender),
            .number = i,
        };
        assert_int_equal(
            pthread_create(&producers[i].thread, NULL, produce, &producers[i]),
            0);
    }
}

static void join_producers(struct producer *producers)
{
    for (size_t i = 0; i < PRODUCERS_COUNT; i++)
        pthread_join(producers[i].thread, NULL);
}

static void eight_producers_lose_nothing_and_keep_their_order(void **state)
{
    (void)state;
    static const struct mio_handler handler = {.notify = count_in_order};
    const uint32_t capacities[] = {1, 64, 16384};
    for (size_t i = 0; i < COUNT_OF(capacities); i++) {
        struct crowd crowd = {.received_max = PRODUCERS_COUNT * PER_PRODUCER};
        struct producer producers[PRODUCERS_COUNT];
        start_producers(&crowd, producers, capacities[i]);
        assert_ok(mio_event_loop_run(crowd.loop, &handler, &crowd));
        join_producers(producers);
        assert_int_equal(crowd.received_count, crowd.received_max);
        mio_event_loop_free(crowd.loop);
        mio_notify_sender_free(crowd.sender);
        assert_int_equal(crowd.freed_count, 0);
    }
}

struct letter {
    uint64_t number; /* plain: the send itself must publish it */
};

#define LETTERS_COUNT 2000

static void *write_letters(void *arg)
{
    static struct letter letters[LETTERS_COUNT];
    struct mio_notify_sender *sender = arg;
    for (uint64_t i = 0; i < LETTERS_COUNT; i++) {
        letters[i].number = i;
        while (mio_notify_sender_send(sender, &letters[i]) == MIO_EFULL)
            (void)sched_yield();
    }
    return NULL;
}

static void read_letter(void *ctx, struct mio_event_loop *loop, void *message)
{
    (void)loop;
    uint64_t *next = ctx;
    assert_int_equal(((struct letter *)message)->number, (*next)++);
}

/* The loop never sleeps, so no wake stands in for what a send publishes. */
static void what_was_written_before_a_send_is_seen(void **state)
{
    (void)state;
    static const struct mio_handler handler = {.notify = read_letter};
    struct fixture f;
    pthread_t thread;
    uint64_t next = 0;
    open_loop(&f, 64, 0);
    assert_int_equal(pthread_create(&thread, NULL, write_letters, f.sender), 0);
    while (next < LETTERS_COUNT) {
        assert_true(mio_event_loop_turn(f.loop, 0, &handler, &next) >= 0);
        (void)sched_yield();
    }
    pthread_join(thread, NULL);
    close_loop(&f);
}

static void a_loop_that_dies_under_its_senders_loses_nothing(void **state)
{
    (void)state;
    static const struct mio_handler handler = {.notify = count_in_order};
    for (uint64_t round = 0; round < 50; round++) {
        struct crowd crowd = {.received_max = 1 + round * 20};
        struct producer producers[PRODUCERS_COUNT];
        start_producers(&crowd, producers, 16);
        assert_ok(mio_event_loop_run(crowd.loop, &handler, &crowd));
        mio_event_loop_free(crowd.loop);
        mio_notify_sender_free(crowd.sender);
        uint64_t taken = crowd.received_count + crowd.freed_count;
        join_producers(producers);
        assert_int_equal(taken, crowd.accepted_count);
    }
}

/* Signals that hold the senders up wherever they are, now and then between the
 * moment when a message is accepted and that when it is in its cell. */
struct disturber {
    struct producer *producers;
    uint32_t is_over;
};

static void hold_up(int number)
{
    struct timespec time = {.tv_nsec = 100000};
    (void)number;
    (void)nanosleep(&time, NULL);
}

static void *disturb(void *arg)
{
    struct disturber *disturber = arg;
    while (!__atomic_load_n(&disturber->is_over, __ATOMIC_RELAXED))
        for (size_t i = 0; i < PRODUCERS_COUNT; i++)
            (void)pthread_kill(disturber->producers[i].thread, SIGUSR1);
    return NULL;
}

static void what_is_being_sent_when_the_loop_dies_is_waited_for(void **state)
{
    (void)state;
    static const struct mio_handler handler = {.notify = count_in_order};
    struct sigaction action = {.sa_handler = hold_up}, before;
    sigaction(SIGUSR1, &action, &before);
    for (uint64_t round = 0; round < 60; round++) {
        struct crowd crowd = {.received_max = 1 + round};
        struct producer producers[PRODUCERS_COUNT];
        struct disturber disturber = {.producers = producers};
        pthread_t thread;
        start_producers(&crowd, producers, PRODUCERS_COUNT * PER_PRODUCER);
        assert_int_equal(pthread_create(&thread, NULL, disturb, &disturber), 0);
        assert_ok(mio_event_loop_run(crowd.loop, &handler, &crowd));
        mio_event_loop_free(crowd.loop);
        mio_notify_sender_free(crowd.sender);
        uint64_t taken = crowd.received_count + crowd.freed_count;
        __atomic_store_n(&disturber.is_over, 1, __ATOMIC_RELAXED);
        pthread_join(thread, NULL);
        join_producers(producers);
        assert_int_equal(taken, crowd.accepted_count);
    }
    sigaction(SIGUSR1, &before, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_in_the_order_of_their_sends),
        cmocka_unit_test(a_message_ends_the_wait_of_a_loop),
        cmocka_unit_test(
            a_handler_may_send_to_itself_and_it_comes_the_next_turn),
        cmocka_unit_test(a_turn_handles_no_more_messages_than_it_may),
        cmocka_unit_test(
            a_full_channel_refuses_and_takes_again_when_it_drained),
        cmocka_unit_test(while_a_message_is_handled_its_place_is_free),
        cmocka_unit_test(what_is_queued_when_the_loop_dies_is_released),
        cmocka_unit_test(without_a_callback_messages_are_released),
        cmocka_unit_test(null_is_no_message),
        cmocka_unit_test(a_loop_that_is_awake_is_not_woken),
        cmocka_unit_test(a_loop_that_is_in_its_handler_is_not_woken),
        cmocka_unit_test(eight_producers_lose_nothing_and_keep_their_order),
        cmocka_unit_test(what_was_written_before_a_send_is_seen),
        cmocka_unit_test(a_loop_that_dies_under_its_senders_loses_nothing),
        cmocka_unit_test(what_is_being_sent_when_the_loop_dies_is_waited_for),
    };
    return cmocka_run_group_tests_name("notify_sender", tests, NULL, NULL);
}
