/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/group_trouble_test.c - broadcasts while members end, leave and
 * join in the middle, the runtime stops, or there is no room. */
#include "tests/runtime/group_case.h"

/* --- trouble in the middle ----------------------------------------------- */

#define CROWD 20 /* on each reactor */
#define SHOUTS 150
#define SEEDS 6

static struct mio_actor *crowds[8][CROWD]; /* who lives there; each reactor's */
static uint64_t random_state;
static uint64_t quakes; /* that something ended or left in the middle of */
static uint64_t rocks_got;

struct fickle {
    uint32_t place;
    uint32_t last; /* shout that it got */
    bool is_in;
};

static uint32_t draw(uint32_t below)
{
    uint64_t number = __atomic_add_fetch(
        &random_state, UINT64_C(0x9E3779B97F4A7C15), __ATOMIC_RELAXED);
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    return (uint32_t)(number >> 33) % below;
}

static struct mio_actor **crowd_of(const struct mio_actor *self)
{
    return crowds[mio_actor_reactor(self)];
}

static const struct mio_actor_class fickle_class;

static int do_something(struct mio_actor *self, struct fickle *fickle)
{
    struct mio_actor *other = crowd_of(self)[draw(CROWD)];
    fixture_add(&quakes, 1);
    switch (draw(8)) {
    case 0:
        return MIO_EPROTO;
    case 1:
        mio_actor_exit(self, 0);
        return 0;
    case 2:
        if (other != NULL)
            mio_actor_exit(other, MIO_EPROTO);
        return 0;
    case 3:
        CHECK(mio_group_leave(self, "crowd") == 0);
        fickle->is_in = false;
        return mio_send(self, mio_actor_self(self), &note, NULL, 0);
    case 4:
        CHECK(mio_group_leave(self, "crowd") == 0);
        CHECK(mio_group_join(self, "crowd") == 0);
        return 0;
    case 5:
        return mio_spawn(self, &fickle_class, &fickle->place,
                         sizeof(fickle->place), NULL);
    default:
        return 0;
    }
}

static int fickle_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct fickle *fickle = state;
    uint32_t number;
    if (message->type == &note) {
        CHECK(mio_group_join(self, "crowd") == 0);
        fickle->is_in = true;
        return 0;
    }
    CHECK(fickle->is_in);
    memcpy(&number, mio_broadcast_slice(message)->bytes, sizeof(number));
    CHECK(number > fickle->last);
    fickle->last = number;
    return do_something(self, fickle);
}

static int fickle_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct fickle *fickle = state;
    CHECK(argument_size == sizeof(fickle->place));
    memcpy(&fickle->place, argument, sizeof(fickle->place));
    if (crowd_of(self)[fickle->place] != NULL)
        return MIO_EEXIST; /* and dies at once */
    crowd_of(self)[fickle->place] = self;
    fickle->is_in = true;
    return mio_group_join(self, "crowd");
}

static void fickle_exit(struct mio_actor *self, void *state, int reason)
{
    struct fickle *fickle = state;
    (void)reason;
    if (crowd_of(self)[fickle->place] == self)
        crowd_of(self)[fickle->place] = NULL;
}

static const struct mio_actor_class fickle_class = {
    .name = "fickle",
    .state_size = sizeof(struct fickle),
    .init = fickle_init,
    .receive = fickle_receive,
    .exit = fickle_exit,
};

/* A rock gets each, whatever happens around it. */
struct rock {
    mio_actor_id shouter;
    uint32_t last;
};

static int rock_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct rock *rock = state;
    CHECK(argument_size == sizeof(rock->shouter));
    memcpy(&rock->shouter, argument, sizeof(rock->shouter));
    CHECK(mio_group_join(self, "crowd") == 0);
    return mio_send(self, rock->shouter, &note, NULL, 0);
}

