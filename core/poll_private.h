/* SPDX-License-Identifier: MIT
 *
 * core/poll_private.h - what poll.c, event.c, waker.c and registry.c know of
 * each other.
 * Not installed. */
#ifndef MIO_CORE_POLL_PRIVATE_H
#define MIO_CORE_POLL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/poll.h"
#include "core/registry.h"
#include "core/slot_table.h"
#include "core/sys/selector.h"
#include "core/wake_list.h"

/* Part of its poll, apart from what the waiting thread reads. */
struct mio_registry {
    uint64_t refs_count; /* see core/registry.c */
    uint32_t guests;     /* calls under way; the highest bit: closed */
    uint64_t token_max;
};

/* The poll's own: more than all others, so that it can be exchanged for those
 * of the sources that remain while some of these are given back already. */
#define MIO_REFS_OF_POLL (UINT64_C(1) << 32)

struct mio_poll {
    struct mio_selector *selector; /* NULL: freed, but memory is referred to */
    struct mio_wake_list *wake_list;
    uint32_t is_waiting;
    bool has_to_arm; /* its selector has no edges */
    const struct mio_allocator *allocator;
    const struct mio_log *log;
    struct mio_slot_table table;
    struct mio_registry registry;
};

/* mio_poll_register, with more flags for the source. */
int mio_poll_register_as(struct mio_poll *self, struct mio_source *source,
                         mio_token token, uint32_t interest, uint32_t mode,
                         uint32_t more_flags);

/* mio_poll_deregister, also of a poll that is being freed or is gone. */
int mio_poll_deregister_shared(struct mio_poll *self,
                               struct mio_source *source);

/* The last reference is gone. */
void mio_poll_release_memory(struct mio_poll *self);

static inline struct mio_poll *mio_registry_poll(struct mio_registry *self)
{
    return (struct mio_poll *)(void *)((char *)self -
                                       offsetof(struct mio_poll, registry));
}

/* Of a new poll. */
void mio_registry_init(struct mio_registry *self);

/* Whether the poll is there, and stays until the guest leaves. */
bool mio_registry_enter(struct mio_registry *self);
void mio_registry_leave(struct mio_registry *self);

/* Of a new poll, whose registry then refuses higher tokens: an event loop's. */
void mio_poll_reserve_tokens(struct mio_poll *self, uint64_t token_max);

/* Let nobody in any more, and wait for those who are in. */
void mio_registry_close(struct mio_registry *self);

/* Give references back; the poll's memory goes with the last one. */
void mio_registry_unref(struct mio_registry *self, uint64_t refs_count);

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

/* mio_events_clear, which a shared library cannot inline. */
static inline void mio_events_reset(struct mio_events *self)
{
    self->raw_count = 0;
    self->wakes_count = 0;
    self->next = 0;
}

#endif /* MIO_CORE_POLL_PRIVATE_H */
