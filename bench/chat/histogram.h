/* SPDX-License-Identifier: MIT
 *
 * bench/chat/histogram.h - latencies by the million, without sorting them.
 *
 * Log-linear: every power of two is cut into 64 equal buckets, so a quantile is
 * at most 1.6 % above the true value, and adding costs a few instructions. */
#ifndef BENCH_CHAT_HISTOGRAM_H
#define BENCH_CHAT_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
    uint64_t count;
    int64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/** Forget everything. */
void histogram_reset(struct histogram *self);

/** Count one value; a negative one counts as 0. */
void histogram_add(struct histogram *self, int64_t value);

/** The smallest bucket bound that at least `fraction` (0..1) of the values do
 *  not exceed, never more than the largest value. Returns 0 when empty. */
int64_t histogram_quantile(const struct histogram *self, double fraction);

#endif /* BENCH_CHAT_HISTOGRAM_H */
