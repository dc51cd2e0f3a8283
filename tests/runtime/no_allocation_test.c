/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/no_allocation_test.c - after warm-up, sending, receiving,
 * asking, timing and starting jobs allocate nothing.
 *
 * jemalloc counts what each thread allocates. Meters, one on each reactor, read
 * that count on their own thread before and after a phase of hard work; another
 * phase, with more messages under way, has passed before the first reading. */
#include "runtime/link.h"
#include "runtime/monitor.h"
#include "tests/runtime/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "runtime/ask.h"
#include "runtime/group.h"
#include "runtime/mailbox/home.h"
#include "runtime/pool.h"
#include "runtime/send_after.h"

#if MIO_HAVE_JEMALLOC
#include <jemalloc/jemalloc.h>
#else
/* Built, not run, where a sanitizer is the allocator. */
static int mallctl(const char *name, void *old, size_t *old_size, void *new,
                   size_t new_size)
{
    (void)name;
    (void)old;
    (void)old_size;
    (void)new;
    (void)new_size;
    return -1;
}
#endif

#define SENDERS 12
#define WINDOW 8
#define WINDOW_WARM                                                            \
    64 /* so that the second phase needs less than the first                   \
        */
#define MESSAGES_EACH 5000
#define REACTORS_MAX 8
#define SHOUT_SIZE 300 /* bytes for all senders at once */
#define SHOUTS 1       /* that not all have heard yet */
#define SHOUTS_WARM 32 /* likewise, in the first phase */
#define NAME_EVERY 20  /* messages to the hub */

static const struct mio_message_type work = {.name = "work"};
static const struct mio_message_type done = {.name = "done"};
static const struct mio_message_type phase = {.name = "phase"};
static const struct mio_message_type reading = {.name = "reading"};
static const struct mio_message_type shout = {.name = "shout"};
static const struct mio_message_type heard = {.name = "heard"};
static const struct mio_message_type later = {.name = "later"};

static mio_actor_id hub;
static mio_actor_id senders[SENDERS];
static mio_actor_id meters[REACTORS_MAX];
static uint32_t reactors_count;
static struct mio_pool *pool;

static uint64_t allocated_here(void)
{
    /* volatile: the compiler believes that malloc changes no memory it can
     * see, and would read the counter once. */
    volatile uint64_t *counter = NULL;
    size_t size = sizeof(counter);
    CHECK(mallctl("thread.allocatedp", (void *)&counter, &size, NULL, 0) == 0);
    return *counter;
}

static void a_malloc_is_seen_by_the_counter(void **state)
{
    (void)state;
    uint64_t before = allocated_here();
    void *volatile memory = malloc(100);
    assert_in_range(allocated_here() - before, 100, 200);
    free(memory);
    before = allocated_here();
    assert_int_equal(allocated_here() - before, 0);
}

/* --- senders: a window of messages to the hub, each of another size ------- */

struct sender {
    uint64_t sent;
    uint64_t answered;
    mio_actor_id boss;
    struct mio_ask ask;
    struct mio_job job;
    bool has_delayed;
    struct mio_actor_timer timer;
    struct mio_actor_flush flush;
    struct mio_monitor monitor;
};

static int nothing_fired(struct mio_actor *self, void *state,
                         struct mio_actor_timer *timer)
{
    (void)self;
    (void)state;
    (void)timer;
    return 0;
}

static void nothing_flushed(struct mio_actor *self, void *state)
{
    (void)self;
    (void)state;
}

static int nothing_answered(struct mio_actor *self, void *state,
                            struct mio_ask *ask, int result,
                            struct mio_message *reply)
{
    (void)self;
    (void)state;
    (void)ask;
    (void)reply;
    CHECK(result == 0);
    return 0;
}

static int nothing_to_do(struct mio_runtime *runtime, void *data, size_t size)
{
    (void)runtime;
    (void)data;
    (void)size;
    return 0;
}

static const struct mio_job_class job_class = {.name = "nothing",
                                               .run = nothing_to_do};

static int nothing_done(struct mio_actor *self, void *state,
                        struct mio_job *job, int result, void *data,
                        size_t size)
{
    (void)self;
    (void)state;
    (void)job;
    (void)data;
    (void)size;
    return result;
}

