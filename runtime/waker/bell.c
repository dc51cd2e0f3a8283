/* SPDX-License-Identifier: MIT
 *
 * runtime/waker/bell.c - see bell.h. */
#include "runtime/waker/bell.h"

#include <stddef.h>

#include "runtime/count.h"

int mio_bell_open(struct mio_bell *self, struct mio_poll *poll, mio_token token)
{
    return mio_waker_new(&self->waker, poll, token);
}

void mio_bell_close(struct mio_bell *self)
{
    mio_waker_free(self->waker);
    self->waker = NULL;
}

void mio_bell_ring(struct mio_bell *self, struct mio_counters *ledger)
{
    /* The one failure is that the poll is gone: then nobody sleeps there. */
    (void)mio_waker_wake(self->waker);
    if (ledger != NULL)
        mio_count(&ledger->bells_rung);
}

void mio_bell_elide(struct mio_counters *ledger)
{
    if (ledger != NULL)
        mio_count(&ledger->bells_elided);
}
