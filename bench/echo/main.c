/* SPDX-License-Identifier: MIT
 *
 * bench/echo/main.c - CPU per request of examples/echo_server, beside the same
 * over raw epoll, in pairs that take turns.
 *
 *     echo [--connections N] [--requests N] [--pairs N] [--threads N]
 *          [--server PROGRAM] [--base PROGRAM]
 *
 * A program is run as `PROGRAM ADDRESS:PORT`, the base with THREADS after that.
 * A closed loop: each connection has one message of 64 bytes under way. The
 * load runs on CPU 0, one server thread on CPU 1; with --threads, the servers
 * have all CPUs from 0 on and share them with the load. */
#define _GNU_SOURCE /* CPU_SET */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/echo/process.h"

#define MESSAGE_SIZE 64
#define PAIRS_MAX 99
#define CONNECTIONS_MAX 20000

static struct {
    int connections;
    long requests;
    int pairs;
    int threads;
    const char *server;
    const char *base;
} options = {
    .connections = 64,
    .requests = 200000,
    .pairs = 7,
    .threads = 1,
};

struct result {
    double cpu_ns;    /* per request */
    double syscalls;  /* per request; < 0: not known */
    double rss_bytes; /* per connection, after each sent something */
    double requests_per_s;
    double p50_us;
    double p99_us;
};

static int fds[CONNECTIONS_MAX];
static int64_t sent_ns[CONNECTIONS_MAX];
static uint32_t *latencies; /* ns, of one run */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void ask(int i)
{
    static const char message[MESSAGE_SIZE] = "echo";
    sent_ns[i] = now_ns();
    if (send(fds[i], message, sizeof(message), MSG_NOSIGNAL) !=
        (ssize_t)sizeof(message)) {
        perror("send");
        exit(1);
    }
}

