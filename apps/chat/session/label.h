/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/label.h - labeled-response: which lines answer which line.
 *
 * Nobody knows how many lines an answer will have, so its first one is held
 * back. No second one: it goes out with the label. A second one: a batch with
 * the label begins, and both are in it. None at all: ACK. */
#ifndef MIO_APPS_CHAT_SESSION_LABEL_H
#define MIO_APPS_CHAT_SESSION_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/reply.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/irc/tags.h"

/* Tags that the server adds in front of a line, next to those it may have */
#define CHAT_TAGGED_LINE_MAX (IRC_OUTPUT_LINE_MAX + IRC_LABEL_MAX + 64)

/** Write `line` (with its end, perhaps with tags) with more tags in front;
 *  time is left out if it has one. Returns the size. */
size_t chat_tag_line(char out[CHAT_TAGGED_LINE_MAX], struct irc_span line,
                     struct irc_span time, struct irc_span label,
                     struct irc_span batch);

struct chat_label {
    bool is_open;
    bool is_complete; /* the line that it answers is done with */
    bool is_batch;
    uint8_t size;
    char text[IRC_LABEL_MAX];
    uint64_t batch; /* number of this connection's batches */
    char id[IRC_BATCH_ID_SIZE];
    uint8_t id_size;
    uint16_t held_size;
    char held[IRC_OUTPUT_LINE_MAX];
};

/* Where finished lines go, each with its end. */
typedef void chat_label_put(void *ctx, struct irc_span line);

struct chat_label_sink {
    struct irc_span server; /* source of BATCH and ACK */
    struct irc_span time;   /* empty: the client has no server-time */
    chat_label_put *put;
    void *ctx;
};

/** Begin the answer to a line with this label, not empty and at most
 *  IRC_LABEL_MAX bytes. None is open. */
void chat_label_begin(struct chat_label *self, struct irc_span label);

/** A line of the answer, with its end. */
void chat_label_line(struct chat_label *self, struct irc_span line,
                     const struct chat_label_sink *sink);

/** That was all of it. */
void chat_label_end(struct chat_label *self,
                    const struct chat_label_sink *sink);

#endif /* MIO_APPS_CHAT_SESSION_LABEL_H */
