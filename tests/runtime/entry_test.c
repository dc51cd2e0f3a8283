/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/entry_test.c - entries, flushes and timers share one queue with
 * messages, and none of an actor that ended is handled. */
#include "tests/runtime/fixture.h"

#include <string.h>

#include "core/clock.h"

static const struct mio_message_type note = {.name = "note"};
static struct mio_runtime *runtime;

static int setup(void **state)
{
    (void)state;
    fixture_log_clear();
    runtime = fixture_runtime(1);
    return 0;
}

static void say(struct mio_actor *self, mio_actor_id to, char letter)
{
    CHECK(mio_send(self, to, &note, &letter, 1) == 0);
}

/* Logs its letters; 'S' stops. */
static int listener_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    (void)state;
    char letter = *(char *)mio_message_payload(message);
    fixture_log("%c", letter);
    if (letter == 'S')
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class listener_class = {
    .name = "listener", .receive = listener_receive};

/* Run an actor whose init does it all; S stops. */
static void run(int (*init)(struct mio_actor *self, void *state,
                            const void *argument, size_t argument_size),
                size_t state_size,
                int (*receive)(struct mio_actor *self, void *state,
                               struct mio_message *message))
{
    const struct mio_actor_class actor_class = {
        .name = "actor",
        .state_size = state_size,
        .init = init,
        .receive = receive,
    };
    mio_actor_id listener;
    assert_ok(
        mio_runtime_spawn(runtime, 0, &listener_class, NULL, 0, &listener));
    assert_ok(mio_runtime_spawn(runtime, 0, &actor_class, &listener,
                                sizeof(listener), NULL));
    fixture_run(runtime);
}

static mio_actor_id id_in(const void *argument)
{
    mio_actor_id id;
    memcpy(&id, argument, sizeof(id));
    return id;
}

/* --- entries ------------------------------------------------------------- */

struct entries {
    struct mio_actor_entry a, b, c, d;
};

static int handle(struct mio_actor *self, void *state,
                  struct mio_actor_entry *entry)
{
    struct entries *entries = state;
    (void)self;
    fixture_log("%c", "abcd"[entry - &entries->a]);
    return 0;
}

static void init_entries(struct mio_actor *self, struct entries *entries)
{
    mio_actor_entry_init(&entries->a, self, handle);
    mio_actor_entry_init(&entries->b, self, handle);
    mio_actor_entry_init(&entries->c, self, handle);
    mio_actor_entry_init(&entries->d, self, handle);
}

static int order_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct entries *entries = state;
    mio_actor_id to = id_in(argument);
    (void)argument_size;
    init_entries(self, entries);
    mio_actor_enqueue(&entries->b);
    say(self, to, 'M');
    mio_actor_enqueue(&entries->a);
    mio_actor_enqueue(&entries->b); /* it is there already */
    say(self, to, 'N');
    mio_actor_enqueue(&entries->c);
    say(self, to, 'S');
    return 0;
}

static void entries_and_messages_are_handled_in_the_order_of_entry(void **state)
{
    (void)state;
    run(order_init, sizeof(struct entries), NULL);
    assert_string_equal(fixture_log_text(), "bMaNcS");
}

/* Out of the front, the middle, the end, next to each other; and what is put
 * back comes at the tail, not where it was. */
static int dequeue_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct entries *entries = state;
    mio_actor_id to = id_in(argument);
    (void)argument_size;
    init_entries(self, entries);
    CHECK(!mio_actor_dequeue(&entries->a));
    mio_actor_enqueue(&entries->a);
    mio_actor_enqueue(&entries->b);
    mio_actor_enqueue(&entries->c);
    CHECK(mio_actor_dequeue(&entries->b));
    CHECK(!mio_actor_dequeue(&entries->b));
    CHECK(mio_actor_dequeue(&entries->a));
    CHECK(mio_actor_dequeue(&entries->c)); /* empty now */
    mio_actor_enqueue(&entries->a);
    say(self, to, 'M');
    mio_actor_enqueue(&entries->b);
    mio_actor_enqueue(&entries->d);
    CHECK(mio_actor_dequeue(&entries->a));
    mio_actor_enqueue(&entries->a);
    CHECK(mio_actor_dequeue(&entries->b));
    CHECK(mio_actor_dequeue(&entries->d));
    mio_actor_enqueue(&entries->c);
    CHECK(mio_actor_dequeue(&entries->c)); /* it was the tail */
    say(self, to, 'S');
    return 0;
}