/* One answer came on connection i. */
static void hear(int i, long n)
{
    char message[MESSAGE_SIZE + 1];
    ssize_t size = recv(fds[i], message, sizeof(message), 0);
    if (size != MESSAGE_SIZE) {
        fprintf(stderr, "an answer of %zd bytes: %s\n", size,
                size < 0 ? strerror(errno) : "wrong");
        exit(1);
    }
    int64_t ns = now_ns() - sent_ns[i];
    latencies[n] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

/* Ask and hear `requests` times over all connections. */
static void load(int epoll, long requests)
{
    struct epoll_event events[256];
    long asked = 0, heard = 0;
    for (int i = 0; i < options.connections; i++, asked++)
        ask(i);
    while (heard < asked) {
        int count = epoll_wait(epoll, events, 256, 60000);
        if (count <= 0) {
            fprintf(stderr, "no answer within a minute\n");
            exit(1);
        }
        for (int k = 0; k < count; k++) {
            int i = (int)events[k].data.u32;
            hear(i, heard++);
            if (asked < requests) {
                ask(i);
                asked++;
            }
        }
    }
}

static int connect_all(const struct process *server)
{
    int epoll = epoll_create1(0);
    for (int i = 0; i < options.connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        fds[i] = process_connect(server);
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
    }
    return epoll;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void measure(const struct process *server, int epoll, struct result *out)
{
    double requests = (double)options.requests;
    int64_t cpu_ns = process_cpu_ns(server);
    int64_t ns = now_ns();
    load(epoll, options.requests);
    out->requests_per_s = requests * 1e9 / (double)(now_ns() - ns);
    out->cpu_ns = (double)(process_cpu_ns(server) - cpu_ns) / requests;
    qsort(latencies, (size_t)options.requests, sizeof(*latencies), by_value);
    long p50 = options.requests / 2, p99 = options.requests * 99 / 100;
    out->p50_us = latencies[p50] / 1e3;
    out->p99_us = latencies[p99] / 1e3;

    /* Counted in a stretch of its own, which is not timed. */
    struct syscall_count count;
    long counted = options.requests / 10 + options.connections;
    out->syscalls = -1;
    if (syscall_count_start(&count, server)) {
        load(epoll, counted);
        out->syscalls = (double)syscall_count_stop(&count) / (double)counted;
    }
}

static struct result run(const char *path, const char *argument)
{
    struct process server;
    struct result result;
    int cpu_first = options.threads > 1 ? 0 : 1;
    int cpu_last = options.threads > 1 ? options.threads - 1 : 1;
    process_start(&server, path, argument, cpu_first, cpu_last);
    close(process_connect(&server)); /* it listens */
    int64_t rss = process_rss(&server);
    int epoll = connect_all(&server);
    load(epoll, 10L * options.connections); /* warm */
    result.rss_bytes =
        (double)(process_rss(&server) - rss) / options.connections;
    measure(&server, epoll, &result);
    for (int i = 0; i < options.connections; i++)
        close(fds[i]);
    close(epoll);
    process_end(&server);
    return result;
}

/* --- report --------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of one field of all results. */
static double median(const struct result *results, size_t offset)
{
    double values[PAIRS_MAX];
    for (int i = 0; i < options.pairs; i++)
        memcpy(&values[i], (const char *)&results[i] + offset, sizeof(double));
    qsort(values, (size_t)options.pairs, sizeof(double), by_number);
    return values[options.pairs / 2];
}

static void print_row(const char *name, const struct result *results)
{
#define MEDIAN(field) median(results, offsetof(struct result, field))
    printf("| %-8s | %9.0f | %11.2f | %8.0f | %7.0f | %7.0f | %12.0f |\n", name,
           MEDIAN(cpu_ns), MEDIAN(syscalls), MEDIAN(requests_per_s),
           MEDIAN(p50_us), MEDIAN(p99_us), MEDIAN(rss_bytes));
#undef MEDIAN
}

static void report(const struct result *ours, const struct result *base)
{
    double ratios[PAIRS_MAX];
    for (int i = 0; i < options.pairs; i++)
        ratios[i] = ours[i].cpu_ns / base[i].cpu_ns;
    qsort(ratios, (size_t)options.pairs, sizeof(double), by_number);
    printf("%d connections, %d server thread(s), %d pairs of %ld requests\n\n",
           options.connections, options.threads, options.pairs,
           options.requests);
    printf("| server   | cpu ns/rq | syscalls/rq |    req/s |  p50 us |  p99 "
           "us | RSS B/conn   |\n|---|---|---|---|---|---|---|\n");
    print_row("base", base);
    print_row("server", ours);
    printf("\nCPU, server to base, median of the pairs' ratios: %.3f "
           "(%.3f .. %.3f)\n",
           ratios[options.pairs / 2], ratios[0], ratios[options.pairs - 1]);
}

static long number(const char *text, long min, long max)
{
    long value = strtol(text, NULL, 10);
    if (value < min || value > max) {
        fprintf(stderr, "%s: from %ld to %ld, please\n", text, min, max);
        exit(2);
    }
    return value;
}

static void parse_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"connections", required_argument, NULL, 'c'},
        {"requests", required_argument, NULL, 'r'},
        {"pairs", required_argument, NULL, 'p'},
        {"threads", required_argument, NULL, 't'},
        {"server", required_argument, NULL, 's'},
        {"base", required_argument, NULL, 'b'},
        {0}};
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (name == 'c')
            options.connections = (int)number(optarg, 1, CONNECTIONS_MAX);
        else if (name == 'r')
            options.requests = number(optarg, 100, 100000000);
        else if (name == 'p')
            options.pairs = (int)number(optarg, 1, PAIRS_MAX);
        else if (name == 't')
            options.threads = (int)number(optarg, 1, 64);
        else if (name == 's')
            options.server = optarg;
        else if (name == 'b')
            options.base = optarg;
        else
            exit(2);
    }
    if (options.requests < 10L * options.connections)
        options.requests = 10L * options.connections;
}

/* A program that is built with this one: its place, seen from ours. */
static const char *built(char *path, size_t path_size, const char *name)
{
    char self[4096];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[size < 0 ? 0 : size] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    snprintf(path, path_size, "%s/../../%s", self, name);
    return path;
}

int main(int argc, char **argv)
{
    static struct result ours[PAIRS_MAX], base[PAIRS_MAX];
    static char server[8192], base_path[8192];
    char threads[16];
    options.server = built(server, sizeof(server), "examples/echo_server");
    options.base = built(base_path, sizeof(base_path), "bench/echo/epoll_echo");
    parse_options(argc, argv);
    snprintf(threads, sizeof(threads), "%d", options.threads);
    latencies = malloc((size_t)options.requests * sizeof(*latencies));
    if (!latencies)
        return 1;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (options.threads == 1) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        CPU_SET(0, &cpus);
        sched_setaffinity(0, sizeof(cpus), &cpus);
    }
    for (int i = 0; i < options.pairs; i++) {
        base[i] = run(options.base, threads);
        ours[i] = run(options.server, NULL);
        fprintf(stderr, "pair %d: %.0f and %.0f ns\n", i + 1, base[i].cpu_ns,
                ours[i].cpu_ns);
    }
    report(ours, base);
    free(latencies);
    return 0;
}
