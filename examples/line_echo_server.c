/* SPDX-License-Identifier: MIT
 *
 * examples/line_echo_server.c - whole lines come back; too long a line ends its
 * client, and no other. */
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

/* Returns 0 | MIO_EMSGSIZE (too long) | another reason to part. */
static int64_t echo_lines(struct guest *guest)
{
    struct mio_frame line;
    int64_t rc;
    while ((rc = mio_line_framing_next(
                &guest->framing, mio_buffer_data(&guest->in),
                mio_buffer_size(&guest->in), &line)) > 0) {
        /* Who does not read what we say is not worth waiting for. */
        rc = mio_tcp_stream_write(&guest->stream, line.bytes, line.used);
        if (rc != (int64_t)line.used)
            return MIO_EFULL;
        mio_buffer_consume(&guest->in, line.used);
    }
    return rc;
}

/* Returns MIO_EAGAIN: more may come. Anything else is the end. */
static int64_t serve(struct guest *guest)
{
    uint8_t *room;
    int64_t rc;
    while ((rc = mio_buffer_reserve(&guest->in, 1, &room)) == MIO_OK) {
        int64_t size = mio_tcp_stream_read(&guest->stream, room,
                                           mio_buffer_room(&guest->in));
        if (size <= 0)
            return size;
        mio_buffer_commit(&guest->in, (size_t)size);
        if ((rc = echo_lines(guest)) < 0)
            return rc;
    }
    return rc;
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
    struct mio_address at;
    struct mio_event_loop *loop;
    struct mio_tcp_listener door;
    if (mio_address_parse(&at, argc > 1 ? argv[1] : "127.0.0.1:7003") < 0 ||
        mio_event_loop_new(&loop, NULL) < 0 ||
        mio_loop_tcp_listen(loop, &door, &at, NULL, mio_token_of(DOOR)) < 0)
        return 1;
    return mio_event_loop_run(loop, &handler, &door) < 0;
}