static void
a_dequeued_entry_is_not_handled_and_comes_back_at_the_tail(void **state)
{
    (void)state;
    run(dequeue_init, sizeof(struct entries), NULL);
    assert_string_equal(fixture_log_text(), "MaS");
}

/* The memory of an entry that was dequeued may be used for anything. */
struct borrower {
    struct mio_actor_entry before;
    union {
        struct mio_actor_entry entry;
        unsigned char bytes[sizeof(struct mio_actor_entry)];
    } memory;
    struct mio_actor_entry after;
};

static int handle_letter(struct mio_actor *self, void *state,
                         struct mio_actor_entry *entry)
{
    struct borrower *borrower = state;
    (void)self;
    fixture_log("%s", entry == &borrower->before ? "<" : ">");
    return 0;
}

static int borrower_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct borrower *borrower = state;
    (void)argument_size;
    mio_actor_entry_init(&borrower->before, self, handle_letter);
    mio_actor_entry_init(&borrower->memory.entry, self, handle_letter);
    mio_actor_entry_init(&borrower->after, self, handle_letter);
    mio_actor_enqueue(&borrower->before);
    mio_actor_enqueue(&borrower->memory.entry);
    mio_actor_enqueue(&borrower->after);
    CHECK(mio_actor_dequeue(&borrower->memory.entry));
    memset(borrower->memory.bytes, 0xee, sizeof(borrower->memory.bytes));
    say(self, id_in(argument), 'S');
    return 0;
}

static void the_memory_of_a_dequeued_entry_is_its_owners_at_once(void **state)
{
    (void)state;
    run(borrower_init, sizeof(struct borrower), NULL);
    assert_string_equal(fixture_log_text(), "<>S");
}

static int mortal_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct entries *entries = state;
    (void)argument_size;
    init_entries(self, entries);
    mio_actor_enqueue(&entries->a);
    mio_actor_enqueue(&entries->b);
    say(self, id_in(argument), 'S');
    mio_actor_enqueue(&entries->c);
    mio_actor_exit(self, 0);
    return 0;
}

static void entries_of_an_actor_that_ended_are_not_handled(void **state)
{
    (void)state;
    run(mortal_init, sizeof(struct entries), NULL);
    assert_string_equal(fixture_log_text(), "S");
}

/* Each is taken out by the entry before it: what points to it has changed by
 * then, as that one has left the queue. */
static int leave_together(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct entries *entries = state;
    (void)self;
    (void)message;
    fixture_log("m");
    CHECK(mio_actor_dequeue(&entries->a));
    mio_actor_enqueue(&entries->d);
    return 0;
}

static int handle_and_take_next(struct mio_actor *self, void *state,
                                struct mio_actor_entry *entry)
{
    struct entries *entries = state;
    (void)self;
    (void)entry;
    fixture_log("b");
    CHECK(mio_actor_dequeue(&entries->c));
    return 0;
}

static int leaving_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct entries *entries = state;
    (void)argument_size;
    init_entries(self, entries);
    mio_actor_entry_init(&entries->b, self, handle_and_take_next);
    say(self, mio_actor_self(self), 'm');
    mio_actor_enqueue(&entries->a);
    mio_actor_enqueue(&entries->b);
    mio_actor_enqueue(&entries->c);
    say(self, id_in(argument), 'S');
    return 0;
}

static void an_entry_can_be_dequeued_by_the_one_before_it(void **state)
{
    (void)state;
    run(leaving_init, sizeof(struct entries), leave_together);
    assert_string_equal(fixture_log_text(), "mbSd");
}

static int handle_and_fail(struct mio_actor *self, void *state,
                           struct mio_actor_entry *entry)
{
    (void)self;
    (void)state;
    (void)entry;
    fixture_log("f");
    return MIO_EPROTO;
}

