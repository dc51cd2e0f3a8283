/* SPDX-License-Identifier: MIT
 *
 * bench/core/main.c - what the core costs per operation, beside raw epoll,
 * Rust's mio, libuv, libev and libevent, in one run.
 *
 *     core [--only PLAN] [--selector epoll|poll] [--rounds N] [--peer NAME]
 *          [--no-callgrind] [--no-mio] [--programs DIRECTORY] [--quick]
 *
 * All contestants of a workload are open at a time. In each round each of them
 * has a turn right after the base had one: that is a pair. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/core/callgrind.h"
#include "bench/core/lane.h"
#include "bench/core/plan.h"
#include "bench/core/report.h"

static struct {
    const char *only; /* a plan, or NULL */
    const char *selector;
    const char *peer; /* beside the base, or NULL: all */
    const char *programs;
    int rounds;
    bool with_callgrind;
    bool with_mio;
    bool is_quick; /* a hundredth of everything: no figure means anything */
} options = {
    .rounds = 15,
    .with_callgrind = true,
    .with_mio = true,
};

#define QUICK 100
#define ROUNDS_PER_PROCESS 3

static struct samples samples[CONTESTANTS_MAX][PHASES_MAX];

/* ns per operation of each phase, in one turn. */
static void take_turn(struct lane *lane, const struct plan *plan, double *out)
{
    struct reply sums[PHASES_MAX] = {0};
    for (int repeat = 0; repeat <= plan->repeats; repeat++)
        for (int i = 0; i < plan->phases_count; i++) {
            const struct phase *phase = &plan->phases[i];
            struct reply reply = lane_ask(lane, phase->command, phase->n);
            if (reply.done < phase->n) {
                fprintf(stderr, "%s: %s %ld: did %lld\n",
                        lane->contestant->name, phase->command, phase->n,
                        (long long)reply.done);
                exit(1);
            }
            if (repeat == 0)
                continue; /* it has just got the CPU: its caches are cold */
            sums[i].done += reply.done;
            sums[i].ns += reply.ns;
        }
    for (int i = 0; i < plan->phases_count; i++)
        out[i] = (double)sums[i].ns / (double)sums[i].done;
}

/* `which` beside `base`; the base's own samples are those of one pair of each
 * round. */
static void measure_pair(struct lane *lanes, int base, int which, int round,
                         bool is_first, const struct plan *plan)
{
    double base_ns[PHASES_MAX], ns[PHASES_MAX];
    /* In turns, in case that going first is a burden or a gift. */
    if (round % 2 == 0)
        take_turn(&lanes[base], plan, base_ns);
    take_turn(&lanes[which], plan, ns);
    if (round % 2 != 0)
        take_turn(&lanes[base], plan, base_ns);
    for (int i = 0; i < plan->phases_count; i++) {
        samples_add(&samples[which][i], ns[i], base_ns[i]);
        if (is_first)
            samples_add(&samples[base][i], base_ns[i], base_ns[i]);
    }
}

static void count_all(struct lane *lane, const struct plan *plan,
                      struct samples *out)
{
    for (int i = 0; i < plan->phases_count; i++) {
        const struct phase *phase = &plan->phases[i];
        const char *command =
            phase->counted != NULL ? phase->counted : phase->command;
        out[i].syscalls =
            lane_syscalls(lane, command, phase->n) / (double)phase->n;
        out[i].instructions = -1;
    }
    if (!options.with_callgrind || !plan->is_counted)
        return;
    double instructions[PHASES_MAX];
    callgrind_run(lane->contestant, plan, instructions);
    for (int i = 0; i < plan->phases_count; i++)
        out[i].instructions = instructions[i];
}

static bool is_wanted(const struct contestant *contestant, int index)
{
    return options.peer == NULL || index == 0 ||
           strstr(contestant->name, options.peer) != NULL;
}

/* Returns the first that takes part, or -1. */
static int open_all(struct lane *lanes, const struct contest *contest,
                    const struct plan *plan)
{
    int base = -1;
    for (int i = contest->count - 1; i >= 0; i--) {
        lanes[i] = (struct lane){.why_not = "not asked for"};
        if (is_wanted(&contest->contestants[i], i) &&
            lane_open(&lanes[i], &contest->contestants[i], plan->workload))
            base = i;
    }
    return base;
}

static void close_all(struct lane *lanes, int count)
{
    for (int i = 0; i < count; i++)
        lane_close(&lanes[i]);
}

static void measure_round(struct lane *lanes, int count, int base, int round,
                          const struct plan *plan)
{
    bool is_first = true;
    for (int i = 0; i < count; i++) {
        if (i == base || lanes[i].pid == 0)
            continue;
        measure_pair(lanes, base, i, round, is_first, plan);
        is_first = false;
    }
}

/* Where its memory came to lie can make a process slower than the next one of
 * the same program, by some per cent, for as long as it lives. So there are
 * new ones every few rounds. Returns the base, those of the last rounds are
 * still open; negative: there is none. */
