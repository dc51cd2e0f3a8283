/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/actor_test.c - the life of an actor, and its messages.
 *
 * Each test tells what happens in words, which are compared when the runtime
 * has ended: "i" init, "r<n>" received number n, "x(<reason>)" exit. */
#include "tests/runtime/fixture.h"

#include <stdlib.h>
#include <string.h>

static const struct mio_message_type number = {.name = "number"};

/* --- an actor that does what it is told ---------------------------------- */

enum command {
    DO_NOTHING,
    DO_FAIL,       /* return MIO_EPROTO */
    DO_EXIT,       /* mio_actor_exit(3) */
    DO_EXIT_TWICE, /* with 3, then with 4, then fail */
    DO_EXIT_OTHER, /* the actor in `target` */
    DO_SEND_FIRST, /* to oneself, then fail */
    DO_STOP        /* the runtime */
};

struct puppet {
    char name;
    struct mio_actor *me;
};

static struct mio_actor *target;

static int obey(struct mio_actor *self, enum command command)
{
    uint32_t nothing = DO_NOTHING;
    switch (command) {
    case DO_FAIL:
        return MIO_EPROTO;
    case DO_EXIT:
        mio_actor_exit(self, 3);
        break;
    case DO_EXIT_TWICE:
        mio_actor_exit(self, 3);
        mio_actor_exit(self, 4);
        return MIO_EPROTO;
    case DO_EXIT_OTHER:
        mio_actor_exit(target, 5);
        fixture_log("[asked]");
        break;
    case DO_SEND_FIRST:
        CHECK(mio_send(self, mio_actor_self(self), &number, &nothing,
                       sizeof(nothing)) == 0);
        return MIO_EPROTO;
    case DO_STOP:
        fixture_stop(self);
        break;
    case DO_NOTHING:
        break;
    }
    return 0;
}

static int puppet_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct puppet *puppet = state;
    CHECK(puppet->name == 0 && puppet->me == NULL); /* zeroed */
    CHECK(((uintptr_t)state & 15) == 0);
    CHECK(argument_size == 1 && ((uintptr_t)argument & 15) == 0);
    CHECK(mio_actor_state(self) == state);
    puppet->name = *(const char *)argument;
    puppet->me = self;
    if (puppet->name == 'T')
        target = self;
    fixture_log("%c:i ", puppet->name);
    return puppet->name == 'F' ? MIO_EINVAL : 0;
}

static int puppet_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct puppet *puppet = state;
    uint32_t command;
    CHECK(puppet->me == self);
    CHECK(message->type == &number && message->size == sizeof(command));
    memcpy(&command, mio_message_payload(message), sizeof(command));
    fixture_log("%c:r%u ", puppet->name, command);
    return obey(self, (enum command)command);
}

static void puppet_exit(struct mio_actor *self, void *state, int reason)
{
    struct puppet *puppet = state;
    CHECK(puppet->me == self);
    puppet->me = NULL;
    fixture_log("%c:x(%d) ", puppet->name, reason);
}

static const struct mio_actor_class puppet_class = {
    .name = "puppet",
    .state_size = sizeof(struct puppet),
    .init = puppet_init,
    .receive = puppet_receive,
    .exit = puppet_exit,
};

static struct mio_runtime *runtime;

static int setup(void **state)
{
    (void)state;
    fixture_log_clear();
    runtime = fixture_runtime(1);
    return 0;
}

static mio_actor_id puppet(char name)
{
    mio_actor_id id;
    assert_ok(mio_runtime_spawn(runtime, 0, &puppet_class, &name, 1, &id));
    return id;
}

static void order(mio_actor_id id, enum command command)
{
    uint32_t value = command;
    assert_ok(mio_runtime_send(runtime, id, &number, &value, sizeof(value)));
}

/* Run what was ordered; the last order of all is the stop. */
static struct mio_counters run(void)
{
    assert_ok(mio_runtime_run(runtime));
    struct mio_counters counters = fixture_counters(runtime);
    mio_runtime_free(runtime);
    return counters;
}

static void init_comes_before_messages_and_exit_once_after_them(void **state)
{
    (void)state;
    mio_actor_id a = puppet('A');
    order(a, DO_NOTHING);
    order(a, DO_STOP);
    struct mio_counters counters = run();
    assert_string_equal(fixture_log_text(), "A:i A:r0 A:r6 A:x(-5005) ");
    assert_int_equal(counters.spawned, 1);
    assert_int_equal(counters.exited, 1);
    assert_int_equal(counters.failed, 0);
}

static void messages_come_in_the_order_of_sending(void **state)
{
    (void)state;
    mio_actor_id a = puppet('A');
    mio_actor_id b = puppet('B');
    order(a, DO_NOTHING);
    order(b, DO_NOTHING);
    order(a, DO_EXIT);
    order(b, DO_STOP);
    (void)run();
    assert_string_equal(fixture_log_text(), "A:i B:i A:r0 B:r0 A:r2 A:x(3) "
                                            "B:r6 B:x(-5005) ");
}

