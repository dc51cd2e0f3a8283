/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/name_test.c - one actor at a time has a name; it goes with its
 * end, before that is told; and names are as causal as messages. */
#include "runtime/name.h"

#include <stdio.h>
#include <string.h>

#include "runtime/monitor.h"
#include "tests/runtime/fixture.h"

static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint32_t reactors_of(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self));
}

static void run_class(uint32_t reactors, uint32_t names_max,
                      const struct mio_actor_class *class)
{
    struct mio_runtime_options options = {
        .reactors_count = reactors, .names_max = names_max, .name = "test"};
    struct mio_runtime *runtime;
    assert_ok(mio_runtime_new(&runtime, &options));
    assert_ok(mio_runtime_spawn(runtime, 0, class, NULL, 0, NULL));
    fixture_run(runtime);
}

/* --- codes --------------------------------------------------------------- */

#define NAME_63                                                                \
    "123456789012345678901234567890123456789012345678901234567890123"

static void check_bad_names(struct mio_actor *self)
{
    static const struct {
        const char *name;
        int code;
    } bad[] = {
        {NULL, MIO_EINVAL}, {"", MIO_EINVAL}, {NAME_63 "4", MIO_ENAMETOOLONG}};
    mio_actor_id id;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *name = bad[i].name;
        CHECK(mio_name_register(self, MIO_NAME_LOCAL, name) == bad[i].code);
        CHECK(mio_name_register(self, MIO_NAME_RUNTIME, name) == bad[i].code);
        CHECK(mio_name_unregister(self, MIO_NAME_LOCAL, name) == bad[i].code);
        CHECK(mio_whereis(self, MIO_NAME_LOCAL, name, &id) == bad[i].code);
        CHECK(mio_send_named(self, MIO_NAME_LOCAL, name, &note, NULL, 0) ==
              bad[i].code);
        CHECK(mio_runtime_whereis(mio_actor_runtime(self), name, &id) ==
              bad[i].code);
        CHECK(mio_runtime_send_named(mio_actor_runtime(self), name, &note, NULL,
                                     0) == bad[i].code);
    }
    CHECK(mio_name_register(self, (enum mio_name_scope)7, "a") == MIO_EINVAL);
}

static void check_scope(struct mio_actor *self, enum mio_name_scope scope)
{
    mio_actor_id id;
    CHECK(mio_whereis(self, scope, NAME_63, &id) == MIO_ENOENT);
    CHECK(mio_name_unregister(self, scope, NAME_63) == MIO_ENOENT);
    CHECK(mio_send_named(self, scope, NAME_63, &note, NULL, 0) == MIO_ENOENT);
    CHECK(mio_name_register(self, scope, NAME_63) == 0);
    CHECK(mio_name_register(self, scope, NAME_63) == MIO_EEXIST);
    CHECK(mio_whereis(self, scope, NAME_63, &id) == 0);
    CHECK(mio_actor_id_equal(id, mio_actor_self(self)));
    /* Names that begin alike, also in whole words, are others. */
    CHECK(mio_whereis(self, scope, "12345678", &id) == MIO_ENOENT);
    CHECK(mio_name_register(self, scope, "12345678") == 0);
    CHECK(mio_whereis(self, scope, "1234567", &id) == MIO_ENOENT);
    /* Two names are all that this runtime has room for. */
    CHECK(mio_name_register(self, scope, "b") == MIO_EFULL);
    CHECK(mio_name_unregister(self, scope, NAME_63) == 0);
    CHECK(mio_name_unregister(self, scope, NAME_63) == MIO_ENOENT);
    CHECK(mio_whereis(self, scope, NAME_63, &id) == MIO_ENOENT);
    CHECK(mio_name_register(self, scope, "b") == 0);
    CHECK(mio_name_unregister(self, scope, "12345678") == 0);
    CHECK(mio_name_unregister(self, scope, "b") == 0);
}

static int clerk_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    int *count = state;
    CHECK(mio_actor_id_is_none(message->from) == (*count == 1));
    if (++*count == 2)
        fixture_stop(self);
    return 0;
}

static int clerk_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    check_bad_names(self);
    check_scope(self, MIO_NAME_LOCAL);
    check_scope(self, MIO_NAME_RUNTIME);
    CHECK(mio_name_register(self, MIO_NAME_RUNTIME, "clerk") == 0);
    CHECK(mio_send_named(self, MIO_NAME_RUNTIME, "clerk", &note, NULL, 0) == 0);
    CHECK(mio_runtime_send_named(mio_actor_runtime(self), "clerk", &note, NULL,
                                 0) == 0);
    return 0;
}

