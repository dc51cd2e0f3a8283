/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life_memory_test.c - what monitors and links are made of is
 * free again when they are over, however they end. */
#include <string.h>

#include "runtime/link.h"
#include "runtime/monitor.h"
#include "tests/runtime/fixture.h"

#define ROUNDS 20000
/* So many slots of 64 bytes make 20 slabs. What is under way at once, and on
 * its way home, fits into these, of all sizes. */
#define SLABS_MAX 10

static const struct mio_message_type ping = {.name = "ping"};
static const uint32_t reactors_counts[] = {1, 2};

static int echo_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    (void)state;
    return mio_send(self, message->from, &ping, NULL, 0);
}

static const struct mio_actor_class echo_class = {
    .name = "echo",
    .receive = echo_receive,
};

static const struct mio_actor_class short_lived_class = {.name = "short-lived"};

struct churner {
    struct mio_monitor cancelled;
    struct mio_monitor answered;
    mio_actor_id echo;
    mio_actor_id dead;
    uint64_t round;
};

static int never_down(struct mio_actor *self, void *state,
                      struct mio_monitor *monitor, int reason)
{
    (void)self;
    (void)state;
    (void)monitor;
    (void)reason;
    CHECK(!"told of a monitor that was cancelled");
    return 0;
}

/* One monitor is cancelled, one is told; a link is made and undone. */
static void churn(struct mio_actor *self, struct churner *churner)
{
    CHECK(mio_monitor_start(&churner->cancelled, churner->echo) == 0);
    CHECK(mio_monitor_cancel(&churner->cancelled));
    CHECK(mio_link(self, churner->echo) == 0);
    CHECK(mio_unlink(self, churner->echo) == 0);
    CHECK(mio_monitor_start(&churner->answered, churner->dead) == 0);
}

static int churner_down(struct mio_actor *self, void *state,
                        struct mio_monitor *monitor, int reason)
{
    struct churner *churner = state;
    (void)monitor;
    CHECK(churner->round == 0 || reason == MIO_EDEAD);
    /* Its answer is behind all that we have caused there. */
    return mio_send(self, churner->echo, &ping, NULL, 0);
}

static int churner_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct churner *churner = state;
    (void)message;
    if (++churner->round == fixture_scaled(ROUNDS))
        fixture_stop(self);
    else
        churn(self, churner);
    return 0;
}

static int churner_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct churner *churner = state;
    uint32_t there = mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&churner->cancelled, self, never_down);
    mio_monitor_init(&churner->answered, self, churner_down);
    CHECK(mio_spawn_on(self, there, &echo_class, NULL, 0, &churner->echo) == 0);
    CHECK(mio_spawn_monitored(self, &churner->answered, there,
                              &short_lived_class, NULL, 0,
                              &churner->dead) == 0);
    return mio_stop(self, churner->dead);
}

static const struct mio_actor_class churner_class = {
    .name = "churner",
    .state_size = sizeof(struct churner),
    .init = churner_init,
    .receive = churner_receive,
};

static void memory_of_monitors_and_links_is_used_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(reactors_counts) / sizeof(uint32_t); i++) {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        assert_ok(mio_runtime_spawn(runtime, 0, &churner_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_in_range(fixture_counters(runtime).slabs, 1, SLABS_MAX);
        mio_runtime_free(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_of_monitors_and_links_is_used_again),
    };
    return cmocka_run_group_tests_name("runtime/life memory", tests, NULL,
                                       NULL);
}
