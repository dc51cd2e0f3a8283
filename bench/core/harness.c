/* SPDX-License-Identifier: MIT
 *
 * bench/core/harness.c - one library as a process: does what it is told.
 *
 *     PEER WORKLOAD ARGUMENT...
 *
 * It says "ready", or "skip" and why. Then each line "COMMAND N" of its input
 * is done, and answered "DONE NS". So one process can be timed in turns with
 * others, be counted from outside, and be run under a simulator with the same
 * script. It ends when its input does. */
#define _GNU_SOURCE /* CPU_SET */
#include "bench/core/harness.h"

#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define ARGS_MAX 4

static const struct workload *const workloads[] = {
    &chain_workload,
    &registry_workload,
    &wake_workload,
    &timers_workload,
};

static int64_t read_clock(clockid_t which)
{
    struct timespec now;
    must(clock_gettime(which, &now) == 0, "clock_gettime");
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t thread_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int64_t process_ns(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t wall_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void pin(bool is_last)
{
    static cpu_set_t allowed; /* before anybody was pinned */
    if (CPU_COUNT(&allowed) == 0)
        must(sched_getaffinity(0, sizeof(allowed), &allowed) == 0, "affinity");

    int chosen = -1;
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET((size_t)i, &allowed) && (is_last || chosen < 0))
            chosen = i;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)chosen, &one);
    (void)sched_setaffinity(0, sizeof(one), &one);
}

static void raise_limits(void)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static struct answer nothing(long n)
{
    return (struct answer){.done = n};
}

static struct answer run(const struct workload *workload, const char *name,
                         long n)
{
    static const struct command idle = {"nothing", nothing};
    const struct command *command = workload->commands;
    if (strcmp(name, idle.name) == 0)
        command = &idle;
    while (command->name != NULL && strcmp(command->name, name) != 0)
        command++;
    if (command->name == NULL) {
        fprintf(stderr, "%s: no such command: %s\n", workload->name, name);
        exit(2);
    }
    return command->run(n);
}

static void obey(const struct workload *workload)
{
    char line[64], name[32];
    long n;
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (sscanf(line, "%31s %ld", name, &n) != 2) {
            fprintf(stderr, "not a command: %s", line);
            exit(2);
        }
        struct answer answer = run(workload, name, n);
        printf("%ld %lld\n", answer.done, (long long)answer.ns);
        fflush(stdout);
    }
}

static const struct workload *find(const char *name)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        if (strcmp(workloads[i]->name, name) == 0)
            return workloads[i];
    fprintf(stderr, "no such workload: %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    long args[ARGS_MAX] = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: %s WORKLOAD ARGUMENT...\n", argv[0]);
        return 2;
    }
    const struct workload *workload = find(argv[1]);
    if (peer.why_not != NULL) {
        printf("skip %s\n", peer.why_not);
        return 0;
    }
    for (int i = 0; i < workload->args_count; i++) {
        args[i] = i + 2 < argc ? strtol(argv[i + 2], NULL, 10) : 0;
        if (args[i] <= 0) {
            fprintf(stderr, "%s: %d numbers, please\n", argv[1],
                    workload->args_count);
            return 2;
        }
    }
    if (!workload->is_offered()) {
        printf("skip %s does not do this\n", peer.name);
        return 0;
    }
    raise_limits();
    pin(true);
    workload->open(args);
    printf("ready\n");
    fflush(stdout);
    obey(workload);
    return 0;
}
