/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/server.c - what every actor of the chat knows. */
#include "apps/chat/protocol/server.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

static int make_arrays(struct chat_server *self)
{
    size_t count = self->reactors_count;

    self->directories = calloc(count, sizeof(*self->directories));
    self->nicks = calloc(count, sizeof(*self->nicks));
    self->hubs = calloc(count, sizeof(*self->hubs));
    self->counts =
        aligned_alloc(CHAT_COUNTS_ALIGNMENT, count * sizeof(*self->counts));
    if (self->directories == NULL || self->nicks == NULL ||
        self->hubs == NULL || self->counts == NULL)
        return MIO_ENOMEM;
    memset(self->counts, 0, count * sizeof(*self->counts));
    return MIO_OK;
}

static int make_keys(struct chat_server *self)
{
    int directory_key = mio_runtime_local_key(self->runtime);
    int hub_key = mio_runtime_local_key(self->runtime);

    if (directory_key < 0 || hub_key < 0)
        return MIO_EFULL;
    self->directory_key = (uint32_t)directory_key;
    self->hub_key = (uint32_t)hub_key;
    return MIO_OK;
}

_Static_assert(sizeof(struct chat_counts) % CHAT_COUNTS_ALIGNMENT == 0,
               "no two reactors write to one cache line");

int chat_server_init(struct chat_server *self)
{
    self->reactors_count = mio_runtime_reactors_count(self->runtime);
    self->started_ns = mio_clock_realtime_ns();
    if (self->channels_max == 0)
        self->channels_max = IRC_CHANNELS_MAX;
    if (self->bans_max == 0)
        self->bans_max = IRC_BANS_MAX;

    int rc = make_arrays(self);
    if (rc == MIO_OK)
        rc = make_keys(self);
    if (rc < 0)
        chat_server_deinit(self);
    return rc;
}

void chat_server_deinit(struct chat_server *self)
{
    free(self->directories);
    free(self->nicks);
    free(self->hubs);
    free(self->counts);
    self->directories = NULL;
    self->nicks = NULL;
    self->hubs = NULL;
    self->counts = NULL;
}

/* The low bits choose the place in a table, so the reactor is chosen by the
 * high ones: else each table would use only every n-th place. */
static uint32_t reactor_of(const struct chat_server *self, struct irc_span name)
{
    uint64_t hash = irc_fold_hash(name, self->key);

    return (uint32_t)((hash >> 32) % self->reactors_count);
}

mio_actor_id chat_server_directory(const struct chat_server *self,
                                   struct irc_span channel)
{
    return self->directories[reactor_of(self, channel)];
}

mio_actor_id chat_server_nicks(const struct chat_server *self,
                               struct irc_span nick)
{
    return self->nicks[reactor_of(self, nick)];
}

void chat_counts_sum(const struct chat_server *server, struct chat_counts *out)
{
    *out = (struct chat_counts){0};
    for (uint32_t i = 0; i < server->reactors_count; i++) {
        const struct chat_counts *each = &server->counts[i];
#define CHAT_COUNTS_ADD(name, text) out->name += chat_count_get(&each->name);
        CHAT_COUNTS_MAP(CHAT_COUNTS_ADD)
#undef CHAT_COUNTS_ADD
    }
}
