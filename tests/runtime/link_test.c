/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/link_test.c - actors that fail together, and ends that others
 * order. What happens is watched by monitors (monitor_test.c). */
#include "runtime/link.h"

#include <string.h>

#include "runtime/monitor.h"
#include "tests/runtime/fixture.h"

static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint32_t last_reactor(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
}

static void run_class(uint32_t reactors, const struct mio_actor_class *class)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    assert_ok(mio_runtime_spawn(runtime, 0, class, NULL, 0, NULL));
    fixture_run(runtime);
}

/* --- a puppet: does what it is told -------------------------------------- */

enum order { LINK, UNLINK, TRAP, END, COUNT };

struct order_to {
    enum order what;
    int reason;
    mio_actor_id whom;
};

static uint64_t exits_trapped; /* of the puppets of the running test */
static int64_t exit_reason;

static int puppet_exited(struct mio_actor *self, void *state, mio_actor_id from,
                         int reason)
{
    (void)self;
    (void)state;
    CHECK(!mio_actor_id_is_none(from));
    fixture_add(&exits_trapped, 1);
    __atomic_store_n(&exit_reason, reason, __ATOMIC_SEQ_CST);
    return 0;
}

static int puppet_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct order_to order;
    (void)state;
    memcpy(&order, mio_message_payload(message), sizeof(order));
    int result = 0;
    switch (order.what) {
    case LINK:
        result = mio_link(self, order.whom);
        break;
    case UNLINK:
        result = mio_unlink(self, order.whom);
        break;
    case TRAP:
        mio_trap_exits(self, puppet_exited);
        break;
    case END:
        mio_actor_exit(self, order.reason);
        break;
    case COUNT:
        break;
    }
    CHECK(mio_send(self, message->from, &note, &result, sizeof(result)) == 0);
    return 0;
}

static int puppet_stop(struct mio_actor *self, void *state)
{
    (void)state;
    mio_actor_exit(self, 0); /* in order, unlike who has no stop */
    return 0;
}

static const struct mio_actor_class puppet_class = {
    .name = "puppet",
    .receive = puppet_receive,
    .stop = puppet_stop,
};

/* --- a player with two puppets, a script of orders ----------------------- */

#define PUPPETS 2

struct player {
    struct mio_monitor monitors[PUPPETS];
    mio_actor_id puppets[PUPPETS];
    const struct script *script;
    size_t line;
    int ends_missing;
};

/* One order, its answer is awaited before the next. */
struct line {
    int puppet;
    struct order_to order; /* `whom` is set to the other puppet */
    int result;
};

#define LINES_MAX 8

struct script {
    struct line lines[LINES_MAX]; /* ends with COUNT */
    int ends[PUPPETS];            /* the reasons that the monitors hear */
    uint64_t trapped;
    int trapped_reason;
};

#define LIVES 4711 /* it ends when the test is over, by mio_stop: with 0 */

static int player_down(struct mio_actor *self, void *state,
                       struct mio_monitor *monitor, int reason)
{
    struct player *player = state;
    int which = monitor == &player->monitors[1];
    int expected = player->script->ends[which];
    CHECK(reason == (expected == LIVES ? 0 : expected));
    if (--player->ends_missing == 0)
        fixture_stop(self);
    /* The other one may be alive: it is asked to stop, behind the news that it
     * may be told of this end. */
    else if (player->script->ends[!which] == LIVES)
        CHECK(mio_stop(self, player->puppets[!which]) == 0);
    return 0;
}

static void say_line(struct mio_actor *self, struct player *player)
{
    const struct line *line = &player->script->lines[player->line];
    struct order_to order = line->order;
    order.whom = player->puppets[!line->puppet];
    CHECK(mio_send(self, player->puppets[line->puppet], &note, &order,
                   sizeof(order)) == 0);
}

static int player_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct player *player = state;
    int result;
    memcpy(&result, mio_message_payload(message), sizeof(result));
    CHECK(result == player->script->lines[player->line].result);
    player->line++;
    CHECK(player->line < LINES_MAX);
    if (player->script->lines[player->line].order.what != COUNT)
        say_line(self, player);
    return 0;
}

