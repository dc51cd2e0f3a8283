/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/inbox.c - see inbox.h. */
#include "runtime/mailbox/inbox.h"

#include <ck_pr.h>
#include <stddef.h>

#include "core/assert.h"
#include "runtime/entry.h"
#include "runtime/mailbox/chain.h"
#include "runtime/mailbox/credit.h"
#include "runtime/mailbox/litmus.h"

/* Words that are no message: messages are aligned to 16. */
#define EMPTY ((struct mio_message *)0)
#define PARKED ((struct mio_message *)2)
#define CLOSED ((struct mio_message *)4)

/* The last message of a chain links to the next older chain, and says so with
 * the low bit: chains need no header of their own. */
static struct mio_message *end_of_chain(struct mio_message *older)
{
    return (struct mio_message *)((uintptr_t)older | 1);
}

static bool is_end_of_chain(const struct mio_message *next)
{
    return ((uintptr_t)next & 1) != 0;
}

static struct mio_message *older_chain(const struct mio_message *end)
{
    return (struct mio_message *)((uintptr_t)end & ~(uintptr_t)1);
}

void mio_inbox_init(struct mio_inbox *self)
{
    self->word = EMPTY;
    self->ledger = NULL;
}

enum mio_inbox_found mio_inbox_push(struct mio_inbox *self,
                                    struct mio_message *first,
                                    struct mio_message *last)
{
    MIO_DEBUG_ASSERT(((uintptr_t)first & 7) == 0);

    MIO_LITMUS_YIELD(MIO_LITMUS_PUBLISH);
    struct mio_message *found = ck_pr_load_ptr(&self->word);
    do {
        if (found == CLOSED) {
            last->next = NULL;
            return MIO_INBOX_CLOSED;
        }
        last->next = end_of_chain(found == PARKED ? EMPTY : found);
        /* Links and payloads before the word; pairs with take_all's acquire.
         * On x86 the swap itself is a full barrier. */
        ck_pr_fence_release();
    } while (!ck_pr_cas_ptr_value(&self->word, found, first, &found));
    return found == PARKED ? MIO_INBOX_PARKED : MIO_INBOX_AWAKE;
}

bool mio_inbox_has_mail(const struct mio_inbox *self)
{
    return ck_pr_load_ptr(&self->word) != EMPTY;
}

/* Put the chain first..last in front of what is there. */
static void prepend(struct mio_mail *mail, struct mio_message *first,
                    struct mio_message *last)
{
    last->next = mail->first;
    if (mail->first == NULL)
        mail->last = last;
    mail->first = first;
}

#ifdef MIO_LITMUS
static void append(struct mio_mail *mail, struct mio_message *first,
                   struct mio_message *last)
{
    last->next = NULL;
    if (mail->first == NULL)
        mail->first = first;
    else
        mail->last->next = first;
    mail->last = last;
}
#endif

/* The end of a chain without an index; `count` is how many messages it has. */
static struct mio_message *walk(struct mio_message *first, uint64_t *count)
{
    struct mio_message *last = first;
    for (*count = 1; !is_end_of_chain(last->next); *count += 1)
        last = last->next;
    return last;
}

/* Such a chain is of who sent its first message, or says that it is not. */
static struct mio_message *take_plain(struct mio_credit_ledger *ledger,
                                      struct mio_message *first,
                                      uint64_t *count)
{
    struct mio_message *last = walk(first, count);
    if ((first->kind & MIO_ENTRY_UNCOUNTED) != 0)
        first->kind &= (uint8_t)~MIO_ENTRY_UNCOUNTED;
    else if (ledger != NULL)
        mio_credit_take(ledger,
                        mio_actor_id_is_none(first->from)
                            ? ledger->senders_count - 1 /* from outside */
                            : mio_actor_id_reactor(first->from),
                        *count);
    return last;
}

/* The end of a chain, and how many messages are in it. */
static struct mio_message *take_chain(struct mio_credit_ledger *ledger,
                                      struct mio_message *first,
                                      uint64_t *count)
{
    if (first->kind != MIO_ENTRY_INDEX)
        return take_plain(ledger, first, count);
    struct mio_index *index = mio_message_payload(first);
    *count = index->count;
    if (ledger != NULL)
        mio_credit_take(ledger, index->sender, index->count);
    return index->last;
}

/* The chains came newest first: reverse them, never the links inside one. */
static struct mio_mail in_order(const struct mio_inbox *self,
                                struct mio_message *newest)
{
    struct mio_mail mail = {NULL, NULL, 0, 0};
    for (struct mio_message *first = newest; first != NULL;) {
        uint64_t count;
        struct mio_message *last = take_chain(self->ledger, first, &count);
        mail.messages_count += count;
        struct mio_message *older = older_chain(last->next);
        mail.chains_count++;
#ifdef MIO_LITMUS
        if (MIO_LITMUS_BREAKS(MIO_RULE_TAKE))
            append(&mail, first, last);
        else
#endif
            prepend(&mail, first, last);
        first = older;
    }
    return mail;
}

static struct mio_message *exchange(struct mio_inbox *self,
                                    struct mio_message *word)
{
    struct mio_message *found =
        (struct mio_message *)ck_pr_fas_ptr(&self->word, word);
    /* The word before links and payloads; pairs with push's release. */
    ck_pr_fence_acquire();
    return found;
}

struct mio_mail mio_inbox_take(struct mio_inbox *self)
{
    MIO_LITMUS_YIELD(MIO_LITMUS_TAKE);
    if (ck_pr_load_ptr(&self->word) == EMPTY)
        return (struct mio_mail){NULL, NULL, 0, 0};
    struct mio_message *found = exchange(self, EMPTY);
    MIO_ASSERT(found != PARKED && found != CLOSED);
    return in_order(self, found);
}

bool mio_inbox_park(struct mio_inbox *self)
{
    MIO_LITMUS_YIELD(MIO_LITMUS_PARK);
    bool parked = ck_pr_cas_ptr(&self->word, EMPTY, PARKED);
    MIO_LITMUS_YIELD(MIO_LITMUS_PARK);
    return parked;
}

struct mio_mail mio_inbox_unpark(struct mio_inbox *self)
{
    MIO_LITMUS_YIELD(MIO_LITMUS_TAKE);
    struct mio_message *found = exchange(self, EMPTY);
    MIO_ASSERT(found != CLOSED);
    return in_order(self, found == PARKED ? NULL : found);
}

struct mio_mail mio_inbox_close(struct mio_inbox *self)
{
    struct mio_message *found = exchange(self, CLOSED);
    MIO_ASSERT(found != PARKED && found != CLOSED);
    return in_order(self, found);
}
