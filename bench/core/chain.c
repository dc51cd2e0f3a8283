/* SPDX-License-Identifier: MIT
 *
 * bench/core/chain.c - wait and dispatch: bytes that run through pipes.
 *
 *     chain PIPES ACTIVE
 *
 * ACTIVE bytes, evenly spaced, are under way in a ring of PIPES pipes. An event
 * is: one byte read, one byte written to the next pipe. */
#define _GNU_SOURCE /* pipe2 */
#include <fcntl.h>

#include "bench/core/harness.h"

static struct chain chain;

static bool is_offered(void)
{
    return peer.chain_open != NULL;
}

static void open_chain(const long *args)
{
    long active = args[1];
    chain.count = args[0];
    chain.pipes = must_allocate((size_t)chain.count, sizeof(chain.pipes[0]));
    for (long i = 0; i < chain.count; i++)
        must(pipe2(chain.pipes[i], O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
    peer.chain_open(&chain);
    for (long i = 0; i < active; i++)
        must(write(chain.pipes[i * chain.count / active][1], "x", 1) == 1,
             "write");
}

static struct answer events(long n)
{
    int64_t ns = thread_ns();
    long done = peer.chain_run(n);
    return (struct answer){.done = done, .ns = thread_ns() - ns};
}

/* How many bytes are under way; takes them out. */
static struct answer left(long n)
{
    char byte;
    (void)n;
    struct answer answer = {0};
    for (long i = 0; i < chain.count; i++)
        while (read(chain.pipes[i][0], &byte, 1) == 1)
            answer.done++;
    return answer;
}

const struct workload chain_workload = {
    .name = "chain",
    .args_count = 2,
    .is_offered = is_offered,
    .open = open_chain,
    .commands = {{"event", events}, {"left", left}},
};
