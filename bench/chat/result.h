/* SPDX-License-Identifier: MIT
 *
 * bench/chat/result.h - what one run on one server found. */
#ifndef BENCH_CHAT_RESULT_H
#define BENCH_CHAT_RESULT_H

#include <stdbool.h>
#include <stdint.h>

enum metric {
    METRIC_RAMP_S,
    METRIC_RAMP_CPU_S,
    METRIC_KIB_PER_CLIENT,
    METRIC_DELIVERIES_PER_S,
    METRIC_P50_MS,
    METRIC_P99_MS,
    METRIC_MAX_MS,
    METRIC_CPU_NS,
    METRIC_SYSCALLS,
    METRIC_LOAD_CPU, /* of the load program itself, in cores */
    METRIC_IDLE_CPU_MS,
    METRIC_COUNT
};

struct result {
    const char *server;
    double values[METRIC_COUNT]; /* NAN = not measured */
    const char *syscalls_method; /* NULL = no way on this machine */
    bool ramped;
    bool stuck; /* deliveries stopped although messages were under way */
    bool echo_refused;
    uint32_t ready; /* clients that got into their channel */
    uint64_t lost;
    uint64_t duplicates;
    uint64_t strays;
    uint64_t corrupt;
    uint64_t sender_violations;
    uint64_t total_violations;
    uint32_t clients_differing;
    uint32_t clients_lost;
    int stalled_dropped; /* descriptors that the server closed meanwhile */
    char complaint[200];
};

/** Did the server do all that the checks ask? Stalled clients may go. */
static inline bool result_is_clean(const struct result *self)
{
    return self->ramped && !self->stuck && self->lost == 0 &&
           self->duplicates == 0 && self->strays == 0 && self->corrupt == 0 &&
           self->sender_violations == 0 && self->total_violations == 0 &&
           self->clients_lost == 0;
}

#endif /* BENCH_CHAT_RESULT_H */
