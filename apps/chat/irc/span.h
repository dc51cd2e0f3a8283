/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/span.h - some bytes of somebody else's buffer.
 *
 * Everything that the parser finds is a span of the line that it was given:
 * nothing is copied and nothing ends in NUL. A span lives as long as the
 * buffer that it points into. */
#ifndef MIO_APPS_CHAT_IRC_SPAN_H
#define MIO_APPS_CHAT_IRC_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct irc_span {
    const char *at; /* never NULL, except in a zeroed (so empty) span */
    size_t size;
};

/** A span of a string literal. */
#define IRC_SPAN(literal)                                                      \
    ((struct irc_span){"" literal "", sizeof("" literal "") - 1})

/** A number as decimal digits; they live until the enclosing block ends. */
#define IRC_NUMBER(value) irc_span_number((char[21]){0}, (value))

/** The bytes [at, at + size). */
static inline struct irc_span irc_span(const char *at, size_t size)
{
    struct irc_span span = {at, size};
    return span;
}

/** The bytes of a NUL-terminated string; NULL is empty. */
struct irc_span irc_span_of(const char *text);

/** `value` in decimal, written into buffer. */
struct irc_span irc_span_number(char buffer[21], uint64_t value);

/** Same bytes? */
bool irc_span_equal(struct irc_span a, struct irc_span b);

/** Same letters as the (upper- or lower-case) ASCII text? */
bool irc_span_is(struct irc_span span, const char *text);

/** The first `size` bytes, or all. */
struct irc_span irc_span_head(struct irc_span span, size_t size);

/** Without the first `size` bytes, or nothing. */
struct irc_span irc_span_tail(struct irc_span span, size_t size);

/** Where `byte` first is, or span.size. */
size_t irc_span_find(struct irc_span span, char byte);

/** Take what precedes the next `separator` out of *rest (or all of it), the
 *  separator too. Returns false when *rest is empty. */
bool irc_span_next(struct irc_span *rest, char separator,
                   struct irc_span *item);

/** Read a whole span of decimal digits. Returns false for anything else and
 *  for what exceeds `max`. */
bool irc_span_to_number(struct irc_span span, uint64_t max, uint64_t *value);

#endif /* MIO_APPS_CHAT_IRC_SPAN_H */
