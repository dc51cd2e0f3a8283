/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/supervisor_call_test.c - children that come and go while a
 * supervisor runs, and what it tells of them. */
#include <string.h>

#include "runtime/supervisor.h"
#include "tests/runtime/life/drama.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define SECOND INT64_C(1000000000)

static const struct mio_child_spec pair[] = {PLAYER("a"), PLAYER("b")};

static void a_dynamic_child_is_one_like_any_other(void **state)
{
    (void)state;
    const struct mio_child_spec late = PLAYER("d");
    const struct mio_supervisor_spec spec = {
        .restarts_max = 10, .children = pair, .children_count = COUNT(pair)};
    const struct scene restarted[] = {ADD(&late, 0), FAIL("d", MIO_EIO), END};
    const struct scene removed[] = {ADD(&late, 0), REMOVE("d"), ADD(&late, 0),
                                    REMOVE("a"), END};
    drama_expect(&spec, restarted, "+a +b +d -d:EIO +d -d -b -a ");
    drama_expect(&spec, removed, "+a +b +d -d +d -a -d -b ");
}

static void groups_take_dynamic_children_along(void **state)
{
    (void)state;
    const struct mio_child_spec late = PLAYER("d");
    struct mio_supervisor_spec spec = {.strategy = MIO_ONE_FOR_ALL,
                                       .restarts_max = 10,
                                       .children = pair,
                                       .children_count = COUNT(pair)};
    const struct scene scenes[] = {ADD(&late, 0), FAIL("b", MIO_EIO),
                                   REMOVE("b"), FAIL("d", MIO_EIO), END};
    /* Who was removed from the table rises with the group, as OTP has it. */
    drama_expect(&spec, scenes,
                 "+a +b +d -b:EIO -d -a +a +b +d -b -d:EIO -a +a +b +d "
                 "-d -b -a ");
    const struct scene risen[] = {REMOVE("b"), FAIL("a", MIO_EIO),
                                  FAIL("b", MIO_EIO), END};
    drama_expect(&spec, risen, /* and is a child like any other again */
                 "+a +b -b -a:EIO +a +b -b:EIO -a +a +b -b -a ");
    spec.strategy = MIO_REST_FOR_ONE;
    drama_expect(&spec, scenes, "+a +b +d -b:EIO -d +b +d -b -d:EIO +d -d -a ");
}

static void a_dynamic_child_that_does_not_start_harms_nobody(void **state)
{
    (void)state;
    const struct mio_child_spec failing = PLAYER("f", .init_result = MIO_EIO);
    struct mio_child_spec nowhere = PLAYER("n");
    nowhere.place = MIO_PLACE_ON(4711);
    const struct scene scenes[] = {ADD(&failing, MIO_EIO),
                                   ADD(&nowhere, MIO_EINVAL), END};
    for (int how = MIO_ONE_FOR_ONE; how <= MIO_REST_FOR_ONE; how++) {
        const struct mio_supervisor_spec spec = {
            .strategy = (enum mio_strategy)how,
            .restarts_max = MIO_NO_RESTARTS,
            .children = pair,
            .children_count = COUNT(pair)};
        drama_expect(&spec, scenes, "+a +b +f -f:EIO -b -a ");
    }
}

static void a_dynamic_supervisor_is_up_when_its_children_are(void **state)
{
    (void)state;
    const struct mio_child_spec below[] = {PLAYER("x"), PLAYER("y")};
    const struct mio_supervisor_spec inner = {.children = below,
                                              .children_count = COUNT(below)};
    const struct mio_child_spec late = {.name = "inner", .supervisor = &inner};
    const struct mio_supervisor_spec spec = {.children = pair,
                                             .children_count = COUNT(pair)};
    const struct scene scenes[] = {ADD(&late, 0), FAIL("b", MIO_EIO), END};
    drama_expect(&spec, scenes, "+a +b +x +y -b:EIO +b -y -x -b -a ");
}

/* --- what is told -------------------------------------------------------- */

