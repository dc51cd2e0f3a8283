/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/credit_test.c - what a reactor may send to another is bounded;
 * who is refused is told of room, and nothing is lost. */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "runtime/monitor.h"
#include "runtime/sys/pages.h"
#include "runtime/writable.h"
#include "tests/runtime/fixture.h"
#ifdef MIO_LITMUS
#include "runtime/mailbox/litmus.h"
#include "tests/runtime/litmus/yield.h"
#else
#include "runtime/runtime_private.h"
#endif

static const struct mio_message_type work = {.name = "work"};
static const struct mio_message_type all_here = {.name = "all here"};
static const struct mio_message_type step = {.name = "step"};
static const uint32_t reactors_counts[] = {2, 3, 8};
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static struct {
    uint32_t credit;
    uint64_t blocked; /* reactors that stand still */
    uint64_t go;      /* until this */
    mio_actor_id sink;
    mio_actor_id aside; /* a sink on another reactor than that one */
    mio_actor_id sender;
    uint64_t total;
    uint64_t told;
    uint64_t told_in_time;
    uint64_t never; /* callbacks that must not come */
    bool refuses_pages;
} world;

void *__real_mio_pages_alloc(struct mio_pages *self, size_t size);
void *__wrap_mio_pages_alloc(struct mio_pages *self, size_t size);
void *__wrap_mio_pages_alloc(struct mio_pages *self, size_t size)
{
    return world.refuses_pages ? NULL : __real_mio_pages_alloc(self, size);
}

static struct mio_runtime *new_world(uint32_t reactors, uint32_t credit)
{
    struct mio_runtime_options options = {
        .reactors_count = reactors, .credit = credit, .name = "test"};
    struct mio_runtime *runtime = NULL;
    memset(&world, 0, sizeof(world));
    world.credit = credit;
    assert_ok(mio_runtime_new(&runtime, &options));
    return runtime;
}

static void spawn(struct mio_runtime *runtime, uint32_t reactor,
                  const struct mio_actor_class *actor_class, mio_actor_id *out)
{
    assert_ok(mio_runtime_spawn(runtime, reactor, actor_class, NULL, 0, out));
}

/* --- a reactor that stands still while the sender fills the way there ------
 */

static int blocker_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)self;
    (void)state;
    (void)argument;
    (void)argument_size;
    fixture_add(&world.blocked, 1);
    while (fixture_get(&world.go) == 0)
        (void)sched_yield();
    return 0;
}

static const struct mio_actor_class blocker_class = {.name = "blocker",
                                                     .init = blocker_init};

static void until_blocked(void)
{
    while (fixture_get(&world.blocked) == 0)
        (void)sched_yield();
}

/* --- a sink: all that was accepted comes, once, in order -------------------
 */

struct sink {
    uint64_t heard;
};

static int sink_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct sink *sink = state;
    uint64_t number;
    memcpy(&number, mio_message_payload(message), sizeof(number));
    CHECK(number == ++sink->heard);
    /* Where credit is so scarce that notices use it up, say nothing. */
    if (number == world.credit && world.credit >= 8)
        CHECK(mio_send(self, message->from, &all_here, NULL, 0) == 0);
    if (number == world.total)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class sink_class = {
    .name = "sink", .state_size = sizeof(struct sink), .receive = sink_receive};

/* --- a sender that sends as long as it may ---------------------------------
 */

struct sender {
    uint64_t sent;
    struct mio_writable writable;
};

/* Returns how many were accepted. */
static uint64_t send_all(struct mio_actor *self, struct sender *sender)
{
    uint64_t before = sender->sent;
    while (sender->sent < world.total) {
        uint64_t number = sender->sent + 1;
        int result = mio_send(self, world.sink, &work, &number, sizeof(number));
        if (result == MIO_EAGAIN)
            break;
        CHECK(result == 0);
        sender->sent = number;
    }
    return sender->sent - before;
}

static int sender_ready(struct mio_actor *self, void *state,
                        struct mio_writable *writable)
{
    struct sender *sender = state;
    CHECK(writable == &sender->writable);
    CHECK(mio_actor_id_equal(mio_writable_target(writable), world.sink));
    world.told++;
    uint64_t accepted = send_all(self, sender);
    if (sender->sent < world.total) {
        if (world.told == 1)
            CHECK(accepted >= world.credit / 2);
        CHECK(mio_await_writable(self, world.sink, writable, sender_ready) ==
              0);
    }
    return 0;
}

