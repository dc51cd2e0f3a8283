/* SPDX-License-Identifier: MIT
 *
 * bench/chat/cells.h - the workloads that have a name. */
#ifndef BENCH_CHAT_CELLS_H
#define BENCH_CHAT_CELLS_H

#include <stdint.h>

#include "bench/chat/options.h"

struct cell {
    const char *name;
    const char *purpose;
    struct workload workload;
};

/** What applies when no cell is named. */
extern const struct workload cells_default;

/** The cells in the order of the documentation; *count gets their number. */
const struct cell *cells_all(uint32_t *count);

/** The cell of that name, or NULL. */
const struct cell *cells_find(const char *name);

#endif /* BENCH_CHAT_CELLS_H */
