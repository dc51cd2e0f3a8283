/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/nicks_answers.c - what nicks can say themselves: WHO of a nick
 * or a mask, WHOWAS, ISON, USERHOST. */
#include <string.h>

#include "apps/chat/irc/mask.h"
#include "apps/chat/irc/who.h"
#include "apps/chat/nick/nicks_private.h"
#include "apps/chat/protocol/answer.h"
#include "core/assert.h"
#include "core/clock.h"

/* Users looked at for one op, shown or not: others wait their turn. */
#define WHO_LOOKS_MAX 64

static void put_who(struct chat_answer *answer,
                    const struct irc_who_request *request,
                    const struct chat_user *user)
{
    struct irc_span server = answer->out->server->name;
    struct irc_who_row row = {
        .channel = IRC_SPAN("*"),
        .user = chat_user_user(user),
        .address = IRC_SPAN("255.255.255.255"), /* nobody's business */
        .host = chat_user_host(user),
        .server = server,
        .nick = chat_user_nick(user),
        .account = chat_user_account(user),
        .real = chat_user_real(user),
        .is_away = (user->flags & CHAT_USER_AWAY) != 0,
        .is_operator = (user->flags & IRC_USER_OPERATOR) != 0,
    };
    struct irc_writer line;

    if (request->wants_operators && !row.is_operator)
        return;
    chat_answer_open(answer, &line);
    irc_who_put(&line, server, answer->client, request, &row);
    chat_answer_close(answer, &line);
}

static bool matches(struct irc_span mask, const struct chat_user *user)
{
    char buffer[IRC_MASK_MAX];

    return irc_mask_matches(mask, chat_user_nick(user)) ||
           irc_mask_matches(mask, chat_user_user(user)) ||
           irc_mask_matches(mask, chat_user_host(user)) ||
           irc_mask_matches(mask, chat_user_real(user)) ||
           irc_mask_matches(mask, chat_user_mask(user, buffer));
}

/* Who hides is found by his very nick only, or by operators and himself. */
static bool may_see(const struct chat_op *op, const struct chat_user *user)
{
    if ((user->flags & CHAT_USER_REGISTERED) == 0)
        return false;
    return (user->flags & IRC_USER_INVISIBLE) == 0 ||
           (op->user.flags & IRC_USER_OPERATOR) != 0 ||
           mio_actor_id_equal(user->id, op->user.id);
}

static void who_mask(struct chat_nicks *self, struct chat_answer *answer,
                     const struct irc_who_request *request,
                     const struct chat_op *op)
{
    uint32_t cursor = (uint32_t)op->cursor;
    uint32_t looks = 0;
    mio_key key;
    void *object;

    while (mio_slab_next(&self->places, &cursor, &key, &object)) {
        const struct chat_nick_record *record = object;
        if (may_see(op, &record->user) &&
            matches(chat_op_text(op, 0), &record->user))
            put_who(answer, request, &record->user);
        if (chat_answer_is_long(answer) || ++looks == WHO_LOOKS_MAX) {
            chat_answer_more(answer, CHAT_OP_WHO_NICK, cursor);
            return;
        }
    }
    chat_answer_end(answer, CHAT_DONE);
}

void chat_nicks_who(struct chat_nicks *self, struct chat_outbox *out,
                    const struct chat_op *op)
{
    struct irc_who_request request = irc_who_parse(chat_op_text(op, 1));
    struct irc_span nick = chat_op_text(op, 0);
    struct chat_answer answer;

    chat_answer_begin(&answer, out, op);
    if (op->is_scatter) {
        who_mask(self, &answer, &request, op);
        return;
    }
    const struct chat_nick_record *record = chat_nicks_visible(self, nick);
    if (record != NULL)
        put_who(&answer, &request, &record->user);
    chat_answer_numeric(&answer, IRC_RPL_ENDOFWHO, IRC_ARGS(nick));
    chat_answer_end(&answer, CHAT_DONE);
}