static const struct mio_child_spec told_inner[] = {PLAYER("i")};
static const struct mio_supervisor_spec told_below = {
    .children = told_inner, .children_count = COUNT(told_inner)};
static const struct mio_child_spec told_children[] = {
    PLAYER("a"),
    {.name = "below", .supervisor = &told_below},
    {.name = "x",
     .actor_class = &player_class,
     .restart = MIO_TRANSIENT,
     .argument = &(const struct part){.name = "x"},
     .argument_size = sizeof(struct part)},
};
static const struct mio_supervisor_spec told = {.restarts_max = 10,
                                                .children = told_children,
                                                .children_count =
                                                    COUNT(told_children)};

static const struct mio_child_spec told_late = PLAYER("d");

struct asker {
    mio_actor_id supervisor;
    uint64_t key;
    uint64_t step;
};

static void check_infos(const struct mio_supervisor_answer *answer)
{
    static const char *const names[] = {"a", "below", "x", "d"};
    const struct mio_child_info *infos = mio_supervisor_answer_infos(answer);
    CHECK(answer->infos_count == COUNT(names));
    for (uint32_t i = 0; i < COUNT(names); i++) {
        CHECK(strcmp(infos[i].name, names[i]) == 0);
        CHECK(infos[i].is_supervisor == (i == 1));
        CHECK(infos[i].is_dynamic == (i == 3));
        CHECK(infos[i].state == MIO_CHILD_RUNNING);
        CHECK(infos[i].restarts_count == 0);
        CHECK(!mio_actor_id_is_none(infos[i].id));
        for (uint32_t j = 0; j < i; j++)
            CHECK(infos[i].key != infos[j].key);
    }
}

/* Several calls at once: their answers come in their order. */
static void asker_begin(struct mio_actor *self, struct asker *asker)
{
    mio_actor_id it = asker->supervisor;
    struct mio_child_spec both = told_late;
    both.supervisor = &told_below;
    CHECK(mio_supervisor_start_child(self, it, &both, 0) == MIO_EINVAL);
    CHECK(mio_supervisor_count(self, (mio_actor_id){0}, 0) == MIO_EINVAL);
    CHECK(mio_supervisor_count(self, it, 1) == 0);
    CHECK(mio_supervisor_start_child(self, it, &told_late, 2) == 0);
}

static void asker_on(struct mio_actor *self, struct asker *asker,
                     const struct mio_supervisor_answer *answer)
{
    mio_actor_id it = asker->supervisor;
    switch (asker->step) {
    case 1: /* count */
        CHECK(answer->result == 0 && answer->infos_count == 0);
        CHECK(answer->children_count == 3 && answer->running_count == 3);
        break;
    case 2: /* start */
        CHECK(answer->result == 0 && answer->infos_count == 1);
        CHECK(strcmp(mio_supervisor_answer_infos(answer)->name, "d") == 0);
        asker->key = mio_supervisor_answer_infos(answer)->key;
        CHECK(mio_supervisor_which(self, it, 3) == 0);
        CHECK(mio_supervisor_stop_child(self, it, 4711, 4) == 0);
        CHECK(mio_supervisor_count(self, mio_actor_self(self), 5) == 0);
        break;
    case 3:
        CHECK(answer->result == 0 && answer->children_count == 4);
        check_infos(answer);
        break;
    case 4:
        CHECK(answer->result == MIO_ENOENT);
        break;
    case 5: /* an actor that is no supervisor */
        CHECK(answer->result == MIO_EINVAL);
        CHECK(mio_supervisor_stop_child(self, it, asker->key, 6) == 0);
        break;
    case 6:
        CHECK(answer->result == 0);
        CHECK(mio_supervisor_stop_child(self, it, asker->key, 7) == 0);
        break;
    case 7: /* it was forgotten */
        CHECK(answer->result == MIO_ENOENT);
        /* What waits as it ends, and what comes too late. */
        CHECK(mio_kill(self, it) == 0);
        CHECK(mio_supervisor_which(self, it, 8) == 0);
        break;
    default:
        CHECK(asker->step == 8);
        CHECK(answer->result == MIO_EDEAD && answer->infos_count == 0);
        fixture_stop(self);
        break;
    }
}

