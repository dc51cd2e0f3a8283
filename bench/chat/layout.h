/* SPDX-License-Identifier: MIT
 *
 * bench/chat/layout.h - who is in which channel: client i in channel i mod C.
 *
 * The last `stalled` clients join and then never read; they neither send nor
 * owe us anything. Dealing clients out by turns makes consecutive senders speak
 * in different channels. */
#ifndef BENCH_CHAT_LAYOUT_H
#define BENCH_CHAT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct layout {
    uint32_t clients;
    uint32_t channels;
    uint32_t stalled;
};

/* The clients that send and read. */
static inline uint32_t layout_active(const struct layout *self)
{
    return self->clients - self->stalled;
}

static inline bool layout_is_stalled(const struct layout *self, uint32_t client)
{
    return client >= layout_active(self);
}

static inline uint32_t layout_channel(const struct layout *self,
                                      uint32_t client)
{
    return client % self->channels;
}

/* A client's number within its channel. */
static inline uint32_t layout_member(const struct layout *self, uint32_t client)
{
    return client / self->channels;
}

/* How many active clients the channel has. */
static inline uint32_t layout_members(const struct layout *self,
                                      uint32_t channel)
{
    return (layout_active(self) + self->channels - 1 - channel) /
           self->channels;
}

#endif /* BENCH_CHAT_LAYOUT_H */
