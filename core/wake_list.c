/* SPDX-License-Identifier: MIT
 *
 * core/wake_list.c - many wakers over one doorbell, lock-free. */
#include "core/wake_list.h"

#include "core/assert.h"

/* Its address says something, and nobody looks behind it. */
static const char closed_mark;
#define CLOSED ((struct mio_waker *)(uintptr_t)&closed_mark)

int mio_wake_list_new(struct mio_wake_list **out, struct mio_selector *selector,
                      uint64_t key, const struct mio_allocator *allocator)
{
    struct mio_wake_list *self =
        mio_allocator_allocate_zeroed(allocator, 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;

    int rc = mio_doorbell_open(&self->doorbell, selector, key);
    if (rc < 0) {
        mio_allocator_release(allocator, self, 1, sizeof(*self));
        return rc;
    }
    self->refs_count = 1;
    self->allocator = allocator;
    *out = self;
    return MIO_OK;
}

void mio_wake_list_ref(struct mio_wake_list *self)
{
    (void)__atomic_fetch_add(&self->refs_count, 1, __ATOMIC_RELAXED);
}

void mio_wake_list_unref(struct mio_wake_list *self)
{
    /* Acquire and release: what the others did with it is done. */
    if (__atomic_fetch_sub(&self->refs_count, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    mio_doorbell_close(&self->doorbell);
    mio_allocator_release(self->allocator, self, 1, sizeof(*self));
}

const struct mio_allocator *
mio_wake_list_allocator(const struct mio_wake_list *self)
{
    return self->allocator;
}

int mio_wake_list_push(struct mio_wake_list *self, struct mio_waker *waker)
{
    struct mio_waker *head = __atomic_load_n(&self->head, __ATOMIC_RELAXED);
    do {
        if (head == CLOSED)
            return MIO_ECLOSED;
        waker->next = head;
        /* Release: pairs with the acquire of mio_wake_list_take. */
    } while (!__atomic_compare_exchange_n(&self->head, &head, waker, true,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (head == NULL)
        mio_doorbell_ring(&self->doorbell);
    return MIO_OK;
}

bool mio_wake_list_is_closed(const struct mio_wake_list *self)
{
    return __atomic_load_n(&self->head, __ATOMIC_ACQUIRE) == CLOSED;
}

static struct mio_waker *oldest_first(struct mio_waker *newest)
{
    struct mio_waker *oldest = NULL;
    while (newest != NULL) {
        struct mio_waker *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

struct mio_waker *mio_wake_list_take(struct mio_wake_list *self)
{
    mio_doorbell_answered(&self->doorbell);
    return oldest_first(
        __atomic_exchange_n(&self->head, NULL, __ATOMIC_ACQUIRE));
}

void mio_wake_list_close(struct mio_wake_list *self)
{
    struct mio_waker *waker =
        __atomic_exchange_n(&self->head, CLOSED, __ATOMIC_ACQ_REL);
    MIO_ASSERT(waker != CLOSED);
    while (waker != NULL) {
        struct mio_waker *next = waker->next;
        (void)mio_waker_settle(waker);
        waker = next;
    }
    mio_wake_list_unref(self);
}
