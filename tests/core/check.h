/* SPDX-License-Identifier: MIT
 *
 * tests/core/check.h - cmocka, and what every test of a poll needs. */
#ifndef MIO_TESTS_CORE_CHECK_H
#define MIO_TESTS_CORE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/error.h"
#include "core/event.h"
#include "core/poll.h"

/* Nothing takes as long as this unless it hangs. */
#define DEADLINE_NS (20 * MIO_NS_PER_S)

#define assert_code(expected, code)                                            \
    assert_string_equal(mio_error_name(code), mio_error_name(expected))
#define assert_ok(code) assert_code(MIO_OK, code)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* valgrind lets one thread run at a time, brings signals late, keeps the limit
 * of descriptors itself and does not know every system call. */
static inline bool is_on_valgrind(void)
{
    return getenv("MIO_VALGRIND") != NULL;
}

/* A reproducible sequence: xorshift64*, G. Marsaglia. */
struct sequence {
    uint64_t state;
};

static inline uint64_t sequence_next(struct sequence *self)
{
    self->state ^= self->state >> 12;
    self->state ^= self->state << 25;
    self->state ^= self->state >> 27;
    return self->state * UINT64_C(2685821657736338717);
}

/* As mio_poll_wait, but no signal ends it: for the rest of its time it waits
 * on. */
static inline int wait_on(struct mio_poll *poll, struct mio_events *events,
                          int64_t timeout_ns)
{
    int64_t begin_ns = mio_clock_monotonic_ns();
    int64_t left_ns = timeout_ns;
    int count;
    while ((count = mio_poll_wait(poll, events, left_ns)) == MIO_EINTR) {
        if (timeout_ns <= 0)
            continue;
        left_ns = timeout_ns - (mio_clock_monotonic_ns() - begin_ns);
        if (left_ns < 0)
            left_ns = 0;
    }
    return count;
}

/* Wait until something comes; fails the test if nothing does. */
static inline int wait_some(struct mio_poll *poll, struct mio_events *events)
{
    int count = wait_on(poll, events, DEADLINE_NS);
    assert_true(count > 0);
    return count;
}

/* The only event there is; anything else fails the test. */
static inline struct mio_event wait_one(struct mio_poll *poll,
                                        struct mio_events *events)
{
    struct mio_event event;
    struct mio_event another;
    assert_int_equal(wait_some(poll, events), 1);
    assert_true(mio_events_next(events, &event));
    assert_false(mio_events_next(events, &another));
    return event;
}

/* Nothing is reported now. */
static inline void wait_silence(struct mio_poll *poll,
                                struct mio_events *events)
{
    struct mio_event event;
    assert_int_equal(wait_on(poll, events, 0), 0);
    assert_true(mio_events_is_empty(events));
    assert_false(mio_events_next(events, &event));
}

#endif /* MIO_TESTS_CORE_CHECK_H */
