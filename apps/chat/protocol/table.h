/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/table.h - hash to object; the objects are the caller's.
 *
 * Open addressing, linear probing, no tombstones: a removal closes the gap. It
 * allocates when it grows and at no other time, so what finds and removes
 * never fails. The hash must be seeded where strangers choose the keys. */
#ifndef MIO_APPS_CHAT_PROTOCOL_TABLE_H
#define MIO_APPS_CHAT_PROTOCOL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"

struct chat_table_entry {
    uint64_t hash;
    void *object; /* NULL: free */
};

/* Zeroed is initialised and empty. */
struct chat_table {
    /* private */
    struct chat_table_entry *entries;
    uint32_t capacity; /* 0 or a power of two */
    uint32_t count;
};

/** Release its memory; it is as new. */
void chat_table_deinit(struct chat_table *self);

/** Make room for one object more than there are.
 *  Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int chat_table_reserve(struct chat_table *self);

/** Put an object in, beside others that have the same hash.
 *  Returns 0 | MIO_ENOMEM (never right after a reserve). */
MIO_NODISCARD int chat_table_insert(struct chat_table *self, uint64_t hash,
                                    void *object);

/** The first object with that hash that `matches` the key; NULL if none. */
void *chat_table_find(const struct chat_table *self, uint64_t hash,
                      bool (*matches)(const void *object, const void *key),
                      const void *key);

/** Take this very object out. False if it is not there. */
bool chat_table_remove(struct chat_table *self, uint64_t hash,
                       const void *object);

/** Iterate: start with *cursor = 0; NULL at the end. Nothing may be put in or
 *  taken out meanwhile. */
void *chat_table_next(const struct chat_table *self, uint32_t *cursor);

/** A hash of a number that nobody chooses. */
static inline uint64_t chat_table_hash(uint64_t number)
{
    number ^= number >> 32;
    number *= UINT64_C(0xD6E8FEB86659FD93);
    return number ^ (number >> 32);
}

#endif /* MIO_APPS_CHAT_PROTOCOL_TABLE_H */
