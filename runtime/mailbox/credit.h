/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/credit.h - how much one reactor may send to another. Not
 * installed.
 *
 * For each ordered pair of reactors there is one word. In it the receiver says
 * how many messages of the sender it has ever taken into its queue, and the
 * sender compares that with what it has ever sent. A sender that has nothing
 * left and waits swaps WANTED into the word, with the message by which it wants
 * to be told; the receiver finds it when it replaces the word.
 *
 * The receiver does not write each time it takes: only when half of the credit
 * has gathered. A sender that has used all of it has at least that much under
 * way, so that the receiver will come to write. Nothing is done per message. */
#ifndef MIO_RUNTIME_MAILBOX_CREDIT_H
#define MIO_RUNTIME_MAILBOX_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/message.h"

/* Messages from outside the runtime count as those of one more sender. */
struct mio_credit_word {
    uint64_t value; /* twice the count, or a message's address | 1 */
};

/* What a reactor has taken from one sender. */
struct mio_credit_taken {
    uint64_t count;
    uint64_t said; /* what the word says of it */
};

/* The receiver's side. */
struct mio_credit_ledger {
    struct mio_credit_word *words; /* one for each sender */
    struct mio_credit_taken *taken;
    uint32_t *due; /* senders whose word is to be written */
    uint32_t due_count;
    uint32_t senders_count;
    uint32_t quantum;
};

/* The sender's side, for one receiver. */
struct mio_credit_line {
    int64_t left; /* negative: what needs no credit went beyond it */
    struct mio_credit_word *word;
    uint64_t known; /* of what was taken */
};

/* For so many messages of credit, so many are taken before the word says so. */
static inline uint32_t mio_credit_quantum(uint32_t credit)
{
    return credit / 2 + credit % 2;
}

/* The words are zero, and outlive it.
 * Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_credit_ledger_init(struct mio_credit_ledger *self,
                                         struct mio_credit_word *words,
                                         uint32_t senders_count,
                                         uint32_t credit);
void mio_credit_ledger_deinit(struct mio_credit_ledger *self);

/* The word of `sender` is to be written. */
void mio_credit_make_due(struct mio_credit_ledger *self, uint32_t sender);

/* A chain of `count` messages was taken.                  Thread: receiver. */
static inline void mio_credit_take(struct mio_credit_ledger *self,
                                   uint32_t sender, uint64_t count)
{
    struct mio_credit_taken *taken = &self->taken[sender];
    uint64_t before = taken->count - taken->said;
    taken->count += count;
    if (__builtin_expect(
            before < self->quantum && before + count >= self->quantum, 0))
        mio_credit_make_due(self, sender);
}

/* Write the word of one whose word is due. Returns the message by which the
 * sender wants to be told, or NULL; it is the caller's.   Thread: receiver. */
struct mio_message *mio_credit_return(struct mio_credit_ledger *self);

void mio_credit_line_init(struct mio_credit_line *self,
                          struct mio_credit_word *word, uint32_t credit);

/* Look how much there is now.                             Thread: sender. */
void mio_credit_look(struct mio_credit_line *self);

/* Nothing is left: want to be told by `notice`, of which the word now has the
 * address, until the receiver replaces it. One at a time. Looks once more.
 *                                                         Thread: sender. */
void mio_credit_want(struct mio_credit_line *self, struct mio_message *notice);

/* Take the notice back; false: the receiver has found it. Thread: sender. */
bool mio_credit_unwant(struct mio_credit_line *self,
                       struct mio_message *notice);

#endif /* MIO_RUNTIME_MAILBOX_CREDIT_H */
