/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/dispatch.h - one entry to its actor. Not installed. */
#ifndef MIO_RUNTIME_REACTOR_DISPATCH_H
#define MIO_RUNTIME_REACTOR_DISPATCH_H

#include "runtime/reactor/reactor.h"

/* Handle the head of the queue, which must not be empty. */
void mio_reactor_dispatch(struct mio_reactor *self);

/* A callback of an actor returned `result`: publish what it sent, and end those
 * who shall. The actor may be gone afterwards. */
void mio_reactor_settle(struct mio_reactor *self, struct mio_actor *actor,
                        int result);

/* End all who were asked to. */
void mio_reactor_end_all(struct mio_reactor *self);

/* Drop all that is queued, unhandled. */
void mio_reactor_drop_queue(struct mio_reactor *self);

#endif /* MIO_RUNTIME_REACTOR_DISPATCH_H */
