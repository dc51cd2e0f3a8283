/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/hub_answers.c - what is asked of, or said to, one client: he is
 * here, so here it is known. */
#include <string.h>

#include "apps/chat/hub/hub_private.h"
#include "core/clock.h"

static void send_variant(struct chat_client *client,
                         const struct chat_variants *variants,
                         const char *bytes)
{
    struct irc_span line =
        chat_variants_choose(variants, bytes, client->user.caps);

    if (line.size > 0)
        client->client_class->send(client, line);
}

void chat_hub_take_deliver(struct chat_hub *self, struct mio_message *message)
{
    const struct chat_deliver *deliver = mio_message_payload(message);
    struct chat_client *client = chat_hub_client(self, deliver->target);

    if (client != NULL)
        send_variant(client, &deliver->variants, (const char *)(deliver + 1));
}

/* --- TELL ---------------------------------------------------------------- */

/* ":nick!user@host PRIVMSG nick :text", and for whom there are tags those. */
static void write_told(struct chat_variants_writer *variants,
                       const struct chat_op *op,
                       const struct chat_client *client)
{
    static const char *const commands[] = {
        [CHAT_PRIVMSG] = "PRIVMSG ",
        [CHAT_NOTICE] = "NOTICE ",
        [CHAT_TAGMSG] = "TAGMSG ",
    };
    struct irc_writer line;
    char body[IRC_LINE_MAX];

    irc_writer_init(&line, body, sizeof(body));
    chat_user_put_source(&op->user, &line);
    irc_put_text(&line, commands[op->said]);
    irc_put(&line, chat_user_nick(&client->user));
    if (op->said != CHAT_TAGMSG) {
        irc_put_text(&line, " :");
        irc_put(&line, chat_op_text(op, 1));
    }
    chat_variants_put(variants, irc_span(line.at, line.size),
                      chat_op_text(op, 2));
}

static bool may_see_told(const struct chat_op *op, uint32_t caps)
{
    return op->said != CHAT_TAGMSG || (caps & IRC_CAP_MESSAGE_TAGS) != 0;
}

static void tell(struct chat_hub *self, struct chat_client *client,
                 struct chat_answer *answer, const struct chat_op *op)
{
    struct chat_variants_writer variants;
    uint32_t caps = op->user.caps;

    chat_variants_begin(&variants, answer->out->unix_ns);
    write_told(&variants, op, client);
    if (may_see_told(op, client->user.caps))
        send_variant(client, &variants.variants, variants.bytes);
    chat_count(&self->counts->tells, 1);
    if ((caps & IRC_CAP_ECHO_MESSAGE) != 0 && may_see_told(op, caps))
        chat_answer_line(answer, chat_variants_choose(&variants.variants,
                                                      variants.bytes, caps));
    if (op->said == CHAT_PRIVMSG && client->away != NULL)
        chat_answer_numeric(
            answer, IRC_RPL_AWAY,
            IRC_ARGS(chat_user_nick(&client->user),
                     irc_span(client->away, client->away_size)));
    chat_answer_end(answer, CHAT_DONE);
}

/* --- WHOIS --------------------------------------------------------------- */

/* What is secret is told to who is in it, and to himself. */
static bool may_see_channel(const struct chat_op *op,
                            const struct chat_membership *membership)
{
    struct irc_span shared = chat_op_text(op, 1);

    if (!membership->view->is_secret ||
        mio_actor_id_equal(op->user.id, membership->client->user.id))
        return true;
    for (; shared.size >= sizeof(uint64_t);
         shared = irc_span_tail(shared, sizeof(uint64_t))) {
        uint64_t channel;
        memcpy(&channel, shared.at, sizeof(channel));
        if (channel == membership->view->channel)
            return true;
    }
    return false;
}

static struct chat_membership *next_seen(const struct chat_op *op,
                                         struct chat_membership *membership)
{
    while (membership != NULL &&
           (membership->view == NULL || !may_see_channel(op, membership)))
        membership = membership->next;
    return membership;
}

