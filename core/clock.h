/* SPDX-License-Identifier: MIT
 *
 * core/clock.h - the time, as everything here counts it: int64_t nanoseconds.
 *
 * The only way to the system's clocks, so that a simulated platform can put
 * its own time in their place. Implemented in core/sys. */
#ifndef MIO_CORE_CLOCK_H
#define MIO_CORE_CLOCK_H

#include <stdint.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Nanoseconds in a micro-, a millisecond, a second. */
#define MIO_NS_PER_US INT64_C(1000)
#define MIO_NS_PER_MS INT64_C(1000000)
#define MIO_NS_PER_S INT64_C(1000000000)

/** Nanoseconds of a clock that never goes back and has no epoch.
 *                                                  Thread: any, signal-safe. */
MIO_API int64_t mio_clock_monotonic_ns(void);

/** Nanoseconds since 1970-01-01 UTC, as the system believes; INT64_MAX from
 *  2262-04-11 on. For people.
 *                                                  Thread: any, signal-safe. */
MIO_API int64_t mio_clock_realtime_ns(void);

MIO_END_DECLS
#endif /* MIO_CORE_CLOCK_H */
