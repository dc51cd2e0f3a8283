/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/pool_test.c - what blocks does so elsewhere, its result comes
 * once, to who is still there. */
#include "runtime/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "runtime/sys/thread.h"
#include "tests/runtime/fixture.h"

static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static struct mio_pool *pool;
static uint64_t drops;
static uint64_t dones;
static uint64_t runs;

static uint32_t last_reactor(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
}

static struct mio_pool *make_pool(struct mio_runtime *runtime, uint32_t threads,
                                  uint32_t jobs_max)
{
    struct mio_pool_options options = {
        .threads_count = threads, .jobs_max = jobs_max, .name = "test pool"};
    struct mio_pool *made = NULL;
    drops = dones = runs = 0;
    assert_ok(mio_pool_new(&made, runtime, &options));
    return made;
}

static void run_class(uint32_t reactors, const struct mio_actor_class *class,
                      uint32_t threads, uint32_t jobs_max)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    pool = make_pool(runtime, threads, jobs_max);
    assert_ok(mio_runtime_spawn(runtime, reactors - 1, class, NULL, 0, NULL));
    assert_ok(mio_runtime_run(runtime));
    mio_pool_free(pool);
    mio_runtime_free(runtime);
}

/* Memory and threads that can be refused. */
static size_t refused_size = SIZE_MAX;
static int threads_allowed = -1;
static int threads_joined;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int __real_mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                            void *context);
int __wrap_mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                            void *context);
void __real_mio_thread_join(struct mio_thread *self);
void __wrap_mio_thread_join(struct mio_thread *self);

void *__wrap_malloc(size_t size)
{
    return size >= refused_size ? NULL : __real_malloc(size);
}

int __wrap_mio_thread_start(struct mio_thread *self, void (*run)(void *context),
                            void *context)
{
    if (threads_allowed == 0)
        return MIO_EAGAIN;
    if (threads_allowed > 0)
        threads_allowed--;
    return __real_mio_thread_start(self, run, context);
}

void __wrap_mio_thread_join(struct mio_thread *self)
{
    threads_joined++;
    __real_mio_thread_join(self);
}

/* --- a gate that jobs wait at ------------------------------------------------
 */

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static bool gate_is_open;

static void gate_set(bool is_open)
{
    pthread_mutex_lock(&gate_lock);
    gate_is_open = is_open;
    pthread_cond_broadcast(&gate_opened);
    pthread_mutex_unlock(&gate_lock);
}

static void gate_pass(void)
{
    pthread_mutex_lock(&gate_lock);
    while (!gate_is_open)
        pthread_cond_wait(&gate_opened, &gate_lock);
    pthread_mutex_unlock(&gate_lock);
}

/* --- jobs
 * --------------------------------------------------------------------- */

static void count_drop(void *data, size_t size)
{
    (void)data;
    (void)size;
    fixture_add(&drops, 1);
}

static int run_gate(struct mio_runtime *runtime, void *data, size_t size)
{
    (void)runtime;
    (void)data;
    (void)size;
    gate_pass();
    fixture_add(&runs, 1);
    return 0;
}

static const struct mio_job_class gate_job = {
    .name = "gate", .run = run_gate, .drop = count_drop};

/* Each byte one more. */
static int run_add(struct mio_runtime *runtime, void *data, size_t size)
{
    unsigned char *bytes = data;
    CHECK(runtime != NULL);
    CHECK((uintptr_t)data % 16 == 0);
    for (size_t i = 0; i < size; i++)
        bytes[i]++;
    fixture_add(&runs, 1);
    return (int)size - 7;
}

static const struct mio_job_class add_job = {
    .name = "add", .run = run_add, .drop = count_drop};

/* --- data to and fro
 * ------------------------------------------------------------ */

static const size_t sizes[] = {0, 1, 15, 16, 200, 4000, 4056, 9000, 1 << 20};
#define SIZES_COUNT (sizeof(sizes) / sizeof(sizes[0]))

struct adder {
    struct mio_job job;
    size_t step;
};

