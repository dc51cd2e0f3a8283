/* SPDX-License-Identifier: MIT
 *
 * core/slab.c - entries in one array, free ones linked by index. */
#include "core/slab.h"

#include "core/assert.h"

static uint32_t place_of(mio_key key)
{
    return (uint32_t)key;
}

static mio_key key_of(uint32_t place, uint32_t generation)
{
    return (mio_key)generation << 32 | place;
}

int mio_slab_init(struct mio_slab *self, uint32_t capacity,
                  uint32_t entries_max)
{
    return mio_slab_init_with(self, capacity, entries_max, NULL);
}

int mio_slab_init_with(struct mio_slab *self, uint32_t capacity,
                       uint32_t entries_max,
                       const struct mio_allocator *allocator)
{
    if (self == NULL || capacity == 0 || capacity > entries_max)
        return MIO_EINVAL;

    struct mio_slab_entry *entries =
        mio_allocator_allocate(allocator, capacity, sizeof(*entries));
    if (entries == NULL)
        return MIO_ENOMEM;
    *self = (struct mio_slab){
        .entries = entries,
        .capacity = capacity,
        .entries_max = entries_max,
        .allocator = allocator,
    };
    return MIO_OK;
}

void mio_slab_deinit(struct mio_slab *self)
{
    mio_allocator_release(self->allocator, self->entries, self->capacity,
                          sizeof(*self->entries));
    *self = (struct mio_slab){.entries = NULL};
}

static int grow(struct mio_slab *self)
{
    if (self->capacity == self->entries_max)
        return MIO_EFULL;
    uint32_t capacity = self->capacity > self->entries_max / 2
                            ? self->entries_max
                            : self->capacity * 2;
    struct mio_slab_entry *entries =
        mio_allocator_resize(self->allocator, self->entries, self->capacity,
                             capacity, sizeof(*entries));
    if (entries == NULL)
        return MIO_ENOMEM;
    self->entries = entries;
    self->capacity = capacity;
    return MIO_OK;
}

/* A place that was never used. Returns 0 | MIO_EFULL | MIO_ENOMEM. */
static int take_unused(struct mio_slab *self, uint32_t *place)
{
    if (self->used_max == self->capacity) {
        int rc = grow(self);
        if (rc < 0)
            return rc;
    }
    *place = self->used_max++;
    self->entries[*place].generation = 1;
    return MIO_OK;
}

int mio_slab_insert(struct mio_slab *self, void *object, mio_key *out)
{
    if (self == NULL || object == NULL || out == NULL)
        return MIO_EINVAL;

    uint32_t place;
    if (self->free_head != 0) {
        place = self->free_head - 1;
        self->free_head = self->entries[place].next_free;
    } else {
        int rc = take_unused(self, &place);
        if (rc < 0)
            return rc;
    }
    self->entries[place].object = object;
    self->count++;
    *out = key_of(place, self->entries[place].generation);
    return MIO_OK;
}

void *mio_slab_get(const struct mio_slab *self, mio_key key)
{
    uint32_t place = place_of(key);
    if (place >= self->used_max)
        return NULL;
    const struct mio_slab_entry *entry = &self->entries[place];
    return entry->generation == (uint32_t)(key >> 32) ? entry->object : NULL;
}

void *mio_slab_remove(struct mio_slab *self, mio_key key)
{
    void *object = mio_slab_get(self, key);
    if (object == NULL)
        return NULL;

    struct mio_slab_entry *entry = &self->entries[place_of(key)];
    entry->object = NULL;
    self->count--;
    entry->generation++;
    /* At 0 the first keys would be valid again: the place is retired. */
    if (entry->generation != 0) {
        entry->next_free = self->free_head;
        self->free_head = place_of(key) + 1;
    }
    return object;
}

uint32_t mio_slab_count(const struct mio_slab *self)
{
    return self->count;
}

bool mio_slab_next(const struct mio_slab *self, uint32_t *cursor, mio_key *key,
                   void **object)
{
    while (*cursor < self->used_max) {
        uint32_t place = (*cursor)++;
        const struct mio_slab_entry *entry = &self->entries[place];
        if (entry->object == NULL)
            continue;
        *key = key_of(place, entry->generation);
        *object = entry->object;
        return true;
    }
    return false;
}
