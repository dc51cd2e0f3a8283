/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/common.c - see common.h. */
#include "runtime/reactor/common.h"

#include <ck_pr.h>

#include "runtime/mailbox/litmus.h"

/* This bit in the count of actors: none may come any more. */
#define CLOSED (UINT64_C(1) << 63)

void mio_common_ring_all(struct mio_common *self)
{
    for (uint32_t i = 0; i < self->reactors_count; i++)
        mio_bell_ring(&self->mailboxes[i].bell, NULL);
}

void mio_common_stop(struct mio_common *self)
{
    ck_pr_store_32(&self->is_stopping, 1);
    /* The flag before the bells: a reactor that was woken must see it. Pairs
     * with the waker, which is a barrier of its own on both sides. */
    ck_pr_fence_memory();
    mio_common_ring_all(self);
}

bool mio_common_is_stopping(const struct mio_common *self)
{
    return ck_pr_load_32(&self->is_stopping) != 0;
}

bool mio_common_is_ended(const struct mio_common *self)
{
    return ck_pr_load_32(&self->is_ended) != 0;
}

void mio_common_limit(struct mio_common *self, uint32_t queue_max)
{
    uint32_t found = mio_common_queue_min(self);
    while (queue_max < found &&
           !ck_pr_cas_32_value(&self->queue_min, found, queue_max, &found))
        ;
}

int mio_common_actor_comes(struct mio_common *self)
{
    uint64_t found = ck_pr_faa_64(&self->actors, 1);
    MIO_LITMUS_YIELD(MIO_LITMUS_END);
    if ((found & CLOSED) == 0)
        return 0;
    ck_pr_dec_64(&self->actors);
    return MIO_ECLOSED;
}

void mio_common_actor_goes(struct mio_common *self)
{
    uint64_t found = ck_pr_faa_64(&self->actors, (uint64_t)-1);
    /* The count before the flag, as each reactor that sees the flag looks at
     * the count afterwards (mio_common_try_end): one of the two sees both. */
    ck_pr_fence_memory();
    MIO_LITMUS_YIELD(MIO_LITMUS_END);
    if (found == 1)
        mio_common_try_end(self);
}

void mio_common_try_end(struct mio_common *self)
{
    if (!mio_common_is_stopping(self))
        return;
    /* The flag before the count, as it is the other way round in
     * mio_common_actor_goes. Else the swap may fail for an actor that is gone,
     * whose end has not seen the flag: nobody would end the runtime. */
    ck_pr_fence_acquire();
    MIO_LITMUS_YIELD(MIO_LITMUS_END);
    if (!ck_pr_cas_64(&self->actors, 0, CLOSED))
        return;
    ck_pr_store_32(&self->is_ended, 1);
    ck_pr_fence_memory();
    mio_common_ring_all(self);
}
