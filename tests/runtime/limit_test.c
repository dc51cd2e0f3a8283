/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/limit_test.c - what waits for one actor is bounded: exactly for
 * who lives beside it, by what may be under way for the others. */
#include <sched.h>
#include <string.h>

#include "runtime/sys/pages.h"
#include "runtime/writable.h"
#include "tests/runtime/fixture.h"

static const struct mio_message_type work = {.name = "work"};
static const uint32_t reactors_counts[] = {1, 2, 3, 8};
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)
#define CREDIT 20

static struct {
    uint32_t limit;
    uint32_t reactors;
    mio_actor_id target;
    uint64_t each; /* messages of a sender */
    uint64_t senders;
    uint64_t accepted;
    uint64_t received;
    uint64_t most; /* accepted and not received, as the target saw it */
    uint64_t never;
    uint64_t told;
    bool refuses_pages;
} world;

void *__real_mio_pages_alloc(struct mio_pages *self, size_t size);
void *__wrap_mio_pages_alloc(struct mio_pages *self, size_t size);
void *__wrap_mio_pages_alloc(struct mio_pages *self, size_t size)
{
    return world.refuses_pages ? NULL : __real_mio_pages_alloc(self, size);
}

/* --- the target: as many may wait for it as its class says ------------------
 */

static int target_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    (void)message;
    uint64_t waiting = fixture_get(&world.accepted) - world.received;
    world.received++;
    if ((int64_t)waiting > (int64_t)world.most)
        world.most = waiting;
    if (world.received == world.each * world.senders)
        fixture_stop(self);
    return 0;
}

static struct mio_actor_class target_class = {.name = "target",
                                              .receive = target_receive};

/* --- senders ----------------------------------------------------------------
 */

struct sender {
    uint64_t sent;
    struct mio_writable writable;
};

static uint64_t send_all(struct mio_actor *self, struct sender *sender)
{
    uint64_t before = sender->sent;
    while (sender->sent < world.each) {
        int result = mio_send(self, world.target, &work, NULL, 0);
        if (result == MIO_EAGAIN)
            break;
        CHECK(result == 0);
        fixture_add(&world.accepted, 1);
        sender->sent++;
    }
    return sender->sent - before;
}

static int go_on(struct mio_actor *self, void *state,
                 struct mio_writable *writable)
{
    struct sender *sender = state;
    (void)send_all(self, sender);
    return sender->sent == world.each
               ? 0
               : mio_await_writable(self, world.target, writable, go_on);
}

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct sender *sender = state;
    (void)argument;
    (void)argument_size;
    return go_on(self, sender, &sender->writable);
}

static const struct mio_actor_class sender_class = {
    .name = "sender",
    .state_size = sizeof(struct sender),
    .init = sender_init,
};

static struct mio_runtime *new_world(uint32_t reactors, uint32_t limit)
{
    struct mio_runtime_options options = {
        .reactors_count = reactors, .credit = CREDIT, .name = "test"};
    struct mio_runtime *runtime = NULL;
    memset(&world, 0, sizeof(world));
    world.limit = limit;
    world.reactors = reactors;
    target_class.queue_max = limit;
    assert_ok(mio_runtime_new(&runtime, &options));
    assert_ok(mio_runtime_spawn(runtime, reactors - 1, &target_class, NULL, 0,
                                &world.target));
    return runtime;
}

static struct mio_counters run(struct mio_runtime *runtime)
{
    assert_ok(mio_runtime_run(runtime));
    struct mio_counters counters = fixture_counters(runtime);
    mio_runtime_free(runtime);
    return counters;
}

static void spawn(struct mio_runtime *runtime, uint32_t reactor,
                  const struct mio_actor_class *actor_class)
{
    assert_ok(mio_runtime_spawn(runtime, reactor, actor_class, NULL, 0, NULL));
}

/* --- beside it: exact --------------------------------------------------------
 */

