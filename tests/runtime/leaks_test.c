/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/leaks_test.c - at its end a runtime names what was leaked, and
 * by whom; and says nothing if nothing was. */
#include <string.h>

#include "core/clock.h"
#include "tests/runtime/fixture.h"

#define LARGE 10000

static const struct mio_message_type letter = {.name = "letter"};
static const struct mio_message_type draft = {.name = "draft"};

static char told[4096];

static void write_told(void *ctx, enum mio_log_level level, const char *text)
{
    (void)ctx;
    if (level > MIO_LOG_WARNING)
        return;
    CHECK(strlen(told) + strlen(text) + 2 < sizeof(told));
    strcat(told, text);
    strcat(told, "\n");
}

static struct mio_runtime *told_runtime(uint32_t reactors)
{
    static const struct mio_log log = {.write = write_told,
                                       .level = MIO_LOG_WARNING};
    struct mio_runtime *runtime;
    struct mio_runtime_options options = {.reactors_count = reactors,
                                          .log = &log,
                                          .stop_within_ns = MIO_NS_PER_MS};
    told[0] = '\0';
    assert_ok(mio_runtime_new(&runtime, &options));
    return runtime;
}

/* What it does with what it gets, as its argument says. */
enum habit { FREES, KEEPS, DRAFTS };

static int receiver_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    (void)self;
    memcpy(state, argument, argument_size);
    return 0;
}

static int receiver_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    enum habit habit = *(enum habit *)state;
    struct mio_message *unsent;
    if (habit == KEEPS)
        mio_message_keep(message);
    if (habit == DRAFTS)
        CHECK(mio_message_new(self, &unsent, &draft, 8) == 0);
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class receiver_class = {
    .name = "receiver",
    .state_size = sizeof(enum habit),
    .init = receiver_init,
    .receive = receiver_receive,
};

/* Sends from a reactor: so that the message comes from its slabs. */
struct sending {
    mio_actor_id to;
    size_t size;
};

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    static const unsigned char bytes[LARGE];
    const struct sending *sending = argument;
    (void)state;
    (void)argument_size;
    CHECK(mio_send(self, sending->to, &letter, bytes, sending->size) == 0);
    return MIO_ECANCELED;
}

static const struct mio_actor_class sender_class = {.name = "sender",
                                                    .init = sender_init};

static void run(uint32_t reactors, enum habit habit, size_t size)
{
    struct sending sending = {.size = size};
    struct mio_runtime *runtime = told_runtime(reactors);
    assert_ok(mio_runtime_spawn(runtime, reactors - 1, &receiver_class, &habit,
                                sizeof(habit), &sending.to));
    assert_ok(mio_runtime_spawn(runtime, 0, &sender_class, &sending,
                                sizeof(sending), NULL));
    assert_ok(mio_runtime_run(runtime));
    mio_runtime_free(runtime);
}

static void assert_told(const char *text)
{
    if (strstr(told, text) == NULL)
        fail_msg("not told: %s\nbut:\n%s", text, told);
}

static void in_order_nothing_is_told(void **state)
{
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        run(reactors[i], FREES, 8);
        assert_string_equal(told, "");
        run(reactors[i], FREES, LARGE);
        assert_string_equal(told, "");
    }
}

static void a_kept_message_is_told_with_who_kept_it(void **state)
{
    static const uint32_t reactors[] = FIXTURE_REACTORS;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        run(reactors[i], KEEPS, 8);
        assert_told("leaked: 1 messages \"letter\", last had by ");
        assert_told(" (receiver)\n");
        assert_null(strstr(strchr(told, '\n') + 1, "leaked"));
    }
}

static void a_message_that_was_never_sent_is_told(void **state)
{
    (void)state;
    run(2, DRAFTS, 8);
    assert_told("leaked: 1 messages \"draft\", last had by ");
    assert_told(" (receiver)\n");
}

#ifndef __SANITIZE_ADDRESS__ /* which tells of it itself, and fails */
static void a_large_message_is_counted(void **state)
{
    (void)state;
    run(2, KEEPS, LARGE);
    assert_told("leaked: 1 messages that were allocated one by one, 10040 "
                "bytes\n");
}
#endif

static int mule_stop(struct mio_actor *self, void *state)
{
    (void)self;
    (void)state;
    return 0;
}

static int mule_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    fixture_stop(self);
    return 0;
}

static const struct mio_actor_class mule_class = {
    .name = "mule", .init = mule_init, .stop = mule_stop};

static void who_does_not_stop_is_told(void **state)
{
    (void)state;
    struct mio_runtime *runtime = told_runtime(1);
    assert_ok(mio_runtime_spawn(runtime, 0, &mule_class, NULL, 0, NULL));
    assert_int_equal(mio_runtime_run(runtime), MIO_EKILLED);
    mio_runtime_free(runtime);
    assert_string_equal(told, "actor 0000000000000001 (mule) had not stopped "
                              "in time: killed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_nothing_is_told),
        cmocka_unit_test(a_kept_message_is_told_with_who_kept_it),
        cmocka_unit_test(a_message_that_was_never_sent_is_told),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(a_large_message_is_counted),
#endif
        cmocka_unit_test(who_does_not_stop_is_told),
    };
    return cmocka_run_group_tests_name("runtime/leaks", tests, NULL, NULL);
}
