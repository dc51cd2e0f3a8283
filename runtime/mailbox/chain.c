/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/chain.c - see chain.h. */
#include "runtime/mailbox/chain.h"

#include <string.h>

#include "runtime/entry.h"

void mio_chain_add_index(struct mio_chain *self, struct mio_message *message,
                         uint32_t sender)
{
    struct mio_index *index = mio_message_payload(message);
    index->last = self->last;
    index->count = self->count;
    index->sender = sender;
    memcpy(index->messages, self->messages,
           self->count * sizeof(self->messages[0]));
    message->kind = MIO_ENTRY_INDEX;
    message->next = self->first;
    self->first = message;
}

void mio_index_prefetch(struct mio_message *message)
{
    struct mio_index *index = mio_message_payload(message);
    for (uint32_t i = 0; i < index->count; i++)
        __builtin_prefetch(index->messages[i], 1);
}
