/* SPDX-License-Identifier: MIT
 *
 * core/sys/selector.h - the contract of an operating system's selector.
 *
 * One implementation per mechanism, chosen when it is built. It knows keys,
 * not tokens: core/poll.c gives each registration a key of slot and generation
 * and looks up the rest. Not installed. */
#ifndef MIO_CORE_SYS_SELECTOR_H
#define MIO_CORE_SYS_SELECTOR_H

#include <stdint.h>

#include "core/error.h"
#include "core/event.h"
#include "core/interest.h"
#include "core/source.h"

struct mio_selector; /* one per poll */
struct mio_batch;    /* raw events of one wait, one per mio_events */

/* Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM. */
int mio_selector_new(struct mio_selector **out, uint32_t sources_max);
void mio_selector_free(struct mio_selector *self);

/* What source.flags and `flags` below hold. */
static inline uint32_t mio_flags_of(uint32_t interest, uint32_t mode)
{
    return interest | mode << 16;
}
static inline uint32_t mio_flags_interest(uint32_t flags)
{
    return flags & 0xffff;
}
static inline uint32_t mio_flags_mode(uint32_t flags)
{
    return flags >> 16;
}

/* `key` comes back with each event. A modify finds the flags that hold so far
 * in source->flags; if it fails, these hold on. Remove cannot fail: a handle
 * that was closed is watched no more. Any thread, also while another waits.
 * Same codes as mio_poll_register. */
int mio_selector_add(struct mio_selector *self, struct mio_source *source,
                     uint64_t key, uint32_t flags);
int mio_selector_modify(struct mio_selector *self, struct mio_source *source,
                        uint64_t key, uint32_t flags);
void mio_selector_remove(struct mio_selector *self, struct mio_source *source);

/* See mio_source_arm. */
void mio_selector_arm(struct mio_selector *self, struct mio_source *source,
                      uint32_t directions);

/* Returns the number of raw events, at most `events_max`, which is 1..capacity
 * of the batch (0: the timeout, rounded up, is over); or a negative number, and
 * mio_selector_error, asked at once, says what it was. Any negative timeout is
 * for ever. */
int mio_selector_wait(struct mio_selector *self, struct mio_batch *batch,
                      uint32_t events_max, int64_t timeout_ns);

/* Returns MIO_EINTR. */
int mio_selector_error(void);

mio_handle mio_selector_handle(const struct mio_selector *self);

/* A batch for up to `capacity` raw events. Returns 0 | MIO_ENOMEM. */
int mio_batch_new(struct mio_batch **out, uint32_t capacity);
void mio_batch_free(struct mio_batch *self);

/* Raw event `index` of the last wait: returns its readiness, *key names it. */
uint32_t mio_batch_read(const struct mio_batch *self, uint32_t index,
                        uint64_t *key);

#endif /* MIO_CORE_SYS_SELECTOR_H */
