/* SPDX-License-Identifier: MIT
 *
 * core/waker.c - step 8 of a byte's walk: one flag, one push, one ring. */
#include "core/waker.h"

#include "core/poll_private.h"
#include "core/wake_list.h"

int mio_waker_new(struct mio_waker **out, struct mio_poll *poll,
                  mio_token token)
{
    if (out == NULL || poll == NULL)
        return MIO_EINVAL;
    struct mio_waker *self = mio_allocator_allocate_zeroed(
        mio_wake_list_allocator(poll->wake_list), 1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;

    self->list = poll->wake_list;
    self->token = token;
    self->refs_count = 1;
    mio_wake_list_ref(self->list);
    *out = self;
    return MIO_OK;
}

int mio_waker_new_in(struct mio_waker **out, struct mio_registry *registry,
                     mio_token token)
{
    if (registry == NULL || token.value > registry->token_max)
        return MIO_EINVAL;
    if (!mio_registry_enter(registry))
        return MIO_ECLOSED;
    int rc = mio_waker_new(out, mio_registry_poll(registry), token);
    mio_registry_leave(registry);
    return rc;
}

static void unref(struct mio_waker *self)
{
    if (__atomic_fetch_sub(&self->refs_count, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    struct mio_wake_list *list = self->list;
    mio_allocator_release(mio_wake_list_allocator(list), self, 1,
                          sizeof(*self));
    mio_wake_list_unref(list);
}

void mio_waker_free(struct mio_waker *self)
{
    if (self != NULL)
        unref(self);
}

int mio_waker_wake(struct mio_waker *self)
{
    if (self == NULL)
        return MIO_EINVAL;
    if (mio_wake_list_is_closed(self->list))
        return MIO_ECLOSED;

    /* Acquire and release: whatever the caller wrote before is seen by who
     * settles this wake, also if an earlier one already announced it. */
    if (__atomic_exchange_n(&self->is_pending, 1, __ATOMIC_ACQ_REL) != 0)
        return MIO_OK;

    (void)__atomic_fetch_add(&self->refs_count, 1, __ATOMIC_RELAXED);
    int rc = mio_wake_list_push(self->list, self);
    if (rc < 0)
        (void)__atomic_fetch_sub(&self->refs_count, 1, __ATOMIC_RELEASE);
    return rc;
}

mio_token mio_waker_settle(struct mio_waker *self)
{
    mio_token token = self->token;
    /* From here on a wake makes a new event. Pairs with mio_waker_wake. */
    (void)__atomic_exchange_n(&self->is_pending, 0, __ATOMIC_ACQ_REL);
    unref(self);
    return token;
}
