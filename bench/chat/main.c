/* SPDX-License-Identifier: MIT
 *
 * bench/chat/main.c - load: one or several IRC servers under one workload.
 *
 * Exits 0 when every run was clean, 1 when a check failed, 2 when there was
 * nothing to measure. Guide: bench/README.md. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "bench/chat/cpus.h"
#include "bench/chat/memory.h"
#include "bench/chat/options.h"
#include "bench/chat/report.h"
#include "bench/chat/run.h"

/* Beside the clients: epoll, counters, logs. */
#define FDS_SPARE 64

/* Raise the descriptor limit; the servers started here inherit it. */
static bool raise_limit(uint32_t clients)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur >= clients + FDS_SPARE)
        return true;
    fprintf(stderr,
            "load: %u connections need as many descriptors, but the limit is "
            "%llu (ulimit -Hn)\n",
            clients, (unsigned long long)limit.rlim_max);
    return false;
}

/* All rounds on all servers, in turns. Returns the exit status. */
static int run_cell(const struct options *options)
{
    int status = 0;
    uint32_t runs = options->rounds * options->servers_count;
    struct result *results = memory_zeroed(runs, sizeof(*results));

    if (!raise_limit(options->workload.layout.clients)) {
        free(results);
        return 2;
    }
    report_begin(options);
    for (uint32_t i = 0; i < runs && status < 2; i++) {
        const char *server = options->address
                                 ? options->address
                                 : options->servers[i % options->servers_count];
        if (run_once(options, server, &results[i]) < 0)
            status = 2;
        else
            report_result(options, &results[i]);
        if (status == 0 && !result_is_clean(&results[i]))
            status = 1;
    }
    if (status < 2)
        report_summary(options, results);
    free(results);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = 0;

    signal(SIGPIPE, SIG_IGN);
    /* Else the kernel may serve the open loop's schedule 50 us late. */
    prctl(PR_SET_TIMERSLACK, 1000UL);
    options_parse(&options, argc, argv, NULL);
    if (options.pin && cpus_take_last() < 0) {
        fprintf(stderr, "load: --pin needs two CPUs\n");
        return 2;
    }
    if (options.cells_count == 0)
        return run_cell(&options);
    struct options list = options;
    for (uint32_t i = 0; i < list.cells_count; i++) {
        options_parse(&options, argc, argv, list.cells[i]);
        int cell_status = run_cell(&options);
        status = cell_status > status ? cell_status : status;
    }
    return status;
}