static int adder_next(struct adder *adder)
{
    static unsigned char bytes[1 << 20];
    size_t size = sizes[adder->step / 2];
    bool is_zeroed = adder->step % 2 == 0;
    memset(bytes, 77, size);
    int result = mio_job_start(&adder->job, pool, &add_job,
                               is_zeroed ? NULL : bytes, size);
    CHECK(mio_job_start(&adder->job, pool, &add_job, NULL, 0) == MIO_EALREADY);
    CHECK(mio_job_is_under_way(&adder->job));
    memset(bytes, 0, size); /* it has a copy */
    return result;
}

static int adder_done(struct mio_actor *self, void *state, struct mio_job *job,
                      int result, void *data, size_t size)
{
    struct adder *adder = state;
    const unsigned char *bytes = data;
    int expected = adder->step % 2 == 0 ? 1 : 78;
    CHECK(job == &adder->job);
    CHECK(!mio_job_is_under_way(job));
    CHECK(size == sizes[adder->step / 2]);
    CHECK(result == (int)size - 7);
    for (size_t i = 0; i < size; i++)
        CHECK(bytes[i] == expected);
    if (++adder->step < 2 * SIZES_COUNT)
        return adder_next(adder);
    CHECK(mio_job_start(job, pool, &add_job, NULL, MIO_MESSAGE_SIZE_MAX + 1) ==
          MIO_EINVAL);
    refused_size = 1 << 20;
    CHECK(mio_job_start(job, pool, &add_job, NULL, 1 << 20) == MIO_ENOMEM);
    refused_size = SIZE_MAX;
    CHECK(!mio_job_is_under_way(job));
    CHECK(mio_job_cancel(job) == MIO_ENOENT);
    fixture_stop(self);
    return 0;
}

static int adder_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct adder *adder = state;
    (void)argument;
    (void)argument_size;
    mio_job_init(&adder->job, self, adder_done);
    return adder_next(adder);
}

static const struct mio_actor_class adder_class = {
    .name = "adder", .state_size = sizeof(struct adder), .init = adder_init};

static void data_go_and_come_back(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        run_class(reactors_counts[i], &adder_class, 2, 0);
        assert_int_equal(runs, 2 * SIZES_COUNT);
        assert_int_equal(drops, 0);
    }
}

/* --- the reactor goes on; the queue is bounded; jobs can be taken back
 * ---------- */

#define WAITING 3

struct crowd {
    struct mio_job running;
    struct mio_job waiting[WAITING];
    struct mio_job refused;
    struct mio_actor_timer timer;
    uint32_t ticks;
    uint32_t done_count;
};

static int crowd_done(struct mio_actor *self, void *state, struct mio_job *job,
                      int result, void *data, size_t size)
{
    struct crowd *crowd = state;
    (void)data;
    (void)size;
    CHECK(result == 0);
    CHECK(job == &crowd->waiting[0] || job == &crowd->waiting[2]);
    if (++crowd->done_count == 2)
        fixture_stop(self);
    return 0;
}

/* Runs while the job blocks: else nobody would open the gate. */
static int crowd_tick(struct mio_actor *self, void *state,
                      struct mio_actor_timer *timer)
{
    struct crowd *crowd = state;
    struct mio_pool_counters counters;
    (void)self;
    mio_pool_read_counters(pool, &counters);
    if (counters.jobs_running == 0) { /* not begun yet */
        mio_actor_timer_start(timer, 0);
        return 0;
    }
    CHECK(counters.jobs_running == 1);
    CHECK(counters.jobs_waiting == 0);
    for (int i = 0; i < WAITING; i++)
        CHECK(mio_job_start(&crowd->waiting[i], pool, &gate_job, NULL, 8) == 0);
    CHECK(mio_job_start(&crowd->refused, pool, &gate_job, NULL, 8) ==
          MIO_EFULL);
    CHECK(!mio_job_is_under_way(&crowd->refused));
    CHECK(fixture_get(&drops) == 0); /* what is refused is the caller's */
    CHECK(mio_job_cancel(&crowd->waiting[1]) == 0);
    CHECK(fixture_get(&drops) == 1);
    CHECK(mio_job_start(&crowd->refused, pool, &gate_job, NULL, 8) == 0);
    CHECK(mio_job_cancel(&crowd->refused) == 0);
    CHECK(mio_job_cancel(&crowd->running) == MIO_EBUSY);
    CHECK(mio_job_cancel(&crowd->running) == MIO_ENOENT);
    mio_pool_read_counters(pool, &counters);
    CHECK(counters.jobs_waiting == 2);
    CHECK(counters.jobs_refused == 1);
    CHECK(counters.jobs_done == 0);
    gate_set(true);
    return 0;
}

