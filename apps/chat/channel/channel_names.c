/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel_names.c - who is in a channel: NAMES and WHO, in
 * pieces.
 *
 * The cursor is the member's place plus one; places do not move, so whoever
 * stays is told exactly once, however many come and go between two pieces. */
#include "apps/chat/channel/channel_private.h"
#include "apps/chat/irc/who.h"

/* The longest "@+nick!user@host", and the space before it */
#define NAME_SIZE_MAX (3 + IRC_MASK_MAX)

/* Strangers see nothing of a secret channel and nobody who hides. */
static bool may_see(struct chat_channel_work *work,
                    const struct chat_member *member)
{
    return work->member != NULL ||
           (member->user.flags & IRC_USER_INVISIBLE) == 0;
}

static bool is_hidden(struct chat_channel_work *work)
{
    return work->member == NULL &&
           (work->channel->flags & IRC_CHANNEL_SECRET) != 0;
}

/* "@nick", with multi-prefix "@+nick", with userhost-in-names all of it */
static void put_name(struct chat_channel_work *work, struct irc_writer *line,
                     const struct chat_member *member)
{
    uint32_t caps = work->op->user.caps;
    char mask[IRC_MASK_MAX];

    irc_put(line, irc_member_prefix(member->status,
                                    (caps & IRC_CAP_MULTI_PREFIX) != 0));
    irc_put(line, (caps & IRC_CAP_USERHOST_IN_NAMES) != 0
                      ? chat_user_mask(&member->user, mask)
                      : chat_user_nick(&member->user));
}

/* ":server 353 client = #c :" */
static void open_names(struct chat_channel_work *work, struct irc_writer *line)
{
    struct chat_channel *self = work->channel;
    bool is_secret = (self->flags & IRC_CHANNEL_SECRET) != 0;

    chat_answer_open(&work->answer, line);
    irc_numeric_begin(line, self->server->name, work->answer.client,
                      IRC_RPL_NAMREPLY);
    irc_put_text(line, is_secret ? "@ " : "= ");
    irc_put(line, chat_channel_name(self));
    irc_put_text(line, " :");
}

/* One 353 with as many names as it holds; nothing if none is left. */
static void put_names_line(struct chat_channel_work *work, uint32_t *cursor)
{
    struct chat_members *members = &work->channel->members;
    struct chat_member *member;
    struct irc_writer line;
    bool is_open = false;

    while ((member = chat_members_next(members, cursor)) != NULL) {
        if (!may_see(work, member))
            continue;
        if (is_open)
            irc_put_char(&line, ' ');
        else
            open_names(work, &line);
        is_open = true;
        put_name(work, &line, member);
        if (irc_writer_room(&line) < NAME_SIZE_MAX)
            break;
    }
    if (is_open)
        chat_answer_close(&work->answer, &line);
}

static bool has_more(const struct chat_channel *self, uint32_t cursor)
{
    return chat_members_next(&self->members, &cursor) != NULL;
}

void chat_channel_names_put(struct chat_channel_work *work, uint32_t cursor)
{
    while (has_more(work->channel, cursor)) {
        if (chat_answer_is_long(&work->answer)) {
            chat_answer_more(&work->answer, CHAT_OP_NAMES, cursor);
            return;
        }
        put_names_line(work, &cursor);
    }
    chat_answer_numeric(&work->answer, IRC_RPL_ENDOFNAMES,
                        IRC_ARGS(chat_channel_name(work->channel)));
    chat_answer_end(&work->answer, CHAT_DONE);
}

void chat_channel_names(struct chat_channel_work *work)
{
    chat_channel_names_put(work, is_hidden(work) ? UINT32_MAX
                                                 : (uint32_t)work->op->cursor);
}

static void put_who(struct chat_channel_work *work,
                    const struct irc_who_request *request,
                    const struct chat_member *member)
{
    struct chat_channel *self = work->channel;
    const struct chat_user *user = &member->user;
    bool is_multi = (work->op->user.caps & IRC_CAP_MULTI_PREFIX) != 0;
    struct irc_who_row row = {
        .channel = chat_channel_name(self),
        .user = chat_user_user(user),
        .address = IRC_SPAN("255.255.255.255"), /* nobody's business */
        .host = chat_user_host(user),
        .server = self->server->name,
        .nick = chat_user_nick(user),
        .account = chat_user_account(user),
        .real = chat_user_real(user),
        .is_away = (user->flags & CHAT_USER_AWAY) != 0,
        .is_operator = (user->flags & IRC_USER_OPERATOR) != 0,
        .prefix = irc_member_prefix(member->status, is_multi),
    };
    struct irc_writer line;

    if (request->wants_operators && !row.is_operator)
        return;
    chat_answer_open(&work->answer, &line);
    irc_who_put(&line, self->server->name, work->answer.client, request, &row);
    chat_answer_close(&work->answer, &line);
}

void chat_channel_who(struct chat_channel_work *work)
{
    struct chat_members *members = &work->channel->members;
    struct irc_who_request request = irc_who_parse(chat_op_text(work->op, 1));
    uint32_t cursor = is_hidden(work) ? UINT32_MAX : (uint32_t)work->op->cursor;
    struct chat_member *member;

    while ((member = chat_members_next(members, &cursor)) != NULL) {
        if (may_see(work, member))
            put_who(work, &request, member);
        if (chat_answer_is_long(&work->answer)) {
            chat_answer_more(&work->answer, CHAT_OP_WHO, cursor);
            return;
        }
    }
    chat_answer_numeric(&work->answer, IRC_RPL_ENDOFWHO,
                        IRC_ARGS(chat_op_text(work->op, 0)));
    chat_answer_end(&work->answer, CHAT_DONE);
}
