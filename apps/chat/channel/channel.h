/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel.h - one channel: its members, modes, bans, topic.
 *
 * One actor owns a channel, so everything that happens in it has one order, and
 * all members on all reactors see that order. The rules are plain functions
 * over this struct (channel_*.c); channel_actor.c makes an actor of it.
 *
 * A channel without members is none: ops other than JOIN are answered as if it
 * did not exist, a JOIN begins it anew, and when no forwarded op is on its way
 * the actor ends. */
#ifndef MIO_APPS_CHAT_CHANNEL_CHANNEL_H
#define MIO_APPS_CHAT_CHANNEL_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/channel/bans.h"
#include "apps/chat/channel/invites.h"
#include "apps/chat/channel/members.h"
#include "apps/chat/protocol/outbox.h"
#include "apps/chat/protocol/post.h"
#include "apps/chat/protocol/protocol.h"

struct chat_channel {
    const struct chat_server *server;
    uint64_t id; /* of its actor */

    uint8_t name_size;
    uint8_t key_size;      /* +k; 0: none */
    uint8_t topic_by_size; /* nick!user@host of who set it */
    uint16_t topic_size;   /* 0: none */
    uint32_t flags;        /* enum irc_channel_flag */
    uint32_t limit;        /* +l; 0: none */
    int64_t created_s;     /* since 1970 */
    int64_t topic_s;
    struct chat_members members;
    struct chat_bans bans;
    struct chat_invites invites;
    char name[IRC_CHANNEL_MAX]; /* as its founder spelled it */
    char key[IRC_KEY_MAX];
    char topic[IRC_TOPIC_MAX];
    char topic_by[IRC_MASK_MAX];

    /* the directory's; one reactor */
    uint32_t forwarded; /* ops that are on their way to the actor */
    uint64_t place;     /* in the directory */
    bool is_nowhere;    /* stands for all channels that there are not */
};

/** A channel without members. Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_channel_init(struct chat_channel *self,
                                    const struct chat_server *server,
                                    struct irc_span name);
void chat_channel_deinit(struct chat_channel *self);

/** Do what an op asks for and answer it. */
void chat_channel_receive(struct chat_channel *self, struct chat_outbox *out,
                          enum chat_op_kind kind, const struct chat_op *op);

struct irc_span chat_channel_name(const struct chat_channel *self);
struct irc_span chat_channel_topic(const struct chat_channel *self);

/** May he know that it is there? */
bool chat_channel_is_visible_to(const struct chat_channel *self,
                                mio_actor_id id);

/** The actor; its argument is a struct chat_channel *, which it frees. */
extern const struct mio_actor_class chat_channel_class;

#endif /* MIO_APPS_CHAT_CHANNEL_CHANNEL_H */
