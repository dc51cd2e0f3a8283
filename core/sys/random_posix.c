/* SPDX-License-Identifier: MIT
 *
 * core/sys/random_posix.c - the system's entropy. */
#include "core/random.h"

#include <unistd.h>

#include "core/clock.h"

/* Where a sandbox forbids the call: guessable, but a seed all the same. */
static uint64_t mixed(void)
{
    static uint64_t calls_count;
    uint64_t x = __atomic_add_fetch(&calls_count, 1, __ATOMIC_RELAXED);
    x ^= (uint64_t)mio_clock_monotonic_ns() << 20;
    x ^= (uint64_t)mio_clock_realtime_ns();
    x ^= (uint64_t)(uintptr_t)&x ^ (uint64_t)getpid() << 40;
    /* The finalizer of MurmurHash3: every bit reaches every other. */
    x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ (x >> 33);
}

uint64_t mio_random_u64(void)
{
    uint64_t value;
    return getentropy(&value, sizeof(value)) == 0 ? value : mixed();
}
