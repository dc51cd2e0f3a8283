/* SPDX-License-Identifier: MIT
 *
 * runtime/pool.c - see pool.h.
 *
 * A job's record is a message of its reactor's slabs: it waits in the pool's
 * list, is run, and travels back as a system message, in the same memory. What
 * the pool's threads may touch of it is guarded by the lock (its place in the
 * list) or is theirs alone while they run it (result and data); the rest
 * belongs to the reactor, which also frees it. */
#include "runtime/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/mailbox/home.h"
#include "runtime/mailbox/poison.h"
#include "runtime/mailbox/slab.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/system.h"
#include "runtime/runtime_private.h"
#include "runtime/sys/lock.h"

#define THREADS_DEFAULT 4
#define JOBS_DEFAULT 1024

struct record {
    struct mio_attachment attachment; /* to who started it */
    struct mio_job *job;              /* NULL: nobody wants it any more */
    const struct mio_job_class *job_class;
    struct mio_pool *pool;
    struct record *next;  /* in the list of those that wait */
    struct record **link; /* NULL: it is being run, or was */
    size_t size;
    int result;
};

/* The data follow, aligned to 16. */
#define DATA_OFFSET                                                            \
    ((sizeof(struct mio_message) + sizeof(struct record) + 15) / 16 * 16 -     \
     sizeof(struct mio_message))

struct pool_thread {
    struct mio_thread thread;
    struct mio_pool *pool;
    uint32_t index;
};

struct mio_pool {
    struct mio_runtime *runtime;
    struct mio_lock *lock;
    struct record *waiting; /* oldest first */
    struct record **waiting_tail;
    uint32_t jobs_max;
    bool is_closing;
    struct mio_pool_counters counters;
    uint32_t threads_count; /* that were started */
    char name[32];
    struct pool_thread threads[];
};

static struct mio_message *message_of(struct record *record)
{
    return (struct mio_message *)(void *)record - 1;
}

static void *data_of(struct record *record)
{
    return (unsigned char *)record + DATA_OFFSET;
}

static void drop_data(struct record *record)
{
    if (record->job_class->drop != NULL)
        record->job_class->drop(data_of(record), record->size);
}

/* --- the list of those that wait, under the lock ---------------------------
 */

static void append(struct mio_pool *self, struct record *record)
{
    record->next = NULL;
    record->link = self->waiting_tail;
    *self->waiting_tail = record;
    self->waiting_tail = &record->next;
    self->counters.jobs_waiting++;
}

static void take_out(struct mio_pool *self, struct record *record)
{
    *record->link = record->next;
    if (record->next != NULL)
        record->next->link = record->link;
    else
        self->waiting_tail = record->link;
    record->link = NULL;
    self->counters.jobs_waiting--;
}

/* --- the pool's threads ----------------------------------------------------
 */

static void handle_done(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message);

static void drop_done(void *payload, uint32_t size)
{
    (void)size;
    drop_data(payload);
}

static const struct mio_system_type done_type = {
    .base = {.name = "job done", .drop = drop_done},
    .handle = handle_done,
};

/* The reactor has ended: its memory goes home alone. */
static void return_memory(struct mio_runtime *runtime,
                          struct mio_message *message)
{
    if (message->home == MIO_HOME_NONE) {
        mio_runtime_message_free(runtime, message);
        return;
    }
    struct mio_home *home = &runtime->common.mailboxes[message->home].home;
    mio_free_slot_of(message)->ahead = NULL;
    mio_poison_slot(message, mio_slot_size(message->size_class));
    mio_home_push(home, message, message);
}

static void run_job(struct mio_pool *self, struct record *record)
{
    struct mio_message *message = message_of(record);
    record->result =
        record->job_class->run(self->runtime, data_of(record), record->size);
    message->type = &done_type.base;
    message->kind = MIO_ENTRY_SYSTEM;
    /* From here on it is the reactor's, if that is there to take it. */
    if (mio_runtime_push(self->runtime, message) == 0)
        return;
    drop_data(record);
    return_memory(self->runtime, message);
}

/* The next job; NULL: the pool closes. */
static struct record *next_job(struct mio_pool *self)
{
    while (self->waiting == NULL && !self->is_closing)
        mio_lock_wait(self->lock);
    struct record *record = self->waiting;
    if (record != NULL) {
        take_out(self, record);
        MIO_ASSERT(self->waiting != record);
    }
    return record;
}

static void run_thread(void *context)
{
    struct pool_thread *thread = context;
    struct mio_pool *self = thread->pool;
    struct record *record;
    char name[64];
    snprintf(name, sizeof(name), "%s/%u", self->name, thread->index);
    mio_thread_name(name);
    mio_lock_take(self->lock);
    while ((record = next_job(self)) != NULL) {
        self->counters.jobs_running++;
        mio_lock_release(self->lock);
        run_job(self, record);
        mio_lock_take(self->lock);
        self->counters.jobs_running--;
        self->counters.jobs_done++;
    }
    mio_lock_release(self->lock);
}

/* --- making and unmaking ---------------------------------------------------
 */

static int start_threads(struct mio_pool *self, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct pool_thread *thread = &self->threads[i];
        thread->pool = self;
        thread->index = i;
        int result = mio_thread_start(&thread->thread, run_thread, thread);
        if (result < 0)
            return result;
        self->threads_count++;
    }
    return 0;
}

static void join_threads(struct mio_pool *self)
{
    mio_lock_take(self->lock);
    self->is_closing = true;
    mio_lock_wake_all(self->lock);
    mio_lock_release(self->lock);
    for (uint32_t i = 0; i < self->threads_count; i++)
        mio_thread_join(&self->threads[i].thread);
}

