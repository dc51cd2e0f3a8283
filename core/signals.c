/* SPDX-License-Identifier: MIT
 *
 * core/signals.c - what signals owe to the poll; core/sys does the rest. */
#include "core/signals.h"

#include "core/interest.h"
#include "core/sys/signals.h"

int mio_signals_next(struct mio_signals *self)
{
    if (self == NULL)
        return MIO_EINVAL;
    int which = mio_signals_take(self);
    /* Any take may have emptied the source, not only one that found nothing. */
    mio_source_arm(mio_signals_source(self), MIO_READABLE);
    return which;
}
