/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/chain.c - see chain.h. */
#include "runtime/mailbox/chain.h"

#include <string.h>

#include "runtime/entry.h"

/* What is no message to an actor is in no run. */
void mio_chain_find_runs(const struct mio_chain *self,
                         struct mio_index_runs *runs)
{
    struct mio_index_run *run = NULL;
    runs->count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        const struct mio_message *message = self->messages[i];
        if (message->kind != MIO_ENTRY_MESSAGE)
            continue;
        if (run == NULL || !mio_actor_id_equal(run->to, message->to)) {
            run = &runs->runs[runs->count++];
            *run = (struct mio_index_run){message->to, 0};
        }
        run->count++;
    }
}

void mio_chain_add_index(struct mio_chain *self, struct mio_message *message,
                         const struct mio_index_runs *runs, uint32_t sender)
{
    struct mio_index *index = mio_message_payload(message);
    index->last = self->last;
    index->count = self->count;
    index->sender = sender;
    memcpy(index->messages, self->messages,
           self->count * sizeof(self->messages[0]));
    index->runs_count = runs->count;
    memcpy(&index->messages[self->count], runs->runs,
           runs->count * sizeof(runs->runs[0]));
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
