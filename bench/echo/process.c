/* SPDX-License-Identifier: MIT
 *
 * bench/echo/process.c - see process.h. */
#define _GNU_SOURCE /* CPU_SET */
#include "bench/echo/process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void choose_port(struct process *self)
{
    socklen_t size = sizeof(self->at);
    self->at = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&self->at, size) != 0)
        die("bind");
    getsockname(fd, (struct sockaddr *)&self->at, &size);
    close(fd);
}

void process_start(struct process *self, const char *path, const char *argument,
                   int cpu_first, int cpu_last)
{
    char address[32];
    choose_port(self);
    snprintf(address, sizeof(address), "127.0.0.1:%u",
             ntohs(self->at.sin_port));
    self->pid = fork();
    if (self->pid < 0)
        die("fork");
    if (self->pid > 0)
        return;

    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (size_t i = (size_t)cpu_first; i <= (size_t)cpu_last; i++)
        CPU_SET(i, &cpus);
    sched_setaffinity(0, sizeof(cpus), &cpus);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it does not outlive the bench */
    execl(path, path, address, argument, (char *)NULL);
    perror(path);
    _exit(127);
}

int process_connect(const struct process *self)
{
    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0)
            die("socket");
        if (connect(fd, (const struct sockaddr *)&self->at, sizeof(self->at)) ==
            0)
            return fd;
        close(fd);
        if (waitpid(self->pid, NULL, WNOHANG) != 0) {
            fprintf(stderr, "the server has gone\n");
            exit(1);
        }
        usleep(1000);
    }
}

/* The thread ids of a process, at most `max`. */
static int threads_of(pid_t pid, int *out, int max)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (!dir)
        die(path);
    for (struct dirent *entry; count < max && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            out[count++] = (int)strtol(entry->d_name, NULL, 10);
    closedir(dir);
    return count;
}

/* The n-th number of a file. */
static int64_t number_in(const char *path, int n)
{
    int64_t number = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    for (int i = 0; i <= n; i++) {
        char word[32];
        if (fscanf(file, "%31s", word) == 1)
            number = strtoll(word, NULL, 10);
    }
    fclose(file);
    return number;
}

int64_t process_cpu_ns(const struct process *self)
{
    int threads[COUNTS_MAX];
    int count = threads_of(self->pid, threads, COUNTS_MAX);
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", self->pid,
                 threads[i]);
        sum += number_in(path, 0);
    }
    return sum;
}

int64_t process_rss(const struct process *self)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/statm", self->pid);
    return number_in(path, 1) * sysconf(_SC_PAGESIZE);
}

static int64_t tracepoint_id(void)
{
    static const char *const roots[] = {"/sys/kernel/tracing",
                                        "/sys/kernel/debug/tracing"};
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/events/raw_syscalls/sys_enter/id",
                 roots[i]);
        int64_t id = number_in(path, 0);
        if (id >= 0)
            return id;
    }
    return -1;
}

bool syscall_count_start(struct syscall_count *self,
                         const struct process *process)
{
    int threads[COUNTS_MAX];
    int64_t id = tracepoint_id();
    self->fds_count = 0;
    if (id < 0)
        return false;
    int count = threads_of(process->pid, threads, COUNTS_MAX);
    for (int i = 0; i < count; i++) {
        struct perf_event_attr what = {
            .type = PERF_TYPE_TRACEPOINT,
            .size = sizeof(what),
            .config = (uint64_t)id,
        };
        int fd =
            (int)syscall(SYS_perf_event_open, &what, threads[i], -1, -1, 0ul);
        if (fd < 0) {
            syscall_count_stop(self);
            return false;
        }
        self->fds[self->fds_count++] = fd;
    }
    return true;
}

int64_t syscall_count_stop(struct syscall_count *self)
{
    int64_t sum = 0;
    for (int i = 0; i < self->fds_count; i++) {
        int64_t count;
        if (read(self->fds[i], &count, sizeof(count)) == sizeof(count))
            sum += count;
        close(self->fds[i]);
    }
    return sum;
}

void process_end(struct process *self)
{
    kill(self->pid, SIGKILL);
    waitpid(self->pid, NULL, 0);
}
