/* SPDX-License-Identifier: MIT
 *
 * runtime/owned.c - see owned.h. */
#include "runtime/owned.h"

#include "core/assert.h"

void mio_owned_drop(void *payload, uint32_t size)
{
    MIO_ASSERT(size == sizeof(struct mio_owned));
    mio_owned_release(payload);
}

int mio_send_owned(struct mio_actor *self, mio_actor_id to,
                   const struct mio_message_type *type, struct mio_owned *owned)
{
    if (type == NULL || type->drop != mio_owned_drop)
        return MIO_EINVAL;
    int result = mio_send(self, to, type, owned, sizeof(*owned));
    if (result < 0)
        return result;
    *owned = (struct mio_owned){NULL, 0, NULL};
    return 0;
}
