/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/handle_limit_test.c - reactors on poll(2) when the limit of
 * open files is lowered below what they watch, their own bells: what comes by
 * mail and by time goes on. */
#include <stdlib.h>
#include <sys/resource.h>

#include "core/clock.h"
#include "tests/runtime/fixture.h"

#define ROUNDS_COUNT 10
#define PAUSE_NS (2 * MIO_NS_PER_MS) /* long enough to fall asleep */

static const struct mio_message_type ping = {.name = "ping"};

static struct rlimit before;

static void set_limit(rlim_t handles_max)
{
    struct rlimit limit = before;
    limit.rlim_cur = handles_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static int answer(struct mio_actor *self, void *state,
                  struct mio_message *message)
{
    (void)state;
    return mio_send(self, message->from, &ping, NULL, 0);
}

static const struct mio_actor_class answerer = {.name = "answerer",
                                                .receive = answer};

struct asker {
    struct mio_actor_timer timer;
    mio_actor_id answerer;
    int rounds_count;
};

static int ask(struct mio_actor *self, void *state,
               struct mio_actor_timer *timer)
{
    struct asker *asker = state;
    (void)timer;
    return mio_send(self, asker->answerer, &ping, NULL, 0);
}

static int hear(struct mio_actor *self, void *state,
                struct mio_message *message)
{
    struct asker *asker = state;
    (void)message;
    if (++asker->rounds_count == ROUNDS_COUNT)
        fixture_stop(self);
    else
        mio_actor_timer_start(&asker->timer, PAUSE_NS);
    return 0;
}

struct start {
    mio_actor_id answerer;
    rlim_t limit;
};

static int begin(struct mio_actor *self, void *state, const void *argument,
                 size_t argument_size)
{
    struct asker *asker = state;
    const struct start *start = argument;
    CHECK(argument_size == sizeof(*start));
    asker->answerer = start->answerer;
    set_limit(start->limit);
    mio_actor_timer_init(&asker->timer, self, ask);
    mio_actor_timer_start(&asker->timer, PAUSE_NS);
    return 0;
}

static const struct mio_actor_class asker = {
    .name = "asker",
    .state_size = sizeof(struct asker),
    .init = begin,
    .receive = hear,
};

static void mail_and_timers_need_no_handle(void **state)
{
    (void)state;
    for (rlim_t limit = 0; limit <= 2; limit++) {
        struct mio_runtime *runtime = fixture_runtime(2);
        struct start start = {.limit = limit};
        assert_ok(
            mio_runtime_spawn(runtime, 1, &answerer, NULL, 0, &start.answerer));
        assert_ok(
            mio_runtime_spawn(runtime, 0, &asker, &start, sizeof(start), NULL));
        fixture_run(runtime);
        set_limit(before.rlim_cur);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_and_timers_need_no_handle),
    };
    if (setenv("MIO_SELECTOR", "poll", 1) < 0 ||
        getrlimit(RLIMIT_NOFILE, &before) < 0)
        return 1;
    return cmocka_run_group_tests_name("runtime, limits", tests, NULL, NULL);
}
