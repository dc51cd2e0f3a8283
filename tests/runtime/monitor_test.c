/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/monitor_test.c - who watches learns of each end, once, with its
 * reason, and after all that the dead one sent. */
#include "runtime/monitor.h"

#include <sched.h>
#include <string.h>

#include "runtime/link.h"
#include "tests/runtime/fixture.h"

static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

static uint32_t last_reactor(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
}

/* --- a mortal: ends with the reason that it is sent, answers first ------- */

static int mortal_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    int result = 0;
    (void)self;
    (void)state;
    if (argument_size == sizeof(result))
        memcpy(&result, argument, sizeof(result));
    return result;
}

static int mortal_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    int reason;
    (void)state;
    memcpy(&reason, mio_message_payload(message), sizeof(reason));
    CHECK(mio_send(self, message->from, &note, NULL, 0) == 0);
    mio_actor_exit(self, reason);
    return 0;
}

static const struct mio_actor_class mortal_class = {
    .name = "mortal",
    .init = mortal_init,
    .receive = mortal_receive,
};

/* --- reasons, and the order of things ------------------------------------ */

struct watcher {
    struct mio_monitor monitor;
    mio_actor_id mortal;
    size_t step;
    uint32_t answers;
};

static const int reasons[] = {0, 7, MIO_EPROTO, MIO_EKILLED, MIO_ESTOPPED};
#define REASONS_COUNT (sizeof(reasons) / sizeof(reasons[0]))

static void watch_next(struct mio_actor *self, struct watcher *watcher)
{
    int reason = reasons[watcher->step];
    CHECK(mio_spawn_on(self, last_reactor(self), &mortal_class, NULL, 0,
                       &watcher->mortal) == 0);
    CHECK(mio_monitor_start(&watcher->monitor, watcher->mortal) == 0);
    CHECK(mio_monitor_start(&watcher->monitor, watcher->mortal) == MIO_EEXIST);
    CHECK(mio_send(self, watcher->mortal, &note, &reason, sizeof(reason)) == 0);
}

static int watcher_down(struct mio_actor *self, void *state,
                        struct mio_monitor *monitor, int reason)
{
    struct watcher *watcher = state;
    CHECK(mio_actor_id_equal(mio_monitor_target(monitor), watcher->mortal));
    CHECK(reason == reasons[watcher->step]);
    CHECK(watcher->answers == watcher->step + 1); /* what it sent came first */
    if (++watcher->step == REASONS_COUNT)
        fixture_stop(self);
    else
        watch_next(self, watcher);
    return 0;
}

static int watcher_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct watcher *watcher = state;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&watcher->monitor, self, watcher_down);
    watch_next(self, watcher);
    return 0;
}

static int watcher_receive(struct mio_actor *self, void *state,
                           struct mio_message *message)
{
    struct watcher *watcher = state;
    (void)self;
    (void)message;
    watcher->answers++;
    return 0;
}

static const struct mio_actor_class watcher_class = {
    .name = "watcher",
    .state_size = sizeof(struct watcher),
    .init = watcher_init,
    .receive = watcher_receive,
};

static void run_class(uint32_t reactors, const struct mio_actor_class *class)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    assert_ok(mio_runtime_spawn(runtime, 0, class, NULL, 0, NULL));
    fixture_run(runtime);
}

static void the_reason_comes_after_all_that_was_sent(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &watcher_class);
}

/* --- who is dead already, who never began -------------------------------- */

struct late {
    struct mio_monitor monitor;
    mio_actor_id mortal;
    int downs;
};

static int late_down(struct mio_actor *self, void *state,
                     struct mio_monitor *monitor, int reason)
{
    struct late *late = state;
    int failure = MIO_EPROTO;
    switch (late->downs++) {
    case 0: /* it began, and ended in order */
        CHECK(reason == 0);
        CHECK(mio_monitor_start(monitor, late->mortal) == 0);
        return 0;
    case 1: /* nobody lives there any more */
        CHECK(reason == MIO_EDEAD);
        CHECK(mio_spawn_monitored(self, monitor, last_reactor(self),
                                  &mortal_class, &failure, sizeof(failure),
                                  NULL) == 0);
        return 0;
    default: /* its init failed */
        CHECK(reason == MIO_EPROTO);
        fixture_stop(self);
        return 0;
    }
}

