/* SPDX-License-Identifier: MIT
 *
 * bench/core/report.c - see report.h. */
#include "bench/core/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *self, double ns, double base_ns)
{
    self->ns[self->count] = ns;
    self->ratios[self->count] = ns / base_ns;
    self->count++;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void report_heading(const char *title, const char *phase, const char *base)
{
    printf("\n%s: %s\n\n", title, phase);
    printf("| %-20s | CPU ns    | to %-20s | instructions | system calls |\n"
           "|---|---|---|---|---|\n",
           "program", base);
}

static void print_count(double value, int width, int digits)
{
    if (value < 0)
        printf(" | %*s", width, "-");
    else
        printf(" | %*.*f", width, digits, value);
}

void report_row(const char *name, const struct samples *samples)
{
    struct samples sorted = *samples;
    size_t count = (size_t)sorted.count;
    qsort(sorted.ns, count, sizeof(double), by_value);
    qsort(sorted.ratios, count, sizeof(double), by_value);
    printf("| %-20s | %9.1f | %7.3f (%5.2f .. %5.2f)", name,
           sorted.ns[count / 2], sorted.ratios[count / 2], sorted.ratios[0],
           sorted.ratios[count - 1]);
    print_count(sorted.instructions, 12, 1);
    print_count(sorted.syscalls, 12, 2);
    printf(" |\n");
    fflush(stdout);
}

void report_skipped(const char *name, const char *why)
{
    printf("| %-20s | skipped: %s |\n", name, why);
}
