/* SPDX-License-Identifier: MIT
 *
 * core/source.c - what a source can say of itself; core/poll.c does the rest.
 */
#include "core/source.h"

#include <stddef.h>

void mio_source_init(struct mio_source *self, mio_handle handle)
{
    *self = (struct mio_source){.handle = handle};
}

bool mio_source_is_registered(const struct mio_source *self)
{
    return __atomic_load_n(&self->poll, __ATOMIC_ACQUIRE) != NULL;
}
