/* SPDX-License-Identifier: MIT
 *
 * runtime/runtime.c - see runtime.h: reactors are made, started, joined. */
#include "runtime/runtime.h"

#include <ck_pr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "core/clock.h"
#include "runtime/actor_private.h"
#include "runtime/runtime_private.h"

#define ACTORS_MAX_DEFAULT 65536
#define STOP_WITHIN_DEFAULT_NS (1500 * MIO_NS_PER_MS)

/* A reactor's row of credit words begins a line of its own. */
#define WORDS_OF_LINE (MIO_CACHE_LINE / sizeof(struct mio_credit_word))

_Static_assert(MIO_LOCALS_MAX == MIO_RUNTIME_LOCALS_MAX, "keys of locals");

/* --- making -------------------------------------------------------------- */

static int check_options(const struct mio_runtime_options *options)
{
    if (options->reactors_count > MIO_REACTORS_MAX ||
        options->actors_max > MIO_ACTORS_MAX ||
        options->names_max > MIO_NAMES_MAX || options->stop_within_ns < 0 ||
        options->stall_ns < 0 || options->credit > MIO_CREDIT_MAX)
        return MIO_EINVAL;
    return 0;
}

static void copy_options(struct mio_runtime *self,
                         const struct mio_runtime_options *options)
{
    self->reactors_count = options->reactors_count != 0
                               ? options->reactors_count
                               : mio_usable_cpus_count();
    if (self->reactors_count > MIO_REACTORS_MAX)
        self->reactors_count = MIO_REACTORS_MAX;
    self->actors_max =
        options->actors_max != 0 ? options->actors_max : ACTORS_MAX_DEFAULT;
    self->sources_max = options->sources_max;
    self->names_max =
        options->names_max != 0 ? options->names_max : MIO_NAMES_DEFAULT;
    self->log = options->log;
    self->common.log = options->log;
    self->stall_ns = options->stall_ns;
    self->stalled = options->stalled;
    self->stalled_ctx = options->stalled_ctx;
    self->is_pinning = !options->no_pinning;
    self->stops_on_signals = options->stop_on_signals;
    self->common.stop_within_ns = options->stop_within_ns != 0
                                      ? options->stop_within_ns
                                      : STOP_WITHIN_DEFAULT_NS;
    self->common.queue_min = MIO_QUEUE_DEFAULT;
    self->common.credit =
        options->credit != 0 ? options->credit : MIO_CREDIT_DEFAULT;
    snprintf(self->name, sizeof(self->name), "%s",
             options->name != NULL ? options->name : "mio");
}

