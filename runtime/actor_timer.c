/* SPDX-License-Identifier: MIT
 *
 * runtime/actor_timer.c - timers of actors. See actor.h. */
#include "core/assert.h"
#include "core/clock.h"
#include "runtime/actor.h"
#include "runtime/actor_private.h"

static void link_timer(struct mio_actor *self, struct mio_actor_timer *timer)
{
    timer->next = self->timers;
    timer->link = &self->timers;
    if (timer->next != NULL)
        timer->next->link = &timer->next;
    self->timers = timer;
}

static void unlink_timer(struct mio_actor_timer *timer)
{
    *timer->link = timer->next;
    if (timer->next != NULL)
        timer->next->link = timer->link;
    timer->link = NULL;
}

static int handle_fired(struct mio_actor *self, void *state,
                        struct mio_actor_entry *entry)
{
    struct mio_actor_timer *timer = (struct mio_actor_timer *)entry;
    unlink_timer(timer); /* it may be started anew, or its memory freed */
    return timer->fired(self, state, timer);
}

void mio_actor_timer_init(struct mio_actor_timer *timer, struct mio_actor *self,
                          int (*fired)(struct mio_actor *self, void *state,
                                       struct mio_actor_timer *timer))
{
    MIO_ASSERT(fired != NULL);
    mio_actor_entry_init(&timer->entry, self, handle_fired);
    mio_timer_init(&timer->timer);
    timer->next = NULL;
    timer->link = NULL;
    timer->fired = fired;
}

/* now + delay, from the clock itself: the reactor's time is a little old, and a
 * timer must not be early. */
int64_t mio_deadline_in(int64_t delay_ns)
{
    int64_t now_ns = mio_clock_monotonic_ns();
    if (delay_ns < 0)
        delay_ns = 0;
    return delay_ns > MIO_NO_DEADLINE - now_ns ? MIO_NO_DEADLINE
                                               : now_ns + delay_ns;
}

void mio_actor_timer_start(struct mio_actor_timer *timer, int64_t delay_ns)
{
    struct mio_actor *self = timer->entry.actor;
    (void)mio_actor_timer_cancel(timer);
    link_timer(self, timer);
    mio_timer_wheel_insert(&self->reactor->wheel, &timer->timer,
                           mio_deadline_in(delay_ns));
}

bool mio_actor_timer_cancel(struct mio_actor_timer *timer)
{
    if (timer->link == NULL)
        return false;
    unlink_timer(timer);
    if (!mio_timer_wheel_cancel(&timer->entry.actor->reactor->wheel,
                                &timer->timer))
        (void)mio_actor_dequeue(&timer->entry); /* its time had come */
    return true;
}

void mio_actor_cancel_all(struct mio_actor *self)
{
    while (self->timers != NULL)
        (void)mio_actor_timer_cancel(self->timers);
}
