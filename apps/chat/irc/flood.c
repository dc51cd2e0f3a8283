/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/flood.c - a token bucket: how fast a client may talk. */
#include "apps/chat/irc/flood.h"

#include "apps/chat/irc/limits.h"

#define TOKEN_NS (INT64_C(1000000000) / IRC_FLOOD_PER_SECOND)
#define BUCKET_NS (TOKEN_NS * IRC_FLOOD_BURST)

int64_t irc_flood_take(struct irc_flood *self, int64_t now_ns)
{
    int64_t paid_ns = self->paid_ns > now_ns ? self->paid_ns : now_ns;
    int64_t wait_ns = paid_ns + TOKEN_NS - BUCKET_NS - now_ns;

    if (wait_ns > 0)
        return wait_ns;
    self->paid_ns = paid_ns + TOKEN_NS;
    return 0;
}
