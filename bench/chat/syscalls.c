/* SPDX-License-Identifier: MIT
 *
 * bench/chat/syscalls.c - tracepoint first, strace second. */
#include "bench/chat/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/chat/clock.h"
#include "bench/chat/procfs.h"

#define ATTACH_NS (5 * NS_PER_S)

/* The tracepoint's number, or -ENOENT where tracefs is not for us. */
static int64_t sys_enter_id(void)
{
    static const char *const paths[] = {
        "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
        "/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        FILE *file = fopen(paths[i], "re");
        long id;
        if (file == NULL)
            continue;
        int fields = fscanf(file, "%ld", &id);
        fclose(file);
        if (fields == 1)
            return id;
    }
    return -ENOENT;
}

static void close_counters(struct syscalls *self)
{
    for (int i = 0; i < self->fds_count; i++)
        close(self->fds[i]);
    self->fds_count = 0;
}

static int open_counters(struct syscalls *self, pid_t pid, uint64_t id)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT,
        .size = sizeof(attr),
        .config = id,
        .inherit = 1, /* threads that these start later */
    };
    pid_t tids[SYSCALLS_THREADS_MAX];
    int count = procfs_threads(pid, tids, SYSCALLS_THREADS_MAX);

    for (int i = 0; i < count; i++) {
        long fd = syscall(SYS_perf_event_open, &attr, tids[i], -1, -1,
                          PERF_FLAG_FD_CLOEXEC);
        if (fd < 0) {
            int rc = -errno;
            close_counters(self);
            return rc;
        }
        self->fds[self->fds_count++] = (int)fd;
    }
    return count > 0 ? 0 : -ENOENT;
}

static int64_t read_counters(struct syscalls *self)
{
    int64_t sum = 0;
    for (int i = 0; i < self->fds_count; i++) {
        int64_t count;
        if (read(self->fds[i], &count, sizeof(count)) != sizeof(count))
            return -EIO;
        sum += count;
    }
    return sum;
}

static void exec_strace(const char *output, pid_t pid)
{
    char number[16];
    snprintf(number, sizeof(number), "%d", (int)pid);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0)
        dup2(null, STDERR_FILENO);
    execlp("strace", "strace", "-q", "-f", "-c", "-o", output, "-p", number,
           (char *)NULL);
    _exit(127);
}

static bool is_traced(pid_t pid, pid_t by)
{
    pid_t tids[SYSCALLS_THREADS_MAX];
    int count = procfs_threads(pid, tids, SYSCALLS_THREADS_MAX);
    for (int i = 0; i < count; i++)
        if (procfs_tracer(tids[i]) != by)
            return false;
    return count > 0;
}

static int wait_traced(pid_t pid, pid_t by)
{
    struct timespec pause = {.tv_nsec = 2 * NS_PER_MS};
    int64_t deadline_ns = clock_now_ns() + ATTACH_NS;
    while (!is_traced(pid, by)) {
        if (clock_now_ns() > deadline_ns || waitpid(by, NULL, WNOHANG) != 0)
            return -ENOTSUP;
        nanosleep(&pause, NULL);
    }
    return 0;
}

static int start_strace(struct syscalls *self, pid_t pid)
{
    strcpy(self->strace_output, "/tmp/load-strace-XXXXXX");
    int fd = mkstemp(self->strace_output);
    if (fd < 0)
        return -ENOTSUP;
    close(fd);
    self->strace = fork();
    if (self->strace == 0)
        exec_strace(self->strace_output, pid);
    if (self->strace > 0 && wait_traced(pid, self->strace) == 0)
        return 0;
    if (self->strace > 0) {
        kill(self->strace, SIGKILL);
        waitpid(self->strace, NULL, 0);
    }
    unlink(self->strace_output);
    return -ENOTSUP;
}

/* The last line is: 100.00 SECONDS USECS CALLS [ERRORS] total */
static int64_t read_strace(const char *path)
{
    char line[256];
    long long calls = -EIO;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -EIO;
    while (fgets(line, sizeof(line), file) != NULL)
        if (strstr(line, " total") != NULL)
            sscanf(line, "%*f %*f %*d %lld", &calls);
    fclose(file);
    return calls;
}

static int64_t stop_strace(struct syscalls *self)
{
    kill(self->strace, SIGINT);
    waitpid(self->strace, NULL, 0);
    int64_t calls = read_strace(self->strace_output);
    unlink(self->strace_output);
    return calls;
}

int syscalls_start(struct syscalls *self, pid_t pid)
{
    memset(self, 0, sizeof(*self));
    int64_t id = sys_enter_id();
    if (id >= 0 && open_counters(self, pid, (uint64_t)id) == 0) {
        self->method = "tracepoint";
        return 0;
    }
    int rc = start_strace(self, pid);
    if (rc == 0)
        self->method = "strace";
    return rc;
}

int64_t syscalls_stop(struct syscalls *self)
{
    if (self->method == NULL)
        return -EIO;
    if (self->strace > 0)
        return stop_strace(self);
    int64_t count = read_counters(self);
    close_counters(self);
    return count;
}