static void a_failing_actor_ends_and_harms_nobody(void **state)
{
    (void)state;
    mio_actor_id a = puppet('A');
    mio_actor_id b = puppet('B');
    order(a, DO_FAIL);
    order(b, DO_NOTHING);
    order(a, DO_NOTHING); /* a dead letter */
    order(b, DO_STOP);
    struct mio_counters counters = run();
    assert_string_equal(fixture_log_text(), "A:i B:i A:r1 A:x(-71) B:r0 "
                                            "B:r6 B:x(-5005) ");
    assert_int_equal(counters.failed, 1);
    assert_int_equal(counters.dead_letters, 1);
}

static void a_failing_init_is_followed_by_exit_and_nothing_else(void **state)
{
    (void)state;
    mio_actor_id f = puppet('F');
    mio_actor_id a = puppet('A');
    order(f, DO_NOTHING);
    order(a, DO_STOP);
    struct mio_counters counters = run();
    assert_string_equal(fixture_log_text(),
                        "F:i F:x(-22) A:i A:r6 A:x(-5005) ");
    assert_int_equal(counters.dead_letters, 1);
}

static void the_first_reason_to_exit_stays(void **state)
{
    (void)state;
    mio_actor_id a = puppet('A');
    mio_actor_id b = puppet('B');
    order(a, DO_EXIT_TWICE);
    order(b, DO_STOP);
    struct mio_counters counters = run();
    assert_string_equal(fixture_log_text(),
                        "A:i B:i A:r3 A:x(3) B:r6 B:x(-5005) ");
    assert_int_equal(counters.failed, 0); /* 3 is in order */
}

static void an_actor_ends_another_before_the_next_entry(void **state)
{
    (void)state;
    mio_actor_id t = puppet('T');
    mio_actor_id a = puppet('A');
    order(a, DO_EXIT_OTHER);
    order(t, DO_NOTHING);
    order(a, DO_STOP);
    (void)run();
    assert_string_equal(fixture_log_text(), "T:i A:i A:r4 [asked]T:x(5) A:r6 "
                                            "A:x(-5005) ");
}

static void
what_an_actor_sends_itself_before_it_ends_is_a_dead_letter(void **state)
{
    (void)state;
    mio_actor_id a = puppet('A');
    mio_actor_id b = puppet('B');
    order(a, DO_SEND_FIRST);
    order(b, DO_STOP);
    struct mio_counters counters = run();
    assert_string_equal(fixture_log_text(),
                        "A:i B:i A:r5 A:x(-71) B:r6 B:x(-5005) ");
    assert_int_equal(counters.dead_letters, 1);
}

/* --- stale addresses ----------------------------------------------------- */

static uint64_t drops;

static void count_drop(void *payload, uint32_t size)
{
    CHECK(size == sizeof(uint32_t));
    CHECK(*(uint32_t *)payload == 77);
    fixture_add(&drops, 1);
}

static const struct mio_message_type owning = {.name = "owning",
                                               .drop = count_drop};

static void
a_stale_address_is_nobody_elses_and_its_letters_are_dropped(void **state)
{
    (void)state;
    uint32_t value = 77;
    drops = 0;
    mio_actor_id a = puppet('A');
    order(a, DO_EXIT);
    assert_ok(mio_runtime_start(runtime));
    /* Its slot is free once it has ended; B lives there then. */
    struct mio_counters counters;
    do
        counters = fixture_counters(runtime);
    while (counters.exited == 0);
    mio_actor_id b = puppet('B');
    assert_int_equal((uint32_t)(a.value >> 32), (uint32_t)(b.value >> 32));
    assert_false(mio_actor_id_equal(a, b));
    assert_ok(mio_runtime_send(runtime, a, &owning, &value, sizeof(value)));
    order(b, DO_STOP);
    assert_ok(mio_runtime_join(runtime));
    assert_int_equal(fixture_counters(runtime).dead_letters, 1);
    assert_int_equal(drops, 1);
    assert_string_equal(fixture_log_text(),
                        "A:i A:r2 A:x(3) B:i B:r6 B:x(-5005) ");
    mio_runtime_free(runtime);
}

static void an_address_that_never_was_gets_dead_letters_too(void **state)
{
    (void)state;
    uint32_t value = 77;
    drops = 0;
    mio_actor_id a = puppet('A');
    mio_actor_id far_slot = {UINT64_C(0x3fffff) << 32 | 1};
    mio_actor_id no_generation = {UINT64_C(5) << 32};
    assert_ok(
        mio_runtime_send(runtime, far_slot, &owning, &value, sizeof(value)));
    assert_ok(mio_runtime_send(runtime, no_generation, &owning, &value,
                               sizeof(value)));
    order(a, DO_STOP);
    assert_int_equal(run().dead_letters, 2);
    assert_int_equal(drops, 2);
}