static const struct mio_actor_class clerk_class = {
    .name = "clerk",
    .state_size = sizeof(int),
    .init = clerk_init,
    .receive = clerk_receive,
};

static void bad_names_and_full_tables_have_codes(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], 2, &clerk_class);
    struct mio_runtime_options options = {.names_max = MIO_NAMES_MAX + 1};
    struct mio_runtime *runtime;
    assert_int_equal(mio_runtime_new(&runtime, &options), MIO_EINVAL);
}

/* --- scopes -------------------------------------------------------------- */

static struct fixture_latch towns_left;

/* One on each reactor: the same local name, and a name of the runtime's. */
static int town_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    char name[16];
    mio_actor_id id;
    (void)state;
    (void)argument;
    (void)argument_size;
    snprintf(name, sizeof(name), "town %u", mio_actor_reactor(self));
    CHECK(mio_name_register(self, MIO_NAME_LOCAL, "town") == 0);
    CHECK(mio_name_register(self, MIO_NAME_RUNTIME, name) == 0);
    CHECK(mio_whereis(self, MIO_NAME_LOCAL, name, &id) == MIO_ENOENT);
    CHECK(mio_whereis(self, MIO_NAME_RUNTIME, "town", &id) == MIO_ENOENT);
    fixture_latch_done(&towns_left, self);
    return 0;
}

static const struct mio_actor_class town_class = {.name = "town",
                                                  .init = town_init};

static void local_names_are_of_one_reactor(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        uint32_t count = reactors_counts[i];
        struct mio_runtime *runtime = fixture_runtime(count);
        mio_actor_id towns[8];
        mio_actor_id id;
        towns_left.missing = count;
        for (uint32_t j = 0; j < count; j++)
            assert_ok(
                mio_runtime_spawn(runtime, j, &town_class, NULL, 0, &towns[j]));
        assert_ok(mio_runtime_run(runtime));
        /* All have ended: so have their names. */
        assert_int_equal(mio_runtime_whereis(runtime, "town 0", &id),
                         MIO_ENOENT);
        mio_runtime_free(runtime);
    }
}

/* --- the end of who has a name ------------------------------------------- */

#define HEIRS 12
#define DEATHS 300

static uint64_t deaths_told;

/* It names itself, and ends by its first message. */
static int king_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    CHECK(mio_name_register(self, MIO_NAME_RUNTIME, "king") == 0);
    CHECK(mio_name_register(self, MIO_NAME_LOCAL, "king") == 0);
    return 0;
}

static int king_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return MIO_EPROTO;
}

static void king_exit(struct mio_actor *self, void *state, int reason)
{
    mio_actor_id id;
    (void)state;
    (void)reason;
    /* The names are still its own. */
    CHECK(mio_whereis(self, MIO_NAME_RUNTIME, "king", &id) == 0);
    CHECK(mio_actor_id_equal(id, mio_actor_self(self)));
}

static const struct mio_actor_class king_class = {
    .name = "king",
    .init = king_init,
    .receive = king_receive,
    .exit = king_exit,
};

/* Heirs on all reactors watch the king. Each looks for the name when it is
 * told: the dead one never has it. */
struct heir {
    struct mio_monitor monitor;
    mio_actor_id court;
};

static int heir_down(struct mio_actor *self, void *state,
                     struct mio_monitor *monitor, int reason)
{
    struct heir *heir = state;
    mio_actor_id id;
    CHECK(reason == MIO_EPROTO);
    if (mio_whereis(self, MIO_NAME_RUNTIME, "king", &id) == 0)
        CHECK(!mio_actor_id_equal(id, mio_monitor_target(monitor)));
    return mio_send(self, heir->court, &note, NULL, 0);
}

static int heir_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct heir *heir = state;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&heir->monitor, self, heir_down);
    return 0;
}

static int heir_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct heir *heir = state;
    mio_actor_id king;
    memcpy(&king, mio_message_payload(message), sizeof(king));
    heir->court = message->from;
    CHECK(mio_monitor_start(&heir->monitor, king) == 0);
    return mio_send(self, message->from, &note, NULL, 0);
}

static const struct mio_actor_class heir_class = {
    .name = "heir",
    .state_size = sizeof(struct heir),
    .init = heir_init,
    .receive = heir_receive,
};

/* The court crowns kings: each takes the name in its init, and must get it. */
struct court {
    mio_actor_id heirs[HEIRS];
    mio_actor_id king;
    uint32_t answers;
    uint32_t kings;
};

static void crown(struct mio_actor *self, struct court *court)
{
    /* On the same reactor each time: its local name must be free, too. */
    CHECK(mio_spawn_on(self, reactors_of(self) - 1, &king_class, NULL, 0,
                       &court->king) == 0);
    for (uint32_t i = 0; i < HEIRS; i++)
        CHECK(mio_send(self, court->heirs[i], &note, &court->king,
                       sizeof(court->king)) == 0);
    court->answers = 0;
}