static void release(struct mio_pool *self)
{
    join_threads(self);
    mio_lock_free(self->lock);
    free(self);
}

int mio_pool_new(struct mio_pool **out, struct mio_runtime *runtime,
                 const struct mio_pool_options *options)
{
    static const struct mio_pool_options defaults;
    if (options == NULL)
        options = &defaults;
    uint32_t count = options->threads_count;
    if (count == 0)
        count = THREADS_DEFAULT;
    if (count > MIO_POOL_THREADS_MAX)
        return MIO_EINVAL;
    struct mio_pool *self =
        calloc(1, sizeof(*self) + count * sizeof(self->threads[0]));
    if (self == NULL)
        return MIO_ENOMEM;
    self->runtime = runtime;
    self->waiting_tail = &self->waiting;
    self->jobs_max = options->jobs_max != 0 ? options->jobs_max : JOBS_DEFAULT;
    snprintf(self->name, sizeof(self->name), "%s",
             options->name != NULL ? options->name : "pool");
    int result = mio_lock_new(&self->lock);
    if (result < 0) {
        free(self);
        return result;
    }
    result = start_threads(self, count);
    if (result < 0) {
        release(self);
        return result;
    }
    runtime->pools_count++;
    *out = self;
    return 0;
}

void mio_pool_free(struct mio_pool *self)
{
    if (self == NULL)
        return;
    MIO_ASSERT(!self->runtime->is_running);
    /* Actors that end take their jobs back. */
    MIO_ASSERT(self->waiting == NULL);
    self->runtime->pools_count--;
    release(self);
}

void mio_pool_read_counters(struct mio_pool *self,
                            struct mio_pool_counters *out)
{
    mio_lock_take(self->lock);
    *out = self->counters;
    mio_lock_release(self->lock);
}

/* --- jobs, on their actor's reactor ----------------------------------------
 */

void mio_job_init(struct mio_job *job, struct mio_actor *self,
                  int (*done)(struct mio_actor *self, void *state,
                              struct mio_job *job, int result, void *data,
                              size_t size))
{
    MIO_ASSERT(done != NULL);
    *job = (struct mio_job){.actor = self, .done = done};
}

/* The attachment is the first member of the record. */
static void actor_ended(struct mio_actor *actor,
                        struct mio_attachment *attachment)
{
    struct record *record = (struct record *)(void *)attachment;
    (void)actor;
    (void)mio_job_cancel(record->job);
}

static struct record *new_record(struct mio_job *job,
                                 const struct mio_job_class *job_class,
                                 const void *data, size_t size)
{
    struct mio_actor *self = job->actor;
    struct mio_message *message =
        mio_system_new(self->reactor, &done_type, DATA_OFFSET + size);
    if (message == NULL)
        return NULL;
    message->from = (mio_actor_id){0}; /* from outside, as credit counts it */
    message->to = self->id;
    struct record *record = mio_message_payload(message);
    *record = (struct record){
        .attachment = {.ended = actor_ended},
        .job = job,
        .job_class = job_class,
        .size = size,
    };
    if (data == NULL)
        memset(data_of(record), 0, size);
    else if (size > 0)
        memcpy(data_of(record), data, size);
    return record;
}

static bool submit(struct mio_pool *pool, struct record *record)
{
    record->pool = pool;
    mio_lock_take(pool->lock);
    bool has_room = pool->counters.jobs_waiting < pool->jobs_max;
    if (has_room) {
        append(pool, record);
        mio_lock_wake_one(pool->lock);
    } else {
        pool->counters.jobs_refused++;
    }
    mio_lock_release(pool->lock);
    return has_room;
}

int mio_job_start(struct mio_job *job, struct mio_pool *pool,
                  const struct mio_job_class *job_class, const void *data,
                  size_t size)
{
    struct mio_actor *self = job->actor;
    MIO_ASSERT(job_class->run != NULL);
    MIO_ASSERT(pool->runtime == self->reactor->common->runtime);
    if (size > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    if (job->record != NULL)
        return MIO_EALREADY;
    struct record *record = new_record(job, job_class, data, size);
    if (record == NULL)
        return MIO_ENOMEM;
    /* An effect outside: what it does, others may learn past our queues. */
    mio_publish(self);
    if (!submit(pool, record)) {
        mio_reactor_message_free(self->reactor, message_of(record));
        return MIO_EFULL;
    }
    mio_attach(self, &record->attachment);
    job->record = message_of(record);
    return 0;
}

/* Out of the list; false if a thread was faster. */
static bool take_back(struct record *record)
{
    struct mio_pool *pool = record->pool;
    mio_lock_take(pool->lock);
    bool is_waiting = record->link != NULL;
    if (is_waiting)
        take_out(pool, record);
    mio_lock_release(pool->lock);
    return is_waiting;
}

int mio_job_cancel(struct mio_job *job)
{
    if (job->record == NULL)
        return MIO_ENOENT;
    struct record *record = mio_message_payload(job->record);
    job->record = NULL;
    mio_detach(&record->attachment);
    record->job = NULL;
    if (!take_back(record))
        return MIO_EBUSY; /* its result will find nobody */
    drop_data(record);
    mio_reactor_message_free(job->actor->reactor, message_of(record));
    return 0;
}

static void handle_done(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    struct record *record = mio_message_payload(message);
    struct mio_job *job = record->job;
    if (job == NULL) {
        drop_data(record);
        mio_reactor_message_free(reactor, message);
        return;
    }
    MIO_ASSERT(job->actor == to);
    job->record = NULL;
    mio_detach(&record->attachment);
    int result = job->done(to, to->state, job, record->result, data_of(record),
                           record->size);
    mio_reactor_message_free(reactor, message);
    mio_reactor_settle(reactor, to, result);
}
