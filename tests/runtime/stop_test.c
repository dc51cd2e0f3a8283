/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/stop_test.c - a stop in order, a stop by force, a stop by
 * signal. */
#include "tests/runtime/fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/storm/patient.h"

static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint64_t inits;
static uint64_t exits;
static uint64_t kills;

static struct mio_runtime *runtime_within(uint32_t reactors, int64_t within_ns)
{
    struct mio_runtime_options options = {.reactors_count = reactors,
                                          .actors_max = 200,
                                          .stop_within_ns = within_ns};
    struct mio_runtime *runtime = NULL;
    assert_ok(mio_runtime_new(&runtime, &options));
    inits = 0;
    exits = 0;
    kills = 0;
    return runtime;
}

static int counted_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)self;
    (void)state;
    (void)argument;
    (void)argument_size;
    fixture_add(&inits, 1);
    return 0;
}

static void counted_exit(struct mio_actor *self, void *state, int reason)
{
    (void)self;
    (void)state;
    fixture_add(&exits, 1);
    if (reason == MIO_EKILLED)
        fixture_add(&kills, 1);
}

/* --- in order ------------------------------------------------------------ */

/* Told to stop, it says goodbye to its host, waits for the answer, and ends. */
struct polite {
    mio_actor_id host;
    bool is_stopping;
};

static int polite_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct polite *polite = state;
    CHECK(argument_size == sizeof(polite->host));
    memcpy(&polite->host, argument, sizeof(polite->host));
    fixture_add(&inits, 1);
    return mio_send(self, polite->host, &note, "h", 1);
}

static int polite_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct polite *polite = state;
    if (*(char *)mio_message_payload(message) == 'H')
        return 0;
    CHECK(polite->is_stopping);
    mio_actor_exit(self, 0);
    return 0;
}

static int polite_stop(struct mio_actor *self, void *state)
{
    struct polite *polite = state;
    polite->is_stopping = true;
    return mio_send(self, polite->host, &note, "g", 1);
}

static const struct mio_actor_class polite_class = {
    .name = "polite",
    .state_size = sizeof(struct polite),
    .init = polite_init,
    .receive = polite_receive,
    .stop = polite_stop,
    .exit = counted_exit,
};

/* Answers hello and goodbye; ends when its guest has gone, not before. */
static int host_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    (void)state;
    char letter = *(char *)mio_message_payload(message);
    CHECK(mio_send(self, message->from, &note, letter == 'h' ? "H" : "G", 1) ==
          0);
    if (letter == 'g')
        mio_actor_exit(self, 0);
    return 0;
}

static int patient_stop(struct mio_actor *self, void *state)
{
    (void)self;
    (void)state;
    return 0; /* there is something to wait for */
}

static const struct mio_actor_class host_class = {
    .name = "host",
    .init = counted_init,
    .receive = host_receive,
    .stop = patient_stop,
    .exit = counted_exit,
};

static void actors_still_talk_while_they_stop(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime =
            runtime_within(reactors_counts[i], 60 * MIO_NS_PER_S);
        mio_actor_id host;
        assert_ok(mio_runtime_spawn(runtime, reactors_counts[i] - 1,
                                    &host_class, NULL, 0, &host));
        assert_ok(mio_runtime_spawn(runtime, 0, &polite_class, &host,
                                    sizeof(host), NULL));
        assert_ok(mio_runtime_start(runtime));
        while (fixture_counters(runtime).entries < 4)
            ; /* they have met */
        mio_runtime_stop(runtime);
        assert_ok(mio_runtime_join(runtime));
        assert_int_equal(exits, 2);
        assert_int_equal(kills, 0);
        mio_runtime_free(runtime);
    }
}

static const struct mio_actor_class plain_class = {
    .name = "plain", .init = counted_init, .exit = counted_exit};

static void a_stop_before_the_start_is_not_forgotten(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = runtime_within(reactors_counts[i], 0);
        for (uint32_t j = 0; j < 100; j++)
            assert_ok(mio_runtime_spawn(runtime, j % reactors_counts[i],
                                        &plain_class, NULL, 0, NULL));
        assert_false(mio_runtime_is_stopping(runtime));
        mio_runtime_stop(runtime);
        assert_true(mio_runtime_is_stopping(runtime));
        assert_ok(mio_runtime_run(runtime));
        assert_int_equal(inits, 100);
        assert_int_equal(exits, 100);
        mio_runtime_free(runtime);
    }
}

