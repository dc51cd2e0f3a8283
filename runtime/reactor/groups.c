/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/groups.c - see groups.h. */
#include "runtime/reactor/groups.h"

#include <stdlib.h>
#include <string.h>

#include "core/assert.h"

#define BUCKETS_INITIAL 16

void mio_groups_deinit(struct mio_groups *self)
{
    free(self->buckets);
    self->buckets = NULL;
}

static bool has_key(const struct mio_group *group,
                    const struct mio_name_key *key)
{
    return group->key.hash == key->hash &&
           group->key.words_count == key->words_count &&
           memcmp(group->key.words, key->words,
                  key->words_count * sizeof(key->words[0])) == 0;
}

static struct mio_group **bucket_of(const struct mio_groups *self,
                                    uint32_t hash)
{
    return &self->buckets[hash & (self->buckets_count - 1)];
}

struct mio_group *mio_groups_find(const struct mio_groups *self,
                                  const struct mio_name_key *key)
{
    if (self->count == 0)
        return NULL;
    struct mio_group *group = *bucket_of(self, key->hash);
    while (group != NULL && !has_key(group, key))
        group = group->next;
    return group;
}

static void link_group(struct mio_groups *self, struct mio_group *group)
{
    struct mio_group **bucket = bucket_of(self, group->key.hash);
    group->next = *bucket;
    *bucket = group;
}

static void grow(struct mio_groups *self)
{
    struct mio_groups old = *self;
    uint32_t count = old.count == 0 ? BUCKETS_INITIAL : 2 * old.buckets_count;
    struct mio_group **buckets = calloc(count, sizeof(struct mio_group *));
    if (buckets == NULL)
        return;
    self->buckets = buckets;
    self->buckets_count = count;
    for (uint32_t i = 0; i < old.buckets_count; i++) {
        while (old.buckets[i] != NULL) {
            struct mio_group *group = old.buckets[i];
            old.buckets[i] = group->next;
            link_group(self, group);
        }
    }
    free(old.buckets);
}

int mio_groups_add(struct mio_groups *self, struct mio_group *group)
{
    if (self->count == self->buckets_count)
        grow(self);
    if (self->buckets_count == 0)
        return MIO_ENOMEM;
    link_group(self, group);
    self->count++;
    return 0;
}

void mio_groups_remove(struct mio_groups *self, struct mio_group *group)
{
    struct mio_group **link = bucket_of(self, group->key.hash);
    while (*link != group) {
        MIO_ASSERT(*link != NULL);
        link = &(*link)->next;
    }
    *link = group->next;
    self->count--;
}
