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
};

static inline void *waiter_run(void *arg)
{
    struct waiter *self = arg;
    __atomic_store_n(&self->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    self->count =
        mio_poll_wait(self->loop->poll, self->loop->events, MIO_FOREVER);
    return NULL;
}

/* As the kernel says. */
static inline bool waiter_sleeps(const struct waiter *self)
{
    int tid = __atomic_load_n(&self->tid, __ATOMIC_ACQUIRE);
    char path[64];
    char run_state = 0;
    if (tid == 0)
        return false;
    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d %*s %c", &run_state), 1);
    (void)fclose(file);
    return run_state == 'S';
}

/* A thread waits for ever; it is asleep when this returns. */
static inline void waiter_start(struct waiter *self, struct loop *loop)
{
    *self = (struct waiter){.loop = loop};
    self->thread = thread_start(waiter_run, self);
    while (!waiter_sleeps(self))
        sched_yield();
}

/* Its wait ended with the events that are in the loop's batch now. */
static inline int waiter_join(struct waiter *self)
{
    thread_join(self->thread);
    return self->count;
}

#endif /* MIO_TESTS_CONFORMANCE_WAITER_H */
