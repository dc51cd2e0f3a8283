/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/message.c - one line taken apart. */
#include "apps/chat/irc/message.h"

static struct irc_span without_spaces(struct irc_span rest)
{
    while (rest.size > 0 && rest.at[0] == ' ')
        rest = irc_span_tail(rest, 1);
    return rest;
}

/* Take the next word, of which there must be one, and the spaces behind it. */
static struct irc_span take_word(struct irc_span *rest)
{
    struct irc_span word = irc_span_head(*rest, irc_span_find(*rest, ' '));

    *rest = without_spaces(irc_span_tail(*rest, word.size));
    return word;
}

static bool is_next(struct irc_span rest, char sigil)
{
    return rest.size > 0 && rest.at[0] == sigil;
}

static void take_params(struct irc_message *out, struct irc_span rest)
{
    while (rest.size > 0) {
        struct irc_span *param = &out->params[out->params_count++];
        bool is_trailing = is_next(rest, ':');
        if (is_trailing)
            rest = irc_span_tail(rest, 1);
        if (is_trailing || out->params_count == IRC_PARAMS_MAX) {
            *param = rest;
            return;
        }
        *param = take_word(&rest);
    }
}

bool irc_message_parse(struct irc_message *out, struct irc_span line)
{
    struct irc_span rest = line;

    out->tags = irc_span("", 0);
    out->source = irc_span("", 0);
    out->params_count = 0;
    if (is_next(rest, '@'))
        out->tags = irc_span_tail(take_word(&rest), 1);
    rest = without_spaces(rest);
    if (is_next(rest, ':'))
        out->source = irc_span_tail(take_word(&rest), 1);
    if (rest.size == 0)
        return false;
    out->command = take_word(&rest);
    take_params(out, rest);
    return true;
}

struct irc_span irc_message_param(const struct irc_message *self,
                                  uint32_t index)
{
    return index < self->params_count ? self->params[index] : irc_span("", 0);
}
