/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/send_after_test.c - a message that is sent later comes not
 * before its time, once, whoever has ended meanwhile, unless it was cancelled.
 */
#include "runtime/send_after.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "tests/runtime/fixture.h"

static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint64_t drops;

static void count_drop(void *payload, uint32_t size)
{
    (void)payload;
    (void)size;
    fixture_add(&drops, 1);
}

static const struct mio_message_type dated = {.name = "dated",
                                              .drop = count_drop};

static uint32_t last_reactor(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
}

/* malloc that can be told to refuse what is this large. */
static size_t refused_size = SIZE_MAX;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return size >= refused_size ? NULL : __real_malloc(size);
}

/* --- in time, from one who is gone -----------------------------------------
 */

#define DATED 40

struct date {
    int64_t due_ns;
    mio_actor_id from;
    uint32_t index;
};

struct reader {
    uint32_t count;
    bool were_seen[DATED];
};

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    mio_actor_id to;
    (void)state;
    CHECK(argument_size == sizeof(to));
    memcpy(&to, argument, sizeof(to));
    for (uint32_t i = 0; i < DATED; i++) {
        /* The first is due at once, as if it were said so. */
        int64_t delay_ns = (int64_t)(i * 7 % DATED) * MIO_NS_PER_MS - 1;
        struct date date = {
            .due_ns = mio_clock_monotonic_ns() + delay_ns,
            .from = mio_actor_self(self),
            .index = i,
        };
        mio_delayed delayed;
        CHECK(mio_send_after(self, to, &dated, &date, sizeof(date), delay_ns,
                             i % 2 == 0 ? &delayed : NULL) == 0);
    }
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class sender_class = {.name = "sender",
                                                    .init = sender_init};

static int reader_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    mio_actor_id me = mio_actor_self(self);
    (void)state;
    (void)argument;
    (void)argument_size;
    return mio_spawn_on(self, last_reactor(self), &sender_class, &me,
                        sizeof(me), NULL);
}

static int reader_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct reader *reader = state;
    struct date date;
    CHECK(message->type == &dated);
    CHECK(message->size == sizeof(date));
    memcpy(&date, mio_message_payload(message), sizeof(date));
    CHECK(mio_clock_monotonic_ns() >= date.due_ns);
    CHECK(mio_actor_id_equal(message->from, date.from));
    CHECK(!reader->were_seen[date.index]);
    reader->were_seen[date.index] = true;
    if (++reader->count == DATED)
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class reader_class = {
    .name = "reader",
    .state_size = sizeof(struct reader),
    .init = reader_init,
    .receive = reader_receive,
};

static void it_comes_in_time_also_from_the_dead(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &reader_class, NULL, 0, NULL));
        fixture_run(runtime);
        assert_int_equal(drops, 0);
    }
}

/* --- cancelled, refused ------------------------------------------------------
 */

#define ROUNDS 500

struct fickle {
    uint64_t round;
    mio_delayed delayed;
    bool is_cancelled;
    uint32_t received;
};

static void send_one(struct mio_actor *self, struct fickle *fickle, size_t size,
                     int64_t delay_ns, mio_delayed *out)
{
    struct mio_message *message;
    CHECK(mio_message_new(self, &message, &dated, size) == 0);
    memset(mio_message_payload(message), (int)(fickle->round % 100), size);
    CHECK(mio_send_message_after(self, (mio_actor_id){0}, message, delay_ns,
                                 out) == MIO_EINVAL);
    CHECK(mio_send_message_after(self, mio_actor_self(self), message, delay_ns,
                                 out) == 0);
}

/* One that is cancelled at once, one now and then whose time has come, and one
 * that must come. */
