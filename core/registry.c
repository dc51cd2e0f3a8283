/* SPDX-License-Identifier: MIT
 *
 * core/registry.c - who is in the middle of a call, and who holds the memory.
 *
 * A call through a registry is counted as a guest of the poll while it lasts.
 * mio_poll_free lets nobody in any more and waits for those who are in, so the
 * selector is never used after it was freed. The memory goes with the last
 * reference: of the poll itself, of registries, and of sources that are still
 * registered when the poll is freed. */
#include "core/registry.h"

#include "core/assert.h"
#include "core/poll_private.h"
#include "core/sys/nap.h"

#define CLOSED (UINT32_C(1) << 31)

void mio_registry_init(struct mio_registry *self)
{
    *self = (struct mio_registry){
        .refs_count = MIO_REFS_OF_POLL,
        .token_max = UINT64_MAX,
    };
}

void mio_poll_reserve_tokens(struct mio_poll *self, uint64_t token_max)
{
    self->registry.token_max = token_max;
}

bool mio_registry_enter(struct mio_registry *self)
{
    uint32_t guests = __atomic_load_n(&self->guests, __ATOMIC_RELAXED);
    do {
        if (guests & CLOSED)
            return false;
        /* Acquire: what the last guest did to the poll is done. */
    } while (!__atomic_compare_exchange_n(&self->guests, &guests, guests + 1,
                                          true, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return true;
}

void mio_registry_leave(struct mio_registry *self)
{
    /* Release: pairs with the acquire of mio_registry_close. */
    (void)__atomic_fetch_sub(&self->guests, 1, __ATOMIC_RELEASE);
}

void mio_registry_close(struct mio_registry *self)
{
    uint32_t guests =
        __atomic_fetch_or(&self->guests, CLOSED, __ATOMIC_RELAXED);
    MIO_ASSERT(!(guests & CLOSED));
    /* Each has a system call to finish. */
    while (__atomic_load_n(&self->guests, __ATOMIC_ACQUIRE) != CLOSED)
        mio_nap();
}

void mio_registry_unref(struct mio_registry *self, uint64_t refs_count)
{
    /* Acquire and release: what the others did with the table is done. */
    if (__atomic_fetch_sub(&self->refs_count, refs_count, __ATOMIC_ACQ_REL) ==
        refs_count)
        mio_poll_release_memory(mio_registry_poll(self));
}

struct mio_registry *mio_poll_registry(struct mio_poll *poll)
{
    return mio_registry_clone(&poll->registry);
}

struct mio_registry *mio_registry_clone(struct mio_registry *self)
{
    (void)__atomic_fetch_add(&self->refs_count, 1, __ATOMIC_RELAXED);
    return self;
}

void mio_registry_free(struct mio_registry *self)
{
    if (self != NULL)
        mio_registry_unref(self, 1);
}

int mio_registry_register(struct mio_registry *self, struct mio_source *source,
                          mio_token token, uint32_t interest, uint32_t mode)
{
    if (self == NULL || token.value > self->token_max)
        return MIO_EINVAL;
    if (!mio_registry_enter(self))
        return MIO_ECLOSED;
    int rc = mio_poll_register_as(mio_registry_poll(self), source, token,
                                  interest, mode, MIO_FLAG_SHARED);
    mio_registry_leave(self);
    return rc;
}

int mio_registry_reregister(struct mio_registry *self,
                            struct mio_source *source, mio_token token,
                            uint32_t interest, uint32_t mode)
{
    if (self == NULL || token.value > self->token_max)
        return MIO_EINVAL;
    if (!mio_registry_enter(self))
        return MIO_ECLOSED;
    int rc = mio_poll_reregister(mio_registry_poll(self), source, token,
                                 interest, mode);
    mio_registry_leave(self);
    return rc;
}

int mio_registry_deregister(struct mio_registry *self,
                            struct mio_source *source)
{
    if (self == NULL || source == NULL)
        return MIO_EINVAL;
    return mio_poll_deregister_shared(mio_registry_poll(self), source);
}
