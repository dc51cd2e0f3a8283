/* SPDX-License-Identifier: MIT
 *
 * bench/chat/report.h - a line per run as it ends; medians and ratios of the
 * rounds when all have. */
#ifndef BENCH_CHAT_REPORT_H
#define BENCH_CHAT_REPORT_H

#include <stdint.h>

#include "bench/chat/options.h"
#include "bench/chat/result.h"

/** Print what is about to be run, and the heads of the columns. */
void report_begin(const struct options *options);

/** Print one run, and a line for each thing that is wrong with it. */
void report_result(const struct options *options, const struct result *result);

/** Print the medians, and the ratios of the first server to each other one,
 *  round by round. results[round * servers_count + server]. */
void report_summary(const struct options *options,
                    const struct result *results);

#endif /* BENCH_CHAT_REPORT_H */
