/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/runtime_test.c - a runtime from its making to its end. */
#include "tests/runtime/fixture.h"

#include <string.h>

static const struct mio_message_type ping = {.name = "ping"};
static const struct mio_message_type hello = {.name = "hello"};

/* --- ping-pong ----------------------------------------------------------- */

struct player {
    mio_actor_id other;
    uint64_t hits;
};

#define ROUNDS 2000

static uint64_t hits_total;

static int player_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct player *player = state;
    if (argument_size == 0)
        return 0;
    memcpy(&player->other, argument, sizeof(player->other));
    return mio_send(self, player->other, &ping, NULL, 0);
}

static int player_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct player *player = state;
    CHECK(message->type == &ping);
    fixture_add(&hits_total, 1);
    if (++player->hits == ROUNDS) {
        mio_runtime_stop(mio_actor_runtime(self));
        return 0;
    }
    mio_actor_id from = message->from;
    mio_message_keep(message);
    return mio_send_message(self, from, message);
}

static const struct mio_actor_class player_class = {
    .name = "player",
    .state_size = sizeof(struct player),
    .init = player_init,
    .receive = player_receive,
};

static void ping_pong(uint32_t reactors, uint32_t a, uint32_t b)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    mio_actor_id first;
    hits_total = 0;
    assert_ok(mio_runtime_spawn(runtime, a, &player_class, NULL, 0, &first));
    assert_ok(mio_runtime_spawn(runtime, b, &player_class, &first,
                                sizeof(first), NULL));
    assert_ok(mio_runtime_run(runtime));
    struct mio_counters counters = fixture_counters(runtime);
    assert_true(hits_total >= 2 * ROUNDS - 1);
    assert_int_equal(counters.spawned, 2);
    assert_int_equal(counters.exited, 2);
    assert_int_equal(counters.failed, 0);
    mio_runtime_free(runtime);
}

static void a_message_goes_to_and_fro_on_one_reactor(void **state)
{
    (void)state;
    ping_pong(1, 0, 0);
}

static void a_message_goes_to_and_fro_between_reactors(void **state)
{
    (void)state;
    ping_pong(2, 0, 1);
    ping_pong(8, 7, 3);
}

/* --- from outside -------------------------------------------------------- */

static int listener_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    (void)state;
    CHECK(message->size == 5);
    CHECK(memcmp(mio_message_payload(message), "hello", 5) == 0);
    CHECK(mio_actor_id_is_none(message->from));
    mio_runtime_stop(mio_actor_runtime(self));
    return 0;
}

static const struct mio_actor_class listener_class = {
    .name = "listener",
    .receive = listener_receive,
};

static void an_actor_hears_what_was_said_before_the_start(void **state)
{
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(2);
    mio_actor_id id;
    assert_ok(mio_runtime_spawn(runtime, 1, &listener_class, NULL, 0, &id));
    assert_ok(mio_runtime_send(runtime, id, &hello, "hello", 5));
    fixture_run(runtime);
}

static void an_actor_hears_a_thread_that_is_no_reactor(void **state)
{
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(2);
    mio_actor_id id;
    assert_ok(mio_runtime_start(runtime));
    assert_ok(mio_runtime_spawn(runtime, 1, &listener_class, NULL, 0, &id));
    assert_ok(mio_runtime_send(runtime, id, &hello, "hello", 5));
    assert_ok(mio_runtime_join(runtime));
    mio_runtime_free(runtime);
}

/* --- the log -------------------------------------------------------------- */

static void count_line(void *ctx, enum mio_log_level level, const char *text)
{
    if (level == MIO_LOG_INFO && strstr(text, "poll: uses") != NULL)
        ++*(uint32_t *)ctx;
}

static void each_reactor_tells_the_log_what_its_poll_tells(void **state)
{
    (void)state;
    uint32_t lines_count = 0;
    const struct mio_log log = {&lines_count, count_line, MIO_LOG_INFO};
    const struct mio_runtime_options options = {
        .reactors_count = 3,
        .no_pinning = true,
        .log = &log,
    };
    struct mio_runtime *runtime;
    assert_ok(mio_runtime_new(&runtime, &options));
    mio_runtime_free(runtime);
    assert_int_equal(lines_count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_goes_to_and_fro_on_one_reactor),
        cmocka_unit_test(a_message_goes_to_and_fro_between_reactors),
        cmocka_unit_test(an_actor_hears_what_was_said_before_the_start),
        cmocka_unit_test(an_actor_hears_a_thread_that_is_no_reactor),
        cmocka_unit_test(each_reactor_tells_the_log_what_its_poll_tells),
    };
    return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
