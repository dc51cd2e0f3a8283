/* SPDX-License-Identifier: MIT
 *
 * bench/chat/syscalls.h - count the system calls of another process.
 *
 * By the kernel's own tracepoint where we may use it (a few ns per call), else
 * by strace (two stops per call: good for counting, useless for timing), else
 * not at all, with a word that says why. */
#ifndef BENCH_CHAT_SYSCALLS_H
#define BENCH_CHAT_SYSCALLS_H

#include <stdint.h>
#include <sys/types.h>

#define SYSCALLS_THREADS_MAX 64

struct syscalls {
    const char *method; /* "tracepoint", "strace" or NULL */
    int fds[SYSCALLS_THREADS_MAX];
    int fds_count;
    pid_t strace;
    char strace_output[64];
};

/** Begin to count; the process should be quiet. Returns 0, or -ENOTSUP if this
 *  machine offers no way (then there is nothing to stop). */
int syscalls_start(struct syscalls *self, pid_t pid);

/** Stop, and return the count since syscalls_start(), or -EIO. */
int64_t syscalls_stop(struct syscalls *self);

#endif /* BENCH_CHAT_SYSCALLS_H */
