/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/source_test.c - actors that watch sources. */
#include "tests/runtime/fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"

static const struct mio_message_type note = {.name = "note"};

struct watcher {
    struct mio_source sources[2];
    struct mio_actor_source watches[2];
    int readies;
};

static int fds[2][2]; /* pairs of sockets: [i][0] is watched */

static int setup(void **state)
{
    (void)state;
    fixture_log_clear();
    for (int i = 0; i < 2; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds[i]) < 0)
            return -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            assert_int_equal(close(fds[i][j]), 0); /* nobody else did */
    return 0;
}

static void run(const struct mio_actor_class *actor_class)
{
    struct mio_runtime *runtime = fixture_runtime(2);
    assert_ok(mio_runtime_spawn(runtime, 1, actor_class, NULL, 0, NULL));
    fixture_run(runtime);
}

static void put(int i)
{
    CHECK(write(fds[i][1], "x", 1) == 1);
}

/* Until it would block, and says so: not every selector has edges. */
static void drain(struct watcher *watcher, int i)
{
    char bytes[16];
    while (read(fds[i][0], bytes, sizeof(bytes)) > 0)
        ;
    mio_source_arm(&watcher->sources[i], MIO_READABLE);
}

static void
watch(struct mio_actor *self, struct watcher *watcher, int i, uint32_t mode,
      int (*ready)(struct mio_actor *self, void *state,
                   struct mio_actor_source *source, uint32_t readiness))
{
    mio_source_init(&watcher->sources[i], fds[i][0]);
    CHECK(mio_actor_watch(self, &watcher->watches[i], &watcher->sources[i],
                          MIO_READABLE, mode, ready) == 0);
}

static int index_of(struct watcher *watcher, struct mio_actor_source *source)
{
    return (int)(source - watcher->watches);
}

/* --- ready --------------------------------------------------------------- */

static int echo_ready(struct mio_actor *self, void *state,
                      struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    int i = index_of(watcher, source);
    CHECK((readiness & MIO_READY_READABLE) != 0);
    drain(watcher, i);
    if (++watcher->readies == 20)
        fixture_stop(self);
    else
        put(1 - i);
    return 0;
}

static int echo_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    watch(self, state, 0, MIO_EDGE, echo_ready);
    watch(self, state, 1, MIO_EDGE, echo_ready);
    put(0);
    return 0;
}

static const struct mio_actor_class echo_class = {
    .name = "echo", .state_size = sizeof(struct watcher), .init = echo_init};

static void readiness_reaches_the_actor_that_watches(void **state)
{
    (void)state;
    run(&echo_class);
}

/* --- unwatched while its readiness is queued ----------------------------- */

static int rival_ready(struct mio_actor *self, void *state,
                       struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    (void)readiness;
    /* Both became ready in one batch; who is first silences the other, and
     * uses its memory for something else. */
    int other = 1 - index_of(watcher, source);
    CHECK(++watcher->readies == 1);
    mio_actor_unwatch(&watcher->watches[other]);
    mio_actor_unwatch(&watcher->watches[other]); /* nothing */
    CHECK(!mio_source_is_registered(&watcher->sources[other]));
    memset(&watcher->watches[other], 0xee, sizeof(watcher->watches[other]));
    return mio_send(self, mio_actor_self(self), &note, NULL, 0);
}

static int rival_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    (void)state;
    (void)message;
    fixture_stop(self);
    return 0;
}

static int rival_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    put(1);
    watch(self, state, 0, MIO_EDGE, rival_ready);
    watch(self, state, 1, MIO_EDGE, rival_ready);
    return 0;
}

static const struct mio_actor_class rival_class = {
    .name = "rival",
    .state_size = sizeof(struct watcher),
    .init = rival_init,
    .receive = rival_receive,
};

static void an_unwatched_source_is_silent_even_if_it_was_ready(void **state)
{
    (void)state;
    run(&rival_class);
}

/* --- gathered ------------------------------------------------------------ */

