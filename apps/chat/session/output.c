/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/output.c - lines on their way to one client. */
#include "apps/chat/session/output.h"

#include <stdlib.h>

#include "apps/chat/irc/date.h"
#include "apps/chat/irc/tags.h"
#include "apps/chat/session/dialect.h"
#include "apps/chat/session/session.h"
#include "core/clock.h"

static bool has(const struct chat_session *self, unsigned cap)
{
    return (self->client.user.caps & cap) != 0;
}

static void send_bytes(void *ctx, struct irc_span bytes)
{
    struct chat_session *self = ctx;

    self->dialect->put(self, bytes);
}

static struct chat_label_sink sink_of(struct chat_session *self,
                                      char time[IRC_DATE_ISO_SIZE])
{
    struct chat_label_sink sink = {.server = self->server->name,
                                   .time = irc_span("", 0),
                                   .put = send_bytes,
                                   .ctx = self};

    if (has(self, IRC_CAP_SERVER_TIME))
        sink.time = irc_date_iso(time, mio_clock_realtime_ns());
    return sink;
}

static bool next_line(struct irc_span *rest, struct irc_span *line)
{
    size_t size = irc_span_find(*rest, '\n');

    if (rest->size == 0)
        return false;
    *line = irc_span_head(*rest, size + 1);
    *rest = irc_span_tail(*rest, size + 1);
    return true;
}

static void send_tagged(struct chat_session *self, struct irc_span line,
                        struct irc_span time)
{
    struct irc_span none = irc_span("", 0);
    char out[CHAT_TAGGED_LINE_MAX];

    send_bytes(self, irc_span(out, chat_tag_line(out, line, time, none, none)));
}

void chat_output_unasked(struct chat_session *self, struct irc_span lines)
{
    char time[IRC_DATE_ISO_SIZE];
    struct irc_span line;

    if (!has(self, IRC_CAP_SERVER_TIME)) {
        send_bytes(self, lines);
        return;
    }
    struct chat_label_sink sink = sink_of(self, time);
    while (next_line(&lines, &line))
        send_tagged(self, line, sink.time);
}

void chat_output_lines(struct chat_session *self, struct irc_span lines)
{
    char time[IRC_DATE_ISO_SIZE];
    struct irc_span line;

    if (!chat_output_is_labelled(self)) {
        chat_output_unasked(self, lines);
        return;
    }
    struct chat_label_sink sink = sink_of(self, time);
    while (next_line(&lines, &line))
        chat_label_line(self->label, line, &sink);
}

bool chat_output_is_labelled(const struct chat_session *self)
{
    return self->label != NULL && self->label->is_open;
}

bool chat_output_begin_label(struct chat_session *self, struct irc_span tags)
{
    struct irc_tag tag;

    if (chat_output_is_labelled(self))
        return !self->label->is_complete;
    if (tags.size == 0 || !has(self, IRC_CAP_LABELED_RESPONSE) ||
        !irc_tags_find(tags, "label", &tag) || tag.value.size == 0 ||
        tag.value.size > IRC_LABEL_MAX)
        return true;
    if (!chat_session_is_idle(self))
        return false;

    /* Kept from then on: whoever labels one line labels all of them. */
    if (self->label == NULL)
        self->label = calloc(1, sizeof(*self->label));
    if (self->label != NULL)
        chat_label_begin(self->label, tag.value);
    return true;
}

void chat_output_finish_label(struct chat_session *self)
{
    if (chat_output_is_labelled(self))
        self->label->is_complete = true;
}

void chat_output_end_label(struct chat_session *self)
{
    char time[IRC_DATE_ISO_SIZE];

    if (!chat_output_is_labelled(self) || !self->label->is_complete ||
        self->is_closing)
        return;
    struct chat_label_sink sink = sink_of(self, time);
    chat_label_end(self->label, &sink);
}

/* --- what the session says itself ------------------------------------------*/

void chat_line_open(struct chat_line *self)
{
    irc_writer_init(&self->out, self->bytes, sizeof(self->bytes));
}

void chat_line_send(struct chat_line *self, struct chat_session *session)
{
    chat_output_lines(session, irc_writer_end(&self->out));
}

void chat_numeric(struct chat_session *self, enum irc_numeric numeric,
                  const struct irc_span *args, size_t args_count)
{
    struct chat_line line;

    chat_line_open(&line);
    irc_numeric_put(&line.out, self->server->name,
                    chat_user_nick(&self->client.user), numeric, args,
                    args_count);
    chat_line_send(&line, self);
}
