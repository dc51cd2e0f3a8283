/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/reactor.c - see reactor.h: making and unmaking. The loop
 * itself is turn.c. */
#include "runtime/reactor/reactor.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/memory.h"

/* Room for so many monitors; it grows. */
#define MONITORS_INITIAL 64

static int open_poll(struct mio_reactor *self, uint32_t sources_max)
{
    struct mio_poll_options options = {.sources_max = sources_max};
    int result = mio_poll_new(&self->poll, &options);
    if (result < 0)
        return result;
    /* Events of sources carry a pointer; the bell's is nobody's. */
    result = mio_bell_open(&self->mailbox->bell, self->poll, mio_token_of(0));
    if (result < 0)
        return result;
    return mio_events_new(&self->events, MIO_EVENTS_MAX);
}

static int open_memory(struct mio_reactor *self, uint32_t names_max)
{
    struct mio_common *common = self->common;
    int result = mio_slabs_init(&self->slabs, (uint16_t)self->index,
                                &self->mailbox->home, &self->counters);
    if (result < 0)
        return result;
    result = mio_slab_init(&self->monitors, MONITORS_INITIAL, UINT32_MAX);
    if (result < 0)
        return result;
    result = mio_names_init(&self->names, names_max);
    if (result < 0)
        return result;
    return mio_homeward_init(&self->homeward, common->reactors_count);
}

static void init_fields(struct mio_reactor *self,
                        const struct mio_reactor_options *options)
{
    memset(self, 0, sizeof(*self));
    self->index = options->index;
    self->common = options->common;
    self->life = options->life;
    self->registry = &self->common->registries[self->index];
    self->mailbox = &self->common->mailboxes[self->index];
    mio_queue_init(&self->queue);
    mio_chain_init(&self->chain);
    self->ending_tail = &self->ending;
    self->actors_tail = &self->actors;
    self->flush_tail = &self->flush_first;
    self->now_ns = mio_clock_monotonic_ns();
    mio_timer_wheel_init(&self->wheel, self->now_ns);
    mio_timer_init(&self->stop_deadline);
}

int mio_reactor_new(struct mio_reactor **out,
                    const struct mio_reactor_options *options)
{
    struct mio_reactor *self =
        aligned_alloc(MIO_CACHE_LINE, (sizeof(*self) + MIO_CACHE_LINE - 1) /
                                          MIO_CACHE_LINE * MIO_CACHE_LINE);
    if (self == NULL)
        return MIO_ENOMEM;
    init_fields(self, options);
    int result = open_memory(self, options->names_max);
    if (result == 0)
        result = open_poll(self, options->sources_max);
    if (result < 0) {
        mio_reactor_free(self);
        return result;
    }
    *out = self;
    return 0;
}

void mio_reactor_close(struct mio_reactor *self)
{
    struct mio_mail mail = mio_inbox_close(&self->mailbox->inbox);
    mio_queue_join(&self->queue, &mail);
    mio_reactor_drop_queue(self);
    mio_reactor_send_home(self);
}

void mio_reactor_free(struct mio_reactor *self)
{
    mio_bell_close(&self->mailbox->bell);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
    mio_homeward_deinit(&self->homeward);
    mio_groups_deinit(&self->groups);
    mio_names_deinit(&self->names);
    mio_slab_deinit(&self->monitors);
    mio_slabs_deinit(&self->slabs);
    free(self);
}
