/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/supervisor_storm_test.c - a tree over eight reactors whose
 * leaves and branches are killed at random: it heals, or, if the runtime stops
 * meanwhile, it ends; and all memory comes home. */
#include <string.h>

#include "tests/runtime/life/drama.h"

#define REACTORS 8
#define LEAVES 4 /* of each branch */
#define BRANCHES 6
#define RESTARTS_MAX 1000000

static const struct mio_message_type poke = {.name = "poke"};

/* --- leaves: known by their place, dead or alive ------------------------- */

static uint64_t leaves[BRANCHES * LEAVES];
static uint64_t leaves_living;

static int leaf_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    uint32_t place;
    (void)state;
    CHECK(argument_size == sizeof(place));
    memcpy(&place, argument, sizeof(place));
    fixture_add(&leaves_living, 1);
    uint64_t before = __atomic_exchange_n(
        &leaves[place], mio_actor_self(self).value, __ATOMIC_SEQ_CST);
    /* Some of those that are started anew fail at once. */
    return before != 0 && before % 7 == 3 ? MIO_EIO : 0;
}

static int leaf_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return MIO_EPROTO;
}

static void leaf_exit(struct mio_actor *self, void *state, int reason)
{
    (void)self;
    (void)state;
    (void)reason;
    fixture_add(&leaves_living, (uint64_t)-1);
}

static const struct mio_actor_class leaf_class = {
    .name = "leaf",
    .init = leaf_init,
    .receive = leaf_receive,
    .exit = leaf_exit,
};

static uint32_t places[BRANCHES * LEAVES];
static struct mio_child_spec leaf_specs[BRANCHES][LEAVES];
static struct mio_supervisor_spec branch_specs[BRANCHES];
static struct mio_child_spec branch_children[BRANCHES];
static const struct mio_supervisor_spec root_spec = {
    .restarts_max = RESTARTS_MAX,
    .children = branch_children,
    .children_count = BRANCHES};

/* Each branch has another strategy, and lives elsewhere than its leaves. */
static void plant(void)
{
    memset(leaves, 0, sizeof(leaves));
    leaves_living = 0;
    for (uint32_t i = 0; i < BRANCHES * LEAVES; i++) {
        places[i] = i;
        leaf_specs[i / LEAVES][i % LEAVES] =
            (struct mio_child_spec){.name = "leaf",
                                    .actor_class = &leaf_class,
                                    .argument = &places[i],
                                    .argument_size = sizeof(places[i]),
                                    .place = MIO_PLACE_ON(i * 5 % REACTORS)};
    }
    for (uint32_t i = 0; i < BRANCHES; i++) {
        branch_specs[i] =
            (struct mio_supervisor_spec){.strategy = (enum mio_strategy)(i % 3),
                                         .restarts_max = RESTARTS_MAX,
                                         .children = leaf_specs[i],
                                         .children_count = LEAVES};
        branch_children[i] =
            (struct mio_child_spec){.name = "branch",
                                    .supervisor = &branch_specs[i],
                                    .place = MIO_PLACE_ON(i * 3 % REACTORS)};
    }
}

/* --- the storm: kills leaves, sometimes branches, then sees all healed --- */

#define STEPS 3000

struct storm {
    mio_actor_id root;
    uint64_t random;
    uint64_t steps;
    struct mio_actor_entry step;
    mio_actor_id branches[BRANCHES];
    uint32_t healed; /* branches that were found whole, in a row */
    bool is_over;
    bool stops_in_the_middle;
};

struct storm_argument {
    mio_actor_id root;
    uint64_t seed;
    bool stops_in_the_middle;
};

static uint64_t next_random(struct storm *storm)
{
    storm->random ^= storm->random << 13;
    storm->random ^= storm->random >> 7;
    storm->random ^= storm->random << 17;
    return storm->random;
}

static void hit_leaf(struct mio_actor *self, struct storm *storm)
{
    uint64_t place = next_random(storm) % (BRANCHES * LEAVES);
    mio_actor_id leaf = {__atomic_load_n(&leaves[place], __ATOMIC_SEQ_CST)};
    if (mio_actor_id_is_none(leaf))
        return;
    switch (next_random(storm) % 3) {
    case 0:
        CHECK(mio_kill(self, leaf) == 0);
        break;
    case 1:
        CHECK(mio_stop(self, leaf) == 0);
        break;
    default:
        CHECK(mio_send(self, leaf, &poke, NULL, 0) == 0);
        break;
    }
}

