/* SPDX-License-Identifier: MIT
 *
 * core/sys/handle_set.c - open addressing, half empty at least.
 *
 * A descriptor is its own hash: the system gives the lowest that is free, so
 * they lie side by side and only the pages that are in use are touched. */
#include "core/sys/handle_set.h"

#include "core/assert.h"
#include "core/error.h"

int mio_handle_set_init(struct mio_handle_set *self, uint32_t handles_max,
                        const struct mio_allocator *allocator)
{
    size_t count = 2;
    while (count < (size_t)handles_max * 2)
        count *= 2;
    self->cells =
        mio_allocator_allocate_zeroed(allocator, count, sizeof(self->cells[0]));
    self->allocator = allocator;
    self->mask = count - 1;
    return self->cells != NULL ? MIO_OK : MIO_ENOMEM;
}

void mio_handle_set_deinit(struct mio_handle_set *self)
{
    mio_allocator_release(self->allocator, self->cells, self->mask + 1,
                          sizeof(self->cells[0]));
    self->cells = NULL;
}

/* The cell that holds it, or else the empty one where it would go. */
static size_t find(const struct mio_handle_set *self, uint32_t cell)
{
    size_t at = (cell - 1) & self->mask;
    while (self->cells[at] != 0 && self->cells[at] != cell)
        at = (at + 1) & self->mask;
    return at;
}

bool mio_handle_set_add(struct mio_handle_set *self, int handle)
{
    MIO_ASSERT(handle >= 0);

    uint32_t cell = (uint32_t)handle + 1;
    size_t at = find(self, cell);
    if (self->cells[at] == cell)
        return false;
    self->cells[at] = cell;
    return true;
}

void mio_handle_set_remove(struct mio_handle_set *self, int handle)
{
    uint32_t cell = (uint32_t)handle + 1;
    size_t hole = find(self, cell);
    MIO_ASSERT(self->cells[hole] == cell);

    /* Those behind move up unless they are at home after the hole: a search
     * ends at the first empty cell. */
    for (size_t at = (hole + 1) & self->mask; self->cells[at] != 0;
         at = (at + 1) & self->mask) {
        size_t home = (self->cells[at] - 1) & self->mask;
        if (((at - home) & self->mask) >= ((at - hole) & self->mask)) {
            self->cells[hole] = self->cells[at];
            hole = at;
        }
    }
    self->cells[hole] = 0;
}
