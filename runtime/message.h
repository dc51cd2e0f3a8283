/* SPDX-License-Identifier: MIT
 *
 * runtime/message.h - what actors send each other: typed, sized, owned.
 *
 * A message moves: who sends it must not touch it again, who receives it may
 * read and change it until its handler returns, and no longer unless it keeps
 * it. A refused message stays with its sender. */
#ifndef MIO_RUNTIME_MESSAGE_H
#define MIO_RUNTIME_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/slice.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* An actor's address: reactor 10 bits, slot 22, generation 32. It is never
 * reused: a message to an actor that is gone becomes a dead letter. */
typedef struct mio_actor_id {
    uint64_t value; /* 0: nobody */
} mio_actor_id;

#define MIO_REACTORS_MAX 1024    /* of one runtime */
#define MIO_ACTORS_MAX (1 << 22) /* of one reactor */

/** Whether it is nobody.                                   Thread: any. */
static inline bool mio_actor_id_is_none(mio_actor_id id)
{
    return id.value == 0;
}

/** Whether both are one actor.                             Thread: any. */
static inline bool mio_actor_id_equal(mio_actor_id a, mio_actor_id b)
{
    return a.value == b.value;
}

/** Which reactor it lives on, for as long as it lives.     Thread: any. */
static inline uint32_t mio_actor_id_reactor(mio_actor_id id)
{
    return (uint32_t)(id.value >> 54);
}

/* A kind of message. One static object for each; its address is the type. */
struct mio_message_type {
    const char *name; /* for people */
    /* Release what the payload owns, when the message is freed undelivered
     * (dead letter, stop). NULL: it owns nothing. On any reactor's thread. */
    void (*drop)(void *payload, uint32_t size);
};

/* Payloads up to this size come from the reactors' slabs; larger ones are
 * allocated one by one. */
#define MIO_MESSAGE_POOLED_MAX 4056

/* The largest payload by value; larger things are sent by ownership. */
#define MIO_MESSAGE_SIZE_MAX (UINT32_C(1) << 24)

/* The head of a message; its payload follows in memory. */
struct mio_message {
    /* private: the link of a chain or of a reactor's queue */
    struct mio_message *next;
    /* read these */
    mio_actor_id to;                     /* who receives it */
    mio_actor_id from;                   /* nobody: from outside the runtime */
    const struct mio_message_type *type; /* what the payload is */
    uint32_t size;                       /* of the payload */
    /* private */
    uint16_t home;      /* the reactor whose slab it came from */
    uint8_t size_class; /* of that slab */
    uint8_t kind;       /* what kind of entry it is (runtime/entry.h) */
};

/** The payload, aligned to 8.          Thread: who has the message. */
static inline void *mio_message_payload(struct mio_message *self)
{
    return self + 1;
}

MIO_END_DECLS
#endif /* MIO_RUNTIME_MESSAGE_H */
