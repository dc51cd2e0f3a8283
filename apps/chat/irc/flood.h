/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/flood.h - a token bucket: how fast a client may talk.
 *
 * So many lines at once, so many a second in the long run. Who is over it is
 * not punished: his next line is read later. */
#ifndef MIO_APPS_CHAT_IRC_FLOOD_H
#define MIO_APPS_CHAT_IRC_FLOOD_H

#include <stdint.h>

/** One per client. Zeroed is a full bucket. */
struct irc_flood {
    /* private */
    int64_t paid_ns; /* when the bucket will be full again */
};

/** Take a token at the time now_ns (monotonic, not before an earlier call's)
 *  from a bucket of `burst` that `rate` fill in a second, 1..1,000,000 each.
 *  Returns 0, or in how many nanoseconds there will be one: then nothing was
 *  taken. */
int64_t irc_flood_take(struct irc_flood *self, uint32_t burst, uint32_t rate,
                       int64_t now_ns);

#endif /* MIO_APPS_CHAT_IRC_FLOOD_H */
