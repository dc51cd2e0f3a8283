/* SPDX-License-Identifier: MIT
 *
 * core/event_loop.h - a poll with a handler: the loop that most programs write.
 *
 * One thread runs the loop and is called back by it: for readiness, timeouts,
 * signals, and messages of other threads. A turn does, in this order:
 *
 *     1. look whether messages wait; if so, 2 does not wait
 *     2. wait for events, until the next timeout at most
 *     3. `interrupted`, if a signal handler ended the wait
 *     4. `ready` for each event, `signal` for each signal that arrived
 *     5. `notify` for the messages that are there, messages_per_tick at most
 *     6. `timeout` for each that is due
 *     7. `tick`
 *
 * It allocates when it is made, and when the first signal is watched. */
#ifndef MIO_CORE_EVENT_LOOP_H
#define MIO_CORE_EVENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/event.h"
#include "core/interest.h"
#include "core/notify_sender.h"
#include "core/poll.h"
#include "core/registry.h"
#include "core/signals.h"
#include "core/slab.h"
#include "core/source.h"
#include "core/token.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Opaque: one per thread. */
struct mio_event_loop;

/* Tokens above are the loop's own. */
#define MIO_EVENT_LOOP_TOKEN_MAX (UINT64_MAX - 2)

/* What the loop calls, in its own thread; NULL: nothing. A handler may do with
 * the loop whatever its functions say, but turn or free it. */
struct mio_handler {
    /* A source is ready; at most once a turn for each on epoll. */
    void (*ready)(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event);
    /* Time is over. The timeout's key is worth nothing any more. */
    void (*timeout)(void *ctx, struct mio_event_loop *loop, mio_token token);
    /* A signal that the loop watches arrived, once or more. */
    void (*signal)(void *ctx, struct mio_event_loop *loop,
                   enum mio_signal which);
    /* A message, now the handler's. Without this function they are released
     * as those are that the loop never saw. */
    void (*notify)(void *ctx, struct mio_event_loop *loop, void *message);
    /* Some signal handler ran and ended the wait. */
    void (*interrupted)(void *ctx, struct mio_event_loop *loop);
    /* The turn is over. */
    void (*tick)(void *ctx, struct mio_event_loop *loop);
};

/* How a loop is made; all 0 is good. */
struct mio_event_loop_options {
    struct mio_poll_options poll; /* its allocator and its log are those of the
                                     whole loop. One source is the loop's,
                                     once it watches a signal */
    uint32_t events_max;          /* of one turn; 0 = 1024, at most 65536 */
    uint32_t timers_max;          /* timeouts at once; 0 = 65536 */
    uint32_t notify_capacity;     /* messages that wait; 0 = 4096. Rounded up to
                                     a power of two, at least 2, at most 2^28 */
    uint32_t messages_per_tick;   /* handled in one turn; 0 = 256 */
    /* Release a message that no handler will see; NULL: forget it. Called by
     * the loop's thread. */
    void (*message_free)(void *message_ctx, void *message);
    void *message_ctx; /* what message_free gets first */
};

/** Create a loop in *out; `options` may be NULL. *out is untouched on failure.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM | MIO_EINVAL (options).
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_event_loop_new(struct mio_event_loop **out,
                   const struct mio_event_loop_options *options);

/** Release a loop (NULL is fine) that does not run. Messages still in it go to
 *  message_free; later sends answer MIO_ECLOSED. Timeouts are forgotten,
 *  sources stay open, as after mio_poll_free.             Thread: owner. */
MIO_API void mio_event_loop_free(struct mio_event_loop *self);

/** Turn until a shutdown was asked for. The turn that is under way then is
 *  completed; a shutdown that came before run lets it make none. Run again for
 *  more.
 *  Returns 0 | MIO_EBUSY (it runs already, perhaps it is a handler
 *  of it that asks) | MIO_EINVAL (NULL).                  Thread: owner. */
MIO_API MIO_NODISCARD int mio_event_loop_run(struct mio_event_loop *self,
                                             const struct mio_handler *handler,
                                             void *ctx);

