/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/registry.c - see registry.h. */
#include "runtime/reactor/registry.h"

#include <ck_pr.h>
#include <stdlib.h>

#include "core/assert.h"
#include "runtime/mailbox/litmus.h"

/* The head of the free list: the tag grows with each push, so that a head that
 * is read here, then popped and pushed back by others, is not taken for the
 * same. */
static uint64_t head_of(uint64_t tag, uint32_t place)
{
    return tag << 32 | place;
}

static uint32_t place_of(uint64_t head)
{
    return (uint32_t)head;
}

static uint64_t tag_of(uint64_t head)
{
    return head >> 32;
}

int mio_actor_registry_init(struct mio_actor_registry *self, uint32_t reactor,
                            uint32_t slots_max)
{
    self->slots_max = slots_max;
    self->reactor = reactor;
    self->free = 0;
    self->used = 0;
    self->living = 0;
    self->slots = calloc(slots_max, sizeof(*self->slots));
    return self->slots != NULL ? 0 : MIO_ENOMEM;
}

void mio_actor_registry_deinit(struct mio_actor_registry *self)
{
    free(self->slots);
    self->slots = NULL;
}

/* Returns index + 1; 0 if no slot is free. */
static uint32_t pop_free(struct mio_actor_registry *self)
{
    uint64_t head = ck_pr_load_64(&self->free);
    while (place_of(head) != 0) {
        /* May be stale already; then the swap fails. */
        uint32_t next =
            ck_pr_load_32(&self->slots[place_of(head) - 1].free_next);
        MIO_LITMUS_YIELD(MIO_LITMUS_RESERVE);
        if (ck_pr_cas_64_value(&self->free, head, head_of(tag_of(head), next),
                               &head)) {
            /* The lives that the last owner counted; pairs with push_free. */
            ck_pr_fence_acquire();
            return place_of(head);
        }
    }
    return 0;
}

static void push_free(struct mio_actor_registry *self, uint32_t place)
{
    uint64_t head = ck_pr_load_64(&self->free);
    do {
        ck_pr_store_32(&self->slots[place - 1].free_next, place_of(head));
        /* Link and lives before the head; pairs with pop_free. */
        ck_pr_fence_release();
    } while (!ck_pr_cas_64_value(&self->free, head,
                                 head_of(tag_of(head) + 1, place), &head));
}

/* Returns index + 1; 0 if all slots were used. */
static uint32_t take_fresh(struct mio_actor_registry *self)
{
    uint32_t used = ck_pr_load_32(&self->used);
    while (used < self->slots_max) {
        if (ck_pr_cas_32_value(&self->used, used, used + 1, &used))
            return used + 1;
    }
    return 0;
}

int mio_actor_registry_reserve(struct mio_actor_registry *self,
                               mio_actor_id *out)
{
    uint32_t place = pop_free(self);
    if (place == 0)
        place = take_fresh(self);
    if (place == 0)
        return MIO_EFULL;
    uint32_t generation = self->slots[place - 1].lives + 1;
    MIO_ASSERT(generation != 0);
    ck_pr_inc_32(&self->living);
    *out = mio_actor_id_make(self->reactor, place - 1, generation);
    return 0;
}

void mio_actor_registry_begin(struct mio_actor_registry *self, mio_actor_id id,
                              struct mio_actor *actor,
                              const struct mio_actor_class *actor_class)
{
    struct mio_actor_registry_slot *slot = &self->slots[mio_actor_id_slot(id)];
    MIO_ASSERT(slot->lives + 1 == mio_actor_id_generation(id));
    MIO_ASSERT(slot->actor == NULL);
    slot->actor = actor;
    ck_pr_store_ptr(&slot->actor_class, actor_class);
}

void mio_actor_registry_end(struct mio_actor_registry *self, mio_actor_id id)
{
    struct mio_actor_registry_slot *slot = &self->slots[mio_actor_id_slot(id)];
    MIO_ASSERT(slot->lives + 1 == mio_actor_id_generation(id));
    slot->actor = NULL;
    slot->queued = 0;
    slot->limit = 0;
    ck_pr_store_32(&slot->lives, slot->lives + 1);
    ck_pr_dec_32(&self->living);
    /* The next generation would be 0: this slot has had all its lives. */
    if (slot->lives != UINT32_MAX)
        push_free(self, mio_actor_id_slot(id) + 1);
}

const struct mio_actor_class *
mio_actor_registry_class(const struct mio_actor_registry *self, mio_actor_id id)
{
    uint32_t index = mio_actor_id_slot(id);
    if (index >= self->slots_max)
        return NULL;
    const struct mio_actor_registry_slot *slot = &self->slots[index];
    const struct mio_actor_class *actor_class =
        ck_pr_load_ptr(&slot->actor_class);
    /* The class before the lives: if these still are the address's, nobody
     * else had begun when the class was read. */
    ck_pr_fence_load();
    uint32_t ended =
        ck_pr_load_32(&slot->lives) + 1 - mio_actor_id_generation(id);
    return ended == 0 ? actor_class : NULL;
}

void mio_actor_registry_unreserve(struct mio_actor_registry *self,
                                  mio_actor_id id)
{
    /* Nobody knows the address: it may be given out again. */
    ck_pr_dec_32(&self->living);
    push_free(self, mio_actor_id_slot(id) + 1);
}

void mio_actor_registry_mark(struct mio_actor_registry *self, mio_actor_id id)
{
    uint32_t index = mio_actor_id_slot(id);
    if (index >= self->slots_max)
        return;
    uint32_t generation = mio_actor_id_generation(id);
    uint32_t *killed = &self->slots[index].killed;
    uint32_t found = ck_pr_load_32(killed);
    while (found < generation &&
           !ck_pr_cas_32_value(killed, found, generation, &found)) {
        /* Somebody else marked it, too: look again. */
    }
}