static void a_runtime_without_actors_stops_too(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime = runtime_within(reactors_counts[i], 0);
        assert_ok(mio_runtime_start(runtime));
        assert_int_equal(mio_runtime_start(runtime), MIO_EBUSY);
        mio_runtime_stop(runtime);
        mio_runtime_stop(runtime);
        assert_ok(mio_runtime_join(runtime));
        assert_ok(mio_runtime_join(runtime)); /* nothing more to wait for */
        assert_int_equal(mio_runtime_start(runtime), MIO_EBUSY);
        mio_runtime_free(runtime);
    }
}

/* --- by force ------------------------------------------------------------ */

static int stubborn_stop(struct mio_actor *self, void *state)
{
    (void)self;
    (void)state;
    return 0;
}

static const struct mio_actor_class stubborn_class = {
    .name = "stubborn",
    .init = counted_init,
    .stop = stubborn_stop,
    .exit = counted_exit,
};

static void who_lives_at_the_deadline_is_killed(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime =
            runtime_within(reactors_counts[i], 20 * MIO_NS_PER_MS);
        for (uint32_t j = 0; j < 10; j++)
            assert_ok(mio_runtime_spawn(runtime, j % reactors_counts[i],
                                        j % 2 ? &stubborn_class : &plain_class,
                                        NULL, 0, NULL));
        int64_t begin_ns = mio_clock_monotonic_ns();
        mio_runtime_stop(runtime);
        assert_int_equal(mio_runtime_run(runtime), MIO_EKILLED);
        assert_true(mio_clock_monotonic_ns() - begin_ns >= 20 * MIO_NS_PER_MS);
        assert_int_equal(exits, 10);
        assert_int_equal(kills, 5);
        mio_runtime_free(runtime);
    }
}

/* Who is killed and spawns another one to go on does not live for ever. */
static void hydra_exit(struct mio_actor *self, void *state, int reason);

static const struct mio_actor_class hydra_class = {
    .name = "hydra",
    .init = counted_init,
    .stop = stubborn_stop,
    .exit = hydra_exit,
};

static void hydra_exit(struct mio_actor *self, void *state, int reason)
{
    counted_exit(self, state, reason);
    for (int i = 0; i < 2; i++)
        CHECK(mio_spawn(self, &hydra_class, NULL, 0, NULL) == 0);
}

static void killed_actors_cannot_go_on_spawning(void **state)
{
    (void)state;
    struct mio_runtime *runtime = runtime_within(2, 5 * MIO_NS_PER_MS);
    assert_ok(mio_runtime_spawn(runtime, 0, &hydra_class, NULL, 0, NULL));
    mio_runtime_stop(runtime);
    assert_int_equal(mio_runtime_run(runtime), MIO_EKILLED);
    assert_int_equal(inits, 1);
    assert_int_equal(exits, 1);
    mio_runtime_free(runtime);
}

/* --- while much is going on ---------------------------------------------- */

#define STORMERS 40

static mio_actor_id stormers[STORMERS];

/* Passes each message on to somebody; there is no end to it. */
static int stormer_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    uint32_t *next = state;
    mio_message_keep(message);
    *next = (*next * 5 + 7) % STORMERS;
    return mio_send_message(self, stormers[*next], message);
}

static const struct mio_actor_class stormer_class = {
    .name = "stormer",
    .state_size = sizeof(uint32_t),
    .init = counted_init,
    .receive = stormer_receive,
    .exit = counted_exit,
};

static void a_stop_gets_through_a_storm_of_messages(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        struct mio_runtime *runtime =
            runtime_within(reactors_counts[i], 60 * MIO_NS_PER_S);
        for (uint32_t j = 0; j < STORMERS; j++)
            assert_ok(mio_runtime_spawn(runtime, j % reactors_counts[i],
                                        &stormer_class, NULL, 0, &stormers[j]));
        for (uint32_t j = 0; j < 10 * STORMERS; j++)
            assert_ok(mio_runtime_send(runtime, stormers[j % STORMERS], &note,
                                       "x", 1));
        assert_ok(mio_runtime_start(runtime));
        while (fixture_counters(runtime).entries < 20000)
            ;
        mio_runtime_stop(runtime);
        assert_ok(mio_runtime_join(runtime));
        assert_int_equal(exits, STORMERS);
        mio_runtime_free(runtime);
    }
}

/* Actors that are spawned from outside just when the runtime stops: each is
 * refused, or begins and ends. */
static struct mio_runtime *spawned_into;

static void *spawn_until_refused(void *argument)
{
    uint64_t *accepted = argument;
    uint32_t reactors = mio_runtime_reactors_count(spawned_into);
    int result;
    for (uint32_t i = 0;; i++) {
        result = mio_runtime_spawn(spawned_into, i % reactors, &plain_class,
                                   NULL, 0, NULL);
        if (result == 0)
            fixture_add(accepted, 1);
        else if (result != MIO_EFULL) /* that passes, when it stops */
            break;
    }
    CHECK(result == MIO_ECLOSED);
    return NULL;
}

