/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/hosts.h - how many connections an address has, on all
 * reactors.
 *
 * A sketch, not a table: four rows of counters, each address in one place of
 * each, its count being the smallest of the four. It never says too few; that
 * it says too many takes four collisions at once. No lock, no memory that
 * grows, and nothing to look up when somebody leaves. */
#ifndef MIO_APPS_CHAT_SESSION_HOSTS_H
#define MIO_APPS_CHAT_SESSION_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#define CHAT_HOSTS_ROWS 4
#define CHAT_HOSTS_COLUMNS                                                     \
    65536 /* with 10,000 addresses, one in 2,000 shares                        \
             its place in all four rows */

/* Zeroed is empty. */
struct chat_hosts {
    uint32_t counts[CHAT_HOSTS_ROWS][CHAT_HOSTS_COLUMNS];
};

/** One connection more of the address with this hash, unless it has `max`
 *  already.                                                Thread: any. */
bool chat_hosts_admit(struct chat_hosts *self, uint64_t hash, uint32_t max);

/** One fewer of an admitted one.                           Thread: any. */
void chat_hosts_dismiss(struct chat_hosts *self, uint64_t hash);

#endif /* MIO_APPS_CHAT_SESSION_HOSTS_H */