static int player_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct player *player = state;
    CHECK(argument_size == sizeof(player->script));
    memcpy(&player->script, argument, sizeof(player->script));
    player->ends_missing = PUPPETS;
    for (uint32_t i = 0; i < PUPPETS; i++) {
        mio_monitor_init(&player->monitors[i], self, player_down);
        CHECK(mio_spawn_monitored(
                  self, &player->monitors[i], i == 0 ? 0 : last_reactor(self),
                  &puppet_class, NULL, 0, &player->puppets[i]) == 0);
    }
    say_line(self, player);
    return 0;
}

static const struct mio_actor_class player_class = {
    .name = "player",
    .state_size = sizeof(struct player),
    .init = player_init,
    .receive = player_receive,
};

static void play(const struct script *script)
{
    EACH_COUNT(i)
    {
        exits_trapped = 0;
        exit_reason = 0;
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        assert_ok(mio_runtime_spawn(runtime, 0, &player_class, &script,
                                    sizeof(script), NULL));
        fixture_run(runtime);
        assert_int_equal(exits_trapped, script->trapped);
        assert_int_equal(exit_reason, script->trapped_reason);
    }
}

static void an_error_ends_both(void **state)
{
    (void)state;
    static const struct script maker_fails = {
        .lines = {{0, {.what = LINK}, 0},
                  {0, {.what = LINK}, MIO_EEXIST},
                  {0, {.what = END, .reason = MIO_EPROTO}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {MIO_EPROTO, MIO_EPROTO},
    };
    static const struct script other_fails = {
        .lines = {{0, {.what = LINK}, 0},
                  {1, {.what = END, .reason = MIO_EPROTO}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {MIO_EPROTO, MIO_EPROTO},
    };
    play(&maker_fails);
    play(&other_fails);
}

static void an_end_in_order_ends_nobody_else(void **state)
{
    (void)state;
    static const struct script script = {
        .lines = {{0, {.what = LINK}, 0},
                  {1, {.what = END, .reason = 3}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {LIVES, 3},
    };
    play(&script);
}

static void who_traps_is_told_and_lives(void **state)
{
    (void)state;
    static const struct script fails = {
        .lines = {{0, {.what = TRAP}, 0},
                  {0, {.what = LINK}, 0},
                  {1, {.what = END, .reason = MIO_EPROTO}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {LIVES, MIO_EPROTO},
        .trapped = 1,
        .trapped_reason = MIO_EPROTO,
    };
    static const struct script ends = {
        .lines = {{0, {.what = TRAP}, 0},
                  {1, {.what = LINK}, 0},
                  {1, {.what = END, .reason = 5}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {LIVES, 5},
        .trapped = 1,
        .trapped_reason = 5,
    };
    play(&fails);
    play(&ends);
}

static void either_may_unlink(void **state)
{
    (void)state;
    static const struct script maker = {
        .lines = {{0, {.what = LINK}, 0},
                  {0, {.what = UNLINK}, 0},
                  {0, {.what = UNLINK}, MIO_ENOENT},
                  {1, {.what = END, .reason = MIO_EPROTO}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {LIVES, MIO_EPROTO},
    };
    static const struct script other = {
        .lines = {{0, {.what = LINK}, 0},
                  {1, {.what = UNLINK}, 0},
                  {0, {.what = END, .reason = MIO_EPROTO}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {MIO_EPROTO, LIVES},
    };
    play(&maker);
    play(&other);
}

static void two_that_link_each_other_are_told_once(void **state)
{
    (void)state;
    static const struct script script = {
        .lines = {{0, {.what = TRAP}, 0},
                  {0, {.what = LINK}, 0},
                  {1, {.what = LINK}, MIO_EEXIST},
                  {1, {.what = END, .reason = MIO_EPROTO}, 0},
                  {0, {.what = COUNT}, 0}},
        .ends = {LIVES, MIO_EPROTO},
        .trapped = 1,
        .trapped_reason = MIO_EPROTO,
    };
    play(&script);
}

/* --- news that cross
 * ------------------------------------------------------- */

/* Both unlink, and one links anew: what the other undid was the old link. On
 * one reactor, where what crosses is sure to. */
struct conductor {
    struct mio_monitor monitors[PUPPETS];
    mio_actor_id puppets[PUPPETS];
    int answers;
    int ends;
};

static void conduct(struct mio_actor *self, struct conductor *conductor,
                    int puppet, enum order what)
{
    struct order_to order = {what, MIO_EPROTO, conductor->puppets[!puppet]};
    CHECK(mio_send(self, conductor->puppets[puppet], &note, &order,
                   sizeof(order)) == 0);
}

static int conductor_down(struct mio_actor *self, void *state,
                          struct mio_monitor *monitor, int reason)
{
    struct conductor *conductor = state;
    (void)monitor;
    CHECK(reason == MIO_EPROTO);
    if (++conductor->ends == PUPPETS)
        fixture_stop(self);
    return 0;
}

static int conductor_receive(struct mio_actor *self, void *state,
                             struct mio_message *message)
{
    struct conductor *conductor = state;
    (void)message;
    switch (++conductor->answers) {
    case 1: /* they are linked */
        conduct(self, conductor, 1, UNLINK);
        conduct(self, conductor, 0, UNLINK);
        conduct(self, conductor, 0, LINK);
        break;
    case 4:
        conduct(self, conductor, 1, COUNT); /* what was sent has come */
        break;
    case 5:
        conduct(self, conductor, 1, END);
        break;
    default:
        break;
    }
    return 0;
}

static int conductor_init(struct mio_actor *self, void *state,
                          const void *argument, size_t argument_size)
{
    struct conductor *conductor = state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < PUPPETS; i++) {
        mio_monitor_init(&conductor->monitors[i], self, conductor_down);
        CHECK(mio_spawn_monitored(self, &conductor->monitors[i], 0,
                                  &puppet_class, NULL, 0,
                                  &conductor->puppets[i]) == 0);
    }
    conduct(self, conductor, 0, LINK);
    return 0;
}

static const struct mio_actor_class conductor_class = {
    .name = "conductor",
    .state_size = sizeof(struct conductor),
    .init = conductor_init,
    .receive = conductor_receive,
};

static void an_unlink_that_crosses_a_new_link_spares_it(void **state)
{
    (void)state;
    run_class(1, &conductor_class);
}

/* --- a link to the dead -------------------------------------------------- */

struct mourner {
    struct mio_monitor monitor;
};

static int mourner_exited(struct mio_actor *self, void *state,
                          mio_actor_id from, int reason)
{
    struct mourner *mourner = state;
    CHECK(mio_actor_id_equal(from, mio_monitor_target(&mourner->monitor)));
    CHECK(reason == MIO_EDEAD);
    fixture_stop(self);
    return 0;
}

static int mourner_down(struct mio_actor *self, void *state,
                        struct mio_monitor *monitor, int reason)
{
    (void)state;
    CHECK(reason == MIO_ESTOPPED || reason == 0);
    mio_trap_exits(self, mourner_exited);
    CHECK(mio_link(self, mio_actor_self(self)) == MIO_EINVAL);
    CHECK(mio_link(self, mio_monitor_target(monitor)) == 0);
    return 0;
}

static int mourner_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct mourner *mourner = state;
    mio_actor_id puppet;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&mourner->monitor, self, mourner_down);
    CHECK(mio_spawn_monitored(self, &mourner->monitor, last_reactor(self),
                              &puppet_class, NULL, 0, &puppet) == 0);
    CHECK(mio_stop(self, puppet) == 0);
    return 0;
}

static const struct mio_actor_class mourner_class = {
    .name = "mourner",
    .state_size = sizeof(struct mourner),
    .init = mourner_init,
};

static void a_link_to_the_dead_is_an_end(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &mourner_class);
}

/* --- kill overtakes, stop does not --------------------------------------- */

#define LETTERS 1000

static uint64_t letters_read;

static int reader_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    fixture_add(&letters_read, 1);
    return 0;
}

static const struct mio_actor_class reader_class = {
    .name = "reader",
    .receive = reader_receive,
};

struct boss {
    struct mio_monitor monitor;
    bool kills;
};

static int boss_down(struct mio_actor *self, void *state,
                     struct mio_monitor *monitor, int reason)
{
    struct boss *boss = state;
    (void)monitor;
    CHECK(reason == (boss->kills ? MIO_EKILLED : MIO_ESTOPPED));
    fixture_stop(self);
    return 0;
}

static int boss_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct boss *boss = state;
    mio_actor_id reader;
    CHECK(argument_size == sizeof(boss->kills));
    memcpy(&boss->kills, argument, sizeof(boss->kills));
    mio_monitor_init(&boss->monitor, self, boss_down);
    CHECK(mio_spawn_monitored(self, &boss->monitor, 0, &reader_class, NULL, 0,
                              &reader) == 0);
    for (int i = 0; i < LETTERS; i++)
        CHECK(mio_send(self, reader, &note, NULL, 0) == 0);
    CHECK((boss->kills ? mio_kill : mio_stop)(self, reader) == 0);
    return 0;
}

static const struct mio_actor_class boss_class = {
    .name = "boss",
    .state_size = sizeof(struct boss),
    .init = boss_init,
};

static uint64_t letters_of(bool kills)
{
    struct mio_runtime *runtime = fixture_runtime(1);
    letters_read = 0;
    assert_ok(mio_runtime_spawn(runtime, 0, &boss_class, &kills, sizeof(kills),
                                NULL));
    fixture_run(runtime);
    return letters_read;
}

static void a_stop_waits_its_turn_and_a_kill_does_not(void **state)
{
    (void)state;
    assert_int_equal(letters_of(false), LETTERS);
    assert_int_equal(letters_of(true), 0);
}

/* --- told once ----------------------------------------------------------- */

static uint64_t stops_told;

static int reluctant_stop(struct mio_actor *self, void *state)
{
    (void)self;
    (void)state;
    fixture_add(&stops_told, 1);
    return 0;
}

/* Ends when it is told to by a message: behind two stops, and the runtime's. */
static int reluctant_receive(struct mio_actor *self, void *state,
                             struct mio_message *message)
{
    bool *was_asked = state;
    CHECK(message->type == &note);
    if (!*was_asked) {
        *was_asked = true;
        fixture_stop(self);
        return 0;
    }
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class reluctant_class = {
    .name = "reluctant",
    .state_size = sizeof(bool),
    .receive = reluctant_receive,
    .stop = reluctant_stop,
};

struct nagger {
    mio_actor_id reluctant;
};

static int nagger_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct nagger *nagger = state;
    (void)argument;
    (void)argument_size;
    CHECK(mio_spawn_on(self, last_reactor(self), &reluctant_class, NULL, 0,
                       &nagger->reluctant) == 0);
    CHECK(mio_stop(self, nagger->reluctant) == 0);
    CHECK(mio_stop(self, nagger->reluctant) == 0);
    return mio_send(self, nagger->reluctant, &note, NULL, 0);
}

static int nagger_stop(struct mio_actor *self, void *state)
{
    const struct nagger *nagger = state;
    CHECK(mio_stop(self, nagger->reluctant) == 0);
    CHECK(mio_send(self, nagger->reluctant, &note, NULL, 0) == 0);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class nagger_class = {
    .name = "nagger",
    .state_size = sizeof(struct nagger),
    .init = nagger_init,
    .stop = nagger_stop,
};

static void who_is_told_to_stop_is_told_once(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        stops_told = 0;
        run_class(reactors_counts[i], &nagger_class);
        assert_int_equal(stops_told, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_ends_both),
        cmocka_unit_test(an_end_in_order_ends_nobody_else),
        cmocka_unit_test(who_traps_is_told_and_lives),
        cmocka_unit_test(either_may_unlink),
        cmocka_unit_test(two_that_link_each_other_are_told_once),
        cmocka_unit_test(an_unlink_that_crosses_a_new_link_spares_it),
        cmocka_unit_test(a_link_to_the_dead_is_an_end),
        cmocka_unit_test(a_stop_waits_its_turn_and_a_kill_does_not),
        cmocka_unit_test(who_is_told_to_stop_is_told_once),
    };
    return cmocka_run_group_tests_name("runtime/link", tests, NULL, NULL);
}
