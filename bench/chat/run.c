/* SPDX-License-Identifier: MIT
 *
 * bench/chat/run.c - the phases of a run: ramp, settle, warm up, measure,
 * drain, and a second short stretch that only counts system calls. */
#include "bench/chat/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/chat/clock.h"
#include "bench/chat/load.h"
#include "bench/chat/procfs.h"
#include "bench/chat/ramp.h"
#include "bench/chat/server.h"
#include "bench/chat/syscalls.h"
#include "bench/chat/traffic.h"

/* What is compared before and after a stretch. */
struct snapshot {
    int64_t time_ns;
    int64_t server_cpu_ns;
    int64_t load_cpu_ns;
    uint64_t deliveries;
};

static struct snapshot take_snapshot(const struct load *load, pid_t pid)
{
    return (struct snapshot){
        .time_ns = clock_now_ns(),
        .server_cpu_ns = pid > 0 ? procfs_cpu_ns(pid) : -1,
        .load_cpu_ns = procfs_cpu_ns(getpid()),
        .deliveries = load->deliveries,
    };
}

static int64_t seconds_ns(double seconds)
{
    return (int64_t)(seconds * (double)NS_PER_S);
}

static double cpu_between(const struct snapshot *from,
                          const struct snapshot *to)
{
    if (from->server_cpu_ns < 0 || to->server_cpu_ns < 0)
        return NAN;
    return (double)(to->server_cpu_ns - from->server_cpu_ns);
}

static bool ramp(struct load *load, const struct options *options, pid_t pid,
                 struct result *result)
{
    int64_t took_ns;
    int64_t stuck_ns = seconds_ns(options->stuck_s);
    int64_t rss = pid > 0 ? procfs_rss(pid) : -1;
    struct snapshot before = take_snapshot(load, pid);

    result->ramped =
        ramp_up(load, options->workload.window, stuck_ns, &took_ns);
    struct snapshot after = take_snapshot(load, pid);
    if (result->ramped)
        result->ramped = ramp_settle(load, stuck_ns);

    result->ready = load->ready;
    result->values[METRIC_RAMP_S] = (double)took_ns / (double)NS_PER_S;
    result->values[METRIC_RAMP_CPU_S] =
        cpu_between(&before, &after) / (double)NS_PER_S;
    if (rss >= 0 && load->ready > 0)
        result->values[METRIC_KIB_PER_CLIENT] =
            (double)(procfs_rss(pid) - rss) / 1024 / load->ready;
    return result->ramped;
}

static void watch_idle(struct load *load, double seconds, pid_t pid,
                       struct result *result)
{
    struct snapshot before = take_snapshot(load, pid);
    int64_t end_ns = before.time_ns + seconds_ns(seconds);
    while (clock_now_ns() < end_ns)
        load_turn(load, end_ns);
    struct snapshot after = take_snapshot(load, pid);
    result->values[METRIC_IDLE_CPU_MS] =
        cpu_between(&before, &after) / (double)NS_PER_MS;
}

static void report_stretch(const struct load *load, const struct snapshot *from,
                           const struct snapshot *to, struct result *result)
{
    double *values = result->values;
    double deliveries = (double)(to->deliveries - from->deliveries);
    double elapsed_ns = (double)(to->time_ns - from->time_ns);
    const struct histogram *latency = &load->latency;

    values[METRIC_DELIVERIES_PER_S] =
        deliveries / elapsed_ns * (double)NS_PER_S;
    values[METRIC_LOAD_CPU] =
        (double)(to->load_cpu_ns - from->load_cpu_ns) / elapsed_ns;
    if (deliveries > 0)
        values[METRIC_CPU_NS] = cpu_between(from, to) / deliveries;
    if (latency->count == 0)
        return;
    values[METRIC_P50_MS] =
        (double)histogram_quantile(latency, 0.50) / (double)NS_PER_MS;
    values[METRIC_P99_MS] =
        (double)histogram_quantile(latency, 0.99) / (double)NS_PER_MS;
    values[METRIC_MAX_MS] = (double)latency->max / (double)NS_PER_MS;
}

