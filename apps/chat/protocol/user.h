/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/user.h - who somebody is, by value: what messages carry,
 * and what channels and nick shards remember of him. */
#ifndef MIO_APPS_CHAT_PROTOCOL_USER_H
#define MIO_APPS_CHAT_PROTOCOL_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/mode.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"
#include "runtime/message.h"

#define CHAT_ACCOUNT_MAX 32

/* Bits of `flags`: those of enum irc_user_flag, and */
#define CHAT_USER_AWAY 0x100u
#define CHAT_USER_REGISTERED 0x200u /* others may see him */

struct chat_user {
    mio_actor_id id; /* of his connection; never another's */
    uint32_t caps;   /* enum irc_cap */
    uint32_t flags;
    uint8_t nick_size;
    uint8_t user_size;
    uint8_t host_size;
    uint8_t real_size;
    uint8_t account_size;
    char nick[IRC_NICK_MAX];
    char user[IRC_USER_MAX];
    char host[IRC_HOST_MAX];
    char real[IRC_REAL_MAX];
    char account[CHAT_ACCOUNT_MAX]; /* empty: not logged in */
};

struct irc_span chat_user_nick(const struct chat_user *self);
struct irc_span chat_user_user(const struct chat_user *self);
struct irc_span chat_user_host(const struct chat_user *self);
struct irc_span chat_user_real(const struct chat_user *self);
struct irc_span chat_user_account(const struct chat_user *self);

/** Replace; what is too long is cut between characters. */
void chat_user_set_nick(struct chat_user *self, struct irc_span text);
void chat_user_set_user(struct chat_user *self, struct irc_span text);
void chat_user_set_host(struct chat_user *self, struct irc_span text);
void chat_user_set_real(struct chat_user *self, struct irc_span text);
void chat_user_set_account(struct chat_user *self, struct irc_span text);

/** Append ":nick!user@host ". */
void chat_user_put_source(const struct chat_user *self, struct irc_writer *out);

/** Write "nick!user@host", what bans are compared with. */
struct irc_span chat_user_mask(const struct chat_user *self,
                               char buffer[IRC_MASK_MAX]);

#endif /* MIO_APPS_CHAT_PROTOCOL_USER_H */
