/* SPDX-License-Identifier: MIT
 *
 * bench/chat/procfs.h - what the kernel tells about another process. */
#ifndef BENCH_CHAT_PROCFS_H
#define BENCH_CHAT_PROCFS_H

#include <stdint.h>
#include <sys/types.h>

/** CPU time of all living threads of pid, or -ENOENT. From schedstat; where the
 *  kernel has none, from stat, in steps of a clock tick. */
int64_t procfs_cpu_ns(pid_t pid);

/** Resident memory of pid in bytes, or -ENOENT. */
int64_t procfs_rss(pid_t pid);

/** Open descriptors of pid, or -ENOENT | -EACCES. */
int procfs_fds(pid_t pid);

/** Thread ids of pid, at most `max`. Returns their count | -ENOENT. */
int procfs_threads(pid_t pid, pid_t *out, int max);

/** The thread that traces `tid`, 0 for none, | -ENOENT. */
pid_t procfs_tracer(pid_t tid);

#endif /* BENCH_CHAT_PROCFS_H */
