/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/group_test.c - each member gets each broadcast once, in order,
 * and reads the same bytes. */
#include "tests/runtime/group_case.h"

/* --- codes --------------------------------------------------------------- */

static int clerk_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    int *count = state;
    const struct mio_slice *slice = mio_broadcast_slice(message);
    CHECK(message->type == &shout);
    CHECK(mio_actor_id_equal(message->from, mio_actor_self(self)));
    CHECK(mio_actor_id_equal(message->to, mio_actor_self(self)));
    CHECK(slice->size == 5 && memcmp(slice->bytes, "hello", 5) == 0);
    CHECK(++*count == 1);
    fixture_stop(self);
    return 0;
}

static void check_group_codes(struct mio_actor *self, const char *name,
                              int code)
{
    CHECK(mio_group_join(self, name) == code);
    CHECK(mio_group_leave(self, name) == code);
    CHECK(mio_broadcast(self, name, &shout, "x", 1) == code);
}

static int clerk_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    static const char name[] =
        "1234567890123456789012345678901234567890123456789012345678901234";
    (void)state;
    (void)argument;
    (void)argument_size;
    check_group_codes(self, NULL, MIO_EINVAL);
    check_group_codes(self, "", MIO_EINVAL);
    check_group_codes(self, name, MIO_ENAMETOOLONG);
    CHECK(mio_broadcast(self, name + 1, &shout, "x", SIZE_MAX) == MIO_EINVAL);
    CHECK(mio_group_leave(self, name + 1) == MIO_ENOENT);
    CHECK(fixture_get(&dropped) == 0);
    CHECK(mio_broadcast(self, name + 1, &shout, "hello", 5) == 0);
    CHECK(fixture_get(&dropped) == 1);
    CHECK(mio_group_join(self, name + 1) == 0);
    CHECK(mio_group_join(self, name + 1) == MIO_EEXIST);
    CHECK(mio_group_join(self, name + 2) == 0);
    CHECK(mio_group_leave(self, name + 1) == 0);
    CHECK(mio_group_leave(self, name + 1) == MIO_ENOENT);
    CHECK(mio_broadcast(self, name + 1, &note, NULL, 0) == 0);
    CHECK(mio_broadcast(self, name + 2, &shout, "hello", 5) == 1);
    return 0;
}

static const struct mio_actor_class clerk_class = {
    .name = "clerk",
    .state_size = sizeof(int),
    .init = clerk_init,
    .receive = clerk_receive,
};

static void mistakes_have_codes(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &clerk_class);
}

/* --- each once, in order, the same bytes --------------------------------- */

#define MEMBERS_EACH 37 /* of each reactor: more than fit into one go */
#define ROUNDS 200

static const void *bytes_of[ROUNDS];
static uint64_t got; /* by all members together */
static struct fixture_latch members_left;

struct member {
    uint32_t next; /* number */
    struct mio_slice *kept;
};

static void check_bytes(const struct mio_slice *slice, uint32_t round)
{
    const void *nobody = NULL;
    uint32_t found;
    CHECK(slice->size == sizeof(found));
    memcpy(&found, slice->bytes, sizeof(found));
    CHECK(found == round);
    if (!__atomic_compare_exchange_n(&bytes_of[round], &nobody,
                                     (const void *)slice->bytes, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        CHECK(nobody == slice->bytes);
}

/* Broadcasts and plain messages by turns, numbered together. */
static int member_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct member *member = state;
    if (message->type == &note) {
        uint32_t number;
        memcpy(&number, mio_message_payload(message), sizeof(number));
        CHECK(number == member->next);
        if (++member->next == 2 * ROUNDS)
            fixture_latch_done(&members_left, self);
        return 0;
    }
    struct mio_slice *slice = mio_broadcast_slice(message);
    CHECK(message->type == &shout);
    CHECK(member->next % 2 == 0);
    check_bytes(slice, member->next / 2);
    member->next++;
    fixture_add(&got, 1);
    if (member->kept != NULL)
        mio_slice_unref(member->kept);
    member->kept = mio_slice_ref(slice);
    return 0;
}

static int member_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    mio_actor_id boss;
    (void)state;
    CHECK(argument_size == sizeof(boss));
    memcpy(&boss, argument, sizeof(boss));
    CHECK(mio_group_join(self, "members") == 0);
    return mio_send(self, boss, &note, NULL, 0);
}

static void member_exit(struct mio_actor *self, void *state, int reason)
{
    struct member *member = state;
    (void)self;
    (void)reason;
    CHECK(member->next == 2 * ROUNDS);
    mio_slice_unref(member->kept);
}

