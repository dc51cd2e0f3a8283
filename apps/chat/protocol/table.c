/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/table.c - hash to object; the objects are the caller's. */
#include "apps/chat/protocol/table.h"

#include <stdlib.h>

#include "core/assert.h"

#define CAPACITY_MIN 8

void chat_table_deinit(struct chat_table *self)
{
    free(self->entries);
    *self = (struct chat_table){0};
}

/* Where the search for a hash begins. */
static uint32_t home_of(const struct chat_table *self, uint64_t hash)
{
    return (uint32_t)hash & (self->capacity - 1);
}

static uint32_t after(const struct chat_table *self, uint32_t index)
{
    return (index + 1) & (self->capacity - 1);
}

static void put(struct chat_table *self, uint64_t hash, void *object)
{
    uint32_t index = home_of(self, hash);

    while (self->entries[index].object != NULL)
        index = after(self, index);
    self->entries[index] = (struct chat_table_entry){hash, object};
}

static int grow(struct chat_table *self, uint32_t capacity)
{
    struct chat_table old = *self;
    struct chat_table_entry *entries = calloc(capacity, sizeof(*entries));

    if (entries == NULL)
        return MIO_ENOMEM;
    self->entries = entries;
    self->capacity = capacity;
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.entries[i].object != NULL)
            put(self, old.entries[i].hash, old.entries[i].object);
    free(old.entries);
    return MIO_OK;
}

int chat_table_reserve(struct chat_table *self)
{
    if (self->capacity == 0)
        return grow(self, CAPACITY_MIN);
    /* At most three quarters full: a search that fails then looks at eight
     * entries on average, and always finds a free one. */
    if (self->count < self->capacity / 4 * 3)
        return MIO_OK;
    return self->capacity > UINT32_MAX / 2 ? MIO_ENOMEM
                                           : grow(self, 2 * self->capacity);
}

int chat_table_insert(struct chat_table *self, uint64_t hash, void *object)
{
    MIO_ASSERT(object != NULL);

    int rc = chat_table_reserve(self);
    if (rc < 0)
        return rc;
    put(self, hash, object);
    self->count++;
    return MIO_OK;
}

void *chat_table_find(const struct chat_table *self, uint64_t hash,
                      bool (*matches)(const void *object, const void *key),
                      const void *key)
{
    if (self->count == 0)
        return NULL;

    uint32_t index = home_of(self, hash);
    for (; self->entries[index].object != NULL; index = after(self, index)) {
        const struct chat_table_entry *entry = &self->entries[index];
        if (entry->hash == hash && matches(entry->object, key))
            return entry->object;
    }
    return NULL;
}

/* Is `home` in the circular range (gap, index]? Then the entry at index may
 * stay where it is although the place `gap` becomes free. */
static bool may_stay(uint32_t home, uint32_t gap, uint32_t index)
{
    return gap <= index ? gap < home && home <= index
                        : gap < home || home <= index;
}

static void close_gap(struct chat_table *self, uint32_t gap)
{
    uint32_t index = after(self, gap);

    for (; self->entries[index].object != NULL; index = after(self, index)) {
        if (may_stay(home_of(self, self->entries[index].hash), gap, index))
            continue;
        self->entries[gap] = self->entries[index];
        gap = index;
    }
    self->entries[gap].object = NULL;
}

bool chat_table_remove(struct chat_table *self, uint64_t hash,
                       const void *object)
{
    if (self->count == 0)
        return false;

    uint32_t index = home_of(self, hash);
    while (self->entries[index].object != object) {
        if (self->entries[index].object == NULL)
            return false;
        index = after(self, index);
    }
    close_gap(self, index);
    self->count--;
    return true;
}

void *chat_table_next(const struct chat_table *self, uint32_t *cursor)
{
    while (*cursor < self->capacity) {
        void *object = self->entries[(*cursor)++].object;
        if (object != NULL)
            return object;
    }
    return NULL;
}
