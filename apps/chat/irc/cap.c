/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/cap.c - capabilities: which there are and what CAP says. */
#include "apps/chat/irc/cap.h"

#define VERSION_WITH_NOTIFY 302 /* IRCv3: it implies cap-notify */

static const char *const names[] = {
#define X(name, text) text,
    IRC_CAPS(X)
#undef X
};

/* Capabilities are compared as bytes: IRCv3 says case-sensitive. */
static unsigned cap_find(struct irc_span name)
{
    for (unsigned i = 0; i < IRC_CAPS_COUNT; i++)
        if (irc_span_equal(name, irc_span_of(names[i])))
            return 1u << i;
    return 0;
}

enum irc_cap_subcommand irc_cap_subcommand_find(struct irc_span name)
{
    if (irc_span_is(name, "LS"))
        return IRC_CAP_LS;
    if (irc_span_is(name, "LIST"))
        return IRC_CAP_LIST;
    if (irc_span_is(name, "REQ"))
        return IRC_CAP_REQ;
    if (irc_span_is(name, "END"))
        return IRC_CAP_END;
    return IRC_CAP_UNKNOWN;
}

unsigned irc_cap_version(struct irc_span text)
{
    uint64_t version;

    if (!irc_span_to_number(text, 9999, &version) || version < 301)
        return 301;
    return (unsigned)version;
}

void irc_caps_put(struct irc_writer *out, unsigned caps)
{
    bool is_first = true;

    for (unsigned i = 0; i < IRC_CAPS_COUNT; i++) {
        if ((caps & (1u << i)) == 0)
            continue;
        if (!is_first)
            irc_put_char(out, ' ');
        irc_put_text(out, names[i]);
        is_first = false;
    }
}

bool irc_caps_request(struct irc_span list, unsigned version, unsigned *caps)
{
    unsigned wanted = *caps;
    struct irc_span item;

    while (irc_span_next(&list, ' ', &item)) {
        bool is_removed = item.size > 0 && item.at[0] == '-';
        unsigned cap = cap_find(is_removed ? irc_span_tail(item, 1) : item);
        if (item.size == 0)
            continue;
        if (cap == 0)
            return false;
        if (is_removed && cap == IRC_CAP_CAP_NOTIFY &&
            version >= VERSION_WITH_NOTIFY)
            return false;
        wanted = is_removed ? wanted & ~cap : wanted | cap;
    }
    *caps = wanted;
    return true;
}