static int late_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct late *late = state;
    int reason = 0;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&late->monitor, self, late_down);
    CHECK(mio_monitor_start(&late->monitor, (mio_actor_id){0}) == MIO_EINVAL);
    CHECK(!mio_monitor_cancel(&late->monitor));
    CHECK(mio_spawn_monitored(self, &late->monitor, last_reactor(self),
                              &mortal_class, NULL, 0, &late->mortal) == 0);
    CHECK(mio_send(self, late->mortal, &note, &reason, sizeof(reason)) == 0);
    return 0;
}

static const struct mio_actor_class late_class = {
    .name = "late",
    .state_size = sizeof(struct late),
    .init = late_init,
};

static void who_is_gone_and_who_never_began_are_told_apart(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &late_class);
}

/* --- cancelled ----------------------------------------------------------- */

#define ROUNDS 400

struct fickle {
    struct mio_monitor monitor; /* cancelled while the news is under way */
    struct mio_monitor witness; /* not cancelled */
    uint64_t round;
};

static int never_down(struct mio_actor *self, void *state,
                      struct mio_monitor *monitor, int reason)
{
    (void)self;
    (void)state;
    (void)monitor;
    (void)reason;
    CHECK(!"told of a monitor that was cancelled");
    return 0;
}

static void fickle_round(struct mio_actor *self, struct fickle *fickle)
{
    mio_actor_id mortal;
    int reason = 0;
    CHECK(mio_spawn_monitored(self, &fickle->witness, last_reactor(self),
                              &mortal_class, NULL, 0, &mortal) == 0);
    CHECK(mio_monitor_start(&fickle->monitor, mortal) == 0);
    CHECK(mio_send(self, mortal, &note, &reason, sizeof(reason)) == 0);
    if (fickle->round % 2 == 0)
        CHECK(mio_monitor_cancel(&fickle->monitor));
}

/* The answer came from one who is ending: the news is near, or here. */
static int fickle_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct fickle *fickle = state;
    (void)self;
    (void)message;
    if (fickle->round % 2 == 1)
        CHECK(mio_monitor_cancel(&fickle->monitor));
    return 0;
}

static int fickle_witness(struct mio_actor *self, void *state,
                          struct mio_monitor *monitor, int reason)
{
    struct fickle *fickle = state;
    (void)monitor;
    CHECK(reason == 0);
    if (++fickle->round == fixture_scaled(ROUNDS))
        fixture_stop(self);
    else
        fickle_round(self, fickle);
    return 0;
}

static int fickle_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct fickle *fickle = state;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&fickle->monitor, self, never_down);
    mio_monitor_init(&fickle->witness, self, fickle_witness);
    fickle_round(self, fickle);
    return 0;
}

static const struct mio_actor_class fickle_class = {
    .name = "fickle",
    .state_size = sizeof(struct fickle),
    .init = fickle_init,
    .receive = fickle_receive,
};

static void who_cancelled_is_not_told(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &fickle_class);
}

/* --- a watcher that ends first ------------------------------------------- */

static int brief_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct mio_monitor *monitor = state;
    mio_actor_id target;
    CHECK(argument_size == sizeof(target));
    memcpy(&target, argument, sizeof(target));
    mio_monitor_init(monitor, self, never_down);
    CHECK(mio_monitor_start(monitor, target) == 0);
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class brief_class = {
    .name = "brief",
    .state_size = sizeof(struct mio_monitor),
    .init = brief_init,
};

#define BRIEFS 100

struct crowd {
    struct mio_monitor briefs[BRIEFS];
    struct mio_monitor mortal_monitor;
    mio_actor_id mortal;
    int ended;
};

static int crowd_mortal_down(struct mio_actor *self, void *state,
                             struct mio_monitor *monitor, int reason)
{
    (void)state;
    (void)monitor;
    CHECK(reason == 0);
    fixture_stop(self);
    return 0;
}

static int crowd_brief_down(struct mio_actor *self, void *state,
                            struct mio_monitor *monitor, int reason)
{
    struct crowd *crowd = state;
    int mortal_reason = 0;
    (void)monitor;
    CHECK(reason == 0);
    if (++crowd->ended == BRIEFS)
        CHECK(mio_send(self, crowd->mortal, &note, &mortal_reason,
                       sizeof(mortal_reason)) == 0);
    return 0;
}

