/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/server.h - what every actor of the chat knows: the same
 * for all of them, and unchanged from the moment the runtime starts.
 *
 * There are three actors of the server's own on each reactor:
 *
 *   directory   the channels whose names hash to this reactor, each an actor
 *   nicks       the nicks that hash to this reactor: who has which
 *   hub         the clients connected to this reactor
 *
 * main makes one struct chat_server, calls chat_server_init and then
 * chat_server_spawn (actors.h) before it starts the runtime. */
#ifndef MIO_APPS_CHAT_PROTOCOL_SERVER_H
#define MIO_APPS_CHAT_PROTOCOL_SERVER_H

#include <stdint.h>

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/protocol/counts.h"
#include "core/error.h"
#include "runtime/actor.h"
#include "runtime/runtime.h"

struct chat_server {
    /* Set by main before init */
    struct irc_span name;    /* "irc.example.org": the source of numerics */
    struct irc_span network; /* NETWORK of 005 */
    struct irc_hash_key key; /* from the system's randomness */
    struct mio_runtime *runtime;
    uint32_t channels_max; /* of one client; 0 = IRC_CHANNELS_MAX */
    uint32_t bans_max;     /* of one channel; 0 = IRC_BANS_MAX */
    const void *front;     /* the front end's own: options, motd, operators */

    /* Set by init and spawn; each array has one element per reactor */
    int64_t started_ns; /* since 1970 */
    uint32_t reactors_count;
    uint32_t directory_key; /* of mio_actor_local */
    uint32_t hub_key;
    mio_actor_id *directories;
    mio_actor_id *nicks;
    mio_actor_id *hubs;
    struct chat_counts *counts; /* see counts.h: each by its own reactor */
};

/** Prepare: arrays, keys, defaults.
 *  Returns 0 | MIO_ENOMEM | MIO_EFULL (no local keys left). */
MIO_NODISCARD int chat_server_init(struct chat_server *self);

/** Release the arrays, after the runtime was freed. */
void chat_server_deinit(struct chat_server *self);

/** Who is asked about a channel, about a nick. Any spelling of the name. */
mio_actor_id chat_server_directory(const struct chat_server *self,
                                   struct irc_span channel);
mio_actor_id chat_server_nicks(const struct chat_server *self,
                               struct irc_span nick);

#endif /* MIO_APPS_CHAT_PROTOCOL_SERVER_H */
