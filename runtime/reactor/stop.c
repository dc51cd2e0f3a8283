/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/stop.c - see stop.h. */
#include "runtime/reactor/stop.h"

#include <ck_pr.h>

#include "runtime/reactor/dispatch.h"

void mio_reactor_tell_stop(struct mio_actor *actor)
{
    if (!actor->is_internal && !actor->is_supervised &&
        actor->stop.link == NULL)
        mio_reactor_enqueue(actor->reactor, &actor->stop);
}

void mio_reactor_begin_stop(struct mio_reactor *self)
{
    self->is_stopping = true;
    struct mio_actor *actor = self->actors;
    for (; actor != NULL; actor = actor->next)
        mio_reactor_tell_stop(actor);
    self->now_ns = mio_clock_monotonic_ns();
    int64_t within_ns = self->common->stop_within_ns;
    mio_timer_wheel_insert(&self->wheel, &self->stop_deadline,
                           within_ns > MIO_NO_DEADLINE - self->now_ns
                               ? MIO_NO_DEADLINE
                               : self->now_ns + within_ns);
    /* If there was no actor anywhere, nobody else will notice. */
    mio_common_try_end(self->common);
}

static void tell_killed(const struct mio_actor *actor)
{
    const char *name = actor->actor_class->name;
    mio_log_print(actor->reactor->common->log, MIO_LOG_WARNING,
                  "actor %016llx (%s%s%s) had not stopped in time: killed",
                  (unsigned long long)actor->id.value, name != NULL ? name : "",
                  actor->label != NULL ? " " : "",
                  actor->label != NULL ? actor->label : "");
}

void mio_reactor_kill_all(struct mio_reactor *self)
{
    self->is_killing = true;
    struct mio_actor *actor = self->actors;
    for (; actor != NULL; actor = actor->next) {
        if (actor->is_internal)
            continue;
        ck_pr_store_32(&self->common->were_killed, 1);
        tell_killed(actor);
        mio_reactor_end_later(actor, MIO_EKILLED);
    }
    mio_reactor_end_all(self);
}

void mio_reactor_end_internals(struct mio_reactor *self)
{
    struct mio_actor *actor = self->actors;
    for (; actor != NULL; actor = actor->next)
        mio_reactor_end_later(actor, MIO_ESTOPPED);
    mio_reactor_end_all(self);
}