/* First all watch; then the king ends; at the first word of that, the next. */
static int court_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct court *court = state;
    (void)message;
    court->answers++;
    if (court->answers == HEIRS)
        return mio_send(self, court->king, &note, NULL, 0);
    if (court->answers < 2 * HEIRS)
        return 0;
    fixture_add(&deaths_told, HEIRS);
    if (++court->kings == fixture_scaled(DEATHS))
        fixture_stop(self);
    else
        crown(self, court);
    return 0;
}

static int court_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct court *court = state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < HEIRS; i++)
        CHECK(mio_spawn_on(self, i % reactors_of(self), &heir_class, NULL, 0,
                           &court->heirs[i]) == 0);
    crown(self, court);
    return 0;
}

static const struct mio_actor_class court_class = {
    .name = "court",
    .state_size = sizeof(struct court),
    .init = court_init,
    .receive = court_receive,
};

static void a_name_is_free_before_the_end_is_told(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        deaths_told = 0;
        run_class(reactors_counts[i], 0, &court_class);
        assert_int_equal(deaths_told, HEIRS * fixture_scaled(DEATHS));
    }
}

/* --- causality ----------------------------------------------------------- */

static uint64_t has_looked; /* for it */
static uint64_t has_found;
static mio_actor_id reader;

/* First a letter, then a name. It stays in its callback until the finder has
 * written: so the letter must have been published before the name. */
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
    CHECK(mio_name_register(self, MIO_NAME_RUNTIME, "writer") == 0);
    while (fixture_get(&has_found) == 0) {
        /* It finds the name. */
    }
    /* The same for giving it back. */
    number = 3;
    CHECK(mio_send(self, reader, &note, &number, sizeof(number)) == 0);
    CHECK(mio_name_unregister(self, MIO_NAME_RUNTIME, "writer") == 0);
    while (fixture_get(&has_found) == 1) {
        /* It finds no name. */
    }
    return 0;
}

static const struct mio_actor_class writer_class = {.name = "writer",
                                                    .init = writer_init};

/* It stays in its callback, too: so it must take its inbox itself. */
static int finder_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    mio_actor_id id;
    int number = 2;
    (void)state;
    (void)argument;
    (void)argument_size;
    while (mio_whereis(self, MIO_NAME_RUNTIME, "writer", &id) == MIO_ENOENT)
        fixture_add(&has_looked, 1);
    CHECK(mio_send(self, reader, &note, &number, sizeof(number)) == 0);
    mio_publish(self);
    fixture_add(&has_found, 1);
    while (mio_whereis(self, MIO_NAME_RUNTIME, "writer", &id) == 0) {
        /* It is given back. */
    }
    number = 4;
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
    if (number == 4)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class reader_class = {
    .name = "reader", .state_size = sizeof(int), .receive = reader_receive};

static void what_was_sent_before_a_name_changed_comes_first(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        uint32_t last = reactors_counts[i] - 1;
        /* The reader with the finder, and with neither. */
        for (uint32_t j = last > 0 ? 1 : 2; j <= (last > 1 ? 2U : last);
             j += 1) {
            struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
            has_looked = 0;
            has_found = 0;
            assert_ok(
                mio_runtime_spawn(runtime, j, &reader_class, NULL, 0, &reader));
            assert_ok(
                mio_runtime_spawn(runtime, 0, &writer_class, NULL, 0, NULL));
            assert_ok(
                mio_runtime_spawn(runtime, 1, &finder_class, NULL, 0, NULL));
            fixture_run(runtime);
        }
    }
}

/* --- storm --------------------------------------------------------------- */

#define RACERS 24
#define RACES 6000
#define NAMES                                                                  \
    12 /* the even ones for all; of the odd ones each reactor's own            \
        */

static uint64_t owners[NAMES];
static uint64_t wins;
static uint64_t hits;

struct racer {
    uint64_t random;
    uint64_t races;
    bool has[NAMES];
};

static uint32_t draw(struct racer *racer, uint32_t below)
{
    racer->random = racer->random * UINT64_C(6364136223846793005) + 1;
    return (uint32_t)(racer->random >> 33) % below;
}

static const char *name_of(uint32_t number, char text[16])
{
    snprintf(text, 16, "%s%u", number % 3 == 0 ? "a long name " : "n", number);
    return text;
}

/* Whether an actor on this reactor may ever have the name. */
static bool may_have(uint32_t number, uint32_t reactor)
{
    return number % 2 == 0 || number / 2 % 2 == reactor % 2;
}

