/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/protocol.h - what the actors of the chat say to each
 * other.
 *
 *   session    a connection (one actor for each client)
 *   directory  finds the channels of its reactor by name    } one of each on
 *   nicks      knows who has the nicks of its reactor       } every reactor,
 *   hub        reaches the sessions of its reactor          } see server.h
 *   channel    one channel; spawned by its directory, on the same reactor
 *
 * An OP asks for something. Whoever knows the answer formats the lines and
 * sends them in REPLYs to op.reply_to; the last one says is_last, and it is
 * sent after everything that the op caused was sent: "acknowledged" means
 * "posted". Each op has exactly one last reply, whatever becomes of it, unless
 * reply_to is nobody: then it has no reply at all. A session that is gone
 * leaves its replies to be dead letters.
 *
 * Order. Ops marked OVERLAP below, sent to the same actor, are answered in the
 * order in which they were sent: a session may have several of them under way.
 * Before any other op, and before another actor is addressed, all must be
 * acknowledged.
 *
 * What happens in a channel (JOIN, PART, KICK, MODE, TOPIC, what is said) has
 * one order, and all members on all reactors see it. NICK, QUIT, AWAY and the
 * like belong to no channel: they come after all that their user did and
 * before all that follows from them, but between what others say at the same
 * time two neighbours may see them at different places.
 *
 * Long replies. A last reply whose `cursor` is not 0 was not all: send the op
 * that it names in `more` with this cursor and the same texts, when the queue
 * has drained.
 *
 * Lines end in CRLF and are never split between two replies. Only those that
 * relay a client's own tags begin with '@'; time, label and batch are added by
 * the session.
 *
 *   JOIN     session -> directory -> channel (spawned if it is not there)
 *              channel -> each hub with members, the joiner's too: POST
 *                (effect ADD: the view grows, then all of it sees JOIN)
 *              channel -> session: REPLY 332 333 353* 366, perhaps `more`
 *            chat_hub_joining before, chat_hub_joined after the last reply.
 *            Refused: 403 405 471 473 474 475, result REFUSED.
 *   PART     session -> directory -> channel -> hubs: POST (REMOVE, after the
 *              line) -> session: REPLY
 *   SAY      session -> directory -> channel -> hubs: POST -> session: REPLY
 *            (404, 403; nothing for NOTICE). Who said it is passed over, but
 *            for echo-message.
 *   MODE TOPIC KICK   as SAY: POST with the line, REPLY with numerics.
 *   NAMES WHO(#c)     session -> directory -> channel -> session, in pieces
 *   LIST     session -> each directory in turn, with cursors; the session
 *            sends 321 before and 323 after. texts: "", struct irc_list_filter
 *   INVITED  (INVITE alone) the same, for where one is awaited: 336; the
 *            session sends 337 then
 *   CLAIM    session -> nicks of the new nick: REPLY DONE, or REFUSED with 433.
 *            The same owner may claim his nick again (another spelling).
 *   RECORD   session -> nicks: the owner's details are these from now on; with
 *            CHAT_USER_REGISTERED he can be found
 *   YIELD    hub -> nicks, before it tells the neighbours that he gives the
 *            nick up; RELEASE comes behind. A claim waits in between, so that
 *            who read QUIT gets the nick, and nobody gets it earlier.
 *   RELEASE  anybody -> nicks: no more his, if it was; kept for WHOWAS if he
 *            was registered
 *   NICK     CLAIM of the new one; chat_hub_change(CHAT_CHANGE_NICK), which is
 *              hub -> directories -> channels: CHANGE, each answers CHANGED;
 *              hub -> nicks: RECORD, answers REPLY; when all have answered
 *              hub -> nicks of the old one: YIELD
 *              hub -> every hub with members of these channels: EVENT, which
 *                reaches each neighbour once, however many channels he shares
 *              hub -> nicks of the old one: RELEASE
 *              hub -> session: REPLY with the client's own line
 *   AWAY SETNAME CHGHOST ACCOUNT MODES(user)   the same without the claim
 *   QUIT     chat_hub_leave: the same with CHAT_CHANGE_QUIT. An abrupt close
 *            is this very call from the close callback: the hub gathers, so
 *            nobody needs to live for it. The session gets no reply.
 *   TELL     (PRIVMSG to a nick) session -> nicks -> hub of his reactor ->
 *            his session, by a call; REPLY from the hub: 301, echo; or 401
 *   WHOIS KILL   session -> nicks -> hub of his reactor; REPLY from there
 *   WHOWAS WHO(nick)  session -> nicks; REPLY from there. WHO of a mask: to
 *            each nicks in turn, with cursors; the session sends 315 then.
 *   INVITE   session -> nicks of the nick -> directory -> channel;
 *              channel -> hub of the invited: DELIVER -> REPLY 341
 *   WATCH    (MONITOR) session -> nicks of the nick: REPLY 730 or 731, and from
 *            then on nicks -> hub of the watcher: DELIVER, at each change,
 *            until UNWATCH (REPLY without lines)
 *   FIND     (ISON, USERHOST) session -> nicks of the first nick -> nicks of
 *            the next one ... -> REPLY 303 or 302
 *   WALLOPS  session -> every hub: no reply needed, sending it is posting it
 *   LUSERS   nobody is asked: counts.h */
#ifndef MIO_APPS_CHAT_PROTOCOL_PROTOCOL_H
#define MIO_APPS_CHAT_PROTOCOL_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"
#include "apps/chat/protocol/user.h"
#include "apps/chat/protocol/variants.h"
#include "core/error.h"
#include "runtime/actor.h"
#include "runtime/message.h"

/* --- ops ----------------------------------------------------------------- */

/* X(NAME, name, whether several may be under way, texts) */
#define CHAT_OPS(X)                                                            \
    /* to directories */                                                       \
    X(JOIN, "join", false)       /* channel, key */                            \
    X(PART, "part", true)        /* channel, reason */                         \
    X(SAY, "say", true)          /* channel, text, client's tags */            \
    X(TOPIC, "topic", true)      /* channel [, topic] */                       \
    X(MODE, "mode", true)        /* channel [, modes, arguments...] */         \
    X(KICK, "kick", true)        /* channel, nick, reason */                   \
    X(NAMES, "names", false)     /* channel */                                 \
    X(WHO, "who", false)         /* channel, second parameter */               \
    X(LIST, "list", false)       /* "", struct irc_list_filter */              \
    X(INVITED, "invited", false) /* "" */                                      \
    X(CHANGE, "change", false)   /* channel */                                 \
    /* to nicks */                                                             \
    X(CLAIM, "claim", false)       /* nick */                                  \
    X(RECORD, "record", false)     /* nick */                                  \
    X(YIELD, "yield", false)       /* nick */                                  \
    X(RELEASE, "release", false)   /* nick */                                  \
    X(TELL, "tell", false)         /* nick, text, client's tags */             \
    X(WHOIS, "whois", false)       /* nick, asker's channels (uint64_t[]) */   \
    X(WHOWAS, "whowas", false)     /* nick, count or "" */                     \
    X(WHO_NICK, "who nick", false) /* nick or mask, second parameter */        \
    X(KILL, "kill", false)         /* nick, reason */                          \
    X(INVITE, "invite", false)     /* nick, channel */                         \
    X(WATCH, "watch", false)       /* nick */                                  \
    X(UNWATCH, "unwatch", false)   /* nick */

enum chat_op_kind {
#define X(name, text, overlap) CHAT_OP_##name,
    CHAT_OPS(X)
#undef X
        CHAT_OPS_COUNT,
    CHAT_NO_OP = CHAT_OPS_COUNT
};

/* What SAY and TELL carry */
enum chat_said { CHAT_PRIVMSG, CHAT_NOTICE, CHAT_TAGMSG };

/* What becomes of a user. All but MODES are told to his neighbours. */
enum chat_change {
    CHAT_CHANGE_NICK,
    CHAT_CHANGE_QUIT,
    CHAT_CHANGE_AWAY,    /* text: the message; empty: he is back */
    CHAT_CHANGE_REAL,    /* SETNAME */
    CHAT_CHANGE_HOST,    /* CHGHOST: user or host */
    CHAT_CHANGE_ACCOUNT, /* logged in or out */
    CHAT_CHANGE_MODES    /* flags; nobody is told but who keeps them */
};

#define CHAT_TEXTS_MAX 15 /* as a line has parameters */

struct chat_op {
    mio_actor_id reply_to; /* nobody: no reply */
    uint64_t serial;       /* comes back in the replies */
    uint64_t cursor;       /* 0, or what a reply said */
    mio_actor_id target;   /* who has the nick: filled in by nicks */
    uint8_t said;          /* enum chat_said */
    uint8_t status;     /* SAY to "@#c": enum irc_member_flag, any of; or 0 */
    uint8_t change;     /* CHANGE, RECORD: enum chat_change */
    uint8_t is_scatter; /* WHO_NICK: no 315, the asker sends it */
    uint16_t texts_count;
    uint16_t text_sizes[CHAT_TEXTS_MAX];
    struct chat_user user; /* who asks (CHANGE, RECORD: as he is now) */
    /* the texts' bytes follow */
};

/** What kind of op a message is, CHAT_NO_OP if none. */
enum chat_op_kind chat_op_kind(const struct mio_message *message);

/** May several be under way to one actor? */
bool chat_op_may_overlap(enum chat_op_kind kind);

/** The type of an op's message. */
const struct mio_message_type *chat_op_type(enum chat_op_kind kind);

/** Text number `index`, empty when there is none. */
struct irc_span chat_op_text(const struct chat_op *self, uint32_t index);

/** The channel that it is about (INVITE: the second text). */
struct irc_span chat_op_channel(const struct chat_op *self,
                                enum chat_op_kind kind);

/** Send an op: `head` with everything but the texts filled in.
 *  Returns as mio_send. */
MIO_NODISCARD int chat_op_send(struct mio_actor *self, mio_actor_id to,
                               enum chat_op_kind kind,
                               const struct chat_op *head,
                               const struct irc_span *texts,
                               uint32_t texts_count);

/* --- replies ------------------------------------------------------------- */

enum chat_result { CHAT_DONE, CHAT_REFUSED };

#define CHAT_REPLY_LINES_MAX 4000 /* with its head still a pooled message */

struct chat_reply {
    uint64_t serial;
    uint64_t cursor; /* not 0: there is more */
    uint8_t is_last;
    uint8_t result; /* of the last: enum chat_result */
    uint8_t more;   /* the op to repeat: enum chat_op_kind */
    uint8_t unused[5];
    /* whole lines follow, to the end of the message; perhaps none */
};

extern const struct mio_message_type chat_reply_type;

/** The lines of a received reply. */
struct irc_span chat_reply_lines(struct mio_message *message);

/* --- what reaches many at once ------------------------------------------- */

/* What a post does to a view. ADD before the line is told, REMOVE after it. */
enum chat_effect_kind { CHAT_ADD, CHAT_REMOVE, CHAT_STATUS };

struct chat_effect {
    mio_actor_id member;
    uint8_t kind;   /* enum chat_effect_kind */
    uint8_t status; /* ADD, STATUS: enum irc_member_flag, all that he has */
    uint8_t unused[6];
};

#define CHAT_EFFECTS_MAX IRC_MODES_MAX

/* Whether who did it is told too */
enum chat_to_origin { CHAT_ORIGIN_TOO, CHAT_ORIGIN_ECHO, CHAT_ORIGIN_NOT };

/* A channel to a hub that has members of it. */
struct chat_post {
    uint64_t channel;    /* the channel's actor id */
    mio_actor_id origin; /* who did it */
    uint64_t serial;     /* of his op */
    uint32_t caps;       /* who lacks any of these is passed over */
    uint8_t status;      /* only members with any of these; 0 = all */
    uint8_t to_origin;   /* enum chat_to_origin */
    uint8_t is_secret;   /* the channel, from now on */
    uint8_t effects_count;
    uint8_t name_size;
    uint8_t unused[7];
    struct chat_variants variants;
    /* effects, then the channel's name, then the variants' bytes follow */
};

extern const struct mio_message_type chat_post_type;

/* A user's hub to hubs that have members of his channels. */
struct chat_event {
    mio_actor_id user; /* passed over */
    uint32_t caps;     /* as above */
    uint32_t channels_count;
    struct chat_variants variants;
    /* the channels' ids (uint64_t[]), then the variants' bytes follow */
};

extern const struct mio_message_type chat_event_type;

/* A session to every hub. */
struct chat_wallops {
    uint32_t flags; /* users with any of these */
    uint32_t unused;
    struct chat_variants variants;
};

extern const struct mio_message_type chat_wallops_type;

/* To the hub of one client. */
struct chat_deliver {
    mio_actor_id target;
    struct chat_variants variants;
};

extern const struct mio_message_type chat_deliver_type;

/* --- the rest ------------------------------------------------------------ */

/* A channel's answer to CHANGE. */
struct chat_changed {
    uint64_t serial;
    uint64_t channel;  /* 0: he was not a member */
    uint64_t reactors; /* bit r % 64: reactor r has other members */
};

extern const struct mio_message_type chat_changed_type;

/* ISON and USERHOST: it goes from nicks to nicks and gathers. */
struct chat_find {
    mio_actor_id reply_to;
    uint64_t serial;
    bool is_userhost;
    uint8_t asker_size;
    uint16_t nicks_size;
    uint16_t next; /* bytes of nicks that were looked at */
    uint16_t found_size;
    char asker[IRC_NICK_MAX];
    char nicks[IRC_LINE_MAX]; /* spaces between */
    char found[IRC_LINE_MAX];
};

extern const struct mio_message_type chat_find_type;

#endif /* MIO_APPS_CHAT_PROTOCOL_PROTOCOL_H */
