/* SPDX-License-Identifier: MIT
 *
 * runtime/count.h - how a reactor counts. Not installed.
 *
 * One writer: a load and a store, no locked instruction; the store is whole, so
 * that any thread may read the counter (mio_runtime_counters). */
#ifndef MIO_RUNTIME_COUNT_H
#define MIO_RUNTIME_COUNT_H

#include <ck_pr.h>
#include <stdint.h>

#include "runtime/counters.h"

static inline void mio_count_add(uint64_t *counter, uint64_t count)
{
    ck_pr_store_64(counter, *counter + count);
}

static inline void mio_count(uint64_t *counter)
{
    mio_count_add(counter, 1);
}

#endif /* MIO_RUNTIME_COUNT_H */
