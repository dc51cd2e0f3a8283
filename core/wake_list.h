/* SPDX-License-Identifier: MIT
 *
 * core/wake_list.h - the wakers of one poll that were woken, and its doorbell.
 *
 * A wake pushes its waker here and rings only if the list was empty; the poll
 * takes the whole list each time the doorbell was reported, and at no other
 * time. So rings and takes alternate strictly, and a reported doorbell never
 * finds the list empty. Both the poll and its wakers hold a reference, so a
 * wake never touches a descriptor that was closed under it. Not installed. */
#ifndef MIO_CORE_WAKE_LIST_H
#define MIO_CORE_WAKE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/sys/doorbell.h"
#include "core/token.h"

struct mio_waker {
    struct mio_wake_list *list;
    struct mio_waker *next; /* in the list, while it is pending */
    mio_token token;
    uint32_t refs_count; /* the user's and, while it is pending, the list's */
    uint32_t is_pending;
};

struct mio_wake_list {
    /* private */
    struct mio_waker *head; /* newest first, or a mark: closed */
    uint32_t refs_count;
    const struct mio_allocator *allocator;
    struct mio_doorbell doorbell;
};

/* A list whose doorbell reports `key`. Returns 0 | MIO_EMFILE | MIO_ENFILE
 * | MIO_ENOMEM. */
int mio_wake_list_new(struct mio_wake_list **out, struct mio_selector *selector,
                      uint64_t key, const struct mio_allocator *allocator);

/* The poll ends: refuse further wakes, forget those that are pending, drop the
 * poll's reference. */
void mio_wake_list_close(struct mio_wake_list *self);

/* Where its wakers come from, too. */
const struct mio_allocator *
mio_wake_list_allocator(const struct mio_wake_list *self);

void mio_wake_list_ref(struct mio_wake_list *self);
void mio_wake_list_unref(struct mio_wake_list *self);

/* Push a waker that the caller marked as pending. Returns 0 | MIO_ECLOSED.
 * Any thread, signal-safe. */
int mio_wake_list_push(struct mio_wake_list *self, struct mio_waker *waker);

/* Whether wakers are in it; cheap. False means: the doorbell was not reported.
 * The poll's thread. */
static inline bool mio_wake_list_is_pending(const struct mio_wake_list *self)
{
    return __atomic_load_n(&self->head, __ATOMIC_RELAXED) != NULL;
}

/* Take all, in the order in which they were pushed, linked by `next`. After
 * the doorbell was reported; the poll's thread. */
struct mio_waker *mio_wake_list_take(struct mio_wake_list *self);

/* Whether the poll is gone. Any thread, signal-safe. */
bool mio_wake_list_is_closed(const struct mio_wake_list *self);

/* A taken waker is about to be reported: it may be woken anew. Its token is
 * returned, the list's reference is dropped. */
mio_token mio_waker_settle(struct mio_waker *self);

#endif /* MIO_CORE_WAKE_LIST_H */
