/* SPDX-License-Identifier: MIT
 *
 * runtime/child.c - see child.h.
 *
 * News of a child carry its address in memory. That is good: they reach the
 * supervisor only while it lives (the address that they are sent to names one
 * life of it), and while it lives it forgets no child that is not down. */
#include "runtime/child.h"

#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "core/clock.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/mail.h"

#define STOP_WITHIN_NS (5 * MIO_NS_PER_S) /* as OTP's workers have */

/* The payload of `started`. */
struct up {
    struct mio_child *child;
    mio_actor_id supervisor;
    bool is_up;
};

/* --- news ---------------------------------------------------------------- */

static void handle_up(struct mio_reactor *reactor, struct mio_actor *to,
                      struct mio_message *message)
{
    struct up *up = mio_message_payload(message);
    if (to == NULL) {
        mio_reactor_message_free(reactor, message);
        return;
    }
    struct mio_child *child = up->child;
    child->started = message; /* for the next life */
    if (!up->is_up)
        return; /* its end follows */
    if (child->state == MIO_CHILD_STARTING)
        child->state = MIO_CHILD_RUNNING;
    child->news->started(to, child);
    mio_reactor_settle(reactor, to, 0);
}

static const struct mio_system_type up_type = {
    .base = {.name = "child up"},
    .handle = handle_up,
};

void mio_child_tell(struct mio_reactor *reactor, mio_actor_id who,
                    struct mio_message *started, bool is_up)
{
    struct up *up = mio_message_payload(started);
    up->is_up = is_up;
    mio_system_send(reactor, who, up->supervisor, &up_type, started);
}

static void end_life(struct mio_child *self, int reason)
{
    self->state = MIO_CHILD_DOWN;
    (void)mio_actor_timer_cancel(&self->patience);
    self->news->ended(self->supervisor, self, reason);
}

static void handle_ended(struct mio_reactor *reactor, struct mio_actor *to,
                         struct mio_message *message)
{
    const struct mio_watch *watch = mio_message_payload(message);
    if (to == NULL) {
        mio_reactor_message_free(reactor, message);
        return;
    }
    struct mio_child *child = (struct mio_child *)(uintptr_t)watch->key;
    child->record = message; /* for the next life */
    end_life(child, watch->reason);
    mio_reactor_settle(reactor, to, 0);
}

static const struct mio_system_type ended_type = {
    .base = {.name = "child ended"},
    .handle = handle_ended,
};

/* --- memory -------------------------------------------------------------- */

static int handle_failure(struct mio_actor *supervisor, void *state,
                          struct mio_actor_entry *entry);
static int handle_patience(struct mio_actor *supervisor, void *state,
                           struct mio_actor_timer *timer);

struct mio_child *mio_child_new(struct mio_actor *supervisor,
                                const struct mio_child_spec *spec,
                                const struct mio_child_news *news, bool copies)
{
    size_t argument_size = copies ? spec->argument_size : 0;
    struct mio_child *self = calloc(1, sizeof(*self) + argument_size);
    if (self == NULL)
        return NULL;
    self->spec = *spec;
    self->supervisor = supervisor;
    self->news = news;
    mio_actor_timer_init(&self->patience, supervisor, handle_patience);
    mio_actor_entry_init(&self->failure, supervisor, handle_failure);
    if (argument_size > 0)
        self->spec.argument =
            memcpy(self->argument, spec->argument, argument_size);
    if (spec->supervisor != NULL) {
        self->spec.actor_class = mio_supervisor_class();
        self->spec.argument = &self->spec.supervisor;
        self->spec.argument_size = sizeof(self->spec.supervisor);
    }
    return self;
}

static void free_message(struct mio_child *self, struct mio_message **message)
{
    if (*message != NULL)
        mio_reactor_message_free(self->supervisor->reactor, *message);
    *message = NULL;
}

static void kill_life(struct mio_child *self)
{
    struct mio_actor *supervisor = self->supervisor;
    struct mio_message *message = self->kill;
    self->kill = NULL;
    if (message != NULL) /* else it was killed before */
        mio_kill_with(supervisor->reactor, supervisor->id, self->id, message);
}

void mio_child_free(struct mio_child *self)
{
    bool has_life =
        !mio_child_is_down(self) && !mio_actor_dequeue(&self->failure);
    (void)mio_actor_timer_cancel(&self->patience);
    if (has_life)
        kill_life(self);
    free_message(self, &self->order);
    free_message(self, &self->record);
    free_message(self, &self->started);
    free_message(self, &self->stop);
    free_message(self, &self->kill);
    free(self);
}

static bool have(struct mio_child *self, struct mio_message **message,
                 size_t size)
{
    if (*message == NULL)
        *message = mio_reactor_message_new(self->supervisor->reactor, size);
    return *message != NULL;
}

