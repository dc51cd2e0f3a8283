/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/dialect.h - how a session speaks on its wire: IRC itself,
 * or plain lines for people.
 *
 * Inside there is only IRC. Another dialect says what a line of its client
 * means as a line of IRC, and how lines of IRC look to him: everything else,
 * registration, rooms, limits, is the session's and the same for all. */
#ifndef MIO_APPS_CHAT_SESSION_DIALECT_H
#define MIO_APPS_CHAT_SESSION_DIALECT_H

#include "apps/chat/hub/client.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/session/session.h"

/* Static. */
struct chat_dialect {
    /** The connection is open and nothing was said. */
    void (*greet)(struct chat_session *self);

    /** A line of the client, without its end: do it with chat_session_do, or
     *  say that it has to wait. */
    enum chat_step (*take)(struct chat_session *self, struct irc_span line);

    /** Whole lines of IRC for this client. */
    void (*put)(struct chat_session *self, struct irc_span lines);

    /** He is registered: from now on silence is looked into. */
    void (*begin_life)(struct chat_session *self);

    /** How the hub reaches him: all but deliver are the session's. */
    struct chat_client_class client_class;
};

extern const struct chat_dialect chat_irc_dialect;
extern const struct chat_dialect chat_line_dialect;

/* --- for dialects ----------------------------------------------------------*/

/** Do a line of IRC that the client's line means. Called again with the same
 *  one if it has to wait. */
enum chat_step chat_session_do(struct chat_session *self, struct irc_span line);

/** Count a line of a client who is not registered yet. Returns whether it was
 *  one too many: then the session ends. */
bool chat_session_is_too_early(struct chat_session *self);

void chat_session_send_lines(struct chat_client *client, struct irc_span lines);
bool chat_session_own(struct chat_client *client, uint64_t serial,
                      struct irc_span line);
void chat_session_kill(struct chat_client *client, struct irc_span by,
                       struct irc_span reason);

#endif /* MIO_APPS_CHAT_SESSION_DIALECT_H */
