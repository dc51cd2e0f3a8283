/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/home.h - message memory on its way home. Not installed.
 *
 * A message that is freed on another reactor than the one whose slab it came
 * from is collected here, one chain for each home; a chain goes home when it
 * is long, and before its collector sleeps. */
#ifndef MIO_RUNTIME_MAILBOX_HOME_H
#define MIO_RUNTIME_MAILBOX_HOME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/message.h"

/* One push for this many: the swap is a fraction of a nanosecond for each. */
#define MIO_HOMEWARD_MAX 32

/* Where memory arrives: a stack of messages, linked by `next`. The owner takes
 * all at once, so that no message can come back while it is looked at. */
struct mio_home {
    struct mio_message *word;
};

void mio_home_init(struct mio_home *self);

/* Push the chain first..last.                             Thread: any. */
void mio_home_push(struct mio_home *self, struct mio_message *first,
                   struct mio_message *last);

/* Take all that came; NULL if nothing did.                Thread: owner. */
struct mio_message *mio_home_take(struct mio_home *self);

struct mio_homeward_chain {
    struct mio_message *first;
    struct mio_message *last;
    uint32_t count;
    bool is_listed; /* in `used` */
};

/* What one reactor has collected for the others. */
struct mio_homeward {
    struct mio_homeward_chain *chains; /* one for each reactor */
    uint32_t *used;                    /* reactors whose chains were used */
    uint32_t used_count;
};

/* Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_homeward_init(struct mio_homeward *self,
                                    uint32_t reactors_count);
void mio_homeward_deinit(struct mio_homeward *self);

/* Add a message of `message->home`; true: that chain is long, send it. */
bool mio_homeward_add(struct mio_homeward *self, struct mio_message *message);

/* Send one chain to its home; returns how many messages went. */
uint32_t mio_homeward_send(struct mio_homeward *self, uint32_t reactor,
                           struct mio_home *home);

#endif /* MIO_RUNTIME_MAILBOX_HOME_H */
