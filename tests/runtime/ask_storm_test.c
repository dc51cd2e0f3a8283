/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/ask_storm_test.c - asks that are answered too late, or not
 * wanted any more, and storms of them while all that are asked die. */
#include "runtime/ask.h"

#include <string.h>

#include "core/clock.h"
#include "core/poll.h"
#include "runtime/link.h"
#include "tests/runtime/asked.h"

static const uint32_t reactors_counts[] = FIXTURE_REACTORS;

static const struct mio_message_type note = {.name = "note"};

/* --- deadlines
 * ------------------------------------------------------------------- */

struct hasty {
    struct mio_ask ask;
    struct mio_ask second;
    mio_actor_id peer;
    int64_t asked_ns;
};

static int second_answered(struct mio_actor *self, void *state,
                           struct mio_ask *ask, int result,
                           struct mio_message *reply)
{
    (void)state;
    (void)ask;
    (void)reply;
    /* Behind it in the peer's queue: so the late reply has come. */
    CHECK(result == 0);
    fixture_stop(self);
    return 0;
}

static int hasty_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct hasty *hasty = state;
    mio_actor_id nobody = {0};
    (void)self;
    CHECK(ask == &hasty->ask);
    CHECK(result == MIO_ETIMEDOUT);
    CHECK(reply == NULL);
    CHECK(mio_clock_monotonic_ns() - hasty->asked_ns >= 20 * MIO_NS_PER_MS);
    /* The peer goes on only now. */
    CHECK(mio_send(self, hasty->peer, &note, NULL, 0) == 0);
    ask_for(&hasty->second, hasty->peer, REPLY, nobody, 0, 5, MIO_FOREVER);
    return 0;
}

/* Keeps the first question until the note comes, then replies to each. */
static int slow_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct mio_message **kept = state;
    if (message->type == &note) {
        reply_to(self, *kept);
        return 0;
    }
    if (*kept != NULL) {
        reply_to(self, message);
        return 0;
    }
    mio_message_keep(message);
    *kept = message;
    return 0;
}

static const struct mio_actor_class slow_class = {
    .name = "slow",
    .state_size = sizeof(struct mio_message *),
    .receive = slow_receive,
};

static int hasty_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct hasty *hasty = state;
    mio_actor_id nobody = {0};
    (void)argument;
    (void)argument_size;
    mio_ask_init(&hasty->ask, self, hasty_answered);
    mio_ask_init(&hasty->second, self, second_answered);
    CHECK(mio_spawn_on(self, last_reactor(self), &slow_class, NULL, 0,
                       &hasty->peer) == 0);
    hasty->asked_ns = mio_clock_monotonic_ns();
    ask_for(&hasty->ask, hasty->peer, REPLY, nobody, 0, 9, 20 * MIO_NS_PER_MS);
    return 0;
}

static const struct mio_actor_class hasty_class = {
    .name = "hasty",
    .state_size = sizeof(struct hasty),
    .init = hasty_init,
};

static void what_comes_after_the_deadline_is_a_dead_letter(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &hasty_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(fixture_counters(runtime).dead_letters, 1);
        assert_int_equal(drops, 1);
        mio_runtime_free(runtime);
    }
}

/* --- a reply that is there wins
 * --------------------------------------------------- */

static uint64_t may_reply;
static uint64_t is_published;

static int prompt_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    while (fixture_get(&may_reply) == 0)
        ;
    CHECK(mio_reply(self, message, &reply_type, NULL, 0) == 0);
    mio_publish(self);
    fixture_add(&is_published, 1);
    return 0;
}

static const struct mio_actor_class prompt_class = {.name = "prompt",
                                                    .receive = prompt_receive};

static int lucky_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    (void)state;
    (void)ask;
    CHECK(result == 0);
    CHECK(reply != NULL);
    fixture_stop(self);
    return 0;
}

/* The first entry takes long: the deadline passes. So many follow that the
 * reactor must look at the clock, and so at the timers, while they are queued:
 * the deadline stands behind them. The last one waits until the reply is in the
 * inbox, where it is when the deadline's turn has come. */
static int lucky_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    int64_t begin_ns = mio_clock_monotonic_ns();
    (void)self;
    (void)state;
    if (message->size == 1)
        while (mio_clock_monotonic_ns() - begin_ns < 5 * MIO_NS_PER_MS)
            ;
    if (message->size == 2) {
        fixture_add(&may_reply, 1);
        while (fixture_get(&is_published) == 0)
            ;
    }
    return 0;
}

static int lucky_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct hasty *hasty = state;
    mio_actor_id me = mio_actor_self(self);
    (void)argument;
    (void)argument_size;
    mio_ask_init(&hasty->ask, self, lucky_answered);
    CHECK(mio_spawn_on(self, 1, &prompt_class, NULL, 0, &hasty->peer) == 0);
    CHECK(mio_ask_start(&hasty->ask, hasty->peer, &note, NULL, 0, 0,
                        MIO_NS_PER_MS) == 0);
    CHECK(mio_send(self, me, &note, "x", 1) == 0);
    for (int i = 0; i < 200; i++)
        CHECK(mio_send(self, me, &note, NULL, 0) == 0);
    CHECK(mio_send(self, me, &note, "xx", 2) == 0);
    return 0;
}

