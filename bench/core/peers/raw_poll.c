/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/raw_poll.c - the lower bound on poll(2): one array, and
 * nothing around it. Registering there is to write into the array: that is
 * not measured. */
#include <poll.h>
#include <sys/eventfd.h>

#include "bench/core/peer.h"

static const struct chain *chain;
static struct pollfd *polled;
static struct pollfd wake_fds[2];

static void chain_open(const struct chain *wanted)
{
    chain = wanted;
    polled = must_allocate((size_t)chain->count, sizeof(*polled));
    for (long i = 0; i < chain->count; i++)
        polled[i] = (struct pollfd){.fd = chain->pipes[i][0], .events = POLLIN};
}

static long chain_run(long events_min)
{
    long done = 0;
    while (done < events_min) {
        int count = poll(polled, (nfds_t)chain->count, -1);
        done += count;
        for (size_t i = 0; count > 0; i++) {
            if (polled[i].revents == 0)
                continue;
            chain_step(chain, i);
            count--;
        }
    }
    return done;
}

static void wake_open(void)
{
    for (int side = 0; side < 2; side++)
        wake_fds[side] = (struct pollfd){
            .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .events = POLLIN};
}

static void wake(int side)
{
    uint64_t one = 1;
    must(write(wake_fds[side].fd, &one, sizeof(one)) == sizeof(one), "write");
}

static long wake_wait(int side)
{
    uint64_t wakes;
    while (poll(&wake_fds[side], 1, -1) < 1)
        ;
    must(read(wake_fds[side].fd, &wakes, sizeof(wakes)) == sizeof(wakes),
         "read");
    return 1;
}

const struct peer peer = {
    .name = "raw poll",
    .chain_open = chain_open,
    .chain_run = chain_run,
    .wake_open = wake_open,
    .wake = wake,
    .wake_wait = wake_wait,
};