static void what_is_left_in_a_runtime_that_never_ran_is_dropped(void **state)
{
    (void)state;
    uint32_t value = 77;
    drops = 0;
    mio_actor_id a = puppet('A');
    assert_ok(mio_runtime_send(runtime, a, &owning, &value, sizeof(value)));
    mio_runtime_free(runtime);
    assert_int_equal(drops, 1);
    assert_string_equal(fixture_log_text(), "");
}

static void what_cannot_be_sent_is_refused(void **state)
{
    (void)state;
    mio_actor_id nobody = {0};
    mio_actor_id elsewhere = {UINT64_C(1) << 54 | 1};
    mio_actor_id a = puppet('A');
    static char large[1];
    assert_int_equal(mio_runtime_send(runtime, nobody, &number, NULL, 0),
                     MIO_EINVAL);
    assert_int_equal(mio_runtime_send(runtime, elsewhere, &number, NULL, 0),
                     MIO_EINVAL);
    assert_int_equal(
        mio_runtime_send(runtime, a, &number, large, MIO_MESSAGE_SIZE_MAX + 1),
        MIO_EINVAL);
    assert_int_equal(mio_runtime_spawn(runtime, 1, &puppet_class, "X", 1, NULL),
                     MIO_EINVAL);
    order(a, DO_STOP);
    (void)run();
}

static void after_the_end_spawning_and_sending_are_refused(void **state)
{
    (void)state;
    mio_actor_id a = puppet('A');
    order(a, DO_STOP);
    assert_ok(mio_runtime_run(runtime));
    assert_int_equal(mio_runtime_spawn(runtime, 0, &puppet_class, "B", 1, NULL),
                     MIO_ECLOSED);
    uint32_t value = 77;
    drops = 0;
    assert_int_equal(
        mio_runtime_send(runtime, a, &owning, &value, sizeof(value)),
        MIO_ECLOSED);
    assert_int_equal(drops, 0); /* what it owns is still the caller's */
    mio_runtime_free(runtime);
}

/* --- who am I ------------------------------------------------------------ */

static int curious_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)state;
    CHECK(mio_actor_id_equal(mio_actor_self(self), message->to));
    CHECK(mio_actor_id_reactor(message->to) == 0);
    CHECK(mio_actor_reactor(self) == 0);
    CHECK(strcmp(mio_actor_class_of(self)->name, "curious") == 0);
    CHECK(mio_actor_runtime(self) == runtime);
    CHECK(mio_actor_now_ns(self) > 0);
    CHECK(mio_actor_local(self, 0) == NULL);
    mio_actor_set_local(self, 0, self);
    CHECK(mio_actor_local(self, 0) == self);
    CHECK(mio_actor_local(self, 1) == NULL);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class curious_class = {
    .name = "curious", .receive = curious_receive};

static void an_actor_knows_where_it_is(void **state)
{
    (void)state;
    mio_actor_id id;
    assert_ok(mio_runtime_spawn(runtime, 0, &curious_class, NULL, 0, &id));
    assert_int_equal(mio_runtime_local_key(runtime), 0);
    assert_int_equal(mio_runtime_local_key(runtime), 1);
    for (int i = 2; i < MIO_LOCALS_MAX; i++)
        assert_int_equal(mio_runtime_local_key(runtime), i);
    assert_int_equal(mio_runtime_local_key(runtime), MIO_EFULL);
    order(id, DO_NOTHING);
    (void)run();
}

/* --- an actor with nothing but a name ------------------------------------ */

static const struct mio_actor_class stone_class = {.name = "stone"};

static void
an_actor_without_callbacks_drops_its_messages_and_stops(void **state)
{
    (void)state;
    uint32_t value = 77;
    drops = 0;
    mio_actor_id stone;
    assert_ok(mio_runtime_spawn(runtime, 0, &stone_class, NULL, 0, &stone));
    assert_ok(mio_runtime_send(runtime, stone, &owning, &value, sizeof(value)));
    order(puppet('A'), DO_STOP);
    struct mio_counters counters = run();
    assert_int_equal(drops, 1);
    assert_int_equal(counters.dead_letters, 1);
    assert_int_equal(counters.exited, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(init_comes_before_messages_and_exit_once_after_them),
        TEST(messages_come_in_the_order_of_sending),
        TEST(a_failing_actor_ends_and_harms_nobody),
        TEST(a_failing_init_is_followed_by_exit_and_nothing_else),
        TEST(the_first_reason_to_exit_stays),
        TEST(an_actor_ends_another_before_the_next_entry),
        TEST(what_an_actor_sends_itself_before_it_ends_is_a_dead_letter),
        TEST(a_stale_address_is_nobody_elses_and_its_letters_are_dropped),
        TEST(an_address_that_never_was_gets_dead_letters_too),
        TEST(what_is_left_in_a_runtime_that_never_ran_is_dropped),
        TEST(what_cannot_be_sent_is_refused),
        TEST(after_the_end_spawning_and_sending_are_refused),
        TEST(an_actor_knows_where_it_is),
        TEST(an_actor_without_callbacks_drops_its_messages_and_stops),
    };
    return cmocka_run_group_tests_name("runtime/actor", tests, NULL, NULL);
}
