/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/flood.c - a token bucket: how fast a client may talk. */
#include "apps/chat/irc/flood.h"

int64_t irc_flood_take(struct irc_flood *self, uint32_t burst, uint32_t rate,
                       int64_t now_ns)
{
    int64_t token_ns = INT64_C(1000000000) / rate;
    int64_t paid_ns = self->paid_ns > now_ns ? self->paid_ns : now_ns;
    int64_t wait_ns = paid_ns + token_ns - token_ns * burst - now_ns;

    if (wait_ns > 0)
        return wait_ns;
    self->paid_ns = paid_ns + token_ns;
    return 0;
}
