/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/life_storm_test.c - eight reactors full of actors that
 * link, unlink, monitor, cancel, stop and kill each other as a seed says: each
 * monitor and each link is told of once, and all memory comes home.
 *
 * A keeper on each reactor has cells all over, starts them anew as they die,
 * and stirs. After so many steps it kills those that it has, and waits for what
 * it is still owed: news that were lost would keep it for ever. */
#include <string.h>

#include "tests/runtime/life/drama.h"

#define REACTORS 8
#define CELLS 24   /* of each keeper */
#define EXTRAS 24  /* monitors of each keeper on anybody's cells */
#define STEPS 3000 /* of each keeper */

static const struct mio_message_type poke = {.name = "poke"};

/* Cells that were seen, alive or not. */
static uint64_t seen[REACTORS * CELLS];
static struct fixture_latch keepers_left;
static uint64_t seed_now;

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static uint64_t seed_of(mio_actor_id id)
{
    uint64_t seed = (seed_now + id.value) * UINT64_C(0x9e3779b97f4a7c15);
    return seed != 0 ? seed : 1;
}

static mio_actor_id anybody(uint64_t *random)
{
    uint64_t place = next_random(random) % (REACTORS * CELLS);
    return (mio_actor_id){__atomic_load_n(&seen[place], __ATOMIC_SEQ_CST)};
}

/* --- cells --------------------------------------------------------------- */

struct cell {
    uint64_t random;
    struct mio_monitor monitor;
    bool is_watching;
};

static int cell_down(struct mio_actor *self, void *state,
                     struct mio_monitor *monitor, int reason)
{
    struct cell *cell = state;
    (void)self;
    (void)monitor;
    (void)reason;
    CHECK(cell->is_watching);
    cell->is_watching = false;
    return 0;
}

static int cell_exited(struct mio_actor *self, void *state, mio_actor_id from,
                       int reason)
{
    (void)self;
    (void)state;
    (void)reason;
    CHECK(!mio_actor_id_is_none(from));
    return 0;
}

/* Some begin by failing, or by ending. */
static int cell_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct cell *cell = state;
    (void)argument;
    (void)argument_size;
    cell->random = seed_of(mio_actor_self(self));
    mio_monitor_init(&cell->monitor, self, cell_down);
    switch (next_random(&cell->random) % 16) {
    case 0:
        return MIO_EPROTO;
    case 1:
        mio_actor_exit(self, 0);
        return 0;
    case 2:
        mio_trap_exits(self, cell_exited);
        return 0;
    default:
        return 0;
    }
}

static void cell_watch(struct cell *cell, mio_actor_id whom)
{
    if (cell->is_watching) {
        CHECK(mio_monitor_cancel(&cell->monitor));
        cell->is_watching = false;
    } else if (!mio_actor_id_is_none(whom)) {
        CHECK(mio_monitor_start(&cell->monitor, whom) == 0);
        cell->is_watching = true;
    }
}

static void cell_link(struct mio_actor *self, mio_actor_id whom)
{
    int result = mio_link(self, whom);
    CHECK(result == 0 || result == MIO_EEXIST || result == MIO_EINVAL);
}

static int cell_act(struct mio_actor *self, struct cell *cell)
{
    mio_actor_id whom = anybody(&cell->random);
    bool is_somebody = !mio_actor_id_is_none(whom);
    switch (next_random(&cell->random) % 16) {
    case 0:
    case 1:
    case 2:
        cell_link(self, whom);
        break;
    case 3:
    case 4:
        (void)mio_unlink(self, whom);
        break;
    case 5:
    case 6:
    case 7:
        cell_watch(cell, whom);
        break;
    case 8:
        mio_trap_exits(self, next_random(&cell->random) % 2 == 0 ? cell_exited
                                                                 : NULL);
        break;
    case 9:
        CHECK(!is_somebody || mio_kill(self, whom) == 0);
        break;
    case 10:
        CHECK(!is_somebody || mio_stop(self, whom) == 0);
        break;
    case 11:
        mio_actor_exit(self, 0);
        break;
    case 12:
        return MIO_EIO;
    default:
        CHECK(!is_somebody || mio_send(self, whom, &poke, NULL, 0) == 0);
        break;
    }
    return 0;
}

