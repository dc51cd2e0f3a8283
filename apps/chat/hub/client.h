/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/client.h - what the hub of a reactor needs of a session there.
 *
 * A session embeds it. Hub and session are on one reactor and call each other;
 * the hub forgets a client in chat_hub_close and never later. */
#ifndef MIO_APPS_CHAT_HUB_CLIENT_H
#define MIO_APPS_CHAT_HUB_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/protocol/user.h"
#include "core/slice.h"

struct chat_client;
struct chat_transition;
struct chat_view;

/* How lines reach a client. Static. Called in the middle of a round over many
 * clients, so none of them but kill may call the hub back. */
struct chat_client_class {
    /** Queue a reference to a line that many share. */
    void (*deliver)(struct chat_client *self, struct mio_slice *line);

    /** Queue a copy of lines that only he gets. */
    void (*send)(struct chat_client *self, struct irc_span lines);

    /** A line that his own op caused, as he is to see it (JOIN's echo...): for
     *  a label. True: it was queued; false (or NULL): treat it as any other. */
    bool (*own)(struct chat_client *self, uint64_t serial,
                struct irc_span line);

    /** An operator wants him out: send ERROR and finish. */
    void (*kill)(struct chat_client *self, struct irc_span by,
                 struct irc_span reason);
};

/* One channel of a client. */
struct chat_membership {
    struct chat_client *client;
    struct chat_view *view; /* NULL: he is not in it (yet) */
    struct chat_membership *next;
    struct chat_membership **link;
    uint32_t index;   /* in the view */
    uint16_t joining; /* JOINs under way */
    uint8_t status;   /* enum irc_member_flag */
    uint8_t name_size;
    char name[IRC_CHANNEL_MAX];
};

struct chat_client {
    /* Set by the session before chat_hub_open */
    const struct chat_client_class *client_class;
    struct chat_user user; /* id and caps always true; the rest is the
                              session's until chat_hub_register, then it changes
                              by chat_hub_change only (caps: at will) */

    /* Kept by the session */
    uint8_t claiming_size; /* a nick whose CLAIM is under way: released too if
                              the connection closes meanwhile */
    char claiming[IRC_NICK_MAX];
    int64_t signed_on_s; /* since 1970 */
    int64_t active_ns;   /* mio_actor_now_ns of the last line said */

    /* Read: channels he is in or joins; the away message */
    struct chat_membership *memberships;
    uint32_t memberships_count;
    uint16_t away_size;
    char *away;

    /* private to hub */
    uint64_t stamp;
    struct chat_transition *transition; /* a change under way */
    struct chat_client *next;
    struct chat_client **link;
    bool is_open;
    bool is_registered; /* counted as a user, reached by WALLOPS */
    bool is_left;
};

#endif /* MIO_APPS_CHAT_HUB_CLIENT_H */
