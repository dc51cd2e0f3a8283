/* SPDX-License-Identifier: MIT
 *
 * bench/core/registry.c - register, reregister, deregister: read ends of
 * COUNT pipes that are never ready.
 *
 *     registry COUNT */
#define _GNU_SOURCE /* pipe2 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "bench/core/harness.h"

static bool is_offered(void)
{
    return peer.registry_open != NULL;
}

/* Some peers go on using it, others do not: a checker of leaks must see that it
 * is held. */
static int *volatile held;

static void open_registry(const long *args)
{
    int *fds = must_allocate((size_t)args[0], sizeof(*fds));
    held = fds;
    for (long i = 0; i < args[0]; i++) {
        int ends[2];
        must(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
        fds[i] = ends[0];
    }
    peer.registry_open(fds, args[0]);
}

static struct answer timed(void (*batch)(long n), long n)
{
    int64_t ns = thread_ns();
    batch(n);
    return (struct answer){.done = n, .ns = thread_ns() - ns};
}

static struct answer add(long n)
{
    return timed(peer.registry_add, n);
}

static struct answer modify(long n)
{
    return timed(peer.registry_modify, n);
}

static struct answer take_away(long n)
{
    return timed(peer.registry_remove, n);
}

/* The lines of a descriptor's record that name what it watches. */
static long watched_by(const char *fd)
{
    char path[300], line[256];
    long count = 0;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", fd);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        count += strncmp(line, "tfd:", 4) == 0;
    if (file != NULL)
        fclose(file);
    return count;
}

/* What the kernel watches by epoll for this process. */
static struct answer watched(long n)
{
    struct answer answer = {0};
    (void)n;
    DIR *dir = opendir("/proc/self/fdinfo");
    must(dir != NULL, "/proc/self/fdinfo");
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.')
            answer.done += watched_by(entry->d_name);
    closedir(dir);
    return answer;
}

const struct workload registry_workload = {
    .name = "registry",
    .args_count = 1,
    .is_offered = is_offered,
    .open = open_registry,
    .commands = {{"register", add},
                 {"reregister", modify},
                 {"deregister", take_away},
                 {"watched", watched}},
};
