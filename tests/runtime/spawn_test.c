/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/spawn_test.c - spawning in storms, near and far, to the limit.
 */
#include "tests/runtime/fixture.h"

#include <pthread.h>
#include <string.h>

static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint64_t children_max;
static struct fixture_latch latch;

/* --- a parent and 100,000 children --------------------------------------- */

/* A child checks its argument and its first message, answers and ends. */
struct child {
    uint64_t number;
};

static int child_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct child *child = state;
    (void)self;
    CHECK(argument_size == sizeof(child->number));
    memcpy(&child->number, argument, sizeof(child->number));
    return 0;
}

static int child_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct child *child = state;
    uint64_t number;
    memcpy(&number, mio_message_payload(message), sizeof(number));
    CHECK(number == child->number); /* not another child's letter */
    CHECK(mio_send(self, message->from, &note, &number, sizeof(number)) == 0);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class child_class = {
    .name = "child",
    .state_size = sizeof(struct child),
    .init = child_init,
    .receive = child_receive,
};

/* Keeps some children alive at a time; so slots are used again and again. */
#define ALIVE 300

struct parent {
    uint64_t spawned;
    uint64_t answered;
};

static void spawn_child(struct mio_actor *self, struct parent *parent)
{
    uint32_t reactors = mio_runtime_reactors_count(mio_actor_runtime(self));
    uint64_t number = parent->spawned++;
    mio_actor_id id;
    CHECK(mio_spawn_on(self, (uint32_t)(number % reactors), &child_class,
                       &number, sizeof(number), &id) == 0);
    CHECK(mio_send(self, id, &note, &number, sizeof(number)) == 0);
}

static int parent_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct parent *parent = state;
    (void)argument;
    (void)argument_size;
    while (parent->spawned < ALIVE)
        spawn_child(self, parent);
    return 0;
}

static int parent_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct parent *parent = state;
    (void)message;
    if (++parent->answered == children_max)
        fixture_latch_done(&latch, self);
    else if (parent->spawned < children_max)
        spawn_child(self, parent);
    return 0;
}

static const struct mio_actor_class parent_class = {
    .name = "parent",
    .state_size = sizeof(struct parent),
    .init = parent_init,
    .receive = parent_receive,
};

/* One parent on each of some reactors: they spawn into each other's tables. */
static void children_come_and_go(uint32_t reactors, uint32_t parents)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    latch.missing = parents;
    for (uint32_t i = 0; i < parents; i++)
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &parent_class, NULL,
                                    0, NULL));
    assert_ok(mio_runtime_run(runtime));
    struct mio_counters counters = fixture_counters(runtime);
    assert_int_equal(counters.spawned, parents * (children_max + 1));
    assert_int_equal(counters.exited, counters.spawned);
    assert_int_equal(counters.failed, 0);
    assert_int_equal(counters.dead_letters, 0);
    mio_runtime_free(runtime);
}

static void a_hundred_thousand_children_come_and_go(void **state)
{
    (void)state;
    children_max = fixture_scaled(100000);
    EACH_COUNT(i) children_come_and_go(reactors_counts[i], 1);
}

static void several_parents_share_the_slots_of_all_reactors(void **state)
{
    (void)state;
    children_max = fixture_scaled(30000);
    EACH_COUNT(i) children_come_and_go(reactors_counts[i], 4);
}

/* --- the limit ----------------------------------------------------------- */

#define LIMIT 50

static int crowd_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    uint32_t reactor = mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
    uint64_t number = 0;
    mio_actor_id id = {99};
    int spawned = reactor == 0 ? 1 : 0; /* we live there as well */
    int result = 0;
    for (int i = 0; i < 2 * LIMIT; i++) {
        id.value = 99;
        result = mio_spawn_on(self, reactor, &child_class, &number,
                              sizeof(number), &id);
        spawned += result == 0;
    }
    CHECK(result == MIO_EFULL);
    CHECK(id.value == 99); /* untouched */
    CHECK(spawned == LIMIT);
    CHECK(mio_spawn_on(self, reactor + 1, &child_class, &number, sizeof(number),
                       NULL) == MIO_EINVAL);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class crowd_class = {.name = "crowd",
                                                   .init = crowd_init};

static void more_actors_than_actors_max_are_refused(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime_options options = {
            .reactors_count = reactors_counts[i], .actors_max = LIMIT};
        struct mio_runtime *runtime = NULL;
        assert_ok(mio_runtime_new(&runtime, &options));
        assert_ok(mio_runtime_spawn(runtime, 0, &crowd_class, NULL, 0, NULL));
        fixture_run(runtime);
    }
}

/* --- from threads that are no reactors ----------------------------------- */

#define THREADS 4

static struct mio_runtime *shared;
static uint64_t outside_max;
static uint64_t outside_done;

