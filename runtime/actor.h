/* SPDX-License-Identifier: MIT
 *
 * runtime/actor.h - what an actor is, and what it can do.
 *
 * An actor lives on one reactor, and all its callbacks run on that reactor's
 * thread, one at a time. Everything that happens to it is an entry of the
 * reactor's one queue, handled in the order of entry: causal delivery
 * (runtime/README.md). Every function here is called from a callback of
 * `self`, or of another actor of the same reactor where that is said. */
#ifndef MIO_RUNTIME_ACTOR_H
#define MIO_RUNTIME_ACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/event.h"
#include "core/interest.h"
#include "core/slice.h"
#include "core/source.h"
#include "core/timer_wheel.h"
#include "core/visibility.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

/* Opaque: lives on one reactor, from `init` to `exit` of its class. */
struct mio_actor;

/* Opaque: one thread's loop, of a runtime. */
struct mio_reactor;

struct mio_runtime;

/* Messages that wait for an actor whose class does not say how many may: as
 * many as the default credit, so that normal work never sees the end of it. */
#define MIO_QUEUE_DEFAULT (UINT32_C(1) << 17)

/* What actors of a kind have in common. Static; outlives them. A callback that
 * returns a negative code ends its actor with that code as the reason. */
struct mio_actor_class {
    const char *name;  /* for people */
    size_t state_size; /* zeroed memory, aligned to 16, given to callbacks */

    /** The first callback; the argument is a copy of what spawn was given.
     *  NULL: nothing to do. */
    int (*init)(struct mio_actor *self, void *state, const void *argument,
                size_t argument_size);

    /** A message came. It is freed when this returns, unless it was kept.
     *  NULL: messages become dead letters. */
    int (*receive)(struct mio_actor *self, void *state,
                   struct mio_message *message);

    /** The runtime stops, or somebody who may wants this actor to (mio_stop,
     *  its supervisor): end soon, by mio_actor_exit, or be killed at the
     *  deadline. Called once at most. NULL: it ends at once with MIO_ESTOPPED.
     */
    int (*stop)(struct mio_actor *self, void *state);

    /** The last callback, whatever the reason (>= 0: in order; MIO_ESTOPPED;
     *  MIO_EKILLED; what a callback returned, init too). It may still send.
     *  Its sources and timers are released afterwards. NULL: nothing to do. */
    void (*exit)(struct mio_actor *self, void *state, int reason);

    uint32_t queue_max; /* messages that wait for it at once, beyond which
                           sending to it answers MIO_EAGAIN; 0 =
                           MIO_QUEUE_DEFAULT. Messages that were under way as
                           it filled up come all the same. */
};

/* --- who am I ------------------------------------------------------------ */

/** Its address.                                           Thread: any. */
MIO_API mio_actor_id mio_actor_self(const struct mio_actor *self);

/** Its state, of the size that its class says.
 *                                      Thread: the actor's reactor. */
MIO_API void *mio_actor_state(struct mio_actor *self);

/** What it was spawned as.                                Thread: any. */
MIO_API const struct mio_actor_class *
mio_actor_class_of(const struct mio_actor *self);

/** The number of its reactor, from 0.                     Thread: any. */
MIO_API uint32_t mio_actor_reactor(const struct mio_actor *self);

/** The runtime that it lives in.                          Thread: any. */
MIO_API struct mio_runtime *mio_actor_runtime(const struct mio_actor *self);

/** The reactor's time: monotonic, read once per few entries.
 *                                      Thread: the actor's reactor. */
MIO_API int64_t mio_actor_now_ns(const struct mio_actor *self);

/** A pointer of the application's, one per reactor and key (see
 *  mio_runtime_local_key); NULL at first. For what actors of one reactor
 *  share without locks.                Thread: the actor's reactor. */
MIO_API void *mio_actor_local(const struct mio_actor *self, uint32_t key);
MIO_API void mio_actor_set_local(struct mio_actor *self, uint32_t key,
                                 void *value);

/* --- life ---------------------------------------------------------------- */

