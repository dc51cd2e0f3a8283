/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/mailbox/inbox_storm_test.c - many threads and one word: nothing
 * lost, nothing twice, nothing out of order, no wake lost. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "runtime/mailbox/inbox.h"
#include "tests/runtime/pin.h"

#define PRODUCERS 4
#define CHAIN_MAX 7

#ifdef MIO_DEBUG
#define STORMS 2
#define MESSAGES_EACH 20000
#define PARKS 100000
#else
#define STORMS 4
#define MESSAGES_EACH 200000
#define PARKS 1000000
#endif

/* How long nothing may happen before we call a wake lost. */
#define PATIENCE_NS (20 * MIO_NS_PER_S)

struct storm {
    struct mio_inbox inbox;
    uint32_t bell; /* rings that were not answered yet */
    uint32_t producers_left;
    uint64_t rings;
};

struct producer {
    pthread_t thread;
    struct storm *storm;
    struct mio_message *messages;
    uint32_t index;
    uint64_t random;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void ring(struct storm *storm)
{
    __atomic_fetch_add(&storm->rings, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&storm->bell, 1, __ATOMIC_SEQ_CST);
}

/* Wait until it rings; false if it never does. */
static bool await_bell(struct storm *storm)
{
    int64_t begin_ns = 0;
    for (uint32_t tries = 1;
         __atomic_exchange_n(&storm->bell, 0, __ATOMIC_SEQ_CST) == 0; tries++) {
        if (tries % 64 == 0)
            sched_yield();
        if (tries % 65536 != 0)
            continue;
        int64_t now_ns = mio_clock_monotonic_ns();
        if (begin_ns == 0)
            begin_ns = now_ns;
        if (now_ns - begin_ns > PATIENCE_NS)
            return false;
    }
    return true;
}

static void push(struct storm *storm, struct mio_message *first,
                 struct mio_message *last)
{
    if (mio_inbox_push(&storm->inbox, first, last) == MIO_INBOX_PARKED)
        ring(storm);
}

/* --- many producers ------------------------------------------------------ */

/* A message says who sent it, its number, and where in its chain it is. */
static void stamp(struct mio_message *message, uint32_t producer,
                  uint32_t number, uint32_t place)
{
    message->from.value = producer;
    message->size = number;
    message->to.value = place;
}

static void *produce(void *argument)
{
    struct producer *self = argument;
    uint32_t number = 0;
    pin(self->index); /* the first beside the owner */
    while (number < MESSAGES_EACH) {
        uint32_t count = 1 + (uint32_t)(next_random(&self->random) % CHAIN_MAX);
        if (count > MESSAGES_EACH - number)
            count = MESSAGES_EACH - number;
        struct mio_message *first = &self->messages[number];
        for (uint32_t i = 0; i < count; i++, number++) {
            stamp(&first[i], self->index, number, i);
            first[i].next = &first[i + 1];
        }
        push(self->storm, first, &first[count - 1]);
        if (next_random(&self->random) % 64 == 0)
            sched_yield();
    }
    __atomic_fetch_sub(&self->storm->producers_left, 1, __ATOMIC_SEQ_CST);
    ring(self->storm); /* the consumer may sleep, with nothing to come */
    return NULL;
}

struct consumer {
    uint32_t next[PRODUCERS];
    uint64_t received;
    /* Of the message before: chains are never torn apart. */
    const struct mio_message *before;
};

static void check(struct consumer *self, const struct mio_message *message)
{
    uint32_t producer = (uint32_t)message->from.value;
    assert_in_range(producer, 0, PRODUCERS - 1);
    assert_int_equal(message->size, self->next[producer]);
    self->next[producer]++;
    if (message->to.value > 0) {
        assert_int_equal(self->before->from.value, producer);
        assert_int_equal(self->before->to.value, message->to.value - 1);
    }
    self->before = message;
    self->received++;
}

static void consume(struct consumer *self, struct mio_mail mail)
{
    uint64_t count = 0;
    for (struct mio_message *message = mail.first; message != NULL;
         message = message->next, count++)
        check(self, message);
    assert_int_equal(count, mail.messages_count);
}

static void start(struct producer *producers, struct storm *storm)
{
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){
            .storm = storm,
            .messages = calloc(MESSAGES_EACH, sizeof(struct mio_message)),
            .index = i,
            .random = 0x9e3779b97f4a7c15u + i,
        };
        assert_non_null(producers[i].messages);
    }
    for (uint32_t i = 0; i < PRODUCERS; i++)
        assert_int_equal(
            pthread_create(&producers[i].thread, NULL, produce, &producers[i]),
            0);
}