static int asker_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct asker *asker = state;
    const struct mio_supervisor_answer *answer = mio_message_payload(message);
    CHECK(message->type == mio_supervisor_answer_type());
    /* Those of 3 and 4 come from there, that of 5 from here: it may overtake.
     */
    if (answer->token == 5 && asker->step < 4) {
        CHECK(mio_supervisor_count(self, mio_actor_self(self), 5) == 0);
        return 0;
    }
    CHECK(answer->token == ++asker->step);
    asker_on(self, asker, answer);
    return 0;
}

static int asker_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct asker *asker = state;
    (void)argument;
    (void)argument_size;
    uint32_t last = mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
    CHECK(mio_supervisor_spawn(self, last, &told, &asker->supervisor) == 0);
    asker_begin(self, asker);
    return 0;
}

static const struct mio_actor_class asker_class = {
    .name = "asker",
    .state_size = sizeof(struct asker),
    .init = asker_init,
    .receive = asker_receive,
};

static void answers_tell_what_is(void **state)
{
    (void)state;
    static const uint32_t counts[] = FIXTURE_REACTORS;
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct mio_runtime *runtime = drama_runtime(counts[i]);
        assert_ok(mio_runtime_spawn(runtime, 0, &asker_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        drama_end(runtime);
        assert_int_equal(drama_living(), 0);
    }
}

/* --- a supervisor that ends while calls wait ----------------------------- */

#define CALLS 50

static const struct mio_child_spec doomed_children[] = {
    PLAYER("q", .ignores_stop = true)};
static const struct mio_supervisor_spec doomed = {
    .children = doomed_children, .children_count = COUNT(doomed_children)};

struct patient {
    mio_actor_id supervisor;
    uint64_t answers;
};

static int patient_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct patient *patient = state;
    const struct mio_supervisor_answer *answer = mio_message_payload(message);
    CHECK(message->type == mio_supervisor_answer_type());
    if (answer->token == CALLS) { /* the first: it is up */
        CHECK(answer->result == 0);
        CHECK(mio_stop(self, patient->supervisor) == 0);
        for (uint64_t i = 0; i < CALLS; i++) /* it is stopping: these wait */
            CHECK(mio_supervisor_start_child(self, patient->supervisor,
                                             &told_late, i) == 0);
        CHECK(mio_kill(self, patient->supervisor) == 0);
        return 0;
    }
    CHECK(answer->result == MIO_EDEAD);
    CHECK(answer->token == patient->answers++); /* in their order */
    if (patient->answers == CALLS)
        fixture_stop(self);
    return 0;
}

static int patient_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct patient *patient = state;
    (void)argument;
    (void)argument_size;
    uint32_t last = mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
    CHECK(mio_supervisor_spawn(self, last, &doomed, &patient->supervisor) == 0);
    return mio_supervisor_count(self, patient->supervisor, CALLS);
}

static const struct mio_actor_class patient_class = {
    .name = "patient",
    .state_size = sizeof(struct patient),
    .init = patient_init,
    .receive = patient_receive,
};

static void every_call_is_answered_even_by_the_dead(void **state)
{
    (void)state;
    static const uint32_t counts[] = FIXTURE_REACTORS;
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct mio_runtime *runtime = drama_runtime(counts[i]);
        assert_ok(mio_runtime_spawn(runtime, 0, &patient_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        drama_end(runtime);
        assert_int_equal(drama_living(), 0);
        assert_int_equal(drama_inits("d"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dynamic_child_is_one_like_any_other),
        cmocka_unit_test(groups_take_dynamic_children_along),
        cmocka_unit_test(a_dynamic_child_that_does_not_start_harms_nobody),
        cmocka_unit_test(a_dynamic_supervisor_is_up_when_its_children_are),
        cmocka_unit_test(answers_tell_what_is),
        cmocka_unit_test(every_call_is_answered_even_by_the_dead),
    };
    return cmocka_run_group_tests_name("runtime/supervisor calls", tests, NULL,
                                       NULL);
}