static int crowd_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct crowd *crowd = state;
    (void)argument;
    (void)argument_size;
    mio_job_init(&crowd->running, self, crowd_done);
    mio_job_init(&crowd->refused, self, crowd_done);
    for (int i = 0; i < WAITING; i++)
        mio_job_init(&crowd->waiting[i], self, crowd_done);
    mio_actor_timer_init(&crowd->timer, self, crowd_tick);
    mio_actor_timer_start(&crowd->timer, 0);
    return mio_job_start(&crowd->running, pool, &gate_job, NULL, 8);
}

static const struct mio_actor_class crowd_class = {
    .name = "crowd", .state_size = sizeof(struct crowd), .init = crowd_init};

static void a_full_pool_says_so_and_what_waits_can_be_taken_back(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        gate_set(false);
        run_class(reactors_counts[i], &crowd_class, 1, WAITING);
        assert_int_equal(runs, 3);
        assert_int_equal(drops, 3); /* two taken back, one let go */
    }
}

/* --- the end of an actor, and of all
 * ---------------------------------------------- */

#define LEFT_BEHIND 10

static int never_done(struct mio_actor *self, void *state, struct mio_job *job,
                      int result, void *data, size_t size)
{
    (void)self;
    (void)state;
    (void)job;
    (void)result;
    (void)data;
    (void)size;
    CHECK(!"told of a job that was let go");
    return 0;
}

/* Leaves jobs behind, of which one runs at most. */
static int leaver_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct mio_job *jobs = state;
    (void)argument;
    (void)argument_size;
    for (int i = 0; i < LEFT_BEHIND; i++) {
        size_t size = i % 2 == 0 ? 100 : 10000; /* of a slab, and not */
        mio_job_init(&jobs[i], self, never_done);
        CHECK(mio_job_start(&jobs[i], pool, &gate_job, NULL, size) == 0);
    }
    struct mio_pool_counters counters;
    do /* or the end would take all of them back */
        mio_pool_read_counters(pool, &counters);
    while (counters.jobs_running == 0);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class leaver_class = {
    .name = "leaver",
    .state_size = LEFT_BEHIND * sizeof(struct mio_job),
    .init = leaver_init,
};

static void a_job_may_outlive_its_actor_and_the_reactors(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = fixture_runtime(reactors_counts[i]);
        gate_set(false);
        pool = make_pool(runtime, 1 + (uint32_t)i, 0);
        assert_ok(mio_runtime_spawn(runtime, 0, &leaver_class, NULL, 0, NULL));
        assert_ok(mio_runtime_run(runtime)); /* does not wait for the job */
        assert_int_equal(fixture_get(&runs), 0);
        gate_set(true);
        mio_pool_free(pool); /* does */
        assert_in_range(runs, 1, 1 + i);
        assert_int_equal(drops, LEFT_BEHIND);
        mio_runtime_free(runtime);
    }
}

/* --- causal: what a job sent comes before its result
 * ------------------------------- */

static const struct mio_message_type cause = {.name = "cause"};
static const struct mio_message_type consequence = {.name = "consequence"};

#define CAUSES 500

struct causal_data {
    mio_actor_id witness;
    mio_actor_id actor;
};

struct causal {
    struct mio_job job;
    struct causal_data data;
    uint64_t heard;
    uint64_t round;
};

