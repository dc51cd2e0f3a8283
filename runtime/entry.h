/* SPDX-License-Identifier: MIT
 *
 * runtime/entry.h - what can stand in a reactor's queue. Not installed.
 *
 * Every entry begins with a struct mio_message; its `kind` says what follows.
 */
#ifndef MIO_RUNTIME_ENTRY_H
#define MIO_RUNTIME_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/message.h"

/* In this order: each question below is one comparison. */
enum mio_entry_kind {
    MIO_ENTRY_HELD,         /* in no queue: being written, received, or kept */
    MIO_ENTRY_HELD_REQUEST, /* likewise, and it wants an answer */
    MIO_ENTRY_MESSAGE,      /* to an actor */
    MIO_ENTRY_REQUEST,      /* to an actor that shall answer; see ask.c */
    MIO_ENTRY_REPLY,        /* the answer, in the request's memory */
    MIO_ENTRY_SPAWN,    /* an actor begins; the payload is a mio_spawn_order */
    MIO_ENTRY_SYSTEM,   /* the runtime's own, about an actor; see system.h */
    MIO_ENTRY_EMBEDDED, /* a struct mio_actor_entry: a timer, a stop, ... */
    MIO_ENTRY_READY,    /* another one: the readiness of a source */
    MIO_ENTRY_INDEX,    /* where the messages behind it are; see chain.h */
    MIO_ENTRY_STAMP     /* tells how long it waited; see reactor/gauge.h */
};

/* Set in the kind of the first message of a chain while it is on its way: whose
 * it is cannot be seen from `from`, and it counts for nobody's credit. */
#define MIO_ENTRY_UNCOUNTED 0x80

static inline bool mio_entry_is_held(uint8_t kind)
{
    return kind <= MIO_ENTRY_HELD_REQUEST;
}

static inline bool mio_entry_is_embedded(uint8_t kind)
{
    return (uint8_t)(kind - MIO_ENTRY_EMBEDDED) <= 1;
}

/* Whether handling it can have effects that somebody might hear of. Readiness
 * only says that there is something to read. */
static inline bool mio_entry_is_cause(uint8_t kind)
{
    return kind <= MIO_ENTRY_EMBEDDED;
}

/* Memory that is no slab's: one allocation each, freed with free(). */
#define MIO_HOME_NONE UINT16_MAX

/* The parts of an address. */
#define MIO_SLOT_BITS 22
#define MIO_GENERATION_BITS 32

static inline mio_actor_id mio_actor_id_make(uint32_t reactor, uint32_t slot,
                                             uint32_t generation)
{
    mio_actor_id id = {
        ((uint64_t)reactor << (MIO_SLOT_BITS + MIO_GENERATION_BITS)) |
        ((uint64_t)slot << MIO_GENERATION_BITS) | generation};
    return id;
}

static inline uint32_t mio_actor_id_slot(mio_actor_id id)
{
    return (uint32_t)(id.value >> MIO_GENERATION_BITS) &
           ((UINT32_C(1) << MIO_SLOT_BITS) - 1);
}

static inline uint32_t mio_actor_id_generation(mio_actor_id id)
{
    return (uint32_t)id.value;
}

#endif /* MIO_RUNTIME_ENTRY_H */
