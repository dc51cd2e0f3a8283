/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/supervisor_test.c - what supervisors promise: order,
 * strategies, kinds of children, intensity, trees. */
#include "runtime/supervisor.h"

#include <string.h>

#include "tests/runtime/life/drama.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SECOND INT64_C(1000000000)

static const struct mio_child_spec three[] = {
    PLAYER("a"),
    PLAYER("b"),
    PLAYER("c"),
};

/* A supervisor of three, patient enough for every test. */
#define OF_THREE(how)                                                          \
    {                                                                          \
        .strategy = (how), .restarts_max = 10, .period_ns = 1000 * SECOND,     \
        .children = three, .children_count = COUNT(three)                      \
    }

static void children_start_in_order_and_stop_in_reverse(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = OF_THREE(MIO_ONE_FOR_ONE);
    static const struct scene by_runtime[] = {END};
    static const struct scene by_order[] = {STOP_SUPERVISOR,
                                            AWAIT(MIO_ESTOPPED), END};
    drama_expect(&spec, by_runtime, "+a +b +c -c -b -a ");
    drama_expect(&spec, by_order, "+a +b +c -c -b -a !:ESTOPPED ");
}

static void one_for_one_starts_that_one(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = OF_THREE(MIO_ONE_FOR_ONE);
    static const struct scene scenes[] = {FAIL("b", MIO_EPROTO), KILL("a"),
                                          END};
    drama_expect(&spec, scenes,
                 "+a +b +c -b:EPROTO +b -a:EKILLED +a -c -b -a ");
}

static void one_for_all_starts_all(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = OF_THREE(MIO_ONE_FOR_ALL);
    static const struct scene scenes[] = {FAIL("b", MIO_EPROTO), END};
    drama_expect(&spec, scenes, "+a +b +c -b:EPROTO -c -a +a +b +c -c -b -a ");
}

static void rest_for_one_starts_those_after_it(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = OF_THREE(MIO_REST_FOR_ONE);
    static const struct scene scenes[] = {FAIL("b", MIO_EPROTO),
                                          FAIL("c", MIO_EPROTO),
                                          FAIL("a", MIO_EPROTO), END};
    drama_expect(&spec, scenes,
                 "+a +b +c "
                 "-b:EPROTO -c +b +c "
                 "-c:EPROTO +c "
                 "-a:EPROTO -c -b +a +b +c "
                 "-c -b -a ");
}

/* --- kinds --------------------------------------------------------------- */

#define KIND(letter, kind)                                                     \
    {                                                                          \
        .name = letter, .actor_class = &player_class, .restart = (kind),       \
        .argument = &(const struct part){.name = letter},                      \
        .argument_size = sizeof(struct part)                                   \
    }

static const struct mio_child_spec kinds[] = {
    KIND("p", MIO_PERMANENT),
    KIND("t", MIO_TRANSIENT),
    KIND("x", MIO_TEMPORARY),
};

static void each_kind_is_restarted_as_it_should(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = {
        .restarts_max = 10, .children = kinds, .children_count = COUNT(kinds)};
    static const struct scene permanent[] = {FAIL("p", 0), FAIL("p", MIO_EIO),
                                             STOP("p"), END};
    static const struct scene failing[] = {FAIL("t", MIO_EIO), KILL("t"),
                                           FAIL("x", MIO_EIO), END};
    static const struct scene in_order[] = {FAIL("t", 0), END};
    static const struct scene stopped[] = {FAIL("t", MIO_ESTOPPED), END};
    drama_expect(&spec, permanent, "+p +t +x -p +p -p:EIO +p -p +p -x -t -p ");
    drama_expect(&spec, failing,
                 "+p +t +x -t:EIO +t -t:EKILLED +t -x:EIO -t -p ");
    drama_expect(&spec, in_order, "+p +t +x -t -x -p ");
    drama_expect(&spec, stopped, "+p +t +x -t:ESTOPPED -x -p ");
}

static void a_group_takes_along_who_had_ended_but_no_temporary(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = {.strategy = MIO_ONE_FOR_ALL,
                                                    .restarts_max = 10,
                                                    .children = kinds,
                                                    .children_count =
                                                        COUNT(kinds)};
    static const struct scene scenes[] = {FAIL("t", 0), FAIL("p", MIO_EIO),
                                          END};
    drama_expect(&spec, scenes, "+p +t +x -t -p:EIO -x +p +t -t -p ");
}

/* --- intensity ----------------------------------------------------------- */

static void too_many_restarts_end_the_supervisor(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = {.restarts_max = 2,
                                                    .period_ns = 1000 * SECOND,
                                                    .children = three,
                                                    .children_count =
                                                        COUNT(three)};
    static const struct scene scenes[] = {
        FAIL("a", MIO_EIO), FAIL("b", MIO_EIO), FAIL("a", MIO_EIO),
        AWAIT(MIO_ERESTARTS), END};
    drama_expect(&spec, scenes,
                 "+a +b +c -a:EIO +a -b:EIO +b -a:EIO -c -b !:ERESTARTS ");
}

