/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/pages_libc.c - pages from the C library, for the sanitizers. */
#include "runtime/sys/pages.h"

#include <stdlib.h>

#define ALIGNMENT 64

int mio_pages_open(struct mio_pages *self)
{
    self->arena = 0;
    return 0;
}

void mio_pages_close(struct mio_pages *self)
{
    (void)self; /* libc keeps no arena of ours */
}

void *mio_pages_alloc(struct mio_pages *self, size_t size)
{
    (void)self;
    return aligned_alloc(ALIGNMENT, size);
}

void mio_pages_free(struct mio_pages *self, void *pages, size_t size)
{
    (void)self;
    (void)size;
    free(pages);
}
