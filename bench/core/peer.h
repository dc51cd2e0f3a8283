/* SPDX-License-Identifier: MIT
 *
 * bench/core/peer.h - what a library must do to be measured: one struct of
 * functions, each of which does a batch, so that the harness adds nothing to a
 * single operation.
 *
 * A function that a library cannot offer is NULL: that workload is skipped. */
#ifndef BENCH_CORE_PEER_H
#define BENCH_CORE_PEER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How many events one wait may bring, where that can be chosen. */
#define BATCH_MAX 256

/* A ring of pipes: a byte that is read from one is written to the next. */
struct chain {
    int (*pipes)[2];
    long count;
};

/* The timers of a workload: in which order they are used, and with what. */
struct timers {
    long live;             /* 0..live-1 are armed */
    const uint32_t *order; /* a random permutation of 0..live-1 */
    const int64_t *delays; /* ns, `live` random ones */
};

struct peer {
    const char *name;
    const char *why_not; /* it can do nothing; NULL: it can */

    /* Watch the read end of each pipe. Then handle events, at least so many,
     * each by chain_step; returns how many. */
    void (*chain_open)(const struct chain *chain);
    long (*chain_run)(long events_min);

    /* The first n of these descriptors: watched for reading when `add` returns,
     * watched under another token when `modify` does, and no more after
     * `remove`: the kernel knows by then. */
    void (*registry_open)(const int *fds, long count);
    void (*registry_add)(long n);
    void (*registry_modify)(long n);
    void (*registry_remove)(long n);

    /* Two loops, 0 and 1, that can be woken. `wake` from any thread, `wait` by
     * the loop's: until it was woken; returns how many events said so. */
    void (*wake_open)(void);
    void (*wake)(int side);
    long (*wake_wait)(int side);

    /* Arm timers 0..n-1, timer i with delays[i]; arm the n first of `order`
     * anew, with delays[0..n-1]; disarm them; handle what is due, without
     * waiting, and return how many were. */
    void (*timers_open)(const struct timers *timers);
    void (*timers_insert)(long n, const int64_t *delays);
    void (*timers_rearm)(long n);
    void (*timers_cancel)(long n);
    long (*timers_fire)(void);
};

/* Of the library that this program is linked with. */
extern const struct peer peer;

/* What every event of a chain costs everybody. */
static inline void chain_step(const struct chain *chain, size_t i)
{
    char byte;
    size_t next = i + 1 < (size_t)chain->count ? i + 1 : 0;
    if (read(chain->pipes[i][0], &byte, 1) != 1 ||
        write(chain->pipes[next][1], &byte, 1) != 1) {
        fprintf(stderr, "an event without a byte\n");
        exit(1);
    }
}

/* For whatever must not fail. */
static inline void must(int is_done, const char *what)
{
    if (!is_done) {
        perror(what);
        exit(1);
    }
}

static inline void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    must(memory != NULL, "calloc");
    return memory;
}

#endif /* BENCH_CORE_PEER_H */
