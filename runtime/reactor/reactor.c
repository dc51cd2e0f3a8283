/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/reactor.c - see reactor.h: making and unmaking. The loop
 * itself is turn.c. */
#include "runtime/reactor/reactor.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/memory.h"

/* Room for so many monitors, and as many of the others; it grows. */
#define KEYS_INITIAL 64

static int open_poll(struct mio_reactor *self,
                     const struct mio_reactor_options *options)
{
    const struct mio_poll_options of_poll = {
        .sources_max = options->sources_max,
        .log = options->log,
    };
    int result = mio_poll_new(&self->poll, &of_poll);
    if (result < 0)
        return result;
    /* Events of sources carry a pointer; the bell's is nobody's. */
    result = mio_bell_open(&self->mailbox->bell, self->poll, mio_token_of(0));
    if (result < 0)
        return result;
    return mio_events_new(&self->events, MIO_EVENTS_MAX);
}

static int open_keys(struct mio_reactor *self)
{
    struct mio_slab *slabs[] = {&self->monitors, &self->asks, &self->delays};
    int result = 0;
    for (size_t i = 0; result == 0 && i < sizeof(slabs) / sizeof(*slabs); i++)
        result = mio_slab_init(slabs[i], KEYS_INITIAL, UINT32_MAX);
    return result;
}

static int open_memory(struct mio_reactor *self, uint32_t names_max)
{
    struct mio_common *common = self->common;
    int result = mio_slabs_init(&self->slabs, (uint16_t)self->index,
                                &self->mailbox->home, &self->counters);
    if (result < 0)
        return result;
    result = open_keys(self);
    if (result < 0)
        return result;
    result = mio_names_init(&self->names, names_max);
    if (result < 0)
        return result;
    return mio_homeward_init(&self->homeward, common->reactors_count);
}

static int open_credit(struct mio_reactor *self)
{
    struct mio_common *common = self->common;
    uint32_t count = common->reactors_count;
    self->peers = aligned_alloc(MIO_CACHE_LINE, count * sizeof(*self->peers));
    if (self->peers == NULL)
        return MIO_ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        struct mio_reactor_peer *peer = &self->peers[i];
        *peer = (struct mio_reactor_peer){.waiting = NULL};
        peer->waiting_tail = &peer->waiting;
        peer->full_count = &common->mailboxes[i].full_count;
        mio_credit_line_init(&peer->line,
                             mio_common_credit_word(common, i, self->index),
                             common->credit);
    }
    /* Nothing that stays here is counted. */
    self->peers[self->index].line.left = INT64_MAX;
    self->mailbox->inbox.ledger = &self->ledger;
    return mio_credit_ledger_init(
        &self->ledger, mio_common_credit_word(common, self->index, 0),
        count + 1, common->credit);
}

static void init_fields(struct mio_reactor *self,
                        const struct mio_reactor_options *options)
{
    memset(self, 0, sizeof(*self));
    self->index = options->index;
    self->common = options->common;
    self->life = options->life;
    self->count_from = mio_common_queue_min(self->common);
    self->registry = &self->common->registries[self->index];
    self->mailbox = &self->common->mailboxes[self->index];
    mio_queue_init(&self->queue);
    mio_gauge_init(&self->gauge, self->index);
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
        result = open_credit(self);
    if (result == 0)
        result = open_poll(self, options);
    if (result < 0) {
        mio_reactor_free(self);
        return result;
    }
    *out = self;
    return 0;
}

/* Who has not found yet that we want to be told will not be asked again. */
static void want_nothing(struct mio_reactor *self)
{
    for (uint32_t i = 0; i < self->common->reactors_count; i++) {
        struct mio_reactor_peer *peer = &self->peers[i];
        if (peer->notice == NULL)
            continue;
        if (mio_credit_unwant(&peer->line, peer->notice))
            mio_reactor_message_free(self, peer->notice);
        peer->notice = NULL;
    }
}

void mio_reactor_close(struct mio_reactor *self)
{
    mio_reactor_publish(self); /* notices of a take that was the last */
    struct mio_mail mail = mio_inbox_close(&self->mailbox->inbox);
    mio_queue_join(&self->queue, &mail);
    mio_reactor_drop_queue(self);
    want_nothing(self);
    self->life->drop_delayed(self);
    mio_reactor_send_home(self);
}

void mio_reactor_free(struct mio_reactor *self)
{
    mio_bell_close(&self->mailbox->bell);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
    mio_credit_ledger_deinit(&self->ledger);
    free(self->peers);
    mio_homeward_deinit(&self->homeward);
    mio_groups_deinit(&self->groups);
    mio_names_deinit(&self->names);
    mio_slab_deinit(&self->monitors);
    mio_slab_deinit(&self->asks);
    mio_slab_deinit(&self->delays);
    mio_slabs_deinit(&self->slabs);
    free(self);
}