static int measure_all(struct lane *lanes, const struct contest *contest,
                       const struct plan *plan)
{
    int base = -1;
    int rounds = options.rounds / plan->rounds_divisor;
    for (int round = 0; round < (rounds > 0 ? rounds : 1); round++) {
        if (round % ROUNDS_PER_PROCESS == 0) {
            close_all(lanes, contest->count);
            base = open_all(lanes, contest, plan);
        }
        if (base >= 0)
            measure_round(lanes, contest->count, base, round, plan);
    }
    return base;
}

static void report_all(const struct lane *lanes, const struct contest *contest,
                       int base, const struct plan *plan)
{
    for (int phase = 0; phase < plan->phases_count; phase++) {
        report_heading(plan->title, plan->phases[phase].title,
                       contest->contestants[base].name);
        for (int i = 0; i < contest->count; i++) {
            const char *name = contest->contestants[i].name;
            if (lanes[i].pid != 0)
                report_row(name, &samples[i][phase]);
            else if (is_wanted(&contest->contestants[i], i))
                report_skipped(name, lanes[i].why_not);
        }
    }
}

static void run_plan(const struct contest *contest, const struct plan *plan)
{
    static struct lane lanes[CONTESTANTS_MAX];
    memset(samples, 0, sizeof(samples));
    fprintf(stderr, "%s: %s\n", contest->name, plan->title);
    int base = measure_all(lanes, contest, plan);
    if (base < 0)
        return;
    for (int i = 0; i < contest->count; i++)
        if (lanes[i].pid != 0)
            count_all(&lanes[i], plan, samples[i]);
    report_all(lanes, contest, base, plan);
    close_all(lanes, contest->count);
}

/* --- what is asked for ---------------------------------------------------- */

static int number(const char *text, int min, int max)
{
    long value = strtol(text, NULL, 10);
    if (value < min || value > max) {
        fprintf(stderr, "%s: from %d to %d, please\n", text, min, max);
        exit(2);
    }
    return (int)value;
}

static void parse_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"only", required_argument, NULL, 'o'},
        {"selector", required_argument, NULL, 's'},
        {"peer", required_argument, NULL, 'p'},
        {"programs", required_argument, NULL, 'd'},
        {"rounds", required_argument, NULL, 'r'},
        {"no-callgrind", no_argument, NULL, 'c'},
        {"no-mio", no_argument, NULL, 'm'},
        {"quick", no_argument, NULL, 'q'},
        {0}};
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (name == 'o')
            options.only = optarg;
        else if (name == 's')
            options.selector = optarg;
        else if (name == 'p')
            options.peer = optarg;
        else if (name == 'd')
            options.programs = optarg;
        else if (name == 'r')
            options.rounds = number(optarg, 1, ROUNDS_MAX);
        else if (name == 'c')
            options.with_callgrind = false;
        else if (name == 'm')
            options.with_mio = false;
        else if (name == 'q')
            options.is_quick = true;
        else
            exit(2);
    }
}

/* Where the programs are that were built with this one. */
static const char *own_directory(void)
{
    static char path[PATH_SIZE];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[size < 0 ? 0 : size] = '\0';
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
    return path;
}

/* Builds Rust's program; NULL if that cannot be. */
static const char *build_mio(void)
{
    static char path[PATH_SIZE];
    const char *root = getenv("BUILD_WORKSPACE_DIRECTORY");
    char command[PATH_SIZE + 256];
    snprintf(command, sizeof(command),
             "'%s/bench/core/mio/build.sh' "
             "\"${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/miocene/bench-mio\"",
             root != NULL ? root : ".");
    FILE *output = popen(command, "re");
    bool is_read = output != NULL && fgets(path, sizeof(path), output) != NULL;
    if (output == NULL || pclose(output) != 0 || !is_read)
        return NULL;
    path[strcspn(path, "\n")] = '\0';
    return path;
}

static void make_quick(struct plan *plan)
{
    plan->workload = plan->workload_quick;
    for (int i = 0; i < plan->phases_count; i++) {
        plan->phases[i].n /= QUICK;
        plan->phases[i].n_counted /= QUICK;
    }
}

static void run_contest(const char *selector, const char *mio)
{
    static struct contest contest;
    if (options.selector != NULL && strcmp(options.selector, selector) != 0)
        return;
    contest_init(&contest, selector, options.programs, mio,
                 options.with_mio ? "there is no cargo, or it cannot build it"
                                  : "not asked for");
    printf("\n## On %s\n", selector);
    for (int i = 0; i < plans_count; i++) {
        /* Timers know no selector: once is enough. */
        if (strcmp(selector, "poll") == 0 &&
            strncmp(plans[i].name, "timers", 6) == 0)
            continue;
        if (options.only != NULL && strcmp(options.only, plans[i].name) != 0)
            continue;
        struct plan plan = plans[i];
        if (options.is_quick)
            make_quick(&plan);
        run_plan(&contest, &plan);
    }
}

int main(int argc, char **argv)
{
    options.programs = own_directory();
    parse_options(argc, argv);
    if (options.with_callgrind && !callgrind_exists()) {
        options.with_callgrind = false;
        printf("Instructions are not counted: there is no valgrind.\n");
    }
    const char *mio = options.with_mio ? build_mio() : NULL;
    run_contest("epoll", mio);
    run_contest("poll", NULL);
    return 0;
}
