/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel.c - one channel: what it is, and who does what with
 * it. */
#include "apps/chat/channel/channel.h"

#include <string.h>

#include "apps/chat/channel/channel_private.h"
#include "core/assert.h"

int chat_channel_init(struct chat_channel *self,
                      const struct chat_server *server, struct irc_span name)
{
    MIO_ASSERT(name.size <= IRC_CHANNEL_MAX);

    memset(self, 0, sizeof(*self));
    self->server = server;
    self->name_size = (uint8_t)name.size;
    memcpy(self->name, name.at, name.size);
    chat_channel_reset(self);
    return chat_members_init(&self->members, server->reactors_count,
                             server->key);
}

void chat_channel_deinit(struct chat_channel *self)
{
    chat_members_deinit(&self->members);
    chat_bans_deinit(&self->bans);
    chat_invites_deinit(&self->invites);
}

void chat_channel_reset(struct chat_channel *self)
{
    chat_bans_deinit(&self->bans);
    chat_invites_deinit(&self->invites);
    self->flags = IRC_CHANNEL_NO_EXTERNAL | IRC_CHANNEL_TOPIC_LOCKED;
    self->limit = 0;
    self->key_size = 0;
    self->topic_size = 0;
    self->topic_s = 0;
}

struct irc_span chat_channel_name(const struct chat_channel *self)
{
    return irc_span(self->name, self->name_size);
}

struct irc_span chat_channel_topic(const struct chat_channel *self)
{
    return irc_span(self->topic, self->topic_size);
}

bool chat_channel_is_visible_to(const struct chat_channel *self,
                                mio_actor_id id)
{
    return (self->flags & IRC_CHANNEL_SECRET) == 0 ||
           chat_members_of_id(&self->members, id) != NULL;
}

bool chat_channel_has_operator(const struct chat_channel_work *work)
{
    return work->member != NULL &&
           (work->member->status & IRC_MEMBER_OPERATOR) != 0;
}

void chat_channel_refuse(struct chat_channel_work *work,
                         enum irc_numeric numeric)
{
    chat_answer_refuse(&work->answer, numeric,
                       IRC_ARGS(chat_channel_name(work->channel)));
}

void chat_channel_post_begin(struct chat_channel_work *work,
                             struct chat_post_draft *draft)
{
    chat_post_begin(draft, work->channel->id, work->op, work->out->unix_ns);
}

void chat_channel_post_open(struct chat_channel_work *work,
                            struct chat_post_draft *draft,
                            struct irc_writer *line)
{
    chat_variants_open(&draft->line, line);
    chat_user_put_source(&work->op->user, line);
}

uint32_t chat_channel_post(struct chat_channel_work *work,
                           struct chat_post_draft *draft)
{
    struct chat_channel *self = work->channel;

    draft->head.is_secret = (self->flags & IRC_CHANNEL_SECRET) != 0;
    return chat_post_send(draft, work->out, chat_channel_name(self),
                          self->members.reactor_counts);
}

void chat_channel_remove(struct chat_channel_work *work,
                         struct chat_member *member)
{
    struct chat_channel *self = work->channel;

    chat_members_remove(&self->members, member);
    work->member = NULL;
    if (self->members.count > 0)
        return;
    chat_channel_reset(self);
    chat_count(&work->out->counts->channels, -1);
}

/* As if it were not there. Names and lists of nothing are empty; notices are
 * never answered. */
static void answer_missing(struct chat_channel_work *work,
                           enum chat_op_kind kind)
{
    struct irc_span name = chat_op_channel(work->op, kind);
    struct irc_span args[] = {name};

    switch (kind) {
    case CHAT_OP_NAMES:
        chat_answer_numeric(&work->answer, IRC_RPL_ENDOFNAMES, args, 1);
        chat_answer_end(&work->answer, CHAT_DONE);
        break;
    case CHAT_OP_WHO:
        chat_answer_numeric(&work->answer, IRC_RPL_ENDOFWHO, args, 1);
        chat_answer_end(&work->answer, CHAT_DONE);
        break;
    case CHAT_OP_SAY:
        if (work->op->said == CHAT_NOTICE)
            chat_answer_end(&work->answer, CHAT_REFUSED);
        else
            chat_answer_refuse(&work->answer, IRC_ERR_NOSUCHCHANNEL, args, 1);
        break;
    case CHAT_OP_JOIN: /* it could not be made */
        chat_answer_refuse(&work->answer, IRC_RPL_TRYAGAIN,
                           IRC_ARGS(IRC_SPAN("JOIN")));
        break;
    default:
        chat_answer_refuse(&work->answer, IRC_ERR_NOSUCHCHANNEL, args, 1);
        break;
    }
}

static void do_op(struct chat_channel_work *work, enum chat_op_kind kind)
{
    switch (kind) {
    case CHAT_OP_JOIN:
        chat_channel_join(work);
        break;
    case CHAT_OP_PART:
        chat_channel_part(work);
        break;
    case CHAT_OP_SAY:
        chat_channel_say(work);
        break;
    case CHAT_OP_TOPIC:
        chat_channel_topic_op(work);
        break;
    case CHAT_OP_MODE:
        chat_channel_mode(work);
        break;
    case CHAT_OP_KICK:
        chat_channel_kick(work);
        break;
    case CHAT_OP_NAMES:
        chat_channel_names(work);
        break;
    case CHAT_OP_WHO:
        chat_channel_who(work);
        break;
    case CHAT_OP_INVITE:
        chat_channel_invite(work);
        break;
    default: /* nothing that a channel does: no such channel */
        answer_missing(work, kind);
        break;
    }
}

void chat_channel_receive(struct chat_channel *self, struct chat_outbox *out,
                          enum chat_op_kind kind, const struct chat_op *op)
{
    struct chat_channel_work work;

    work.channel = self;
    work.out = out;
    work.op = op;
    work.member = chat_members_of_id(&self->members, op->user.id);
    if (kind == CHAT_OP_CHANGE) {
        chat_channel_change(&work);
        return;
    }
    chat_answer_begin(&work.answer, out, op);
    bool is_there =
        self->members.count > 0 || (kind == CHAT_OP_JOIN && !self->is_nowhere);
    if (is_there)
        do_op(&work, kind);
    else
        answer_missing(&work, kind);
}
