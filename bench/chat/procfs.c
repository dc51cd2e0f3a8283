/* SPDX-License-Identifier: MIT
 *
 * bench/chat/procfs.c - /proc/PID, read. */
#include "bench/chat/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/chat/clock.h"

#define THREADS_MAX 256

/* Read the start of a file as text. Returns the size | -errno. */
static int read_text(const char *path, char *out, size_t max)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    size_t size = fread(out, 1, max - 1, file);
    fclose(file);
    out[size] = '\0';
    return (int)size;
}

/* The number after "key:" in /proc/PID/status. */
static int64_t status_number(pid_t pid, const char *key)
{
    char path[64];
    char text[4096];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    if (read_text(path, text, sizeof(text)) < 0)
        return -ENOENT;
    const char *at = strstr(text, key);
    return at == NULL ? -ENOENT : strtoll(at + strlen(key), NULL, 10);
}

/* utime + stime: fields 14 and 15, counted after the name in brackets. */
static int64_t stat_cpu_ns(const char *text)
{
    long long user;
    long long system;
    const char *at = strrchr(text, ')');
    if (at == NULL || sscanf(at + 1,
                             " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
                             " %lld %lld",
                             &user, &system) != 2)
        return -ENOENT;
    return (user + system) * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static int64_t thread_cpu_ns(pid_t pid, pid_t tid)
{
    char path[64];
    char text[512];
    snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid,
             (int)tid);
    if (read_text(path, text, sizeof(text)) > 0)
        return strtoll(text, NULL, 10);
    snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
    if (read_text(path, text, sizeof(text)) > 0)
        return stat_cpu_ns(text);
    return 0; /* the thread ended meanwhile */
}

int64_t procfs_cpu_ns(pid_t pid)
{
    pid_t tids[THREADS_MAX];
    int count = procfs_threads(pid, tids, THREADS_MAX);
    if (count < 0)
        return count;
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += thread_cpu_ns(pid, tids[i]);
    return sum;
}

int64_t procfs_rss(pid_t pid)
{
    int64_t kib = status_number(pid, "\nVmRSS:");
    return kib < 0 ? kib : kib * 1024;
}

static int list_numbers(const char *path, pid_t *out, int max)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return -errno;
    int count = 0;
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        if (out != NULL && count == max)
            break;
        if (out != NULL)
            out[count] = atoi(entry->d_name);
        count++;
    }
    closedir(dir);
    return count;
}

int procfs_fds(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    return list_numbers(path, NULL, 0);
}

int procfs_threads(pid_t pid, pid_t *out, int max)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    return list_numbers(path, out, max);
}

pid_t procfs_tracer(pid_t tid)
{
    return (pid_t)status_number(tid, "\nTracerPid:");
}
