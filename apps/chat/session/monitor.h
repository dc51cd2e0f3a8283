/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/monitor.h - whom one client watches: names, each once. */
#ifndef MIO_APPS_CHAT_SESSION_MONITOR_H
#define MIO_APPS_CHAT_SESSION_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "core/error.h"

struct chat_monitored {
    uint8_t size;
    char nick[IRC_NICK_MAX];
};

/* Zeroed is empty. Takes memory when the first name is added. */
struct chat_monitor {
    struct chat_monitored *list;
    uint32_t count;
};

void chat_monitor_deinit(struct chat_monitor *self);

/** Add a valid nick, unless it is there, to at most `max` of them (the same in
 *  every call).
 *  Returns 0 | MIO_EFULL | MIO_ENOMEM. */
MIO_NODISCARD int chat_monitor_add(struct chat_monitor *self,
                                   struct irc_span nick, uint32_t max);

/** Take it out; another takes its place. False if it was not there. */
bool chat_monitor_remove(struct chat_monitor *self, struct irc_span nick);

/** Number `index` of them, below count. It lives until the next change. */
struct irc_span chat_monitor_nick(const struct chat_monitor *self,
                                  uint32_t index);

#endif /* MIO_APPS_CHAT_SESSION_MONITOR_H */
