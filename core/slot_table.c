/* SPDX-License-Identifier: MIT
 *
 * core/slot_table.c - claiming and releasing registrations without a lock.
 *
 * Released slots form a stack, so that the last one, still in the cache, is
 * the next to be used. Its head carries a tag that each push changes: a pop
 * that slept while the same slot came back must not succeed (ABA). */
#include "core/slot_table.h"

#include "core/assert.h"
#include "core/error.h"
#include "core/sys/threads.h"

_Static_assert(sizeof(struct mio_slot) == 16, "four slots to a cache line");

#define TAG_ONE (UINT64_C(1) << 32)

int mio_slot_table_init(struct mio_slot_table *self, uint32_t slots_max,
                        const struct mio_allocator *allocator)
{
    MIO_ASSERT(slots_max > 0);
    MIO_ASSERT(slots_max < MIO_SLOT_NONE);

    struct mio_slot *slots =
        mio_allocator_allocate_zeroed(allocator, slots_max, sizeof(*slots));
    if (slots == NULL)
        return MIO_ENOMEM;
    *self = (struct mio_slot_table){
        .slots = slots,
        .allocator = allocator,
        .slots_max = slots_max,
    };
    return MIO_OK;
}

void mio_slot_table_deinit(struct mio_slot_table *self)
{
    mio_allocator_release(self->allocator, self->slots, self->slots_max,
                          sizeof(*self->slots));
    self->slots = NULL;
}

static bool pop_free(struct mio_slot_table *self, uint32_t *out)
{
    uint64_t head = __atomic_load_n(&self->free_head, __ATOMIC_ACQUIRE);
    for (;;) {
        uint32_t place = (uint32_t)head;
        if (place == 0)
            return false;

        /* Another thread may pop and reuse the slot under this load; the tag
         * then differs and the exchange fails. */
        uint32_t next = __atomic_load_n(&self->slots[place - 1].next_free,
                                        __ATOMIC_RELAXED);
        uint64_t rest = (head & ~UINT64_C(0xffffffff)) | next;
        if (mio_swap_word(&self->free_head, &head, rest)) {
            *out = place - 1;
            return true;
        }
    }
}

static bool take_unused(struct mio_slot_table *self, uint32_t *out)
{
    uint64_t used = __atomic_load_n(&self->used, __ATOMIC_RELAXED);
    do {
        if (used == self->slots_max)
            return false;
    } while (!mio_swap_word(&self->used, &used, used + 1));
    *out = (uint32_t)used;
    return true;
}

int mio_slot_table_claim(struct mio_slot_table *self, mio_token token,
                         uint64_t *key)
{
    uint32_t slot;
    if (!pop_free(self, &slot) && !take_unused(self, &slot))
        return MIO_ENOSPC;

    __atomic_store_n(&self->slots[slot].token, token.value, __ATOMIC_RELEASE);
    *key = mio_slot_table_key(self, slot);
    return MIO_OK;
}

void mio_slot_table_restore(struct mio_slot_table *self, uint64_t key,
                            mio_token token)
{
    struct mio_slot *slot = &self->slots[mio_slot_of_key(key)];
    __atomic_store_n(&slot->token, token.value, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->generation, (uint32_t)(key >> 32),
                     __ATOMIC_RELEASE);
}

void mio_slot_table_release(struct mio_slot_table *self, uint32_t slot)
{
    MIO_ASSERT(slot < self->slots_max);

    uint64_t head = __atomic_load_n(&self->free_head, __ATOMIC_RELAXED);
    uint64_t place = (uint64_t)slot + 1;
    uint64_t pushed;
    do {
        __atomic_store_n(&self->slots[slot].next_free, (uint32_t)head,
                         __ATOMIC_RELAXED);
        pushed = ((head + TAG_ONE) & ~UINT64_C(0xffffffff)) | place;
    } while (!mio_swap_word(&self->free_head, &head, pushed));
}

uint32_t mio_slot_table_count(const struct mio_slot_table *self)
{
    uint32_t count = (uint32_t)self->used;
    uint32_t place = (uint32_t)self->free_head;
    while (place != 0) {
        count--;
        place = self->slots[place - 1].next_free;
    }
    return count;
}
