/* SPDX-License-Identifier: MIT
 *
 * runtime/actor_flush.c - work for the end of a turn. See actor.h. */
#include "core/assert.h"
#include "runtime/actor.h"
#include "runtime/actor_private.h"

void mio_actor_flush_init(struct mio_actor_flush *flush, struct mio_actor *self,
                          void (*run)(struct mio_actor *self, void *state))
{
    MIO_ASSERT(run != NULL);
    flush->actor = self;
    flush->next = NULL;
    flush->is_scheduled = false;
    flush->flush = run;
}

void mio_actor_flush_later(struct mio_actor_flush *flush)
{
    if (flush->is_scheduled)
        return;
    struct mio_reactor *reactor = flush->actor->reactor;
    flush->is_scheduled = true;
    flush->next = NULL;
    flush->actor->pending_count++;
    if (reactor->flush_first == NULL)
        reactor->flush_since_ns = reactor->now_ns;
    *reactor->flush_tail = flush;
    reactor->flush_tail = &flush->next;
}
