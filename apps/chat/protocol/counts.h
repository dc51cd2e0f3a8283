/* SPDX-License-Identifier: MIT
 *
 * apps/chat/protocol/counts.h - how many of what there are, and what was done,
 * counted by each reactor for itself.
 *
 * Each value is written by its own reactor only and may be read by any thread:
 * LUSERS adds them up without asking anybody. Who learned of a change through
 * a message or a socket reads a value that has it. */
#ifndef MIO_APPS_CHAT_PROTOCOL_COUNTS_H
#define MIO_APPS_CHAT_PROTOCOL_COUNTS_H

#include <stdint.h>

/* X(name, what it counts). The first ones rise and fall, the others grow. */
#define CHAT_COUNTS_MAP(X)                                                     \
    X(connections, "connections open")                                         \
    X(users, "registered users")                                               \
    X(invisible, "of these, with mode +i")                                     \
    X(operators, "of these, with mode +o")                                     \
    X(channels, "channels owned here")                                         \
    X(nicks, "nicks owned here")                                               \
    X(watches, "who is watched by whom (MONITOR), nicks owned here")           \
    X(messages, "messages accepted by channels owned here")                    \
    X(posts, "posts sent to hubs for all that happened in channels")           \
    X(message_posts, "of these, for messages: at most one per reactor")        \
    X(posts_taken, "posts that the hub fanned out")                            \
    X(deliveries, "lines put into a client's queue from a shared buffer")      \
    X(events, "NICK, QUIT and the like that the hub fanned out")               \
    X(tells, "messages from user to user delivered here")                      \
    X(lost, "what could not be sent for want of memory")

/* Cache lines of its own for each reactor's counts, of which the processor
 * fetches two at once. The size says so and not the type's alignment, which
 * sanitizers do not keep for variables: who allocates the array aligns it. */
#define CHAT_COUNTS_ALIGNMENT 128

struct chat_counts {
#define CHAT_COUNT_FIELD(name, text) uint64_t name;
    CHAT_COUNTS_MAP(CHAT_COUNT_FIELD)
#undef CHAT_COUNT_FIELD
#define CHAT_COUNT_ONE(name, text) +1
    uint64_t unused[16 - (0 CHAT_COUNTS_MAP(CHAT_COUNT_ONE)) % 16];
#undef CHAT_COUNT_ONE
};

/** Add to one of this reactor's own values. */
static inline void chat_count(uint64_t *value, int64_t difference)
{
    /* One writer: a plain read, and a store that readers see whole. */
    __atomic_store_n(value, *value + (uint64_t)difference, __ATOMIC_RELAXED);
}

/** Read a value of any reactor. */
static inline uint64_t chat_count_get(const uint64_t *value)
{
    return __atomic_load_n(value, __ATOMIC_RELAXED);
}

struct chat_server;

/** The sums over all reactors.                                Thread: any. */
void chat_counts_sum(const struct chat_server *server, struct chat_counts *out);

#endif /* MIO_APPS_CHAT_PROTOCOL_COUNTS_H */