static int cell_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    (void)message;
    return cell_act(self, state);
}

/* Not even an end is peaceful. */
static void cell_exit(struct mio_actor *self, void *state, int reason)
{
    struct cell *cell = state;
    (void)reason;
    if (cell->random != 0 && next_random(&cell->random) % 4 == 0)
        (void)cell_act(self, cell);
}

static const struct mio_actor_class cell_class = {
    .name = "cell",
    .state_size = sizeof(struct cell),
    .init = cell_init,
    .receive = cell_receive,
    .exit = cell_exit,
};

/* --- keepers ------------------------------------------------------------- */

struct keeper {
    uint64_t random;
    uint64_t steps;
    struct mio_actor_entry step;
    struct mio_monitor cells[CELLS];
    struct mio_monitor extras[EXTRAS];
    bool are_watching[EXTRAS];
    uint32_t alive;    /* cells whose end was not told yet */
    uint32_t watching; /* extras likewise */
    uint32_t linked;
    bool is_closing;
    bool is_done;
};

static void keeper_finish(struct mio_actor *self, struct keeper *keeper)
{
    if (!keeper->is_closing || keeper->is_done || keeper->alive > 0 ||
        keeper->watching > 0 || keeper->linked > 0)
        return;
    keeper->is_done = true;
    fixture_latch_done(&keepers_left, self);
}

static void keeper_spawn(struct mio_actor *self, struct keeper *keeper,
                         uint32_t index)
{
    mio_actor_id id;
    uint32_t reactor = (uint32_t)(next_random(&keeper->random) % REACTORS);
    CHECK(mio_spawn_monitored(self, &keeper->cells[index], reactor, &cell_class,
                              NULL, 0, &id) == 0);
    keeper->alive++;
    __atomic_store_n(&seen[mio_actor_reactor(self) * CELLS + index], id.value,
                     __ATOMIC_SEQ_CST);
}

static int keeper_cell_down(struct mio_actor *self, void *state,
                            struct mio_monitor *monitor, int reason)
{
    struct keeper *keeper = state;
    CHECK(reason <= 0);
    CHECK(keeper->alive-- > 0);
    if (keeper->is_closing)
        keeper_finish(self, keeper);
    else
        keeper_spawn(self, keeper, (uint32_t)(monitor - keeper->cells));
    return 0;
}

static int keeper_extra_down(struct mio_actor *self, void *state,
                             struct mio_monitor *monitor, int reason)
{
    struct keeper *keeper = state;
    size_t index = (size_t)(monitor - keeper->extras);
    CHECK(reason <= 0);
    CHECK(keeper->are_watching[index]);
    keeper->are_watching[index] = false;
    keeper->watching--;
    keeper_finish(self, keeper);
    return 0;
}

static int keeper_exited(struct mio_actor *self, void *state, mio_actor_id from,
                         int reason)
{
    struct keeper *keeper = state;
    (void)from;
    CHECK(reason <= 0);
    CHECK(keeper->linked-- > 0);
    keeper_finish(self, keeper);
    return 0;
}

static void keeper_watch(struct keeper *keeper, mio_actor_id whom)
{
    size_t index = next_random(&keeper->random) % EXTRAS;
    if (keeper->are_watching[index]) {
        CHECK(mio_monitor_cancel(&keeper->extras[index]));
        keeper->watching--;
    } else {
        CHECK(mio_monitor_start(&keeper->extras[index], whom) == 0);
        keeper->watching++;
    }
    keeper->are_watching[index] = !keeper->are_watching[index];
}

static void keeper_link(struct mio_actor *self, struct keeper *keeper,
                        mio_actor_id whom)
{
    int result = mio_link(self, whom);
    CHECK(result == 0 || result == MIO_EEXIST);
    keeper->linked += result == 0;
}

