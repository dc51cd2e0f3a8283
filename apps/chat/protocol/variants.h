/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/variants.h - one line as different clients get to see it.
 *
 * What differs are the tags in front (server-time, the sender's own tags with
 * message-tags) and, for some lines, the text itself (extended-join). There
 * are at most two texts, and a text without its tags is the end of the same
 * text with them, so that two copies are the most there ever are:
 *
 *   text 0   @time=... :nick!user@host JOIN #c
 *   text 1   @time=... :nick!user@host JOIN #c account :Real Name
 *
 * They travel in the message that needs them. Who receives it turns each into
 * slices over the message, and every client's queue refers to those. */
#ifndef MIO_APPS_CHAT_PROTOCOL_VARIANTS_H
#define MIO_APPS_CHAT_PROTOCOL_VARIANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/cap.h"
#include "apps/chat/irc/date.h"
#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "core/slice.h"
#include "runtime/actor.h"

/* A part of a message that clients' queues refer to. */
struct chat_variant_slice {
    struct mio_slice slice; /* first: a slice is found, its owner is wanted */
    struct mio_slice *message; /* NULL: not in use */
};

struct chat_variants {
    struct {
        uint16_t tags_size; /* the head that not everybody gets */
        uint16_t size;      /* with it; 0: there is no such text */
    } texts[2];
    uint32_t alternate_cap; /* enum irc_cap: who has it gets text 1 */
    uint32_t unused;
    /* private: used by who received it */
    const char *bytes;
    struct mio_message_share share;
    struct chat_variant_slice slices[4];
};

/* Two lines, each with the most tags that there can be */
#define CHAT_VARIANTS_BYTES_MAX (2 * IRC_OUTPUT_LINE_MAX)

/* Builds the texts of one line. */
struct chat_variants_writer {
    struct chat_variants variants; /* done when the texts are */
    char time[IRC_DATE_ISO_SIZE];
    size_t size; /* of bytes, both texts */
    char bytes[CHAT_VARIANTS_BYTES_MAX];
};

/** Start: a line of this moment. */
void chat_variants_begin(struct chat_variants_writer *self, int64_t unix_ns);

/** Start text 0, then its body with irc_put..., then end it. The body is cut
 *  to a legal length. */
void chat_variants_open(struct chat_variants_writer *self,
                        struct irc_writer *out);

/** Start text 1, for clients with `cap`. With message-tags it also has those
 *  of `client_tags` that may be relayed. */
void chat_variants_open_alternate(struct chat_variants_writer *self,
                                  struct irc_writer *out, uint32_t cap,
                                  struct irc_span client_tags);

/** End the text that was opened last. */
void chat_variants_close(struct chat_variants_writer *self,
                         struct irc_writer *out);

/** Both texts with the same body, text 1 for message-tags, if there are tags to
 *  relay; else text 0 alone. `body` has no line end. */
void chat_variants_put(struct chat_variants_writer *self, struct irc_span body,
                       struct irc_span client_tags);

/** Which bytes a client with `caps` sees; `bytes` are the texts. Empty: there
 *  is nothing for him. */
struct irc_span chat_variants_choose(const struct chat_variants *self,
                                     const char *bytes, uint32_t caps);

/** Make slices of a kept message that contains `self` and the texts' bytes.
 *  chat_variants_unref when they are handed out. */
void chat_variants_share(struct chat_variants *self, struct mio_actor *actor,
                         struct mio_message *message, const char *bytes);

/** The slice for a client with `caps`; NULL: there is nothing for him. */
struct mio_slice *chat_variants_slice(struct chat_variants *self,
                                      uint32_t caps);

/** Let the message go; it is freed when no queue refers to it any more. */
void chat_variants_unref(struct chat_variants *self);

#endif /* MIO_APPS_CHAT_PROTOCOL_VARIANTS_H */
