/* SPDX-License-Identifier: MIT
 *
 * runtime/tail.h - a record of ours at the end of a message's memory. Not
 * installed.
 *
 * The payload begins where that of any message does; what only the runtime
 * reads stands at the far end of the slot, found by the slot's class. A message
 * larger than any slot is allocated as if there were a class for it. */
#ifndef MIO_RUNTIME_TAIL_H
#define MIO_RUNTIME_TAIL_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/mailbox/slab.h"
#include "runtime/reactor/memory.h"

/* A held message with room for `size` bytes of payload and, behind them, a
 * record of tail_size, which is a multiple of 16; NULL: no memory. */
static inline struct mio_message *
mio_tail_message_new(struct mio_reactor *reactor, size_t size, size_t tail_size)
{
    uint32_t size_class = mio_slot_class(size + tail_size);
    size_t room = mio_slot_size(size_class) - sizeof(struct mio_message);
    struct mio_message *message = mio_reactor_message_new(reactor, room);
    if (message == NULL)
        return NULL;
    message->size = (uint32_t)size;
    message->size_class = (uint8_t)size_class; /* a slot has it already */
    return message;
}

static inline void *mio_tail_of(struct mio_message *message, size_t tail_size)
{
    return (unsigned char *)message + mio_slot_size(message->size_class) -
           tail_size;
}

static inline struct mio_message *
mio_tail_message_of(void *tail, size_t tail_size, uint32_t size_class)
{
    return (struct mio_message *)(void *)((unsigned char *)tail + tail_size -
                                          mio_slot_size(size_class));
}

#endif /* MIO_RUNTIME_TAIL_H */