/* The first ones, while the other reactor stands still. */
static void fill(struct mio_actor *self, struct sender *sender)
{
    until_blocked();
    CHECK(send_all(self, sender) == world.credit);
    CHECK(mio_await_writable(self, world.sink, &sender->writable,
                             sender_ready) == 0);
    CHECK(mio_await_writable(self, world.sink, &sender->writable,
                             sender_ready) == MIO_EEXIST);
}

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    fill(self, state);
    fixture_add(&world.go, 1);
    return 0;
}

/* The notice was sent as the messages were taken, so it is here before what
 * came of them; and we are told before what we say to ourselves now. */
static int sender_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    if (message->type == &all_here)
        return mio_send(self, mio_actor_self(self), &step, NULL, 0);
    CHECK(message->type == &step);
    world.told_in_time = world.told;
#ifdef MIO_LITMUS
    if (MIO_LITMUS_BREAKS(MIO_RULE_NOTICE))
        fixture_stop(self);
#endif
    return 0;
}

static const struct mio_actor_class sender_class = {
    .name = "sender",
    .state_size = sizeof(struct sender),
    .init = sender_init,
    .receive = sender_receive,
};

static struct mio_counters run_sender(uint32_t reactors, uint32_t credit,
                                      const struct mio_actor_class *actor_class)
{
    struct mio_runtime *runtime = new_world(reactors, credit);
    world.total = UINT64_C(20) * credit + 7;
    spawn(runtime, reactors - 1, &blocker_class, NULL);
    spawn(runtime, reactors - 1, &sink_class, &world.sink);
    spawn(runtime, reactors - 2, &sink_class, &world.aside);
    spawn(runtime, 0, actor_class, &world.sender);
    assert_ok(mio_runtime_run(runtime));
    struct mio_counters counters = fixture_counters(runtime);
    mio_runtime_free(runtime);
    return counters;
}

static void
as_much_as_the_credit_is_accepted_then_the_sender_is_told(void **state)
{
    static const uint32_t credits[] = {1, 2, 3, 8, 500, 5000};
    (void)state;
    EACH_COUNT(i)
    for (size_t k = 0; k < sizeof(credits) / sizeof(credits[0]); k++) {
        struct mio_counters counters =
            run_sender(reactors_counts[i], credits[k], &sender_class);
        assert_true(world.told >= 1);
        if (credits[k] >= 8)
            assert_true(world.told_in_time >= 1);
        assert_true(counters.refused >= world.told);
        assert_true(counters.credit_waits >= 1);
        assert_true(counters.credit_waits <= world.told);
        assert_int_equal(counters.dead_letters, 0);
    }
}

#ifdef MIO_LITMUS
static void a_notice_that_is_not_sent_is_noticed(void **state)
{
    (void)state;
    litmus_break(MIO_RULE_NOTICE);
    (void)run_sender(2, 8, &sender_class);
    litmus_break(0);
    assert_int_equal(world.told_in_time, 0);
}
#endif

/* --- who else may send ------------------------------------------------------
 */

static int nobody_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return 0;
}

static const struct mio_actor_class nobody_class = {.name = "nobody",
                                                    .receive = nobody_receive};

struct exempt {
    struct sender sender;
    struct mio_monitor monitor;
};

static int exempt_down(struct mio_actor *self, void *state,
                       struct mio_monitor *monitor, int reason)
{
    (void)self;
    (void)state;
    (void)monitor;
    CHECK(reason == MIO_ESTOPPED);
    return 0;
}

/* The way to one reactor is full. The others, and this one, and what the
 * runtime itself has to say there, know nothing of it. */
static int exempt_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct exempt *exempt = state;
    uint64_t one = 1;
    mio_actor_id other;
    (void)argument;
    (void)argument_size;
    fill(self, &exempt->sender);
    CHECK(mio_send(self, world.aside, &work, &one, sizeof(one)) == 0);
    CHECK(mio_send(self, mio_actor_self(self), &step, NULL, 0) == 0);
    mio_monitor_init(&exempt->monitor, self, exempt_down);
    CHECK(mio_monitor_start(&exempt->monitor, world.sink) == 0);
    for (int i = 0; i < 20; i++)
        CHECK(mio_spawn_on(self, mio_actor_id_reactor(world.sink),
                           &nobody_class, NULL, 0, &other) == 0);
    CHECK(mio_send(self, other, &work, &one, sizeof(one)) == MIO_EAGAIN);
    fixture_add(&world.go, 1);
    return 0;
}

static const struct mio_actor_class exempt_class = {
    .name = "exempt",
    .state_size = sizeof(struct exempt),
    .init = exempt_init,
    .receive = nobody_receive,
};