static int answerless_receive(struct mio_actor *self, void *state,
                              struct mio_message *message)
{
    struct child *child = state;
    uint64_t number;
    memcpy(&number, mio_message_payload(message), sizeof(number));
    CHECK(number == child->number);
    CHECK(mio_actor_id_is_none(message->from));
    fixture_add(&outside_done, 1);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class answerless_class = {
    .name = "answerless",
    .state_size = sizeof(struct child),
    .init = child_init,
    .receive = answerless_receive,
};

static void *spawn_from_outside(void *argument)
{
    uint32_t reactors = mio_runtime_reactors_count(shared);
    (void)argument;
    for (uint64_t i = 0; i < outside_max; i++) {
        mio_actor_id id;
        int result;
        /* Full: wait until some have ended. */
        while ((result = mio_runtime_spawn(shared, (uint32_t)(i % reactors),
                                           &answerless_class, &i, sizeof(i),
                                           &id)) == MIO_EFULL)
            ;
        CHECK(result == 0);
        CHECK(mio_runtime_send(shared, id, &note, &i, sizeof(i)) == 0);
    }
    return NULL;
}

static void threads_from_outside_spawn_and_send_too(void **state)
{
    (void)state;
    outside_max = fixture_scaled(10000);
    EACH_COUNT(i)
    {
        pthread_t threads[THREADS];
        struct mio_runtime_options options = {
            .reactors_count = reactors_counts[i], .actors_max = 100};
        assert_ok(mio_runtime_new(&shared, &options));
        outside_done = 0;
        assert_ok(mio_runtime_start(shared));
        for (int j = 0; j < THREADS; j++)
            assert_int_equal(
                pthread_create(&threads[j], NULL, spawn_from_outside, NULL), 0);
        for (int j = 0; j < THREADS; j++)
            pthread_join(threads[j], NULL);
        while (fixture_get(&outside_done) < THREADS * outside_max)
            ;
        mio_runtime_stop(shared);
        assert_ok(mio_runtime_join(shared));
        assert_int_equal(fixture_counters(shared).dead_letters, 0);
        mio_runtime_free(shared);
    }
}

/* --- on the least loaded ------------------------------------------------- */

#define HEAP 300 /* on the first reactor */
#define EVENLY 800

static const struct mio_actor_class idle_class = {.name = "idle"};

static int placer_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    uint32_t reactors = mio_runtime_reactors_count(mio_actor_runtime(self));
    uint32_t counts[8] = {0};
    mio_actor_id id;
    (void)state;
    (void)argument;
    (void)argument_size;
    for (int i = 0; i < HEAP; i++)
        CHECK(mio_spawn_on(self, 0, &idle_class, NULL, 0, &id) == 0);
    for (uint32_t i = 0; i < EVENLY; i++) {
        CHECK(mio_spawn_on(self, MIO_LEAST_LOADED, &idle_class, NULL, 0, &id) ==
              0);
        counts[mio_actor_id_reactor(id)]++;
    }
    if (reactors == 1) {
        CHECK(counts[0] == EVENLY);
    } else if (reactors == 2) {
        /* This one was counted, too. */
        CHECK(counts[0] == (EVENLY - HEAP) / 2 ||
              counts[0] == (EVENLY - HEAP) / 2 - 1);
    } else {
        CHECK(counts[0] == 0); /* never the fuller one of two */
        for (uint32_t i = 1; i < reactors; i++)
            CHECK(counts[i] >= EVENLY / 7 - 5 && counts[i] <= EVENLY / 7 + 5);
    }
    CHECK(mio_spawn_on(self, UINT32_MAX, &idle_class, NULL, 0, &id) ==
          MIO_EINVAL);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class placer_class = {.name = "placer",
                                                    .init = placer_init};

static void the_least_loaded_gets_the_next(void **state)
{
    static const uint32_t counts[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct mio_runtime *runtime = fixture_runtime(counts[i]);
        assert_ok(mio_runtime_spawn(runtime, 0, &placer_class, NULL, 0, NULL));
        fixture_run(runtime);

        /* Until all are full; before it runs, nobody goes. */
        struct mio_runtime_options options = {.reactors_count = counts[i],
                                              .actors_max = 10};
        assert_ok(mio_runtime_new(&runtime, &options));
        for (uint32_t j = 0; j < 10 * counts[i]; j++)
            assert_ok(mio_runtime_spawn(runtime, MIO_LEAST_LOADED, &idle_class,
                                        NULL, 0, NULL));
        assert_int_equal(mio_runtime_spawn(runtime, MIO_LEAST_LOADED,
                                           &idle_class, NULL, 0, NULL),
                         MIO_EFULL);
        mio_runtime_stop(runtime);
        fixture_run(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_children_come_and_go),
        cmocka_unit_test(several_parents_share_the_slots_of_all_reactors),
        cmocka_unit_test(more_actors_than_actors_max_are_refused),
        cmocka_unit_test(threads_from_outside_spawn_and_send_too),
        cmocka_unit_test(the_least_loaded_gets_the_next),
    };
    return cmocka_run_group_tests_name("runtime/spawn", tests, NULL, NULL);
}