static void *alloc_lines(size_t count, size_t size)
{
    void *memory = aligned_alloc(MIO_CACHE_LINE, count * size);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

static int alloc_tables(struct mio_runtime *self)
{
    struct mio_common *common = &self->common;
    uint32_t count = self->reactors_count;
    common->runtime = self;
    common->reactors_count = count;
    common->mailboxes = alloc_lines(count, sizeof(*common->mailboxes));
    common->registries = alloc_lines(count, sizeof(*common->registries));
    common->credit_stride = (uint32_t)((count + 1 + WORDS_OF_LINE - 1) /
                                       WORDS_OF_LINE * WORDS_OF_LINE);
    common->credit_words = alloc_lines((size_t)count * common->credit_stride,
                                       sizeof(*common->credit_words));
    common->group_rows =
        calloc((size_t)MIO_GROUP_ROWS * count, sizeof(*common->group_rows));
    self->reactors = calloc(count, sizeof(struct mio_reactor *));
    self->threads = calloc(count, sizeof(*self->threads));
    if (common->mailboxes == NULL || common->registries == NULL ||
        common->credit_words == NULL || common->group_rows == NULL ||
        self->reactors == NULL || self->threads == NULL)
        return MIO_ENOMEM;
    return mio_names_init(&common->names, self->names_max);
}

static int make_reactor(struct mio_runtime *self, uint32_t index)
{
    struct mio_reactor_options options = {
        .index = index,
        .sources_max = self->sources_max,
        .names_max = self->names_max,
        .log = self->log,
        .common = &self->common,
        .life = &mio_actor_life,
    };
    /* One slot more on the first: for the actor of the signals. */
    bool has_signals = index == 0 && self->stops_on_signals;
    uint32_t slots_max = self->actors_max + (has_signals ? 1 : 0);
    if (slots_max > MIO_ACTORS_MAX)
        slots_max = MIO_ACTORS_MAX;
    int result = mio_actor_registry_init(&self->common.registries[index], index,
                                         slots_max);
    if (result < 0)
        return result;
    self->registries_made++;
    mio_inbox_init(&self->common.mailboxes[index].inbox);
    mio_home_init(&self->common.mailboxes[index].home);
    result = mio_reactor_new(&self->reactors[index], &options);
    if (result == 0)
        self->reactors_made++;
    return result;
}

static int make(struct mio_runtime *self)
{
    int result = alloc_tables(self);
    for (uint32_t i = 0; result == 0 && i < self->reactors_count; i++)
        result = make_reactor(self, i);
    if (result == 0 && self->stops_on_signals)
        result = mio_runtime_watch_signals(self);
    if (result == 0 && self->stall_ns != 0)
        result = mio_watchdog_new(self);
    return result;
}

int mio_runtime_new(struct mio_runtime **out,
                    const struct mio_runtime_options *options)
{
    static const struct mio_runtime_options defaults;
    if (options == NULL)
        options = &defaults;
    int result = check_options(options);
    if (result < 0)
        return result;
    struct mio_runtime *self = alloc_lines(1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    copy_options(self, options);
    result = make(self);
    if (result < 0) {
        mio_runtime_free(self);
        return result;
    }
    *out = self;
    return 0;
}

/* First all mail, then all memory: what lies in the inbox of one comes from the
 * slabs of another. */
static void free_reactors(struct mio_runtime *self)
{
    uint32_t count = self->reactors_made;
    for (uint32_t i = 0; i < count && !self->was_started; i++)
        mio_reactor_close(self->reactors[i]);
    if (self->was_started)
        mio_runtime_tell_leaks(self);
    for (uint32_t i = 0; i < count; i++)
        mio_reactor_free(self->reactors[i]);
    for (uint32_t i = 0; i < self->registries_made; i++)
        mio_actor_registry_deinit(&self->common.registries[i]);
}

void mio_runtime_free(struct mio_runtime *self)
{
    if (self == NULL)
        return;
    MIO_ASSERT(!self->is_running);
    MIO_ASSERT(self->pools_count == 0); /* mio_pool_free comes first */
    free_reactors(self);
    mio_watchdog_free(self->watchdog);
    mio_signals_free(self->signals);
    mio_names_deinit(&self->common.names);
    free(self->common.group_rows);
    free(self->common.mailboxes);
    free(self->common.registries);
    free(self->common.credit_words);
    free(self->reactors);
    free(self->threads);
    free(self);
}

int mio_runtime_local_key(struct mio_runtime *self)
{
    if (self->locals_count == MIO_LOCALS_MAX)
        return MIO_EFULL;
    return (int)self->locals_count++;
}

/* --- threads ------------------------------------------------------------- */

static void name_thread(const struct mio_runtime_thread *thread)
{
    char name[64];
    snprintf(name, sizeof(name), "%s/%u", thread->runtime->name,
             thread->reactor->index);
    mio_thread_name(name);
}

/* Sleep until all threads are there; false if one could not be started. */
static bool pass_gate(struct mio_runtime_thread *thread)
{
    struct mio_reactor *reactor = thread->reactor;
    uint32_t gate;
    /* Opening it is followed by our bell. */
    while ((gate = ck_pr_load_32(&thread->runtime->gate)) == MIO_GATE_SHUT)
        (void)!mio_poll_wait(reactor->poll, reactor->events, MIO_FOREVER);
    return gate == MIO_GATE_OPEN;
}

static void run_thread(void *context)
{
    struct mio_runtime_thread *thread = context;
    if (!pass_gate(thread))
        return;
    name_thread(thread);
    if (thread->is_pinned)
        (void)mio_thread_pin(thread->cpu); /* a wish: the CPU may be gone */
    mio_reactor_run(thread->reactor);
    mio_reactor_close(thread->reactor);
}

/* Thread i on the i-th usable CPU, if there are enough. */
static void choose_cpus(struct mio_runtime *self)
{
    uint32_t cpus[MIO_REACTORS_MAX];
    uint32_t count = mio_usable_cpus(cpus, MIO_REACTORS_MAX);
    bool is_pinning = self->is_pinning && self->reactors_count <= count;
    for (uint32_t i = 0; i < self->reactors_count; i++) {
        struct mio_runtime_thread *thread = &self->threads[i];
        thread->runtime = self;
        thread->reactor = self->reactors[i];
        thread->is_pinned = is_pinning;
        thread->cpu = is_pinning ? cpus[i] : 0;
    }
}

static void open_gate(struct mio_runtime *self, enum mio_gate gate)
{
    ck_pr_store_32(&self->gate, (uint32_t)gate);
    ck_pr_fence_memory(); /* before the bells; see mio_common_stop */
    mio_common_ring_all(&self->common);
}

static void join_threads(struct mio_runtime *self, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        mio_thread_join(&self->threads[i].thread);
}

int mio_runtime_start(struct mio_runtime *self)
{
    if (self->was_started)
        return MIO_EBUSY;
    choose_cpus(self);
    int watched = mio_watchdog_start(self->watchdog);
    if (watched < 0)
        return watched;
    for (uint32_t i = 0; i < self->reactors_count; i++) {
        int result = mio_thread_start(&self->threads[i].thread, run_thread,
                                      &self->threads[i]);
        if (result == 0)
            continue;
        open_gate(self, MIO_GATE_CANCELLED);
        join_threads(self, i);
        ck_pr_store_32(&self->gate, MIO_GATE_SHUT);
        mio_watchdog_stop(self->watchdog);
        return result;
    }
    self->was_started = true;
    self->is_running = true;
    open_gate(self, MIO_GATE_OPEN);
    return 0;
}

int mio_runtime_join(struct mio_runtime *self)
{
    if (self->is_running)
        join_threads(self, self->reactors_count);
    mio_watchdog_stop(self->watchdog);
    self->is_running = false;
    return ck_pr_load_32(&self->common.were_killed) != 0 ? MIO_EKILLED : 0;
}

int mio_runtime_run(struct mio_runtime *self)
{
    int result = mio_runtime_start(self);
    return result < 0 ? result : mio_runtime_join(self);
}

void mio_runtime_stop(struct mio_runtime *self)
{
    mio_common_stop(&self->common);
}

bool mio_runtime_is_stopping(const struct mio_runtime *self)
{
    return mio_common_is_stopping(&self->common);
}

int64_t mio_runtime_stop_within_ns(const struct mio_runtime *self)
{
    return self->common.stop_within_ns;
}

uint32_t mio_runtime_reactors_count(const struct mio_runtime *self)
{
    return self->reactors_count;
}

uint32_t mio_usable_cpus_count(void)
{
    uint32_t cpus = mio_usable_cpus(NULL, 0);
    uint32_t quota = mio_quota_cpus();
    if (quota != 0 && quota < cpus)
        cpus = quota;
    return cpus == 0 ? 1 : cpus;
}
