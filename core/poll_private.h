/* SPDX-License-Identifier: MIT
 *
 * core/poll_private.h - what poll.c, event.c and waker.c know of each other.
 * Not installed. */
#ifndef MIO_CORE_POLL_PRIVATE_H
#define MIO_CORE_POLL_PRIVATE_H

#include <stdint.h>

#include "core/event.h"
#include "core/poll.h"
#include "core/slot_table.h"
#include "core/sys/selector.h"
#include "core/wake_list.h"

struct mio_poll {
    struct mio_selector *selector; /* NULL: freed, but sources remain */
    struct mio_wake_list *wake_list;
    uint32_t is_waiting;
    uint32_t orphans_count; /* registrations that outlived the poll */
    const struct mio_allocator *allocator;
    const struct mio_log *log;
    struct mio_slot_table table;
};

struct mio_events {
    const struct mio_poll *poll; /* who filled it */
    struct mio_batch *batch;
    const struct mio_allocator *allocator;
    uint32_t capacity;
    uint32_t raw_count;   /* events in the batch */
    uint32_t wakes_count; /* events in wake_tokens, after those */
    uint32_t next;
    mio_token wake_tokens[]; /* `capacity` of them */
};

#endif /* MIO_CORE_POLL_PRIVATE_H */
