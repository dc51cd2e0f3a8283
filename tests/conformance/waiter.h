/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/waiter.h - a thread that waits on the poll of a case. */
#ifndef MIO_TESTS_CONFORMANCE_WAITER_H
#define MIO_TESTS_CONFORMANCE_WAITER_H

#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "tests/conformance/conformance.h"

struct waiter {
    struct loop *loop;
    pthread_t thread;
    int tid;   /* set when the next thing it does is to wait */
    int count; /* what the wait answered */
    int is_over;
};

static inline void *waiter_run(void *arg)
{
    struct waiter *self = arg;
    __atomic_store_n(&self->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    do /* interrupted, it may find that another is faster */
        self->count =
            wait_on(self->loop->poll, self->loop->events, MIO_FOREVER);
    while (self->count == MIO_EBUSY);
    __atomic_store_n(&self->is_over, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* As the kernel says: it is in a call, and in one that waits for readiness. */
static inline bool waiter_sleeps(const struct waiter *self)
{
    static const int calls[] = {SYS_epoll_pwait, SYS_epoll_pwait2, SYS_ppoll,
#ifdef SYS_epoll_wait
                                SYS_epoll_wait, SYS_poll
#endif
    };
    int tid = __atomic_load_n(&self->tid, __ATOMIC_ACQUIRE);
    char path[64];
    int call;
    if (tid == 0)
        return false;
    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool is_in_call = fscanf(file, "%d", &call) == 1; /* else "running" */
    (void)fclose(file);
    for (size_t i = 0; is_in_call && i < COUNT_OF(calls); i++)
        if (call == calls[i])
            return true;
    return false;
}

/* A thread waits for ever; it is asleep when this returns. */
static inline void waiter_start(struct waiter *self, struct loop *loop)
{
    *self = (struct waiter){.loop = loop};
    self->thread = thread_start(waiter_run, self);
    while (!waiter_sleeps(self))
        sched_yield();
}

static inline bool waiter_is_over(const struct waiter *self)
{
    return __atomic_load_n(&self->is_over, __ATOMIC_ACQUIRE) != 0;
}

/* Its wait ended with the events that are in the loop's batch now. */
static inline int waiter_join(struct waiter *self)
{
    thread_join(self->thread);
    return self->count;
}

#endif /* MIO_TESTS_CONFORMANCE_WAITER_H */
