/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/tags.h - what stands behind '@' at the front of a line. */
#ifndef MIO_APPS_CHAT_IRC_TAGS_H
#define MIO_APPS_CHAT_IRC_TAGS_H

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

struct irc_tag {
    struct irc_span key;   /* with its '+' if it has one */
    struct irc_span value; /* as it stands on the wire: escaped */
    bool is_client_only;   /* '+': for other clients, the server only relays */
};

/** Take the next well-formed tag out of *rest; malformed ones are passed over.
 *  Returns false when none is left. */
bool irc_tags_next(struct irc_span *rest, struct irc_tag *tag);

/** The last tag named `key` (the last one counts). */
bool irc_tags_find(struct irc_span tags, const char *key, struct irc_tag *tag);

/** Write the value as it was meant, at most `capacity` bytes (value.size is
 *  always enough). Returns the bytes written. */
size_t irc_tag_unescape(struct irc_span value, char *out, size_t capacity);

/** Append `text` as a tag's value. */
void irc_tag_escape(struct irc_writer *out, struct irc_span text);

/** What the server says in front of a line to a client that may see it. An
 *  empty span is left out. */
struct irc_tag_set {
    struct irc_span time;        /* server-time */
    struct irc_span label;       /* labeled-response, escaped as it came */
    struct irc_span batch;       /* id of the batch that holds this line */
    struct irc_span client_tags; /* the sender's tags: only '+' ones pass */
};

/** Start a line with "@time=...;+x=y " or, when there is nothing to say or no
 *  room for it, with nothing. The body, with its own limit, comes next. */
void irc_tags_put(struct irc_writer *out, const struct irc_tag_set *set);

#endif /* MIO_APPS_CHAT_IRC_TAGS_H */