static int rock_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct rock *rock = state;
    uint32_t number;
    memcpy(&number, mio_broadcast_slice(message)->bytes, sizeof(number));
    CHECK(number == rock->last + 1);
    rock->last = number;
    fixture_add(&rocks_got, 1);
    return mio_send(self, rock->shouter, &note, NULL, 0);
}

static const struct mio_actor_class rock_class = {
    .name = "rock",
    .state_size = sizeof(struct rock),
    .init = rock_init,
    .receive = rock_receive,
};

/* Two rocks on each reactor: the first to join, and one in the middle. */
struct shouter {
    uint32_t answers;
    uint32_t shouts;
};

static int shouter_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    mio_actor_id here = mio_actor_self(self);
    (void)state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < reactors_of(self); i++) {
        for (uint32_t j = 0; j < CROWD; j++) {
            if (j % (CROWD / 2) == 0)
                CHECK(mio_spawn_on(self, i, &rock_class, &here, sizeof(here),
                                   NULL) == 0);
            CHECK(mio_spawn_on(self, i, &fickle_class, &j, sizeof(j), NULL) ==
                  0);
        }
    }
    return 0;
}

/* Three at once, then wait until all rocks have them. */
static int shouter_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct shouter *shouter = state;
    uint32_t rocks = 2 * reactors_of(self);
    (void)message;
    if (++shouter->answers < rocks * (shouter->shouts > 0 ? 3 : 1))
        return 0;
    shouter->answers = 0;
    if (shouter->shouts == SHOUTS) {
        fixture_stop(self);
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        shouter->shouts++;
        CHECK(mio_broadcast(self, "crowd", &shout, &shouter->shouts,
                            sizeof(shouter->shouts)) == (int)reactors_of(self));
    }
    return 0;
}

static const struct mio_actor_class shouter_class = {
    .name = "shouter",
    .state_size = sizeof(struct shouter),
    .init = shouter_init,
    .receive = shouter_receive,
};

static void who_ends_or_leaves_in_the_middle_harms_nobody(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        EACH_COUNT(i)
        {
            memset(crowds, 0, sizeof(crowds));
            random_state = seed;
            rocks_got = 0;
            quakes = 0;
            run_class(reactors_counts[i], &shouter_class);
            assert_int_equal(rocks_got, 2 * SHOUTS * reactors_counts[i]);
            assert_int_equal(dropped, SHOUTS);
            assert_true(quakes > 0);
        }
    }
}

/* --- a stop in the middle ------------------------------------------------ */

static uint64_t got; /* by all members together */

static int idler_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    return mio_group_join(self, "idlers");
}

static int idler_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)state;
    (void)message;
    fixture_add(&got, 1);
    if (fixture_get(&got) >= 500)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class idler_class = {
    .name = "idler", .init = idler_init, .receive = idler_receive};

static uint64_t sent;

/* Shouts without end; so some are under way when all end. */
static int herald_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    uint32_t number = 0;
    (void)state;
    (void)message;
    for (int i = 0; i < 5; i++) {
        CHECK(mio_broadcast(self, "idlers", &shout, &number, sizeof(number)) >=
              0);
        fixture_add(&sent, 1);
    }
    return mio_send(self, mio_actor_self(self), &note, NULL, 0);
}

static int herald_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < 50 * reactors_of(self); i++)
        CHECK(mio_spawn_on(self, i % reactors_of(self), &idler_class, NULL, 0,
                           NULL) == 0);
    return herald_receive(self, state, NULL);
}

static const struct mio_actor_class herald_class = {
    .name = "herald", .init = herald_init, .receive = herald_receive};

static void a_stop_in_the_middle_frees_each_once(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        EACH_COUNT(i)
        {
            got = 0;
            sent = 0;
            run_class(reactors_counts[i], &herald_class);
            assert_int_equal(dropped, sent);
        }
    }
}

/* --- no room on the way -------------------------------------------------- */

#define LETTERS 1000

static uint64_t refused;
static struct fixture_latch patient_left;