static void put_whowas(struct chat_answer *answer,
                       const struct chat_whowas_entry *entry)
{
    const struct chat_user *user = &entry->user;
    struct irc_span nick = chat_user_nick(user);
    char date[IRC_DATE_TEXT_SIZE];

    chat_answer_numeric(answer, IRC_RPL_WHOWASUSER,
                        IRC_ARGS(nick, chat_user_user(user),
                                 chat_user_host(user), chat_user_real(user)));
    chat_answer_numeric(
        answer, IRC_RPL_WHOISSERVER,
        IRC_ARGS(nick, answer->out->server->name,
                 irc_date_text(date, entry->left_s * MIO_NS_PER_S)));
}

void chat_nicks_whowas(struct chat_nicks *self, struct chat_outbox *out,
                       const struct chat_op *op)
{
    struct irc_span nick = chat_op_text(op, 0);
    uint64_t max;
    uint64_t count = 0;
    uint32_t cursor = 0;
    const struct chat_whowas_entry *entry;
    struct chat_answer answer;

    if (!irc_span_to_number(chat_op_text(op, 1), CHAT_WHOWAS_MAX, &max) ||
        max == 0)
        max = CHAT_WHOWAS_MAX;
    chat_answer_begin(&answer, out, op);
    while (count < max &&
           (entry = chat_whowas_next(&self->whowas, nick, &cursor)) != NULL) {
        put_whowas(&answer, entry);
        count++;
    }
    if (count == 0)
        chat_answer_numeric(&answer, IRC_ERR_WASNOSUCHNICK, IRC_ARGS(nick));
    chat_answer_numeric(&answer, IRC_RPL_ENDOFWHOWAS, IRC_ARGS(nick));
    chat_answer_end(&answer, CHAT_DONE);
}

/* "nick", or for USERHOST "nick*=+user@host"; a space before all but the
 * first. */
static void put_found(struct chat_find *find, const struct chat_user *user)
{
    struct irc_writer out;
    char buffer[IRC_LINE_MAX];

    irc_writer_init(&out, buffer, sizeof(buffer));
    if (find->found_size > 0)
        irc_put_char(&out, ' ');
    irc_put(&out, chat_user_nick(user));
    if (find->is_userhost) {
        bool is_operator = (user->flags & IRC_USER_OPERATOR) != 0;
        bool is_away = (user->flags & CHAT_USER_AWAY) != 0;
        irc_put_text(&out, is_operator ? "*=" : "=");
        irc_put_char(&out, is_away ? '-' : '+');
        irc_put(&out, chat_user_user(user));
        irc_put_char(&out, '@');
        irc_put(&out, chat_user_host(user));
    }
    if (find->found_size + out.size > sizeof(find->found))
        return; /* does not fit into the line either */
    memcpy(find->found + find->found_size, out.at, out.size);
    find->found_size = (uint16_t)(find->found_size + out.size);
}

static void answer_find(struct chat_outbox *out, const struct chat_find *find)
{
    struct chat_answer answer;

    chat_answer_begin_to(&answer, out, find->reply_to, find->serial,
                         irc_span(find->asker, find->asker_size));
    chat_answer_numeric(&answer,
                        find->is_userhost ? IRC_RPL_USERHOST : IRC_RPL_ISON,
                        IRC_ARGS(irc_span(find->found, find->found_size)));
    chat_answer_end(&answer, CHAT_DONE);
}

/* Its own nicks are looked up here; the first of another reactor decides where
 * it goes. So they are found in the order in which they were asked for. */
mio_actor_id chat_nicks_find(struct chat_nicks *self, struct chat_outbox *out,
                             struct chat_find *find)
{
    struct irc_span rest =
        irc_span_tail(irc_span(find->nicks, find->nicks_size), find->next);
    struct irc_span nick;

    while (irc_span_next(&rest, ' ', &nick)) {
        mio_actor_id owner = chat_server_nicks(self->server, nick);
        if (!mio_actor_id_equal(owner, self->server->nicks[self->reactor]))
            return owner;
        const struct chat_nick_record *record = chat_nicks_visible(self, nick);
        if (record != NULL)
            put_found(find, &record->user);
        find->next = (uint16_t)(find->nicks_size - rest.size);
    }
    answer_find(out, find);
    return (mio_actor_id){0};
}
