/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/credit.c - see credit.h. */
#include "runtime/mailbox/credit.h"

#include <ck_pr.h>
#include <stdlib.h>

#include "core/assert.h"
#include "runtime/mailbox/litmus.h"

/* Messages are aligned to 16: the low bit is free. */
static bool is_wanted(uint64_t value)
{
    return (value & 1) != 0;
}

static struct mio_message *notice_in(uint64_t value)
{
    return (struct mio_message *)(uintptr_t)(value & ~UINT64_C(1));
}

/* --- the receiver --------------------------------------------------------- */

int mio_credit_ledger_init(struct mio_credit_ledger *self,
                           struct mio_credit_word *words,
                           uint32_t senders_count, uint32_t credit)
{
    *self = (struct mio_credit_ledger){
        .words = words,
        .senders_count = senders_count,
        .quantum = mio_credit_quantum(credit),
        .taken = calloc(senders_count, sizeof(*self->taken)),
        .due = calloc(senders_count, sizeof(*self->due)),
    };
    if (self->taken != NULL && self->due != NULL)
        return 0;
    mio_credit_ledger_deinit(self);
    return MIO_ENOMEM;
}

void mio_credit_ledger_deinit(struct mio_credit_ledger *self)
{
    free(self->taken);
    free(self->due);
    self->taken = NULL;
    self->due = NULL;
}

void mio_credit_make_due(struct mio_credit_ledger *self, uint32_t sender)
{
    /* Once each: it crosses the quantum once before it is written. */
    MIO_DEBUG_ASSERT(self->due_count < self->senders_count);
    self->due[self->due_count++] = sender;
}

static uint64_t swap(struct mio_credit_word *word, uint64_t value)
{
    /* What the message says before its address, and the other way round on the
     * other side; both sides swap. */
    ck_pr_fence_release();
    uint64_t found = ck_pr_fas_64(&word->value, value);
    ck_pr_fence_acquire();
    return found;
}

struct mio_message *mio_credit_return(struct mio_credit_ledger *self)
{
    MIO_ASSERT(self->due_count > 0);
    uint32_t sender = self->due[--self->due_count];
    struct mio_credit_taken *taken = &self->taken[sender];
    MIO_LITMUS_YIELD(MIO_LITMUS_CREDIT);
    uint64_t found = swap(&self->words[sender], taken->count << 1);
    MIO_LITMUS_YIELD(MIO_LITMUS_CREDIT);
    taken->said = taken->count;
    if (!is_wanted(found) || MIO_LITMUS_BREAKS(MIO_RULE_NOTICE))
        return NULL;
    return notice_in(found);
}

/* --- the sender ----------------------------------------------------------- */

void mio_credit_line_init(struct mio_credit_line *self,
                          struct mio_credit_word *word, uint32_t credit)
{
    *self = (struct mio_credit_line){.word = word, .left = (int64_t)credit};
}

static void learn(struct mio_credit_line *self, uint64_t count)
{
    self->left += (int64_t)(count - self->known);
    self->known = count;
}

void mio_credit_look(struct mio_credit_line *self)
{
    uint64_t value = ck_pr_load_64(&self->word->value);
    /* Who was full before this was said is seen to be full after it. */
    ck_pr_fence_acquire();
    if (!is_wanted(value))
        learn(self, value >> 1);
}

void mio_credit_want(struct mio_credit_line *self, struct mio_message *notice)
{
    MIO_LITMUS_YIELD(MIO_LITMUS_CREDIT);
    uint64_t found = swap(self->word, (uint64_t)(uintptr_t)notice | 1);
    MIO_LITMUS_YIELD(MIO_LITMUS_CREDIT);
    MIO_ASSERT(!is_wanted(found));
    learn(self, found >> 1);
}

bool mio_credit_unwant(struct mio_credit_line *self, struct mio_message *notice)
{
    return ck_pr_cas_64(&self->word->value, (uint64_t)(uintptr_t)notice | 1,
                        self->known << 1);
}
