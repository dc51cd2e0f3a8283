/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/commands_talk.c - PRIVMSG, NOTICE, TAGMSG. */
#include "apps/chat/session/commands.h"

#include "apps/chat/irc/mode.h"
#include "apps/chat/irc/name.h"

struct speech {
    enum chat_said said;
    const char *command;
    struct irc_span text;
    struct irc_span tags;
};

/* Nobody is told of errors that a NOTICE meets. */
static void refuse(struct chat_session *self, const struct speech *speech,
                   enum irc_numeric numeric, struct irc_span arg)
{
    if (speech->said != CHAT_NOTICE)
        chat_numeric(self, numeric, IRC_ARGS(arg));
}

/* Returns false when it has to wait. */
static bool say(struct chat_session *self, const struct speech *speech,
                struct irc_span receiver)
{
    struct irc_target target = irc_target_parse(receiver);
    struct irc_span texts[3] = {target.name, speech->text, speech->tags};
    enum chat_op_kind kind = target.is_channel ? CHAT_OP_SAY : CHAT_OP_TELL;
    bool is_valid = target.is_channel ? irc_channel_is_valid(target.name)
                                      : irc_nick_is_valid(target.name);
    mio_actor_id to = target.is_channel
                          ? chat_server_directory(self->server, target.name)
                          : chat_server_nicks(self->server, target.name);

    if (is_valid ? !chat_session_may_ask(self, to, kind)
                 : !chat_session_is_idle(self))
        return false;
    if (!is_valid) {
        refuse(self, speech,
               target.is_channel ? IRC_ERR_NOSUCHCHANNEL : IRC_ERR_NOSUCHNICK,
               receiver);
        return true;
    }
    struct chat_op op = chat_session_op(self);
    op.said = (uint8_t)speech->said;
    if (target.status == '@')
        op.status = IRC_MEMBER_OPERATOR;
    else if (target.status == '+')
        op.status = IRC_MEMBER_OPERATOR | IRC_MEMBER_VOICE;
    (void)chat_session_ask(self, to, kind, &op, texts, 3, NULL);
    return true;
}

static enum chat_step say_to_all(struct chat_session *self,
                                 const struct speech *speech,
                                 struct irc_span receivers)
{
    struct irc_span receiver;

    if (chat_list_item(receivers, IRC_TARGETS_MAX, &receiver)) {
        if (!chat_session_is_idle(self))
            return CHAT_STEP_WAIT;
        refuse(self, speech, IRC_ERR_TOOMANYTARGETS, receiver);
        return CHAT_STEP_DONE;
    }
    while (chat_list_item(receivers, self->step, &receiver)) {
        if (receiver.size > 0 && !say(self, speech, receiver))
            return CHAT_STEP_WAIT;
        self->step++;
    }
    return CHAT_STEP_DONE;
}

static enum chat_step speak(struct chat_session *self,
                            const struct irc_message *message,
                            const struct speech *speech)
{
    struct irc_span receivers = irc_message_param(message, 0);
    bool has_text = speech->said == CHAT_TAGMSG || speech->text.size > 0;

    self->client.active_ns = self->heard_ns;
    if (receivers.size > 0 && has_text)
        return say_to_all(self, speech, receivers);
    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    if (receivers.size == 0)
        refuse(self, speech, IRC_ERR_NORECIPIENT, irc_span_of(speech->command));
    else if (speech->said != CHAT_NOTICE)
        chat_numeric(self, IRC_ERR_NOTEXTTOSEND, IRC_NO_ARGS);
    return CHAT_STEP_DONE;
}

static struct speech speech_of(const struct irc_message *message,
                               enum chat_said said, const char *command)
{
    return (struct speech){.said = said,
                           .command = command,
                           .text = irc_message_param(message, 1),
                           .tags = message->tags};
}

enum chat_step chat_do_privmsg(struct chat_session *self,
                               const struct irc_message *message)
{
    struct speech speech = speech_of(message, CHAT_PRIVMSG, "PRIVMSG");

    return speak(self, message, &speech);
}

enum chat_step chat_do_notice(struct chat_session *self,
                              const struct irc_message *message)
{
    struct speech speech = speech_of(message, CHAT_NOTICE, "NOTICE");

    return speak(self, message, &speech);
}

enum chat_step chat_do_tagmsg(struct chat_session *self,
                              const struct irc_message *message)
{
    struct speech speech = speech_of(message, CHAT_TAGMSG, "TAGMSG");

    speech.text = irc_span("", 0);
    if ((self->client.user.caps & IRC_CAP_MESSAGE_TAGS) != 0)
        return speak(self, message, &speech);
    if (!chat_session_is_idle(self))
        return CHAT_STEP_WAIT;
    chat_numeric(self, IRC_ERR_UNKNOWNCOMMAND, IRC_ARGS(IRC_SPAN("TAGMSG")));
    return CHAT_STEP_DONE;
}
