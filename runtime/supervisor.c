/* SPDX-License-Identifier: MIT
 *
 * runtime/supervisor.c - see supervisor.h: when children are started and
 * stopped. How that is done is child.c's business.
 *
 * It never waits. It rises: starts the child at the cursor, and goes on when
 * that is up. It falls: stops the child at the cursor, going back, and goes on
 * when that is down; at the floor it rises again, or ends. Otherwise it is
 * steady. */
#include "runtime/supervisor.h"

#include <stdlib.h>

#include "core/assert.h"
#include "core/clock.h"
#include "runtime/actor_private.h"
#include "runtime/child.h"
#include "runtime/count.h"
#include "runtime/supervisor_private.h"

#define RESTARTS_MAX_DEFAULT 1 /* as OTP's intensity and period */
#define PERIOD_DEFAULT_NS (5 * MIO_NS_PER_S)

static void started(struct mio_actor *actor, struct mio_child *child);
static void ended(struct mio_actor *actor, struct mio_child *child, int reason);

static const struct mio_child_news news = {.started = started, .ended = ended};

/* --- the list of children ------------------------------------------------ */

int mio_supervisor_add(struct mio_supervisor *self,
                       const struct mio_child_spec *spec, bool is_dynamic,
                       struct mio_child **out)
{
    struct mio_child *child =
        mio_child_new(self->self, spec, &news, is_dynamic);
    if (child == NULL)
        return MIO_ENOMEM;
    int result = mio_slab_insert(&self->children, child, &child->key);
    if (result < 0) {
        mio_child_free(child);
        return result;
    }
    child->number = ++self->numbers_count;
    child->is_new = true;
    child->is_dynamic = is_dynamic;
    child->previous = self->last;
    *(self->last != NULL ? &self->last->next : &self->first) = child;
    self->last = child;
    *out = child;
    return 0;
}

void mio_supervisor_forget(struct mio_supervisor *self, struct mio_child *child)
{
    MIO_ASSERT(mio_child_is_down(child));
    if (self->cursor == child)
        self->cursor = self->phase == MIO_SUPERVISOR_FALLING ? child->previous
                                                             : child->next;
    *(child->previous != NULL ? &child->previous->next : &self->first) =
        child->next;
    *(child->next != NULL ? &child->next->previous : &self->last) =
        child->previous;
    (void)mio_slab_remove(&self->children, child->key);
    mio_child_free(child);
}

/* --- rising and falling -------------------------------------------------- */

static void become_steady(struct mio_supervisor *self)
{
    self->phase = MIO_SUPERVISOR_STEADY;
    if (self->is_first)
        mio_actor_tell_started(self->self, true);
    self->is_first = false;
    mio_supervisor_run_waiting(self);
}

static void start_child(struct mio_child *child)
{
    child->is_unwanted = false;
    mio_child_start(child);
}

/* One that is not down was started before us, or is being so. */
static void rise(struct mio_supervisor *self)
{
    self->phase = MIO_SUPERVISOR_RISING;
    struct mio_child *child = self->cursor;
    while (child != NULL && child->state == MIO_CHILD_RUNNING)
        child = child->next;
    self->cursor = child;
    if (child == NULL)
        become_steady(self);
    else if (mio_child_is_down(child))
        start_child(child);
}

static void rise_from_floor(struct mio_supervisor *self)
{
    self->cursor = self->first;
    while (self->cursor != NULL && self->cursor->number < self->floor)
        self->cursor = self->cursor->next;
    rise(self);
}

static void fall(struct mio_supervisor *self)
{
    struct mio_child *child = self->cursor;
    while (child != NULL && child->number >= self->floor &&
           mio_child_is_down(child))
        child = child->previous;
    self->cursor = child;
    if (child != NULL && child->number >= self->floor)
        mio_child_stop(child);
    else if (self->is_ending)
        mio_actor_exit(self->self, self->reason);
    else
        rise_from_floor(self);
}

static void fall_to(struct mio_supervisor *self, uint64_t number)
{
    if (self->phase != MIO_SUPERVISOR_FALLING) {
        self->phase = MIO_SUPERVISOR_FALLING;
        self->cursor = self->last;
        self->floor = number;
    } else if (number < self->floor) {
        self->floor = number; /* it goes on, only further */
    }
    fall(self);
}

/* The children first; then the supervisor, with the first reason. */
static void end(struct mio_supervisor *self, int reason)
{
    if (!self->is_ending)
        self->reason = reason;
    self->is_ending = true;
    fall_to(self, 0);
}

/* --- a child ended ------------------------------------------------------- */

static bool shall_restart(const struct mio_child *child, int reason)
{
    switch (child->spec.restart) {
    case MIO_PERMANENT:
        return true;
    case MIO_TRANSIENT:
        return reason < 0 && reason != MIO_ESTOPPED;
    case MIO_TEMPORARY:
        break;
    }
    return false;
}

/* Count a restart; false: too many. The ring holds the last restarts_max: one
 * more is too many if the oldest is not older than the period. */
static bool may_restart(struct mio_supervisor *self)
{
    uint32_t max = self->restarts_max;
    int64_t period_ns =
        self->spec->period_ns != 0 ? self->spec->period_ns : PERIOD_DEFAULT_NS;
    int64_t now_ns = mio_clock_monotonic_ns();
    if (max == 0 ||
        (self->restarts_count == max &&
         now_ns - self->restarts_ns[self->restarts_next] <= period_ns))
        return false;
    self->restarts_ns[self->restarts_next] = now_ns;
    self->restarts_next = (self->restarts_next + 1) % max;
    if (self->restarts_count < max)
        self->restarts_count++;
    return true;
}