static int failing_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct entries *entries = state;
    (void)argument_size;
    init_entries(self, entries);
    mio_actor_entry_init(&entries->a, self, handle_and_fail);
    mio_actor_enqueue(&entries->a);
    mio_actor_enqueue(&entries->b);
    say(self, id_in(argument), 'S');
    return 0;
}

static void an_entry_whose_handler_fails_ends_its_actor(void **state)
{
    (void)state;
    run(failing_init, sizeof(struct entries), NULL);
    assert_string_equal(fixture_log_text(), "fS");
}

/* --- flushes ------------------------------------------------------------- */

struct flusher {
    struct mio_actor_flush flush;
    struct mio_actor_flush other;
    mio_actor_id to;
    int flushes;
};

static void flush(struct mio_actor *self, void *state)
{
    struct flusher *flusher = state;
    fixture_log("(%d)", ++flusher->flushes);
    if (flusher->flushes == 1) {
        mio_actor_flush_later(&flusher->flush); /* the next turn's */
        say(self, flusher->to, 'Q');
    } else {
        say(self, flusher->to, 'S');
    }
}

static int flusher_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct flusher *flusher = state;
    (void)argument_size;
    flusher->to = id_in(argument);
    mio_actor_flush_init(&flusher->flush, self, flush);
    mio_actor_flush_later(&flusher->flush);
    mio_actor_flush_later(&flusher->flush);
    say(self, flusher->to, 'A');
    say(self, flusher->to, 'B');
    return 0;
}

static void a_flush_runs_once_after_the_entries_of_a_turn(void **state)
{
    (void)state;
    run(flusher_init, sizeof(struct flusher), NULL);
    assert_string_equal(fixture_log_text(), "AB(1)Q(2)S");
}

static void flush_again(struct mio_actor *self, void *state)
{
    struct flusher *flusher = state;
    fixture_log("(%d)", ++flusher->flushes);
    if (flusher->flushes < 3)
        mio_actor_flush_later(&flusher->flush);
    else
        fixture_stop(self);
}

static int again_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct flusher *flusher = state;
    (void)argument;
    (void)argument_size;
    mio_actor_flush_init(&flusher->flush, self, flush_again);
    mio_actor_flush_later(&flusher->flush);
    return 0;
}

static void a_reactor_does_not_sleep_on_a_flush(void **state)
{
    (void)state;
    run(again_init, sizeof(struct flusher), NULL);
    assert_string_equal(fixture_log_text(), "(1)(2)(3)");
}

static void flush_that_must_not_run(struct mio_actor *self, void *state)
{
    (void)self;
    (void)state;
    fixture_log("(wrong)");
}

static int dying_flusher_init(struct mio_actor *self, void *state,
                              const void *argument, size_t argument_size)
{
    struct flusher *flusher = state;
    (void)argument_size;
    mio_actor_flush_init(&flusher->flush, self, flush_that_must_not_run);
    mio_actor_flush_init(&flusher->other, self, flush_that_must_not_run);
    mio_actor_flush_later(&flusher->flush);
    mio_actor_flush_later(&flusher->other);
    say(self, id_in(argument), 'S');
    return MIO_EPROTO;
}

static void flushes_of_an_actor_that_ended_are_not_run(void **state)
{
    (void)state;
    run(dying_flusher_init, sizeof(struct flusher), NULL);
    assert_string_equal(fixture_log_text(), "S");
}

/* The last thing that an actor does is to ask for a flush, and the runtime ends
 * with it: its memory must not be lost (a leak, says the sanitizer). */
static void late_exit(struct mio_actor *self, void *state, int reason)
{
    struct flusher *flusher = state;
    (void)reason;
    mio_actor_flush_init(&flusher->flush, self, flush_that_must_not_run);
    mio_actor_flush_later(&flusher->flush);
}

static const struct mio_actor_class late_class = {
    .name = "late",
    .state_size = sizeof(struct flusher),
    .exit = late_exit,
};

static void a_flush_that_is_asked_for_at_the_very_end_is_forgotten(void **state)
{
    (void)state;
    assert_ok(mio_runtime_spawn(runtime, 0, &late_class, NULL, 0, NULL));
    mio_runtime_stop(runtime);
    fixture_run(runtime);
    assert_string_equal(fixture_log_text(), "");
}

/* --- fairness ------------------------------------------------------------ */

