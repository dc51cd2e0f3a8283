/* SPDX-License-Identifier: MIT
 *
 * core/interest.h - what a registration wants to hear of, and how often. */
#ifndef MIO_CORE_INTEREST_H
#define MIO_CORE_INTEREST_H

#include <stdbool.h>
#include <stdint.h>

/* Interest: a non-empty set. The bits are Mio's. */
#define MIO_READABLE UINT32_C(1)
#define MIO_WRITABLE UINT32_C(2)
#define MIO_AIO UINT32_C(4)       /* FreeBSD, DragonFly, Apple */
#define MIO_LIO UINT32_C(8)       /* FreeBSD */
#define MIO_PRIORITY UINT32_C(16) /* out-of-band data: epoll, poll(2) */
#define MIO_INTEREST_ALL UINT32_C(31)

/* Mode: how often. EDGE reports a change once: after an event, use the source
 * until it answers MIO_EAGAIN (a short read or write of a stream will do), or
 * no further event is promised. LEVEL reports at each wait while it holds.
 * ONESHOT, alone or with LEVEL, reports once and is silent until
 * mio_poll_reregister. EXCLUSIVE wakes one of several polls that share a
 * listener (Linux; MIO_ENOTSUP elsewhere). */
#define MIO_EDGE UINT32_C(0)
#define MIO_LEVEL UINT32_C(1)
#define MIO_ONESHOT UINT32_C(2)
#define MIO_EXCLUSIVE UINT32_C(4)
#define MIO_MODE_ALL UINT32_C(7)

/** Whether it is a set that a registration takes.          Thread: any. */
static inline bool mio_interest_is_valid(uint32_t interest)
{
    return interest != 0 && (interest & ~MIO_INTEREST_ALL) == 0;
}

#endif /* MIO_CORE_INTEREST_H */