static void a_full_way_refuses_messages_there_and_nothing_else(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_counters counters =
            run_sender(reactors_counts[i], 60, &exempt_class);
        assert_int_equal(counters.spawned, 24);
        assert_true(counters.sent_system >= 2); /* monitor, notice */
    }
}

/* --- ends while somebody waits ----------------------------------------------
 */

static int never(struct mio_actor *self, void *state,
                 struct mio_writable *writable)
{
    (void)self;
    (void)state;
    (void)writable;
    fixture_add(&world.never, 1);
    return 0;
}

/* Waits, and ends: its memory is gone when the notice comes. */
static int mayfly_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct mio_writable *writable = state;
    (void)argument;
    (void)argument_size;
    CHECK(mio_send(self, world.sink, &work, NULL, 0) == MIO_EAGAIN);
    CHECK(mio_await_writable(self, world.sink, writable, never) == 0);
    return MIO_EPROTO;
}

static const struct mio_actor_class mayfly_class = {
    .name = "mayfly",
    .state_size = sizeof(struct mio_writable),
    .init = mayfly_init,
};

/* Waits, and thinks better of it; waits for a place that is free, too. */
static int fickle_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct mio_writable *writable = state;
    (void)argument;
    (void)argument_size;
    CHECK(!mio_writable_cancel(writable));
    CHECK(mio_await_writable(self, world.sink, writable, never) == 0);
    CHECK(mio_writable_cancel(writable));
    CHECK(!mio_writable_cancel(writable));
    CHECK(mio_await_writable(self, mio_actor_self(self), writable, never) == 0);
    CHECK(mio_writable_cancel(writable));
    mio_actor_id none = {0};
    CHECK(mio_await_writable(self, none, writable, never) == MIO_EINVAL);
    fixture_add(&world.go, 1);
    return 0;
}

static const struct mio_actor_class fickle_class = {
    .name = "fickle",
    .state_size = sizeof(struct mio_writable),
    .init = fickle_init,
};

static int crowd_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    CHECK(mio_spawn(self, &mayfly_class, NULL, 0, NULL) == 0);
    CHECK(mio_spawn(self, &mayfly_class, NULL, 0, NULL) == 0);
    CHECK(mio_spawn(self, &fickle_class, NULL, 0, NULL) == 0);
    fill(self, state);
    return 0;
}

static const struct mio_actor_class crowd_class = {
    .name = "crowd",
    .state_size = sizeof(struct sender),
    .init = crowd_init,
    .receive = nobody_receive,
};

static void who_ends_or_cancels_is_not_told_and_the_others_are(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_counters counters =
            run_sender(reactors_counts[i], 10, &crowd_class);
        assert_true(world.told >= 1);
        assert_int_equal(world.never, 0);
        assert_int_equal(counters.failed, 2);
    }
}

static int mortal_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return MIO_EPROTO;
}

static const struct mio_actor_class mortal_class = {.name = "mortal",
                                                    .receive = mortal_receive};

static int to_the_dead_ready(struct mio_actor *self, void *state,
                             struct mio_writable *writable)
{
    struct sender *sender = state;
    (void)send_all(self, sender);
    if (sender->sent == world.total)
        fixture_stop(self);
    else
        CHECK(mio_await_writable(self, world.sink, writable,
                                 to_the_dead_ready) == 0);
    return 0;
}

static int to_the_dead_init(struct mio_actor *self, void *state,
                            const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    return to_the_dead_ready(self, state, &((struct sender *)state)->writable);
}

static const struct mio_actor_class to_the_dead_class = {
    .name = "sender to the dead",
    .state_size = sizeof(struct sender),
    .init = to_the_dead_init,
};

static void dead_letters_give_their_credit_back(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = new_world(reactors_counts[i], 4);
        world.total = 1000;
        spawn(runtime, reactors_counts[i] - 1, &mortal_class, &world.sink);
        spawn(runtime, 0, &to_the_dead_class, NULL);
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(fixture_counters(runtime).dead_letters, 999);
        mio_runtime_free(runtime);
    }
}

/* --- a stop in the middle ---------------------------------------------------
 */

static int stopper_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    fill(self, state);
    fixture_stop(self);
    fixture_add(&world.go, 1);
    return 0;
}

static const struct mio_actor_class stopper_class = {
    .name = "stopper",
    .state_size = sizeof(struct sender),
    .init = stopper_init,
    .receive = nobody_receive,
};

