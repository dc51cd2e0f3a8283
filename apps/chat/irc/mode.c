/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/mode.c - mode strings: "+o-v nick nick" into changes and back.
 */
#include "apps/chat/irc/mode.h"

#include "apps/chat/irc/mask.h"
#include "apps/chat/irc/name.h"

struct flag {
    char letter;
    unsigned bit;
};

static const struct flag channel_flags[] = {
    {'i', IRC_CHANNEL_INVITE_ONLY},  {'m', IRC_CHANNEL_MODERATED},
    {'n', IRC_CHANNEL_NO_EXTERNAL},  {'s', IRC_CHANNEL_SECRET},
    {'t', IRC_CHANNEL_TOPIC_LOCKED}, {0, 0}};

static const struct flag member_flags_table[] = {
    {'o', IRC_MEMBER_OPERATOR}, {'v', IRC_MEMBER_VOICE}, {0, 0}};

static const struct flag user_flags[] = {{'i', IRC_USER_INVISIBLE},
                                         {'o', IRC_USER_OPERATOR},
                                         {'w', IRC_USER_WALLOPS},
                                         {0, 0}};

static unsigned flag_of(const struct flag *table, char letter)
{
    for (; table->letter != 0; table++)
        if (table->letter == letter)
            return table->bit;
    return 0;
}

unsigned irc_channel_flag_of(char letter)
{
    return flag_of(channel_flags, letter);
}

unsigned irc_member_flag_of(char letter)
{
    return flag_of(member_flags_table, letter);
}

/* The arguments that a mode string still has. */
struct args {
    const struct irc_span *next;
    size_t left;
};

static bool take_arg(struct args *args, struct irc_mode_change *change)
{
    if (args->left == 0)
        return false;
    change->arg = *args->next++;
    args->left--;
    return change->arg.size > 0;
}

static enum irc_mode_verdict judge_ban(struct irc_mode_change *change,
                                       struct args *args)
{
    char scratch[IRC_MASK_MAX];

    if (!take_arg(args, change))
        return IRC_MODE_QUERY;
    return irc_mask_normalise(change->arg, scratch) > 0 ? IRC_MODE_CHANGE
                                                        : IRC_MODE_BAD_ARG;
}

static enum irc_mode_verdict judge_key(struct irc_mode_change *change,
                                       struct args *args)
{
    bool has_arg = take_arg(args, change);

    if (!change->is_adding)
        return IRC_MODE_CHANGE; /* whoever may remove it need not know it */
    if (!has_arg)
        return IRC_MODE_NO_ARG;
    return irc_key_is_valid(change->arg) ? IRC_MODE_CHANGE : IRC_MODE_BAD_ARG;
}

static enum irc_mode_verdict judge_limit(struct irc_mode_change *change,
                                         struct args *args)
{
    if (!change->is_adding)
        return IRC_MODE_CHANGE;
    if (!take_arg(args, change))
        return IRC_MODE_NO_ARG;
    if (!irc_span_to_number(change->arg, IRC_USER_LIMIT_MAX, &change->number))
        return IRC_MODE_BAD_ARG;
    return change->number > 0 ? IRC_MODE_CHANGE : IRC_MODE_BAD_ARG;
}

static enum irc_mode_verdict judge(struct irc_mode_change *change,
                                   struct args *args)
{
    switch (change->letter) {
    case 'b':
        return judge_ban(change, args);
    case 'k':
        return judge_key(change, args);
    case 'l':
        return judge_limit(change, args);
    case 'o':
    case 'v':
        return take_arg(args, change) ? IRC_MODE_CHANGE : IRC_MODE_NO_ARG;
    default:
        return irc_channel_flag_of(change->letter) != 0 ? IRC_MODE_CHANGE
                                                        : IRC_MODE_UNKNOWN;
    }
}

size_t
irc_channel_modes_parse(const struct irc_span *params, size_t params_count,
                        struct irc_mode_change changes[IRC_MODE_CHANGES_MAX])
{
    struct args args = {params + 1, params_count > 0 ? params_count - 1 : 0};
    struct irc_span letters = params_count > 0 ? params[0] : irc_span("", 0);
    bool is_adding = true;
    size_t count = 0;