static int crowd_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct crowd *crowd = state;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&crowd->mortal_monitor, self, crowd_mortal_down);
    CHECK(mio_spawn_monitored(self, &crowd->mortal_monitor, last_reactor(self),
                              &mortal_class, NULL, 0, &crowd->mortal) == 0);
    for (uint32_t i = 0; i < BRIEFS; i++) {
        uint32_t reactor = i % (last_reactor(self) + 1);
        mio_monitor_init(&crowd->briefs[i], self, crowd_brief_down);
        CHECK(mio_spawn_monitored(self, &crowd->briefs[i], reactor,
                                  &brief_class, &crowd->mortal,
                                  sizeof(crowd->mortal), NULL) == 0);
    }
    return 0;
}

static const struct mio_actor_class crowd_class = {
    .name = "crowd",
    .state_size = sizeof(struct crowd),
    .init = crowd_init,
};

static void a_watcher_s_end_cancels_its_monitors(void **state)
{
    (void)state;
    EACH_COUNT(i)
    run_class(reactors_counts[i], &crowd_class);
}

/* --- who hears of an address past the queues -------------------------------
 */

/* The parent has spawned, but its order is not under way before its callback
 * returns; the eager one on the other reactor reads the address from memory. */
static uint64_t early_address;
static uint64_t early_watched;

static int parent_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    int failure;
    mio_actor_id id;
    (void)state;
    CHECK(argument_size == sizeof(failure));
    memcpy(&failure, argument, sizeof(failure));
    CHECK(mio_spawn_on(self, 1, &mortal_class, &failure, sizeof(failure),
                       &id) == 0);
    fixture_add(&early_address, id.value);
    while (fixture_get(&early_watched) == 0)
        (void)sched_yield();
    return 0;
}

static const struct mio_actor_class parent_class = {.name = "parent",
                                                    .init = parent_init};

struct eager {
    struct mio_monitor monitor;
    struct mio_actor_entry step;
    int failure; /* of the mortal's init; 0: it is killed */
    bool has_begun;
};

static int eager_down(struct mio_actor *self, void *state,
                      struct mio_monitor *monitor, int reason)
{
    const struct eager *eager = state;
    (void)monitor;
    CHECK(reason == (eager->failure != 0 ? eager->failure : MIO_EKILLED));
    fixture_stop(self);
    return 0;
}

static int eager_step(struct mio_actor *self, void *state,
                      struct mio_actor_entry *entry)
{
    struct eager *eager = state;
    mio_actor_id id = {fixture_get(&early_address)};
    if (eager->has_begun) { /* the watch was handled before this */
        fixture_add(&early_watched, 1);
        return 0;
    }
    if (!mio_actor_id_is_none(id)) {
        CHECK(mio_monitor_start(&eager->monitor, id) == 0);
        CHECK(eager->failure != 0 || mio_kill(self, id) == 0);
        eager->has_begun = true;
    }
    mio_actor_enqueue(entry);
    return 0;
}

static int eager_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct eager *eager = state;
    CHECK(argument_size == sizeof(eager->failure));
    memcpy(&eager->failure, argument, sizeof(eager->failure));
    mio_monitor_init(&eager->monitor, self, eager_down);
    mio_actor_entry_init(&eager->step, self, eager_step);
    mio_actor_enqueue(&eager->step);
    return 0;
}

static const struct mio_actor_class eager_class = {
    .name = "eager",
    .state_size = sizeof(struct eager),
    .init = eager_init,
};

static void who_watches_or_kills_too_early_is_not_too_early(void **state)
{
    (void)state;
    for (int failure = MIO_EPROTO; failure <= 0; failure -= MIO_EPROTO) {
        struct mio_runtime *runtime = fixture_runtime(2);
        early_address = early_watched = 0;
        assert_ok(mio_runtime_spawn(runtime, 0, &parent_class, &failure,
                                    sizeof(failure), NULL));
        assert_ok(mio_runtime_spawn(runtime, 1, &eager_class, &failure,
                                    sizeof(failure), NULL));
        fixture_run(runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reason_comes_after_all_that_was_sent),
        cmocka_unit_test(who_is_gone_and_who_never_began_are_told_apart),
        cmocka_unit_test(who_cancelled_is_not_told),
        cmocka_unit_test(a_watcher_s_end_cancels_its_monitors),
        cmocka_unit_test(who_watches_or_kills_too_early_is_not_too_early),
    };
    return cmocka_run_group_tests_name("runtime/monitor", tests, NULL, NULL);
}
