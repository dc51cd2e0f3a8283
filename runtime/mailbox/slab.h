/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/slab.h - the message memory of one reactor. Not installed.
 *
 * Slots of seven sizes, carved from slabs of 64 KiB; each size has a free
 * list, last in first out. A slot never changes its size nor its home, so both
 * are written once, when it is carved. Only the owner allocates; what was freed
 * elsewhere comes back through mio_home. */
#ifndef MIO_RUNTIME_MAILBOX_SLAB_H
#define MIO_RUNTIME_MAILBOX_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/counters.h"
#include "runtime/entry.h"
#include "runtime/mailbox/home.h"
#include "runtime/mailbox/poison.h"
#include "runtime/message.h"
#include "runtime/sys/pages.h"

#define MIO_SLOT_SIZE_MIN 64
#define MIO_SLOT_CLASSES 7 /* 64, 128, ... 4096 bytes, the header included */
#define MIO_SLAB_SIZE 65536

_Static_assert(sizeof(struct mio_message) == 40, "PERFORMANCE counts on it");
_Static_assert((MIO_SLOT_SIZE_MIN << (MIO_SLOT_CLASSES - 1)) -
                       sizeof(struct mio_message) ==
                   MIO_MESSAGE_POOLED_MAX,
               "the largest slot");

struct mio_slab_run;

struct mio_slabs {
    struct mio_message *free[MIO_SLOT_CLASSES];
    struct mio_message *returned; /* taken from home, not sorted yet */
    struct mio_home *home;
    uint16_t reactor;
    /* What is left of the newest slab of each class. */
    uint8_t *fresh[MIO_SLOT_CLASSES];
    uint8_t *fresh_end[MIO_SLOT_CLASSES];
    struct mio_slab_run *slabs;
    struct mio_counters *counters; /* the reactor's */
    struct mio_pages pages;
};

/* Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_slabs_init(struct mio_slabs *self, uint16_t reactor,
                                 struct mio_home *home,
                                 struct mio_counters *counters);

/* Gives all slabs back, wherever their messages are. */
void mio_slabs_deinit(struct mio_slabs *self);

/* The slow way: from home, from a fresh slab. NULL when memory is out. */
struct mio_message *mio_slabs_refill(struct mio_slabs *self,
                                     uint32_t size_class);

/* How many slots are neither free nor on their way home. For tests, while no
 * other thread uses the memory. */
uint64_t mio_slabs_out_count(struct mio_slabs *self);

/* Visit each slot that is neither free nor on its way home: when no other
 * thread uses the memory, and nothing is allocated any more. */
void mio_slabs_visit_out(struct mio_slabs *self,
                         void (*visit)(void *ctx, struct mio_message *message),
                         void *ctx);

/* The class for a message with a payload of `size` <= MIO_MESSAGE_POOLED_MAX.
 */
static inline uint32_t mio_slot_class(size_t size)
{
    uint32_t lines =
        (uint32_t)((size + sizeof(struct mio_message) - 1) / MIO_SLOT_SIZE_MIN);
    return lines == 0 ? 0 : 32 - (uint32_t)__builtin_clz(lines);
}

static inline size_t mio_slot_size(uint32_t size_class)
{
    return (size_t)MIO_SLOT_SIZE_MIN << size_class;
}

static inline struct mio_message *mio_slabs_alloc(struct mio_slabs *self,
                                                  uint32_t size_class)
{
    struct mio_message *message = self->free[size_class];
    if (__builtin_expect(message == NULL, 0))
        return mio_slabs_refill(self, size_class);
    self->free[size_class] = message->next;
    mio_unpoison(message, mio_slot_size(size_class));
    return message;
}

/* Free a slot of this reactor's. */
static inline void mio_slabs_free(struct mio_slabs *self,
                                  struct mio_message *message)
{
    uint32_t size_class = message->size_class;
    message->next = self->free[size_class];
    self->free[size_class] = message;
    mio_poison_slot(message, mio_slot_size(size_class));
}

#endif /* MIO_RUNTIME_MAILBOX_SLAB_H */
