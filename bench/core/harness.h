/* SPDX-License-Identifier: MIT
 *
 * bench/core/harness.h - a workload: what it needs, and its commands. */
#ifndef BENCH_CORE_HARNESS_H
#define BENCH_CORE_HARNESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/core/peer.h"

struct answer {
    long done;
    int64_t ns; /* what the operations cost, all together */
};

struct command {
    const char *name; /* NULL ends a list */
    struct answer (*run)(long n);
};

struct workload {
    const char *name;
    int args_count;
    bool (*is_offered)(void);       /* by the peer */
    void (*open)(const long *args); /* done before the first command */
    struct command commands[6];
};

extern const struct workload chain_workload;
extern const struct workload registry_workload;
extern const struct workload wake_workload;
extern const struct workload timers_workload;

/* CPU time of this thread, of all threads; time that never goes back. */
int64_t thread_ns(void);
int64_t process_ns(void);
int64_t wall_ns(void);

/* Keep the calling thread on the last CPU that it may use, or the first. */
void pin(bool is_last);

#endif /* BENCH_CORE_HARNESS_H */
