/* SPDX-License-Identifier: MIT
 *
 * net/server/output.h - how what is queued gets to a connection's stream. Not
 * installed. */
#ifndef MIO_NET_SERVER_OUTPUT_H
#define MIO_NET_SERVER_OUTPUT_H

#include "net/server/connection_private.h"

/* Write at the end of the turn, if the stream takes anything. */
void mio_output_schedule(struct mio_connection *self);

/* The poll reported that it is writable. */
void mio_output_ready(struct mio_connection *self);

/* The end of the turn: one gathered write. */
void mio_output_flush(struct mio_actor *actor, void *state);

/* One attempt, before the stream is closed. */
void mio_output_last(struct mio_connection *self);

#endif /* MIO_NET_SERVER_OUTPUT_H */
