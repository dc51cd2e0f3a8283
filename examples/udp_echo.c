/* SPDX-License-Identifier: MIT
 *
 * examples/udp_echo.c - datagrams: one socket serves every peer. Each goes back
 * to where it came from, whole, or not at all.
 *
 *     ./bazelw run //examples:udp_echo
 *     nc -u 127.0.0.1 7005 */
#include <stdio.h>

#include "core/poll.h"
#include "net/udp_socket.h"

/* Returns MIO_EAGAIN: more may come. Anything else is the end. */
static int64_t echo(struct mio_udp_socket *socket)
{
    static char bytes[65536]; /* no datagram is longer */
    struct mio_address from;
    int64_t size;
    while ((size = mio_udp_socket_recv_from(socket, bytes, sizeof(bytes),
                                            &from)) >= 0) {
        int64_t sent =
            mio_udp_socket_send_to(socket, bytes, (size_t)size, &from);
        /* UDP may lose datagrams, so may we: better than to keep the next peer
         * waiting for this one. */
        if (sent < 0)
            fprintf(stderr, "one is lost: %s\n", mio_error_text((int)sent));
    }
    return size;
}

int main(int argc, char **argv)
{
    const char *place = argc > 1 ? argv[1] : "127.0.0.1:7005";
    struct mio_address at;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_event event;
    struct mio_udp_socket socket;
    int64_t rc;
    if ((rc = mio_address_parse(&at, place)) == MIO_OK &&
        (rc = mio_poll_new(&poll, NULL)) == MIO_OK &&
        (rc = mio_events_new(&events, 1)) == MIO_OK &&
        (rc = mio_udp_socket_open(&socket, &at, NULL)) == MIO_OK &&
        (rc = mio_poll_register(poll, &socket.source, mio_token_of(0),
                                MIO_READABLE, MIO_EDGE)) == MIO_OK)
        while (rc >= 0 || rc == MIO_EAGAIN || rc == MIO_EINTR) {
            rc = mio_poll_wait(poll, events, MIO_FOREVER);
            while (mio_events_next(events, &event))
                rc = echo(&socket);
        }
    fprintf(stderr, "%s: %s\n", place, mio_error_text((int)rc));
    return 1;
}
