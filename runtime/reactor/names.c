/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/names.c - see names.h.
 *
 * A bucket is one word: the place of its first entry, and how often an entry
 * was removed from it. An entry is written before it is linked, and not changed
 * while it is. So who finds as many removals after its walk as before it saw a
 * chain that lost nothing meanwhile: what it found was there, what it did not
 * find was not. Otherwise it walks again: then somebody's removal has ended, so
 * all together always get on. */
#include "runtime/reactor/names.h"

#include <ck_pr.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/mailbox/litmus.h"
#include "runtime/sys/thread.h"

/* --- keys ---------------------------------------------------------------- */

static uint32_t hash_words(const uint64_t *words, uint32_t count)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

int mio_name_key_init(struct mio_name_key *self, const char *name)
{
    if (name == NULL || name[0] == '\0')
        return MIO_EINVAL;
    const char *end = memchr(name, '\0', MIO_NAME_SIZE_MAX + 1);
    if (end == NULL)
        return MIO_ENAMETOOLONG;
    size_t size = (size_t)(end - name);
    memset(self->words, 0, sizeof(self->words));
    memcpy(self->words, name, size);
    self->words_count = (uint32_t)size / 8 + 1;
    self->hash = hash_words(self->words, self->words_count);
    return 0;
}

/* --- making -------------------------------------------------------------- */

int mio_names_init(struct mio_names *self, uint32_t names_max)
{
    uint32_t buckets_count = 1;
    while (buckets_count < names_max)
        buckets_count *= 2;
    memset(self, 0, sizeof(*self));
    ck_spinlock_init(&self->lock);
    self->buckets_mask = buckets_count - 1;
    self->entries_max = names_max;
    self->buckets = calloc(buckets_count, sizeof(*self->buckets));
    self->entries = calloc(names_max, sizeof(*self->entries));
    if (self->buckets != NULL && self->entries != NULL)
        return 0;
    mio_names_deinit(self);
    return MIO_ENOMEM;
}

void mio_names_deinit(struct mio_names *self)
{
    free(self->buckets);
    free(self->entries);
    self->buckets = NULL;
    self->entries = NULL;
}

/* --- looking up ---------------------------------------------------------- */

static uint32_t place_of(uint64_t bucket)
{
    return (uint32_t)bucket;
}

static uint32_t removals_of(uint64_t bucket)
{
    return (uint32_t)(bucket >> 32);
}

static uint64_t bucket_of(uint32_t removals, uint32_t place)
{
    return (uint64_t)removals << 32 | place;
}

static bool has_words(const struct mio_name *name,
                      const struct mio_name_key *key)
{
    for (uint32_t i = 0; i < key->words_count; i++) {
        if (ck_pr_load_64(&name->words[i]) != key->words[i])
            return false;
    }
    return true;
}

static const struct mio_name *walk(const struct mio_names *self, uint32_t place,
                                   const struct mio_name_key *key)
{
    while (place != 0) {
        const struct mio_name *name = &self->entries[place - 1];
        MIO_LITMUS_YIELD(MIO_LITMUS_NAMES);
        if (has_words(name, key))
            return name;
        place = ck_pr_load_32(&name->next);
    }
    return NULL;
}

mio_actor_id mio_names_find(const struct mio_names *self,
                            const struct mio_name_key *key)
{
    const uint64_t *bucket = &self->buckets[key->hash & self->buckets_mask];
    for (;;) {
        uint64_t before = ck_pr_load_64(bucket);
        ck_pr_fence_acquire(); /* the entries as they were linked */
        const struct mio_name *name = walk(self, place_of(before), key);
        mio_actor_id id = {name != NULL ? ck_pr_load_64(&name->id) : 0};
        ck_pr_fence_load(); /* all of that, before looking again */
        if (removals_of(ck_pr_load_64(bucket)) == removals_of(before))
            return id;
    }
}

/* --- changing ------------------------------------------------------------ */

#define SPINS 64

/* Held for 50 ns; but who has it may have lost its CPU to us. */
static void lock(ck_spinlock_t *self)
{
    for (uint32_t i = 1; !ck_spinlock_trylock(self); i++) {
        if (i % SPINS == 0)
            mio_thread_yield();
        else
            ck_pr_stall();
    }
}

/* Returns the place of an entry for use; 0: none is left. */
static uint32_t take_entry(struct mio_names *self)
{
    uint32_t place = self->free;
    MIO_ASSERT(self->entries != NULL);
    if (place != 0)
        self->free = self->entries[place - 1].next;
    else if (self->used < self->entries_max)
        place = ++self->used;
    return place;
}

static void link_entry(struct mio_names *self, uint32_t place,
                       const struct mio_name_key *key, mio_actor_id id)
{
    uint64_t *bucket = &self->buckets[key->hash & self->buckets_mask];
    struct mio_name *name = &self->entries[place - 1];
    for (uint32_t i = 0; i < MIO_NAME_WORDS; i++)
        ck_pr_store_64(&name->words[i], key->words[i]);
    ck_pr_store_64(&name->id, id.value);
    ck_pr_store_32(&name->next, place_of(*bucket));
    name->hash = key->hash;
    name->table = self;
    ck_pr_fence_release(); /* the entry before its link */
    ck_pr_store_64(bucket, bucket_of(removals_of(*bucket), place));
}

int mio_names_insert(struct mio_names *self, const struct mio_name_key *key,
                     mio_actor_id id, struct mio_name **out)
{
    int result = 0;
    lock(&self->lock);
    uint32_t place = 0;
    uint64_t bucket = self->buckets[key->hash & self->buckets_mask];
    if (walk(self, place_of(bucket), key) != NULL)
        result = MIO_EEXIST;
    else if ((place = take_entry(self)) == 0)
        result = MIO_EFULL;
    else
        link_entry(self, place, key, id);
    ck_spinlock_unlock(&self->lock);
    if (result == 0)
        *out = &self->entries[place - 1];
    return result;
}

/* Nobody who counts removals from here on can walk over it. */
static void unlink_entry(struct mio_names *self, uint32_t place)
{
    const struct mio_name *name = &self->entries[place - 1];
    uint64_t *bucket = &self->buckets[name->hash & self->buckets_mask];
    uint32_t first = place_of(*bucket);
    if (first == place) {
        first = name->next;
    } else {
        uint32_t before = first;
        while (self->entries[before - 1].next != place) {
            before = self->entries[before - 1].next;
            MIO_ASSERT(before != 0);
        }
        ck_pr_store_32(&self->entries[before - 1].next, name->next);
    }
    ck_pr_fence_store(); /* out of the chain, before it is counted */
    ck_pr_store_64(bucket, bucket_of(removals_of(*bucket) + 1, first));
    ck_pr_fence_store(); /* counted, before it is anything else */
}

void mio_names_remove(struct mio_names *self, struct mio_name *name)
{
    uint32_t place = (uint32_t)(name - self->entries) + 1;
    lock(&self->lock);
    unlink_entry(self, place);
    ck_pr_store_32(&name->next, self->free);
    self->free = place;
    ck_spinlock_unlock(&self->lock);
}
