/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/mail.c - see mail.h. Step 7 of a byte's walk, its far end. */
#include "runtime/reactor/mail.h"

#include <ck_pr.h>

#include "runtime/mailbox/litmus.h"
#include "runtime/reactor/memory.h"

/* The other reactor has ended: nobody will ever read these. */
static void drop_chain(struct mio_reactor *self, struct mio_message *first)
{
    first->kind &= (uint8_t)~MIO_ENTRY_UNCOUNTED;
    while (first != NULL) {
        struct mio_message *message = first;
        first = message->next;
        mio_reactor_drop(self, message);
    }
}

/* Both sides must agree on whose credit a chain used. Without an index, the
 * receiver goes by who sent the first message; where that is somebody else (a
 * part of the runtime speaks for another), it is said, and nothing is used. */
static void mark_sender(struct mio_reactor *self, const struct mio_chain *chain)
{
    struct mio_message *first = chain->first;
    if (first->kind == MIO_ENTRY_INDEX ||
        (mio_actor_id_reactor(first->from) == self->index &&
         !mio_actor_id_is_none(first->from)))
        return;
    first->kind |= MIO_ENTRY_UNCOUNTED;
    self->peers[chain->destination].line.left += chain->count;
}

static void push_chain(struct mio_reactor *self, const struct mio_chain *chain)
{
    mark_sender(self, chain);
    struct mio_mailbox *to = &self->common->mailboxes[chain->destination];
    switch (mio_inbox_push(&to->inbox, chain->first, chain->last)) {
    case MIO_INBOX_PARKED:
        mio_bell_ring(&to->bell, &self->counters);
        break;
    case MIO_INBOX_AWAKE:
        mio_bell_elide(&self->counters);
        break;
    case MIO_INBOX_CLOSED:
        drop_chain(self, chain->first);
        return;
    }
    mio_count(&self->counters.chains_out);
}

static void add_index(struct mio_reactor *self)
{
    struct mio_index_runs runs;
    mio_chain_find_runs(&self->chain, &runs);
    struct mio_message *index =
        mio_reactor_message_new(self, mio_index_size(&self->chain, runs.count));
    if (index != NULL) /* it goes without, only slower */
        mio_chain_add_index(&self->chain, index, &runs, self->index);
}

void mio_reactor_publish_chain(struct mio_reactor *self)
{
    if (self->chain.count >= MIO_INDEX_MIN)
        add_index(self);
    push_chain(self, &self->chain);
    mio_chain_init(&self->chain);
#ifdef MIO_LITMUS
    while (self->stash_count > 0)
        push_chain(self, &self->stash[--self->stash_count]);
#endif
}

void mio_reactor_change_chain(struct mio_reactor *self)
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

int mio_reactor_look_for_credit(struct mio_reactor *self, uint32_t destination)
{
    struct mio_credit_line *line = &self->peers[destination].line;
    mio_credit_look(line);
    if (line->left > 0)
        return 0;
    return mio_reactor_refuse(self);
}

/* Say how much was taken, and tell those who wanted to be told. */
static void return_credit(struct mio_reactor *self)
{
    while (self->ledger.due_count > 0) {
        struct mio_message *notice = mio_credit_return(&self->ledger);
        if (notice == NULL)
            continue;
        notice->from = mio_reactor_address(self->index);
        mio_reactor_send(self, notice);
    }
}

/* --- limits of actors ------------------------------------------------------
 */

void mio_reactor_say_full(struct mio_reactor *self,
                          struct mio_actor_registry_slot *slot)
{
    if (slot->full != 0)
        return;
    mio_count(&self->counters.full);
    ck_pr_store_32(&slot->full, slot->lives + 1);
    ck_pr_fence_store();
    ck_pr_store_64(&self->mailbox->full_count, self->mailbox->full_count + 1);
}

/* Messages to an actor came from elsewhere: they are in the queue, whether its
 * limit allows it or not. */
static void arrive(struct mio_reactor *self, mio_actor_id to, uint64_t count)
{
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, to);
    if (slot == NULL)
        return;
    slot->queued += (uint32_t)count;
    if (__builtin_expect(!mio_actor_registry_slot_has_room(slot), 0))
        mio_reactor_say_full(self, slot);
}

static void arrive_all(struct mio_reactor *self, struct mio_message *message)
{
    while (message != NULL) {
        if (message->kind == MIO_ENTRY_INDEX) {
            const struct mio_index *index = mio_message_payload(message);
            const struct mio_index_run *runs = mio_index_runs_of(index);
            for (uint64_t i = 0; i < index->runs_count; i++)
                arrive(self, runs[i].to, runs[i].count);
            message = index->last;
        } else if (message->kind == MIO_ENTRY_MESSAGE) {
            arrive(self, message->to, 1);
        }
        message = message->next;
    }
}

void mio_reactor_unsay_full(struct mio_reactor *self, mio_actor_id id)
{
    struct mio_actor_registry_slot *slot =
        mio_actor_registry_slot_of(self->registry, id);
    if (slot->full == 0)
        return;
    ck_pr_store_32(&slot->full, 0);
    ck_pr_store_64(&self->mailbox->full_count, self->mailbox->full_count - 1);
}

void mio_reactor_open(struct mio_reactor *self, struct mio_actor *actor)
{
    mio_reactor_unsay_full(self, actor->id);
    struct mio_message *message = actor->wanting;
    actor->wanting = NULL;
    actor->wanting_tail = &actor->wanting;
    while (message != NULL) {
        struct mio_message *next = message->next;
        mio_actor_id to = message->from;
        message->from = message->to;
        message->to = to;
        message->kind = MIO_ENTRY_SYSTEM;
        mio_reactor_send(self, message);
        message = next;
    }
}

int mio_reactor_refuse(struct mio_reactor *self)
{
    mio_count(&self->counters.refused);
    return MIO_EAGAIN;
}

void mio_reactor_join(struct mio_reactor *self, const struct mio_mail *mail)
{
    if (mail->first == NULL)
        return;
    mio_count_add(&self->counters.received, mail->messages_count);
    mio_count_add(&self->counters.chains_in, mail->chains_count);
    arrive_all(self, mail->first);
    mio_queue_join(&self->queue, mail);
    if (__builtin_expect(self->ledger.due_count > 0, 0))
        return_credit(self);
}

void mio_reactor_take(struct mio_reactor *self)
{
    struct mio_mail mail = mio_inbox_take(&self->mailbox->inbox);
    mio_reactor_join(self, &mail);
}
