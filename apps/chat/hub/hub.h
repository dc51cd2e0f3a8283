/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/hub.h - the clients of one reactor, and all that reaches many.
 *
 * A channel sends each hub one message, however many members are there; the
 * hub walks its view of the channel and hands every client a reference to the
 * same bytes. Views change by the effects of these very messages, so in the
 * same order as what is said.
 *
 * The hub is an actor and an object: sessions of its reactor call the functions
 * below directly. */
#ifndef MIO_APPS_CHAT_HUB_HUB_H
#define MIO_APPS_CHAT_HUB_HUB_H

#include <stdint.h>

#include "apps/chat/hub/client.h"
#include "apps/chat/protocol/protocol.h"
#include "apps/chat/protocol/server.h"

struct chat_hub;

extern const struct mio_actor_class chat_hub_class;

/** The hub of this actor's reactor; NULL once it has ended. */
struct chat_hub *chat_hub_of(const struct mio_actor *actor,
                             const struct chat_server *server);

/** Its address: who sends the replies to chat_hub_change. */
mio_actor_id chat_hub_id(const struct chat_hub *self);

/** A connection was opened: from now on it can be reached by its id.
 *  Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_hub_open(struct chat_hub *self,
                                struct chat_client *client);

/** It is a user now: counted, reached by WALLOPS, found by WHOIS. (The RECORD
 *  with CHAT_USER_REGISTERED is the session's to send and await before.) */
void chat_hub_register(struct chat_hub *self, struct chat_client *client);

/** He quits: nothing is delivered to him from now on, his channels lose him,
 *  his neighbours are told, his nicks are released. No reply. Repeated:
 *  nothing. */
void chat_hub_leave(struct chat_hub *self, struct chat_client *client,
                    struct irc_span reason);

/** The connection is gone: leaves first if he has not, then he is forgotten.
 *  Nothing if he was not open. */
void chat_hub_close(struct chat_hub *self, struct chat_client *client,
                    struct irc_span reason);

/** Before a JOIN is sent.
 *  Returns 0 | MIO_EFULL (he is in too many: answer 405) | MIO_ENOMEM. */
MIO_NODISCARD int chat_hub_joining(struct chat_hub *self,
                                   struct chat_client *client,
                                   struct irc_span channel);

/** When the JOIN's last reply came, whatever it says. */
void chat_hub_joined(struct chat_hub *self, struct chat_client *client,
                     struct irc_span channel);

/** Something about him becomes as in `after`. When all who keep it know it and
 *  his neighbours were told, client->user is `after`, and a last REPLY with
 *  `serial` comes to the client's actor, with his own line where there is one
 *  (NICK, SETNAME, CHGHOST, ACCOUNT). `text`: the away message. Not for QUIT.
 *  Returns 0 | MIO_ENOMEM: nothing was changed, no reply. */
MIO_NODISCARD int chat_hub_change(struct chat_hub *self,
                                  struct chat_client *client,
                                  enum chat_change change,
                                  const struct chat_user *after,
                                  struct irc_span text, uint64_t serial);

/** Say ":nick!user@host WALLOPS :text" to all users with any of `flags`, on
 *  every reactor. Returns 0 | MIO_ENOMEM (some may not get it). */
MIO_NODISCARD int chat_hub_wallops(struct chat_hub *self,
                                   const struct chat_user *from, uint32_t flags,
                                   struct irc_span text);

/** The membership of that channel, NULL if there is none. */
struct chat_membership *chat_client_membership(const struct chat_client *client,
                                               struct irc_span channel);

/** Ids of the channels he is in, for WHOIS. Returns how many. */
uint32_t chat_client_channels(const struct chat_client *client, uint64_t *out,
                              uint32_t max);

#endif /* MIO_APPS_CHAT_HUB_HUB_H */
