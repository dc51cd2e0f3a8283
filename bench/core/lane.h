/* SPDX-License-Identifier: MIT
 *
 * bench/core/lane.h - one peer as a process that is told what to do.
 *
 * Many are open at a time, and one works: what is compared runs in turns of a
 * few ms, on the same CPU. */
#ifndef BENCH_CORE_LANE_H
#define BENCH_CORE_LANE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/core/plan.h"

struct lane {
    const struct contestant *contestant;
    pid_t pid;
    FILE *to;
    FILE *from;
    char why_not[128]; /* it does not take part */
};

struct reply {
    int64_t done;
    int64_t ns;
};

/** Start it, and wait until it is ready. False: see why_not. */
bool lane_open(struct lane *self, const struct contestant *contestant,
               const char *workload);
void lane_close(struct lane *self);

/** Have `command` done; exits if it answers nothing. */
struct reply lane_ask(struct lane *self, const char *command, long n);

/** How many system calls `command` made, negative if that cannot be known. */
double lane_syscalls(struct lane *self, const char *command, long n);

#endif /* BENCH_CORE_LANE_H */