/* One of each is under way at any time. */
static void go_on(struct mio_actor *self, struct sender *sender)
{
    if (!mio_ask_is_under_way(&sender->ask))
        CHECK(mio_ask_start(&sender->ask, hub, &work, NULL, 0,
                            sender->sent % 4000, MIO_NS_PER_S * 3600) == 0);
    if (!mio_job_is_under_way(&sender->job))
        CHECK(mio_job_start(&sender->job, pool, &job_class, NULL,
                            sender->sent % 3000) == 0);
    if (!sender->has_delayed)
        CHECK(mio_send_after(self, mio_actor_self(self), &later, NULL, 0, 0,
                             NULL) == 0);
    sender->has_delayed = true;
}

static int never_down(struct mio_actor *self, void *state,
                      struct mio_monitor *monitor, int reason)
{
    (void)self;
    (void)state;
    (void)monitor;
    (void)reason;
    return 0;
}

/* Watch and link the hub, and undo it, by turns. */
static void tie(struct mio_actor *self, struct sender *sender)
{
    if (mio_monitor_cancel(&sender->monitor)) {
        CHECK(mio_unlink(self, hub) == 0);
    } else {
        CHECK(mio_monitor_start(&sender->monitor, hub) == 0);
        CHECK(mio_link(self, hub) == 0);
    }
}

static void send_one(struct mio_actor *self, struct sender *sender)
{
    static const char payload[4056];
    static const size_t sizes[] = {0, 60, 100, 300, 700, 2000, 4056};
    size_t size = sizes[sender->sent % (sizeof(sizes) / sizeof(sizes[0]))];
    sender->sent++;
    CHECK(mio_send(self, hub, &work, payload, size) == 0);
    mio_actor_timer_start(&sender->timer,
                          (int64_t)(sender->sent % 3) * MIO_NS_PER_MS);
    mio_actor_flush_later(&sender->flush);
    go_on(self, sender);
    tie(self, sender);
}

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct sender *sender = state;
    (void)argument;
    (void)argument_size;
    CHECK(mio_group_join(self, "senders") == 0);
    CHECK(mio_send(self, hub, &heard, NULL, 0) == 0);
    mio_actor_timer_init(&sender->timer, self, nothing_fired);
    mio_actor_flush_init(&sender->flush, self, nothing_flushed);
    mio_ask_init(&sender->ask, self, nothing_answered);
    mio_job_init(&sender->job, self, nothing_done);
    mio_monitor_init(&sender->monitor, self, never_down);
    return 0;
}

static int sender_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct sender *sender = state;
    if (message->type == &shout) {
        CHECK(mio_broadcast_slice(message)->size == SHOUT_SIZE);
        return mio_send(self, hub, &heard, NULL, 0);
    }
    if (message->type == &later) {
        sender->has_delayed = false;
        return 0;
    }
    if (message->type == &phase) {
        bool is_warm = sender->boss.value != 0;
        sender->boss = message->from;
        sender->sent = 0;
        sender->answered = 0;
        for (int i = 0; i < (is_warm ? WINDOW : WINDOW_WARM); i++)
            send_one(self, sender);
        return 0;
    }
    sender->answered++;
    if (sender->sent < MESSAGES_EACH)
        send_one(self, sender);
    else if (sender->answered == MESSAGES_EACH)
        return mio_send(self, sender->boss, &done, NULL, 0);
    return 0;
}

static const struct mio_actor_class sender_class = {
    .name = "sender",
    .state_size = sizeof(struct sender),
    .init = sender_init,
    .receive = sender_receive,
};

/* --- the hub: every other message goes back as it is, and now and then all
 * senders are told something, and it takes its name anew ------------------- */

static void rename_hub(struct mio_actor *self)
{
    mio_actor_id id;
    (void)mio_name_unregister(self, MIO_NAME_RUNTIME, "hub");
    CHECK(mio_name_register(self, MIO_NAME_RUNTIME, "hub") == 0);
    CHECK(mio_whereis(self, MIO_NAME_RUNTIME, "hub", &id) == 0);
}

static uint64_t shouts_in_phase;

struct hub {
    uint64_t count;
    uint32_t unheard;
    bool have_joined; /* all senders */
};

static void shout_once(struct mio_actor *self, struct hub *own)
{
    const char bytes[SHOUT_SIZE] = "shout";
    CHECK(mio_broadcast(self, "senders", &shout, bytes, sizeof(bytes)) >= 1);
    own->unheard += SENDERS;
}

static int hub_init(struct mio_actor *self, void *state, const void *argument,
                    size_t argument_size)
{
    struct hub *own = state;
    (void)self;
    (void)argument;
    (void)argument_size;
    own->unheard = SENDERS; /* that they have joined */
    return 0;
}