static int neighbour_ready(struct mio_actor *self, void *state,
                           struct mio_writable *writable)
{
    struct sender *sender = state;
    world.told++;
    /* Half of it, or the rest. */
    uint64_t accepted = send_all(self, sender);
    CHECK(accepted >= world.limit - world.limit / 2 ||
          sender->sent == world.each);
    if (sender->sent < world.each)
        return mio_await_writable(self, world.target, writable,
                                  neighbour_ready);
    return 0;
}

static int neighbour_init(struct mio_actor *self, void *state,
                          const void *argument, size_t argument_size)
{
    struct sender *sender = state;
    (void)argument;
    (void)argument_size;
    CHECK(send_all(self, sender) == world.limit);
    CHECK(mio_await_writable(self, world.target, &sender->writable,
                             neighbour_ready) == 0);
    CHECK(mio_await_writable(self, world.target, &sender->writable,
                             neighbour_ready) == MIO_EEXIST);
    return 0;
}

static const struct mio_actor_class neighbour_class = {
    .name = "neighbour",
    .state_size = sizeof(struct sender),
    .init = neighbour_init,
};

static void who_lives_beside_it_is_refused_exactly_at_the_limit(void **state)
{
    static const uint32_t limits[] = {1, 2, 3, 8, 1000};
    (void)state;
    EACH_COUNT(i)
    for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
        struct mio_runtime *runtime = new_world(reactors_counts[i], limits[k]);
        world.senders = 1;
        world.each = limits[k] * UINT64_C(10) + 3;
        spawn(runtime, reactors_counts[i] - 1, &neighbour_class);
        struct mio_counters counters = run(runtime);
        assert_true(world.told >= 1);
        assert_in_range(world.most, 1, limits[k]);
        assert_int_equal(counters.dead_letters, 0);
    }
}

/* --- from everywhere ---------------------------------------------------------
 */

/* Beyond the limit come at most those that were under way as it was reached. */
static void beyond_the_limit_comes_no_more_than_was_under_way(void **state)
{
    static const uint32_t limits[] = {1, 7, 50};
    (void)state;
    EACH_COUNT(i)
    for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
        uint32_t reactors = reactors_counts[i];
        struct mio_runtime *runtime = new_world(reactors, limits[k]);
        world.senders = reactors * 3;
        world.each = fixture_scaled(3000) / reactors;
        for (uint32_t n = 0; n < world.senders; n++)
            spawn(runtime, n % reactors, &sender_class);
        struct mio_counters counters = run(runtime);
        assert_true(counters.refused > 0);
        assert_in_range(world.most, 1, limits[k] + (reactors - 1) * CREDIT);
        assert_int_equal(counters.dead_letters, 0);
    }
}

/* --- ends
 * --------------------------------------------------------------------- */

static int mortal_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return MIO_EPROTO;
}

static int late_ready(struct mio_actor *self, void *state,
                      struct mio_writable *writable)
{
    (void)state;
    (void)writable;
    world.told++;
    CHECK(mio_send(self, world.target, &work, NULL, 0) == 0);
    if (world.told == world.senders)
        fixture_stop(self);
    return 0;
}

static int never(struct mio_actor *self, void *state,
                 struct mio_writable *writable)
{
    (void)self;
    (void)state;
    (void)writable;
    fixture_add(&world.never, 1);
    return 0;
}

/* Waits, and ends or thinks better of it; the second too. */
static int mayfly_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct mio_writable *writable = state;
    (void)argument;
    (void)argument_size;
    CHECK(mio_send(self, world.target, &work, NULL, 0) == MIO_EAGAIN);
    CHECK(mio_await_writable(self, world.target, writable, never) == 0);
    CHECK(mio_writable_cancel(writable));
    CHECK(!mio_writable_cancel(writable));
    CHECK(mio_await_writable(self, world.target, writable, never) == 0);
    return MIO_EPROTO;
}

static const struct mio_actor_class mayfly_class = {
    .name = "mayfly",
    .state_size = sizeof(struct mio_writable),
    .init = mayfly_init,
};

static int late_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct sender *sender = state;
    (void)argument;
    (void)argument_size;
    (void)send_all(self, sender);
    return mio_await_writable(self, world.target, &sender->writable,
                              late_ready);
}

