/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/turn.h - one turn of a reactor's loop. Not installed. */
#ifndef MIO_RUNTIME_REACTOR_TURN_H
#define MIO_RUNTIME_REACTOR_TURN_H

#include "runtime/reactor/reactor.h"

/* Take, dispatch, flush; then look for events, asleep if there is nothing to
 * do, and queue them and the timers that came due. */
void mio_reactor_turn(struct mio_reactor *self);

#endif /* MIO_RUNTIME_REACTOR_TURN_H */
