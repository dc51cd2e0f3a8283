/* SPDX-License-Identifier: MIT
 *
 * bench/chat/clock.h - one clock for schedules and latencies. */
#ifndef BENCH_CHAT_CLOCK_H
#define BENCH_CHAT_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static inline int64_t clock_now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

#endif /* BENCH_CHAT_CLOCK_H */