static int run_causal(struct mio_runtime *runtime, void *data, size_t size)
{
    const struct causal_data *to = data;
    (void)size;
    CHECK(mio_runtime_send(runtime, to->witness, &cause, NULL, 0) == 0);
    CHECK(mio_runtime_send(runtime, to->actor, &cause, NULL, 0) == 0);
    return 0;
}

static const struct mio_job_class causal_job = {.name = "causal",
                                                .run = run_causal};

static int witness_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    uint64_t *count = state;
    (void)self;
    /* The consequence, the actor's note before the job, the job's cause. */
    static const struct mio_message_type *const order[] = {&consequence, &cause,
                                                           &consequence};
    CHECK(message->type == order[*count % 3]);
    ++*count;
    return 0;
}

static const struct mio_actor_class witness_class = {
    .name = "witness",
    .state_size = sizeof(uint64_t),
    .receive = witness_receive,
};

static int causal_next(struct mio_actor *self, struct causal *causal)
{
    /* Published before the job can run, though this callback goes on. */
    CHECK(mio_send(self, causal->data.witness, &consequence, NULL, 0) == 0);
    return mio_job_start(&causal->job, pool, &causal_job, &causal->data,
                         sizeof(causal->data));
}

static int causal_done(struct mio_actor *self, void *state, struct mio_job *job,
                       int result, void *data, size_t size)
{
    struct causal *causal = state;
    (void)job;
    (void)data;
    (void)size;
    CHECK(result == 0);
    CHECK(causal->heard == ++causal->round);
    CHECK(mio_send(self, causal->data.witness, &consequence, NULL, 0) == 0);
    if (causal->round < fixture_scaled(CAUSES))
        return causal_next(self, causal);
    fixture_stop(self);
    return 0;
}

static int causal_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct causal *causal = state;
    (void)self;
    (void)message;
    causal->heard++;
    return 0;
}

static int causal_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct causal *causal = state;
    (void)argument;
    (void)argument_size;
    mio_job_init(&causal->job, self, causal_done);
    causal->data.actor = mio_actor_self(self);
    CHECK(mio_spawn_on(self, last_reactor(self) / 2, &witness_class, NULL, 0,
                       &causal->data.witness) == 0);
    return causal_next(self, causal);
}

static const struct mio_actor_class causal_class = {
    .name = "causal",
    .state_size = sizeof(struct causal),
    .init = causal_init,
    .receive = causal_receive,
};

static void what_a_job_sent_comes_before_its_result(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &causal_class, 2, 0);
}

/* --- storms
 * ---------------------------------------------------------------------------
 */

#define STORM_ACTORS 12
#define STORM_JOBS 6
#define STORM_ROUNDS 400

static struct fixture_latch storm_latch;
static uint64_t starts;
static bool storm_stops_itself;