static void keeper_act(struct mio_actor *self, struct keeper *keeper)
{
    mio_actor_id whom = anybody(&keeper->random);
    if (mio_actor_id_is_none(whom))
        return;
    CHECK(mio_send(self, whom, &poke, NULL, 0) == 0);
    switch (next_random(&keeper->random) % 8) {
    case 0:
    case 1:
    case 2:
        keeper_watch(keeper, whom);
        break;
    case 3:
        keeper_link(self, keeper, whom);
        break;
    case 4:
        if (mio_unlink(self, whom) == 0)
            CHECK(keeper->linked-- > 0);
        break;
    case 5:
        CHECK(mio_kill(self, whom) == 0);
        break;
    default:
        break;
    }
}

/* Cells that link the dying keep dying; those that are left are killed. */
static void keeper_close(struct mio_actor *self, struct keeper *keeper)
{
    keeper->is_closing = true;
    for (uint32_t i = 0; i < CELLS; i++)
        CHECK(mio_kill(self, mio_monitor_target(&keeper->cells[i])) == 0);
    keeper_finish(self, keeper);
}

static int keeper_step(struct mio_actor *self, void *state,
                       struct mio_actor_entry *entry)
{
    struct keeper *keeper = state;
    keeper_act(self, keeper);
    if (++keeper->steps == fixture_scaled(STEPS))
        keeper_close(self, keeper);
    else
        mio_actor_enqueue(entry);
    return 0;
}

static int keeper_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct keeper *keeper = state;
    (void)argument;
    (void)argument_size;
    keeper->random = seed_of(mio_actor_self(self));
    mio_trap_exits(self, keeper_exited);
    for (uint32_t i = 0; i < EXTRAS; i++)
        mio_monitor_init(&keeper->extras[i], self, keeper_extra_down);
    for (uint32_t i = 0; i < CELLS; i++) {
        mio_monitor_init(&keeper->cells[i], self, keeper_cell_down);
        keeper_spawn(self, keeper, i);
    }
    mio_actor_entry_init(&keeper->step, self, keeper_step);
    mio_actor_enqueue(&keeper->step);
    return 0;
}

static void keeper_exit(struct mio_actor *self, void *state, int reason)
{
    const struct keeper *keeper = state;
    (void)self;
    CHECK(reason == MIO_ESTOPPED && keeper->is_done);
}

static const struct mio_actor_class keeper_class = {
    .name = "keeper",
    .state_size = sizeof(struct keeper),
    .init = keeper_init,
    .exit = keeper_exit,
};

#define SEEDS 5

static void each_is_told_once_whatever_happens(void **state)
{
    (void)state;
    for (seed_now = 1; seed_now <= SEEDS; seed_now++) {
        struct mio_runtime *runtime = drama_runtime(REACTORS);
        memset(seen, 0, sizeof(seen));
        keepers_left.missing = REACTORS;
        for (uint32_t i = 0; i < REACTORS; i++)
            assert_ok(
                mio_runtime_spawn(runtime, i, &keeper_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        drama_end(runtime);
    }
}

/* --- the same, but the runtime stops in the middle ----------------------- */

static int stopper_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    uint64_t *steps = state;
    (void)message;
    if (++*steps == fixture_scaled(STEPS))
        fixture_stop(self);
    else
        CHECK(mio_send(self, mio_actor_self(self), &poke, NULL, 0) == 0);
    return 0;
}

static int stopper_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    return mio_send(self, mio_actor_self(self), &poke, NULL, 0);
}

static const struct mio_actor_class stopper_class = {
    .name = "stopper",
    .state_size = sizeof(uint64_t),
    .init = stopper_init,
    .receive = stopper_receive,
};

static const struct mio_actor_class careless_class = {
    .name = "careless keeper",
    .state_size = sizeof(struct keeper),
    .init = keeper_init,
};