static const struct mio_actor_class member_class = {
    .name = "member",
    .state_size = sizeof(struct member),
    .init = member_init,
    .receive = member_receive,
    .exit = member_exit,
};

struct boss {
    mio_actor_id members[8 * MEMBERS_EACH];
    uint32_t members_count;
    uint32_t joined;
    uint32_t round;
    struct mio_actor_timer timer;
};

static int boss_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct boss *boss = state;
    mio_actor_id here = mio_actor_self(self);
    (void)argument;
    (void)argument_size;
    boss->members_count = reactors_of(self) * MEMBERS_EACH;
    for (uint32_t i = 0; i < boss->members_count; i++)
        CHECK(mio_spawn_on(self, i % reactors_of(self), &member_class, &here,
                           sizeof(here), &boss->members[i]) == 0);
    return 0;
}

static void boss_round(struct mio_actor *self, struct boss *boss)
{
    uint32_t number = 2 * boss->round + 1;
    CHECK(mio_broadcast(self, "members", &shout, &boss->round,
                        sizeof(boss->round)) == (int)reactors_of(self));
    for (uint32_t i = 0; i < boss->members_count; i++)
        CHECK(mio_send(self, boss->members[i], &note, &number,
                       sizeof(number)) == 0);
    boss->round++;
}

/* All have joined, and that has come before: so the first reaches all. */
static int boss_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct boss *boss = state;
    (void)message;
    if (++boss->joined < boss->members_count)
        return 0;
    while (boss->round < ROUNDS)
        boss_round(self, boss);
    return 0;
}

static const struct mio_actor_class boss_class = {
    .name = "boss",
    .state_size = sizeof(struct boss),
    .init = boss_init,
    .receive = boss_receive,
};

static void all_get_each_once_in_order_and_read_the_same_bytes(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        memset(bytes_of, 0, sizeof(bytes_of));
        got = 0;
        members_left.missing = (uint64_t)MEMBERS_EACH * reactors_counts[i];
        run_class(reactors_counts[i], &boss_class);
        assert_int_equal(got,
                         (uint64_t)ROUNDS * MEMBERS_EACH * reactors_counts[i]);
        assert_int_equal(dropped, ROUNDS);
    }
}

/* --- causality of membership --------------------------------------------- */

static uint64_t has_looked;
static uint64_t has_found;
static mio_actor_id reader;

/* It stays in its callback until the finder has written: so the letter must
 * have been published before the membership. */
static int writer_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    int number = 1;
    (void)state;
    (void)argument;
    (void)argument_size;
    while (fixture_get(&has_looked) == 0) {
        /* The finder is in its callback, too. */
    }
    CHECK(mio_send(self, reader, &note, &number, sizeof(number)) == 0);
    CHECK(mio_group_join(self, "writers") == 0);
    while (fixture_get(&has_found) == 0) {
        /* It finds a member. */
    }
    return 0;
}

static int ignore(struct mio_actor *self, void *state,
                  struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return 0;
}

static const struct mio_actor_class writer_class = {
    .name = "writer", .init = writer_init, .receive = ignore};

static int finder_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    int number = 2;
    (void)state;
    (void)argument;
    (void)argument_size;
    while (mio_broadcast(self, "writers", &note, NULL, 0) == 0)
        fixture_add(&has_looked, 1);
    CHECK(mio_send(self, reader, &note, &number, sizeof(number)) == 0);
    mio_publish(self);
    fixture_add(&has_found, 1);
    return 0;
}

static const struct mio_actor_class finder_class = {.name = "finder",
                                                    .init = finder_init};

static int reader_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    int *last = state;
    int number;
    memcpy(&number, mio_message_payload(message), sizeof(number));
    CHECK(number == *last + 1);
    *last = number;
    if (number == 2)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class reader_class = {
    .name = "reader", .state_size = sizeof(int), .receive = reader_receive};

static void what_was_sent_before_a_join_comes_first(void **state)
{
    (void)state;
    for (uint32_t count = 2; count <= 3; count++) {
        struct mio_runtime *runtime = fixture_runtime(count);
        has_looked = 0;
        has_found = 0;
        assert_ok(mio_runtime_spawn(runtime, count - 1, &reader_class, NULL, 0,
                                    &reader));
        assert_ok(mio_runtime_spawn(runtime, 0, &writer_class, NULL, 0, NULL));
        assert_ok(mio_runtime_spawn(runtime, 1, &finder_class, NULL, 0, NULL));
        run_and_free(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_have_codes),
        cmocka_unit_test(all_get_each_once_in_order_and_read_the_same_bytes),
        cmocka_unit_test(what_was_sent_before_a_join_comes_first),
    };
    return cmocka_run_group_tests_name("runtime/group", tests, NULL, NULL);
}
