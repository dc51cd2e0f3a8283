/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/litmus/causal_test.c - no actor hears of a consequence before
 * its cause, whatever reactors lie between; and each rule that makes this true
 * is needed.
 *
 * Three actors: a writer, a relay, a store. The writer tells the store a fact,
 * then by another way lets the relay know; the relay speaks to the store of
 * that fact. If the store has not heard of it yet, causality is broken. Each
 * program is first run with all rules, on 1, 2, 3 and 8 reactors, and must stay
 * clean; then each rule is broken, and the programs that depend on it must
 * notice within ten seconds. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "runtime/mailbox/litmus.h"
#include "tests/runtime/fixture.h"
#include "tests/runtime/litmus/yield.h"

#ifdef MIO_DEBUG
#define ROUNDS 3000
#else
#define ROUNDS 10000
#endif
#define SEEDS 3
#define WINDOW 8 /* rounds under way */
#define NOTICE_WITHIN_NS (10 * MIO_NS_PER_S)

/* --- what all programs share --------------------------------------------- */

static struct litmus {
    mio_actor_id writer;
    mio_actor_id relay;
    mio_actor_id store;
    int sockets[2]; /* the writer's end, the relay's */
    int rules_broken;
    uint64_t rounds_max;
    int64_t deadline_ns;
    uint64_t violations;
    uint64_t rounds_done;
} litmus;

static const struct mio_message_type ready = {.name = "ready"};
static const struct mio_message_type fact = {.name = "fact"};
static const struct mio_message_type go = {.name = "go"};
static const struct mio_message_type credit = {.name = "credit"};
static const struct mio_message_type query = {.name = "query"};
static const struct mio_message_type answer = {.name = "answer"};

static uint64_t number_in(struct mio_message *message)
{
    uint64_t number;
    CHECK(message->size == sizeof(number));
    memcpy(&number, mio_message_payload(message), sizeof(number));
    return number;
}

static void tell(struct mio_actor *self, mio_actor_id to,
                 const struct mio_message_type *type, uint64_t number)
{
    CHECK(mio_send(self, to, type, &number, sizeof(number)) == 0);
}

/* A consequence of fact `number` is here; `heard` is the last fact heard. */
static void judge(struct mio_actor *self, uint64_t number, uint64_t heard)
{
    if (heard < number) {
        fixture_add(&litmus.violations, 1);
        mio_runtime_stop(mio_actor_runtime(self));
    }
}

/* A round is over: go on, or stop. */
static void round_done(struct mio_actor *self, uint64_t number)
{
    litmus.rounds_done = number;
    if (number >= litmus.rounds_max ||
        (litmus.deadline_ns != 0 &&
         mio_clock_monotonic_ns() > litmus.deadline_ns))
        mio_runtime_stop(mio_actor_runtime(self));
    else
        tell(self, litmus.writer, &credit, number);
}

/* --- the writer ---------------------------------------------------------- */

struct writer {
    uint64_t number;
    int ready; /* how many of the others are */
    struct mio_actor_timer patience;
};

/* A broken rule may also lose a message, and then nothing ever happens. */
static int out_of_patience(struct mio_actor *self, void *state,
                           struct mio_actor_timer *timer)
{
    (void)state;
    (void)timer;
    mio_runtime_stop(mio_actor_runtime(self));
    return 0;
}

static int writer_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct writer *writer = state;
    (void)argument;
    (void)argument_size;
    mio_actor_timer_init(&writer->patience, self, out_of_patience);
    if (litmus.deadline_ns != 0)
        mio_actor_timer_start(&writer->patience, NOTICE_WITHIN_NS / 10);
    return 0;
}

/* By message: a fact to the store, then word to the relay. */
static void write_by_message(struct mio_actor *self, struct writer *writer)
{
    writer->number++;
    tell(self, litmus.store, &fact, writer->number);
    tell(self, litmus.relay, &go, writer->number);
}

/* By socket: a fact to the store, then a byte on a socket of the relay's. */
static void write_by_socket(struct mio_actor *self, struct writer *writer)
{
    writer->number++;
    tell(self, litmus.store, &fact, writer->number);
    mio_publish(self);
    CHECK(write(litmus.sockets[0], "x", 1) == 1);
}

/* Both others are there: break the rules, not earlier, and fill the window. */
static void writer_ready(struct mio_actor *self, struct writer *writer,
                         void (*write_one)(struct mio_actor *self,
                                           struct writer *writer))
{
    if (++writer->ready < 2)
        return;
    litmus_break(litmus.rules_broken);
    for (int i = 0; i < WINDOW; i++)
        write_one(self, writer);
}