static void a_stop_in_the_middle_brings_all_memory_home(void **state)
{
    (void)state;
    for (seed_now = 1; seed_now <= SEEDS; seed_now++) {
        struct mio_runtime *runtime = drama_runtime(REACTORS);
        memset(seen, 0, sizeof(seen));
        keepers_left.missing = UINT64_MAX; /* none of them stops it */
        for (uint32_t i = 0; i < REACTORS; i++)
            assert_ok(
                mio_runtime_spawn(runtime, i, &careless_class, NULL, 0, NULL));
        assert_ok(mio_runtime_spawn(runtime, 0, &stopper_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        drama_end(runtime);
    }
}

/* --- a million lives ----------------------------------------------------- */

#define LIVES 1000000
#define AT_ONCE 128 /* of each spawner */

struct spawner {
    uint64_t random;
    uint64_t missing; /* lives to be begun */
    uint32_t alive;
    struct mio_monitor monitors[AT_ONCE];
};

static uint64_t lives_ended;

static int brief_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    uint32_t how;
    (void)state;
    CHECK(argument_size == sizeof(how));
    memcpy(&how, argument, sizeof(how));
    if (how == 0)
        return MIO_EIO;
    if (how == 1)
        mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class brief_class = {.name = "brief",
                                                   .init = brief_init};

static void spawner_next(struct mio_actor *self, struct spawner *spawner,
                         struct mio_monitor *monitor)
{
    mio_actor_id id;
    uint32_t how = (uint32_t)(next_random(&spawner->random) % 6);
    uint32_t reactor = (uint32_t)(next_random(&spawner->random) % REACTORS);
    CHECK(mio_spawn_monitored(self, monitor, reactor, &brief_class, &how,
                              sizeof(how), &id) == 0);
    if (how == 2)
        CHECK(mio_stop(self, id) == 0);
    else if (how > 2)
        CHECK(mio_kill(self, id) == 0);
    spawner->alive++;
    spawner->missing--;
}

static int spawner_down(struct mio_actor *self, void *state,
                        struct mio_monitor *monitor, int reason)
{
    struct spawner *spawner = state;
    CHECK(reason == 0 || reason == MIO_EIO || reason == MIO_ESTOPPED ||
          reason == MIO_EKILLED);
    fixture_add(&lives_ended, 1);
    spawner->alive--;
    if (spawner->missing > 0)
        spawner_next(self, spawner, monitor);
    else if (spawner->alive == 0)
        fixture_latch_done(&keepers_left, self);
    return 0;
}

static int spawner_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct spawner *spawner = state;
    (void)argument;
    (void)argument_size;
    spawner->random = seed_of(mio_actor_self(self));
    spawner->missing = fixture_scaled(LIVES) / REACTORS;
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        mio_monitor_init(&spawner->monitors[i], self, spawner_down);
        spawner_next(self, spawner, &spawner->monitors[i]);
    }
    return 0;
}

static const struct mio_actor_class spawner_class = {
    .name = "spawner",
    .state_size = sizeof(struct spawner),
    .init = spawner_init,
};

static void a_million_are_spawned_and_killed(void **state)
{
    (void)state;
    struct mio_runtime *runtime = drama_runtime(REACTORS);
    uint64_t lives = fixture_scaled(LIVES) / REACTORS * REACTORS;
    seed_now = 1;
    lives_ended = 0;
    keepers_left.missing = REACTORS;
    for (uint32_t i = 0; i < REACTORS; i++)
        assert_ok(mio_runtime_spawn(runtime, i, &spawner_class, NULL, 0, NULL));
    assert_ok(mio_runtime_run(runtime));
    assert_int_equal(lives_ended, lives);
    assert_int_equal(fixture_counters(runtime).spawned, lives + REACTORS);
    assert_int_equal(fixture_counters(runtime).exited, lives + REACTORS);
    drama_end(runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_told_once_whatever_happens),
        cmocka_unit_test(a_stop_in_the_middle_brings_all_memory_home),
        cmocka_unit_test(a_million_are_spawned_and_killed),
    };
    return cmocka_run_group_tests_name("runtime/life storm", tests, NULL, NULL);
}
