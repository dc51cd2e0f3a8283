/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/registry.h - the actors of a reactor, by address. Not
 * installed.
 *
 * Any thread reserves a slot, so that a remote spawn knows the address at once;
 * only the owner begins, finds and ends what lives there. A slot counts its
 * lives: an address names one of them, and is never good for another. */
#ifndef MIO_RUNTIME_REACTOR_REGISTRY_H
#define MIO_RUNTIME_REACTOR_REGISTRY_H

#include <ck_pr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/entry.h"
#include "runtime/message.h"

struct mio_actor;
struct mio_actor_class;

struct mio_actor_registry_slot {
    uint32_t lives;          /* that ended; the generation is one more */
    uint32_t free_next;      /* index + 1; 0: none */
    struct mio_actor *actor; /* the owner's; NULL: nobody begun */
    uint32_t killed;         /* the generation that was last killed, or 0 */
    uint32_t full;           /* the generation that is full, or 0 */
    uint32_t queued;         /* messages to who lives here, in the queue */
    uint32_t epoch;          /* when that was counted; see limit.h */
    uint32_t limit;          /* of these; 0: not known yet, none */
    const struct mio_actor_class *actor_class; /* of the last who lived here */
};

struct mio_actor_registry {
    struct mio_actor_registry_slot *slots;
    uint32_t slots_max;
    uint32_t reactor;
    /* Written by all who spawn here: on a line of their own. */
    _Alignas(64) uint64_t free; /* tag, index + 1 of the first free slot */
    uint32_t used;              /* slots below were used at least once */
    uint32_t living;            /* addresses that are somebody's */
};

/* The table is reserved at once, and costs memory as it fills.
 * Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_actor_registry_init(struct mio_actor_registry *self,
                                          uint32_t reactor, uint32_t slots_max);
void mio_actor_registry_deinit(struct mio_actor_registry *self);

/* Reserve a slot: *out is its address from now on.
 * Returns 0 | MIO_EFULL.                                  Thread: any. */
MIO_NODISCARD int mio_actor_registry_reserve(struct mio_actor_registry *self,
                                             mio_actor_id *out);

/* An actor begins at an address that was reserved.        Thread: owner. */
void mio_actor_registry_begin(struct mio_actor_registry *self, mio_actor_id id,
                              struct mio_actor *actor,
                              const struct mio_actor_class *actor_class);

/* It ends, or never began: the address is stale from now on, the slot is free.
 *                                                         Thread: owner. */
void mio_actor_registry_end(struct mio_actor_registry *self, mio_actor_id id);

/* The same for an address that was reserved and given to nobody.
 *                                                         Thread: any. */
void mio_actor_registry_unreserve(struct mio_actor_registry *self,
                                  mio_actor_id id);

/* Who lives at an address; NULL if nobody (any more).     Thread: owner. */
static inline struct mio_actor *
mio_actor_registry_find(const struct mio_actor_registry *self, mio_actor_id id)
{
    uint32_t index = mio_actor_id_slot(id);
    if (index >= self->slots_max)
        return NULL;
    const struct mio_actor_registry_slot *slot = &self->slots[index];
    return slot->lives + 1 == mio_actor_id_generation(id) ? slot->actor : NULL;
}

/* The slot of an address, if that is of its present life (begun or not); or
 * NULL.                                                   Thread: owner. */
static inline struct mio_actor_registry_slot *
mio_actor_registry_slot_of(const struct mio_actor_registry *self,
                           mio_actor_id id)
{
    uint32_t index = mio_actor_id_slot(id);
    if (index >= self->slots_max)
        return NULL;
    struct mio_actor_registry_slot *slot = &self->slots[index];
    return slot->lives + 1 == mio_actor_id_generation(id) ? slot : NULL;
}

/* Whether its reactor has said that it is full.           Thread: any. */
static inline bool
mio_actor_registry_is_full(const struct mio_actor_registry *self,
                           mio_actor_id id)
{
    uint32_t index = mio_actor_id_slot(id);
    if (index >= self->slots_max)
        return false;
    uint32_t full = ck_pr_load_32(&self->slots[index].full);
    return full != 0 && full == mio_actor_id_generation(id);
}

/* Whether nobody lives there yet: the address was given out, and its order to
 * begin is on its way. Who heard of it past the queues may be earlier.
 *                                                         Thread: owner. */
static inline bool
mio_actor_registry_is_awaited(const struct mio_actor_registry *self,
                              mio_actor_id id)
{
    uint32_t index = mio_actor_id_slot(id);
    return index < self->slots_max &&
           self->slots[index].lives + 1 == mio_actor_id_generation(id) &&
           self->slots[index].actor == NULL;
}

/* Mark who lives at an address as killed, ahead of all that is queued. A mark
 * for one who is gone harms nobody: generations do not come back, and marks
 * only grow, so that a late one does not wipe out that of a later life.
 *                                                         Thread: any. */
void mio_actor_registry_mark(struct mio_actor_registry *self, mio_actor_id id);

static inline bool
mio_actor_registry_is_marked(const struct mio_actor_registry *self,
                             mio_actor_id id)
{
    return ck_pr_load_32(&self->slots[mio_actor_id_slot(id)].killed) ==
           mio_actor_id_generation(id);
}

/* The class of who lives at an address and has begun; NULL if it has ended.
 * Classes are static: the answer stays good.
 *                                                         Thread: any. */
const struct mio_actor_class *
mio_actor_registry_class(const struct mio_actor_registry *self,
                         mio_actor_id id);

#endif /* MIO_RUNTIME_REACTOR_REGISTRY_H */
