/* SPDX-License-Identifier: MIT
 *
 * runtime/watchdog.h - callbacks that take too long: whose, and over what.
 *
 * While one runs, nothing else on its reactor does. With stall_ns of the
 * runtime's options a thread of its own looks at all reactors, so it also sees
 * a callback that never returns. Without it nobody looks, and nothing is paid;
 * with it each entry costs a few stores. */
#ifndef MIO_RUNTIME_WATCHDOG_H
#define MIO_RUNTIME_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/visibility.h"
#include "runtime/message.h"

MIO_BEGIN_DECLS

struct mio_runtime;

/* A callback that took, or takes, longer than the limit. */
struct mio_stall {
    uint32_t reactor;       /* its number */
    mio_actor_id actor;     /* whose callback; it may be gone */
    const char *class_name; /* of its class */
    const char *what; /* the type of the message; or "entry": a timer, a stop,
                         readiness; "flush", "spawn", "system" */
    int64_t begun_ns; /* when it was first seen: monotonic */
    int64_t took_ns;  /* since then; at least, by up to a quarter of the limit
                         at either end */
    bool is_over;     /* it has returned */
};

#define MIO_STALLS_MAX 32 /* that are remembered */

/** The latest stalls, the newest first: up to `max` of them.
 *  Returns how many; 0 also if nobody looks.              Thread: any. */
MIO_API uint32_t mio_runtime_stalls(struct mio_runtime *self,
                                    struct mio_stall *out, uint32_t max);

MIO_END_DECLS
#endif /* MIO_RUNTIME_WATCHDOG_H */
