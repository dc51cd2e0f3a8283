/* SPDX-License-Identifier: MIT
 *
 * core/slot_table.h - a poll's registrations: slot -> generation and token.
 *
 * Lock-free, so that any thread may register while another waits. A key names
 * a slot and the generation it had; a key whose generation is over is a miss.
 * The table is one zeroed block that is touched only as it fills. Not
 * installed. */
#ifndef MIO_CORE_SLOT_TABLE_H
#define MIO_CORE_SLOT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/token.h"

struct mio_slot {
    uint32_t generation; /* every change of the registration adds one */
    uint32_t next_free;  /* index + 1 of the next free slot; 0: the last */
    uint64_t token;
};

struct mio_slot_table {
    struct mio_slot *slots;
    const struct mio_allocator *allocator;
    uint32_t slots_max;
    /* What registering threads write is kept off the line that the waiting
     * thread reads for each event. */
    char padding[64];
    uint64_t free_head; /* index + 1 of a free slot; upper half: a tag */
    uint64_t used;      /* slots from here on were never used */
};

/* The slot in the lower half, the generation in the upper one. No slot has
 * the highest number, so the poll may use keys with it for itself. */
#define MIO_SLOT_NONE UINT32_MAX

static inline uint32_t mio_slot_of_key(uint64_t key)
{
    return (uint32_t)key;
}

/* The key and token that a claimed slot has now. */
static inline uint64_t mio_slot_table_key(const struct mio_slot_table *self,
                                          uint32_t slot)
{
    uint32_t generation =
        __atomic_load_n(&self->slots[slot].generation, __ATOMIC_RELAXED);
    return (uint64_t)generation << 32 | slot;
}

static inline mio_token mio_slot_table_token(const struct mio_slot_table *self,
                                             uint32_t slot)
{
    return mio_token_of(
        __atomic_load_n(&self->slots[slot].token, __ATOMIC_RELAXED));
}

/* Void all keys of a claimed slot. It stays claimed. */
static inline void mio_slot_table_void(struct mio_slot_table *self,
                                       uint32_t slot)
{
    /* No read-modify-write: only who owns the source changes its slot. */
    uint32_t generation =
        __atomic_load_n(&self->slots[slot].generation, __ATOMIC_RELAXED);
    __atomic_store_n(&self->slots[slot].generation, generation + 1,
                     __ATOMIC_RELEASE);
}

/* Replace the token of a claimed slot; older keys are void. Returns the new
 * key. Any thread, one at a time per slot. */
static inline uint64_t mio_slot_table_renew(struct mio_slot_table *self,
                                            uint32_t slot, mio_token token)
{
    mio_slot_table_void(self, slot);
    /* Release, after the generation: pairs with mio_slot_table_find. */
    __atomic_store_n(&self->slots[slot].token, token.value, __ATOMIC_RELEASE);
    return mio_slot_table_key(self, slot);
}

/* Returns 0 | MIO_ENOMEM. */
int mio_slot_table_init(struct mio_slot_table *self, uint32_t slots_max,
                        const struct mio_allocator *allocator);
void mio_slot_table_deinit(struct mio_slot_table *self);

/* Claim a slot for `token`; *key names it from now on.
 * Returns 0 | MIO_ENOSPC. Any thread. */
int mio_slot_table_claim(struct mio_slot_table *self, mio_token token,
                         uint64_t *key);

/* Take a renewal back: `key` and `token` are valid again. The key that was
 * renewed to, which no selector has seen, may be given once more later. */
void mio_slot_table_restore(struct mio_slot_table *self, uint64_t key,
                            mio_token token);

/* Give a claimed slot whose keys are void back. Any thread. */
void mio_slot_table_release(struct mio_slot_table *self, uint32_t slot);

/* How many slots are claimed. No other thread may use the table. */
uint32_t mio_slot_table_count(const struct mio_slot_table *self);

/* The token of a key, false if the key is void. Any thread.
 *
 * Reads the generation, the token and the generation again: who sees a token
 * that mio_slot_table_renew wrote (acquire, pairs with its release) also sees
 * the generation that it wrote before, and so misses. */
static inline bool mio_slot_table_find(const struct mio_slot_table *self,
                                       uint64_t key, mio_token *token)
{
    uint32_t index = mio_slot_of_key(key);
    uint32_t generation = (uint32_t)(key >> 32);
    if (index >= self->slots_max)
        return false;

    const struct mio_slot *slot = &self->slots[index];
    if (__atomic_load_n(&slot->generation, __ATOMIC_ACQUIRE) != generation)
        return false;
    token->value = __atomic_load_n(&slot->token, __ATOMIC_ACQUIRE);
    return __atomic_load_n(&slot->generation, __ATOMIC_RELAXED) == generation;
}

#endif /* MIO_CORE_SLOT_TABLE_H */
