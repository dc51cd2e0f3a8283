/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/line.c - lines out of a stream of bytes. */
#include "apps/chat/irc/line.h"

#include <string.h>

#include "apps/chat/irc/limits.h"

/* Bytes of the tag section at the front, '@' and its space included. A section
 * with no end in sight is all there is. */
static size_t tags_size(const char *data, size_t size)
{
    if (size == 0 || data[0] != '@')
        return 0;

    size_t reach = size < IRC_CLIENT_TAGS_MAX ? size : IRC_CLIENT_TAGS_MAX;
    const char *space = memchr(data, ' ', reach);
    return space == NULL ? size : (size_t)(space - data) + 1;
}

/* `slack` is 1 while the last byte may be the CR of a line's end, else 0. */
static bool is_too_long(const char *data, size_t size, size_t slack)
{
    size_t tags = tags_size(data, size);

    return tags > IRC_CLIENT_TAGS_MAX + slack ||
           size - tags > IRC_BODY_MAX + slack;
}

static bool has_forbidden_byte(const char *data, size_t size)
{
    return memchr(data, '\0', size) != NULL || memchr(data, '\r', size) != NULL;
}

static size_t unended_max(const struct irc_line_scanner *self)
{
    return self->unended_max != 0 ? self->unended_max : IRC_UNENDED_MAX;
}

static enum irc_line_verdict unended(struct irc_line_scanner *self,
                                     const char *data, size_t size,
                                     size_t *consumed)
{
    *consumed = 0;
    if (self->skipped + size >= unended_max(self))
        return IRC_LINE_ENDLESS;

    if (self->skipped > 0 || is_too_long(data, size, 1)) {
        /* Nobody will want these bytes: do not let them fill the buffer. */
        self->skipped += (uint32_t)size;
        self->seen = 0;
        *consumed = size;
    } else {
        self->seen = (uint32_t)size;
    }
    return IRC_LINE_MORE;
}

/* `raw` is the line with a CR that may precede the newline. */
static enum irc_line_verdict ended(struct irc_line_scanner *self,
                                   struct irc_span raw, struct irc_span line)
{
    size_t total = self->skipped + raw.size;
    bool skipping = self->skipped > 0;

    self->seen = 0;
    self->skipped = 0;
    if (total >= unended_max(self))
        return IRC_LINE_ENDLESS;
    if (skipping || is_too_long(line.at, line.size, 0))
        return IRC_LINE_TOO_LONG;
    if (has_forbidden_byte(line.at, line.size))
        return IRC_LINE_DROPPED;
    return IRC_LINE_READY;
}

enum irc_line_verdict irc_line_next(struct irc_line_scanner *self,
                                    const char *data, size_t size,
                                    size_t *consumed, struct irc_span *line)
{
    size_t from = self->seen < size ? self->seen : size;
    const char *newline =
        size == from ? NULL : memchr(data + from, '\n', size - from);

    *line = irc_span("", 0);
    if (newline == NULL)
        return unended(self, data, size, consumed);

    struct irc_span raw = irc_span(data, (size_t)(newline - data));
    bool has_cr = raw.size > 0 && newline[-1] == '\r';
    *line = irc_span_head(raw, raw.size - has_cr);
    *consumed = raw.size + 1;
    return ended(self, raw, *line);
}
