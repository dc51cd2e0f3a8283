/* SPDX-License-Identifier: MIT
 *
 * core/timer_wheel.h - many timers at the cost of none: a hierarchical wheel.
 *
 * Insert, cancel and fire are O(1). A timer is embedded in the caller's object
 * and linked, never copied. The wheel reads no clock: the caller passes times
 * in, so that a simulated clock serves as well. Source: G. Varghese and
 * A. Lauck, "Hashed and hierarchical timing wheels" (1987). */
#ifndef MIO_CORE_TIMER_WHEEL_H
#define MIO_CORE_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* A tick is 2^20 ns, 1.05 ms: a shift instead of a division, and no coarser
 * than what the systems' own timeouts promise. */
#define MIO_TICK_SHIFT 20
#define MIO_TICK_NS (INT64_C(1) << MIO_TICK_SHIFT)

/* A level has 64 slots, each of which is a whole turn of the level below. */
#define MIO_WHEEL_BITS 6
#define MIO_WHEEL_SLOTS (1 << MIO_WHEEL_BITS)
#define MIO_WHEEL_LEVELS 8 /* 2^48 ticks, 9,000 years */

#define MIO_NO_DEADLINE INT64_MAX /* never */

/* Lists are circles through their head, so that unlinking needs neither a
 * branch nor to know the list. */
struct mio_timer_link {
    /* private */
    struct mio_timer_link *next;
    struct mio_timer_link *prev;
};

/* Embedded in the object that waits. Must not move while it is armed. */
struct mio_timer {
    /* private */
    struct mio_timer_link link; /* next is NULL while not in a wheel */
    int64_t deadline_tick;
};

/* Points into itself, so it must not move. */
struct mio_timer_wheel {
    /* private */
    int64_t now_tick;
    uint64_t occupied[MIO_WHEEL_LEVELS]; /* a bit per slot */
    struct mio_timer_link due;           /* reached, not taken yet */
    struct mio_timer_link slots[MIO_WHEEL_LEVELS][MIO_WHEEL_SLOTS];
};

/** Prepare a wheel that starts at now_ns >= 0 (of a monotonic clock).
 *                                                         Thread: owner. */
MIO_API void mio_timer_wheel_init(struct mio_timer_wheel *self, int64_t now_ns);

/** Prepare a timer, not in any wheel.                     Thread: owner. */
MIO_API void mio_timer_init(struct mio_timer *timer);

/** Whether it is in a wheel: neither taken nor cancelled. Thread: owner. */
MIO_API bool mio_timer_is_armed(const struct mio_timer *timer);

/** Arm a timer for deadline_ns; an armed one is moved. It is never early:
 *  deadlines are rounded up to ticks. A deadline in the past is due at the next
 *  advance, even if that brings no later time. MIO_NO_DEADLINE is armed, but
 *  never due.                                             Thread: owner. */
MIO_API void mio_timer_wheel_insert(struct mio_timer_wheel *self,
                                    struct mio_timer *timer,
                                    int64_t deadline_ns);

/** Disarm a timer; false if it was not armed.             Thread: owner. */
MIO_API bool mio_timer_wheel_cancel(struct mio_timer_wheel *self,
                                    struct mio_timer *timer);

/** Move the wheel to now_ns; time that goes back is ignored. Timers that came
 *  due are then handed out by mio_timer_wheel_take.       Thread: owner. */
MIO_API void mio_timer_wheel_advance(struct mio_timer_wheel *self,
                                     int64_t now_ns);

/** Take one due timer, by deadline tick, those of one tick in the order in
 *  which they were armed as far as the levels keep it; NULL when none is left.
 *  It is disarmed and may be armed again at once.         Thread: owner. */
MIO_API struct mio_timer *mio_timer_wheel_take(struct mio_timer_wheel *self);

/** When to advance next.
 *  Returns ns of the same clock, no later than the earliest deadline rounded up
 *  (it may be earlier, where timers cascade) | 0 (one is due)
 *  | MIO_NO_DEADLINE (there are none).                    Thread: owner. */
MIO_API int64_t mio_timer_wheel_deadline(const struct mio_timer_wheel *self);

MIO_END_DECLS
#endif /* MIO_CORE_TIMER_WHEEL_H */
