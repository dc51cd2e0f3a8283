/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/message_test.c - messages are made, kept, passed on, shared,
 * on one reactor and between several; and their memory comes home. */
#include "tests/runtime/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "runtime/runtime_private.h"

static const struct mio_message_type bytes = {.name = "bytes"};
static const struct mio_message_type token = {.name = "token"};

static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

/* Nothing of any reactor's slabs is still in somebody's hands. */
static void assert_all_home(struct mio_runtime *runtime)
{
    for (uint32_t i = 0; i < runtime->reactors_count; i++)
        assert_int_equal(mio_slabs_out_count(&runtime->reactors[i]->slabs), 0);
}

/* --- sizes --------------------------------------------------------------- */

static const uint32_t sizes[] = {0,   1,    24,   25,   88,   89,
                                 216, 4056, 4057, 9999, 65536};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static uint64_t sizes_seen;

static void fill(uint8_t *payload, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        payload[i] = (uint8_t)(size + i);
}

static int reader_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    const uint8_t *payload = mio_message_payload(message);
    CHECK(((uintptr_t)payload & 7) == 0);
    for (uint32_t i = 0; i < message->size; i++)
        CHECK(payload[i] == (uint8_t)(message->size + i));
    CHECK(!mio_actor_id_is_none(message->from));
    fixture_add(&sizes_seen, 1);
    if (sizes_seen == 2 * SIZES)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class reader_class = {.name = "reader",
                                                    .receive = reader_receive};

/* Each size twice: copied, and written in place. */
static int author_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)state;
    mio_actor_id to;
    CHECK(argument_size == sizeof(to));
    memcpy(&to, argument, sizeof(to));
    static uint8_t payload[65536];
    for (size_t i = 0; i < SIZES; i++) {
        struct mio_message *message;
        fill(payload, sizes[i]);
        CHECK(mio_send(self, to, &bytes, payload, sizes[i]) == 0);
        CHECK(mio_message_new(self, &message, &bytes, sizes[i]) == 0);
        CHECK(message->size == sizes[i]);
        fill(mio_message_payload(message), sizes[i]);
        CHECK(mio_send_message(self, to, message) == 0);
    }
    CHECK(mio_message_new(self, &(struct mio_message *){NULL}, &bytes,
                          MIO_MESSAGE_SIZE_MAX + 1) == MIO_EINVAL);
    return 0;
}

static const struct mio_actor_class author_class = {.name = "author",
                                                    .init = author_init};

static void payloads_of_all_sizes_arrive_whole(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        mio_actor_id reader;
        sizes_seen = 0;
        assert_ok(mio_runtime_spawn(runtime, reactors_counts[i] - 1,
                                    &reader_class, NULL, 0, &reader));
        assert_ok(mio_runtime_spawn(runtime, 0, &author_class, &reader,
                                    sizeof(reader), NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(fixture_counters(runtime).messages_large, 6);
        assert_all_home(runtime);
        mio_runtime_free(runtime);
    }
}

/* --- a ring: messages that go round -------------------------------------- */

#define RING 16
#define TOKENS 50
#define HOPS 1000

static mio_actor_id ring[RING];
static struct fixture_latch tokens_left;

static int member_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    uint32_t hops;
    uint8_t *payload = mio_message_payload(message);
    memcpy(&hops, payload, sizeof(hops));
    if (++hops == HOPS) {
        fixture_latch_done(&tokens_left, self);
        return 0;
    }
    memcpy(payload, &hops, sizeof(hops));
    uint32_t here = 0;
    while (!mio_actor_id_equal(ring[here], mio_actor_self(self)))
        here++;
    mio_message_keep(message);
    return mio_send_message(self, ring[(here + 1) % RING], message);
}

static const struct mio_actor_class member_class = {.name = "member",
                                                    .receive = member_receive};