static int gather_ready(struct mio_actor *self, void *state,
                        struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    if (index_of(watcher, source) == 1)
        return 0; /* only there to keep the queue from being empty */
    watcher->readies++;
    fixture_log("%u ", readiness & (MIO_READY_READABLE | MIO_READY_WRITABLE));
    if (watcher->readies == 1) {
        /* Looks anew: readable and writable now, one entry. */
        CHECK(mio_actor_rewatch(source, MIO_READABLE | MIO_WRITABLE,
                                MIO_EDGE) == 0);
        return 0;
    }
    fixture_stop(self);
    return 0;
}

static int gather_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    put(0);
    watch(self, state, 0, MIO_EDGE, gather_ready);
    return 0;
}

static const struct mio_actor_class gather_class = {
    .name = "gather",
    .state_size = sizeof(struct watcher),
    .init = gather_init,
};

static void a_rewatched_source_is_looked_at_anew(void **state)
{
    (void)state;
    run(&gather_class);
    assert_string_equal(fixture_log_text(), "1 3 ");
}

/* Both are readable in one batch; who is first asks of the other only whether
 * it is writable: of what was gathered before, it hears nothing any more. */
static int change_ready(struct mio_actor *self, void *state,
                        struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    int other = 1 - index_of(watcher, source);
    fixture_log("%u ", readiness & (MIO_READY_READABLE | MIO_READY_WRITABLE));
    if (++watcher->readies == 1)
        CHECK(mio_actor_rewatch(&watcher->watches[other], MIO_WRITABLE,
                                MIO_EDGE) == 0);
    else
        fixture_stop(self);
    return 0;
}

static int change_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    put(1);
    watch(self, state, 0, MIO_EDGE, change_ready);
    watch(self, state, 1, MIO_EDGE, change_ready);
    return 0;
}

static const struct mio_actor_class change_class = {
    .name = "change",
    .state_size = sizeof(struct watcher),
    .init = change_init,
};

static void what_was_gathered_before_a_rewatch_is_forgotten(void **state)
{
    (void)state;
    run(&change_class);
    assert_string_equal(fixture_log_text(), "1 2 ");
}

/* Both are readable in one batch: the readiness of the second is no reason to
 * hold back what the first has read, but a message is. */
static int reading_ready(struct mio_actor *self, void *state,
                         struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    (void)readiness;
    drain(watcher, index_of(watcher, source));
    if (++watcher->readies == 2) {
        fixture_stop(self);
        return 0;
    }
    CHECK(watcher->watches[1 - index_of(watcher, source)].entry.link != NULL);
    CHECK(mio_actor_take_inbox(self));
    CHECK(mio_send(self, mio_actor_self(self), &note, NULL, 0) == 0);
    CHECK(!mio_actor_take_inbox(self));
    return 0;
}

static int reading_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    (void)state;
    (void)message;
    CHECK(mio_actor_take_inbox(self)); /* it is being handled, not queued */
    return 0;
}

static int reading_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    put(1);
    watch(self, state, 0, MIO_EDGE, reading_ready);
    watch(self, state, 1, MIO_EDGE, reading_ready);
    return 0;
}

static const struct mio_actor_class reading_class = {
    .name = "reading",
    .state_size = sizeof(struct watcher),
    .init = reading_init,
    .receive = reading_receive,
};

static void queued_readiness_holds_nothing_back_but_messages_do(void **state)
{
    (void)state;
    run(&reading_class);
}

/* A level-triggered source that nobody reads is reported at each look, but has
 * one entry at a time. */
static int level_ready(struct mio_actor *self, void *state,
                       struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    (void)source;
    (void)readiness;
    if (++watcher->readies == 5)
        fixture_stop(self);
    return 0;
}

static int level_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    watch(self, state, 0, MIO_LEVEL, level_ready);
    return 0;
}

static const struct mio_actor_class level_class = {
    .name = "level", .state_size = sizeof(struct watcher), .init = level_init};

static void a_level_triggered_source_is_reported_until_it_is_read(void **state)
{
    (void)state;
    run(&level_class);
}

/* Reported at several looks while its entry waits behind many messages: one
 * entry nevertheless. */
#define BEFORE_IT 500

