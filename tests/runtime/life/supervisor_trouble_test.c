/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/supervisor_trouble_test.c - children that fail at the
 * worst moment: in init, in stop, over and over; that do not stop; that find no
 * memory; and a runtime that stops meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "runtime/supervisor.h"
#include "tests/runtime/life/drama.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)
#define LONG (1000 * SECOND)

static const uint32_t counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i) for (size_t i = 0; i < COUNT(counts); i++)

/* --- in init ------------------------------------------------------------- */

static void a_first_start_that_fails_ends_all(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = {
        PLAYER("a"), PLAYER("b"), PLAYER("c", .init_result = MIO_EIO),
        PLAYER("d")};
    static const struct scene scenes[] = {AWAIT(MIO_EIO), END};
    for (int strategy = MIO_ONE_FOR_ONE; strategy <= MIO_REST_FOR_ONE;
         strategy++) {
        struct mio_supervisor_spec spec = {.strategy =
                                               (enum mio_strategy)strategy,
                                           .restarts_max = 10,
                                           .children = children,
                                           .children_count = COUNT(children)};
        drama_expect(&spec, scenes, "+a +b +c -c:EIO -b -a !:EIO ");
    }
}

static void a_start_that_is_refused_ends_all(void **state)
{
    (void)state;
    const struct mio_child_spec nowhere[] = {PLAYER("a"),
                                             {.name = "b",
                                              .actor_class = &player_class,
                                              .place = MIO_PLACE_ON(4711)}};
    const struct mio_child_spec nobody[] = {PLAYER("a"), {.name = "b"}};
    static const struct scene scenes[] = {AWAIT(MIO_EINVAL), END};
    const struct mio_supervisor_spec to_nowhere = {
        .children = nowhere, .children_count = COUNT(nowhere)};
    const struct mio_supervisor_spec of_nobody = {
        .children = nobody, .children_count = COUNT(nobody)};
    drama_expect(&to_nowhere, scenes, "+a -a !:EINVAL ");
    drama_expect(&of_nobody, scenes, "!:EINVAL ");
}

/* The first of all fails to start, below a supervisor below a supervisor. */
static void a_failed_start_climbs_the_tree(void **state)
{
    (void)state;
    const struct mio_child_spec deep[] = {PLAYER("a"),
                                          PLAYER("b", .init_result = MIO_EIO)};
    const struct mio_supervisor_spec deep_spec = {
        .children = deep, .children_count = COUNT(deep)};
    const struct mio_child_spec top[] = {
        PLAYER("t"), {.name = "deep", .supervisor = &deep_spec}, PLAYER("z")};
    const struct mio_supervisor_spec spec = {.children = top,
                                             .children_count = COUNT(top)};
    static const struct scene scenes[] = {AWAIT(MIO_EIO), END};
    drama_expect(&spec, scenes, "+t +a +b -b:EIO -a -t !:EIO ");
}

/* It begins once, then fails to start until it has done so often enough. */
#define FAILING_RESTARTS(times)                                                \
    {                                                                          \
        PLAYER("a"),                                                           \
            {.name = "b",                                                      \
             .actor_class = &later_class,                                      \
             .argument = &(const uint32_t){(times)},                           \
             .argument_size = sizeof(uint32_t)},                               \
            PLAYER("c")                                                        \
    }

static uint64_t later_inits;

static int later_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    uint32_t times;
    (void)self;
    (void)state;
    CHECK(argument_size == sizeof(times));
    memcpy(&times, argument, sizeof(times));
    uint64_t before = fixture_get(&later_inits);
    fixture_add(&later_inits, 1);
    return before == 0 || before > times ? 0 : MIO_EIO;
}

static int later_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return MIO_EPROTO;
}

static const struct mio_actor_class later_class = {
    .name = "later", .init = later_init, .receive = later_receive};

static void a_restart_that_fails_is_tried_again(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = FAILING_RESTARTS(3);
    static const struct scene scenes[] = {FAIL("b", MIO_EPROTO), END};
    struct mio_supervisor_spec spec = {.restarts_max = 4,
                                       .period_ns = LONG,
                                       .children = children,
                                       .children_count = COUNT(children)};
    EACH_COUNT(i)
    {
        later_inits = 0;
        assert_string_equal(drama_play(counts[i], &spec, scenes),
                            "+a +c -c -a ");
        assert_int_equal(later_inits, 5);
    }
    spec.strategy = MIO_REST_FOR_ONE;
    EACH_COUNT(i)
    {
        later_inits = 0;
        assert_string_equal(drama_play(counts[i], &spec, scenes),
                            "+a +c -c +c -c -a ");
        assert_int_equal(later_inits, 5);
    }
    spec.strategy = MIO_ONE_FOR_ALL;
    EACH_COUNT(i)
    {
        later_inits = 0;
        assert_string_equal(drama_play(counts[i], &spec, scenes),
                            "+a +c -c -a +a -a +a -a +a -a +a +c -c -a ");
        assert_int_equal(later_inits, 5);
    }
}