static void spawning_while_it_stops_is_all_or_nothing(void **state)
{
    (void)state;
    EACH_COUNT(i)
    {
        for (uint64_t round = 0; round < fixture_scaled(100); round++) {
            pthread_t thread;
            uint64_t accepted = 0;
            spawned_into = runtime_within(reactors_counts[i], 0);
            assert_ok(mio_runtime_start(spawned_into));
            assert_ok(
                pthread_create(&thread, NULL, spawn_until_refused, &accepted));
            while (fixture_get(&accepted) < round % 4)
                ; /* now before the first, now between two */
            mio_runtime_stop(spawned_into);
            pthread_join(thread, NULL);
            assert_ok(mio_runtime_join(spawned_into));
            assert_int_equal(inits, accepted);
            assert_int_equal(exits, accepted);
            mio_runtime_free(spawned_into);
        }
    }
}

/* --- by signal ----------------------------------------------------------- */

/* In a process of its own. Says on a pipe when it is up, and when it stops. */
static int pipe_fd;

static int herald_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)self;
    (void)state;
    (void)argument;
    (void)argument_size;
    CHECK(write(pipe_fd, "u", 1) == 1);
    return 0;
}

static int herald_stop(struct mio_actor *self, void *state)
{
    (void)state;
    CHECK(write(pipe_fd, "s", 1) == 1);
    if (mio_actor_class_of(self)->state_size > 0)
        return 0; /* the stubborn one */
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class herald_class = {
    .name = "herald", .init = herald_init, .stop = herald_stop};

static const struct mio_actor_class stubborn_herald_class = {
    .name = "herald",
    .state_size = 1,
    .init = herald_init,
    .stop = herald_stop,
};

static _Noreturn void child(uint32_t reactors,
                            const struct mio_actor_class *actor_class)
{
    struct mio_runtime_options options = {.reactors_count = reactors,
                                          .stop_on_signals = true,
                                          .stop_within_ns = 60 * MIO_NS_PER_S};
    struct mio_runtime *runtime = NULL;
    CHECK(mio_runtime_new(&runtime, &options) == 0);
    CHECK(mio_runtime_spawn(runtime, reactors - 1, actor_class, NULL, 0,
                            NULL) == 0);
    CHECK(mio_runtime_run(runtime) == 0);
    CHECK(mio_runtime_counters(runtime, 0, &(struct mio_counters){0}) == 0);
    mio_runtime_free(runtime);
    exit(42);
}

static pid_t spawn_child(uint32_t reactors,
                         const struct mio_actor_class *actor_class)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        pipe_fd = fds[1];
        child(reactors, actor_class);
    }
    close(fds[1]);
    pipe_fd = fds[0];
    return pid;
}

static void await(char letter)
{
    char byte = 0;
    assert_int_equal(PATIENTLY(read(pipe_fd, &byte, 1)), 1);
    assert_int_equal(byte, letter);
}

static int status_of(pid_t pid)
{
    int status = 0;
    assert_int_equal(PATIENTLY(waitpid(pid, &status, 0)), pid);
    close(pipe_fd);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_first_signal_stops_in_order(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    EACH_COUNT(i)
    {
        for (int j = 0; j < 2; j++) {
            pid_t pid = spawn_child(reactors_counts[i], &herald_class);
            await('u');
            assert_int_equal(kill(pid, signals[j]), 0);
            await('s');
            assert_int_equal(status_of(pid), 42);
        }
    }
}

static void the_second_signal_ends_the_process_at_once(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    EACH_COUNT(i)
    {
        for (int j = 0; j < 2; j++) {
            pid_t pid = spawn_child(reactors_counts[i], &stubborn_herald_class);
            await('u');
            assert_int_equal(kill(pid, SIGTERM), 0);
            await('s');
            assert_int_equal(kill(pid, signals[j]), 0);
            assert_int_equal(status_of(pid), 128 + signals[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* First, while the process has no threads to lose in a fork. */
        cmocka_unit_test(the_first_signal_stops_in_order),
        cmocka_unit_test(the_second_signal_ends_the_process_at_once),
        cmocka_unit_test(actors_still_talk_while_they_stop),
        cmocka_unit_test(a_stop_before_the_start_is_not_forgotten),
        cmocka_unit_test(a_runtime_without_actors_stops_too),
        cmocka_unit_test(who_lives_at_the_deadline_is_killed),
        cmocka_unit_test(killed_actors_cannot_go_on_spawning),
        cmocka_unit_test(a_stop_gets_through_a_storm_of_messages),
        cmocka_unit_test(spawning_while_it_stops_is_all_or_nothing),
    };
    return cmocka_run_group_tests_name("runtime/stop", tests, NULL, NULL);
}
