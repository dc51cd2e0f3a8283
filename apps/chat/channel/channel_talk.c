/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel_talk.c - what is said in a channel, its topic, who
 * is invited to it. */
#include <string.h>

#include "apps/chat/channel/channel_private.h"
#include "apps/chat/irc/utf8.h"

static bool may_speak(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    char mask[IRC_MASK_MAX];

    if (work->member != NULL && work->member->status != 0)
        return true;
    if ((self->flags & IRC_CHANNEL_MODERATED) != 0)
        return false;
    if (work->member == NULL && (self->flags & IRC_CHANNEL_NO_EXTERNAL) != 0)
        return false;
    return !chat_bans_match(&self->bans, chat_user_mask(&work->op->user, mask));
}

/* "PRIVMSG @#c :text", "TAGMSG #c" */
static void put_said(struct chat_channel_work *work, struct irc_writer *line)
{
    static const char *const commands[] = {
        [CHAT_PRIVMSG] = "PRIVMSG ",
        [CHAT_NOTICE] = "NOTICE ",
        [CHAT_TAGMSG] = "TAGMSG ",
    };
    const struct chat_op *op = work->op;

    chat_user_put_source(&op->user, line);
    irc_put_text(line, commands[op->said]);
    if (op->status != 0)
        irc_put_char(line, (op->status & IRC_MEMBER_VOICE) != 0 ? '+' : '@');
    irc_put(line, chat_channel_name(work->channel));
    if (op->said != CHAT_TAGMSG) {
        irc_put_text(line, " :");
        irc_put(line, chat_op_text(op, 1));
    }
}

static void post_said(struct chat_channel_work *work)
{
    const struct chat_op *op = work->op;
    struct chat_post_draft draft;
    struct irc_writer line;
    char body[IRC_LINE_MAX];

    irc_writer_init(&line, body, sizeof(body));
    put_said(work, &line);
    chat_channel_post_begin(work, &draft);
    draft.head.status = op->status;
    draft.head.to_origin = CHAT_ORIGIN_ECHO;
    draft.head.caps = op->said == CHAT_TAGMSG ? IRC_CAP_MESSAGE_TAGS : 0;
    chat_variants_put(&draft.line, irc_span(line.at, line.size),
                      chat_op_text(op, 2));
    chat_count(&work->out->counts->messages, 1);
    chat_count(&work->out->counts->message_posts,
               chat_channel_post(work, &draft));
}

void chat_channel_say(struct chat_channel_work *work)
{
    if (may_speak(work)) {
        post_said(work);
        chat_answer_end(&work->answer, CHAT_DONE);
    } else if (work->op->said == CHAT_NOTICE) {
        chat_answer_end(&work->answer, CHAT_REFUSED); /* never answered */
    } else {
        chat_channel_refuse(work, IRC_ERR_CANNOTSENDTOCHAN);
    }
}

void chat_channel_topic_put(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    struct irc_span name = chat_channel_name(self);

    if (self->topic_size == 0)
        return;
    chat_answer_numeric(&work->answer, IRC_RPL_TOPIC,
                        IRC_ARGS(name, chat_channel_topic(self)));
    chat_answer_numeric(&work->answer, IRC_RPL_TOPICWHOTIME,
                        IRC_ARGS(name,
                                 irc_span(self->topic_by, self->topic_by_size),
                                 IRC_NUMBER((uint64_t)self->topic_s)));
}

static void answer_topic(struct chat_channel_work *work)
{
    if (!chat_channel_is_visible_to(work->channel, work->op->user.id)) {
        chat_channel_refuse(work, IRC_ERR_NOTONCHANNEL);
        return;
    }
    if (work->channel->topic_size == 0)
        chat_answer_numeric(&work->answer, IRC_RPL_NOTOPIC,
                            IRC_ARGS(chat_channel_name(work->channel)));
    chat_channel_topic_put(work);
    chat_answer_end(&work->answer, CHAT_DONE);
}

static void set_topic(struct chat_channel_work *work, struct irc_span topic)
{
    struct chat_channel *self = work->channel;

    topic = irc_utf8_head(topic, IRC_TOPIC_MAX);
    memcpy(self->topic, topic.at, topic.size);
    self->topic_size = (uint16_t)topic.size;
    self->topic_s = topic.size > 0 ? chat_outbox_unix_s(work->out) : 0;
    self->topic_by_size =
        (uint8_t)chat_user_mask(&work->op->user, self->topic_by).size;
}