/* "@#c +#d", as many lines as it takes. */
static void put_channels(struct chat_answer *answer, const struct chat_op *op,
                         const struct chat_client *client)
{
    bool is_multi = (op->user.caps & IRC_CAP_MULTI_PREFIX) != 0;
    struct chat_membership *each = next_seen(op, client->memberships);
    struct irc_writer line;

    while (each != NULL) {
        chat_answer_open(answer, &line);
        irc_numeric_begin(&line, answer->out->server->name, answer->client,
                          IRC_RPL_WHOISCHANNELS);
        irc_put(&line, chat_user_nick(&client->user));
        irc_put_text(&line, " :");
        do {
            irc_put(&line, irc_member_prefix(each->status, is_multi));
            irc_put(&line, irc_span(each->name, each->name_size));
            irc_put_char(&line, ' ');
            each = next_seen(op, each->next);
        } while (each != NULL && irc_writer_room(&line) > IRC_CHANNEL_MAX + 3);
        line.size--; /* the last space */
        chat_answer_close(answer, &line);
    }
}

static void put_idle(struct chat_answer *answer,
                     const struct chat_client *client)
{
    int64_t idle_ns = mio_actor_now_ns(answer->out->actor) - client->active_ns;
    uint64_t idle_s = idle_ns > 0 ? (uint64_t)(idle_ns / MIO_NS_PER_S) : 0;

    chat_answer_numeric(answer, IRC_RPL_WHOISIDLE,
                        IRC_ARGS(chat_user_nick(&client->user),
                                 IRC_NUMBER(idle_s),
                                 IRC_NUMBER((uint64_t)client->signed_on_s)));
}

static void whois(struct chat_client *client, struct chat_answer *answer,
                  const struct chat_op *op)
{
    const struct chat_server *server = answer->out->server;
    const struct chat_user *user = &client->user;
    struct irc_span nick = chat_user_nick(user);

    chat_answer_numeric(answer, IRC_RPL_WHOISUSER,
                        IRC_ARGS(nick, chat_user_user(user),
                                 chat_user_host(user), chat_user_real(user)));
    put_channels(answer, op, client);
    chat_answer_numeric(answer, IRC_RPL_WHOISSERVER,
                        IRC_ARGS(nick, server->name, server->network));
    if (client->away != NULL)
        chat_answer_numeric(
            answer, IRC_RPL_AWAY,
            IRC_ARGS(nick, irc_span(client->away, client->away_size)));
    if ((user->flags & IRC_USER_OPERATOR) != 0)
        chat_answer_numeric(answer, IRC_RPL_WHOISOPERATOR, IRC_ARGS(nick));
    if (user->account_size > 0)
        chat_answer_numeric(answer, IRC_RPL_WHOISACCOUNT,
                            IRC_ARGS(nick, chat_user_account(user)));
    put_idle(answer, client);
    chat_answer_numeric(answer, IRC_RPL_ENDOFWHOIS, IRC_ARGS(nick));
    chat_answer_end(answer, CHAT_DONE);
}

/* --- ops ----------------------------------------------------------------- */

/* He is gone, although nicks still knew him when it was asked. */
static void refuse_gone(struct chat_answer *answer, enum chat_op_kind kind,
                        const struct chat_op *op)
{
    struct irc_span nick = chat_op_text(op, 0);

    if (kind != CHAT_OP_TELL || op->said != CHAT_NOTICE)
        chat_answer_numeric(answer, IRC_ERR_NOSUCHNICK, IRC_ARGS(nick));
    if (kind == CHAT_OP_WHOIS)
        chat_answer_numeric(answer, IRC_RPL_ENDOFWHOIS, IRC_ARGS(nick));
    chat_answer_end(answer, CHAT_REFUSED);
}

void chat_hub_take_op(struct chat_hub *self, enum chat_op_kind kind,
                      struct mio_message *message)
{
    const struct chat_op *op = mio_message_payload(message);
    struct chat_outbox out;
    struct chat_answer answer;

    if (kind != CHAT_OP_TELL && kind != CHAT_OP_WHOIS && kind != CHAT_OP_KILL)
        return;
    chat_outbox_init(&out, self->actor, self->server);
    chat_answer_begin(&answer, &out, op);
    struct chat_client *client = chat_hub_client(self, op->target);
    if (client == NULL) {
        refuse_gone(&answer, kind, op);
    } else if (kind == CHAT_OP_TELL) {
        tell(self, client, &answer, op);
    } else if (kind == CHAT_OP_WHOIS) {
        whois(client, &answer, op);
    } else {
        client->client_class->kill(client, chat_user_nick(&op->user),
                                   chat_op_text(op, 1));
        chat_answer_end(&answer, CHAT_DONE);
    }
}
