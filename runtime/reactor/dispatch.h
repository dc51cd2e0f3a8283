/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/dispatch.h - one entry to its actor. Not installed. */
#ifndef MIO_RUNTIME_REACTOR_DISPATCH_H
#define MIO_RUNTIME_REACTOR_DISPATCH_H

#include "runtime/reactor/mail.h"
#include "runtime/reactor/reactor.h"

/* Handle entries until the queue is empty, at most so many.
 * Returns how many. */
uint32_t mio_reactor_run_queue(struct mio_reactor *self, uint32_t entries_max);

/* The same, and say of each what it is before: see the watchdog. */
uint32_t mio_reactor_run_watched(struct mio_reactor *self,
                                 uint32_t entries_max);

/* Handle the first, which is there, and take its time. Returns how many: 0 if
 * nothing stood behind a signpost. */
uint32_t mio_reactor_run_sampled(struct mio_reactor *self);

/* End all who were asked to. */
void mio_reactor_end_all(struct mio_reactor *self);

/* A callback of an actor returned `result`: publish what it sent, and end those
 * who shall. The actor may be gone afterwards. */
static inline void mio_reactor_settle(struct mio_reactor *self,
                                      struct mio_actor *actor, int result)
{
    mio_reactor_publish(self);
    if (__builtin_expect(result < 0, 0))
        mio_reactor_end_later(actor, result);
    if (__builtin_expect(self->ending != NULL, 0))
        mio_reactor_end_all(self);
}

/* Drop all that is queued, unhandled. */
void mio_reactor_drop_queue(struct mio_reactor *self);

#endif /* MIO_RUNTIME_REACTOR_DISPATCH_H */