/* Two actors that never let the queue run empty do not keep a timer from
 * firing. */
struct talker {
    struct mio_actor_timer timer;
    int64_t talk_ns; /* how long a message takes */
    int messages;
};

static int talker_fired(struct mio_actor *self, void *state,
                        struct mio_actor_timer *timer)
{
    (void)state;
    (void)timer;
    fixture_log("fired");
    fixture_stop(self);
    return 0;
}

static int talker_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct talker *talker = state;
    int64_t end_ns = mio_clock_monotonic_ns() + talker->talk_ns;
    while (mio_clock_monotonic_ns() < end_ns)
        ;
    talker->messages++;
    mio_message_keep(message);
    return mio_send_message(self, mio_actor_self(self), message);
}

static int begin_talking(struct mio_actor *self, struct talker *talker,
                         int (*fired)(struct mio_actor *self, void *state,
                                      struct mio_actor_timer *timer))
{
    mio_actor_timer_init(&talker->timer, self, fired);
    mio_actor_timer_start(&talker->timer, 5 * MIO_NS_PER_MS);
    for (int i = 0; i < 20; i++)
        say(self, mio_actor_self(self), 'x');
    return 0;
}

static int talker_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    return begin_talking(self, state, talker_fired);
}

static void a_queue_that_never_runs_empty_does_not_stop_the_clock(void **state)
{
    (void)state;
    run(talker_init, sizeof(struct talker), talker_receive);
    assert_string_equal(fixture_log_text(), "fired");
}

/* Entries of 1 ms: the timer does not wait for 64 of them. */
static int slow_fired(struct mio_actor *self, void *state,
                      struct mio_actor_timer *timer)
{
    struct talker *talker = state;
    CHECK(talker->messages < 60); /* 16, and the 20 that were before it */
    return talker_fired(self, state, timer);
}

static int slow_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct talker *talker = state;
    (void)argument;
    (void)argument_size;
    talker->talk_ns = MIO_NS_PER_MS;
    return begin_talking(self, talker, slow_fired);
}

/* A flush waits for the queue to run empty, but not for ever. */
static void stop_at_flush(struct mio_actor *self, void *state)
{
    (void)state;
    fixture_log("flushed");
    fixture_stop(self);
}

struct gatherer {
    struct talker talker;
    struct mio_actor_flush flush;
};

static int gatherer_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct gatherer *gatherer = state;
    (void)argument;
    (void)argument_size;
    mio_actor_flush_init(&gatherer->flush, self, stop_at_flush);
    mio_actor_flush_later(&gatherer->flush);
    for (int i = 0; i < 20; i++)
        say(self, mio_actor_self(self), 'x');
    return 0;
}

static void
a_queue_that_never_runs_empty_does_not_keep_output_back(void **state)
{
    (void)state;
    run(gatherer_init, sizeof(struct gatherer), talker_receive);
    assert_string_equal(fixture_log_text(), "flushed");
}

static void nor_do_entries_that_take_long(void **state)
{
    (void)state;
    run(slow_init, sizeof(struct talker), talker_receive);
    assert_string_equal(fixture_log_text(), "fired");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(entries_and_messages_are_handled_in_the_order_of_entry),
        TEST(a_dequeued_entry_is_not_handled_and_comes_back_at_the_tail),
        TEST(the_memory_of_a_dequeued_entry_is_its_owners_at_once),
        TEST(an_entry_can_be_dequeued_by_the_one_before_it),
        TEST(entries_of_an_actor_that_ended_are_not_handled),
        TEST(an_entry_whose_handler_fails_ends_its_actor),
        TEST(a_flush_runs_once_after_the_entries_of_a_turn),
        TEST(a_reactor_does_not_sleep_on_a_flush),
        TEST(flushes_of_an_actor_that_ended_are_not_run),
        TEST(a_flush_that_is_asked_for_at_the_very_end_is_forgotten),
        TEST(a_queue_that_never_runs_empty_does_not_stop_the_clock),
        TEST(nor_do_entries_that_take_long),
        TEST(a_queue_that_never_runs_empty_does_not_keep_output_back),
    };
    return cmocka_run_group_tests_name("runtime/entry", tests, NULL, NULL);
}
