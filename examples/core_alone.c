/* SPDX-License-Identifier: MIT
 *
 * examples/core_alone.c - poll and sockets, without the runtime: a greeter.
 *
 *     ./bazelw run //examples:core_alone
 *     nc 127.0.0.1 7001 */
#include <stdio.h>

#include "core/poll.h"
#include "net/tcp_listener.h"

int main(int argc, char **argv)
{
    struct mio_address at;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_event event;
    struct mio_tcp_listener door;
    struct mio_tcp_stream guest;
    if (mio_address_parse(&at, argc > 1 ? argv[1] : "127.0.0.1:7001") < 0 ||
        mio_poll_new(&poll, NULL) < 0 || mio_events_new(&events, 64) < 0 ||
        mio_tcp_listener_open(&door, &at, NULL) < 0 ||
        mio_poll_register(poll, &door.source, mio_token_of(1), MIO_READABLE,
                          MIO_EDGE) < 0)
        return 1;
    while (mio_poll_wait(poll, events, MIO_FOREVER) >= 0)
        while (mio_events_next(events, &event))
            while (mio_tcp_listener_accept(&door, &guest, NULL) == MIO_OK) {
                if (mio_tcp_stream_write(&guest, "hello\n", 6) < 0)
                    puts("a guest was gone before we could greet");
                mio_tcp_stream_close(&guest);
            }
    return 1;
}
