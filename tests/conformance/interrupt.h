/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/interrupt.h - a wait into which signals come. */
#ifndef MIO_TESTS_CONFORMANCE_INTERRUPT_H
#define MIO_TESTS_CONFORMANCE_INTERRUPT_H

#include <signal.h>
#include <sys/time.h>

#include "tests/conformance/conformance.h"

static volatile sig_atomic_t alarms_count;

/* The timer goes on and on, so that one of its signals comes within the wait;
 * but not for ever, so that who waits again and again is found out. */
static inline void count_alarm(int number)
{
    (void)number;
    if (++alarms_count == 200)
        (void)alarm(0); /* the same timer: it stops */
}

static inline void set_timer(int interval_us)
{
    struct itimerval timer = {{0, interval_us}, {0, interval_us}};
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* What the wait answers; `flags` are sigaction's. */
static inline int wait_interrupted(struct loop *loop, int flags)
{
    struct sigaction action = {.sa_flags = flags};
    struct sigaction former;
    action.sa_handler = count_alarm;
    alarms_count = 0;
    assert_int_equal(sigaction(SIGALRM, &action, &former), 0);
    set_timer(5000);
    int rc = mio_poll_wait(loop->poll, loop->events, 5 * MIO_NS_PER_S);
    set_timer(0);
    assert_int_equal(sigaction(SIGALRM, &former, NULL), 0);
    assert_true(alarms_count > 0);
    alarm(HANGS_S); /* which set_timer took away */
    return rc;
}

#endif /* MIO_TESTS_CONFORMANCE_INTERRUPT_H */
