/* SPDX-License-Identifier: MIT
 *
 * bench/core/callgrind.c - the difference between two runs of one script, in
 * which one command more is done. So neither the start of the program counts,
 * nor what goes before: all phases are done once, as a warm-up. */
#include "bench/core/callgrind.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool callgrind_exists(void)
{
    return system("valgrind --version >/dev/null 2>&1") == 0;
}

static const char *command_of(const struct phase *phase)
{
    return phase->counted != NULL ? phase->counted : phase->command;
}

static void write_script(FILE *file, const struct plan *plan, int phases_done)
{
    for (int i = 0; i < 2 * plan->phases_count; i++) {
        const struct phase *phase = &plan->phases[i % plan->phases_count];
        bool is_done = i < plan->phases_count + phases_done;
        fprintf(file, "%s %ld\n", is_done ? command_of(phase) : "nothing",
                phase->n_counted);
    }
}

/* The number after "Collected :", or -1. */
static int64_t read_total(const char *path)
{
    char line[256];
    long long total = -1;
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        const char *found = strstr(line, "Collected :");
        if (found != NULL)
            total = strtoll(found + strlen("Collected :"), NULL, 10);
    }
    if (file != NULL)
        fclose(file);
    return total;
}

/* Instructions of a run in which so many phases were done twice, or -1. */
static int64_t instructions(const struct contestant *contestant,
                            const struct plan *plan, int phases_done,
                            const char *directory)
{
    char script[64], log[64], command[PATH_SIZE + 512];
    snprintf(script, sizeof(script), "%s/script", directory);
    snprintf(log, sizeof(log), "%s/log", directory);
    FILE *file = fopen(script, "we");
    if (file == NULL)
        return -1;
    write_script(file, plan, phases_done);
    fclose(file);
    snprintf(command, sizeof(command),
             "%s%s%s LD_BIND_NOW=1 timeout 120 valgrind --tool=callgrind "
             "--callgrind-out-file=/dev/null --log-file=%s '%s' %s <%s "
             ">/dev/null 2>&1",
             contestant->variable != NULL ? contestant->variable : "",
             contestant->variable != NULL ? "=" : "",
             contestant->variable != NULL ? contestant->value : "", log,
             contestant->path, plan->workload, script);
    int64_t total = system(command) == 0 ? read_total(log) : -1;
    remove(script);
    remove(log);
    return total;
}

void callgrind_run(const struct contestant *contestant, const struct plan *plan,
                   double *out)
{
    char directory[] = "/tmp/bench-core-XXXXXX";
    for (int i = 0; i < plan->phases_count; i++)
        out[i] = -1;
    if (mkdtemp(directory) == NULL)
        return;
    int64_t before = instructions(contestant, plan, 0, directory);
    for (int i = 0; i < plan->phases_count && before >= 0; i++) {
        int64_t after = instructions(contestant, plan, i + 1, directory);
        if (after >= 0)
            out[i] =
                (double)(after - before) / (double)plan->phases[i].n_counted;
        before = after;
    }
    remove(directory);
}