static bool have_order(struct mio_child *self)
{
    return have(self, &self->order,
                mio_spawn_order_size(self->spec.argument_size));
}

static bool have_all(struct mio_child *self)
{
    return have_order(self) &&
           have(self, &self->record, sizeof(struct mio_watch)) &&
           have(self, &self->started, sizeof(struct up)) &&
           have(self, &self->stop, 0) && have(self, &self->kill, 0);
}

/* --- a life -------------------------------------------------------------- */

/* Where a place becomes the number of a reactor. */
static uint32_t choose_reactor(const struct mio_child *self)
{
    return self->spec.place == MIO_PLACE_HERE ? self->supervisor->reactor->index
                                              : self->spec.place - 1;
}

static void write_record(struct mio_child *self)
{
    struct mio_watch *watch = mio_message_payload(self->record);
    watch->news = &ended_type;
    watch->watcher = self->supervisor->id;
    watch->key = (uintptr_t)self;
    struct up *up = mio_message_payload(self->started);
    up->child = self;
    up->supervisor = self->supervisor->id;
}

/* All that a life needs is there, and its address is known: from here on, what
 * is sent to the address comes after the order. This is where a name that the
 * child keeps over its lives begins to mean the new address. */
static void send_order(struct mio_child *self)
{
    const struct mio_child_spec *spec = &self->spec;
    struct mio_message *message = self->order;
    mio_spawn_order_write(message, self->id, spec->actor_class, spec->argument,
                          spec->argument_size);
    mio_spawn_limit(self->supervisor->reactor->common, self->id,
                    spec->actor_class);
    write_record(self);
    struct mio_spawn_order *order = mio_message_payload(message);
    order->record = self->record;
    order->started = self->started;
    message->from = self->supervisor->id;
    self->order = NULL;
    self->record = NULL;
    self->started = NULL;
    mio_reactor_send(self->supervisor->reactor, message);
}

static int try_start(struct mio_child *self)
{
    struct mio_reactor *reactor = self->supervisor->reactor;
    if (self->spec.argument_size > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    if (!have_all(self))
        return MIO_ENOMEM;
    int result =
        mio_spawn_reserve(reactor->common, choose_reactor(self), &self->id);
    if (result < 0)
        return result;
    send_order(self);
    /* The one message that a crash uses up; if there is no memory for it now,
     * there may be later. */
    if (self->spec.restart != MIO_TEMPORARY)
        (void)have_order(self);
    return 0;
}

void mio_child_start(struct mio_child *self)
{
    MIO_ASSERT(mio_child_is_down(self));
    self->state = MIO_CHILD_STARTING;
    self->failure_reason = try_start(self);
    /* Not told at once: who restarts, and fails, and restarts must let others
     * have their turn. */
    if (self->failure_reason < 0)
        mio_actor_enqueue(&self->failure);
}

static int handle_failure(struct mio_actor *supervisor, void *state,
                          struct mio_actor_entry *entry)
{
    struct mio_child *self =
        (struct mio_child *)(void *)((unsigned char *)entry -
                                     offsetof(struct mio_child, failure));
    (void)supervisor;
    (void)state;
    end_life(self, self->failure_reason);
    return 0;
}

static int64_t patience_ns(const struct mio_child *self)
{
    if (self->spec.stop_within_ns != MIO_STOP_DEFAULT)
        return self->spec.stop_within_ns;
    return self->spec.supervisor != NULL ? MIO_STOP_PATIENT : STOP_WITHIN_NS;
}

void mio_child_stop(struct mio_child *self)
{
    MIO_ASSERT(!mio_child_is_down(self));
    bool is_told = self->state == MIO_CHILD_STOPPING;
    self->state = MIO_CHILD_STOPPING;
    if (is_told || self->failure.link != NULL)
        return; /* there is no life, and the news of that is queued */
    int64_t within_ns = patience_ns(self);
    if (within_ns == MIO_STOP_KILL) {
        kill_life(self);
        return;
    }
    struct mio_message *message = self->stop;
    self->stop = NULL;
    mio_stop_with(self->supervisor->reactor, self->supervisor->id, self->id,
                  message);
    if (within_ns != MIO_STOP_PATIENT)
        mio_actor_timer_start(&self->patience, within_ns);
}

static int handle_patience(struct mio_actor *supervisor, void *state,
                           struct mio_actor_timer *timer)
{
    struct mio_child *self =
        (struct mio_child *)(void *)((unsigned char *)timer -
                                     offsetof(struct mio_child, patience));
    (void)supervisor;
    (void)state;
    kill_life(self);
    return 0;
}
