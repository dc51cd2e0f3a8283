/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel_mode.c - what a channel's modes are and how they
 * change. */
#include <string.h>

#include "apps/chat/channel/channel_private.h"
#include "apps/chat/irc/mask.h"
#include "apps/chat/irc/mode.h"

/* The changes of one MODE that had an effect, to be told. Their arguments are
 * of the op, of members, or of `masks`. */
struct applied {
    struct irc_mode_change changes[IRC_MODE_CHANGES_MAX];
    size_t count;
    char masks[IRC_MODES_MAX][IRC_MASK_MAX];
    size_t masks_count;
    struct chat_effect effects[IRC_MODES_MAX];
    size_t effects_count;
    bool was_list_shown; /* "bbbb" is answered once */
};

static void add_applied(struct applied *applied,
                        const struct irc_mode_change *change,
                        struct irc_span arg)
{
    applied->changes[applied->count] = *change;
    applied->changes[applied->count++].arg = arg;
}

/* The key is not told to everybody. */
static void answer_modes(struct chat_channel_work *work)
{
    struct chat_channel *self = work->channel;
    struct irc_span name = chat_channel_name(self);
    struct irc_span key = irc_span(self->key, self->key_size);
    struct irc_writer modes;
    char buffer[IRC_LINE_MAX];

    if (key.size > 0 && work->member == NULL)
        key = IRC_SPAN("*");
    irc_writer_init(&modes, buffer, sizeof(buffer));
    irc_channel_modes_put(&modes, self->flags, key, self->limit);
    chat_answer_numeric(&work->answer, IRC_RPL_CHANNELMODEIS,
                        IRC_ARGS(name, irc_span(modes.at, modes.size)));
    chat_answer_numeric(&work->answer, IRC_RPL_CREATIONTIME,
                        IRC_ARGS(name, IRC_NUMBER((uint64_t)self->created_s)));
    chat_answer_end(&work->answer, CHAT_DONE);
}

static void put_bans(struct chat_channel_work *work, struct applied *applied)
{
    const struct chat_bans *bans = &work->channel->bans;
    struct irc_span name = chat_channel_name(work->channel);

    if (applied->was_list_shown)
        return;
    applied->was_list_shown = true;
    for (uint32_t i = 0; i < bans->count; i++) {
        const struct chat_ban *ban = &bans->bans[i];
        chat_answer_numeric(&work->answer, IRC_RPL_BANLIST,
                            IRC_ARGS(name, irc_span(ban->mask, ban->mask_size),
                                     irc_span(ban->by, ban->by_size),
                                     IRC_NUMBER((uint64_t)ban->set_s)));
    }
    chat_answer_numeric(&work->answer, IRC_RPL_ENDOFBANLIST, IRC_ARGS(name));
}

static void apply_status(struct chat_channel_work *work,
                         struct applied *applied,
                         const struct irc_mode_change *change)
{
    struct chat_member *member =
        chat_members_of_nick(&work->channel->members, change->arg);
    unsigned flag = irc_member_flag_of(change->letter);

    if (member == NULL) {
        chat_answer_numeric(
            &work->answer, IRC_ERR_USERNOTINCHANNEL,
            IRC_ARGS(change->arg, chat_channel_name(work->channel)));
        return;
    }
    if (((member->status & flag) != 0) == change->is_adding)
        return;
    member->status ^= (uint8_t)flag;
    applied->effects[applied->effects_count++] =
        (struct chat_effect){.member = member->user.id,
                             .kind = CHAT_STATUS,
                             .status = member->status};
    add_applied(applied, change, chat_user_nick(&member->user));
}

static int add_ban(struct chat_channel_work *work, struct irc_span mask)
{
    char by[IRC_MASK_MAX];

    return chat_bans_add(
        &work->channel->bans, mask, chat_user_mask(&work->op->user, by),
        chat_outbox_unix_s(work->out), work->channel->server->bans_max);
}

static void apply_ban(struct chat_channel_work *work, struct applied *applied,
                      const struct irc_mode_change *change)
{
    char *buffer = applied->masks[applied->masks_count];
    struct irc_span mask =
        irc_span(buffer, irc_mask_normalise(change->arg, buffer));
    int rc;

    if (change->is_adding)
        rc = add_ban(work, mask);
    else
        rc = chat_bans_remove(&work->channel->bans, mask);
    if (rc < 0) {
        chat_answer_numeric(&work->answer, IRC_ERR_BANLISTFULL,
                            IRC_ARGS(chat_channel_name(work->channel), mask));
        return;
    }
    if (rc == 0)
        return;
    applied->masks_count++;
    add_applied(applied, change, mask);
}

static void apply_key(struct chat_channel *self, struct applied *applied,
                      const struct irc_mode_change *change)
{
    if (!change->is_adding) {
        if (self->key_size > 0)
            add_applied(applied, change, IRC_SPAN("*"));
        self->key_size = 0;
        return;
    }
    self->key_size = (uint8_t)change->arg.size;
    memcpy(self->key, change->arg.at, change->arg.size);
    add_applied(applied, change, change->arg);
}

