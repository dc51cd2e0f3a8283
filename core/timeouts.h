/* SPDX-License-Identifier: MIT
 *
 * core/timeouts.h - the timers of an event loop: a wheel, and places for them.
 *
 * All memory is taken at the beginning, and touched as it is used. A key names
 * a place and its generation, so the key of a timeout that has fired or was
 * cleared is a miss, as a slab's. Not installed. */
#ifndef MIO_CORE_TIMEOUTS_H
#define MIO_CORE_TIMEOUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/slab.h"
#include "core/timer_wheel.h"
#include "core/token.h"

struct mio_timeout {
    struct mio_timer timer;
    mio_token token;
    uint32_t generation; /* 0: not used yet; then never again */
    uint32_t next_free;  /* index + 1; 0: the last */
};

/* Holds a wheel, so it must not move. */
struct mio_timeouts {
    struct mio_timer_wheel wheel;
    struct mio_timeout *places;
    const struct mio_allocator *allocator;
    uint32_t capacity;
    uint32_t used_max;  /* places below were used at least once */
    uint32_t free_head; /* index + 1; 0: none */
    uint32_t set_count; /* those that are to come, or are due */
};

/* Room for `capacity` timeouts at once. Returns 0 | MIO_ENOMEM. */
int mio_timeouts_init(struct mio_timeouts *self, uint32_t capacity,
                      int64_t now_ns, const struct mio_allocator *allocator);

void mio_timeouts_deinit(struct mio_timeouts *self);

/* Returns 0 | MIO_EFULL. */
int mio_timeouts_set(struct mio_timeouts *self, int64_t deadline_ns,
                     mio_token token, mio_key *out);

/* False if it is none of those that are still to come. */
bool mio_timeouts_clear(struct mio_timeouts *self, mio_key key);

/* As those of the wheel. */
void mio_timeouts_advance(struct mio_timeouts *self, int64_t now_ns);
int64_t mio_timeouts_deadline(const struct mio_timeouts *self);

/* Whether there is any; costs less than to ask for the deadline. */
static inline bool mio_timeouts_is_empty(const struct mio_timeouts *self)
{
    return self->set_count == 0;
}

/* Take the token of one that came due; false when none is left. */
bool mio_timeouts_take(struct mio_timeouts *self, mio_token *out);

#endif /* MIO_CORE_TIMEOUTS_H */
