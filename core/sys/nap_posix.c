/* SPDX-License-Identifier: MIT
 *
 * core/sys/nap_posix.c - a nap, however it ends. */
#include "core/sys/nap.h"

#include <time.h>

#define NAP_NS 50000

void mio_nap(void)
{
    const struct timespec duration = {.tv_nsec = NAP_NS};
    (void)nanosleep(&duration, NULL);
}
