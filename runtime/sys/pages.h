/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/pages.h - the contract of where slabs get their pages. Not
 * installed.
 *
 * One supply for each reactor, so that the pages of one are never mixed with
 * those of another: an arena of jemalloc's, or libc's allocator. */
#ifndef MIO_RUNTIME_SYS_PAGES_H
#define MIO_RUNTIME_SYS_PAGES_H

#include <stddef.h>

#include "core/error.h"
#include "core/visibility.h"

struct mio_pages {
    unsigned arena;
};

/* Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_pages_open(struct mio_pages *self);

/* All that was allocated must have been freed. */
void mio_pages_close(struct mio_pages *self);

/* `size` bytes, aligned to a cache line; NULL when there are none. */
void *mio_pages_alloc(struct mio_pages *self, size_t size);
void mio_pages_free(struct mio_pages *self, void *pages, size_t size);

#endif /* MIO_RUNTIME_SYS_PAGES_H */
