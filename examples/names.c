/* SPDX-License-Identifier: MIT
 *
 * examples/names.c - a newspaper: nobody is told an address. Editors come and
 * go, the next takes the name of the one before; what they write is broadcast
 * to a group of readers on two reactors, who all read the same bytes.
 *
 *     ./bazelw run //examples:names */
#include <stdio.h>
#include <string.h>

#include "runtime/group.h"
#include "runtime/monitor.h"
#include "runtime/name.h"
#include "runtime/runtime.h"

#define READERS 6
#define EDITORS 3

static const struct mio_message_type joined = {.name = "joined"};
static const struct mio_message_type ready = {.name = "ready"};
static const struct mio_message_type story = {.name = "story"};
static const struct mio_message_type edition = {.name = "edition"};
static const struct mio_message_type was_read = {.name = "read"};

/* To whoever has this name now. */
static int tell(struct mio_actor *self, const char *name,
                const struct mio_message_type *type)
{
    return mio_send_named(self, MIO_NAME_RUNTIME, name, type, NULL, 0);
}

/* --- readers ------------------------------------------------------------- */

static int reader_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    int rc = mio_group_join(self, "readers");
    return rc < 0 ? rc : tell(self, "publisher", &joined);
}

static int reader_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    (void)state;
    const struct mio_slice *text = mio_broadcast_slice(message);
    if (text->size == 0)
        return MIO_EPROTO; /* nothing to read */
    return tell(self, "editor", &was_read);
}

static const struct mio_actor_class reader_class = {
    .name = "reader", .init = reader_init, .receive = reader_receive};

/* --- the reporter -------------------------------------------------------- */

static int reporter_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument;
    (void)argument_size;
    return mio_name_register(self, MIO_NAME_RUNTIME, "reporter");
}

static int reporter_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    static const char *const stories[EDITORS] = {"rain", "sunshine", "fog"};
    uint32_t *written = state;
    (void)message; /* an editor is ready: whoever that is */
    const char *text = stories[(*written)++];
    return mio_send_named(self, MIO_NAME_RUNTIME, "editor", &story, text,
                          strlen(text) + 1);
}

static const struct mio_actor_class reporter_class = {
    .name = "reporter",
    .state_size = sizeof(uint32_t),
    .init = reporter_init,
    .receive = reporter_receive,
};

/* --- an editor: makes one edition, and retires when all have read it ------ */

struct editor {
    uint32_t number;
    uint32_t readers_left;
    char text[32];
};

static int editor_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct editor *editor = state;
    memcpy(&editor->number, argument, argument_size);
    int rc = mio_name_register(self, MIO_NAME_RUNTIME, "editor");
    return rc < 0 ? rc : tell(self, "reporter", &ready);
}

static int publish(struct mio_actor *self, struct editor *editor,
                   struct mio_message *message)
{
    snprintf(editor->text, sizeof(editor->text), "%s",
             (const char *)mio_message_payload(message));
    editor->readers_left = READERS;
    int rc = mio_broadcast(self, "readers", &edition, editor->text,
                           strlen(editor->text));
    if (rc < 0)
        return rc;
    printf("editor %u: \"%s\" goes to %d reactors\n", editor->number,
           editor->text, rc);
    return 0;
}

static int editor_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct editor *editor = state;
    if (message->type == &story)
        return publish(self, editor, message);
    if (--editor->readers_left > 0)
        return 0;
    printf("editor %u: all %d have read it\n", editor->number, READERS);
    mio_actor_exit(self, 0); /* and the name is free */
    return 0;
}

static const struct mio_actor_class editor_class = {
    .name = "editor",
    .state_size = sizeof(struct editor),
    .init = editor_init,
    .receive = editor_receive,
};

/* --- the publisher ------------------------------------------------------- */

struct publisher {
    struct mio_monitor monitor;
    uint32_t readers;
    uint32_t editors;
};

static int hire(struct mio_actor *self, struct publisher *publisher)
{
    publisher->editors++;
    return mio_spawn_monitored(self, &publisher->monitor, MIO_LEAST_LOADED,
                               &editor_class, &publisher->editors,
                               sizeof(publisher->editors), NULL);
}

/* Its name was free before we were told: the next one gets it. */
static int editor_left(struct mio_actor *self, void *state,
                       struct mio_monitor *monitor, int reason)
{
    struct publisher *publisher = state;
    (void)monitor;
    if (reason < 0)
        return reason;
    if (publisher->editors < EDITORS)
        return hire(self, publisher);
    mio_runtime_stop(mio_actor_runtime(self));
    return 0;
}

static int publisher_init(struct mio_actor *self, void *state,
                          const void *argument, size_t argument_size)
{
    struct publisher *publisher = state;
    (void)argument;
    (void)argument_size;
    mio_monitor_init(&publisher->monitor, self, editor_left);
    int rc = mio_name_register(self, MIO_NAME_RUNTIME, "publisher");
    if (rc == 0)
        rc = mio_spawn(self, &reporter_class, NULL, 0, NULL);
    for (uint32_t i = 0; rc == 0 && i < READERS; i++)
        rc = mio_spawn_on(self, i % 2, &reader_class, NULL, 0, NULL);
    return rc;
}

/* A reader has joined. */
static int publisher_receive(struct mio_actor *self, void *state,
                             struct mio_message *message)
{
    struct publisher *publisher = state;
    (void)message;
    return ++publisher->readers == READERS ? hire(self, publisher) : 0;
}

static void publisher_exit(struct mio_actor *self, void *state, int reason)
{
    (void)state;
    if (reason >= 0 || reason == MIO_ESTOPPED)
        return;
    printf("%s\n", mio_error_text(reason));
    mio_runtime_stop(mio_actor_runtime(self));
}

static const struct mio_actor_class publisher_class = {
    .name = "publisher",
    .state_size = sizeof(struct publisher),
    .init = publisher_init,
    .receive = publisher_receive,
    .exit = publisher_exit,
};

int main(void)
{
    struct mio_runtime_options options = {.reactors_count = 2};
    struct mio_runtime *runtime;
    int rc = mio_runtime_new(&runtime, &options);
    if (rc < 0)
        return 1;
    rc = mio_runtime_spawn(runtime, 0, &publisher_class, NULL, 0, NULL);
    if (rc == 0)
        rc = mio_runtime_run(runtime);
    mio_runtime_free(runtime);
    return rc < 0;
}
