/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/nicks.h - who has which nick, for the nicks of one reactor.
 *
 * One actor decides about a nick, so of all who claim it at once exactly one
 * gets it. A nick is held by a connection's id: what a dead one releases late
 * is never another's.
 *
 * The rules are plain functions over this struct; nicks_actor.c makes an actor
 * of it. */
#ifndef MIO_APPS_CHAT_NICK_NICKS_H
#define MIO_APPS_CHAT_NICK_NICKS_H

#include "apps/chat/nick/watchers.h"
#include "apps/chat/nick/whowas.h"
#include "apps/chat/protocol/outbox.h"
#include "apps/chat/protocol/protocol.h"
#include "apps/chat/protocol/table.h"
#include "core/slab.h"

struct chat_nicks {
    const struct chat_server *server;
    uint32_t reactor;
    struct chat_whowas whowas;
    struct chat_watchers watchers;
    /* private */
    struct chat_table records; /* by folded nick */
    struct mio_slab places;    /* for WHO: they do not move */
};

/** Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_nicks_init(struct chat_nicks *self,
                                  const struct chat_server *server,
                                  uint32_t reactor);
void chat_nicks_deinit(struct chat_nicks *self);

/** Do what an op asks for and answer it; or return who is to have it instead
 *  (nobody: it is done with). */
mio_actor_id chat_nicks_receive(struct chat_nicks *self,
                                struct chat_outbox *out, enum chat_op_kind kind,
                                struct chat_op *op);

/** The same for ISON and USERHOST. */
mio_actor_id chat_nicks_find(struct chat_nicks *self, struct chat_outbox *out,
                             struct chat_find *find);

extern const struct mio_actor_class chat_nicks_class;

#endif /* MIO_APPS_CHAT_NICK_NICKS_H */
