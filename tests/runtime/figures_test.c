/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/figures_test.c - snapshots, and figures of single actors: what
 * they say is what was done. */
#include "runtime/figures.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "tests/runtime/fixture.h"

#define MESSAGES 20000
#define BURST 500

static const struct mio_message_type work = {.name = "work"};
static const struct mio_message_type credit = {.name = "credit"};

/* --- a sender and a sink ---------------------------------------------------
 */

static struct {
    uint64_t figures_received; /* of the sink, as its reactor says */
    uint64_t answers;
    uint64_t nothings;
    struct mio_reactor_figures sink_side;
    mio_actor_id sink;
} seen;

static void answer(void *ctx, const struct mio_reactor_figures *figures)
{
    struct mio_actor *unused = ctx;
    (void)unused;
    if (figures == NULL) {
        fixture_add(&seen.nothings, 1);
        return;
    }
    seen.sink_side = *figures;
    fixture_add(&seen.answers, 1);
}

struct sink {
    uint64_t received;
};

static int sink_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    CHECK(strcmp(mio_actor_label(self), "") == 0);
    CHECK(mio_actor_set_label(self, "the sink, which has a long long name") ==
          0);
    return 0;
}

static int sink_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct sink *sink = state;
    sink->received++;
    if (sink->received % BURST != 0)
        return 0;
    if (sink->received == MESSAGES) {
        CHECK(mio_runtime_ask_figures(mio_actor_runtime(self),
                                      mio_actor_reactor(self), answer,
                                      NULL) == 0);
        return mio_send(self, mio_actor_self(self), &credit, NULL, 0);
    }
    if (message->type == &credit)
        return 0;
    return mio_send(self, message->from, &credit, NULL, 0);
}

/* The answer stands before this message: the inbox is taken in between. */
static int sink_or_stop(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct sink *sink = state;
    if (sink->received < MESSAGES)
        return sink_receive(self, state, message);
    if (fixture_get(&seen.answers) == 0)
        return mio_send(self, mio_actor_self(self), &credit, NULL, 0);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class sink_class = {
    .name = "sink",
    .state_size = sizeof(struct sink),
    .init = sink_init,
    .receive = sink_or_stop,
};

static int burst(struct mio_actor *self)
{
    for (uint32_t i = 0; i < BURST; i++)
        CHECK(mio_send(self, seen.sink, &work, NULL, 0) == 0);
    return 0;
}

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    return burst(self);
}

static int sender_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    (void)message;
    return burst(self);
}

static const struct mio_actor_class sender_class = {
    .name = "sender", .init = sender_init, .receive = sender_receive};

static struct mio_runtime *make_pair(uint32_t reactors)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    memset(&seen, 0, sizeof(seen));
    assert_ok(mio_runtime_spawn(runtime, 0, &sink_class, NULL, 0, &seen.sink));
    assert_ok(
        mio_runtime_spawn(runtime, reactors - 1, &sender_class, NULL, 0, NULL));
    return runtime;
}

static const struct mio_actor_figures *figures_of_sink(void)
{
    for (uint32_t i = 0; i < seen.sink_side.actors_count; i++)
        if (mio_actor_id_equal(seen.sink_side.actors[i].id, seen.sink))
            return &seen.sink_side.actors[i];
    return NULL;
}

static const struct mio_edge_figures *edge_of_work(void)
{
    for (uint32_t i = 0; i < seen.sink_side.edges_count; i++)
        if (strcmp(seen.sink_side.edges[i].type, "work") == 0)
            return &seen.sink_side.edges[i];
    return NULL;
}

static void check_actor(void)
{
    const struct mio_actor_figures *sink = figures_of_sink();
    assert_non_null(sink);
    assert_string_equal(sink->class_name, "sink");
    /* 31 characters of it. */
    assert_string_equal(sink->label, "the sink, which has a long long");
    /* Exactly what was sent, and the words to itself until it was asked. */
    assert_in_range(sink->received, MESSAGES, UINT64_MAX);
    assert_true(sink->busy_ns > 0);
}

/* An estimate: of the 20000 it must find a fair part, and invent few. */
static void check_edge(void)
{
    const struct mio_edge_figures *edge = edge_of_work();
    assert_non_null(edge);
    assert_string_equal(edge->from_class, "sender");
    assert_string_equal(edge->to_class, "sink");
    assert_in_range(edge->messages, MESSAGES / 4, MESSAGES * 4);
}

static void busy_actors_are_named_with_what_they_did(void **state)
{
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < sizeof(reactors) / sizeof(reactors[0]); i++) {
        struct mio_runtime *runtime = make_pair(reactors[i]);
        fixture_run(runtime);
        assert_int_equal(seen.answers, 1);
        check_actor();
        check_edge();
    }
}

/* --- snapshots -------------------------------------------------------------
 */

static struct mio_snapshot snapshot(const struct mio_runtime *runtime,
                                    uint32_t reactor)
{
    struct mio_snapshot out;
    assert_ok(mio_runtime_snapshot(runtime, reactor, &out));
    return out;
}

static void check_here(const struct mio_snapshot *here)
{
    assert_true(here->counters.sent_local >= MESSAGES);
    /* A burst was queued when the clock was read, or the inbox taken. */
    assert_in_range(here->queue_max, BURST / 2, MESSAGES);
    assert_true(mio_histogram_count(&here->dwell_ns) > 0);
}

static void check_far(const struct mio_snapshot *sink,
                      const struct mio_snapshot *sender)
{
    assert_true(sender->counters.sent_remote >= MESSAGES);
    assert_true(sink->counters.received >= MESSAGES);
    /* Each take is there, with no more chains than there were. */
    assert_in_range(mio_histogram_count(&sink->takes), 1,
                    sink->counters.chains_in);
    assert_true(mio_histogram_percentile(&sink->takes, 100) > 1);
}

