/* SPDX-License-Identifier: MIT
 *
 * runtime/actor_entry.c - entries of the queue that are not messages. See
 * actor.h. */
#include <string.h>

#include "core/assert.h"
#include "runtime/actor.h"
#include "runtime/actor_private.h"
#include "runtime/mailbox/litmus.h"
#include "runtime/reactor/mail.h"

void mio_actor_entry_init(struct mio_actor_entry *entry, struct mio_actor *self,
                          int (*handle)(struct mio_actor *self, void *state,
                                        struct mio_actor_entry *entry))
{
    MIO_ASSERT(handle != NULL);
    memset(entry, 0, sizeof(*entry));
    entry->header.kind = MIO_ENTRY_EMBEDDED;
    entry->header.home = MIO_HOME_NONE;
    entry->actor = self;
    entry->handle = handle;
}

void mio_actor_enqueue(struct mio_actor_entry *entry)
{
    if (entry->link == NULL)
        mio_reactor_enqueue(entry->actor->reactor, entry);
}

bool mio_actor_dequeue(struct mio_actor_entry *entry)
{
    if (entry->link == NULL)
        return false;
    mio_reactor_dequeue(entry->actor->reactor, entry);
    return true;
}

bool mio_actor_take_inbox(struct mio_actor *self)
{
    struct mio_reactor *reactor = self->reactor;
    if (!MIO_LITMUS_BREAKS(MIO_RULE_READ))
        mio_reactor_take(reactor);
    return mio_queue_has_no_cause(&reactor->queue);
}