static const struct mio_actor_class late_class = {
    .name = "late",
    .state_size = sizeof(struct sender),
    .init = late_init,
};

/* The end of who is full is no reason to wait on. Who waited and ended itself
 * is not told. */
static void the_end_of_who_is_full_is_told_and_waits_for_nobody(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        uint32_t last = reactors_counts[i] - 1;
        struct mio_runtime *runtime = new_world(reactors_counts[i], 5);
        target_class.receive = mortal_receive;
        world.each = 100;
        world.senders = 2;
        spawn(runtime, last, &late_class);
        spawn(runtime, last, &mayfly_class);
        spawn(runtime, last, &late_class);
        struct mio_counters counters = run(runtime);
        target_class.receive = target_receive;
        assert_int_equal(world.told, 2);
        assert_int_equal(world.never, 0);
        assert_int_equal(counters.dead_letters, 4 + 2);
    }
}

/* --- a stop in the middle
 * ----------------------------------------------------- */

static int stopper_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    fixture_stop(self);
    return sender_init(self, state, argument, argument_size);
}

static const struct mio_actor_class stopper_class = {
    .name = "stopper",
    .state_size = sizeof(struct sender),
    .init = stopper_init,
};

static void a_stop_while_many_wait_is_clean(void **state)
{
    (void)state;
    EACH_COUNT(i)
    for (int repeat = 0; repeat < 10; repeat++) {
        uint32_t reactors = reactors_counts[i];
        struct mio_runtime *runtime = new_world(reactors, 2);
        world.each = 1000000;
        world.senders = reactors * 3;
        for (uint32_t k = 0; k < world.senders; k++)
            spawn(runtime, k % reactors,
                  k + 1 < world.senders ? &sender_class : &stopper_class);
        (void)run(runtime);
    }
}

/* --- no memory
 * ------------------------------------------------------------------ */

static int poor_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    static struct mio_message *kept[4096]; /* a slab has fewer */
    struct sender *sender = state;
    size_t count = 0;
    (void)argument;
    (void)argument_size;
    CHECK(send_all(self, sender) == world.limit);
    world.refuses_pages = true;
    while (mio_message_new(self, &kept[count], &work, 0) == 0)
        count++;
    CHECK(mio_await_writable(self, world.target, &sender->writable, never) ==
          MIO_ENOMEM);
    CHECK(!mio_writable_cancel(&sender->writable));
    /* What cannot be made does not count as waiting. */
    CHECK(mio_send(self, mio_actor_self(self), &work, NULL, 0) == MIO_ENOMEM);
    CHECK(mio_send(self, mio_actor_self(self), &work, NULL, 0) == MIO_ENOMEM);
    while (count > 0)
        mio_message_free(self, kept[--count]);
    world.refuses_pages = false;
    CHECK(mio_send(self, mio_actor_self(self), &work, NULL, 0) == 0);
    return mio_await_writable(self, world.target, &sender->writable, go_on);
}

static int nothing_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return 0;
}

static const struct mio_actor_class poor_class = {
    .name = "poor",
    .state_size = sizeof(struct sender),
    .queue_max = 1,
    .init = poor_init,
    .receive = nothing_receive,
};

static void without_memory_to_be_told_waiting_is_refused(void **state)
{
    (void)state;
    struct mio_runtime *runtime = new_world(1, 3);
    world.each = 10;
    world.senders = 1;
    spawn(runtime, 0, &poor_class);
    struct mio_counters counters = run(runtime);
    assert_int_equal(world.never, 0);
    assert_int_equal(counters.dead_letters, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_lives_beside_it_is_refused_exactly_at_the_limit),
        cmocka_unit_test(beyond_the_limit_comes_no_more_than_was_under_way),
        cmocka_unit_test(the_end_of_who_is_full_is_told_and_waits_for_nobody),
        cmocka_unit_test(a_stop_while_many_wait_is_clean),
        cmocka_unit_test(without_memory_to_be_told_waiting_is_refused),
    };
    return cmocka_run_group_tests_name("runtime/limit", tests, NULL, NULL);
}
