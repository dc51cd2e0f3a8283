/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/line.h - lines out of a stream of bytes.
 *
 * The scanner looks at the caller's buffer and never copies. What it finds
 * depends on the bytes alone, not on how the stream was cut into reads. */
#ifndef MIO_APPS_CHAT_IRC_LINE_H
#define MIO_APPS_CHAT_IRC_LINE_H

#include "apps/chat/irc/span.h"

enum irc_line_verdict {
    IRC_LINE_MORE,     /* no end of line yet: read more, then ask again */
    IRC_LINE_READY,    /* *line is a line without its end; it may be empty */
    IRC_LINE_TOO_LONG, /* a whole line was skipped: answer 417 */
    IRC_LINE_DROPPED,  /* a line with a NUL or a bare CR: answer nothing */
    IRC_LINE_ENDLESS,  /* too many bytes and no newline: ERROR, close */
};

/** One per stream. Zeroed is initialised. */
struct irc_line_scanner {
    uint32_t unended_max; /* bytes without a newline: too many; 0 =
                             IRC_UNENDED_MAX */
    /* private */
    uint32_t seen;    /* bytes at the front of the data with no newline */
    uint32_t skipped; /* bytes of this line already consumed: too long */
};

/** Look for the next line in data[0..size), all that the stream brought and
 *  that was not consumed yet. The caller drops the first *consumed bytes after
 *  it is done with *line. After IRC_LINE_MORE at most IRC_INPUT_LINE_MAX bytes
 *  stay unconsumed, so a buffer larger than that always has room.
 *  After IRC_LINE_ENDLESS the stream must not be used again. */
enum irc_line_verdict irc_line_next(struct irc_line_scanner *self,
                                    const char *data, size_t size,
                                    size_t *consumed, struct irc_span *line);

#endif /* MIO_APPS_CHAT_IRC_LINE_H */
