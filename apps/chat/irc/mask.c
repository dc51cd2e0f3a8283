/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/mask.c - '*' and '?' in bans, WHO and LIST. */
#include "apps/chat/irc/mask.h"

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/utf8.h"

/* How far one step of the mask goes in `text`, which is not empty; 0 = no. */
static size_t step(char in_mask, struct irc_span text)
{
    if (in_mask == '?')
        return irc_utf8_step(text);
    return irc_fold(in_mask) == irc_fold(text.at[0]) ? 1 : 0;
}

static bool is_next(struct irc_span mask, char c)
{
    return mask.size > 0 && mask.at[0] == c;
}

bool irc_mask_matches(struct irc_span mask, struct irc_span text)
{
    struct irc_span after_star = {NULL, 0}; /* the mask behind the last '*' */
    struct irc_span resume = {NULL, 0};     /* the text that it left over */

    while (text.size > 0) {
        size_t size = mask.size == 0 ? 0 : step(mask.at[0], text);
        if (is_next(mask, '*')) {
            mask = irc_span_tail(mask, 1);
            after_star = mask;
            resume = text;
        } else if (size > 0) {
            mask = irc_span_tail(mask, 1);
            text = irc_span_tail(text, size);
        } else if (resume.size > 0) {
            /* Let the last '*' have one character more. An earlier one never
             * needs to: it could only take what this one can take too. */
            resume = irc_span_tail(resume, irc_utf8_step(resume));
            text = resume;
            mask = after_star;
        } else {
            return false;
        }
    }
    while (is_next(mask, '*'))
        mask = irc_span_tail(mask, 1);
    return mask.size == 0;
}

bool irc_mask_is_wild(struct irc_span mask)
{
    return irc_span_find(mask, '*') != mask.size ||
           irc_span_find(mask, '?') != mask.size;
}

struct parts {
    struct irc_span nick, user, host;
};

static struct parts parts_of(struct irc_span mask)
{
    struct irc_span any = IRC_SPAN("*");
    struct parts parts = {any, any, any};
    size_t bang = irc_span_find(mask, '!');
    size_t at = irc_span_find(mask, '@');

    if (at < mask.size) {
        parts.host = irc_span_tail(mask, at + 1);
        mask = irc_span_head(mask, at);
        parts.user = irc_span_tail(mask, bang < at ? bang + 1 : 0);
        if (bang < at)
            parts.nick = irc_span_head(mask, bang);
    } else if (bang < mask.size) {
        parts.nick = irc_span_head(mask, bang);
        parts.user = irc_span_tail(mask, bang + 1);
    } else if (irc_span_find(mask, '.') < mask.size ||
               irc_span_find(mask, ':') < mask.size) {
        parts.host = mask; /* no nick has these */
    } else {
        parts.nick = mask;
    }
    return parts;
}

/* Returns the size written, 0 if the part is no good. */
static size_t put_part(struct irc_span part, size_t max, char *out)
{
    size_t size = 0;

    for (size_t i = 0; i < part.size; i++) {
        char c = part.at[i];
        if ((unsigned char)c <= ' ' || c == 0x7F)
            return 0;
        if (c == '*' && size > 0 && out[size - 1] == '*')
            continue;
        if (size == max)
            return 0;
        out[size++] = c;
    }
    if (size == 0)
        out[size++] = '*';
    return size;
}

size_t irc_mask_normalise(struct irc_span mask, char out[IRC_MASK_MAX])
{
    struct parts parts = parts_of(mask);
    size_t nick, user, host;

    nick = put_part(parts.nick, IRC_NICK_MAX, out);
    if (nick == 0)
        return 0;
    out[nick++] = '!';
    user = put_part(parts.user, IRC_USER_MAX, out + nick);
    if (user == 0)
        return 0;
    out[nick + user++] = '@';
    host = put_part(parts.host, IRC_HOST_MAX, out + nick + user);
    return host == 0 ? 0 : nick + user + host;
}