static const struct mio_actor_class lucky_class = {
    .name = "lucky",
    .state_size = sizeof(struct hasty),
    .init = lucky_init,
    .receive = lucky_receive,
};

static void a_reply_that_is_there_wins_over_the_deadline(void **state)
{
    (void)state;
    may_reply = 0;
    is_published = 0;
    run_class(2, &lucky_class);
}

/* --- who wants no answer any more
 * ------------------------------------------------- */

#define FICKLE_ROUNDS 400

static int never_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    (void)self;
    (void)state;
    (void)ask;
    (void)result;
    (void)reply;
    CHECK(!"answered an ask that was cancelled");
    return 0;
}

/* Asks, and ends. */
static int brief_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct mio_ask *ask = state;
    mio_actor_id peer;
    mio_actor_id nobody = {0};
    CHECK(argument_size == sizeof(peer));
    memcpy(&peer, argument, sizeof(peer));
    mio_ask_init(ask, self, never_answered);
    ask_for(ask, peer, REPLY, nobody, 0, 3, 0);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class brief_class = {
    .name = "brief", .state_size = sizeof(struct mio_ask), .init = brief_init};

struct fickle {
    struct mio_ask ask;
    struct mio_ask witness;
    mio_actor_id peer;
    uint64_t round;
};

static void fickle_round(struct mio_actor *self, struct fickle *fickle)
{
    mio_actor_id nobody = {0};
    uint32_t here = mio_actor_reactor(self);
    ask_for(&fickle->ask, fickle->peer, REPLY, nobody, 0, 3, MIO_FOREVER);
    CHECK(mio_ask_cancel(&fickle->ask));
    CHECK(!mio_ask_cancel(&fickle->ask));
    CHECK(mio_spawn_on(self, here, &brief_class, &fickle->peer,
                       sizeof(fickle->peer), NULL) == 0);
    ask_for(&fickle->witness, fickle->peer, REPLY_LATER, nobody, 0, 3,
            MIO_FOREVER);
}

static int fickle_witness(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct fickle *fickle = state;
    (void)ask;
    (void)reply;
    CHECK(result == 0);
    if (++fickle->round == fixture_scaled(FICKLE_ROUNDS))
        fixture_stop(self);
    else
        fickle_round(self, fickle);
    return 0;
}

static int fickle_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct fickle *fickle = state;
    (void)argument;
    (void)argument_size;
    mio_ask_init(&fickle->ask, self, never_answered);
    mio_ask_init(&fickle->witness, self, fickle_witness);
    spawn_peer(self, &fickle->peer);
    fickle_round(self, fickle);
    return 0;
}

static const struct mio_actor_class fickle_class = {
    .name = "fickle",
    .state_size = sizeof(struct fickle),
    .init = fickle_init,
};

static void who_cancelled_or_ended_is_not_answered(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        uint64_t rounds = fixture_scaled(FICKLE_ROUNDS);
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &fickle_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        /* A reply to each of both, or, at the very end, no peer any more. */
        assert_int_equal(fixture_counters(runtime).dead_letters, 2 * rounds);
        assert_int_equal(drops, 2 * rounds);
        mio_runtime_free(runtime);
    }
}

/* --- storms
 * ------------------------------------------------------------------------ */

#define STORM_ASKERS 24
#define STORM_ASKS 8
#define STORM_PEERS 16
#define STORM_ROUNDS 300

/* Shared by all; a peer that has died is replaced by who hears of it. */
static uint64_t storm_peers[STORM_PEERS];
static struct fixture_latch storm_latch;
static bool storm_stops_itself;
static uint64_t storm_results[4]; /* replies, dead, cancelled, timed out */

