/* SPDX-License-Identifier: MIT
 *
 * apps/chat/stats.c - the counters of each reactor, printed. */
#include "apps/chat/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/chat/sys/process.h"
#include "core/clock.h"
#include "core/event.h"

#define PARENT_EVERY_NS (250 * MIO_NS_PER_MS)

/* --- printing --------------------------------------------------------------*/

struct text {
    char bytes[4096]; /* about 60 counters of 30 bytes */
    size_t size;
};

static void put(struct text *self, const char *name, uint64_t value)
{
    size_t room = sizeof(self->bytes) - self->size;
    int size = snprintf(self->bytes + self->size, room, " %s=%llu", name,
                        (unsigned long long)value);

    if (size > 0 && (size_t)size < room)
        self->size += (size_t)size;
}

static void put_runtime(struct text *self, const struct mio_counters *counters)
{
#define X(name, text) put(self, #name, counters->name);
    MIO_COUNTER_MAP(X)
#undef X
}

/* Two lists have something called "events": the chat's are about users. */
static const char *chat_name(const char *name)
{
    return strcmp(name, "events") == 0 ? "user_events" : name;
}

static void put_chat(struct text *self, const struct chat_counts *counts)
{
#define X(name, text)                                                          \
    put(self, chat_name(#name), chat_count_get(&counts->name));
    CHAT_COUNTS_MAP(X)
#undef X
}

static void put_listeners(struct text *self, const struct chat_stats *stats,
                          uint32_t reactor)
{
    struct mio_server_counters sum = {0}, each;

    for (uint32_t i = 0; i < stats->listeners_count; i++) {
        if (mio_server_read_counters(stats->listeners[i], reactor, &each) < 0)
            continue;
#define X(name, text) sum.name += each.name;
        MIO_SERVER_COUNTER_MAP(X)
#undef X
    }
#define X(name, text) put(self, #name, sum.name);
    MIO_SERVER_COUNTER_MAP(X)
#undef X
}

static void print_reactor(const struct chat_stats *self, uint32_t reactor)
{
    struct mio_counters counters = {0};
    struct text text = {.size = 0};

    (void)mio_runtime_counters(self->server->runtime, reactor, &counters);
    put_chat(&text, &self->server->counts[reactor]);
    put_runtime(&text, &counters);
    put_listeners(&text, self, reactor);
    put(&text, "allocated",
        __atomic_load_n(&self->allocated[reactor], __ATOMIC_RELAXED));
    (void)printf("stats reactor=%u%.*s\n", (unsigned)reactor, (int)text.size,
                 text.bytes);
}

void chat_stats_print(const struct chat_stats *self)
{
    for (uint32_t i = 0; i < self->server->reactors_count; i++)
        print_reactor(self, i);
    (void)printf("stats end\n");
    (void)fflush(stdout);
}

/* --- a reader on each reactor ----------------------------------------------*/

static const struct mio_message_type look_type = {.name = "stats look"};
static const struct mio_message_type seen_type = {.name = "stats seen"};

struct reader {
    struct chat_stats *stats;
};

static int reader_init(struct mio_actor *self, void *state,
                       const void *argument, size_t size)
{
    struct reader *reader = state;

    (void)self;
    memcpy(&reader->stats, argument, size);
    return 0;
}

static void look(struct mio_actor *self, struct reader *reader)
{
    __atomic_store_n(&reader->stats->allocated[mio_actor_reactor(self)],
                     chat_process_allocated(), __ATOMIC_RELAXED);
}

static int reader_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    look(self, state);
    return mio_send(self, message->from, &seen_type, NULL, 0);
}

static void reader_exit(struct mio_actor *self, void *state, int reason)
{
    (void)reason;
    look(self, state);
}

static const struct mio_actor_class reader_class = {
    .name = "stats reader",
    .state_size = sizeof(struct reader),
    .init = reader_init,
    .receive = reader_receive,
    .exit = reader_exit,
};

/* --- one collector ---------------------------------------------------------*/

struct collector {
    struct chat_stats *stats;
    struct mio_actor_source signals;
    struct mio_actor_timer parent;
    uint32_t awaited; /* answers of readers */
    bool again;       /* a signal came meanwhile */
};

static void collect(struct mio_actor *self, struct collector *collector)
{
    struct chat_stats *stats = collector->stats;

    collector->again = collector->awaited > 0;
    if (collector->again)
        return;
    for (uint32_t i = 0; i < stats->server->reactors_count; i++)
        if (mio_send(self, stats->readers[i], &look_type, NULL, 0) == MIO_OK)
            collector->awaited++;
    if (collector->awaited == 0)
        chat_stats_print(stats);
}

static int collector_receive(struct mio_actor *self, void *state,
                             struct mio_message *message)
{
    struct collector *collector = state;

    if (message->type != &seen_type || collector->awaited == 0)
        return 0;
    if (--collector->awaited == 0) {
        chat_stats_print(collector->stats);
        if (collector->again)
            collect(self, collector);
    }
    return 0;
}

static int signalled(struct mio_actor *self, void *state,
                     struct mio_actor_source *source, uint32_t readiness)
{
    struct collector *collector = state;

    (void)source;
    (void)readiness;
    while (mio_signals_next(collector->stats->signals) >= 0)
        collect(self, collector);
    return 0;
}

static int parent_check(struct mio_actor *self, void *state,
                        struct mio_actor_timer *timer)
{
    struct collector *collector = state;

    if (chat_process_parent() != collector->stats->parent)
        mio_runtime_stop(mio_actor_runtime(self));
    mio_actor_timer_start(timer, PARENT_EVERY_NS);
    return 0;
}

static int collector_init(struct mio_actor *self, void *state,
                          const void *argument, size_t size)
{
    struct collector *collector = state;

    memcpy(&collector->stats, argument, size);
    mio_actor_timer_init(&collector->parent, self, parent_check);
    if (collector->stats->exits_with_parent)
        mio_actor_timer_start(&collector->parent, PARENT_EVERY_NS);
    if (collector->stats->signals == NULL)
        return 0;
    return mio_actor_watch(self, &collector->signals,
                           mio_signals_source(collector->stats->signals),
                           MIO_READABLE, MIO_EDGE, signalled);
}

static const struct mio_actor_class collector_class = {
    .name = "stats",
    .state_size = sizeof(struct collector),
    .init = collector_init,
    .receive = collector_receive,
};

/* --- */

int chat_stats_spawn(struct chat_stats *self)
{
    uint32_t count = self->server->reactors_count;
    struct mio_runtime *runtime = self->server->runtime;
    int error = MIO_OK;

    self->parent = chat_process_parent();
    self->readers = calloc(count, sizeof(*self->readers));
    self->allocated = calloc(count, sizeof(*self->allocated));
    if (self->readers == NULL || self->allocated == NULL)
        return MIO_ENOMEM;
    for (uint32_t i = 0; i < count && error == MIO_OK; i++)
        error = mio_runtime_spawn(runtime, i, &reader_class, &self,
                                  sizeof(self), &self->readers[i]);
    if (error < 0)
        return error;
    return mio_runtime_spawn(runtime, 0, &collector_class, &self, sizeof(self),
                             NULL);
}

void chat_stats_deinit(struct chat_stats *self)
{
    free(self->readers);
    free(self->allocated);
}
