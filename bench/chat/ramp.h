/* SPDX-License-Identifier: MIT
 *
 * bench/chat/ramp.h - bring all clients into their channels, then let the
 * server finish what that made it do. */
#ifndef BENCH_CHAT_RAMP_H
#define BENCH_CHAT_RAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/chat/load.h"

/** Open all clients, at most `window` (0: any number) on their way at once,
 * until every one is in its channel, nothing has moved for stuck_ns, or one was
 * refused. *took_ns: until the last that got there. Returns whether all did. */
bool ramp_up(struct load *load, uint32_t window, int64_t stuck_ns,
             int64_t *took_ns);

/** PING on every reading client and wait for the answers: all that the server
 *  had queued for them has then been read. Returns false if it takes longer
 *  than stuck_ns without progress. */
bool ramp_settle(struct load *load, int64_t stuck_ns);

#endif /* BENCH_CHAT_RAMP_H */
