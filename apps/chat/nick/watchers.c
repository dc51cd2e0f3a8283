/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/watchers.c - who wants to know when a nick comes or goes. */
#include "apps/chat/nick/watchers.h"

#include <stdlib.h>
#include <string.h>

#include "core/assert.h"

#define IDS_MIN 4

struct watched {
    uint32_t count;
    uint32_t capacity;
    mio_actor_id *ids;
    uint8_t size;
    char nick[IRC_NICK_MAX];
};

static uint64_t hash_of(const struct chat_watchers *self, struct irc_span nick)
{
    return irc_fold_hash(nick, self->key);
}

static bool has_nick(const void *object, const void *key)
{
    const struct watched *watched = object;
    const struct irc_span *nick = key;

    return irc_fold_equal(irc_span(watched->nick, watched->size), *nick);
}

static struct watched *find(const struct chat_watchers *self,
                            struct irc_span nick)
{
    return chat_table_find(&self->table, hash_of(self, nick), has_nick, &nick);
}

static void free_watched(struct watched *watched)
{
    free(watched->ids);
    free(watched);
}

void chat_watchers_deinit(struct chat_watchers *self)
{
    uint32_t cursor = 0;
    struct watched *each;

    while ((each = chat_table_next(&self->table, &cursor)) != NULL)
        free_watched(each);
    chat_table_deinit(&self->table);
}

static int reserve(struct watched *self)
{
    uint32_t capacity = self->capacity == 0 ? IDS_MIN : 2 * self->capacity;
    mio_actor_id *ids;

    if (self->count < self->capacity)
        return MIO_OK;
    ids = realloc(self->ids, capacity * sizeof(*ids));
    if (ids == NULL)
        return MIO_ENOMEM;
    self->ids = ids;
    self->capacity = capacity;
    return MIO_OK;
}

static struct watched *make(struct chat_watchers *self, struct irc_span nick)
{
    struct watched *watched = calloc(1, sizeof(*watched));

    if (watched == NULL)
        return NULL;
    watched->size = (uint8_t)nick.size;
    memcpy(watched->nick, nick.at, nick.size);
    if (reserve(watched) < 0 ||
        chat_table_insert(&self->table, hash_of(self, nick), watched) < 0) {
        free_watched(watched);
        return NULL;
    }
    return watched;
}

static mio_actor_id *find_id(const struct watched *watched, mio_actor_id id)
{
    for (uint32_t i = 0; i < watched->count; i++)
        if (mio_actor_id_equal(watched->ids[i], id))
            return &watched->ids[i];
    return NULL;
}

int chat_watchers_add(struct chat_watchers *self, struct irc_span nick,
                      mio_actor_id id)
{
    struct watched *watched = find(self, nick);

    MIO_ASSERT(nick.size <= IRC_NICK_MAX);
    if (watched == NULL)
        watched = make(self, nick);
    if (watched == NULL)
        return MIO_ENOMEM;
    if (find_id(watched, id) != NULL)
        return 0;
    int error = reserve(watched);
    if (error < 0)
        return error;
    watched->ids[watched->count++] = id;
    return 1;
}

bool chat_watchers_remove(struct chat_watchers *self, struct irc_span nick,
                          mio_actor_id id)
{
    struct watched *watched = find(self, nick);
    mio_actor_id *found = watched == NULL ? NULL : find_id(watched, id);

    if (found == NULL)
        return false;
    *found = watched->ids[--watched->count];
    if (watched->count > 0)
        return true;
    (void)chat_table_remove(&self->table, hash_of(self, nick), watched);
    free_watched(watched);
    return true;
}

const mio_actor_id *chat_watchers_of(const struct chat_watchers *self,
                                     struct irc_span nick, uint32_t *count)
{
    const struct watched *watched = find(self, nick);

    *count = watched == NULL ? 0 : watched->count;
    return watched == NULL ? NULL : watched->ids;
}
