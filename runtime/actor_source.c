/* SPDX-License-Identifier: MIT
 *
 * runtime/actor_source.c - sources that actors watch. See actor.h. */
#include "core/assert.h"
#include "runtime/actor.h"
#include "runtime/actor_private.h"

static int handle_ready(struct mio_actor *self, void *state,
                        struct mio_actor_entry *entry)
{
    struct mio_actor_source *watch = (struct mio_actor_source *)entry;
    uint32_t readiness = watch->readiness;
    watch->readiness = 0;
    return watch->ready(self, state, watch, readiness);
}

static void link_watch(struct mio_actor *self, struct mio_actor_source *watch)
{
    watch->next = self->sources;
    watch->link = &self->sources;
    if (watch->next != NULL)
        watch->next->link = &watch->next;
    self->sources = watch;
}

static void unlink_watch(struct mio_actor_source *watch)
{
    *watch->link = watch->next;
    if (watch->next != NULL)
        watch->next->link = watch->link;
    watch->link = NULL;
}

/* Forget what was gathered and not handled yet. */
static void forget_readiness(struct mio_actor_source *watch)
{
    watch->readiness = 0;
    (void)mio_actor_dequeue(&watch->entry);
}

int mio_actor_watch(struct mio_actor *self, struct mio_actor_source *watch,
                    struct mio_source *source, uint32_t interest, uint32_t mode,
                    int (*ready)(struct mio_actor *self, void *state,
                                 struct mio_actor_source *source,
                                 uint32_t readiness))
{
    MIO_ASSERT(ready != NULL);
    int result = mio_poll_register(self->reactor->poll, source,
                                   mio_token_of_ptr(watch), interest, mode);
    if (result < 0)
        return result;
    mio_actor_entry_init(&watch->entry, self, handle_ready);
    watch->entry.header.kind = MIO_ENTRY_READY;
    watch->source = source;
    watch->readiness = 0;
    watch->ready = ready;
    link_watch(self, watch);
    return 0;
}

int mio_actor_rewatch(struct mio_actor_source *watch, uint32_t interest,
                      uint32_t mode)
{
    MIO_ASSERT(watch->link != NULL);
    struct mio_poll *poll = watch->entry.actor->reactor->poll;
    int result = mio_poll_reregister(poll, watch->source,
                                     mio_token_of_ptr(watch), interest, mode);
    if (result == 0)
        forget_readiness(watch); /* what still holds is reported again */
    return result;
}

void mio_actor_unwatch(struct mio_actor_source *watch)
{
    if (watch->link == NULL)
        return;
    forget_readiness(watch);
    /* It can only say that the source is gone already, with its handle. */
    (void)mio_poll_deregister(watch->entry.actor->reactor->poll, watch->source);
    unlink_watch(watch);
}

void mio_actor_unwatch_all(struct mio_actor *self)
{
    while (self->sources != NULL)
        mio_actor_unwatch(self->sources);
}