/* Nor is memory lost: the notice is in a word, on its way, or home. */
static void a_stop_while_somebody_waits_is_clean(void **state)
{
    (void)state;
    EACH_COUNT(i)
    for (uint32_t credit = 1; credit <= 64; credit *= 4) {
        uint32_t reactors = reactors_counts[i];
        struct mio_runtime *runtime = new_world(reactors, credit);
        world.total = UINT64_C(100) * credit;
        spawn(runtime, reactors - 1, &blocker_class, NULL);
        spawn(runtime, reactors - 1, &sink_class, &world.sink);
        spawn(runtime, 0, &stopper_class, NULL);
        assert_ok(mio_runtime_run(runtime));
#ifndef MIO_LITMUS
        for (uint32_t k = 0; k < reactors; k++)
            assert_int_equal(mio_slabs_out_count(&runtime->reactors[k]->slabs),
                             0);
#endif
        mio_runtime_free(runtime);
    }
}

/* --- no memory for the notice -----------------------------------------------
 */

static int poor_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct sender *sender = state;
    static struct mio_message *kept[4096]; /* a slab has fewer */
    size_t count = 0;
    (void)argument;
    (void)argument_size;
    until_blocked();
    CHECK(send_all(self, sender) == world.credit);
    world.refuses_pages = true;
    while (mio_message_new(self, &kept[count], &work, 0) == 0)
        count++;
    CHECK(mio_await_writable(self, world.sink, &sender->writable,
                             sender_ready) == MIO_ENOMEM);
    CHECK(!mio_writable_cancel(&sender->writable));
    while (count > 0)
        mio_message_free(self, kept[--count]);
    world.refuses_pages = false;
    CHECK(mio_await_writable(self, world.sink, &sender->writable,
                             sender_ready) == 0);
    fixture_add(&world.go, 1);
    return 0;
}

static const struct mio_actor_class poor_class = {
    .name = "poor",
    .state_size = sizeof(struct sender),
    .init = poor_init,
    .receive = nobody_receive,
};

static void without_memory_for_the_notice_waiting_is_refused(void **state)
{
    (void)state;
    (void)run_sender(2, 8, &poor_class);
    assert_true(world.told >= 1);
}

/* --- everybody sends to everybody -------------------------------------------
 */

#define CITIZENS_MAX 24
#define LETTERS 1500

static struct {
    mio_actor_id citizens[CITIZENS_MAX];
    uint32_t count;
    uint32_t seed;
    uint64_t each;
    struct fixture_latch latch;
} city;

struct citizen {
    uint32_t index;
    uint32_t random;
    uint32_t to; /* of what is to be sent next */
    uint64_t sent;
    uint64_t received;
    uint64_t next[CITIZENS_MAX];  /* numbers to send */
    uint64_t heard[CITIZENS_MAX]; /* and that came */
    struct mio_writable writable;
};

struct letter {
    uint64_t number;
    uint32_t from;
};

static uint32_t next_random(struct citizen *citizen)
{
    citizen->random = citizen->random * 1664525 + 1013904223;
    return citizen->random >> 16;
}

/* In turn, so that all get the same number; by chance, how many at a time. */
static int citizen_send(struct mio_actor *self, struct citizen *citizen)
{
    for (uint32_t burst = next_random(citizen) % 30; burst > 0; burst--) {
        struct letter letter = {citizen->next[citizen->to] + 1, citizen->index};
        if (citizen->sent == city.each * city.count)
            return 0;
        int result = mio_send(self, city.citizens[citizen->to], &work, &letter,
                              sizeof(letter));
        if (result < 0)
            return result;
        citizen->sent++;
        citizen->next[citizen->to]++;
        citizen->to = (citizen->to + 1) % city.count;
    }
    return mio_send(self, mio_actor_self(self), &step, NULL, 0);
}

static int citizen_go_on(struct mio_actor *self, void *state,
                         struct mio_writable *writable)
{
    struct citizen *citizen = state;
    int result = citizen_send(self, citizen);
    if (result == MIO_EAGAIN)
        result = mio_await_writable(self, city.citizens[citizen->to], writable,
                                    citizen_go_on);
    return result;
}

static int citizen_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct citizen *citizen = state;
    struct letter letter;
    if (message->type == &step)
        return citizen_go_on(self, citizen, &citizen->writable);
    memcpy(&letter, mio_message_payload(message), sizeof(letter));
    CHECK(letter.number == ++citizen->heard[letter.from]);
    if (++citizen->received == city.each * city.count)
        fixture_latch_done(&city.latch, self);
    return 0;
}

