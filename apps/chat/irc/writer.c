/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/writer.c - one line to be sent, put together piece by piece. */
#include "apps/chat/irc/writer.h"

#include <string.h>

#include "apps/chat/irc/utf8.h"
#include "core/assert.h"

/* Let `size` more bytes be written, as far as the buffer has them. */
static void limit_to(struct irc_writer *self, size_t size)
{
    size_t left = self->capacity - 2 - self->size; /* 2: the line's end */

    self->limit = self->size + (size < left ? size : left);
    self->is_truncated = false;
}

void irc_writer_init(struct irc_writer *self, char *buffer, size_t capacity)
{
    MIO_ASSERT(capacity > 2);

    self->at = buffer;
    self->size = 0;
    self->capacity = capacity;
    limit_to(self, IRC_BODY_MAX);
}

void irc_writer_begin_tags(struct irc_writer *self)
{
    limit_to(self, IRC_TAGS_MAX);
}

void irc_writer_begin_body(struct irc_writer *self)
{
    limit_to(self, IRC_BODY_MAX);
}

size_t irc_writer_room(const struct irc_writer *self)
{
    return self->is_truncated ? 0 : self->limit - self->size;
}

static void append(struct irc_writer *self, struct irc_span text)
{
    if (text.size > 0)
        memcpy(self->at + self->size, text.at, text.size);
    self->size += text.size;
}

void irc_put(struct irc_writer *self, struct irc_span text)
{
    if (self->is_truncated)
        return;

    struct irc_span fitting = irc_utf8_head(text, self->limit - self->size);
    append(self, fitting);
    self->is_truncated = fitting.size < text.size;
}

bool irc_put_whole(struct irc_writer *self, struct irc_span text)
{
    if (text.size > irc_writer_room(self))
        return false;
    append(self, text);
    return true;
}

void irc_put_text(struct irc_writer *self, const char *text)
{
    irc_put(self, irc_span_of(text));
}

void irc_put_char(struct irc_writer *self, char c)
{
    irc_put(self, irc_span(&c, 1));
}

void irc_put_number(struct irc_writer *self, uint64_t value)
{
    irc_put(self, IRC_NUMBER(value));
}

void irc_put_source(struct irc_writer *self, struct irc_span nick,
                    struct irc_span user, struct irc_span host)
{
    irc_put_char(self, ':');
    irc_put(self, nick);
    irc_put_char(self, '!');
    irc_put(self, user);
    irc_put_char(self, '@');
    irc_put(self, host);
    irc_put_char(self, ' ');
}

struct irc_span irc_writer_end(struct irc_writer *self)
{
    MIO_ASSERT(self->size + 2 <= self->capacity);

    append(self, irc_span("\r\n", 2));
    return irc_span(self->at, self->size);
}
