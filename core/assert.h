/* SPDX-License-Identifier: MIT
 *
 * core/assert.h - assertions that stay on in release builds.
 *
 * For a programmer's error only. What a peer, a user or the system can cause
 * is answered with a code, never asserted. */
#ifndef MIO_CORE_ASSERT_H
#define MIO_CORE_ASSERT_H

#include "core/visibility.h"

MIO_BEGIN_DECLS

/** Print where and what to stderr, then abort.           Thread: any. */
MIO_API __attribute__((noreturn, cold)) void
mio_assert_failed(const char *condition, const char *file, int line);

/* Go on only if it holds; else mio_assert_failed. */
#define MIO_ASSERT(condition)                                                  \
    (__builtin_expect(!!(condition), 1)                                        \
         ? (void)0                                                             \
         : mio_assert_failed(#condition, __FILE__, __LINE__))

/* Costly checks: on where MIO_DEBUG is defined (the sanitizer builds). */
#ifdef MIO_DEBUG
#define MIO_DEBUG_ASSERT(condition) MIO_ASSERT(condition)
#else
#define MIO_DEBUG_ASSERT(condition) ((void)sizeof(!!(condition)))
#endif

MIO_END_DECLS
#endif /* MIO_CORE_ASSERT_H */