struct storm {
    struct mio_job jobs[STORM_JOBS];
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

/* Its successor goes on with the rounds that are left. */
static int storm_begin(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size);
static const struct mio_actor_class storm_class;

static void storm_start(struct storm *storm)
{
    for (int i = 0; i < STORM_JOBS && storm->rounds > 0; i++) {
        if (mio_job_is_under_way(&storm->jobs[i]))
            continue;
        size_t size = next_random(&storm->seed) % 300;
        int result = mio_job_start(&storm->jobs[i], pool, &add_job, NULL, size);
        CHECK(result == 0 || (result == MIO_EFULL && storm->pending > 0));
        if (result < 0)
            return; /* those that are under way bring us back */
        storm->rounds--;
        storm->pending++;
        fixture_add(&starts, 1);
    }
}

static int storm_done(struct mio_actor *self, void *state, struct mio_job *job,
                      int result, void *data, size_t size)
{
    struct storm *storm = state;
    (void)data;
    CHECK(result == (int)size - 7);
    CHECK(!mio_job_is_under_way(job));
    fixture_add(&dones, 1);
    storm->pending--;
    uint64_t choice = next_random(&storm->seed) % 64;
    struct mio_job *other = &storm->jobs[choice % STORM_JOBS];
    if (choice < 16 && mio_job_cancel(other) != MIO_ENOENT)
        storm->pending--;
    if (storm_stops_itself && storm->rounds < 10)
        fixture_stop(self);
    storm_start(storm);
    if (choice == 63 && storm->rounds > 0) {
        uint64_t argument[2] = {storm->seed, storm->rounds};
        CHECK(mio_spawn(self, &storm_class, argument, sizeof(argument), NULL) ==
              0);
        mio_actor_exit(self, 0);
    } else if (storm->rounds == 0 && storm->pending == 0) {
        fixture_latch_done(&storm_latch, self);
    }
    return 0;
}

static int storm_begin(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct storm *storm = state;
    uint64_t values[2];
    CHECK(argument_size == sizeof(values));
    memcpy(values, argument, sizeof(values));
    storm->seed = values[0];
    storm->rounds = values[1];
    for (int i = 0; i < STORM_JOBS; i++)
        mio_job_init(&storm->jobs[i], self, storm_done);
    storm_start(storm);
    return 0;
}

static const struct mio_actor_class storm_class = {
    .name = "storm", .state_size = sizeof(struct storm), .init = storm_begin};

static void run_storm(uint32_t reactors, uint64_t seed, bool stops_itself)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    storm_latch.missing = STORM_ACTORS;
    storm_stops_itself = stops_itself;
    starts = 0;
    /* Room for one of each, so that nobody is refused who has none. */
    pool = make_pool(runtime, 3, STORM_ACTORS * STORM_JOBS);
    for (uint32_t i = 0; i < STORM_ACTORS; i++) {
        uint64_t argument[2] = {seed * 1000003 + i + 1,
                                fixture_scaled(STORM_ROUNDS)};
        assert_ok(mio_runtime_spawn(runtime, i % reactors, &storm_class,
                                    argument, sizeof(argument), NULL));
    }
    assert_ok(mio_runtime_run(runtime));
    mio_pool_free(pool);
    mio_runtime_free(runtime);
    assert_int_equal(dones + drops, starts);
}

static void a_storm_ends_each_job_once(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        run_storm(reactors_counts[i], 5 + i, false);
        assert_int_equal(starts, STORM_ACTORS * fixture_scaled(STORM_ROUNDS));
        assert_true(drops > 0);
    }
}

static void a_stop_in_the_middle_of_a_storm_ends_it(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_storm(reactors_counts[i], 55 + i, true);
}

/* --- making
 * -----------------------------------------------------------------------------
 */

static void a_thread_that_cannot_start_is_an_answer(void **state)
{
    struct mio_runtime *runtime = fixture_runtime(1);
    struct mio_pool_options options = {.threads_count = 5};
    struct mio_pool *made = NULL;
    (void)state;
    for (int allowed = 0; allowed < 5; allowed++) {
        threads_allowed = allowed;
        threads_joined = 0;
        assert_int_equal(mio_pool_new(&made, runtime, &options), MIO_EAGAIN);
        assert_null(made);
        assert_int_equal(threads_joined, allowed);
    }
    threads_allowed = -1;
    options.threads_count = MIO_POOL_THREADS_MAX + 1;
    assert_int_equal(mio_pool_new(&made, runtime, &options), MIO_EINVAL);
    threads_joined = 0;
    assert_ok(mio_pool_new(&made, runtime, NULL));
    mio_pool_free(made);
    assert_int_equal(threads_joined, 4);
    mio_pool_free(NULL);
    mio_runtime_free(runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_go_and_come_back),
        cmocka_unit_test(a_full_pool_says_so_and_what_waits_can_be_taken_back),
        cmocka_unit_test(a_job_may_outlive_its_actor_and_the_reactors),
        cmocka_unit_test(what_a_job_sent_comes_before_its_result),
        cmocka_unit_test(a_storm_ends_each_job_once),
        cmocka_unit_test(a_stop_in_the_middle_of_a_storm_ends_it),
        cmocka_unit_test(a_thread_that_cannot_start_is_an_answer),
    };
    return cmocka_run_group_tests_name("runtime/pool", tests, NULL, NULL);
}