static void restart(struct mio_supervisor *self, struct mio_child *child)
{
    child->restarts_count++;
    mio_count(&self->self->reactor->counters.restarts);
    switch (self->spec->strategy) {
    case MIO_ONE_FOR_ONE:
        start_child(child);
        break;
    case MIO_ONE_FOR_ALL:
        fall_to(self, 0);
        break;
    case MIO_REST_FOR_ONE:
        fall_to(self, child->number);
        break;
    }
}

/* It is not started anew now: it stays in the list, down, or is forgotten. */
static void leave_down(struct mio_supervisor *self, struct mio_child *child)
{
    if (child->is_dynamic || child->spec.restart == MIO_TEMPORARY)
        mio_supervisor_forget(self, child);
}

/* It ended because we let all fall, or meanwhile: whoever is not forgotten
 * rises with the others. */
static void ended_falling(struct mio_supervisor *self, struct mio_child *child)
{
    if (child->is_unwanted || child->spec.restart == MIO_TEMPORARY ||
        (child->is_dynamic && child->is_new))
        leave_down(self, child);
    fall(self);
}

/* Nobody will start it, not even the rise that waited for it. */
static void ended_for_good(struct mio_supervisor *self, struct mio_child *child)
{
    bool was_awaited =
        self->phase == MIO_SUPERVISOR_RISING && self->cursor == child;
    if (was_awaited)
        self->cursor = child->next;
    leave_down(self, child);
    if (was_awaited)
        rise(self);
}

static void ended(struct mio_actor *actor, struct mio_child *child, int reason)
{
    struct mio_supervisor *self = mio_actor_state(actor);
    mio_supervisor_answer_ended(self, child, reason);
    /* The first that holds decides, so that two may say the same. */
    /* NOLINTBEGIN(bugprone-branch-clone) */
    if (self->phase == MIO_SUPERVISOR_FALLING && child->number >= self->floor)
        ended_falling(self, child);
    else if (child->is_unwanted || (child->is_dynamic && child->is_new))
        ended_for_good(self, child);
    else if (self->is_first && child->is_new)
        end(self, reason < 0 ? reason : MIO_ESTOPPED);
    else if (!shall_restart(child, reason))
        ended_for_good(self, child);
    else if (!may_restart(self))
        end(self, MIO_ERESTARTS);
    else
        restart(self, child);
    /* NOLINTEND(bugprone-branch-clone) */
}

static void started(struct mio_actor *actor, struct mio_child *child)
{
    struct mio_supervisor *self = mio_actor_state(actor);
    child->is_new = false;
    mio_supervisor_answer_up(self, child);
    if (self->phase == MIO_SUPERVISOR_RISING && self->cursor == child)
        rise(self);
}

/* --- the actor ----------------------------------------------------------- */

static bool is_complete(const struct mio_child_spec *spec)
{
    return (spec->actor_class != NULL) != (spec->supervisor != NULL);
}

static int add_table(struct mio_supervisor *self)
{
    const struct mio_supervisor_spec *spec = self->spec;
    struct mio_child *child;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < spec->children_count; i++)
        result =
            is_complete(&spec->children[i])
                ? mio_supervisor_add(self, &spec->children[i], false, &child)
                : MIO_EINVAL;
    return result;
}

static int make_ring(struct mio_supervisor *self)
{
    uint32_t max = self->spec->restarts_max;
    if (max == MIO_NO_RESTARTS)
        return 0; /* there is none, then */
    self->restarts_max = max != 0 ? max : RESTARTS_MAX_DEFAULT;
    self->restarts_ns = calloc(self->restarts_max, sizeof(int64_t));
    return self->restarts_ns != NULL ? 0 : MIO_ENOMEM;
}

#define CHILDREN_INITIAL 8 /* room for so many; it grows */

static int supervisor_init(struct mio_actor *actor, void *state,
                           const void *argument, size_t argument_size)
{
    struct mio_supervisor *self = state;
    MIO_ASSERT(argument_size == sizeof(self->spec));
    self->spec = *(const struct mio_supervisor_spec *const *)argument;
    self->self = actor;
    self->waiting_tail = &self->waiting;
    int result = mio_slab_init(&self->children, CHILDREN_INITIAL, UINT32_MAX);
    if (result == 0)
        result = make_ring(self);
    if (result == 0)
        result = add_table(self);
    if (result < 0)
        return result;
    actor->starts_later = true;
    self->is_first = true;
    self->cursor = self->first;
    rise(self);
    return 0;
}

static int supervisor_stop(struct mio_actor *actor, void *state)
{
    (void)actor;
    end(state, MIO_ESTOPPED);
    return 0;
}

/* In order, nobody is left here. After a kill all may be. */
static void supervisor_exit(struct mio_actor *actor, void *state, int reason)
{
    struct mio_supervisor *self = state;
    (void)actor;
    (void)reason;
    mio_supervisor_refuse_waiting(self);
    while (self->last != NULL) {
        struct mio_child *child = self->last;
        self->last = child->previous;
        mio_child_free(child);
    }
    mio_slab_deinit(&self->children);
    free(self->restarts_ns);
}

static const struct mio_actor_class supervisor_class = {
    .name = "mio.supervisor",
    .state_size = sizeof(struct mio_supervisor),
    .init = supervisor_init,
    .stop = supervisor_stop,
    .exit = supervisor_exit,
};

const struct mio_actor_class *mio_supervisor_class(void)
{
    return &supervisor_class;
}

int mio_supervisor_spawn(struct mio_actor *self, uint32_t reactor,
                         const struct mio_supervisor_spec *spec,
                         mio_actor_id *out)
{
    MIO_ASSERT(spec != NULL);
    return mio_spawn_on(self, reactor, &supervisor_class, &spec, sizeof(spec),
                        out);
}
