/* SPDX-License-Identifier: MIT
 *
 * net/server/acceptor.h - takes peers off a listener, and refuses them well.
 *
 * The part of a branch that accepts. Whatever the system answers, it neither
 * spins nor gives up: it goes on, refuses one peer with the spare descriptor,
 * or pauses for a moment. Not installed. */
#ifndef MIO_NET_SERVER_ACCEPTOR_H
#define MIO_NET_SERVER_ACCEPTOR_H

#include <stdbool.h>

#include "core/visibility.h"
#include "net/address.h"
#include "net/reserve_handle.h"
#include "net/tcp_listener.h"
#include "net/tcp_stream.h"
#include "runtime/actor.h"

struct mio_server_branch;

/* A peer that was accepted and whose actor has not begun. In a list, in the
 * order of acceptance, so that it can be closed if that actor never begins. */
struct mio_arrival {
    struct mio_arrival *next;
    struct mio_server_branch *branch;
    struct mio_tcp_stream stream;
    struct mio_address peer;
};

/* What the runtime links: part of the state of the branch's actor, since the
 * runtime is done with it only after that actor's exit. */
struct mio_acceptor_life {
    struct mio_actor_source watch;
    struct mio_actor_entry again; /* goes on where an entry left off */
    struct mio_actor_timer pause;
};

struct mio_acceptor {
    struct mio_tcp_listener listener;
    struct mio_reserve_handle reserve;
    struct mio_acceptor_life *life; /* NULL while it does not accept */
    bool is_paused;
    bool lacks_reserve; /* counted in the server: see acceptor.c */
    struct mio_arrival *arrivals;
    struct mio_arrival *arrivals_last;
    struct mio_arrival *idle; /* as many as ever waited at once */
};

/* Without a listener. */
void mio_acceptor_init(struct mio_acceptor *self);

/* Listen. Returns as mio_tcp_listener_open and mio_reserve_handle_open. */
MIO_NODISCARD int
mio_acceptor_open(struct mio_acceptor *self, const struct mio_address *at,
                  const struct mio_tcp_listen_options *options);

/* Begin to accept, for the branch's actor. Returns as mio_actor_watch. */
MIO_NODISCARD int mio_acceptor_start(struct mio_acceptor *self,
                                     struct mio_server_branch *branch,
                                     struct mio_acceptor_life *life);

/* Refuse those who wait, then close the listener: closing it alone would reset
 * them. Nothing if it was not started. */
void mio_acceptor_stop(struct mio_acceptor *self,
                       struct mio_server_branch *branch);

/* Close the listener at once, started or not. */
void mio_acceptor_close(struct mio_acceptor *self);

/* Release everything, peers whose actors never began too. */
void mio_acceptor_deinit(struct mio_acceptor *self);

/* Tell a peer why it is refused, and close its stream. */
void mio_acceptor_refuse(struct mio_server_branch *branch,
                         struct mio_actor *actor,
                         struct mio_tcp_stream *stream);

/* Take an arrival's stream and peer: its actor has begun. Those before it are
 * refused. */
void mio_acceptor_take_arrival(struct mio_arrival *arrival,
                               struct mio_actor *actor,
                               struct mio_tcp_stream *stream,
                               struct mio_address *peer);

#endif /* MIO_NET_SERVER_ACCEPTOR_H */
