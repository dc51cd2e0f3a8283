/* SPDX-License-Identifier: MIT
 *
 * apps/chat/options.h - what the command line said. */
#ifndef MIO_APPS_CHAT_OPTIONS_H
#define MIO_APPS_CHAT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apps/chat/session/front.h"
#include "core/error.h"

#define CHAT_LISTENS_MAX 16 /* of each dialect */
#define CHAT_REASON_MAX 160
/* More than that is no sample any more; each costs 100 bytes per reactor. */
#define CHAT_CONNECTIONS_MAX 1000000

struct chat_options {
    const char *listens[CHAT_LISTENS_MAX];
    uint32_t listens_count;
    const char *lines[CHAT_LISTENS_MAX]; /* the same for plain lines */
    uint32_t lines_count;
    struct irc_span line_room;
    uint32_t reactors_count;  /* 0: one for each usable CPU */
    uint32_t connections_max; /* 0: as many as descriptors allow */
    struct irc_span name, network, password;
    struct chat_operator operators[CHAT_OPERATORS_MAX];
    uint32_t operators_count;
    const char *motd;
    const char *inspect; /* NULL: nobody may look */
    struct chat_limits limits;
    bool no_flood_control;
    bool counts_loopback;
    bool exit_with_parent;
    bool stats;
    bool help;
    bool version;
};

/** Read the arguments, NULL behind the last; the result refers to them.
 *  Returns 0 | MIO_EINVAL: `reason` says why, in one line. */
MIO_NODISCARD int chat_options_parse(struct chat_options *self, int argc,
                                     char **argv, char reason[CHAT_REASON_MAX]);

/** What --help prints.                                     Thread: main. */
const char *chat_options_help(void);

#endif /* MIO_APPS_CHAT_OPTIONS_H */
