/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/life/drama.c - see drama.h. */
#include "tests/runtime/life/drama.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/runtime_private.h"

static const struct mio_message_type cue = {.name = "cue"};

/* --- what happened ------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t begun = PTHREAD_COND_INITIALIZER;
static char text[65536];
static size_t text_size;

static void note(const char *mark, const char *name, int reason)
{
    pthread_mutex_lock(&lock);
    size_t room = sizeof(text) - text_size;
    int size = reason < 0
                   ? snprintf(text + text_size, room, "%s%s:%s ", mark, name,
                              mio_error_name(reason) + 4)
                   : snprintf(text + text_size, room, "%s%s ", mark, name);
    CHECK(size >= 0);
    if ((size_t)size < room) /* else it is too long to be compared */
        text_size += (size_t)size;
    pthread_mutex_unlock(&lock);
}

#define NAMES_MAX 128

static uint64_t inits[NAMES_MAX]; /* by the first letter */
static uint64_t living;

uint32_t drama_inits(const char *name)
{
    return (uint32_t)fixture_get(&inits[(unsigned char)name[0] % NAMES_MAX]);
}

int64_t drama_living(void)
{
    return (int64_t)fixture_get(&living);
}

static void count_init(const char *name)
{
    pthread_mutex_lock(&lock);
    fixture_add(&inits[(unsigned char)name[0] % NAMES_MAX], 1);
    pthread_cond_broadcast(&begun);
    pthread_mutex_unlock(&lock);
}

void drama_await_inits(const char *name, uint64_t count)
{
    pthread_mutex_lock(&lock);
    while (drama_inits(name) < count)
        pthread_cond_wait(&begun, &lock);
    pthread_mutex_unlock(&lock);
}

static void clear(void)
{
    text_size = 0;
    text[0] = '\0';
    memset(inits, 0, sizeof(inits));
    living = 0;
}

/* --- players ------------------------------------------------------------- */

static int player_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct part *part = state;
    CHECK(argument_size == sizeof(*part));
    memcpy(part, argument, sizeof(*part));
    uint32_t before = drama_inits(part->name);
    count_init(part->name);
    fixture_add(&living, 1);
    note("+", part->name, 0);
    int reason = MIO_EPROTO;
    if (part->fails_at_once)
        CHECK(mio_send(self, mio_actor_self(self), &cue, &reason,
                       sizeof(reason)) == 0);
    bool fails = part->init_failures == 0 || before < part->init_failures;
    return fails ? part->init_result : 0;
}

static int player_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    int reason;
    (void)state;
    CHECK(message->type == &cue);
    memcpy(&reason, mio_message_payload(message), sizeof(reason));
    if (reason >= 0)
        mio_actor_exit(self, reason);
    return reason;
}

static int player_stop(struct mio_actor *self, void *state)
{
    const struct part *part = state;
    if (part->ignores_stop)
        note("?", part->name, 0);
    else if (part->stop_result == 0)
        mio_actor_exit(self, 0);
    return part->stop_result;
}

static void player_exit(struct mio_actor *self, void *state, int reason)
{
    const struct part *part = state;
    (void)self;
    fixture_add(&living, (uint64_t)-1);
    note("-", part->name, reason);
}

const struct mio_actor_class player_class = {
    .name = "player",
    .state_size = sizeof(struct part),
    .init = player_init,
    .receive = player_receive,
    .stop = player_stop,
    .exit = player_exit,
};

/* --- the director -------------------------------------------------------- */

struct director {
    const struct mio_supervisor_spec *spec;
    const struct scene *scene;
    struct mio_monitor monitor;
    mio_actor_id supervisor;
    mio_actor_id victim; /* of this scene; its end is awaited */
    bool is_answer_awaited;
    bool has_ended; /* the supervisor */
};

static void ask(struct mio_actor *self, struct director *director)
{
    CHECK(mio_supervisor_which(self, director->supervisor, 0) == 0);
}

