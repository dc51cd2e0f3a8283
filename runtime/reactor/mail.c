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
    struct mio_message *index =
        mio_reactor_message_new(self, mio_index_size(&self->chain));
    if (index != NULL) /* it goes without, only slower */
        mio_chain_add_index(&self->chain, index, self->index);
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

void mio_reactor_join(struct mio_reactor *self, const struct mio_mail *mail)
{
    if (mail->first == NULL)
        return;
    mio_count_add(&self->counters.received, mail->messages_count);
    mio_count_add(&self->counters.chains_in, mail->chains_count);
    mio_queue_join(&self->queue, mail);
    mio_reactor_learn_limit(self);
    if (__builtin_expect(self->queue.causes_count >= self->count_from, 0))
        mio_reactor_count_taken(self, mail->first);
    mio_gauge_took(&self->gauge, mail->messages_count, &self->queue);
    if (__builtin_expect(self->ledger.due_count > 0, 0))
        return_credit(self);
}

void mio_reactor_take(struct mio_reactor *self)
{
    struct mio_mail mail = mio_inbox_take(&self->mailbox->inbox);
    mio_reactor_join(self, &mail);
}