struct storm {
    struct mio_ask asks[STORM_ASKS];
    bool is_awaited[STORM_ASKS];
    uint64_t seed;
    uint64_t rounds;
    uint32_t pending;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void replace_peer(struct mio_actor *self, struct storm *storm,
                         uint64_t index)
{
    mio_actor_id id;
    uint32_t reactors = last_reactor(self) + 1;
    uint32_t reactor = (uint32_t)(next_random(&storm->seed) % reactors);
    CHECK(mio_spawn_on(self, reactor, &peer_class, NULL, 0, &id) == 0);
    __atomic_store_n(&storm_peers[index], id.value, __ATOMIC_SEQ_CST);
}

static mio_actor_id storm_peer(struct mio_actor *self, struct storm *storm)
{
    uint64_t index = next_random(&storm->seed) % STORM_PEERS;
    mio_actor_id id = {fixture_get(&storm_peers[index])};
    if (mio_actor_id_is_none(id)) {
        replace_peer(self, storm, index);
        id.value = fixture_get(&storm_peers[index]);
    }
    return id;
}

static void storm_ask(struct mio_actor *self, struct storm *storm, uint32_t i)
{
    mio_actor_id peer = storm_peer(self, storm);
    enum how how = (enum how)(next_random(&storm->seed) % HOWS);
    bool has_deadline = how == KEEP || next_random(&storm->seed) % 4 == 0;
    int64_t within_ns =
        (int64_t)(next_random(&storm->seed) % (3 * MIO_NS_PER_MS));
    ask_for(&storm->asks[i], peer, how, storm_peer(self, storm),
            next_random(&storm->seed) % 200, next_random(&storm->seed) % 200,
            has_deadline ? within_ns : MIO_FOREVER);
    storm->is_awaited[i] = true;
    storm->pending++;
}

static int storm_go_on(struct mio_actor *self, struct storm *storm, uint32_t i)
{
    if (storm->rounds > 0) {
        storm->rounds--;
        storm_ask(self, storm, i);
    } else if (storm->pending == 0) {
        fixture_latch_done(&storm_latch, self);
    }
    return 0;
}

/* All peers at once, and some asks are taken back. */
static void storm_trouble(struct mio_actor *self, struct storm *storm)
{
    for (uint64_t i = 0; i < STORM_PEERS; i++) {
        mio_actor_id id = {fixture_get(&storm_peers[i])};
        CHECK(mio_kill(self, id) == 0);
        replace_peer(self, storm, i);
    }
    for (uint32_t i = 0; i < STORM_ASKS; i++) {
        if (!mio_ask_cancel(&storm->asks[i]))
            continue;
        CHECK(storm->is_awaited[i]);
        storm->is_awaited[i] = false;
        storm->pending--;
        (void)storm_go_on(self, storm, i);
    }
}

static int storm_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct storm *storm = state;
    uint32_t i = (uint32_t)(ask - storm->asks);
    CHECK(storm->is_awaited[i]); /* not twice */
    storm->is_awaited[i] = false;
    storm->pending--;
    CHECK((result == 0) == (reply != NULL));
    if (reply != NULL)
        CHECK(is_filled(mio_message_payload(reply), reply->size));
    fixture_add(&storm_results[result == 0               ? 0
                               : result == MIO_EDEAD     ? 1
                               : result == MIO_ETIMEDOUT ? 3
                                                         : 2],
                1);
    if (result == MIO_EDEAD) {
        uint64_t dead = mio_ask_target(ask).value;
        for (uint64_t j = 0; j < STORM_PEERS; j++)
            if (fixture_get(&storm_peers[j]) == dead)
                replace_peer(self, storm, j);
    }
    if (next_random(&storm->seed) % 256 == 0)
        storm_trouble(self, storm);
    if (storm_stops_itself && storm->rounds == 3)
        fixture_stop(self);
    return storm_go_on(self, storm, i);
}

static int storm_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct storm *storm = state;
    CHECK(argument_size == sizeof(storm->seed));
    memcpy(&storm->seed, argument, sizeof(storm->seed));
    storm->rounds = fixture_scaled(STORM_ROUNDS);
    for (uint32_t i = 0; i < STORM_ASKS; i++)
        mio_ask_init(&storm->asks[i], self, storm_answered);
    for (uint32_t i = 0; i < STORM_ASKS; i++)
        storm_ask(self, storm, i);
    return 0;
}

static const struct mio_actor_class storm_class = {
    .name = "storm", .state_size = sizeof(struct storm), .init = storm_init};

static void run_storm(uint32_t reactors, uint64_t seed, bool stops_itself)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    storm_latch.missing = STORM_ASKERS;
    storm_stops_itself = stops_itself;
    memset(storm_peers, 0, sizeof(storm_peers));
    for (uint32_t i = 0; i < STORM_PEERS; i++) {
        mio_actor_id id;
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &peer_class, NULL, 0,
                                    &id));
        storm_peers[i] = id.value;
    }
    for (uint32_t i = 0; i < STORM_ASKERS; i++) {
        uint64_t own_seed = seed * 1000003 + i + 1;
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &storm_class,
                                    &own_seed, sizeof(own_seed), NULL));
    }
    fixture_run(runtime);
}

static void a_storm_answers_each_ask_once(void **state)
{
    (void)state;
    memset(storm_results, 0, sizeof(storm_results));
    EACH_COUNT(i)
    run_storm(reactors_counts[i], 7 + i, false);
    for (size_t i = 0; i < 4; i++)
        assert_true(storm_results[i] > 0);
}

static void a_stop_in_the_middle_of_a_storm_ends_it(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_storm(reactors_counts[i], 77 + i, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_after_the_deadline_is_a_dead_letter),
        cmocka_unit_test(a_reply_that_is_there_wins_over_the_deadline),
        cmocka_unit_test(who_cancelled_or_ended_is_not_answered),
        cmocka_unit_test(a_storm_answers_each_ask_once),
        cmocka_unit_test(a_stop_in_the_middle_of_a_storm_ends_it),
    };
    return cmocka_run_group_tests_name("runtime/ask storm", tests, NULL, NULL);
}
