/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/slab.c - see slab.h. */
#include "runtime/mailbox/slab.h"

#include <ck_pr.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/count.h"

/* The first 64 bytes of a slab; slots follow. */
struct mio_slab_run {
    struct mio_slab_run *next;
    uint32_t size_class;
};

#define SLAB_HEADER 64

int mio_slabs_init(struct mio_slabs *self, uint16_t reactor,
                   struct mio_home *home, struct mio_counters *counters)
{
    memset(self, 0, sizeof(*self));
    self->reactor = reactor;
    self->home = home;
    self->counters = counters;
    return mio_pages_open(&self->pages);
}

void mio_slabs_deinit(struct mio_slabs *self)
{
    while (self->slabs != NULL) {
        struct mio_slab_run *slab = self->slabs;
        self->slabs = slab->next;
        mio_unpoison(slab, MIO_SLAB_SIZE);
        mio_pages_free(&self->pages, slab, MIO_SLAB_SIZE);
    }
    mio_pages_close(&self->pages);
}

/* Sort what was taken from home until a slot of this class turns up. Lazily, so
 * that each slot's line is fetched when it is about to be written anyway. */
static struct mio_message *sort_returned(struct mio_slabs *self,
                                         uint32_t size_class)
{
    while (self->returned != NULL) {
        struct mio_message *message = self->returned;
        self->returned = message->next;
        __builtin_prefetch(mio_free_slot_of(message)->ahead, 1);
        if (message->size_class == size_class) {
            mio_unpoison(message, mio_slot_size(size_class));
            return message;
        }
        message->next = self->free[message->size_class];
        self->free[message->size_class] = message;
    }
    return NULL;
}

static struct mio_message *returned(struct mio_slabs *self, uint32_t size_class)
{
    struct mio_message *message = sort_returned(self, size_class);
    if (message != NULL)
        return message;
    self->returned = mio_home_take(self->home);
    return sort_returned(self, size_class);
}

static int grow(struct mio_slabs *self, uint32_t size_class)
{
    struct mio_slab_run *slab = mio_pages_alloc(&self->pages, MIO_SLAB_SIZE);
    if (slab == NULL)
        return MIO_ENOMEM;
    slab->next = self->slabs;
    slab->size_class = size_class;
    self->slabs = slab;
    mio_count(&self->counters->slabs);
    size_t count = (MIO_SLAB_SIZE - SLAB_HEADER) / mio_slot_size(size_class);
    self->fresh[size_class] = (uint8_t *)slab + SLAB_HEADER;
    self->fresh_end[size_class] =
        self->fresh[size_class] + count * mio_slot_size(size_class);
    return 0;
}

static struct mio_message *carve(struct mio_slabs *self, uint32_t size_class)
{
    struct mio_message *message =
        (struct mio_message *)(void *)self->fresh[size_class];
    self->fresh[size_class] += mio_slot_size(size_class);
    mio_count(&self->counters->slots);
    message->home = self->reactor;
    message->size_class = (uint8_t)size_class;
    return message;
}

struct mio_message *mio_slabs_refill(struct mio_slabs *self,
                                     uint32_t size_class)
{
    MIO_DEBUG_ASSERT(size_class < MIO_SLOT_CLASSES);
    struct mio_message *message = returned(self, size_class);
    if (message != NULL)
        return message;
    if (self->fresh[size_class] == self->fresh_end[size_class] &&
        grow(self, size_class) < 0)
        return NULL;
    return carve(self, size_class);
}

static uint64_t length_of(const struct mio_message *list)
{
    uint64_t count = 0;
    for (; list != NULL; list = list->next)
        count++;
    return count;
}

/* Slots of all slabs that were carved so far. */
static uint64_t carved_count(const struct mio_slabs *self)
{
    uint64_t count = 0;
    for (const struct mio_slab_run *slab = self->slabs; slab; slab = slab->next)
        count +=
            (MIO_SLAB_SIZE - SLAB_HEADER) / mio_slot_size(slab->size_class);
    for (uint32_t i = 0; i < MIO_SLOT_CLASSES; i++)
        count -=
            (uint64_t)(self->fresh_end[i] - self->fresh[i]) / mio_slot_size(i);
    return count;
}

uint64_t mio_slabs_out_count(struct mio_slabs *self)
{
    uint64_t count = carved_count(self) - length_of(self->returned) -
                     length_of(ck_pr_load_ptr(&self->home->word));
    for (uint32_t i = 0; i < MIO_SLOT_CLASSES; i++)
        count -= length_of(self->free[i]);
    return count;
}

/* No kind of entry: the slot is free. */
#define MARKED UINT8_MAX

static void mark(struct mio_message *list)
{
    for (; list != NULL; list = list->next)
        list->kind = MARKED;
}

/* The end of what was carved of a slab: all of it, but of the newest. */
static uint8_t *carved_end(const struct mio_slabs *self,
                           const struct mio_slab_run *slab)
{
    uint8_t *begin = (uint8_t *)(uintptr_t)slab + SLAB_HEADER;
    size_t size = mio_slot_size(slab->size_class);
    uint8_t *end = begin + (MIO_SLAB_SIZE - SLAB_HEADER) / size * size;
    return end == self->fresh_end[slab->size_class]
               ? self->fresh[slab->size_class]
               : end;
}

void mio_slabs_visit_out(struct mio_slabs *self,
                         void (*visit)(void *ctx, struct mio_message *message),
                         void *ctx)
{
    mark(self->returned);
    mark(ck_pr_load_ptr(&self->home->word));
    for (uint32_t i = 0; i < MIO_SLOT_CLASSES; i++)
        mark(self->free[i]);
    for (struct mio_slab_run *slab = self->slabs; slab; slab = slab->next) {
        uint8_t *slot = (uint8_t *)slab + SLAB_HEADER;
        uint8_t *end = carved_end(self, slab);
        for (; slot < end; slot += mio_slot_size(slab->size_class)) {
            struct mio_message *message = (struct mio_message *)(void *)slot;
            if (message->kind != MARKED)
                visit(ctx, message);
        }
    }
}
