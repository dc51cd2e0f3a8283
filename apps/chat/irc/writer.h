/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/writer.h - one line to be sent, put together piece by piece.
 *
 * The body is cut at IRC_BODY_MAX bytes, between characters, and the line's
 * end always fits: whatever is put, what comes out is one legal line. */
#ifndef MIO_APPS_CHAT_IRC_WRITER_H
#define MIO_APPS_CHAT_IRC_WRITER_H

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"

struct irc_writer {
    char *at; /* the caller's buffer */
    size_t size;
    bool is_truncated; /* something did not fit */
    /* private */
    size_t capacity; /* of the buffer */
    size_t limit;    /* for what is being written now; <= capacity - 2 */
};

/** Start a line in buffer[0..capacity), capacity >= 3. IRC_LINE_MAX holds any
 *  body, IRC_OUTPUT_LINE_MAX any body with its tags. */
void irc_writer_init(struct irc_writer *self, char *buffer, size_t capacity);

/** Tags stand before the body and have a limit of their own; tags.c says where
 *  they begin and where the body does. */
void irc_writer_begin_tags(struct irc_writer *self);
void irc_writer_begin_body(struct irc_writer *self);

/** Append; what does not fit is left out, and so is all that follows. */
void irc_put(struct irc_writer *self, struct irc_span text);
void irc_put_text(struct irc_writer *self, const char *text);
void irc_put_char(struct irc_writer *self, char c);
void irc_put_number(struct irc_writer *self, uint64_t value);

/** Append all of it or nothing. Returns whether it did. */
bool irc_put_whole(struct irc_writer *self, struct irc_span text);

/** ":nick!user@host " */
void irc_put_source(struct irc_writer *self, struct irc_span nick,
                    struct irc_span user, struct irc_span host);

/** Bytes that still fit. */
size_t irc_writer_room(const struct irc_writer *self);

/** End the line. Returns it, CRLF included. */
struct irc_span irc_writer_end(struct irc_writer *self);

#endif /* MIO_APPS_CHAT_IRC_WRITER_H */
