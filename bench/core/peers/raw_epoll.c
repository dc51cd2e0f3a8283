/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/raw_epoll.c - the lower bound: epoll, edge-triggered, and
 * nothing around it. */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "bench/core/peers/heap.h"

#define WATCHED (EPOLLIN | EPOLLRDHUP | EPOLLET)

static const struct chain *chain;
static const int *fds;
static int epoll_fd;
static int wake_epolls[2], wake_fds[2];

static int open_epoll(void)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    must(fd >= 0, "epoll_create1");
    return fd;
}

static void control(int epoll, int operation, int fd, uint64_t token)
{
    struct epoll_event event = {.events = WATCHED, .data.u64 = token};
    must(epoll_ctl(epoll, operation, fd, &event) == 0, "epoll_ctl");
}

static void chain_open(const struct chain *wanted)
{
    chain = wanted;
    epoll_fd = open_epoll();
    for (long i = 0; i < chain->count; i++)
        control(epoll_fd, EPOLL_CTL_ADD, chain->pipes[i][0], (uint64_t)i);
}

static long chain_run(long events_min)
{
    struct epoll_event events[BATCH_MAX];
    long done = 0;
    while (done < events_min) {
        int count = epoll_wait(epoll_fd, events, BATCH_MAX, -1);
        for (int i = 0; i < count; i++)
            chain_step(chain, events[i].data.u64);
        done += count;
    }
    return done;
}

static void registry_open(const int *wanted, long count)
{
    (void)count;
    fds = wanted;
    epoll_fd = open_epoll();
}

static void registry_add(long n)
{
    for (long i = 0; i < n; i++)
        control(epoll_fd, EPOLL_CTL_ADD, fds[i], (uint64_t)i);
}

static void registry_modify(long n)
{
    for (long i = 0; i < n; i++)
        control(epoll_fd, EPOLL_CTL_MOD, fds[i], (uint64_t)(i + n));
}

static void registry_remove(long n)
{
    for (long i = 0; i < n; i++)
        control(epoll_fd, EPOLL_CTL_DEL, fds[i], 0);
}

static void wake_open(void)
{
    for (int side = 0; side < 2; side++) {
        wake_epolls[side] = open_epoll();
        wake_fds[side] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        control(wake_epolls[side], EPOLL_CTL_ADD, wake_fds[side], 7);
    }
}

static void wake(int side)
{
    uint64_t one = 1;
    must(write(wake_fds[side], &one, sizeof(one)) == sizeof(one), "write");
}

static long wake_wait(int side)
{
    struct epoll_event events[BATCH_MAX];
    int count;
    do
        count = epoll_wait(wake_epolls[side], events, BATCH_MAX, -1);
    while (count < 1);
    return count;
}

const struct peer peer = {
    .name = "raw epoll",
    .chain_open = chain_open,
    .chain_run = chain_run,
    .registry_open = registry_open,
    .registry_add = registry_add,
    .registry_modify = registry_modify,
    .registry_remove = registry_remove,
    .wake_open = wake_open,
    .wake = wake,
    .wake_wait = wake_wait,
    .timers_open = heap_open,
    .timers_insert = heap_insert,
    .timers_rearm = heap_rearm,
    .timers_cancel = heap_cancel,
    .timers_fire = heap_fire,
};