/** Spawn an actor on this reactor; its init runs when its entry is reached,
 *  before any message that is sent to *out. `argument` is copied; `out` may be
 *  NULL.
 *  Returns 0 | MIO_ENOMEM | MIO_EFULL (actors_max) | MIO_EINVAL (an argument
 *  larger than a message).             Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_spawn(struct mio_actor *self,
                                    const struct mio_actor_class *actor_class,
                                    const void *argument, size_t argument_size,
                                    mio_actor_id *out);

/* Not a reactor's number: the one with fewer actors of two that are picked at
 * random; if they are full, any that is not. */
#define MIO_LEAST_LOADED (UINT32_MAX - 1)

/** The same on a chosen reactor, or MIO_LEAST_LOADED. The id is known at once
 * and good to send to; if init fails there, what was sent becomes dead letters.
 *  Returns as mio_spawn | MIO_EINVAL (no such reactor).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int
mio_spawn_on(struct mio_actor *self, uint32_t reactor,
             const struct mio_actor_class *actor_class, const void *argument,
             size_t argument_size, mio_actor_id *out);

/** End when the running callback returns; its exit then sees `reason`. From
 *  another actor's callback: before the next entry is handled. Repeated: the
 *  first reason stays.                 Thread: the actor's reactor. */
MIO_API void mio_actor_exit(struct mio_actor *self, int reason);

/* --- messages ------------------------------------------------------------ */

/** Send a copy of `size` bytes. To an actor that is gone: a dead letter.
 *  Returns 0 | MIO_ENOMEM | MIO_EINVAL (nobody, no such reactor, too large)
 *  | MIO_ECLOSED (that reactor has ended) | MIO_EAGAIN (too much is under way
 *  to that reactor, or waits for that actor: nothing was sent; see
 *  mio_await_writable).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_send(struct mio_actor *self, mio_actor_id to,
                                   const struct mio_message_type *type,
                                   const void *payload, size_t size);

/** A message whose payload (of `size` bytes, not zeroed) is written in place.
 *  Returns 0 | MIO_ENOMEM | MIO_EINVAL (too large).
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_message_new(struct mio_actor *self,
                                          struct mio_message **out,
                                          const struct mio_message_type *type,
                                          size_t size);

/** Send a message that was made new here, or was received and kept. It moves;
 *  on failure it stays the caller's.
 *  Returns as mio_send.                Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_send_message(struct mio_actor *self,
                                           mio_actor_id to,
                                           struct mio_message *message);

/** Keep the message that is being received: it is the caller's now, to be sent
 *  on, freed, or shared.               Thread: the actor's reactor. */
MIO_API void mio_message_keep(struct mio_message *message);

/** Free a message that was made new or kept; its memory goes home. `drop` is
 *  not called.                         Thread: the actor's reactor. */
MIO_API void mio_message_free(struct mio_actor *self,
                              struct mio_message *message);

/* Part of a payload that receivers on one reactor share: see below. */
struct mio_message_share {
    struct mio_slice slice; /* what the receivers count */
    /* private */
    struct mio_reactor *reactor;
    struct mio_message *message;
};

/** Turn a kept message into a slice over `size` bytes of its payload: one copy
 *  of a line for all the connections of a reactor. `share` is itself part of
 *  the payload. The last mio_slice_unref frees the message.
 *                                      Thread: the actor's reactor. */
MIO_API struct mio_slice *mio_message_to_slice(struct mio_actor *self,
                                               struct mio_message *message,
                                               struct mio_message_share *share,
                                               const void *bytes,
                                               uint32_t size);

/** Publish what was sent to other reactors so far. Done by itself when a
 *  callback returns; needed before an effect outside the runtime (a write to a
 *  socket, a close) that somebody could learn of earlier. One compare if there
 *  is nothing.                         Thread: the actor's reactor. */
MIO_API void mio_publish(struct mio_actor *self);

/* --- entries of the queue that are not messages -------------------------- */

/* Embedded in an actor's state. An actor that ends takes its entries with it;
 * none is handled afterwards. (One that is embedded elsewhere must be taken out
 * of the queue before its memory goes.) */
struct mio_actor_entry {
    /* private */
    struct mio_message header;
    struct mio_actor *actor;
    int (*handle)(struct mio_actor *self, void *state,
                  struct mio_actor_entry *entry);
    struct mio_message **link; /* what points here; NULL: not queued */
};

/** Prepare an entry of `self` that calls `handle`.
 *                                      Thread: the actor's reactor. */
