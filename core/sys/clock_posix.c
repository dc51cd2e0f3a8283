/* SPDX-License-Identifier: MIT
 *
 * core/sys/clock_posix.c - the system's clocks, in nanoseconds. */
#include "core/clock.h"

#include <time.h>

#include "core/assert.h"

static int64_t read_clock(clockid_t which)
{
    struct timespec now;
    int rc = clock_gettime(which, &now);
    MIO_ASSERT(rc == 0);
    int64_t ns;
    if (__builtin_mul_overflow((int64_t)now.tv_sec, MIO_NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, (int64_t)now.tv_nsec, &ns))
        return INT64_MAX;
    return ns;
}

int64_t mio_clock_monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t mio_clock_realtime_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}