/* Made on its own reactor, so that a token's memory has a home. */
static int starter_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < TOKENS; i++) {
        uint32_t hops[2] = {0, 0};
        CHECK(mio_send(self, ring[i % RING], &token, hops, sizeof(hops)) == 0);
    }
    return 0;
}

static const struct mio_actor_class starter_class = {.name = "starter",
                                                     .init = starter_init};

static void tokens_go_round_and_their_memory_comes_home(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        tokens_left.missing = TOKENS;
        for (uint32_t j = 0; j < RING; j++)
            assert_ok(mio_runtime_spawn(runtime, j % reactors_counts[i],
                                        &member_class, NULL, 0, &ring[j]));
        assert_ok(mio_runtime_spawn(runtime, 0, &starter_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        struct mio_counters counters = fixture_counters(runtime);
        assert_int_equal(counters.sent_local + counters.sent_remote,
                         TOKENS * HOPS);
        assert_int_equal(counters.dead_letters, 0);
        assert_in_range(counters.slabs, 1, 2); /* tokens; indexes */
        assert_all_home(runtime);
        mio_runtime_free(runtime);
    }
}

/* --- kept messages ------------------------------------------------------- */

#define KEPT 100

struct hoarder {
    struct mio_message *kept[KEPT];
    uint32_t count;
};

static int hoarder_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct hoarder *hoarder = state;
    mio_message_keep(message);
    hoarder->kept[hoarder->count++] = message;
    if (hoarder->count < KEPT)
        return 0;
    for (uint32_t i = 0; i < KEPT; i++) {
        uint32_t value;
        memcpy(&value, mio_message_payload(hoarder->kept[i]), sizeof(value));
        CHECK(value == i);
        mio_message_free(self, hoarder->kept[i]);
    }
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class hoarder_class = {
    .name = "hoarder",
    .state_size = sizeof(struct hoarder),
    .receive = hoarder_receive,
};

static int giver_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)state;
    (void)argument_size;
    mio_actor_id to;
    memcpy(&to, argument, sizeof(to));
    for (uint32_t i = 0; i < KEPT; i++)
        CHECK(mio_send(self, to, &bytes, &i, sizeof(i)) == 0);
    return 0;
}

static const struct mio_actor_class giver_class = {.name = "giver",
                                                   .init = giver_init};

static void a_kept_message_stays_what_it_was(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        mio_actor_id to;
        assert_ok(mio_runtime_spawn(runtime, reactors_counts[i] - 1,
                                    &hoarder_class, NULL, 0, &to));
        assert_ok(
            mio_runtime_spawn(runtime, 0, &giver_class, &to, sizeof(to), NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_all_home(runtime);
        mio_runtime_free(runtime);
    }
}

/* --- slices -------------------------------------------------------------- */

struct line {
    struct mio_message_share share;
    uint32_t size;
    char text[32];
};

static int sharer_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    struct line *line = mio_message_payload(message);
    mio_message_keep(message);
    struct mio_slice *slice = mio_message_to_slice(self, message, &line->share,
                                                   line->text, line->size);
    struct mio_slice *second = mio_slice_ref(slice);
    mio_slice_unref(slice);
    CHECK(second->size == 5);
    CHECK(memcmp(second->bytes, "hello", 5) == 0);
    mio_slice_unref(second);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class sharer_class = {.name = "sharer",
                                                    .receive = sharer_receive};

static int speaker_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument_size;
    mio_actor_id to;
    struct line line = {.size = 5, .text = "hello"};
    memcpy(&to, argument, sizeof(to));
    return mio_send(self, to, &bytes, &line, sizeof(line));
}

static const struct mio_actor_class speaker_class = {.name = "speaker",
                                                     .init = speaker_init};