static int message_writer_receive(struct mio_actor *self, void *state,
                                  struct mio_message *message)
{
    if (message->type == &ready)
        writer_ready(self, state, write_by_message);
    else
        write_by_message(self, state);
    return 0;
}

static int socket_writer_receive(struct mio_actor *self, void *state,
                                 struct mio_message *message)
{
    if (message->type == &ready)
        writer_ready(self, state, write_by_socket);
    else
        write_by_socket(self, state);
    return 0;
}

static const struct mio_actor_class message_writer = {
    .name = "message writer",
    .state_size = sizeof(struct writer),
    .init = writer_init,
    .receive = message_writer_receive,
};

static const struct mio_actor_class socket_writer = {
    .name = "socket writer",
    .state_size = sizeof(struct writer),
    .init = writer_init,
    .receive = socket_writer_receive,
};

/* --- the store ----------------------------------------------------------- */

struct store {
    uint64_t heard;
};

/* The store's and the relay's first deed. */
static int say_ready(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    tell(self, litmus.writer, &ready, 0);
    return 0;
}

static int store_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct store *store = state;
    uint64_t number = number_in(message);
    if (message->type == &fact) {
        /* From one sender, in the order of sending, none missing. */
        if (number != store->heard + 1)
            judge(self, number, 0);
        store->heard = number;
    } else if (message->type == &go) {
        judge(self, number, store->heard);
        round_done(self, number);
    } else {
        CHECK(message->type == &query);
        judge(self, number, store->heard);
        tell(self, message->from, &answer, store->heard);
    }
    return 0;
}

static const struct mio_actor_class store_class = {
    .name = "store",
    .state_size = sizeof(struct store),
    .init = say_ready,
    .receive = store_receive,
};

/* --- relays -------------------------------------------------------------- */

/* The triangle: what the writer said is passed on to the store. */
static int passing_relay_receive(struct mio_actor *self, void *state,
                                 struct mio_message *message)
{
    (void)state;
    mio_message_keep(message);
    CHECK(mio_send_message(self, litmus.store, message) == 0);
    return 0;
}

static const struct mio_actor_class passing_relay = {
    .name = "passing relay",
    .init = say_ready,
    .receive = passing_relay_receive,
};

/* The fan-out: the store is asked, and its answer must hold what we know. */
static int asking_relay_receive(struct mio_actor *self, void *state,
                                struct mio_message *message)
{
    (void)state;
    uint64_t number = number_in(message);
    if (message->type == &go) {
        tell(self, litmus.store, &query, number);
    } else {
        CHECK(message->type == &answer);
        round_done(self, number);
    }
    return 0;
}

static const struct mio_actor_class asking_relay = {
    .name = "asking relay",
    .init = say_ready,
    .receive = asking_relay_receive,
};

/* The side channel: each byte is news of one fact more. The relay is on the
 * store's reactor: what it hands over goes through the queue only if there is
 * something in it, as net/server does with bytes of a connection. */
struct socket_relay {
    struct mio_source source;
    struct mio_actor_source watch;
    struct mio_actor_entry entry;
    uint64_t read;   /* bytes that came */
    uint64_t handed; /* and were handed over */
};

static int hand_over(struct mio_actor *self, void *state,
                     struct mio_actor_entry *entry)
{
    struct socket_relay *relay = state;
    (void)entry;
    while (relay->handed < relay->read)
        tell(self, litmus.store, &go, ++relay->handed);
    return 0;
}

static int socket_ready(struct mio_actor *self, void *state,
                        struct mio_actor_source *watch, uint32_t readiness)
{
    struct socket_relay *relay = state;
    char bytes[1];
    (void)watch;
    (void)readiness;
    while (read(litmus.sockets[1], bytes, sizeof(bytes)) == 1) {
        relay->read++;
        if (mio_actor_take_inbox(self))
            (void)hand_over(self, relay, &relay->entry);
        else
            mio_actor_enqueue(&relay->entry);
        litmus_disturb();
    }
    mio_source_arm(&relay->source, MIO_READABLE);
    return 0;
}

static int socket_relay_init(struct mio_actor *self, void *state,
                             const void *argument, size_t argument_size)
{
    struct socket_relay *relay = state;
    mio_actor_entry_init(&relay->entry, self, hand_over);
    mio_source_init(&relay->source, litmus.sockets[1]);
    (void)say_ready(self, state, argument, argument_size);
    return mio_actor_watch(self, &relay->watch, &relay->source, MIO_READABLE,
                           MIO_EDGE, socket_ready);
}

static const struct mio_actor_class socket_relay = {
    .name = "socket relay",
    .state_size = sizeof(struct socket_relay),
    .init = socket_relay_init,
};

