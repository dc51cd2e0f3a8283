/* SPDX-License-Identifier: MIT
 *
 * bench/chat/cpus.c - affinity.
 *
 * A woken process is often put on the CPU of its waker. A load that lands on
 * the CPU of a pinned reactor then takes turns with it, while another CPU
 * idles. */
#define _GNU_SOURCE /* cpu_set_t */
#include "bench/chat/cpus.h"

#include <errno.h>
#include <sched.h>

static cpu_set_t others; /* empty until cpus_take_last() */

int cpus_take_last(void)
{
    cpu_set_t all;
    cpu_set_t last;
    if (sched_getaffinity(0, sizeof(all), &all) != 0)
        return -errno;
    if (CPU_COUNT(&all) < 2)
        return -EINVAL;

    size_t cpu = CPU_SETSIZE - 1;
    while (!CPU_ISSET(cpu, &all))
        cpu--;
    CPU_ZERO(&last);
    CPU_SET(cpu, &last);
    if (sched_setaffinity(0, sizeof(last), &last) != 0)
        return -errno;
    CPU_CLR(cpu, &all);
    others = all;
    return 0;
}

void cpus_take_others(void)
{
    if (CPU_COUNT(&others) > 0)
        sched_setaffinity(0, sizeof(others), &others);
}