static void the_last_reference_to_a_slice_frees_its_message(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        mio_actor_id to;
        assert_ok(mio_runtime_spawn(runtime, reactors_counts[i] - 1,
                                    &sharer_class, NULL, 0, &to));
        assert_ok(mio_runtime_spawn(runtime, 0, &speaker_class, &to, sizeof(to),
                                    NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_all_home(runtime);
        mio_runtime_free(runtime);
    }
}

/* --- fan-in -------------------------------------------------------------- */

#define SENDERS 64
#define EACH 500

static uint64_t next_of_sender[SENDERS];
static uint64_t fan_in_count;

static int drain_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)state;
    uint64_t value[2];
    memcpy(value, mio_message_payload(message), sizeof(value));
    CHECK(next_of_sender[value[0]] == value[1]); /* in order, none missing */
    next_of_sender[value[0]]++;
    if (++fan_in_count == (uint64_t)SENDERS * EACH)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class drain_class = {.name = "drain",
                                                   .receive = drain_receive};

struct sender {
    mio_actor_id to;
    uint64_t index;
    uint64_t sent;
};

static int sender_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct sender *sender = state;
    (void)message;
    uint64_t value[2] = {sender->index, sender->sent++};
    CHECK(mio_send(self, sender->to, &bytes, value, sizeof(value)) == 0);
    if (sender->sent == EACH)
        return 0;
    return mio_send(self, mio_actor_self(self), &token, NULL, 0);
}

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    CHECK(argument_size == sizeof(struct sender));
    memcpy(state, argument, sizeof(struct sender));
    return mio_send(self, mio_actor_self(self), &token, NULL, 0);
}

static const struct mio_actor_class sender_class = {
    .name = "sender",
    .state_size = sizeof(struct sender),
    .init = sender_init,
    .receive = sender_receive,
};

static void many_send_to_one_and_each_is_heard_in_order(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        struct sender sender = {{0}, 0, 0};
        memset(next_of_sender, 0, sizeof(next_of_sender));
        fan_in_count = 0;
        assert_ok(
            mio_runtime_spawn(runtime, 0, &drain_class, NULL, 0, &sender.to));
        for (uint32_t j = 0; j < SENDERS; j++) {
            sender.index = j;
            assert_ok(mio_runtime_spawn(runtime, j % reactors_counts[i],
                                        &sender_class, &sender, sizeof(sender),
                                        NULL));
        }
        assert_ok(mio_runtime_run(runtime));
        struct mio_counters counters = fixture_counters(runtime);
        assert_int_equal(counters.bells_rung + counters.bells_elided,
                         counters.chains_out);
        assert_all_home(runtime);
        mio_runtime_free(runtime);
    }
}

/* --- on its way ---------------------------------------------------------- */

/* The sender's next entry does not return before the receiver has heard: so it
 * must have been published when the first callback returned. */
static uint64_t was_heard;

static int hearing_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    fixture_add(&was_heard, 1);
    return 0;
}

static const struct mio_actor_class hearing_class = {
    .name = "hearing", .receive = hearing_receive};

static int insisting_receive(struct mio_actor *self, void *state,
                             struct mio_message *message)
{
    (void)state;
    (void)message;
    int64_t end_ns = mio_clock_monotonic_ns() + 20 * MIO_NS_PER_S;
    while (fixture_get(&was_heard) == 0)
        CHECK(mio_clock_monotonic_ns() < end_ns);
    fixture_stop(self);
    return 0;
}

static int insisting_init(struct mio_actor *self, void *state,
                          const void *argument, size_t argument_size)
{
    (void)state;
    mio_actor_id to;
    memcpy(&to, argument, argument_size);
    CHECK(mio_send(self, mio_actor_self(self), &token, NULL, 0) == 0);
    return mio_send(self, to, &token, NULL, 0);
}

static const struct mio_actor_class insisting_class = {
    .name = "insisting",
    .init = insisting_init,
    .receive = insisting_receive,
};

static void what_was_sent_is_on_its_way_when_the_callback_returns(void **state)
{
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(2);
    mio_actor_id to;
    was_heard = 0;
    assert_ok(mio_runtime_spawn(runtime, 1, &hearing_class, NULL, 0, &to));
    assert_ok(
        mio_runtime_spawn(runtime, 0, &insisting_class, &to, sizeof(to), NULL));
    fixture_run(runtime);
}