static void finish(struct producer *producers)
{
    for (uint32_t i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i].thread, NULL);
    for (uint32_t i = 0; i < PRODUCERS; i++)
        free(producers[i].messages);
}

static uint32_t producers_left(const struct storm *storm)
{
    return __atomic_load_n(&storm->producers_left, __ATOMIC_SEQ_CST);
}

/* `is_impatient`: the consumer is often woken by something else than a bell. */
static void storm_of_producers(bool is_impatient)
{
    struct storm storm = {.producers_left = PRODUCERS};
    struct producer producers[PRODUCERS];
    struct consumer consumer = {{0}, 0, NULL};
    uint64_t random = 42;
    mio_inbox_init(&storm.inbox);
    start(producers, &storm);
    while (consumer.received < (uint64_t)PRODUCERS * MESSAGES_EACH) {
        bool is_last = producers_left(&storm) == 0;
        consume(&consumer, mio_inbox_take(&storm.inbox));
        if (is_last)
            break; /* whatever is missing now is lost */
        if (!mio_inbox_park(&storm.inbox))
            continue;
        if (!is_impatient || next_random(&random) % 2 == 0) {
            if (producers_left(&storm) > 0)
                assert_true(await_bell(&storm));
        }
        consume(&consumer, mio_inbox_unpark(&storm.inbox));
    }
    assert_int_equal(consumer.received, PRODUCERS * MESSAGES_EACH);
    assert_null(mio_inbox_close(&storm.inbox).first);
    finish(producers);
}

static void many_producers_lose_double_and_disorder_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < STORMS; i++)
        storm_of_producers(false);
}

static void nor_if_something_else_wakes_the_owner(void **state)
{
    (void)state;
    for (int i = 0; i < STORMS; i++)
        storm_of_producers(true);
}

/* --- the parking word ---------------------------------------------------- */

struct hammer {
    struct storm storm;
    struct mio_message message;
    uint32_t is_out; /* the message is the consumer's */
    uint32_t is_over;
};

/* Up to 64 turns of nothing: now before, now after what the other does. */
static void dawdle(uint64_t *random)
{
    for (uint64_t spin = next_random(random) % 64; spin > 0; spin--)
        __asm__ volatile("");
}

/* Push the one message whenever it is back, as fast as can be. */
static void *hammer_push(void *argument)
{
    struct hammer *hammer = argument;
    uint64_t random = 7;
    pin(1);
    while (!__atomic_load_n(&hammer->is_over, __ATOMIC_SEQ_CST)) {
        if (__atomic_load_n(&hammer->is_out, __ATOMIC_SEQ_CST)) {
            sched_yield();
            continue;
        }
        dawdle(&random);
        __atomic_store_n(&hammer->is_out, 1, __ATOMIC_SEQ_CST);
        push(&hammer->storm, &hammer->message, &hammer->message);
    }
    return NULL;
}

/* Take it: into *taken, whether it was there. */
static bool hammer_take(struct hammer *hammer, struct mio_mail mail)
{
    if (mail.first == NULL)
        return false;
    assert_ptr_equal(mail.first, &hammer->message);
    assert_null(mail.first->next);
    __atomic_store_n(&hammer->is_out, 0, __ATOMIC_SEQ_CST);
    return true;
}

static void a_million_parks_are_answered_by_a_million_bells(void **state)
{
    (void)state;
    static struct hammer hammer;
    pthread_t thread;
    uint64_t parks = 0;
    uint64_t random = 11;
    mio_inbox_init(&hammer.storm.inbox);
    assert_int_equal(pthread_create(&thread, NULL, hammer_push, &hammer), 0);
    while (parks < PARKS) {
        /* The message is on its way back: park just when it may come again. */
        dawdle(&random);
        dawdle(&random);
        if (!mio_inbox_park(&hammer.storm.inbox)) {
            assert_true(
                hammer_take(&hammer, mio_inbox_take(&hammer.storm.inbox)));
            continue;
        }
        parks++;
        /* Who parks is rung, and finds mail. */
        assert_true(await_bell(&hammer.storm));
        assert_true(
            hammer_take(&hammer, mio_inbox_unpark(&hammer.storm.inbox)));
    }
    __atomic_store_n(&hammer.is_over, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    assert_int_equal(hammer.storm.rings, parks);
}

int main(void)
{
    pin_init();
    pin(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_producers_lose_double_and_disorder_nothing),
        cmocka_unit_test(nor_if_something_else_wakes_the_owner),
        cmocka_unit_test(a_million_parks_are_answered_by_a_million_bells),
    };
    return cmocka_run_group_tests_name("runtime/mailbox/inbox under storm",
                                       tests, NULL, NULL);
}