/** Make one turn that waits at most timeout_ns (0 = not at all, MIO_FOREVER),
 *  less if there are messages, timeouts or a shutdown, which stays for run.
 *  Returns how often it called back, interrupted and tick not counted
 *  | MIO_EBUSY (it runs already).                         Thread: owner. */
MIO_API MIO_NODISCARD int mio_event_loop_turn(struct mio_event_loop *self,
                                              int64_t timeout_ns,
                                              const struct mio_handler *handler,
                                              void *ctx);

/** Ask that run end: the one under way, or else the next one. Asked for twice
 *  before that, it is one.                         Thread: any, signal-safe. */
MIO_API void mio_event_loop_shutdown(struct mio_event_loop *self);

/** Whether it is in run, and no shutdown was asked for.   Thread: any. */
MIO_API bool mio_event_loop_is_running(const struct mio_event_loop *self);

/** The poll below, for its wakers and its handle; the loop alone waits on it.
 *                                                         Thread: any. */
MIO_API struct mio_poll *mio_event_loop_poll(struct mio_event_loop *self);

/** A reference to the registry of that poll, for threads that cannot know
 *  whether the loop still is: give it back with mio_registry_free.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD struct mio_registry *
mio_event_loop_registry(struct mio_event_loop *self);

/* --- sources ------------------------------------------------------------- */

/** As mio_poll_register, with the loop's poll.
 *  Returns as mio_poll_register | MIO_EINVAL (a token above
 *  MIO_EVENT_LOOP_TOKEN_MAX).                             Thread: any. */
MIO_API MIO_NODISCARD int
mio_event_loop_register(struct mio_event_loop *self, struct mio_source *source,
                        mio_token token, uint32_t interest, uint32_t mode);

/** As mio_poll_reregister.
 *  Returns as mio_poll_reregister | MIO_EINVAL likewise.  Thread: any. */
MIO_API MIO_NODISCARD int mio_event_loop_reregister(struct mio_event_loop *self,
                                                    struct mio_source *source,
                                                    mio_token token,
                                                    uint32_t interest,
                                                    uint32_t mode);

/** As mio_poll_deregister.
 *  Returns as mio_poll_deregister.                        Thread: any. */
MIO_API int mio_event_loop_deregister(struct mio_event_loop *self,
                                      struct mio_source *source);

/* --- timeouts ------------------------------------------------------------ */

/** Call `timeout` with `token` once delay_ns >= 0 are over: never earlier, and
 *  later by what rounding up to ticks of 1.05 ms, and the handlers, take. Those
 *  due in one turn come in the order of their ticks. One of 0 that is set while
 *  timeouts are called back waits for the next turn. Its key is left in *out,
 *  which may be NULL.
 *  Returns 0 | MIO_EFULL (timers_max) | MIO_EINVAL (negative) | MIO_EOVERFLOW
 *  (later than the clock can count).                      Thread: owner. */
MIO_API MIO_NODISCARD int
mio_event_loop_set_timeout(struct mio_event_loop *self, int64_t delay_ns,
                           mio_token token, mio_key *out);

/** Forget a timeout; false if it was called back or forgotten before. After it
 *  returns, it is not called back, not even in the turn under way.
 *                                                         Thread: owner. */
MIO_API bool mio_event_loop_clear_timeout(struct mio_event_loop *self,
                                          mio_key timeout);

/* --- signals ------------------------------------------------------------- */

/** Call `signal` when this one arrives; see mio_signals_add.
 *  Returns as mio_signals_new, mio_signals_add and mio_poll_register.
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_event_loop_watch_signal(struct mio_event_loop *self, enum mio_signal which);

/** Stop watching one.
 *  Returns 0 | MIO_ENOENT (it is not watched).            Thread: owner. */
MIO_API int mio_event_loop_unwatch_signal(struct mio_event_loop *self,
                                          enum mio_signal which);

/* --- messages ------------------------------------------------------------ */

/** A reference to the sender of this loop: for other threads, and for handlers
 *  that tell themselves something. Give it back with mio_notify_sender_free.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD struct mio_notify_sender *
mio_event_loop_sender(struct mio_event_loop *self);

MIO_END_DECLS
#endif /* MIO_CORE_EVENT_LOOP_H */