static void next_scene(struct mio_actor *self, struct director *director)
{
    director->victim = (mio_actor_id){0};
    director->scene++;
    ask(self, director);
}

static const struct mio_child_info *
find(const struct mio_supervisor_answer *answer, const char *name)
{
    const struct mio_child_info *infos = mio_supervisor_answer_infos(answer);
    for (uint32_t i = 0; i < answer->infos_count; i++) {
        if (strcmp(infos[i].name, name) == 0)
            return &infos[i];
    }
    return NULL;
}

/* Nothing is under way, and the victim is gone. */
static bool is_settled(const struct director *director,
                       const struct mio_supervisor_answer *answer)
{
    const struct mio_child_info *infos = mio_supervisor_answer_infos(answer);
    for (uint32_t i = 0; i < answer->infos_count; i++) {
        if (infos[i].state == MIO_CHILD_STARTING ||
            infos[i].state == MIO_CHILD_STOPPING ||
            (infos[i].state == MIO_CHILD_RUNNING &&
             mio_actor_id_equal(infos[i].id, director->victim)))
            return false;
    }
    return true;
}

static void act_on(struct mio_actor *self, struct director *director,
                   const struct mio_child_info *info)
{
    const struct scene *scene = director->scene;
    director->victim = info->id;
    switch (scene->act) {
    case ACT_FAIL:
        CHECK(mio_send(self, info->id, &cue, &scene->reason,
                       sizeof(scene->reason)) == 0);
        break;
    case ACT_KILL:
        CHECK(mio_kill(self, info->id) == 0);
        break;
    case ACT_STOP:
        CHECK(mio_stop(self, info->id) == 0);
        break;
    default:
        CHECK(scene->act == ACT_REMOVE);
        director->is_answer_awaited = true;
        CHECK(mio_supervisor_stop_child(self, director->supervisor, info->key,
                                        1) == 0);
        break;
    }
}

static void play_scene(struct mio_actor *self, struct director *director,
                       const struct mio_supervisor_answer *answer)
{
    const struct scene *scene = director->scene;
    switch (scene->act) {
    case ACT_END:
        fixture_stop(self);
        return;
    case ACT_AWAIT:
        return; /* down comes */
    case ACT_ADD:
        director->is_answer_awaited = true;
        CHECK(mio_supervisor_start_child(self, director->supervisor,
                                         scene->child, 1) == 0);
        return;
    case ACT_KILL_SUPERVISOR:
        CHECK(mio_kill(self, director->supervisor) == 0);
        director->scene++;
        return;
    case ACT_STOP_SUPERVISOR:
        CHECK(mio_stop(self, director->supervisor) == 0);
        director->scene++;
        return;
    default:
        break;
    }
    const struct mio_child_info *info = find(answer, scene->name);
    CHECK(info != NULL);
    act_on(self, director, info);
    if (!director->is_answer_awaited)
        ask(self, director);
}

static int director_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    struct director *director = state;
    const struct mio_supervisor_answer *answer = mio_message_payload(message);
    CHECK(message->type == mio_supervisor_answer_type());
    if (answer->result == MIO_EDEAD && answer->token == 0)
        return 0; /* its end is told by the monitor */
    if (director->is_answer_awaited) {
        CHECK(answer->token == 1);
        CHECK(answer->result == director->scene->reason);
        director->is_answer_awaited = false;
        next_scene(self, director);
    } else if (!is_settled(director, answer)) {
        ask(self, director);
    } else if (!mio_actor_id_is_none(director->victim)) {
        next_scene(self, director); /* with what we know: ask anew */
    } else {
        play_scene(self, director, answer);
    }
    return 0;
}