static void post_topic(struct chat_channel_work *work)
{
    struct chat_post_draft draft;
    struct irc_writer line;

    chat_channel_post_begin(work, &draft);
    chat_channel_post_open(work, &draft, &line);
    irc_put_text(&line, "TOPIC ");
    irc_put(&line, chat_channel_name(work->channel));
    irc_put_text(&line, " :");
    irc_put(&line, chat_channel_topic(work->channel));
    chat_variants_close(&draft.line, &line);
    (void)chat_channel_post(work, &draft);
}

void chat_channel_topic_op(struct chat_channel_work *work)
{
    bool is_locked = (work->channel->flags & IRC_CHANNEL_TOPIC_LOCKED) != 0;

    if (work->op->texts_count < 2) {
        answer_topic(work);
        return;
    }
    if (work->member == NULL) {
        chat_channel_refuse(work, IRC_ERR_NOTONCHANNEL);
        return;
    }
    if (is_locked && !chat_channel_has_operator(work)) {
        chat_channel_refuse(work, IRC_ERR_CHANOPRIVSNEEDED);
        return;
    }
    set_topic(work, chat_op_text(work->op, 1));
    post_topic(work);
    chat_answer_end(&work->answer, CHAT_DONE);
}

/* ":nick!user@host INVITE nick :#c" */
static void put_invitation(struct chat_channel_work *work,
                           struct chat_variants_writer *variants)
{
    struct irc_writer line;

    chat_variants_open(variants, &line);
    chat_user_put_source(&work->op->user, &line);
    irc_put_text(&line, "INVITE ");
    irc_put(&line, chat_op_text(work->op, 0));
    irc_put_text(&line, " :");
    irc_put(&line, chat_channel_name(work->channel));
    chat_variants_close(variants, &line);
}

static void deliver_invitation(struct chat_channel_work *work)
{
    struct {
        struct chat_deliver head;
        char bytes[IRC_OUTPUT_LINE_MAX];
    } message;
    struct chat_variants_writer variants;
    mio_actor_id target = work->op->target;

    chat_variants_begin(&variants, work->out->unix_ns);
    put_invitation(work, &variants);
    message.head.target = target;
    message.head.variants = variants.variants;
    memcpy(message.bytes, variants.bytes, variants.size);
    chat_outbox_send(
        work->out, work->out->server->hubs[mio_actor_id_reactor(target)],
        &chat_deliver_type, &message, sizeof(message.head) + variants.size);
}

/* To operators who want to know. */
static void post_invitation(struct chat_channel_work *work)
{
    struct chat_post_draft draft;

    chat_channel_post_begin(work, &draft);
    draft.head.caps = IRC_CAP_INVITE_NOTIFY;
    draft.head.status = IRC_MEMBER_OPERATOR;
    draft.head.to_origin = CHAT_ORIGIN_NOT;
    put_invitation(work, &draft.line);
    (void)chat_channel_post(work, &draft);
}

void chat_channel_invite(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    struct irc_span nick = chat_op_text(work->op, 0);
    struct irc_span name = chat_channel_name(self);
    bool is_closed = (self->flags & IRC_CHANNEL_INVITE_ONLY) != 0;

    if (work->member == NULL) {
        chat_channel_refuse(work, IRC_ERR_NOTONCHANNEL);
        return;
    }
    if (is_closed && !chat_channel_has_operator(work)) {
        chat_channel_refuse(work, IRC_ERR_CHANOPRIVSNEEDED);
        return;
    }
    if (chat_members_of_id(&self->members, work->op->target) != NULL) {
        chat_answer_refuse(&work->answer, IRC_ERR_USERONCHANNEL,
                           IRC_ARGS(nick, name));
        return;
    }
    if (chat_invites_add(&self->invites, work->op->target) < 0)
        chat_count(&work->out->counts->lost, 1);
    deliver_invitation(work);
    post_invitation(work);
    chat_answer_numeric(&work->answer, IRC_RPL_INVITING, IRC_ARGS(nick, name));
    chat_answer_end(&work->answer, CHAT_DONE);
}