static void snapshots_tell_what_was_done(void **state)
{
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < sizeof(reactors) / sizeof(reactors[0]); i++) {
        struct mio_runtime *runtime = make_pair(reactors[i]);
        assert_ok(mio_runtime_run(runtime));
        struct mio_snapshot sink = snapshot(runtime, 0);
        struct mio_snapshot sender = snapshot(runtime, reactors[i] - 1);
        if (reactors[i] == 1)
            check_here(&sink);
        else
            check_far(&sink, &sender);
        assert_int_equal(sink.actors, 0);
        assert_int_equal(sink.is_parked, 0);
        assert_true(sink.busy_ns > 0);
        assert_int_equal(sink.slab_bytes, sink.counters.slabs * 65536);
        assert_true(sender.counters.slots >= BURST);
        assert_int_equal(mio_runtime_snapshot(runtime, reactors[i], &sink),
                         MIO_EINVAL);
        mio_runtime_free(runtime);
    }
}

static void *watch(void *argument)
{
    struct mio_runtime *runtime = argument;
    uint64_t last = 0;
    uint64_t asked = 0;
    while (!mio_runtime_is_stopping(runtime)) {
        struct mio_snapshot now;
        CHECK(mio_runtime_snapshot(runtime, 0, &now) == 0);
        CHECK(now.counters.entries >= last);
        last = now.counters.entries;
        /* One at a time: it would ask faster than any reactor answers. */
        if (fixture_get(&seen.answers) == asked &&
            mio_runtime_ask_figures(runtime, 0, answer, NULL) == 0)
            asked++;
        (void)sched_yield();
    }
    return NULL;
}

static void others_may_look_meanwhile(void **state)
{
    pthread_t thread;
    (void)state;
    struct mio_runtime *runtime = make_pair(2);
    assert_int_equal(pthread_create(&thread, NULL, watch, runtime), 0);
    assert_ok(mio_runtime_run(runtime));
    assert_int_equal(pthread_join(thread, NULL), 0);
    mio_runtime_free(runtime);
}

/* --- large messages --------------------------------------------------------
 */

#define LARGE 10000

static int keeper_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct mio_message **kept = state;
    struct mio_snapshot now;
    struct mio_runtime *runtime = mio_actor_runtime(self);
    uint64_t bytes = LARGE + sizeof(struct mio_message);
    if (*kept == NULL) {
        mio_message_keep(message);
        *kept = message;
        return mio_send(self, mio_actor_self(self), &work, NULL, 0);
    }
    CHECK(mio_runtime_snapshot(runtime, 0, &now) == 0);
    CHECK(now.large_bytes == bytes);
    CHECK(now.large_count == 1);
    CHECK(now.actors == 1);
    mio_message_free(self, *kept);
    CHECK(mio_runtime_snapshot(runtime, 0, &now) == 0);
    CHECK(now.large_bytes == 0);
    CHECK(now.large_count == 0);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class keeper_class = {
    .name = "keeper",
    .state_size = sizeof(struct mio_message *),
    .receive = keeper_receive,
};

static void large_messages_are_counted_until_they_are_freed(void **state)
{
    static const unsigned char bytes[LARGE];
    mio_actor_id keeper;
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(1);
    assert_ok(mio_runtime_spawn(runtime, 0, &keeper_class, NULL, 0, &keeper));
    assert_ok(mio_runtime_send(runtime, keeper, &work, bytes, sizeof(bytes)));
    fixture_run(runtime);
}

/* --- nobody answers --------------------------------------------------------
 */

static void who_never_runs_answers_nothing(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    struct mio_runtime *runtime = fixture_runtime(2);
    assert_ok(mio_runtime_ask_figures(runtime, 1, answer, NULL));
    assert_int_equal(mio_runtime_ask_figures(runtime, 2, answer, NULL),
                     MIO_EINVAL);
    mio_runtime_free(runtime);
    assert_int_equal(seen.nothings, 1);
    assert_int_equal(seen.answers, 0);
}

static void who_has_ended_refuses(void **state)
{
    (void)state;
    struct mio_runtime *runtime = fixture_runtime(1);
    mio_runtime_stop(runtime);
    assert_ok(mio_runtime_run(runtime));
    assert_int_equal(mio_runtime_ask_figures(runtime, 0, answer, NULL),
                     MIO_ECLOSED);
    mio_runtime_free(runtime);
}

static void percentiles_are_bounds_of_buckets(void **state)
{
    struct mio_histogram histogram = {0};
    (void)state;
    assert_int_equal(mio_histogram_percentile(&histogram, 50), 0);
    histogram.counts[1] = 98; /* ones */
    histogram.counts[4] = 2;  /* 8 to 15 */
    assert_int_equal(mio_histogram_count(&histogram), 100);
    assert_int_equal(mio_histogram_percentile(&histogram, 50), 1);
    assert_int_equal(mio_histogram_percentile(&histogram, 98), 1);
    assert_int_equal(mio_histogram_percentile(&histogram, 99), 15);
    assert_int_equal(mio_histogram_percentile(&histogram, 100), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_actors_are_named_with_what_they_did),
        cmocka_unit_test(snapshots_tell_what_was_done),
        cmocka_unit_test(others_may_look_meanwhile),
        cmocka_unit_test(large_messages_are_counted_until_they_are_freed),
        cmocka_unit_test(who_never_runs_answers_nothing),
        cmocka_unit_test(who_has_ended_refuses),
        cmocka_unit_test(percentiles_are_bounds_of_buckets),
    };
    return cmocka_run_group_tests_name("runtime/figures", tests, NULL, NULL);
}