static int waiting_ready(struct mio_actor *self, void *state,
                         struct mio_actor_source *source, uint32_t readiness)
{
    struct watcher *watcher = state;
    (void)source;
    (void)readiness;
    CHECK(watcher->readies == BEFORE_IT);
    watcher->readies++;
    drain(watcher, 0);
    return mio_send(self, mio_actor_self(self), &note, "S", 1);
}

static int waiting_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct watcher *watcher = state;
    if (message->size > 0) {
        fixture_stop(self);
        return 0;
    }
    int64_t end_ns = mio_clock_monotonic_ns() + MIO_NS_PER_US;
    while (mio_clock_monotonic_ns() < end_ns)
        ;
    watcher->readies++;
    return 0;
}

static int waiting_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    watch(self, state, 0, MIO_LEVEL, waiting_ready);
    for (int i = 0; i < BEFORE_IT; i++)
        CHECK(mio_send(self, mio_actor_self(self), &note, NULL, 0) == 0);
    return 0;
}

static const struct mio_actor_class waiting_class = {
    .name = "waiting",
    .state_size = sizeof(struct watcher),
    .init = waiting_init,
    .receive = waiting_receive,
};

static void a_source_has_one_entry_however_often_it_is_reported(void **state)
{
    (void)state;
    run(&waiting_class);
}

/* --- of an actor that ended ---------------------------------------------- */

static int wrong_ready(struct mio_actor *self, void *state,
                       struct mio_actor_source *source, uint32_t readiness)
{
    (void)self;
    (void)state;
    (void)source;
    (void)readiness;
    CHECK(!"readiness of an actor that ended");
    return 0;
}

static int stopper_ready(struct mio_actor *self, void *state,
                         struct mio_actor_source *source, uint32_t readiness)
{
    (void)state;
    (void)source;
    (void)readiness;
    fixture_stop(self);
    return 0;
}

static int heir_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    /* The source is free again: the same descriptor can be watched. */
    watch(self, state, 0, MIO_EDGE, stopper_ready);
    return 0;
}

static const struct mio_actor_class heir_class = {
    .name = "heir", .state_size = sizeof(struct watcher), .init = heir_init};

static int mortal_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)argument;
    (void)argument_size;
    put(0);
    watch(self, state, 0, MIO_EDGE, wrong_ready);
    CHECK(mio_spawn(self, &heir_class, NULL, 0, NULL) == 0);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class mortal_class = {
    .name = "mortal",
    .state_size = sizeof(struct watcher),
    .init = mortal_init,
};

static void sources_of_an_actor_that_ended_are_released(void **state)
{
    (void)state;
    run(&mortal_class);
}

/* --- refused ------------------------------------------------------------- */

static int refused_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct watcher *watcher = state;
    (void)argument;
    (void)argument_size;
    watch(self, watcher, 0, MIO_EDGE, wrong_ready);
    CHECK(mio_actor_watch(self, &watcher->watches[1], &watcher->sources[0],
                          MIO_READABLE, MIO_EDGE, wrong_ready) == MIO_EEXIST);
    mio_source_init(&watcher->sources[1], fds[1][0]);
    CHECK(mio_actor_watch(self, &watcher->watches[1], &watcher->sources[1], 0,
                          MIO_EDGE, wrong_ready) == MIO_EINVAL);
    mio_actor_unwatch(&watcher->watches[1]); /* was never watched: nothing */
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class refused_class = {
    .name = "refused",
    .state_size = sizeof(struct watcher),
    .init = refused_init,
};

static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    run(&refused_class);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(readiness_reaches_the_actor_that_watches),
        TEST(an_unwatched_source_is_silent_even_if_it_was_ready),
        TEST(a_rewatched_source_is_looked_at_anew),
        TEST(what_was_gathered_before_a_rewatch_is_forgotten),
        TEST(queued_readiness_holds_nothing_back_but_messages_do),
        TEST(a_level_triggered_source_is_reported_until_it_is_read),
        TEST(a_source_has_one_entry_however_often_it_is_reported),
        TEST(sources_of_an_actor_that_ended_are_released),
        TEST(what_cannot_be_watched_is_refused),
    };
    return cmocka_run_group_tests_name("runtime/source", tests, NULL, NULL);
}
