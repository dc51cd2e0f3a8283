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
    return (int64_t)now.tv_sec * MIO_NS_PER_S + now.tv_nsec;
}

int64_t mio_clock_monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t mio_clock_realtime_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}
