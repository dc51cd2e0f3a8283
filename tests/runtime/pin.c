/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/pin.c - see pin.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* affinity */
#endif
#include "tests/runtime/pin.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>

static cpu_set_t all;

void pin_init(void)
{
    (void)sched_getaffinity(0, sizeof(all), &all);
}

void pin(uint32_t index)
{
    cpu_set_t one;
    if (CPU_COUNT(&all) < 2)
        return;
    uint32_t wanted =
        index == 0 ? 0 : 1 + (index - 1) % ((uint32_t)CPU_COUNT(&all) - 1);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all) || wanted-- != 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        (void)pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
        return;
    }
}
