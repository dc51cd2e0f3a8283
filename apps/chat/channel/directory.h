/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/directory.h - the channels of one reactor, by name.
 *
 * All ops about a channel come here and are forwarded, by moving the message,
 * so nobody ever holds the address of a channel that may end. A channel and
 * its directory are on one reactor: what the directory forwards arrives in the
 * order in which it came, whichever channels it is for. What is for a channel
 * that is not there goes the same way, to an actor that is nobody's channel
 * and says 403: an answer must not overtake those before it. */
#ifndef MIO_APPS_CHAT_CHANNEL_DIRECTORY_H
#define MIO_APPS_CHAT_CHANNEL_DIRECTORY_H

#include "apps/chat/channel/channel.h"
#include "apps/chat/protocol/server.h"

struct chat_directory;

extern const struct mio_actor_class chat_directory_class;

/** The directory of this actor's reactor; NULL once it has ended. */
struct chat_directory *chat_directory_of(const struct mio_actor *actor,
                                         const struct chat_server *server);

/** Forget a channel that ends. */
void chat_directory_remove(struct chat_directory *self,
                           struct chat_channel *channel);

#endif /* MIO_APPS_CHAT_CHANNEL_DIRECTORY_H */
