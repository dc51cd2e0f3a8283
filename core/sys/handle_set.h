/* SPDX-License-Identifier: MIT
 *
 * core/sys/handle_set.h - the descriptors that one selector watches.
 *
 * For a selector whose system does not refuse a second registration of one
 * descriptor. Fixed in size; not thread-safe. Not installed. */
#ifndef MIO_CORE_SYS_HANDLE_SET_H
#define MIO_CORE_SYS_HANDLE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/allocator.h"

struct mio_handle_set {
    uint32_t *cells; /* descriptor + 1; 0: empty */
    size_t mask;     /* number of cells, a power of two, less one */
    const struct mio_allocator *allocator;
};

/* Room for `handles_max`. Returns 0 | MIO_ENOMEM. */
int mio_handle_set_init(struct mio_handle_set *self, uint32_t handles_max,
                        const struct mio_allocator *allocator);
void mio_handle_set_deinit(struct mio_handle_set *self);

/* Returns false if it is in the set already. */
bool mio_handle_set_add(struct mio_handle_set *self, int handle);

/* Of one that is in the set. */
void mio_handle_set_remove(struct mio_handle_set *self, int handle);

#endif /* MIO_CORE_SYS_HANDLE_SET_H */
