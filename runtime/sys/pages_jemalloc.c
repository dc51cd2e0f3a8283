/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/pages_jemalloc.c - pages from an arena of jemalloc's. */
#include "runtime/sys/pages.h"

#include <limits.h>
#include <stdio.h>

#include <jemalloc/jemalloc.h>

#define ALIGNMENT 64

int mio_pages_open(struct mio_pages *self)
{
    size_t size = sizeof(self->arena);
    self->arena = UINT_MAX; /* none, if it fails */
    return mallctl("arenas.create", &self->arena, &size, NULL, 0) == 0
               ? 0
               : MIO_ENOMEM;
}

void mio_pages_close(struct mio_pages *self)
{
    char name[64];
    snprintf(name, sizeof(name), "arena.%u.destroy", self->arena);
    /* Fails only if there is none: no thread is bound to it. */
    (void)mallctl(name, NULL, NULL, NULL, 0);
}

/* No thread cache: slabs are rare, and live as long as their reactor. */
static int flags_of(const struct mio_pages *self)
{
    return MALLOCX_ARENA(self->arena) | MALLOCX_TCACHE_NONE |
           MALLOCX_ALIGN(ALIGNMENT);
}

void *mio_pages_alloc(struct mio_pages *self, size_t size)
{
    return mallocx(size, flags_of(self));
}

void mio_pages_free(struct mio_pages *self, void *pages, size_t size)
{
    sdallocx(pages, size, flags_of(self));
}
