/* SPDX-License-Identifier: MIT
 *
 * apps/chat/actors.h - the actors of each reactor are begun. */
#ifndef MIO_APPS_CHAT_ACTORS_H
#define MIO_APPS_CHAT_ACTORS_H

#include "apps/chat/protocol/server.h"
#include "core/error.h"

/** Spawn the three actors of each reactor; the runtime does not run yet.
 *  Returns as mio_runtime_spawn. */
MIO_NODISCARD int chat_server_spawn(struct chat_server *self);

#endif /* MIO_APPS_CHAT_ACTORS_H */
