/* SPDX-License-Identifier: MIT
 *
 * runtime/waker/bell.h - the bell of a reactor (step 8 of a byte's walk).
 *
 * Rung by the push that found the reactor parked, and by nobody else; who
 * pushed to an awake reactor enters that in the ledger instead. The ledger is
 * the ringer's own counters: no line is shared for the sake of counting. */
#ifndef MIO_RUNTIME_WAKER_BELL_H
#define MIO_RUNTIME_WAKER_BELL_H

#include "core/error.h"
#include "core/poll.h"
#include "core/token.h"
#include "core/waker.h"
#include "runtime/counters.h"

struct mio_bell {
    struct mio_waker *waker;
};

/* Its events carry `token`.
 * Returns 0 | MIO_ENOMEM.                                 Thread: owner. */
MIO_NODISCARD int mio_bell_open(struct mio_bell *self, struct mio_poll *poll,
                                mio_token token);
void mio_bell_close(struct mio_bell *self);

/* Wake the reactor. `ledger`: the ringing reactor's; NULL outside of one.
 *                                                  Thread: any, signal-safe
 *                                                  (without a ledger). */
void mio_bell_ring(struct mio_bell *self, struct mio_counters *ledger);

/* There was no need to.                           Thread: the ledger's. */
void mio_bell_elide(struct mio_counters *ledger);

#endif /* MIO_RUNTIME_WAKER_BELL_H */
