/* SPDX-License-Identifier: MIT
 *
 * net/server/input.h - how bytes get from a connection's stream to its owner.
 *
 * Each function returns 0, or the code for which the connection closes. Not
 * installed. */
#ifndef MIO_NET_SERVER_INPUT_H
#define MIO_NET_SERVER_INPUT_H

#include <stdint.h>

#include "net/server/connection_private.h"

/* The poll reported readiness. */
int mio_input_ready(struct mio_connection *self, uint32_t readiness);

/* Hand over what waits for it, or read on; at most one read. */
int mio_input_continue(struct mio_connection *self);

/* After a pause: offer again what was not consumed, by an entry. */
void mio_input_resume(struct mio_connection *self);

/* Forget what was read and not consumed. Not while `data` runs. */
void mio_input_clear(struct mio_connection *self);

#endif /* MIO_NET_SERVER_INPUT_H */
