/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel_join.c - who comes, who goes, who becomes another.
 */
#include <string.h>

#include "apps/chat/channel/channel_private.h"
#include "apps/chat/irc/utf8.h"
#include "core/assert.h"

static bool is_banned(struct chat_channel_work *work)
{
    char mask[IRC_MASK_MAX];

    return chat_bans_match(&work->channel->bans,
                           chat_user_mask(&work->op->user, mask));
}

/* Keys are compared as they are: they are secrets, not names. */
static bool knows_key(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;

    return self->key_size == 0 ||
           irc_span_equal(chat_op_text(work->op, 1),
                          irc_span(self->key, self->key_size));
}

/* Why he may not come in, or 0. An invitation lifts bans and +i; the key and
 * the limit stay, as whoever invites can lift those by a MODE. */
static unsigned refusal(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;

    if (self->members.count == 0)
        return 0;
    bool is_invited = chat_invites_has(&self->invites, work->op->user.id);
    if (!is_invited && is_banned(work))
        return IRC_ERR_BANNEDFROMCHAN;
    if (!is_invited && (self->flags & IRC_CHANNEL_INVITE_ONLY) != 0)
        return IRC_ERR_INVITEONLYCHAN;
    if (!knows_key(work))
        return IRC_ERR_BADCHANNELKEY;
    if (self->limit > 0 && self->members.count >= self->limit)
        return IRC_ERR_CHANNELISFULL;
    return 0;
}

/* ":nick!user@host JOIN #c", and with extended-join account and name. */
static void post_join(struct chat_channel_work *work)
{
    const struct chat_user *user = &work->op->user;
    struct irc_span name = chat_channel_name(work->channel);
    struct chat_post_draft draft;
    struct irc_writer line;

    chat_channel_post_begin(work, &draft);
    chat_post_add_effect(&draft, CHAT_ADD, user->id, work->member->status);
    chat_channel_post_open(work, &draft, &line);
    irc_put_text(&line, "JOIN ");
    irc_put(&line, name);
    chat_variants_close(&draft.line, &line);

    chat_variants_open_alternate(&draft.line, &line, IRC_CAP_EXTENDED_JOIN,
                                 irc_span("", 0));
    chat_user_put_source(user, &line);
    irc_put_text(&line, "JOIN ");
    irc_put(&line, name);
    irc_put_char(&line, ' ');
    irc_put_word(&line, chat_user_account(user));
    irc_put_text(&line, " :");
    irc_put(&line, chat_user_real(user));
    chat_variants_close(&draft.line, &line);
    (void)chat_channel_post(work, &draft);
}

/* Whoever follows his neighbours' absence learns of his. */
static void post_away(struct chat_channel_work *work)
{
    struct chat_post_draft draft;
    struct irc_writer line;

    chat_channel_post_begin(work, &draft);
    draft.head.caps = IRC_CAP_AWAY_NOTIFY;
    draft.head.to_origin = CHAT_ORIGIN_NOT;
    chat_channel_post_open(work, &draft, &line);
    irc_put_text(&line, "AWAY :");
    irc_put(&line, chat_op_text(work->op, 2));
    chat_variants_close(&draft.line, &line);
    (void)chat_channel_post(work, &draft);
}

static void begin_channel(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    struct irc_span name = chat_op_text(work->op, 0);

    /* The same name, but the founder's spelling. */
    MIO_ASSERT(name.size == self->name_size);
    memcpy(self->name, name.at, name.size);
    self->created_s = chat_outbox_unix_s(work->out);
    chat_count(&work->out->counts->channels, 1);
}

void chat_channel_join(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    bool is_founder = self->members.count == 0;

    if (work->member != NULL) {
        chat_answer_end(&work->answer, CHAT_DONE);
        return;
    }
    unsigned numeric = refusal(work);
    if (numeric != 0) {
        chat_channel_refuse(work, (enum irc_numeric)numeric);
        return;
    }
    int rc =
        chat_members_add(&self->members, &work->op->user,
                         is_founder ? IRC_MEMBER_OPERATOR : 0, &work->member);
    if (rc < 0) {
        chat_answer_refuse(&work->answer, IRC_RPL_TRYAGAIN,
                           IRC_ARGS(IRC_SPAN("JOIN")));
        return;
    }
    if (is_founder)
        begin_channel(work);
    chat_invites_remove(&self->invites, work->op->user.id);
    post_join(work);
    if ((work->op->user.flags & CHAT_USER_AWAY) != 0)
        post_away(work);
    chat_channel_topic_put(work);
    chat_channel_names_put(work, 0);
}