static void apply_limit(struct chat_channel *self, struct applied *applied,
                        const struct irc_mode_change *change)
{
    uint32_t limit = change->is_adding ? (uint32_t)change->number : 0;

    if (limit == self->limit)
        return;
    self->limit = limit;
    add_applied(applied, change,
                change->is_adding ? change->arg : irc_span("", 0));
}

static void apply_flag(struct chat_channel *self, struct applied *applied,
                       const struct irc_mode_change *change)
{
    unsigned flag = irc_channel_flag_of(change->letter);

    if (((self->flags & flag) != 0) == change->is_adding)
        return;
    self->flags ^= flag;
    add_applied(applied, change, irc_span("", 0));
}

static void apply(struct chat_channel_work *work, struct applied *applied,
                  const struct irc_mode_change *change)
{
    switch (change->letter) {
    case 'o':
    case 'v':
        apply_status(work, applied, change);
        break;
    case 'b':
        apply_ban(work, applied, change);
        break;
    case 'k':
        apply_key(work->channel, applied, change);
        break;
    case 'l':
        apply_limit(work->channel, applied, change);
        break;
    default:
        apply_flag(work->channel, applied, change);
        break;
    }
}

static void put_bad_arg(struct chat_channel_work *work,
                        const struct irc_mode_change *change)
{
    struct irc_span name = chat_channel_name(work->channel);
    struct irc_span letter = irc_span(&change->letter, 1);

    if (change->letter == 'k' && change->verdict == IRC_MODE_BAD_ARG)
        chat_answer_numeric(&work->answer, IRC_ERR_INVALIDKEY, IRC_ARGS(name));
    else if (change->verdict == IRC_MODE_BAD_ARG)
        chat_answer_numeric(&work->answer, IRC_ERR_INVALIDMODEPARAM,
                            IRC_ARGS(name, letter, change->arg,
                                     IRC_SPAN("Invalid mode parameter")));
    else
        chat_answer_numeric(&work->answer, IRC_ERR_INVALIDMODEPARAM,
                            IRC_ARGS(name, letter, IRC_SPAN("*"),
                                     IRC_SPAN("You must specify a parameter")));
}

/* Returns whether it is to be applied. */
static bool judge(struct chat_channel_work *work, struct applied *applied,
                  const struct irc_mode_change *change, bool *was_refused)
{
    switch (change->verdict) {
    case IRC_MODE_QUERY:
        put_bans(work, applied);
        return false;
    case IRC_MODE_UNKNOWN:
        chat_answer_numeric(&work->answer, IRC_ERR_UNKNOWNMODE,
                            IRC_ARGS(irc_span(&change->letter, 1)));
        return false;
    case IRC_MODE_NO_ARG:
    case IRC_MODE_BAD_ARG:
    case IRC_MODE_CHANGE:
    default:
        break;
    }
    if (!chat_channel_has_operator(work)) {
        if (!*was_refused)
            chat_answer_numeric(&work->answer, IRC_ERR_CHANOPRIVSNEEDED,
                                IRC_ARGS(chat_channel_name(work->channel)));
        *was_refused = true;
        return false;
    }
    if (change->verdict == IRC_MODE_CHANGE)
        return true;
    put_bad_arg(work, change);
    return false;
}

/* One line, or more if they do not fit. The effects go with the first. */
static void post_applied(struct chat_channel_work *work,
                         const struct applied *applied)
{
    size_t told = 0;

    while (told < applied->count) {
        struct chat_post_draft draft;
        struct irc_writer line;

        chat_channel_post_begin(work, &draft);
        for (size_t i = 0; told == 0 && i < applied->effects_count; i++)
            chat_post_add_effect(&draft, CHAT_STATUS,
                                 applied->effects[i].member,
                                 applied->effects[i].status);
        chat_channel_post_open(work, &draft, &line);
        irc_put_text(&line, "MODE ");
        irc_put(&line, chat_channel_name(work->channel));
        irc_put_char(&line, ' ');
        size_t count = irc_mode_changes_put(&line, applied->changes + told,
                                            applied->count - told);
        chat_variants_close(&draft.line, &line);
        (void)chat_channel_post(work, &draft);
        if (count == 0)
            break; /* never: one change always fits */
        told += count;
    }
}

static void change_modes(struct chat_channel_work *work)
{
    struct irc_mode_change changes[IRC_MODE_CHANGES_MAX];
    struct irc_span params[CHAT_TEXTS_MAX];
    size_t params_count = work->op->texts_count - 1u;
    struct applied applied = {.count = 0};
    bool was_refused = false;

    for (size_t i = 0; i < params_count; i++)
        params[i] = chat_op_text(work->op, (uint32_t)i + 1);
    size_t count = irc_channel_modes_parse(params, params_count, changes);
    for (size_t i = 0; i < count; i++)
        if (judge(work, &applied, &changes[i], &was_refused))
            apply(work, &applied, &changes[i]);
    post_applied(work, &applied);
    chat_answer_end(&work->answer, was_refused ? CHAT_REFUSED : CHAT_DONE);
}

void chat_channel_mode(struct chat_channel_work *work)
{
    if (work->op->texts_count < 2)
        answer_modes(work);
    else
        change_modes(work);
}
