/* SPDX-License-Identifier: MIT
 *
 * core_client.c - a program that uses an installed libmiocene-core: a
 * connection to itself, through a poll. C, and C++ as well. */
#include <stdio.h>

#include "mio/core/poll.h"
#include "mio/net/tcp_listener.h"

static int run(struct mio_poll *poll, struct mio_events *events)
{
    struct mio_address at;
    struct mio_tcp_listener door;
    struct mio_tcp_stream guest, host;
    struct mio_event event;
    if (mio_address_parse(&at, "127.0.0.1:0") < 0 ||
        mio_tcp_listener_open(&door, &at, NULL) < 0 ||
        mio_tcp_listener_address(&door, &at) < 0 ||
        mio_poll_register(poll, &door.source, mio_token_of(7), MIO_READABLE,
                          MIO_EDGE) < 0 ||
        mio_tcp_stream_connect(&guest, &at) < 0 ||
        mio_poll_wait(poll, events, MIO_FOREVER) != 1 ||
        !mio_events_next(events, &event) || event.token.value != 7 ||
        mio_tcp_listener_accept(&door, &host, NULL) < 0)
        return 1;
    mio_tcp_stream_close(&host);
    mio_tcp_stream_close(&guest);
    mio_tcp_listener_close(&door);
    puts("a guest came");
    return 0;
}

int main(void)
{
    struct mio_poll *poll = NULL;
    struct mio_events *events = NULL;
    int bad = mio_poll_new(&poll, NULL) < 0 || mio_events_new(&events, 8) < 0 ||
              run(poll, events);
    mio_events_free(events);
    mio_poll_free(poll);
    return bad;
}
