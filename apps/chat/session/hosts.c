/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/hosts.c - how many connections an address has. */
#include "apps/chat/session/hosts.h"

/* 16 bits of the hash for each row. */
static uint32_t *place(struct chat_hosts *self, uint64_t hash, unsigned row)
{
    return &self->counts[row][(hash >> (16 * row)) % CHAT_HOSTS_COLUMNS];
}

void chat_hosts_dismiss(struct chat_hosts *self, uint64_t hash)
{
    for (unsigned row = 0; row < CHAT_HOSTS_ROWS; row++)
        __atomic_fetch_sub(place(self, hash, row), 1, __ATOMIC_RELAXED);
}

bool chat_hosts_admit(struct chat_hosts *self, uint64_t hash, uint32_t max)
{
    uint32_t least = UINT32_MAX;

    /* Counted first and asked then, so that two at once never both slip in. */
    for (unsigned row = 0; row < CHAT_HOSTS_ROWS; row++) {
        uint32_t count =
            __atomic_add_fetch(place(self, hash, row), 1, __ATOMIC_RELAXED);
        least = count < least ? count : least;
    }
    if (least <= max)
        return true;
    chat_hosts_dismiss(self, hash);
    return false;
}