MIO_API void
mio_actor_entry_init(struct mio_actor_entry *entry, struct mio_actor *self,
                     int (*handle)(struct mio_actor *self, void *state,
                                   struct mio_actor_entry *entry));

/** Put it at the tail of the reactor's queue; nothing if it is there already.
 *                                      Thread: the actor's reactor. */
MIO_API void mio_actor_enqueue(struct mio_actor_entry *entry);

/** Take it out of the queue; false if it was not there.
 *                                      Thread: the actor's reactor. */
MIO_API bool mio_actor_dequeue(struct mio_actor_entry *entry);

/** After a read from outside returned bytes and before anybody acts on them:
 *  take the inbox into the queue, so that nothing that happened before these
 *  bytes were sent is handled after them.
 *  Returns whether nothing but readiness is queued now: then the bytes may be
 *  handed over at once; if not, by an entry at the tail.
 *                                      Thread: the actor's reactor. */
MIO_API bool mio_actor_take_inbox(struct mio_actor *self);

/* A source that an actor owns. Its readiness is an entry of the queue. */
struct mio_actor_source {
    /* private */
    struct mio_actor_entry entry;
    struct mio_source *source;
    struct mio_actor_source *next;
    struct mio_actor_source **link;
    uint32_t readiness; /* gathered until the entry is handled */
    int (*ready)(struct mio_actor *self, void *state,
                 struct mio_actor_source *source, uint32_t readiness);
};

/** Watch a source, edge-triggered or as `mode` says; `ready` is called with
 *  MIO_READY_* bits. Several events until then count as one. Edges of a handle
 *  of others need mio_source_arm (core/source.h); the types of net do so.
 *  Returns as mio_poll_register.       Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_actor_watch(
    struct mio_actor *self, struct mio_actor_source *watch,
    struct mio_source *source, uint32_t interest, uint32_t mode,
    int (*ready)(struct mio_actor *self, void *state,
                 struct mio_actor_source *source, uint32_t readiness));

/** Replace interest and mode, and look for readiness anew.
 *  Returns as mio_poll_reregister.     Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_actor_rewatch(struct mio_actor_source *watch,
                                            uint32_t interest, uint32_t mode);

/** Stop watching; no readiness is handled afterwards. Nothing if it is not
 *  watched.                            Thread: the actor's reactor. */
MIO_API void mio_actor_unwatch(struct mio_actor_source *watch);

/* A timer that an actor owns. */
struct mio_actor_timer {
    /* private */
    struct mio_actor_entry entry;
    struct mio_timer timer;
    struct mio_actor_timer *next;
    struct mio_actor_timer **link;
    int (*fired)(struct mio_actor *self, void *state,
                 struct mio_actor_timer *timer);
};

/** Prepare a timer of `self`.         Thread: the actor's reactor. */
MIO_API void
mio_actor_timer_init(struct mio_actor_timer *timer, struct mio_actor *self,
                     int (*fired)(struct mio_actor *self, void *state,
                                  struct mio_actor_timer *timer));

/** Start it, or start it anew: `fired` is called once, not before delay_ns
 *  have passed.                        Thread: the actor's reactor. */
MIO_API void mio_actor_timer_start(struct mio_actor_timer *timer,
                                   int64_t delay_ns);

/** Cancel it; false if it was not running. `fired` is not called then, even if
 *  its time had come.                  Thread: the actor's reactor. */
MIO_API bool mio_actor_timer_cancel(struct mio_actor_timer *timer);

/* Work for when the queue has run empty, or has not done so for 2 ms, and
 * before the reactor looks for events: where output is gathered into one
 * write. */
struct mio_actor_flush {
    /* private */
    struct mio_actor *actor;
    struct mio_actor_flush *next;
    bool is_scheduled;
    void (*flush)(struct mio_actor *self, void *state);
};

/** Prepare a flush of `self`.         Thread: the actor's reactor. */
MIO_API void
mio_actor_flush_init(struct mio_actor_flush *flush, struct mio_actor *self,
                     void (*run)(struct mio_actor *self, void *state));

/** Run it when the turn comes to that, once however often this is said; said
 *  while flushes run, the next time. All that was sent until then is published
 *  before.
 *                                      Thread: the actor's reactor. */
MIO_API void mio_actor_flush_later(struct mio_actor_flush *flush);

MIO_END_DECLS
#endif /* MIO_RUNTIME_ACTOR_H */