/* Warm up, measure, drain. Returns false when the server stopped delivering. */
static bool measure(struct traffic *traffic, const struct workload *workload,
                    pid_t pid, struct result *result)
{
    struct load *load = traffic->load;
    int64_t from_ns = clock_now_ns() + seconds_ns(workload->warmup_s);
    load->latency_from_ns = from_ns;
    load->latency_until_ns = from_ns + seconds_ns(workload->duration_s);

    bool alive = traffic_run(traffic, load->latency_from_ns);
    struct snapshot from = take_snapshot(load, pid);
    alive = alive && traffic_run(traffic, load->latency_until_ns);
    struct snapshot to = take_snapshot(load, pid);
    alive = traffic_drain(traffic) && alive;

    report_stretch(load, &from, &to, result);
    return alive;
}

/* From quiet to quiet, so that every call belongs to a delivery. */
static bool count_syscalls(struct traffic *traffic, double seconds, pid_t pid,
                           struct result *result)
{
    struct syscalls syscalls;
    uint64_t before = traffic->load->deliveries;
    if (syscalls_start(&syscalls, pid) < 0)
        return true;
    bool alive = traffic_run(traffic, clock_now_ns() + seconds_ns(seconds));
    alive = traffic_drain(traffic) && alive;
    int64_t calls = syscalls_stop(&syscalls);
    uint64_t deliveries = traffic->load->deliveries - before;
    if (calls >= 0 && deliveries > 0) {
        result->syscalls_method = syscalls.method;
        result->values[METRIC_SYSCALLS] = (double)calls / (double)deliveries;
    }
    return alive;
}

static void report_checks(struct load *load, struct result *result)
{
    order_settle(&load->order);
    result->lost = load->ledger.owed;
    result->duplicates = load->ledger.duplicates;
    result->strays = load->ledger.strays;
    result->corrupt = load->corrupt;
    result->sender_violations = load->order.sender_violations;
    result->total_violations = load->order.total_violations;
    result->clients_differing = load->order.clients_differing;
}

static void talk(struct load *load, const struct options *options, pid_t pid,
                 struct result *result)
{
    const struct workload *workload = &options->workload;
    struct traffic traffic = {
        .load = load,
        .rate = workload->rate,
        .in_flight = workload->in_flight,
        .patience_ns = seconds_ns(options->patience_s),
    };
    int fds = pid > 0 ? procfs_fds(pid) : -1;

    load_begin_traffic(load);
    result->echo_refused = workload->echo && !load->echo;
    bool alive = measure(&traffic, workload, pid, result);
    if (alive && pid > 0 && options->syscalls_s > 0)
        alive = count_syscalls(&traffic, options->syscalls_s, pid, result);
    result->stuck = !alive;
    report_checks(load, result);
    if (fds >= 0 && workload->layout.stalled > 0)
        result->stalled_dropped =
            fds - procfs_fds(pid) - (int)load->lost_clients;
}

static int load_server(const struct options *options,
                       const struct server *server, struct result *result)
{
    const struct workload *workload = &options->workload;
    struct load load;
    int rc = load_init(&load, &workload->layout, &server->address,
                       workload->payload_size, workload->echo);
    if (rc < 0)
        return rc;
    if (ramp(&load, options, server->pid, result)) {
        if (workload->ramp_only)
            watch_idle(&load, workload->duration_s, server->pid, result);
        else
            talk(&load, options, server->pid, result);
    }
    result->clients_lost = load.lost_clients;
    memcpy(result->complaint, load.complaint, sizeof(result->complaint));
    load_deinit(&load);
    return 0;
}

int run_once(const struct options *options, const char *server_name,
             struct result *result)
{
    struct server server;
    int rc;

    *result = (struct result){.server = server_name};
    for (int i = 0; i < METRIC_COUNT; i++)
        result->values[i] = NAN;
    if (options->address != NULL)
        rc = server_attach(&server, options->address, options->pid);
    else
        rc = server_start(&server, server_name, options->chat,
                          options->workload.layout.clients);
    if (rc < 0)
        return rc;
    rc = load_server(options, &server, result);
    server_stop(&server, options->show_log);
    return rc;
}
