/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/chain.h - the one open chain of a reactor. Not installed.
 *
 * What a reactor sends to others is linked here first, so that several messages
 * cost one push. There is only one, to one destination at a time: that is what
 * keeps the order in which things were sent (runtime/README.md, causality).
 *
 * A chain of some length gets an index, a message of its own in front of it: so
 * that the receiver need not follow the links, each a line that must come from
 * the sender's cache before the next is known, but can ask for all at once. */
#ifndef MIO_RUNTIME_MAILBOX_CHAIN_H
#define MIO_RUNTIME_MAILBOX_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/message.h"

/* Longer ones are published: an index of this size fills a slot of 1024 bytes.
 */
#define MIO_CHAIN_MAX 121
/* Shorter ones are followed faster than an index is read. */
#define MIO_INDEX_MIN 6

struct mio_chain {
    struct mio_message *first; /* NULL: empty */
    struct mio_message *last;
    uint32_t count;
    uint32_t destination; /* a reactor */
    struct mio_message *messages[MIO_CHAIN_MAX];
};

/* The payload of an index. */
struct mio_index {
    struct mio_message *last; /* of the chain */
    uint32_t count;           /* of its messages, the index left out */
    uint32_t sender;          /* the reactor that made it */
    struct mio_message *messages[];
};

_Static_assert(sizeof(struct mio_message) + sizeof(struct mio_index) +
                       MIO_CHAIN_MAX * sizeof(struct mio_message *) ==
                   1024,
               "an index of the longest chain fills its slot");

static inline void mio_chain_init(struct mio_chain *self)
{
    self->first = NULL;
    self->last = NULL;
    self->count = 0;
    self->destination = UINT32_MAX;
}

static inline bool mio_chain_is_empty(const struct mio_chain *self)
{
    return self->count == 0;
}

/* Whether a message to `destination` may join. */
static inline bool mio_chain_accepts(const struct mio_chain *self,
                                     uint32_t destination)
{
    return self->count == 0 ||
           (self->destination == destination && self->count < MIO_CHAIN_MAX);
}

static inline void mio_chain_append(struct mio_chain *self,
                                    uint32_t destination,
                                    struct mio_message *message)
{
    message->next = NULL;
    if (self->count == 0)
        self->first = message;
    else
        self->last->next = message;
    self->last = message;
    self->destination = destination;
    self->messages[self->count++] = message;
}

/* Size of the payload of an index for this chain. */
static inline size_t mio_index_size(const struct mio_chain *self)
{
    return sizeof(struct mio_index) + self->count * sizeof(self->messages[0]);
}

/* Put `message`, which has such a payload, in front. */
void mio_chain_add_index(struct mio_chain *self, struct mio_message *message,
                         uint32_t sender);

/* Ask for the lines of all messages of an index, to be written. */
void mio_index_prefetch(struct mio_message *message);

#endif /* MIO_RUNTIME_MAILBOX_CHAIN_H */
