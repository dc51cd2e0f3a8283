/* SPDX-License-Identifier: MIT
 *
 * live/harness/deadline.h - how long a test waits before it calls it a failure.
 *
 * Never a measure of speed: far beyond what the slowest build needs. */
#ifndef TESTS_APPS_CHAT_LIVE_HARNESS_DEADLINE_H
#define TESTS_APPS_CHAT_LIVE_HARNESS_DEADLINE_H

#include <stdint.h>
#include <time.h>

#define DEADLINE_MS 30000

static inline int64_t deadline_in_ms(int64_t ms)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
}

/* Milliseconds that are left, 0 when it has passed: for poll(2). */
static inline int deadline_left_ms(int64_t deadline_ms)
{
    int64_t left = deadline_ms - deadline_in_ms(0);
    return left > 0 ? (int)left : 0;
}

#endif /* TESTS_APPS_CHAT_LIVE_HARNESS_DEADLINE_H */