static void give_back(struct mio_actor *self, struct racer *racer,
                      uint32_t number, bool by_end)
{
    char text[16];
    uint64_t id = mio_actor_self(self).value;
    CHECK(__atomic_compare_exchange_n(&owners[number], &id, 0, false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    racer->has[number] = false;
    if (!by_end)
        CHECK(mio_name_unregister(self, MIO_NAME_RUNTIME,
                                  name_of(number, text)) == 0);
}

static void try_take(struct mio_actor *self, struct racer *racer,
                     uint32_t number)
{
    char text[16];
    uint64_t nobody = 0;
    int result =
        mio_name_register(self, MIO_NAME_RUNTIME, name_of(number, text));
    CHECK(result == 0 || result == MIO_EEXIST);
    CHECK(result == MIO_EEXIST || !racer->has[number]);
    if (result < 0)
        return;
    /* Whoever had it before has said that it gives it back. */
    CHECK(__atomic_compare_exchange_n(&owners[number], &nobody,
                                      mio_actor_self(self).value, false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    racer->has[number] = true;
    fixture_add(&wins, 1);
}

static void look(struct mio_actor *self, struct racer *racer, uint32_t number)
{
    char text[16];
    mio_actor_id id;
    int result =
        mio_whereis(self, MIO_NAME_RUNTIME, name_of(number, text), &id);
    if (racer->has[number])
        CHECK(result == 0 && mio_actor_id_equal(id, mio_actor_self(self)));
    if (result < 0)
        return;
    CHECK(may_have(number, mio_actor_id_reactor(id)));
    fixture_add(&hits, 1);
}

static int race(struct mio_actor *self, struct racer *racer)
{
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t number = draw(racer, NAMES);
        if (racer->has[number] && draw(racer, 2) == 0)
            give_back(self, racer, number, false);
        else if (may_have(number, mio_actor_reactor(self)) &&
                 draw(racer, 2) == 0)
            try_take(self, racer, number);
        else
            look(self, racer, number);
    }
    return mio_send(self, mio_actor_self(self), &note, NULL, 0);
}

static struct fixture_latch racers_left;
static const struct mio_actor_class racer_class;

/* Now and then one ends with all its names, and another goes on for it. */
static int racer_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct racer *racer = state;
    (void)message;
    racer->races += 16;
    if (racer->races < fixture_scaled(RACES) && draw(racer, 16) != 0)
        return race(self, racer);
    if (racer->races >= fixture_scaled(RACES))
        fixture_latch_done(&racers_left, self);
    else
        CHECK(mio_spawn(self, &racer_class, racer, sizeof(*racer), NULL) == 0);
    mio_actor_exit(self, 0);
    return 0;
}

static void racer_exit(struct mio_actor *self, void *state, int reason)
{
    struct racer *racer = state;
    (void)reason;
    for (uint32_t i = 0; i < NAMES; i++) {
        if (racer->has[i])
            give_back(self, racer, i, true);
    }
}

static int racer_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct racer *racer = state;
    CHECK(argument_size == sizeof(*racer));
    memcpy(racer, argument, sizeof(*racer));
    memset(racer->has, 0, sizeof(racer->has));
    return race(self, racer);
}

static const struct mio_actor_class racer_class = {
    .name = "racer",
    .state_size = sizeof(struct racer),
    .init = racer_init,
    .receive = racer_receive,
    .exit = racer_exit,
};

static void exactly_one_wins_each_race(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        /* As few entries as names: each is another's soon. */
        struct mio_runtime_options options = {
            .reactors_count = reactors_counts[i], .names_max = NAMES};
        struct mio_runtime *runtime;
        assert_ok(mio_runtime_new(&runtime, &options));
        memset(owners, 0, sizeof(owners));
        wins = 0;
        hits = 0;
        racers_left.missing = RACERS;
        for (uint32_t j = 0; j < RACERS; j++) {
            struct racer racer = {.random = j + 1};
            assert_ok(mio_runtime_spawn(runtime, j % reactors_counts[i],
                                        &racer_class, &racer, sizeof(racer),
                                        NULL));
        }
        fixture_run(runtime);
        assert_true(wins > 0 && hits > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_names_and_full_tables_have_codes),
        cmocka_unit_test(local_names_are_of_one_reactor),
        cmocka_unit_test(a_name_is_free_before_the_end_is_told),
        cmocka_unit_test(what_was_sent_before_a_name_changed_comes_first),
        cmocka_unit_test(exactly_one_wins_each_race),
    };
    return cmocka_run_group_tests_name("runtime/name", tests, NULL, NULL);
}