    if (args.left > IRC_MODES_MAX)
        args.left = IRC_MODES_MAX;
    for (size_t i = 0; i < letters.size; i++) {
        char letter = letters.at[i];
        if (letter == '+' || letter == '-') {
            is_adding = letter == '+';
            continue;
        }
        if (count == IRC_MODE_CHANGES_MAX)
            break;
        struct irc_mode_change *change = &changes[count++];
        *change = (struct irc_mode_change){
            .letter = letter, .is_adding = is_adding, .arg = irc_span("", 0)};
        change->verdict = judge(change, &args);
    }
    return count;
}

/* Bytes that the change adds to a mode string whose sign is `sign`. */
static size_t change_size(const struct irc_mode_change *change, char sign)
{
    size_t size = 1 + (sign != (change->is_adding ? '+' : '-'));

    return size + (change->arg.size > 0 ? 1 + change->arg.size : 0);
}

static void put_sign(struct irc_writer *out, char *sign, bool is_adding)
{
    char wanted = is_adding ? '+' : '-';

    if (*sign != wanted)
        irc_put_char(out, wanted);
    *sign = wanted;
}

size_t irc_mode_changes_put(struct irc_writer *out,
                            const struct irc_mode_change *changes,
                            size_t changes_count)
{
    size_t room = irc_writer_room(out);
    size_t count = 0;
    char sign = 0;

    for (; count < changes_count; count++) {
        size_t size = change_size(&changes[count], sign);
        if (size > room)
            break;
        room -= size;
        sign = changes[count].is_adding ? '+' : '-';
    }

    sign = 0;
    for (size_t i = 0; i < count; i++) {
        put_sign(out, &sign, changes[i].is_adding);
        irc_put_char(out, changes[i].letter);
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].arg.size == 0)
            continue;
        irc_put_char(out, ' ');
        irc_put(out, changes[i].arg);
    }
    return count;
}

void irc_channel_modes_put(struct irc_writer *out, unsigned flags,
                           struct irc_span key, uint64_t limit)
{
    irc_put_char(out, '+');
    for (const struct flag *flag = channel_flags; flag->letter != 0; flag++)
        if ((flags & flag->bit) != 0)
            irc_put_char(out, flag->letter);
    if (key.size > 0)
        irc_put_char(out, 'k');
    if (limit > 0)
        irc_put_char(out, 'l');
    if (key.size > 0) {
        irc_put_char(out, ' ');
        irc_put(out, key);
    }
    if (limit > 0) {
        irc_put_char(out, ' ');
        irc_put_number(out, limit);
    }
}

struct irc_span irc_member_prefix(unsigned member_flags, bool is_multi)
{
    bool is_voiced = (member_flags & IRC_MEMBER_VOICE) != 0;

    if ((member_flags & IRC_MEMBER_OPERATOR) != 0)
        return is_multi && is_voiced ? IRC_SPAN("@+") : IRC_SPAN("@");
    return is_voiced ? IRC_SPAN("+") : IRC_SPAN("");
}

bool irc_user_modes_parse(const struct irc_span *params, size_t params_count,
                          unsigned *set, unsigned *clear)
{
    struct irc_span letters = params_count > 0 ? params[0] : irc_span("", 0);
    bool is_adding = true;
    bool is_known = true;

    *set = 0;
    *clear = 0;
    for (size_t i = 0; i < letters.size; i++) {
        unsigned bit = flag_of(user_flags, letters.at[i]);
        if (letters.at[i] == '+' || letters.at[i] == '-')
            is_adding = letters.at[i] == '+';
        else if (bit == 0)
            is_known = false;
        else if (is_adding) {
            *set |= bit;
            *clear &= ~bit;
        } else {
            *clear |= bit;
            *set &= ~bit;
        }
    }
    *set &= ~(unsigned)IRC_USER_OPERATOR;
    return is_known;
}

static void put_user_flags(struct irc_writer *out, char sign, unsigned flags)
{
    irc_put_char(out, sign);
    for (const struct flag *flag = user_flags; flag->letter != 0; flag++)
        if ((flags & flag->bit) != 0)
            irc_put_char(out, flag->letter);
}

void irc_user_modes_put(struct irc_writer *out, unsigned flags)
{
    put_user_flags(out, '+', flags);
}

bool irc_user_modes_change_put(struct irc_writer *out, unsigned before,
                               unsigned after)
{
    if ((after & ~before) != 0)
        put_user_flags(out, '+', after & ~before);
    if ((before & ~after) != 0)
        put_user_flags(out, '-', before & ~after);
    return before != after;
}