static int citizen_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct citizen *citizen = state;
    memcpy(&citizen->index, argument, argument_size);
    citizen->random = city.seed * 7919 + citizen->index * 104729;
    citizen->to = next_random(citizen) % city.count;
    return citizen_go_on(self, citizen, &citizen->writable);
}

static struct mio_actor_class citizen_class = {
    .name = "citizen",
    .state_size = sizeof(struct citizen),
    .init = citizen_init,
    .receive = citizen_receive,
};

static uint64_t run_city(uint32_t reactors, uint32_t credit, uint32_t seed)
{
    struct mio_runtime *runtime = new_world(reactors, credit);
    memset(&city, 0, sizeof(city));
    city.count = reactors * 3;
    city.seed = seed;
    /* With a credit of one, nearly each of them costs two wakes. */
    city.each = fixture_scaled(LETTERS) / (city.count * city.count) + 1;
    city.latch.missing = city.count;
#ifdef MIO_LITMUS
    litmus_seed(seed);
#endif
    for (uint32_t i = 0; i < city.count; i++)
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &citizen_class, &i,
                                    sizeof(i), &city.citizens[i]));
    assert_ok(mio_runtime_run(runtime));
    struct mio_counters counters = fixture_counters(runtime);
    assert_int_equal(counters.dead_letters, 0);
    mio_runtime_free(runtime);
    return counters.refused;
}

/* The credit is empty in all directions at once. Whoever waits for room still
 * receives, so all goes on, and all that was accepted comes, in order. */
static void credit_that_is_empty_both_ways_stops_nobody(void **state)
{
    citizen_class.queue_max = 0;
    static const uint32_t credits[] = {1, 2, 7};
    uint64_t refused = 0;
    (void)state;
    EACH_COUNT(i)
    for (size_t k = 0; k < sizeof(credits) / sizeof(credits[0]); k++)
        for (uint32_t seed = 1; seed <= 3; seed++)
            refused += run_city(reactors_counts[i], credits[k], seed);
    assert_true(refused > 0);
}

/* The same for limits of actors, with more credit than they have room. */
static void limits_that_are_reached_everywhere_stop_nobody(void **state)
{
    static const uint32_t limits[] = {1, 2, 5};
    uint64_t refused = 0;
    (void)state;
    EACH_COUNT(i)
    for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
        citizen_class.queue_max = limits[k];
        for (uint32_t seed = 1; seed <= 3; seed++)
            refused += run_city(reactors_counts[i], 3 * seed, seed);
    }
    assert_true(refused > 0);
}

/* --- from outside ------------------------------------------------------------
 */

static void outside_is_bounded_too(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = new_world(reactors_counts[i], 16);
        uint64_t number = 0;
        int result;
        world.total = 1000;
        world.credit = 0; /* nobody to answer to */
        spawn(runtime, reactors_counts[i] - 1, &sink_class, &world.sink);
        for (;;) {
            uint64_t next = number + 1;
            result = mio_runtime_send(runtime, world.sink, &work, &next,
                                      sizeof(next));
            if (result < 0)
                break;
            number = next;
        }
        assert_int_equal(result, MIO_EAGAIN);
        assert_int_equal(number, 15); /* and the spawn */
        assert_ok(mio_runtime_start(runtime));
        while (number < world.total) {
            uint64_t next = number + 1;
            result = mio_runtime_send(runtime, world.sink, &work, &next,
                                      sizeof(next));
            if (result == 0)
                number = next;
            else
                assert_int_equal(result, MIO_EAGAIN);
            (void)sched_yield();
        }
        assert_ok(mio_runtime_join(runtime));
        mio_runtime_free(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            as_much_as_the_credit_is_accepted_then_the_sender_is_told),
        cmocka_unit_test(a_full_way_refuses_messages_there_and_nothing_else),
        cmocka_unit_test(who_ends_or_cancels_is_not_told_and_the_others_are),
        cmocka_unit_test(dead_letters_give_their_credit_back),
        cmocka_unit_test(a_stop_while_somebody_waits_is_clean),
        cmocka_unit_test(without_memory_for_the_notice_waiting_is_refused),
        cmocka_unit_test(credit_that_is_empty_both_ways_stops_nobody),
        cmocka_unit_test(limits_that_are_reached_everywhere_stop_nobody),
        cmocka_unit_test(outside_is_bounded_too),
#ifdef MIO_LITMUS
        cmocka_unit_test(a_notice_that_is_not_sent_is_noticed),
#endif
    };
    return cmocka_run_group_tests_name("runtime/credit", tests, NULL, NULL);
}
