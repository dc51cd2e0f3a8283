/* SPDX-License-Identifier: MIT
 *
 * bench/core/report.h - samples, medians, tables. */
#ifndef BENCH_CORE_REPORT_H
#define BENCH_CORE_REPORT_H

#define ROUNDS_MAX 99

/* What one contestant did in one phase. */
struct samples {
    double ns[ROUNDS_MAX];     /* per operation */
    double ratios[ROUNDS_MAX]; /* to the base of the same pair */
    int count;
    double instructions; /* per operation; negative: not known */
    double syscalls;
};

void samples_add(struct samples *self, double ns, double base_ns);

/** One table: its heading, then a row each. */
void report_heading(const char *title, const char *phase, const char *base);
void report_row(const char *name, const struct samples *samples);

/** In place of a row: why there is none. */
void report_skipped(const char *name, const char *why);

#endif /* BENCH_CORE_REPORT_H */
