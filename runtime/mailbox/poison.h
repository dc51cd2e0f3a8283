/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/poison.h - freed slots, marked for AddressSanitizer. Not
 * installed.
 *
 * A slot is ours until its reactor ends, so that the sanitizer cannot know when
 * it is free. We tell it: touching a message that was freed or sent on is
 * reported like any use after free. */
#ifndef MIO_RUNTIME_MAILBOX_POISON_H
#define MIO_RUNTIME_MAILBOX_POISON_H

#include <stddef.h>

#include "runtime/message.h"

#if defined(__SANITIZE_ADDRESS__)
#define MIO_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MIO_POISONS 1
#endif
#endif

#ifdef MIO_POISONS
#include <sanitizer/asan_interface.h>
#endif

static inline void mio_unpoison(void *memory, size_t size)
{
#ifdef MIO_POISONS
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
#else
    (void)memory;
    (void)size;
#endif
}

/* All of a free slot but what the lists need: mio_free_slot, home and class. */
static inline void mio_poison_slot(struct mio_message *slot, size_t size)
{
#ifdef MIO_POISONS
    ASAN_POISON_MEMORY_REGION(&slot->from,
                              offsetof(struct mio_message, size) -
                                  offsetof(struct mio_message, from));
    ASAN_POISON_MEMORY_REGION(slot + 1, size - sizeof(*slot));
#else
    (void)slot;
    (void)size;
#endif
}

#endif /* MIO_RUNTIME_MAILBOX_POISON_H */
