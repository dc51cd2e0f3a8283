/* SPDX-License-Identifier: MIT
 *
 * examples/pong_server.c - accept, read, answer: each line with "pong".
 *
 *     ./bazelw run //examples:pong_server
 *     nc 127.0.0.1 7002 */
#include <stdio.h>
#include <stdlib.h>

#include "net/loop_tcp.h"

/* A guest's token is its address; this one is the listener's. */
#define DOOR UINT64_C(0)

static void accept_guests(struct mio_tcp_listener *door,
                          struct mio_event_loop *loop)
{
    struct mio_tcp_stream accepted;
    while (mio_tcp_listener_accept(door, &accepted, NULL) == MIO_OK) {
        struct mio_tcp_stream *guest = malloc(sizeof(*guest));
        if (guest == NULL) {
            mio_tcp_stream_close(&accepted);
            continue;
        }
        *guest = accepted; /* it is registered only where it stays */
        if (mio_event_loop_register(loop, &guest->source,
                                    mio_token_of_ptr(guest), MIO_READABLE,
                                    MIO_EDGE) < 0) {
            mio_tcp_stream_close(guest);
            free(guest);
        }
    }
}

/* Returns MIO_EAGAIN: more may come. Anything else is the end. */
static int64_t answer(struct mio_tcp_stream *guest)
{
    char bytes[256];
    int64_t size;
    while ((size = mio_tcp_stream_read(guest, bytes, sizeof(bytes))) > 0)
        for (int64_t i = 0; i < size; i++)
            /* Who does not read what we say is not worth waiting for. */
            if (bytes[i] == '\n' &&
                mio_tcp_stream_write(guest, "pong\n", 5) != 5)
                return MIO_EFULL;
    return size;
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    if (event->token.value == DOOR) {
        accept_guests(ctx, loop);
        return;
    }
    struct mio_tcp_stream *guest = mio_token_ptr(event->token);
    if (answer(guest) != MIO_EAGAIN) {
        mio_tcp_stream_close(guest);
        free(guest);
    }
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {.ready = ready};
    const char *place = argc > 1 ? argv[1] : "127.0.0.1:7002";
    struct mio_address at;
    struct mio_event_loop *loop;
    struct mio_tcp_listener door;
    int rc;
    if ((rc = mio_address_parse(&at, place)) < 0 ||
        (rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        (rc = mio_loop_tcp_listen(loop, &door, &at, NULL, mio_token_of(DOOR))) <
            0 ||
        (rc = mio_event_loop_run(loop, &handler, &door)) < 0)
        fprintf(stderr, "%s: %s\n", place, mio_error_text(rc));
    return rc < 0;
}
