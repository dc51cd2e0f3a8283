/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/front.h - what sessions know beyond struct chat_server:
 * what the options said. chat_server.front points to it; unchanged once it
 * runs. */
#ifndef MIO_APPS_CHAT_SESSION_FRONT_H
#define MIO_APPS_CHAT_SESSION_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/span.h"
#include "apps/chat/protocol/server.h"
#include "apps/chat/session/hosts.h"
#include "apps/chat/session/limits.h"
#include "apps/chat/session/motd.h"

#define CHAT_VERSION "miocene-chat-0.1"
#define CHAT_OPERATORS_MAX 16

struct chat_operator {
    struct irc_span name, password;
};

struct chat_front {
    struct irc_span password; /* empty: none is asked for */
    struct chat_operator operators[CHAT_OPERATORS_MAX];
    uint32_t operators_count;
    struct chat_limits limits;
    bool has_flood_control;
    bool counts_loopback; /* connections from there count per address too */
    struct chat_motd motd;
    struct irc_span line_room; /* where clients of the line port talk */
    struct chat_hosts *hosts;  /* connections per address */
    uint64_t *users_peak;      /* atomic: most users there ever were */
};

static inline const struct chat_front *
chat_front_of(const struct chat_server *server)
{
    return (const struct chat_front *)server->front;
}

#endif /* MIO_APPS_CHAT_SESSION_FRONT_H */
