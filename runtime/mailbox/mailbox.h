/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/mailbox.h - what other reactors see of a reactor. Not
 * installed.
 *
 * All that one reactor may touch of another: the word for mail, the word for
 * memory that comes home, the bell. Each word has a cache line of its own. */
#ifndef MIO_RUNTIME_MAILBOX_MAILBOX_H
#define MIO_RUNTIME_MAILBOX_MAILBOX_H

#include <stdint.h>

#include "runtime/mailbox/home.h"
#include "runtime/mailbox/inbox.h"
#include "runtime/waker/bell.h"

#define MIO_CACHE_LINE 64

struct mio_mailbox {
    _Alignas(MIO_CACHE_LINE) struct mio_inbox inbox;
    _Alignas(MIO_CACHE_LINE) struct mio_home home;
    _Alignas(MIO_CACHE_LINE) struct mio_bell bell;
    /* How many actors here are full; their slots say which. */
    _Alignas(MIO_CACHE_LINE) uint64_t full_count;
    /* Messages that threads which are no reactors have sent here, ever. */
    _Alignas(MIO_CACHE_LINE) uint64_t outside_sent;
};

#endif /* MIO_RUNTIME_MAILBOX_MAILBOX_H */
