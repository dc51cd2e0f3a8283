/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/group_refused_test.c - out of memory, a join and a broadcast
 * fail as a whole: nobody is half a member, nobody gets what others do not. */
#include "runtime/group.h"

#include <string.h>

#include "runtime/runtime_private.h"
#include "tests/runtime/fixture.h"

/* Slots that this thread may still get; below 0: all it wants. Those that were
 * freed before it gets without asking here. */
static __thread int slots_left = -1;

struct mio_message *__real_mio_slabs_refill(struct mio_slabs *self,
                                            uint32_t size_class);
struct mio_message *__wrap_mio_slabs_refill(struct mio_slabs *self,
                                            uint32_t size_class);

struct mio_message *__wrap_mio_slabs_refill(struct mio_slabs *self,
                                            uint32_t size_class)
{
    if (slots_left == 0)
        return NULL;
    if (slots_left > 0)
        slots_left--;
    return __real_mio_slabs_refill(self, size_class);
}

static uint64_t dropped;
static uint64_t refused;
static struct fixture_latch missing;

static void count_drop(void *payload, uint32_t size)
{
    (void)payload;
    CHECK(size == 3);
    fixture_add(&dropped, 1);
}

static const struct mio_message_type shout = {.name = "shout",
                                              .drop = count_drop};
static const struct mio_message_type note = {.name = "note"};

/* --- members: each join is refused until there is memory for it ---------- */

static int member_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    mio_actor_id boss;
    int result;
    (void)state;
    CHECK(argument_size == sizeof(boss));
    memcpy(&boss, argument, sizeof(boss));
    slots_left = 0;
    while ((result = mio_group_join(self, "members")) == MIO_ENOMEM) {
        fixture_add(&refused, 1);
        CHECK(mio_group_leave(self, "members") == MIO_ENOENT);
        slots_left = 1;
    }
    slots_left = -1;
    CHECK(result == 0);
    CHECK(mio_group_join(self, "members") == MIO_EEXIST);
    return mio_send(self, boss, &note, NULL, 0);
}

static int member_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    int *count = state;
    const struct mio_slice *slice = mio_broadcast_slice(message);
    CHECK(slice->size == 3 && memcmp(slice->bytes, "abc", 3) == 0);
    CHECK(++*count == 1);
    fixture_latch_done(&missing, self);
    return 0;
}

static const struct mio_actor_class member_class = {
    .name = "member",
    .state_size = sizeof(int),
    .init = member_init,
    .receive = member_receive,
};

/* --- the boss: a slot more each time, until it is enough ----------------- */

static int boss_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    mio_actor_id here = mio_actor_self(self);
    uint32_t reactors = mio_runtime_reactors_count(mio_actor_runtime(self));
    (void)state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < reactors; i++)
        CHECK(mio_spawn_on(self, i, &member_class, &here, sizeof(here), NULL) ==
              0);
    return 0;
}

static int boss_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    uint32_t *joined = state;
    uint32_t reactors = mio_runtime_reactors_count(mio_actor_runtime(self));
    uint64_t before = fixture_get(&refused);
    int result;
    (void)message;
    if (++*joined < reactors)
        return 0;
    slots_left = 0;
    while ((result = mio_broadcast(self, "members", &shout, "abc", 3)) ==
           MIO_ENOMEM) {
        fixture_add(&refused, 1);
        CHECK(fixture_get(&dropped) == 0);
        slots_left = 1;
    }
    slots_left = -1;
    CHECK(result == (int)reactors);
    CHECK(fixture_get(&refused) > before);
    return 0;
}

static const struct mio_actor_class boss_class = {
    .name = "boss",
    .state_size = sizeof(uint32_t),
    .init = boss_init,
    .receive = boss_receive,
};

static void refused_as_a_whole(void **state)
{
    static const uint32_t counts[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct mio_runtime *runtime = fixture_runtime(counts[i]);
        dropped = 0;
        refused = 0;
        missing.missing = counts[i];
        assert_ok(mio_runtime_spawn(runtime, 0, &boss_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(dropped, 1);
        assert_true(refused > 2 * counts[i]);
        for (uint32_t j = 0; j < counts[i]; j++)
            assert_int_equal(mio_slabs_out_count(&runtime->reactors[j]->slabs),
                             0);
        mio_runtime_free(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refused_as_a_whole)};
    return cmocka_run_group_tests_name("runtime/group refused", tests, NULL,
                                       NULL);
}