static void failed_restarts_count_as_restarts(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = FAILING_RESTARTS(1000);
    static const struct scene scenes[] = {FAIL("b", MIO_EPROTO),
                                          AWAIT(MIO_ERESTARTS), END};
    const struct mio_supervisor_spec spec = {.restarts_max = 4,
                                             .period_ns = LONG,
                                             .children = children,
                                             .children_count = COUNT(children)};
    EACH_COUNT(i)
    {
        later_inits = 0;
        assert_string_equal(drama_play(counts[i], &spec, scenes),
                            "+a +c -c -a !:ERESTARTS ");
        assert_int_equal(later_inits, 5);
    }
}

/* Up once; then it says that it does not want to start. */
static int unwilling_init(struct mio_actor *self, void *state,
                          const void *argument, size_t argument_size)
{
    (void)self;
    (void)state;
    (void)argument;
    (void)argument_size;
    uint64_t before = fixture_get(&later_inits);
    fixture_add(&later_inits, 1);
    return before == 0 ? 0 : MIO_ESTOPPED;
}

static const struct mio_actor_class unwilling_class = {.name = "unwilling",
                                                       .init = unwilling_init};

static void a_rise_goes_on_without_who_does_not_want_to(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = {PLAYER("a"),
                                              {.name = "u",
                                               .actor_class = &unwilling_class,
                                               .restart = MIO_TRANSIENT},
                                              PLAYER("c")};
    const struct mio_supervisor_spec spec = {.strategy = MIO_ONE_FOR_ALL,
                                             .children = children,
                                             .children_count = COUNT(children)};
    const struct scene scenes[] = {FAIL("a", MIO_EIO), END};
    EACH_COUNT(i)
    {
        later_inits = 0;
        assert_string_equal(drama_play(counts[i], &spec, scenes),
                            "+a +c -a:EIO -c +a +c -c -a ");
        assert_int_equal(later_inits, 2);
    }
}

/* --- while it stops ------------------------------------------------------ */

static void a_stop_that_fails_goes_on(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = {
        PLAYER("a"), PLAYER("b", .stop_result = MIO_EIO), PLAYER("c")};
    const struct mio_supervisor_spec spec = {.children = children,
                                             .children_count = COUNT(children)};
    static const struct scene scenes[] = {END};
    drama_expect(&spec, scenes, "+a +b +c -c -b:EIO -a ");
}

static void who_does_not_stop_in_time_is_killed(void **state)
{
    (void)state;
    struct mio_child_spec children[] = {
        PLAYER("a"), PLAYER("b", .ignores_stop = true),
        PLAYER("c", .ignores_stop = true), PLAYER("d")};
    children[1].stop_within_ns = MILLISECOND;
    children[2].stop_within_ns = MIO_STOP_KILL; /* it is not even asked */
    const struct mio_supervisor_spec spec = {.children = children,
                                             .children_count = COUNT(children)};
    static const struct scene stopped[] = {STOP_SUPERVISOR, AWAIT(MIO_ESTOPPED),
                                           END};
    drama_expect(&spec, stopped,
                 "+a +b +c +d -d -c:EKILLED ?b -b:EKILLED -a !:ESTOPPED ");
}

static void a_group_that_does_not_stop_in_time_is_killed_and_rises(void **state)
{
    (void)state;
    struct mio_child_spec children[] = {
        PLAYER("a"), PLAYER("b", .ignores_stop = true), PLAYER("c")};
    children[1].stop_within_ns = MILLISECOND;
    const struct mio_supervisor_spec spec = {.strategy = MIO_ONE_FOR_ALL,
                                             .children = children,
                                             .children_count = COUNT(children)};
    static const struct scene scenes[] = {FAIL("a", MIO_EIO), END};
    drama_expect(&spec, scenes,
                 "+a +b +c -a:EIO -c ?b -b:EKILLED +a +b +c "
                 "-c ?b -b:EKILLED -a ");
}

