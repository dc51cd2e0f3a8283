/* SPDX-License-Identifier: MIT
 *
 * bench/chat/cpus.h - keep the load and its server off each other's CPUs. */
#ifndef BENCH_CHAT_CPUS_H
#define BENCH_CHAT_CPUS_H

/** Move this thread to the last CPU that the process may use, for good.
 *  Returns 0 | -EINVAL where there is only one | -errno. */
int cpus_take_last(void);

/** In a process forked after cpus_take_last(): move to all the other CPUs.
 *  Nothing to do, and no failure, if it was never called. */
void cpus_take_others(void);

#endif /* BENCH_CHAT_CPUS_H */