static int patient_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    uint32_t *last = state;
    uint32_t number;
    memcpy(&number, mio_broadcast_slice(message)->bytes, sizeof(number));
    CHECK(number == *last + 1);
    *last = number;
    if (number == LETTERS)
        fixture_latch_done(&patient_left, self);
    return 0;
}

static int patient_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    mio_actor_id eager;
    (void)state;
    CHECK(argument_size == sizeof(eager));
    memcpy(&eager, argument, sizeof(eager));
    CHECK(mio_group_join(self, "patient") == 0);
    return mio_send(self, eager, &note, NULL, 0);
}

static const struct mio_actor_class patient_class = {
    .name = "patient",
    .state_size = sizeof(uint32_t),
    .init = patient_init,
    .receive = patient_receive,
};

struct eager {
    struct mio_writable writable;
    uint32_t joined;
    uint32_t sent;
};

static int go_on(struct mio_actor *self, void *state,
                 struct mio_writable *writable)
{
    struct eager *eager = state;
    while (eager->sent < LETTERS) {
        uint32_t number = eager->sent + 1;
        int result =
            mio_broadcast(self, "patient", &shout, &number, sizeof(number));
        if (result == MIO_EAGAIN) {
            fixture_add(&refused, 1);
            CHECK(mio_await_broadcast(self, "", writable, go_on) == MIO_EINVAL);
            return mio_await_broadcast(self, "patient", writable, go_on);
        }
        CHECK(result == (int)reactors_of(self));
        eager->sent++;
    }
    return 0;
}

static int eager_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct eager *eager = state;
    (void)message;
    return ++eager->joined == reactors_of(self)
               ? go_on(self, state, &eager->writable)
               : 0;
}

static int eager_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    mio_actor_id here = mio_actor_self(self);
    (void)state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < reactors_of(self); i++)
        CHECK(mio_spawn_on(self, i, &patient_class, &here, sizeof(here),
                           NULL) == 0);
    return 0;
}

static const struct mio_actor_class eager_class = {
    .name = "eager",
    .state_size = sizeof(struct eager),
    .init = eager_init,
    .receive = eager_receive,
};

static void who_has_no_room_waits_and_nobody_gets_it_twice(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime_options options = {
            .reactors_count = reactors_counts[i], .credit = 4};
        struct mio_runtime *runtime;
        refused = 0;
        dropped = 0;
        patient_left.missing = reactors_counts[i];
        assert_ok(mio_runtime_new(&runtime, &options));
        assert_ok(mio_runtime_spawn(runtime, 0, &eager_class, NULL, 0, NULL));
        run_and_free(runtime);
        assert_int_equal(dropped, LETTERS);
        assert_int_equal(refused > 0, reactors_counts[i] > 1);
    }
}

/* --- the last member leaves in the middle -------------------------------- */

static int loner_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)state;
    if (message->type == &note) {
        fixture_stop(self);
        return 0;
    }
    CHECK(mio_group_leave(self, "alone") == 0);
    CHECK(mio_broadcast(self, "alone", &shout, "nobody", 6) == 0);
    return mio_send(self, mio_actor_self(self), &note, NULL, 0);
}

static int loner_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    CHECK(mio_group_join(self, "alone") == 0);
    CHECK(mio_broadcast(self, "alone", &shout, "once", 4) == 1);
    CHECK(mio_broadcast(self, "alone", &shout, "twice", 5) == 1);
    return 0;
}

static const struct mio_actor_class loner_class = {
    .name = "loner", .init = loner_init, .receive = loner_receive};

static void the_last_member_leaves_in_the_middle(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        run_class(reactors_counts[i], &loner_class);
        assert_int_equal(dropped, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_ends_or_leaves_in_the_middle_harms_nobody),
        cmocka_unit_test(a_stop_in_the_middle_frees_each_once),
        cmocka_unit_test(who_has_no_room_waits_and_nobody_gets_it_twice),
        cmocka_unit_test(the_last_member_leaves_in_the_middle),
    };
    return cmocka_run_group_tests_name("runtime/group in trouble", tests, NULL,
                                       NULL);
}
