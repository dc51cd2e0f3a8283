/* SPDX-License-Identifier: MIT
 *
 * core/sys/poll_call.h - poll(2) itself, with however many entries.
 *
 * The system takes no more entries than its limit of open files, which may be
 * lowered below what is open already, and none without memory. Not
 * installed. */
#ifndef MIO_CORE_SYS_POLL_CALL_H
#define MIO_CORE_SYS_POLL_CALL_H

#include <poll.h>
#include <stdint.h>

/* As ppoll, in nanoseconds, with any negative timeout for ever. If the system
 * does not take them all, those behind are only looked at and the first few are
 * waited for, for a millisecond at most: so the two that must end a wait come
 * first, and 0 may come before the timeout is over.
 * Returns how many have revents, some perhaps counted twice; or -1 and errno:
 * EINTR, or EINVAL | ENOMEM (it does not take even one) after at most a
 * millisecond; the revents then are worth nothing. */
int mio_poll_call(struct pollfd *entries, uint32_t count, int64_t timeout_ns);

#endif /* MIO_CORE_SYS_POLL_CALL_H */
