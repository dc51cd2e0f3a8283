/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/turn.c - see turn.h. Step 3 of a byte's walk. */
#include "runtime/reactor/turn.h"

#include <ck_pr.h>

#include "core/assert.h"
#include "runtime/count.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"
#include "runtime/reactor/stop.h"

/* --- entries ------------------------------------------------------------- */

/* Is it time to look for events? Asked seldom enough not to cost more than it
 * saves. */
static void read_clock(struct mio_reactor *self)
{
    int64_t before_ns = self->now_ns;
    self->now_ns = mio_clock_monotonic_ns();
    bool is_quick = self->now_ns - before_ns <
                    (int64_t)self->entries_clocked * MIO_QUICK_NS;
    self->clock_interval =
        is_quick ? MIO_CLOCK_ENTRIES_QUICK : MIO_CLOCK_ENTRIES;
    self->entries_clocked = 0;
    mio_gauge_see_queue(&self->gauge, &self->queue);

    int64_t elapsed_ns = self->now_ns - self->looked_ns;
    self->must_look = elapsed_ns >= MIO_LOOK_MAX_NS ||
                      (elapsed_ns >= MIO_LOOK_MIN_NS &&
                       self->entries_looked >= MIO_LOOK_ENTRIES);
}

/* Up to the next sample, and that. */
static uint32_t run_some(struct mio_reactor *self, uint32_t entries_max)
{
    struct mio_gauge *gauge = &self->gauge;
    if (gauge->sample_after == 0)
        return mio_reactor_run_sampled(self);
    if (entries_max > gauge->sample_after)
        entries_max = gauge->sample_after;
    uint32_t count = gauge->is_watched
                         ? mio_reactor_run_watched(self, entries_max)
                         : mio_reactor_run_queue(self, entries_max);
    gauge->sample_after -= count;
    return count;
}

/* Dispatch until the queue is empty or it is time to look for events. */
static void run_queue(struct mio_reactor *self)
{
    while (!mio_queue_is_empty(&self->queue) && !self->must_look) {
        uint32_t count =
            run_some(self, self->clock_interval - self->entries_clocked);
        mio_count_add(&self->counters.entries, count);
        self->entries_looked += count;
        self->entries_clocked += count;
        if (self->entries_clocked >= self->clock_interval)
            read_clock(self);
    }
}

/* The same, and what comes in meanwhile. */
static void run_entries(struct mio_reactor *self)
{
    do {
        mio_reactor_take(self);
        run_queue(self);
    } while (!self->must_look && mio_inbox_has_mail(&self->mailbox->inbox));
}

/* Output is gathered as long as there are entries that may add to it: one write
 * of much costs little more than one of little. But it does not wait longer
 * than this behind a queue that never runs empty. */
#define MIO_FLUSH_WAIT_MAX_NS (2 * MIO_NS_PER_MS)

static bool must_flush(const struct mio_reactor *self)
{
    if (self->flush_first == NULL)
        return false;
    return mio_queue_is_empty(&self->queue) ||
           self->now_ns - self->flush_since_ns >= MIO_FLUSH_WAIT_MAX_NS;
}

static void run_flush(struct mio_reactor *self, struct mio_actor_flush *flush)
{
    struct mio_actor *actor = flush->actor;
    flush->is_scheduled = false;
    if (actor->is_over) {
        mio_reactor_release(actor);
        return;
    }
    actor->pending_count--;
    mio_count(&self->counters.flushes);
    if (self->gauge.is_watched)
        mio_gauge_at(&self->gauge, actor->id, actor->actor_class, "flush");
    flush->flush(actor, actor->state);
    mio_reactor_settle(self, actor, 0);
}

static void run_flushes(struct mio_reactor *self)
{
    struct mio_actor_flush *flush = self->flush_first;
    /* What is scheduled from here on is for the next time. */
    self->flush_first = NULL;
    self->flush_tail = &self->flush_first;
    while (flush != NULL) {
        struct mio_actor_flush *next = flush->next;
        run_flush(self, flush);
        flush = next;
    }
}

/* --- events and timers --------------------------------------------------- */

static void queue_readiness(struct mio_reactor *self,
                            struct mio_actor_source *watch, uint32_t readiness)
{
    watch->readiness |= readiness;
    if (watch->entry.link == NULL)
        mio_reactor_enqueue(self, &watch->entry);
}

static void queue_events(struct mio_reactor *self)
{
    struct mio_event event;
    while (mio_events_next(self->events, &event)) {
        struct mio_actor_source *watch = mio_token_ptr(event.token);
        if (watch == NULL)
            continue; /* the bell: its work is done by our being awake */
        mio_count(&self->counters.events);
        queue_readiness(self, watch, event.readiness);
    }
}