/* --- at the very end ------------------------------------------------------ */

#define LAST_WORDS 300

static uint64_t drops;

static void count_drop(void *payload, uint32_t size)
{
    (void)payload;
    (void)size;
    fixture_add(&drops, 1);
}

static const struct mio_message_type last_word = {.name = "last word",
                                                  .drop = count_drop};

/* More than a chain holds, to an actor that has ended on a reactor that may
 * have, too. */
static void orator_exit(struct mio_actor *self, void *state, int reason)
{
    mio_actor_id *to = state;
    (void)reason;
    for (uint32_t i = 0; i < LAST_WORDS; i++)
        CHECK(mio_send(self, *to, &last_word, &i, sizeof(i)) == 0);
}

static int orator_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)self;
    memcpy(state, argument, argument_size);
    return 0;
}

static const struct mio_actor_class orator_class = {
    .name = "orator",
    .state_size = sizeof(mio_actor_id),
    .init = orator_init,
    .exit = orator_exit,
};

static int gone_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class gone_class = {.name = "gone",
                                                  .init = gone_init};

static void what_is_said_at_the_very_end_is_dropped_once(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        mio_actor_id to;
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, reactors_counts[i] - 1,
                                    &gone_class, NULL, 0, &to));
        assert_ok(mio_runtime_spawn(runtime, 0, &orator_class, &to, sizeof(to),
                                    NULL));
        mio_runtime_stop(runtime);
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(drops, LAST_WORDS);
        assert_all_home(runtime);
        mio_runtime_free(runtime);
    }
}

/* --- memory of who sleeps ------------------------------------------------- */

#define FEW 5 /* too few to go home as a chain */

static int few_init(struct mio_actor *self, void *state, const void *argument,
                    size_t argument_size)
{
    mio_actor_id to;
    (void)state;
    CHECK(argument_size == sizeof(to));
    memcpy(&to, argument, sizeof(to));
    for (int i = 0; i < FEW; i++)
        CHECK(mio_send(self, to, &bytes, "x", 1) == 0);
    return 0;
}

static const struct mio_actor_class few_class = {.name = "few",
                                                 .init = few_init};

static int forgetful_receive(struct mio_actor *self, void *state,
                             struct mio_message *message)
{
    (void)self;
    (void)state;
    (void)message;
    return 0;
}

static const struct mio_actor_class forgetful_class = {
    .name = "forgetful", .receive = forgetful_receive};

static void a_reactor_sends_home_what_it_has_before_it_sleeps(void **state)
{
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(2);
    mio_actor_id to;
    assert_ok(mio_runtime_spawn(runtime, 1, &forgetful_class, NULL, 0, &to));
    assert_ok(mio_runtime_spawn(runtime, 0, &few_class, &to, sizeof(to), NULL));
    assert_ok(mio_runtime_start(runtime));
    while (fixture_counters(runtime).sent_home < FEW)
        ; /* for ever, if it sleeps on them */
    mio_runtime_stop(runtime);
    assert_ok(mio_runtime_join(runtime));
    mio_runtime_free(runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_of_all_sizes_arrive_whole),
        cmocka_unit_test(tokens_go_round_and_their_memory_comes_home),
        cmocka_unit_test(a_kept_message_stays_what_it_was),
        cmocka_unit_test(the_last_reference_to_a_slice_frees_its_message),
        cmocka_unit_test(many_send_to_one_and_each_is_heard_in_order),
        cmocka_unit_test(what_was_sent_is_on_its_way_when_the_callback_returns),
        cmocka_unit_test(what_is_said_at_the_very_end_is_dropped_once),
        cmocka_unit_test(a_reactor_sends_home_what_it_has_before_it_sleeps),
    };
    return cmocka_run_group_tests_name("runtime/message", tests, NULL, NULL);
}
