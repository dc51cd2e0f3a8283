/* SPDX-License-Identifier: MIT
 *
 * bench/chat/run.h - one workload on one server, from start to stop. */
#ifndef BENCH_CHAT_RUN_H
#define BENCH_CHAT_RUN_H

#include "bench/chat/options.h"
#include "bench/chat/result.h"

/** Start (or attach to) a server, load it as options say, stop it.
 *  Returns 0 with *result filled, whatever it says of the server, | -errno when
 *  there was nothing to load. */
int run_once(const struct options *options, const char *server_name,
             struct result *result);

#endif /* BENCH_CHAT_RUN_H */
