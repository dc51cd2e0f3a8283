/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/session.h - one client's connection: from bytes to ops, and
 * from replies to bytes.
 *
 * Lines are worked off one at a time, in order. A line whose command needs an
 * answer from somewhere else stays at the front of the read buffer, and its
 * handler is called again when all answers are in: nothing is copied, and a
 * peer that sends faster than it is served fills a bounded buffer. */
#ifndef MIO_APPS_CHAT_SESSION_SESSION_H
#define MIO_APPS_CHAT_SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/hub/client.h"
#include "apps/chat/irc/command.h"
#include "apps/chat/irc/flood.h"
#include "apps/chat/irc/line.h"
#include "apps/chat/irc/message.h"
#include "apps/chat/irc/numeric.h"
#include "apps/chat/protocol/protocol.h"
#include "apps/chat/session/front.h"
#include "apps/chat/session/label.h"
#include "apps/chat/session/monitor.h"
#include "net/server/connection.h"

/* Ops that one session may have under way, all to one actor. */
#define CHAT_OVERLAP_MAX 64

/* What a handler says of the line that it was given. */
enum chat_step {
    CHAT_STEP_DONE, /* the next line, please */
    CHAT_STEP_WAIT  /* this line again, when all ops are acknowledged */
};

enum chat_registration { /* bits: what was said so far */
                         CHAT_HAS_USER = 1,
                         CHAT_HAS_PASSWORD = 2,
                         CHAT_IN_CAP =
                             4, /* CAP LS or REQ, and no CAP END yet */
                         CHAT_IS_WELCOME = 8 /* complete */
};

struct chat_dialect;
struct chat_session;

/* What happens with the last reply of an op. It may begin another op. */
typedef void chat_then(struct chat_session *self,
                       const struct chat_reply *reply);

struct chat_session {
    struct chat_client client; /* first: the hub's handle is the session */
    struct mio_connection *connection;
    const struct chat_server *server;
    const struct chat_front *front;
    const struct chat_dialect *dialect;
    uint8_t stage; /* the dialect's own; 0 at first */

    /* Input */
    struct irc_line_scanner scanner;
    struct irc_flood flood;
    bool is_admitted;   /* the line at the front has paid for itself */
    bool is_paused;     /* no input is wanted until go_on */
    bool is_unfinished; /* the line at the front has begun and waits */
    bool is_flooding;   /* waiting for a token */
    bool is_closing;    /* no more input, ever */
    bool has_ended;     /* the peer sent its end */
    bool is_counted;    /* in front->hosts */
    uint32_t step;      /* how often the line at the front has waited */

    /* Ops under way */
    mio_actor_id asked; /* all of them went to him */
    uint32_t pending;
    uint64_t serial; /* of the last op sent */
    uint64_t cursor; /* of the last reply: go on from there */
    uint8_t more;    /* with this op */
    chat_then *then;
    uint8_t channel_size; /* which JOIN is under way */
    char channel[IRC_CHANNEL_MAX];
    uint32_t flags_before; /* the user's, before a change of modes under way */

    /* Registration and life */
    uint8_t registration; /* enum chat_registration */
    uint16_t lines_early; /* lines before it was complete */
    bool has_pinged;
    uint16_t cap_version;
    uint32_t motd_next; /* line of the MOTD to be sent next, plus 1; 0 = none */
    int64_t heard_ns;   /* when bytes came last */
    uint64_t host_hash;
    struct mio_actor_timer life_timer;
    struct mio_actor_timer flood_timer;

    struct chat_monitor monitor;
    char *killed;             /* why, for those who remain; NULL: was not */
    struct chat_label *label; /* NULL until the first labelled line */
};

/* What is listened on: the argument of its mio_server. */
struct chat_port {
    const struct chat_server *server;
    const struct chat_dialect *dialect;
};

/** The connection class; the argument is a struct chat_port. */
extern const struct mio_connection_class chat_session_class;

/* --- for commands ----------------------------------------------------------*/

/** A numeric to this client: chat_numeric(s, IRC_ERR_..., IRC_ARGS(x)). */
void chat_numeric(struct chat_session *self, enum irc_numeric numeric,
                  const struct irc_span *args, size_t args_count);

/** Write a line in place: open, irc_put..., send. */
struct chat_line {
    struct irc_writer out;
    char bytes[IRC_LINE_MAX];
};
void chat_line_open(struct chat_line *self);
void chat_line_send(struct chat_line *self, struct chat_session *session);

/** Is he registered? */
bool chat_session_is_welcome(const struct chat_session *self);

/** Nothing under way? Else a handler that needs that says CHAT_STEP_WAIT. */
bool chat_session_is_idle(const struct chat_session *self);

/** An op of this client, with what every op has. */
struct chat_op chat_session_op(const struct chat_session *self);

/** May an op of this kind go to that actor now? */
bool chat_session_may_ask(const struct chat_session *self, mio_actor_id to,
                          enum chat_op_kind kind);

/** Send an op; its last reply goes to `then` (NULL: nothing but its lines).
 *  When it cannot be sent the client is told so. Returns whether it was. */
bool chat_session_ask(struct chat_session *self, mio_actor_id to,
                      enum chat_op_kind kind, struct chat_op *op,
                      const struct irc_span *texts, uint32_t texts_count,
                      chat_then *then);

/** The same for what is no chat_op: count it as one that was just sent, with
 *  `serial` = ++self->serial. */
void chat_session_asked(struct chat_session *self, mio_actor_id to,
                        chat_then *then);

/** Registration is complete: from now on silence is what ends it. */
void chat_session_begin_life(struct chat_session *self);

/** Say ERROR, quit everywhere with that reason, close when the client had time
 *  to read it. Repeated: nothing. */
void chat_session_end(struct chat_session *self, struct irc_span reason,
                      int code);

/** The hub of its reactor; NULL while the runtime ends. */
struct chat_hub *chat_session_hub(const struct chat_session *self);

#endif /* MIO_APPS_CHAT_SESSION_SESSION_H */
