/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/reactor.c - see reactor.h: making, unmaking, and the mail
 * that goes out. The loop itself is turn.c. */
#include "runtime/reactor/reactor.h"

#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/count.h"
#include "runtime/mailbox/litmus.h"
#include "runtime/reactor/dispatch.h"

/* --- making and unmaking ------------------------------------------------- */

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

static int open_memory(struct mio_reactor *self)
{
    struct mio_common *common = self->common;
    int result = mio_slabs_init(&self->slabs, (uint16_t)self->index,
                                &self->mailbox->home, &self->counters);
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
    int result = open_memory(self);
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
    mio_slabs_deinit(&self->slabs);
    free(self);
}

/* --- memory of messages -------------------------------------------------- */

/* Larger than any slot: an allocation of its own. */
static struct mio_message *new_large(struct mio_reactor *self, size_t size)
{
    struct mio_message *message = malloc(sizeof(*message) + size);
    if (message == NULL)
        return NULL;
    mio_count(&self->counters.messages_large);
    message->home = MIO_HOME_NONE;
    return message;
}

struct mio_message *mio_reactor_message_new(struct mio_reactor *self,
                                            size_t size)
{
    struct mio_message *message =
        size <= MIO_MESSAGE_POOLED_MAX
            ? mio_slabs_alloc(&self->slabs, mio_slot_class(size))
            : new_large(self, size);
    if (message == NULL)
        return NULL;
    message->size = (uint32_t)size;
    message->kind = MIO_ENTRY_HELD;
    return message;
}

static void send_home(struct mio_reactor *self, uint32_t reactor)
{
    uint32_t count = mio_homeward_send(&self->homeward, reactor,
                                       &self->common->mailboxes[reactor].home);
    mio_count_add(&self->counters.sent_home, count);
}

void mio_reactor_send_home(struct mio_reactor *self)
{
    struct mio_homeward *homeward = &self->homeward;
    while (homeward->used_count > 0) {
        uint32_t reactor = homeward->used[--homeward->used_count];
        homeward->chains[reactor].is_listed = false;
        send_home(self, reactor);
    }
}

static void free_foreign(struct mio_reactor *self, struct mio_message *message)
{
    uint16_t home = message->home;
    if (home == MIO_HOME_NONE) {
        free(message);
        return;
    }
    mio_poison_slot(message, mio_slot_size(message->size_class));
    if (mio_homeward_add(&self->homeward, message))
        send_home(self, home);
}

void mio_reactor_message_free(struct mio_reactor *self,
                              struct mio_message *message)
{
    if (message->home == self->index)
        mio_slabs_free(&self->slabs, message);
    else
        free_foreign(self, message);
}

void mio_reactor_dead_letter(struct mio_reactor *self,
                             struct mio_message *message)
{
    mio_count(&self->counters.dead_letters);
    const struct mio_message_type *type = message->type;
    if (type != NULL && type->drop != NULL)
        type->drop(mio_message_payload(message), message->size);
    mio_reactor_message_free(self, message);
}

/* --- mail ---------------------------------------------------------------- */

/* The other reactor has ended: nobody will ever read these. */
static void drop_chain(struct mio_reactor *self, struct mio_message *first)
{
    while (first != NULL) {
        struct mio_message *message = first;
        first = message->next;
        mio_reactor_dead_letter(self, message);
    }
}

static void push_chain(struct mio_reactor *self, struct mio_chain chain)
{
    struct mio_mailbox *to = &self->common->mailboxes[chain.destination];
    switch (mio_inbox_push(&to->inbox, chain.first, chain.last)) {
    case MIO_INBOX_PARKED:
        mio_bell_ring(&to->bell, &self->counters);
        break;
    case MIO_INBOX_AWAKE:
        mio_bell_elide(&self->counters);
        break;
    case MIO_INBOX_CLOSED:
        drop_chain(self, chain.first);
        return;
    }
    mio_count(&self->counters.chains_out);
}

void mio_reactor_publish_chain(struct mio_reactor *self)
{
    struct mio_chain chain = self->chain;
    mio_chain_init(&self->chain);
    push_chain(self, chain);
#ifdef MIO_LITMUS
    while (self->stash_count > 0)
        push_chain(self, self->stash[--self->stash_count]);
#endif
}

/* A chain to another reactor is open. */
static void change_destination(struct mio_reactor *self)
{
#ifdef MIO_LITMUS
    if (MIO_LITMUS_BREAKS(MIO_RULE_CHANGE) &&
        self->stash_count < MIO_LITMUS_STASH_MAX) {
        self->stash[self->stash_count++] = self->chain;
        mio_chain_init(&self->chain);
        return;
    }
#endif
    /* What was sent before is there before: the heart of causal delivery. */
    mio_reactor_publish_chain(self);
}

static void send_remote(struct mio_reactor *self, struct mio_message *message)
{
    uint32_t destination = mio_actor_id_reactor(message->to);
    if (!mio_chain_accepts(&self->chain, destination))
        change_destination(self);
    mio_count(&self->counters.sent_remote);
    mio_chain_append(&self->chain, destination, message);
}

void mio_reactor_send(struct mio_reactor *self, struct mio_message *message)
{
    if (mio_actor_id_reactor(message->to) != self->index) {
        send_remote(self, message);
        return;
    }
    mio_count(&self->counters.sent_local);
    mio_queue_push(&self->queue, message);
}

void mio_reactor_join(struct mio_reactor *self, const struct mio_mail *mail)
{
    if (mail->first == NULL)
        return;
    mio_count_add(&self->counters.received, mail->messages_count);
    mio_count_add(&self->counters.chains_in, mail->chains_count);
    mio_queue_join(&self->queue, mail);
}

void mio_reactor_take(struct mio_reactor *self)
{
    struct mio_mail mail = mio_inbox_take(&self->mailbox->inbox);
    mio_reactor_join(self, &mail);
}
