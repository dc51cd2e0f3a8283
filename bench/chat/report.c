/* SPDX-License-Identifier: MIT
 *
 * bench/chat/report.c - tables for a terminal. */
#include "bench/chat/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/chat/memory.h"

#define NAME_WIDTH 14
#define WIDTH 11

static const struct column {
    const char *head;
    int digits;
} columns[METRIC_COUNT] = {
    [METRIC_RAMP_S] = {"ramp s", 2},
    [METRIC_RAMP_CPU_S] = {"ramp cpu s", 2},
    [METRIC_KIB_PER_CLIENT] = {"KiB/conn", 2},
    [METRIC_DELIVERIES_PER_S] = {"deliv/s", 0},
    [METRIC_P50_MS] = {"p50 ms", 2},
    [METRIC_P99_MS] = {"p99 ms", 2},
    [METRIC_MAX_MS] = {"max ms", 2},
    [METRIC_CPU_NS] = {"cpu ns/del", 0},
    [METRIC_SYSCALLS] = {"sysc/del", 3},
    [METRIC_LOAD_CPU] = {"load cores", 2},
    [METRIC_IDLE_CPU_MS] = {"idle cpu ms", 2},
};

static bool is_shown(const struct workload *workload, int metric)
{
    if (metric <= METRIC_KIB_PER_CLIENT)
        return true;
    return workload->ramp_only == (metric == METRIC_IDLE_CPU_MS);
}

void report_begin(const struct options *options)
{
    const struct workload *w = &options->workload;
    printf("\ncell %s: %u connections, %u channels, ", options->cell,
           w->layout.clients, w->layout.channels);
    if (w->ramp_only)
        printf("idle for %g s", w->duration_s);
    else if (w->rate > 0)
        printf("open loop, %g msg/s", w->rate);
    else
        printf("closed loop, k=%u", w->in_flight);
    if (!w->ramp_only)
        printf(", %u B, %g s after %g s", w->payload_size, w->duration_s,
               w->warmup_s);
    printf("%s", w->echo ? ", echo-message" : "");
    if (w->layout.stalled > 0)
        printf(", %u never read", w->layout.stalled);

    printf("\n%-*s", NAME_WIDTH, "server");
    for (int i = 0; i < METRIC_COUNT; i++)
        if (is_shown(w, i))
            printf(" %*s", WIDTH, columns[i].head);
    printf("  checks\n");
}

static void print_row(const struct workload *workload, const char *name,
                      const double *values, int more_digits)
{
    printf("%-*.*s", NAME_WIDTH, NAME_WIDTH, name);
    for (int i = 0; i < METRIC_COUNT; i++) {
        int digits = more_digits ? more_digits : columns[i].digits;
        if (!is_shown(workload, i))
            continue;
        if (isnan(values[i]))
            printf(" %*s", WIDTH, "-");
        else
            printf(" %*.*f", WIDTH, digits, values[i]);
    }
}

static void complain(const char *what, uint64_t count)
{
    if (count > 0)
        printf("    ! %s: %llu\n", what, (unsigned long long)count);
}

static void print_troubles(const struct result *result)
{
    complain("deliveries lost", result->lost);
    complain("deliveries twice", result->duplicates);
    complain("deliveries to the wrong client", result->strays);
    complain("lines damaged", result->corrupt);
    complain("deliveries out of their sender's order",
             result->sender_violations);
    complain("deliveries against their channel's order",
             result->total_violations);
    complain("receivers that saw another order", result->clients_differing);
    complain("clients that the server closed", result->clients_lost);
    if (result->stuck)
        printf("    ! the server stopped delivering\n");
    if (result->complaint[0] != '\0')
        printf("    ! it said: %s\n", result->complaint);
}

void report_result(const struct options *options, const struct result *result)
{
    const struct workload *workload = &options->workload;
    print_row(workload, result->server, result->values, 0);
    if (!result->ramped)
        printf("  STUCK at %u\n", result->ready);
    else
        printf("  %s\n", result_is_clean(result) ? "ok" : "WRONG");
    print_troubles(result);

    if (result->echo_refused)
        printf("    no echo-message here: senders' own lines not compared\n");
    if (workload->layout.stalled > 0)
        printf("    stalled clients that the server dropped: %d of %u\n",
               result->stalled_dropped, workload->layout.stalled);
    if (!workload->ramp_only && result->ramped && options->syscalls_s > 0) {
        if (result->syscalls_method == NULL)
            printf("    system calls not counted: neither tracefs nor ptrace "
                   "may be used here\n");
        else if (result->syscalls_method[0] == 's')
            printf("    system calls counted with strace\n");
    }
    fflush(stdout);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts; NAN if any value is. */
static double median(double *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (isnan(values[i]))
            return NAN;
    qsort(values, count, sizeof(*values), compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void print_medians(const struct options *options,
                          const struct result *results, uint32_t server,
                          double *scratch)
{
    double values[METRIC_COUNT];
    for (int i = 0; i < METRIC_COUNT; i++) {
        for (uint32_t r = 0; r < options->rounds; r++)
            scratch[r] = results[r * options->servers_count + server].values[i];
        values[i] = median(scratch, options->rounds);
    }
    print_row(&options->workload, options->servers[server], values, 0);
    printf("\n");
}

static void print_ratios(const struct options *options,
                         const struct result *results, uint32_t server,
                         double *scratch)
{
    char name[NAME_WIDTH + 1];
    double rows[3][METRIC_COUNT];
    for (int i = 0; i < METRIC_COUNT; i++) {
        for (uint32_t r = 0; r < options->rounds; r++) {
            const struct result *round = &results[r * options->servers_count];
            scratch[r] = round[0].values[i] / round[server].values[i];
        }
        rows[0][i] = median(scratch, options->rounds);
        rows[1][i] = isnan(rows[0][i]) ? NAN : scratch[0];
        rows[2][i] = isnan(rows[0][i]) ? NAN : scratch[options->rounds - 1];
    }
    snprintf(name, sizeof(name), "/ %s", options->servers[server]);
    print_row(&options->workload, name, rows[0], 3);
    printf("\n");
    if (options->rounds == 1)
        return;
    print_row(&options->workload, "    from", rows[1], 3);
    printf("\n");
    print_row(&options->workload, "    to", rows[2], 3);
    printf("\n");
}

void report_summary(const struct options *options, const struct result *results)
{
    if (options->rounds * options->servers_count < 2)
        return;
    double *scratch = memory_zeroed(options->rounds, sizeof(*scratch));
    if (options->rounds > 1)
        printf("medians of %u rounds\n", options->rounds);
    for (uint32_t i = 0; i < options->servers_count && options->rounds > 1; i++)
        print_medians(options, results, i, scratch);
    if (options->servers_count > 1)
        printf("%s in ratio, medians of the rounds' ratios\n",
               options->servers[0]);
    for (uint32_t i = 1; i < options->servers_count; i++)
        print_ratios(options, results, i, scratch);
    free(scratch);
    fflush(stdout);
}
