/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/motd.h - the message of the day, read once. */
#ifndef MIO_APPS_CHAT_SESSION_MOTD_H
#define MIO_APPS_CHAT_SESSION_MOTD_H

#include <stddef.h>
#include <stdint.h>

#include "apps/chat/irc/span.h"
#include "core/error.h"

#define CHAT_MOTD_SIZE_MAX                                                     \
    1048576                    /* ours: a file larger than that is not one */
#define CHAT_MOTD_LINE_MAX 400 /* what fits behind ":server 372 nick :- " */

/* Zeroed is none. */
struct chat_motd {
    struct irc_span *lines;
    uint32_t lines_count;
    /* private */
    char *bytes;
};

/** Read a file. Long lines are cut; what is not UTF-8 becomes '?'.
 *  Returns 0 | MIO_ENOENT (cannot be read) | MIO_EMSGSIZE | MIO_ENOMEM. */
MIO_NODISCARD int chat_motd_read(struct chat_motd *self, const char *path);

/** The same of a text that is there already; it is copied. */
MIO_NODISCARD int chat_motd_init(struct chat_motd *self, struct irc_span text);

void chat_motd_deinit(struct chat_motd *self);

#endif /* MIO_APPS_CHAT_SESSION_MOTD_H */