static int director_down(struct mio_actor *self, void *state,
                         struct mio_monitor *monitor, int reason)
{
    struct director *director = state;
    (void)monitor;
    if (director->scene->act == ACT_END) {
        CHECK(reason == MIO_ESTOPPED); /* the runtime stops: we are next */
        return 0;
    }
    while (director->scene->act != ACT_AWAIT)
        CHECK((director->scene++)->act != ACT_END);
    note("!", "", reason);
    CHECK(reason == director->scene->reason);
    fixture_stop(self);
    return 0;
}

static int director_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct director *director = state;
    CHECK(argument_size == sizeof(*director));
    memcpy(director, argument, sizeof(*director));
    mio_monitor_init(&director->monitor, self, director_down);
    uint32_t last = mio_runtime_reactors_count(mio_actor_runtime(self)) - 1;
    CHECK(mio_spawn_monitored(self, &director->monitor, last,
                              mio_supervisor_class(), &director->spec,
                              sizeof(director->spec),
                              &director->supervisor) == 0);
    ask(self, director);
    return 0;
}

static int director_stop(struct mio_actor *self, void *state)
{
    (void)state;
    mio_actor_exit(self, 0);
    return 0;
}

static const struct mio_actor_class director_class = {
    .name = "director",
    .state_size = sizeof(struct director),
    .init = director_init,
    .receive = director_receive,
    .stop = director_stop,
};

/* --- who lives where ----------------------------------------------------- */

#define TABLE_MAX 8
#define DEPTH_MAX 4

static struct mio_child_spec tables[DEPTH_MAX][TABLE_MAX];
static struct mio_supervisor_spec specs[DEPTH_MAX];
static uint32_t depth;
static uint32_t placed;

/* A copy of a tree, its actors on one reactor after the other. */
static const struct mio_supervisor_spec *
spread(const struct mio_supervisor_spec *spec, uint32_t reactors)
{
    CHECK(depth < DEPTH_MAX && spec->children_count <= TABLE_MAX);
    struct mio_child_spec *table = tables[depth];
    struct mio_supervisor_spec *copy = &specs[depth++];
    *copy = *spec;
    copy->children = table;
    for (uint32_t i = 0; i < spec->children_count; i++) {
        table[i] = spec->children[i];
        if (table[i].place == MIO_PLACE_HERE)
            table[i].place = MIO_PLACE_ON(placed++ % reactors);
        if (table[i].supervisor != NULL)
            table[i].supervisor = spread(table[i].supervisor, reactors);
    }
    return copy;
}

/* --- plays --------------------------------------------------------------- */

int drama_setup(void **state)
{
    (void)state;
    clear();
    return 0;
}

struct mio_runtime *drama_runtime(uint32_t reactors)
{
    struct mio_runtime_options options = {.reactors_count = reactors,
                                          .name = "drama",
                                          .stop_within_ns =
                                              INT64_C(60000000000)};
    struct mio_runtime *runtime = NULL;
    clear();
    assert_ok(mio_runtime_new(&runtime, &options));
    return runtime;
}

void drama_end(struct mio_runtime *runtime)
{
    for (uint32_t i = 0; i < runtime->reactors_count; i++)
        assert_int_equal(mio_slabs_out_count(&runtime->reactors[i]->slabs), 0);
    mio_runtime_free(runtime);
}

const char *drama_play(uint32_t reactors,
                       const struct mio_supervisor_spec *spec,
                       const struct scene *scenes)
{
    depth = placed = 0;
    struct director director = {.spec = spread(spec, reactors),
                                .scene = scenes};
    struct mio_runtime *runtime = drama_runtime(reactors);
    assert_ok(mio_runtime_spawn(runtime, 0, &director_class, &director,
                                sizeof(director), NULL));
    assert_ok(mio_runtime_run(runtime));
    drama_end(runtime);
    assert_int_equal(drama_living(), 0);
    return text;
}

void drama_expect(const struct mio_supervisor_spec *spec,
                  const struct scene *scenes, const char *expected)
{
    static const uint32_t counts[] = FIXTURE_REACTORS;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        assert_string_equal(drama_play(counts[i], spec, scenes), expected);
}
