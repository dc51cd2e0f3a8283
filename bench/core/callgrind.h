/* SPDX-License-Identifier: MIT
 *
 * bench/core/callgrind.h - instructions, counted by valgrind: the same in
 * every run, on every machine that runs the same code. */
#ifndef BENCH_CORE_CALLGRIND_H
#define BENCH_CORE_CALLGRIND_H

#include <stdbool.h>

#include "bench/core/plan.h"

/** Whether valgrind is installed. */
bool callgrind_exists(void);

/** Instructions in user space per operation of each phase, negative where
 *  they cannot be known. */
void callgrind_run(const struct contestant *contestant, const struct plan *plan,
                   double *out);

#endif /* BENCH_CORE_CALLGRIND_H */