static void hit_branch(struct mio_actor *self, struct storm *storm)
{
    mio_actor_id branch = storm->branches[next_random(storm) % BRANCHES];
    if (mio_actor_id_is_none(branch))
        return;
    if (next_random(storm) % 2 == 0)
        CHECK(mio_kill(self, branch) == 0);
    else
        CHECK(mio_stop(self, branch) == 0);
}

static int storm_step(struct mio_actor *self, void *state,
                      struct mio_actor_entry *entry)
{
    struct storm *storm = state;
    if (next_random(storm) % 16 == 0)
        hit_branch(self, storm);
    else
        hit_leaf(self, storm);
    if (++storm->steps < fixture_scaled(STEPS)) {
        if (storm->steps % 8 == 0) /* who are the branches now? */
            return mio_supervisor_which(self, storm->root, 0);
        mio_actor_enqueue(entry);
        return 0;
    }
    storm->is_over = true;
    if (storm->stops_in_the_middle)
        fixture_stop(self);
    else
        CHECK(mio_supervisor_which(self, storm->root, 1) == 0);
    return 0;
}

static void learn_branches(struct storm *storm,
                           const struct mio_supervisor_answer *answer)
{
    const struct mio_child_info *infos = mio_supervisor_answer_infos(answer);
    CHECK(answer->infos_count == BRANCHES);
    for (uint32_t i = 0; i < BRANCHES; i++)
        storm->branches[i] = infos[i].id;
}

/* 0 and 1: the root's. 2 and more: of a branch. */
static int storm_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct storm *storm = state;
    const struct mio_supervisor_answer *answer = mio_message_payload(message);
    CHECK(message->type == mio_supervisor_answer_type());
    if (answer->result == MIO_EDEAD && answer->token < 2) {
        CHECK(storm->stops_in_the_middle); /* another one stopped it */
        return 0;
    }
    if (answer->token < 2) {
        CHECK(answer->result == 0);
        learn_branches(storm, answer);
        if (answer->token == 0) {
            mio_actor_enqueue(&storm->step);
            return 0;
        }
        storm->healed = 0;
    } else if (answer->result == 0 && answer->running_count == LEAVES) {
        storm->healed++;
    } else { /* dead, or not whole yet: begin again */
        return mio_supervisor_which(self, storm->root, 1);
    }
    if (storm->healed < BRANCHES)
        return mio_supervisor_count(self, storm->branches[storm->healed], 2);
    /* The last orphans of a branch that was killed may be dying still. */
    if (fixture_get(&leaves_living) != BRANCHES * LEAVES)
        return mio_supervisor_which(self, storm->root, 1);
    fixture_stop(self);
    return 0;
}

static int storm_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct storm *storm = state;
    struct storm_argument how;
    CHECK(argument_size == sizeof(how));
    memcpy(&how, argument, sizeof(how));
    storm->root = how.root;
    storm->random = how.seed * UINT64_C(0x9e3779b97f4a7c15);
    storm->stops_in_the_middle = how.stops_in_the_middle;
    mio_actor_entry_init(&storm->step, self, storm_step);
    return mio_supervisor_which(self, storm->root, 0); /* it is up, then */
}

/* The storm goes on as long as it can. */
static int storm_stop(struct mio_actor *self, void *state)
{
    (void)state;
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class storm_class = {
    .name = "storm",
    .state_size = sizeof(struct storm),
    .init = storm_init,
    .receive = storm_receive,
    .stop = storm_stop,
};

#define SEEDS 5

static void rage(bool stops_in_the_middle)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct mio_runtime *runtime = drama_runtime(REACTORS);
        struct storm_argument how = {
            .seed = seed, .stops_in_the_middle = stops_in_the_middle};
        plant();
        assert_ok(mio_runtime_supervise(runtime, 0, &root_spec, &how.root));
        for (uint32_t i = 0; i < (stops_in_the_middle ? REACTORS : 1); i++)
            assert_ok(mio_runtime_spawn(runtime, REACTORS - 1 - i, &storm_class,
                                        &how, sizeof(how), NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_true(fixture_counters(runtime).restarts > 0);
        assert_int_equal(leaves_living, 0);
        drama_end(runtime);
    }
}

static void a_tree_heals_after_a_storm(void **state)
{
    (void)state;
    rage(false);
}

static void a_stop_in_the_middle_ends_a_tree(void **state)
{
    (void)state;
    rage(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_heals_after_a_storm),
        cmocka_unit_test(a_stop_in_the_middle_ends_a_tree),
    };
    return cmocka_run_group_tests_name("runtime/supervisor storm", tests, NULL,
                                       NULL);
}
