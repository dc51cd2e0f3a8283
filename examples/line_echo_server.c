/* SPDX-License-Identifier: MIT
 *
 * examples/line_echo_server.c - whole lines come back; too long a line ends its
 * client, and no other.
 *
 *     ./bazelw run //examples:line_echo_server
 *     nc 127.0.0.1 7003 */
#include <stdio.h>
#include <stdlib.h>

#include "core/framing.h"
#include "net/loop_tcp.h"

#define DOOR UINT64_C(0)
#define LINE_MAX_SIZE 256

struct guest {
    struct mio_tcp_stream stream;
    struct mio_line_framing framing;
    struct mio_buffer in;
};

static void leave(struct guest *guest)
{
    mio_tcp_stream_close(&guest->stream);
    mio_buffer_deinit(&guest->in);
    free(guest);
}

static void enter(struct mio_event_loop *loop, struct mio_tcp_stream *stream)
{
    struct guest *guest = malloc(sizeof(*guest));
    if (guest == NULL) {
        mio_tcp_stream_close(stream);
        return;
    }
    guest->stream = *stream;
    mio_line_framing_init(&guest->framing, LINE_MAX_SIZE);
    mio_buffer_init(&guest->in, LINE_MAX_SIZE + 2); /* and CR, LF */
    if (mio_event_loop_register(loop, &guest->stream.source,
                                mio_token_of_ptr(guest), MIO_READABLE,
                                MIO_EDGE) < 0)
        leave(guest);
}

/* Returns MIO_EAGAIN: more may come. Anything else is the end, as MIO_EMSGSIZE:
 * too long a line. */
static int64_t serve(struct guest *guest)
{
    struct mio_frame line;
    uint8_t *room;
    int64_t rc;
    for (;;) {
        while ((rc = mio_line_framing_next(
                    &guest->framing, mio_buffer_data(&guest->in),
                    mio_buffer_size(&guest->in), &line)) > 0) {
            /* Who does not read what we say is not worth waiting for. */
            if (mio_tcp_stream_write(&guest->stream, line.bytes, line.used) !=
                (int64_t)line.used)
                return MIO_EFULL;
            mio_buffer_consume(&guest->in, line.used);
        }
        if (rc < 0 || (rc = mio_buffer_reserve(&guest->in, 1, &room)) < 0 ||
            (rc = mio_tcp_stream_read(&guest->stream, room,
                                      mio_buffer_room(&guest->in))) <= 0)
            return rc;
        mio_buffer_commit(&guest->in, (size_t)rc);
    }
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct mio_tcp_stream stream;
    if (event->token.value == DOOR)
        while (mio_tcp_listener_accept(ctx, &stream, NULL) == MIO_OK)
            enter(loop, &stream);
    else if (serve(mio_token_ptr(event->token)) != MIO_EAGAIN)
        leave(mio_token_ptr(event->token));
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {.ready = ready};
    const char *place = argc > 1 ? argv[1] : "127.0.0.1:7003";
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