/* --- running ------------------------------------------------------------- */

struct program {
    const char *name;
    const struct mio_actor_class *writer;
    const struct mio_actor_class *relay;
    uint32_t places[3]; /* of writer, relay, store: modulo the reactors */
};

static const struct program triangle = {
    "triangle", &message_writer, &passing_relay, {0, 1, 2}};
static const struct program fan_out = {
    "fan-out with replies", &message_writer, &asking_relay, {0, 1, 2}};
static const struct program side_channel = {
    "side channel", &socket_writer, &socket_relay, {0, 2, 2}};

/* Who speaks first knows all three addresses, as none runs yet. */
static void spawn_all(struct mio_runtime *runtime,
                      const struct program *program, uint32_t reactors)
{
    assert_ok(mio_runtime_spawn(runtime, program->places[0] % reactors,
                                program->writer, NULL, 0, &litmus.writer));
    assert_ok(mio_runtime_spawn(runtime, program->places[1] % reactors,
                                program->relay, NULL, 0, &litmus.relay));
    assert_ok(mio_runtime_spawn(runtime, program->places[2] % reactors,
                                &store_class, NULL, 0, &litmus.store));
}

/* Run a program; returns how often causality was broken. */
static uint64_t run(const struct program *program, uint32_t reactors,
                    uint64_t seed, uint64_t rounds_max)
{
    litmus_seed(seed);
    litmus.violations = 0;
    litmus.rounds_max = rounds_max;
    assert_ok(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, litmus.sockets));
    struct mio_runtime *runtime = fixture_runtime(reactors);
    spawn_all(runtime, program, reactors);
    assert_ok(mio_runtime_run(runtime));
    litmus_break(0);
    mio_runtime_free(runtime);
    close(litmus.sockets[0]);
    close(litmus.sockets[1]);
    return litmus.violations;
}

static void stays_clean(const struct program *program)
{
    static const uint32_t reactors[] = {1, 2, 3, 8};
    litmus.rules_broken = 0;
    litmus.deadline_ns = 0;
    for (uint64_t i = 0; i < sizeof(reactors) / sizeof(reactors[0]); i++) {
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            assert_int_equal(run(program, reactors[i], seed, ROUNDS), 0);
            assert_in_range(litmus.rounds_done, ROUNDS, ROUNDS + WINDOW);
        }
    }
}

static void notices(const struct program *program, enum mio_litmus_rule rule)
{
    uint64_t seed = 1;
    uint64_t violations = 0;
    litmus.rules_broken = (int)rule;
    litmus.deadline_ns = mio_clock_monotonic_ns() + NOTICE_WITHIN_NS;
    while (violations == 0 && mio_clock_monotonic_ns() < litmus.deadline_ns)
        violations = run(program, 3, seed++, ROUNDS);
    print_message("  %s, rule %d broken: noticed after %u runs\n",
                  program->name, (int)rule, (unsigned)(seed - 1));
    assert_true(violations > 0);
}

static void a_triangle_of_messages_is_causal(void **state)
{
    (void)state;
    stays_clean(&triangle);
}

static void a_fan_out_with_replies_is_causal(void **state)
{
    (void)state;
    stays_clean(&fan_out);
}

static void a_socket_beside_the_messages_is_causal(void **state)
{
    (void)state;
    stays_clean(&side_channel);
}

static void publishing_late_on_a_change_of_destination_is_noticed(void **state)
{
    (void)state;
    notices(&triangle, MIO_RULE_CHANGE);
    notices(&fan_out, MIO_RULE_CHANGE);
}

static void not_publishing_before_an_outside_effect_is_noticed(void **state)
{
    (void)state;
    notices(&side_channel, MIO_RULE_EFFECT);
}

static void not_taking_the_inbox_after_a_read_is_noticed(void **state)
{
    (void)state;
    notices(&side_channel, MIO_RULE_READ);
}

static void taking_chains_in_the_wrong_order_is_noticed(void **state)
{
    (void)state;
    notices(&triangle, MIO_RULE_TAKE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_triangle_of_messages_is_causal),
        cmocka_unit_test(a_fan_out_with_replies_is_causal),
        cmocka_unit_test(a_socket_beside_the_messages_is_causal),
        cmocka_unit_test(publishing_late_on_a_change_of_destination_is_noticed),
        cmocka_unit_test(not_publishing_before_an_outside_effect_is_noticed),
        cmocka_unit_test(not_taking_the_inbox_after_a_read_is_noticed),
        cmocka_unit_test(taking_chains_in_the_wrong_order_is_noticed),
    };
    return cmocka_run_group_tests_name("runtime/litmus", tests, NULL, NULL);
}
