/* SPDX-License-Identifier: MIT
 *
 * bench/echo/process.h - a server as a child process, watched from outside. */
#ifndef BENCH_ECHO_PROCESS_H
#define BENCH_ECHO_PROCESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid;
    struct sockaddr_in at;
};

/** Start `path ADDRESS:PORT [ARGUMENT]` on a free port, on the CPUs first to
 *  last. Exits if that fails. */
void process_start(struct process *self, const char *path, const char *argument,
                   int cpu_first, int cpu_last);

/** A connection to it; waits until it listens. */
int process_connect(const struct process *self);

/** CPU time of its threads in ns. */
int64_t process_cpu_ns(const struct process *self);

/** Resident memory in bytes. */
int64_t process_rss(const struct process *self);

/* Counting its system calls, by the kernel's tracepoint. */
#define COUNTS_MAX 64
struct syscall_count {
    int fds[COUNTS_MAX];
    int fds_count;
};

/** Begin to count; false if this machine does not let us. */
bool syscall_count_start(struct syscall_count *self,
                         const struct process *process);
int64_t syscall_count_stop(struct syscall_count *self);

/** End it and wait. */
void process_end(struct process *self);

#endif /* BENCH_ECHO_PROCESS_H */
