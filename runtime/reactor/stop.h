/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/stop.h - how a reactor stops. Not installed.
 *
 * A stop is an entry for each actor, so that what was sent before is handled
 * before. Who still lives at the deadline is killed. */
#ifndef MIO_RUNTIME_REACTOR_STOP_H
#define MIO_RUNTIME_REACTOR_STOP_H

#include "runtime/reactor/reactor.h"

/* Tell all actors, and start the deadline. */
void mio_reactor_begin_stop(struct mio_reactor *self);

/* Tell one; also one that begins while the reactor stops. */
void mio_reactor_tell_stop(struct mio_actor *actor);

/* The deadline has passed. */
void mio_reactor_kill_all(struct mio_reactor *self);

/* The runtime has ended: end the actors that do not count. */
void mio_reactor_end_internals(struct mio_reactor *self);

#endif /* MIO_RUNTIME_REACTOR_STOP_H */
