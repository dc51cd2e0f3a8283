/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel_private.h - what the files of channel share. */
#ifndef MIO_APPS_CHAT_CHANNEL_CHANNEL_PRIVATE_H
#define MIO_APPS_CHAT_CHANNEL_CHANNEL_PRIVATE_H

#include "apps/chat/channel/channel.h"
#include "apps/chat/protocol/answer.h"

/* One op while it is worked on. */
struct chat_channel_work {
    struct chat_channel *channel;
    struct chat_outbox *out;
    const struct chat_op *op;
    struct chat_member *member; /* who asks, if he is one; else NULL */
    struct chat_answer answer;
};

/* One function per kind of op; each ends the answer. */
void chat_channel_join(struct chat_channel_work *work);
void chat_channel_part(struct chat_channel_work *work);
void chat_channel_kick(struct chat_channel_work *work);
void chat_channel_change(struct chat_channel_work *work);
void chat_channel_say(struct chat_channel_work *work);
void chat_channel_topic_op(struct chat_channel_work *work);
void chat_channel_invite(struct chat_channel_work *work);
void chat_channel_mode(struct chat_channel_work *work);
void chat_channel_names(struct chat_channel_work *work);
void chat_channel_who(struct chat_channel_work *work);

/** Members from *cursor on, as 353 has them, and at their end 366. Ends the
 *  answer, with `more` if it was too long. */
void chat_channel_names_put(struct chat_channel_work *work, uint32_t cursor);

/** 332 and 333, or nothing. */
void chat_channel_topic_put(struct chat_channel_work *work);

/** Is he an operator of the channel? */
bool chat_channel_has_operator(const struct chat_channel_work *work);

/** Refuse with a numeric about this channel alone. */
void chat_channel_refuse(struct chat_channel_work *work,
                         enum irc_numeric numeric);

/** Start a post about this op; open its line with ":nick!user@host ". */
void chat_channel_post_begin(struct chat_channel_work *work,
                             struct chat_post_draft *draft);
void chat_channel_post_open(struct chat_channel_work *work,
                            struct chat_post_draft *draft,
                            struct irc_writer *line);

/** Send it to all hubs with members. Returns to how many. */
uint32_t chat_channel_post(struct chat_channel_work *work,
                           struct chat_post_draft *draft);

/** Without members: as it was before anybody came. */
void chat_channel_reset(struct chat_channel *self);

/** Take a member out; when he was the last one, nothing of it remains. */
void chat_channel_remove(struct chat_channel_work *work,
                         struct chat_member *member);

#endif /* MIO_APPS_CHAT_CHANNEL_CHANNEL_PRIVATE_H */