/* "PART #c :reason" or, with a nick, "KICK #c nick :reason"; and out of the
 * view. */
static void post_leaving(struct chat_channel_work *work, mio_actor_id leaver,
                         struct irc_span kicked, struct irc_span reason)
{
    struct chat_post_draft draft;
    struct irc_writer line;

    chat_channel_post_begin(work, &draft);
    chat_post_add_effect(&draft, CHAT_REMOVE, leaver, 0);
    chat_channel_post_open(work, &draft, &line);
    irc_put_text(&line, kicked.size > 0 ? "KICK " : "PART ");
    irc_put(&line, chat_channel_name(work->channel));
    if (kicked.size > 0) {
        irc_put_char(&line, ' ');
        irc_put(&line, kicked);
    }
    if (reason.size > 0) {
        irc_put_text(&line, " :");
        irc_put(&line, reason);
    }
    chat_variants_close(&draft.line, &line);
    (void)chat_channel_post(work, &draft);
}

void chat_channel_part(struct chat_channel_work *work)
{
    if (work->member == NULL) {
        chat_channel_refuse(work, IRC_ERR_NOTONCHANNEL);
        return;
    }
    post_leaving(work, work->op->user.id, irc_span("", 0),
                 chat_op_text(work->op, 1));
    chat_answer_end(&work->answer, CHAT_DONE);
    chat_channel_remove(work, work->member);
}

void chat_channel_kick(struct chat_channel_work *work)
{
    struct irc_span nick = chat_op_text(work->op, 1);
    struct irc_span reason = chat_op_text(work->op, 2);
    struct chat_member *target =
        chat_members_of_nick(&work->channel->members, nick);

    if (work->member == NULL) {
        chat_channel_refuse(work, IRC_ERR_NOTONCHANNEL);
        return;
    }
    if (!chat_channel_has_operator(work)) {
        chat_channel_refuse(work, IRC_ERR_CHANOPRIVSNEEDED);
        return;
    }
    if (target == NULL) {
        chat_answer_refuse(&work->answer, IRC_ERR_USERNOTINCHANNEL,
                           IRC_ARGS(nick, chat_channel_name(work->channel)));
        return;
    }
    if (reason.size == 0)
        reason = chat_user_nick(&work->op->user);
    post_leaving(work, target->user.id, chat_user_nick(&target->user),
                 irc_utf8_head(reason, IRC_KICK_MAX));
    chat_answer_end(&work->answer, CHAT_DONE);
    chat_channel_remove(work, target);
}

static uint64_t reactors_of(const struct chat_channel *self)
{
    uint64_t reactors = 0;

    for (uint32_t i = 0; i < self->server->reactors_count; i++)
        if (self->members.reactor_counts[i] > 0)
            reactors |= UINT64_C(1) << (i % 64);
    return reactors;
}

/* A user quits or is another from now on. His hub tells the neighbours, once
 * for all channels; here he only changes, and who they are is answered. */
void chat_channel_change(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    const struct chat_op *op = work->op;
    struct chat_changed changed = {.serial = op->serial};

    if (work->member != NULL) {
        changed.channel = self->id;
        if (op->change == CHAT_CHANGE_QUIT)
            chat_channel_remove(work, work->member);
        else if (chat_members_update(&self->members, work->member, &op->user) <
                 0)
            chat_count(&work->out->counts->lost, 1);
        changed.reactors = reactors_of(self);
    }
    if (op->change == CHAT_CHANGE_QUIT)
        chat_invites_remove(&self->invites, op->user.id);
    if (!mio_actor_id_is_none(op->reply_to))
        chat_outbox_send(work->out, op->reply_to, &chat_changed_type, &changed,
                         sizeof(changed));
}
