/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/inbox.h - the one word through which a reactor gets mail.
 *
 * The word is EMPTY, PARKED, CLOSED, or the head of a list of chains, newest
 * first. Anybody pushes a chain with one compare-and-swap; the owner takes all
 * with one exchange. As the word carries both the list and whether the owner
 * sleeps, there is no moment between "looked" and "slept" in which a message
 * could be missed, and a push learns from the word it replaced whether it has
 * to ring. Steps 7 and 9 of a byte's walk; the states are drawn in
 * runtime/mailbox/README.md. */
#ifndef MIO_RUNTIME_MAILBOX_INBOX_H
#define MIO_RUNTIME_MAILBOX_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/message.h"

struct mio_credit_ledger;

struct mio_inbox {
    struct mio_message *word;
    struct mio_credit_ledger *ledger; /* the owner's; NULL: none is kept */
};

/* What a push replaced. */
enum mio_inbox_found {
    MIO_INBOX_AWAKE,  /* nothing or other chains: the owner will look */
    MIO_INBOX_PARKED, /* the owner sleeps: ring */
    MIO_INBOX_CLOSED  /* refused: the chain is still the caller's */
};

/* Everything that was taken: one list, oldest chain first. */
struct mio_mail {
    struct mio_message *first; /* NULL: nothing */
    struct mio_message *last;  /* its next is NULL */
    uint64_t messages_count;
    uint64_t chains_count;
};

void mio_inbox_init(struct mio_inbox *self);

/* Push the chain first..last, in which `next` links all but the last.
 *                                                         Thread: any. */
enum mio_inbox_found mio_inbox_push(struct mio_inbox *self,
                                    struct mio_message *first,
                                    struct mio_message *last);

/* Whether there is something to take: one load.           Thread: owner. */
bool mio_inbox_has_mail(const struct mio_inbox *self);

/* Take everything. Costs one load when there is nothing. Not while parked.
 *                                                         Thread: owner. */
struct mio_mail mio_inbox_take(struct mio_inbox *self);

/* Say that the owner is about to sleep; false if there is mail.
 *                                                         Thread: owner. */
MIO_NODISCARD bool mio_inbox_park(struct mio_inbox *self);

/* The owner is awake again, whoever woke it: take what came.
 *                                                         Thread: owner. */
struct mio_mail mio_inbox_unpark(struct mio_inbox *self);

/* Refuse pushes from now on, and take what had come.      Thread: owner. */
struct mio_mail mio_inbox_close(struct mio_inbox *self);

#endif /* MIO_RUNTIME_MAILBOX_INBOX_H */
