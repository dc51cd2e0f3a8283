/* SPDX-License-Identifier: MIT
 *
 * runtime/ask.h - to ask an actor, and to get an answer in any case.
 *
 * A request is a message that must be answered: who receives it replies, at
 * once or later. The asker hears exactly one answer: the reply; or that there
 * will be none, as the peer is dead, or let the request go; or that the
 * deadline has passed. The reply is written into the memory of its request, so
 * it cannot be refused. It is an entry of the queue like any other, and comes
 * after all that its sender had sent before. */
#ifndef MIO_RUNTIME_ASK_H
#define MIO_RUNTIME_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/actor.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* A question that is asked, one at a time. Embedded in the asker's state; its
 * end cancels it. */
struct mio_ask {
    /* private */
    struct mio_actor *actor; /* who asks */
    struct mio_ask *next;
    struct mio_ask **link; /* NULL: not under way */
    mio_actor_id target;
    uint64_t key;
    struct mio_actor_timer deadline;
    struct mio_actor_entry late; /* queued when the deadline has passed */
    int (*answered)(struct mio_actor *self, void *state, struct mio_ask *ask,
                    int result, struct mio_message *reply);
};

/* --- who asks --------------------------------------------------------------
 */

/** Prepare an ask of `self`. `answered` gets result 0 and the reply, which is
 *  freed when it returns unless it was kept; or a code, and NULL:
 *
 *      MIO_EDEAD      nobody lives there, or who had the request has ended
 *      MIO_ECANCELED  who had the request let it go unanswered
 *      MIO_ETIMEDOUT  the deadline has passed
 *      another        what mio_reply_error was given
 *
 *  The ask is not under way then, and may be asked anew. What `answered`
 *  returns counts as that of any callback.
 *                                      Thread: the actor's reactor. */
MIO_API void mio_ask_init(struct mio_ask *ask, struct mio_actor *self,
                          int (*answered)(struct mio_actor *self, void *state,
                                          struct mio_ask *ask, int result,
                                          struct mio_message *reply));

/** Send a request with a copy of `size` bytes, whose reply has at most
 *  reply_size_max bytes. It is answered after within_ns at the latest; a
 *  negative time, as MIO_FOREVER, is no deadline. A reply that is there when
 *  the deadline passes wins.
 *  Returns 0 | MIO_EALREADY (it is under way) | MIO_EINVAL (nobody, no such
 *  reactor, too large) | MIO_ENOMEM | MIO_EAGAIN (too much is under way to
 *  that reactor; see mio_await_writable). Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_ask_start(struct mio_ask *ask, mio_actor_id to,
                                        const struct mio_message_type *type,
                                        const void *payload, size_t size,
                                        size_t reply_size_max,
                                        int64_t within_ns);

/** Want no answer any more: `answered` is not called, even if the answer is
 *  under way; a reply becomes a dead letter. False if nothing was asked.
 *                                      Thread: the actor's reactor. */
MIO_API bool mio_ask_cancel(struct mio_ask *ask);

/** Whether an answer is awaited.      Thread: the actor's reactor. */
static inline bool mio_ask_is_under_way(const struct mio_ask *ask)
{
    return ask->link != NULL;
}

/** Who is asked, or was last.         Thread: the actor's reactor. */
static inline mio_actor_id mio_ask_target(const struct mio_ask *ask)
{
    return ask->target;
}

/* --- who is asked ----------------------------------------------------------
 */

/** Whether a message that is received, or was kept, wants an answer. If it is
 *  neither kept nor answered when `receive` returns, it is answered
 *  MIO_ECANCELED. A kept one may be answered later, even in `exit`; freed, it
 *  is answered MIO_ECANCELED; sent on (mio_send_message), it is answered by who
 *  gets it; when who kept it ends, MIO_EDEAD.
 *                                      Thread: the actor's reactor. */
MIO_API bool mio_message_is_request(const struct mio_message *message);

/** Answer a request that is being received, or was kept. The payload is copied
 *  into the request's, and may lie there already. The message is used up.
 *  Returns 0 | MIO_EINVAL (larger than was asked for; the request stays).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_reply(struct mio_actor *self,
                                    struct mio_message *request,
                                    const struct mio_message_type *type,
                                    const void *payload, size_t size);

/** Answer it with a code, < 0, and nothing else. The message is used up.
 *                                      Thread: the actor's reactor. */
MIO_API void mio_reply_error(struct mio_actor *self,
                             struct mio_message *request, int code);

/** How many bytes a reply to it may have.
 *                                      Thread: the actor's reactor. */
MIO_API size_t mio_request_reply_size_max(const struct mio_message *request);

MIO_END_DECLS
#endif /* MIO_RUNTIME_ASK_H */