static int hub_receive(struct mio_actor *self, void *state,
                       struct mio_message *message)
{
    struct hub *own = state;
    if (mio_message_is_request(message))
        return mio_reply(self, message, &done, mio_message_payload(message),
                         mio_request_reply_size_max(message));
    if (message->type == &heard) {
        if (--own->unheard == 0)
            own->have_joined = true;
        return 0;
    }
    bool is_warm = own->count >= SENDERS * MESSAGES_EACH;
    while (own->have_joined &&
           own->unheard < SENDERS * (is_warm ? SHOUTS : SHOUTS_WARM)) {
        shout_once(self, own);
        shouts_in_phase += is_warm;
    }
    if (own->count % NAME_EVERY == 0)
        rename_hub(self);
    if (++own->count % 2 == 0)
        return mio_send(self, message->from, &done, NULL, 0);
    mio_actor_id from = message->from;
    mio_message_keep(message);
    return mio_send_message(self, from, message);
}

static const struct mio_actor_class hub_class = {

    .name = "hub",
    .state_size = sizeof(struct hub),
    .init = hub_init,
    .receive = hub_receive,
};

/* --- meters -------------------------------------------------------------- */

static int meter_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)state;
    uint64_t allocated = allocated_here();
    return mio_send(self, message->from, &reading, &allocated,
                    sizeof(allocated));
}

static const struct mio_actor_class meter_class = {.name = "meter",
                                                   .receive = meter_receive};

/* --- the boss: work, read, work, read ------------------------------------- */

struct boss {
    int readings_round;
    uint32_t missing;
    uint64_t before[REACTORS_MAX];
};

static uint64_t allocated_in_phase;

static void begin_phase(struct mio_actor *self, struct boss *boss)
{
    boss->missing = SENDERS;
    for (uint32_t i = 0; i < SENDERS; i++)
        CHECK(mio_send(self, senders[i], &phase, NULL, 0) == 0);
}

static void ask_meters(struct mio_actor *self, struct boss *boss)
{
    boss->missing = reactors_count;
    for (uint32_t i = 0; i < reactors_count; i++)
        CHECK(mio_send(self, meters[i], &reading, NULL, 0) == 0);
}

static int boss_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    begin_phase(self, state);
    return 0;
}

static void note_reading(struct boss *boss, struct mio_message *message)
{
    uint64_t allocated;
    uint32_t reactor = mio_actor_id_reactor(message->from);
    memcpy(&allocated, mio_message_payload(message), sizeof(allocated));
    if (boss->readings_round == 0)
        boss->before[reactor] = allocated;
    else
        allocated_in_phase += allocated - boss->before[reactor];
}

static int boss_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct boss *boss = state;
    bool is_reading = message->type == &reading;
    if (is_reading)
        note_reading(boss, message);
    if (--boss->missing > 0)
        return 0;
    if (!is_reading)
        ask_meters(self, boss);
    else if (++boss->readings_round == 1)
        begin_phase(self, boss);
    else
        fixture_stop(self);
    return 0;
}

static const struct mio_actor_class boss_class = {
    .name = "boss",
    .state_size = sizeof(struct boss),
    .init = boss_init,
    .receive = boss_receive,
};

static void work_allocates_nothing_once_warm(void **state)
{
    static const uint32_t counts[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct mio_runtime *runtime = fixture_runtime(counts[i]);
        reactors_count = counts[i];
        assert_ok(mio_pool_new(&pool, runtime, NULL));
        allocated_in_phase = 0;
        shouts_in_phase = 0;
        for (uint32_t j = 0; j < counts[i]; j++)
            assert_ok(mio_runtime_spawn(runtime, j, &meter_class, NULL, 0,
                                        &meters[j]));
        for (uint32_t j = 0; j < SENDERS; j++)
            assert_ok(mio_runtime_spawn(runtime, j % counts[i], &sender_class,
                                        NULL, 0, &senders[j]));
        assert_ok(mio_runtime_spawn(runtime, 0, &hub_class, NULL, 0, &hub));
        assert_ok(mio_runtime_spawn(runtime, counts[i] - 1, &boss_class, NULL,
                                    0, NULL));
        assert_ok(mio_runtime_run(runtime));
        mio_pool_free(pool);
        mio_runtime_free(runtime);
        assert_int_equal(allocated_in_phase, 0);
        assert_true(shouts_in_phase > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_malloc_is_seen_by_the_counter),
        cmocka_unit_test(work_allocates_nothing_once_warm),
    };
    return cmocka_run_group_tests_name("runtime/no allocation", tests, NULL,
                                       NULL);
}