/* The runtime's deadline comes before the child's. */
static void the_runtime_s_deadline_overrules_all_patience(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = {
        PLAYER("a"), PLAYER("b", .ignores_stop = true), PLAYER("c")};
    const struct mio_supervisor_spec spec = {.children = children,
                                             .children_count = COUNT(children)};
    EACH_COUNT(i)
    {
        struct mio_runtime_options options = {
            .reactors_count = counts[i], .stop_within_ns = 20 * MILLISECOND};
        struct mio_runtime *runtime = NULL;
        drama_setup(NULL);
        assert_ok(mio_runtime_new(&runtime, &options));
        assert_ok(mio_runtime_supervise(runtime, 0, &spec, NULL));
        assert_ok(mio_runtime_start(runtime));
        drama_await_inits("c", 1);
        mio_runtime_stop(runtime);
        assert_int_equal(mio_runtime_join(runtime), MIO_EKILLED);
        drama_end(runtime);
        assert_int_equal(drama_living(), 0);
    }
}

/* --- over and over ------------------------------------------------------- */

static const struct mio_child_spec loop_children[] = {
    PLAYER("l", .fails_at_once = true),
    PLAYER("m"),
    PLAYER("n", .fails_at_once = true),
};

#define LOOPS 300

/* Restarts go on for ever; the runtime stops in the middle of one. */
static void a_stop_ends_restart_loops(void **state)
{
    (void)state;
    EACH_COUNT(i)
    for (int strategy = MIO_ONE_FOR_ONE; strategy <= MIO_REST_FOR_ONE;
         strategy++) {
        struct mio_child_spec children[COUNT(loop_children)];
        memcpy(children, loop_children, sizeof(children));
        for (uint32_t c = 0; c < COUNT(children); c++)
            children[c].place = MIO_PLACE_ON(c % counts[i]);
        struct mio_supervisor_spec spec = {.strategy =
                                               (enum mio_strategy)strategy,
                                           .restarts_max = 10000000,
                                           .period_ns = 1,
                                           .children = children,
                                           .children_count = COUNT(children)};
        struct mio_runtime *runtime = drama_runtime(counts[i]);
        assert_ok(mio_runtime_supervise(runtime, 0, &spec, NULL));
        assert_ok(mio_runtime_start(runtime));
        drama_await_inits("l", fixture_scaled(LOOPS));
        mio_runtime_stop(runtime);
        assert_ok(mio_runtime_join(runtime));
        assert_true(fixture_counters(runtime).restarts > 0);
        drama_end(runtime);
        assert_int_equal(drama_living(), 0);
    }
}

/* --- no memory ----------------------------------------------------------- */

/* A state of this size is refused, as often as this says. */
#define RARE_SIZE 123456
static uint64_t refusals;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    if (count * size >= RARE_SIZE && count * size < RARE_SIZE + 1024 &&
        fixture_get(&refusals) > 0) {
        fixture_add(&refusals, (uint64_t)-1);
        return NULL;
    }
    return __real_calloc(count, size);
}

static int large_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    int reason;
    (void)self;
    (void)state;
    memcpy(&reason, mio_message_payload(message), sizeof(reason));
    fixture_add(&refusals, 3);
    return reason;
}

static const struct mio_actor_class large_class = {
    .name = "large", .state_size = RARE_SIZE, .receive = large_receive};

static void a_restart_without_memory_is_tried_again(void **state)
{
    (void)state;
    const struct mio_child_spec children[] = {
        PLAYER("a"), {.name = "L", .actor_class = &large_class}, PLAYER("c")};
    struct mio_supervisor_spec spec = {.strategy = MIO_REST_FOR_ONE,
                                       .restarts_max = 4,
                                       .period_ns = LONG,
                                       .children = children,
                                       .children_count = COUNT(children)};
    static const struct scene heals[] = {FAIL("L", MIO_EPROTO), END};
    static const struct scene gives_up[] = {FAIL("L", MIO_EPROTO),
                                            AWAIT(MIO_ERESTARTS), END};
    refusals = 0;
    drama_expect(&spec, heals, "+a +c -c +c -c -a ");
    assert_int_equal(refusals, 0);
    spec.restarts_max = 3;
    drama_expect(&spec, gives_up, "+a +c -c -a !:ERESTARTS ");
}

#define TEST(name) cmocka_unit_test_setup(name, drama_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_start_that_fails_ends_all),
        TEST(a_start_that_is_refused_ends_all),
        TEST(a_failed_start_climbs_the_tree),
        TEST(a_restart_that_fails_is_tried_again),
        TEST(failed_restarts_count_as_restarts),
        TEST(a_rise_goes_on_without_who_does_not_want_to),
        TEST(a_stop_that_fails_goes_on),
        TEST(who_does_not_stop_in_time_is_killed),
        TEST(a_group_that_does_not_stop_in_time_is_killed_and_rises),
        TEST(the_runtime_s_deadline_overrules_all_patience),
        TEST(a_stop_ends_restart_loops),
        TEST(a_restart_without_memory_is_tried_again),
    };
    return cmocka_run_group_tests_name("runtime/supervisor in trouble", tests,
                                       NULL, NULL);
}
