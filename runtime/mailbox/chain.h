/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/chain.h - the one open chain of a reactor. Not installed.
 *
 * What a reactor sends to others is linked here first, so that several messages
 * cost one push. There is only one, to one destination at a time: that is what
 * keeps the order in which things were sent (runtime/README.md, causality). */
#ifndef MIO_RUNTIME_MAILBOX_CHAIN_H
#define MIO_RUNTIME_MAILBOX_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/message.h"

struct mio_chain {
    struct mio_message *first; /* NULL: empty */
    struct mio_message *last;
    uint64_t count;
    uint32_t destination; /* a reactor */
};

static inline void mio_chain_init(struct mio_chain *self)
{
    self->first = NULL;
    self->last = NULL;
    self->count = 0;
    self->destination = UINT32_MAX;
}

static inline bool mio_chain_is_empty(const struct mio_chain *self)
{
    return self->first == NULL;
}

/* Whether a message to `destination` may join. */
static inline bool mio_chain_accepts(const struct mio_chain *self,
                                     uint32_t destination)
{
    return self->first == NULL || self->destination == destination;
}

static inline void mio_chain_append(struct mio_chain *self,
                                    uint32_t destination,
                                    struct mio_message *message)
{
    message->next = NULL;
    if (self->first == NULL)
        self->first = message;
    else
        self->last->next = message;
    self->last = message;
    self->destination = destination;
    self->count++;
}

#endif /* MIO_RUNTIME_MAILBOX_CHAIN_H */
