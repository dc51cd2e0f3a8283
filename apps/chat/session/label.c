/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/label.c - labeled-response: which lines answer which line.
 */
#include "apps/chat/session/label.h"

#include <string.h>

#include "core/assert.h"

struct tagger {
    char *out;
    size_t size;
};

static void put(struct tagger *self, struct irc_span text)
{
    if (text.size > 0)
        memcpy(self->out + self->size, text.at, text.size);
    self->size += text.size;
}

static void put_tag(struct tagger *self, struct irc_span key,
                    struct irc_span value)
{
    if (value.size == 0)
        return;
    put(self, self->size == 0 ? IRC_SPAN("@") : IRC_SPAN(";"));
    put(self, key);
    put(self, value);
}

size_t chat_tag_line(char out[CHAT_TAGGED_LINE_MAX], struct irc_span line,
                     struct irc_span time, struct irc_span label,
                     struct irc_span batch)
{
    struct irc_span has_time = IRC_SPAN("@time=");
    struct tagger tagger = {out, 0};

    if (!irc_span_equal(irc_span_head(line, has_time.size), has_time))
        put_tag(&tagger, IRC_SPAN("time="), time);
    put_tag(&tagger, IRC_SPAN("label="), label);
    put_tag(&tagger, IRC_SPAN("batch="), batch);
    if (tagger.size > 0 && line.size > 0 && line.at[0] == '@') {
        put(&tagger, IRC_SPAN(";"));
        line = irc_span_tail(line, 1);
    } else if (tagger.size > 0) {
        put(&tagger, IRC_SPAN(" "));
    }
    MIO_ASSERT(tagger.size + line.size <= CHAT_TAGGED_LINE_MAX);
    put(&tagger, line);
    return tagger.size;
}

static void put_line(const struct chat_label_sink *sink, struct irc_span line,
                     struct irc_span label, struct irc_span batch)
{
    char out[CHAT_TAGGED_LINE_MAX];
    size_t size = chat_tag_line(out, line, sink->time, label, batch);

    sink->put(sink->ctx, irc_span(out, size));
}

static struct irc_span none(void)
{
    return irc_span("", 0);
}

static struct irc_span label_of(const struct chat_label *self)
{
    return irc_span(self->text, self->size);
}

static struct irc_span id_of(const struct chat_label *self)
{
    return irc_span(self->id, self->id_size);
}

void chat_label_begin(struct chat_label *self, struct irc_span label)
{
    MIO_ASSERT(!self->is_open);
    MIO_ASSERT(label.size > 0 && label.size <= IRC_LABEL_MAX);

    self->is_open = true;
    self->is_complete = false;
    self->is_batch = false;
    self->size = (uint8_t)label.size;
    memcpy(self->text, label.at, label.size);
    self->held_size = 0;
}

static void open_batch(struct chat_label *self,
                       const struct chat_label_sink *sink)
{
    char buffer[IRC_LINE_MAX], id_buffer[IRC_BATCH_ID_SIZE];
    struct irc_span id = irc_batch_id(id_buffer, ++self->batch);
    struct irc_writer out;

    self->is_batch = true;
    self->id_size = (uint8_t)id.size;
    memcpy(self->id, id.at, id.size);
    irc_writer_init(&out, buffer, sizeof(buffer));
    irc_batch_open_put(&out, sink->server, id_of(self), "labeled-response");
    put_line(sink, irc_writer_end(&out), label_of(self), none());
    put_line(sink, irc_span(self->held, self->held_size), none(), id_of(self));
}

void chat_label_line(struct chat_label *self, struct irc_span line,
                     const struct chat_label_sink *sink)
{
    MIO_ASSERT(self->is_open);
    MIO_ASSERT(line.size <= sizeof(self->held));

    if (!self->is_batch && self->held_size == 0) {
        self->held_size = (uint16_t)line.size;
        memcpy(self->held, line.at, line.size);
        return;
    }
    if (!self->is_batch)
        open_batch(self, sink);
    put_line(sink, line, none(), id_of(self));
}

void chat_label_end(struct chat_label *self, const struct chat_label_sink *sink)
{
    char buffer[IRC_LINE_MAX];
    struct irc_writer out;

    MIO_ASSERT(self->is_open);

    self->is_open = false;
    irc_writer_init(&out, buffer, sizeof(buffer));
    if (self->is_batch) {
        irc_batch_close_put(&out, sink->server, id_of(self));
        put_line(sink, irc_writer_end(&out), none(), none());
    } else if (self->held_size > 0) {
        put_line(sink, irc_span(self->held, self->held_size), label_of(self),
                 none());
    } else {
        irc_ack_put(&out, sink->server);
        put_line(sink, irc_writer_end(&out), label_of(self), none());
    }
}