static struct mio_actor_timer *timer_of(struct mio_timer *timer)
{
    return (struct mio_actor_timer *)(void *)((unsigned char *)timer -
                                              offsetof(struct mio_actor_timer,
                                                       timer));
}

static void queue_timers(struct mio_reactor *self)
{
    mio_timer_wheel_advance(&self->wheel, self->now_ns);
    struct mio_timer *timer;
    while ((timer = mio_timer_wheel_take(&self->wheel)) != NULL) {
        if (timer == &self->stop_deadline) {
            mio_reactor_kill_all(self);
            continue;
        }
        mio_count(&self->counters.timers);
        struct mio_actor_timer *owned = timer_of(timer);
        if (owned->entry.actor == NULL)
            self->life->delayed(self, owned);
        else
            mio_reactor_enqueue(self, &owned->entry);
    }
}

/* --- looking for events -------------------------------------------------- */

/* How long we may sleep: until the next timer. */
static int64_t sleep_ns(struct mio_reactor *self)
{
    int64_t deadline_ns = mio_timer_wheel_deadline(&self->wheel);
    if (deadline_ns == MIO_NO_DEADLINE)
        return MIO_FOREVER;
    return deadline_ns > self->now_ns ? deadline_ns - self->now_ns : 0;
}

/* The time is read, and all counts towards the next look begin anew. */
static void looked(struct mio_reactor *self)
{
    self->now_ns = mio_clock_monotonic_ns();
    self->looked_ns = self->now_ns;
    self->entries_looked = 0;
    self->entries_clocked = 0;
    self->clock_interval = MIO_CLOCK_ENTRIES;
    self->must_look = false;
}

/* All is done that can be before the look: one reading of the clock, beside a
 * system call. */
static void end_busy(struct mio_reactor *self)
{
    self->now_ns = mio_clock_monotonic_ns();
    if (self->gauge.is_watched)
        mio_gauge_at_nothing(&self->gauge);
    mio_gauge_turned(&self->gauge, self->now_ns, self->looked_ns, &self->queue);
}

static void look(struct mio_reactor *self, int64_t timeout_ns)
{
    mio_count(&self->counters.waits);
    int result = mio_poll_wait(self->poll, self->events, timeout_ns);
    /* Whatever else the system says, nothing was reported: mail and timers go
     * on, and the next turn looks again. */
    MIO_ASSERT(result != MIO_EBUSY);
    looked(self);
}

static void sleep_parked(struct mio_reactor *self, int64_t timeout_ns)
{
    mio_count(&self->counters.parks);
    ck_pr_store_64(&self->gauge.is_parked, 1);
    look(self, timeout_ns);
    ck_pr_store_64(&self->gauge.is_parked, 0);
    struct mio_mail mail = mio_inbox_unpark(&self->mailbox->inbox);
    mio_reactor_join(self, &mail);
}

/* Nothing is left to do here: sleep, unless there is mail or a timer is due.
 * Returns false if no look was taken, as there is mail to be handled first. */
static bool look_idle(struct mio_reactor *self)
{
    /* A look would be a system call for nothing. */
    if (!self->must_look && mio_inbox_has_mail(&self->mailbox->inbox))
        return false;
    mio_reactor_send_home(self);
    end_busy(self);
    int64_t timeout_ns = sleep_ns(self);
    if (timeout_ns != 0 && mio_inbox_park(&self->mailbox->inbox))
        sleep_parked(self, timeout_ns);
    else
        look(self, 0);
    return true;
}

static bool is_idle(const struct mio_reactor *self)
{
    return mio_queue_is_empty(&self->queue) && self->flush_first == NULL;
}

void mio_reactor_turn(struct mio_reactor *self)
{
    mio_count(&self->counters.turns);
    if (!self->is_stopping && mio_common_is_stopping(self->common))
        mio_reactor_begin_stop(self);
    run_entries(self);
    mio_reactor_publish(self);
    if (must_flush(self))
        run_flushes(self);

    if (!is_idle(self)) {
        end_busy(self);
        look(self, 0);
    } else if (!look_idle(self)) {
        return;
    }
    queue_events(self);
    queue_timers(self);
}

void mio_reactor_run(struct mio_reactor *self)
{
    looked(self);
    while (!mio_common_is_ended(self->common))
        mio_reactor_turn(self);
    mio_reactor_end_internals(self);
}
