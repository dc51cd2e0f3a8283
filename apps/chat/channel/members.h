/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/members.h - who is in a channel, and how many on which
 * reactor. */
#ifndef MIO_APPS_CHAT_CHANNEL_MEMBERS_H
#define MIO_APPS_CHAT_CHANNEL_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/casemap.h"
#include "apps/chat/protocol/table.h"
#include "apps/chat/protocol/user.h"
#include "core/slab.h"

struct chat_member {
    struct chat_user user;
    uint8_t status; /* enum irc_member_flag */
    /* private */
    mio_key key;
};

struct chat_members {
    uint32_t count;
    uint32_t *reactor_counts; /* members that live on reactor i */
    /* private */
    uint32_t reactors_count;
    struct irc_hash_key hash_key;
    struct mio_slab places;
    struct chat_table by_id;
    struct chat_table by_nick;
};

/** Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_members_init(struct chat_members *self,
                                    uint32_t reactors_count,
                                    struct irc_hash_key hash_key);
void chat_members_deinit(struct chat_members *self);

/** Add a copy of him; he must not be a member.
 *  Returns 0 | MIO_ENOMEM | MIO_EFULL (four million members). */
MIO_NODISCARD int chat_members_add(struct chat_members *self,
                                   const struct chat_user *user, uint8_t status,
                                   struct chat_member **out);

void chat_members_remove(struct chat_members *self, struct chat_member *member);

/** NULL if he is not a member. */
struct chat_member *chat_members_of_id(const struct chat_members *self,
                                       mio_actor_id id);
struct chat_member *chat_members_of_nick(const struct chat_members *self,
                                         struct irc_span nick);

/** He is `user` from now on: another nick, other details, the same id.
 *  Returns 0 | MIO_ENOMEM: nothing was changed. */
MIO_NODISCARD int chat_members_update(struct chat_members *self,
                                      struct chat_member *member,
                                      const struct chat_user *user);

/** Iterate: start with *cursor = 0; NULL at the end. Members may come and go
 *  between two calls: who stays is met exactly once. */
struct chat_member *chat_members_next(const struct chat_members *self,
                                      uint32_t *cursor);

#endif /* MIO_APPS_CHAT_CHANNEL_MEMBERS_H */