static void none_may_be_allowed_and_one_is_usual(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec none = {
        .restarts_max = MIO_NO_RESTARTS,
        .children = three,
        .children_count = COUNT(three)};
    static const struct scene once[] = {FAIL("c", MIO_EIO),
                                        AWAIT(MIO_ERESTARTS), END};
    static const struct mio_supervisor_spec one = {.period_ns = 1000 * SECOND,
                                                   .children = three,
                                                   .children_count =
                                                       COUNT(three)};
    static const struct scene twice[] = {FAIL("c", MIO_EIO), FAIL("c", MIO_EIO),
                                         AWAIT(MIO_ERESTARTS), END};
    drama_expect(&none, once, "+a +b +c -c:EIO -b -a !:ERESTARTS ");
    drama_expect(&one, twice, "+a +b +c -c:EIO +c -c:EIO -b -a !:ERESTARTS ");
}

static void restarts_that_are_long_past_count_no_more(void **state)
{
    (void)state;
    /* A nanosecond: each restart is past before the next. */
    static const struct mio_supervisor_spec spec = {.restarts_max = 1,
                                                    .period_ns = 1,
                                                    .children = three,
                                                    .children_count = 1};
    static const struct scene scenes[] = {KILL("a"), KILL("a"), KILL("a"),
                                          KILL("a"), END};
    drama_expect(&spec, scenes,
                 "+a -a:EKILLED +a -a:EKILLED +a -a:EKILLED +a -a:EKILLED +a "
                 "-a ");
}

/* --- trees --------------------------------------------------------------- */

static const struct mio_supervisor_spec inner = {.restarts_max = 1,
                                                 .period_ns = 1000 * SECOND,
                                                 .children = three,
                                                 .children_count =
                                                     COUNT(three)};

static const struct mio_child_spec outer_children[] = {
    PLAYER("y"),
    {.name = "inner", .supervisor = &inner, .place = MIO_PLACE_ON(0)},
    PLAYER("z"),
};
static const struct mio_supervisor_spec outer = {.restarts_max = 1,
                                                 .period_ns = 1000 * SECOND,
                                                 .children = outer_children,
                                                 .children_count =
                                                     COUNT(outer_children)};

static void a_tree_rises_and_falls_in_order(void **state)
{
    (void)state;
    static const struct scene scenes[] = {END};
    drama_expect(&outer, scenes, "+y +a +b +c +z -z -c -b -a -y ");
}

static void a_killed_supervisor_takes_its_children_along(void **state)
{
    (void)state;
    static const struct mio_supervisor_spec spec = OF_THREE(MIO_ONE_FOR_ONE);
    static const struct scene scenes[] = {KILL_SUPERVISOR, AWAIT(MIO_EKILLED),
                                          END};
    static const uint32_t counts[] = FIXTURE_REACTORS;
    for (size_t i = 0; i < COUNT(counts); i++) /* in any order, but all */
        assert_non_null(strstr(drama_play(counts[i], &spec, scenes), "-a:EK"));
    static const struct scene in_a_tree[] = {KILL("inner"), END};
    for (size_t i = 0; i < COUNT(counts); i++) {
        const char *text = drama_play(counts[i], &outer, in_a_tree);
        assert_non_null(strstr(text, "-c:EKILLED"));
        assert_int_equal(drama_inits("a"), 2); /* and it was started anew */
        assert_int_equal(drama_inits("z"), 1);
    }
}

/* --- the tree above a supervisor that gave up ---------------------------- */

static const struct mio_child_spec hopeless_children[] = {
    PLAYER("h", .fails_at_once = true),
};
static const struct mio_supervisor_spec hopeless = {
    .restarts_max = 2,
    .period_ns = 1000 * SECOND,
    .children = hopeless_children,
    .children_count = COUNT(hopeless_children)};
static const struct mio_child_spec above_children[] = {
    PLAYER("u"),
    {.name = "hopeless", .supervisor = &hopeless, .restart = MIO_TRANSIENT},
};
static const struct mio_supervisor_spec above = {.restarts_max = 1,
                                                 .period_ns = 1000 * SECOND,
                                                 .children = above_children,
                                                 .children_count =
                                                     COUNT(above_children)};

static void giving_up_climbs_the_tree(void **state)
{
    (void)state;
    static const struct scene scenes[] = {AWAIT(MIO_ERESTARTS), END};
    drama_expect(&above, scenes,
                 "+u +h -h:EPROTO +h -h:EPROTO +h -h:EPROTO "
                 "+h -h:EPROTO +h -h:EPROTO +h -h:EPROTO -u !:ERESTARTS ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_start_in_order_and_stop_in_reverse),
        cmocka_unit_test(one_for_one_starts_that_one),
        cmocka_unit_test(one_for_all_starts_all),
        cmocka_unit_test(rest_for_one_starts_those_after_it),
        cmocka_unit_test(each_kind_is_restarted_as_it_should),
        cmocka_unit_test(a_group_takes_along_who_had_ended_but_no_temporary),
        cmocka_unit_test(too_many_restarts_end_the_supervisor),
        cmocka_unit_test(none_may_be_allowed_and_one_is_usual),
        cmocka_unit_test(restarts_that_are_long_past_count_no_more),
        cmocka_unit_test(a_tree_rises_and_falls_in_order),
        cmocka_unit_test(a_killed_supervisor_takes_its_children_along),
        cmocka_unit_test(giving_up_climbs_the_tree),
    };
    return cmocka_run_group_tests_name("runtime/supervisor", tests, NULL, NULL);
}
