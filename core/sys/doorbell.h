/* SPDX-License-Identifier: MIT
 *
 * core/sys/doorbell.h - the contract of the one OS object that wakes a poll.
 *
 * Rung from any thread or signal handler; the selector then reports the key it
 * was attached with. Rings coalesce or do not: the caller does not care. Not
 * installed. */
#ifndef MIO_CORE_SYS_DOORBELL_H
#define MIO_CORE_SYS_DOORBELL_H

#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/sys/selector.h"

struct mio_doorbell {
    /* private to the implementation */
    struct mio_source source;
    bool is_level; /* its selector has no edges */
};

/* Attach a new doorbell to a selector. It may be rung and closed after the
 * selector was freed: nobody hears it then.
 * Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM | MIO_ENOSPC. */
int mio_doorbell_open(struct mio_doorbell *self, struct mio_selector *selector,
                      uint64_t key);
void mio_doorbell_close(struct mio_doorbell *self);

/* Any thread, signal-safe. Never blocks. */
void mio_doorbell_ring(struct mio_doorbell *self);

/* After the key was reported, before the next wait. */
void mio_doorbell_answered(struct mio_doorbell *self);

#endif /* MIO_CORE_SYS_DOORBELL_H */