static void fickle_round(struct mio_actor *self, struct fickle *fickle)
{
    size_t size = fickle->round % 3 == 0 ? 10000 : fickle->round % 200;
    mio_delayed at_once;
    send_one(self, fickle, size, MIO_NS_PER_S, &at_once);
    CHECK(mio_send_after_cancel(self, at_once));
    CHECK(!mio_send_after_cancel(self, at_once));
    mio_delayed elsewhere = at_once;
    elsewhere.reactor++;
    CHECK(!mio_send_after_cancel(self, elsewhere));
    CHECK(!mio_send_after_cancel(self, (mio_delayed){0}));
    send_one(self, fickle, size, 0, &fickle->delayed);
    CHECK(mio_send_after(self, mio_actor_self(self), &dated, NULL, 0, 0,
                         NULL) == 0);
    fickle->is_cancelled = false;
    if (fickle->round % 2 == 0) {
        CHECK(mio_send_after_cancel(self, fickle->delayed));
        fickle->is_cancelled = true;
    }
}

static int fickle_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    mio_actor_id me = mio_actor_self(self);
    struct fickle *fickle = state;
    refused_size = 10000;
    CHECK(mio_send_after(self, me, &dated, NULL, 10000, 0, NULL) == MIO_ENOMEM);
    refused_size = SIZE_MAX;
    CHECK(mio_send_after(self, me, &dated, NULL, MIO_MESSAGE_SIZE_MAX + 1, 0,
                         NULL) == MIO_EINVAL);
    CHECK(mio_send_after(self, (mio_actor_id){0}, &dated, NULL, 0, 0, NULL) ==
          MIO_EINVAL);
    fickle->round = 1;
    fickle_round(self, fickle);
    return 0;
}

static int fickle_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct fickle *fickle = state;
    const unsigned char *bytes = mio_message_payload(message);
    /* The two of a round have the same time, and either may be the first. */
    for (uint32_t i = 0; i < message->size; i++)
        CHECK(bytes[i] == fickle->round % 100);
    fickle->received++;
    if (fickle->received < (fickle->is_cancelled ? 1 : 2))
        return 0;
    CHECK(!mio_send_after_cancel(self, fickle->delayed));
    fickle->received = 0;
    if (++fickle->round == fixture_scaled(ROUNDS))
        fixture_stop(self);
    else
        fickle_round(self, fickle);
    return 0;
}

static const struct mio_actor_class fickle_class = {
    .name = "fickle",
    .state_size = sizeof(struct fickle),
    .init = fickle_init,
    .receive = fickle_receive,
};

static void what_was_cancelled_does_not_come(void **state)
{
    struct mio_runtime *runtime = fixture_runtime(2);
    uint64_t rounds = fixture_scaled(ROUNDS) - 1;
    (void)state;
    drops = 0;
    assert_ok(mio_runtime_spawn(runtime, 1, &fickle_class, NULL, 0, NULL));
    assert_ok(mio_runtime_run(runtime));
    assert_int_equal(drops, rounds + rounds / 2);
    assert_int_equal(fixture_counters(runtime).dead_letters, 0);
    mio_runtime_free(runtime);
}

/* --- the end
 * ------------------------------------------------------------------ */

static int last_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    static const char bytes[9000];
    mio_actor_id me = mio_actor_self(self);
    (void)state;
    (void)argument;
    (void)argument_size;
    for (uint32_t i = 0; i < 100; i++)
        CHECK(mio_send_after(self, me, &dated, bytes, i * 100 % 9000,
                             (3600 + i) * MIO_NS_PER_S, NULL) == 0);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class last_class = {.name = "last",
                                                  .init = last_init};

static void what_is_not_due_at_the_end_is_dropped(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        drops = 0;
        assert_ok(mio_runtime_spawn(runtime, reactors_counts[i] - 1,
                                    &last_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(drops, 100);
        assert_int_equal(fixture_counters(runtime).dead_letters, 0);
        mio_runtime_free(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_in_time_also_from_the_dead),
        cmocka_unit_test(what_was_cancelled_does_not_come),
        cmocka_unit_test(what_is_not_due_at_the_end_is_dropped),
    };
    return cmocka_run_group_tests_name("runtime/send_after", tests, NULL, NULL);
}
