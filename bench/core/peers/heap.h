/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/heap.h - timers as one writes them by hand beside a raw
 * selector: a heap of four children a node, each timer knows its place. */
#ifndef BENCH_CORE_PEERS_HEAP_H
#define BENCH_CORE_PEERS_HEAP_H

#include "bench/core/peer.h"

void heap_open(const struct timers *wanted);
void heap_insert(long n, const int64_t *delays);
void heap_rearm(long n);
void heap_cancel(long n);
long heap_fire(void);

#endif /* BENCH_CORE_PEERS_HEAP_H */
