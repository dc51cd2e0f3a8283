/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/memory.h - a reactor makes and frees messages. Not installed.
 *
 * The fast ways are inline: they are a good part of what a message costs. */
#ifndef MIO_RUNTIME_REACTOR_MEMORY_H
#define MIO_RUNTIME_REACTOR_MEMORY_H

#include "runtime/reactor/reactor.h"

/* Larger than any slot: an allocation of its own. NULL: no memory. */
struct mio_message *mio_reactor_message_new_large(struct mio_reactor *self,
                                                  size_t size);

/* The memory is another reactor's, or nobody's. */
void mio_reactor_message_free_foreign(struct mio_reactor *self,
                                      struct mio_message *message);

/* Free a message that nobody receives: its type's drop is called. */
void mio_reactor_dead_letter(struct mio_reactor *self,
                             struct mio_message *message);

/* The same, but its memory is used on. */
void mio_reactor_bury(struct mio_reactor *self, struct mio_message *message);

/* Free what came by mail and will not be handled, whatever it is. */
void mio_reactor_drop(struct mio_reactor *self, struct mio_message *message);

/* Send home all that was freed here and belongs elsewhere. */
void mio_reactor_send_home(struct mio_reactor *self);

/* A message with a payload of this size, held by the caller; NULL: no memory.
 */
static inline struct mio_message *
mio_reactor_message_new(struct mio_reactor *self, size_t size)
{
    struct mio_message *message =
        __builtin_expect(size <= MIO_MESSAGE_POOLED_MAX, 1)
            ? mio_slabs_alloc(&self->slabs, mio_slot_class(size))
            : mio_reactor_message_new_large(self, size);
    if (__builtin_expect(message == NULL, 0))
        return NULL;
    message->size = (uint32_t)size;
    message->kind = MIO_ENTRY_HELD;
    return message;
}

/* Free a message, wherever its memory is from. */
static inline void mio_reactor_message_free(struct mio_reactor *self,
                                            struct mio_message *message)
{
    if (message->home == self->index)
        mio_slabs_free(&self->slabs, message);
    else
        mio_reactor_message_free_foreign(self, message);
}

#endif /* MIO_RUNTIME_REACTOR_MEMORY_H */
