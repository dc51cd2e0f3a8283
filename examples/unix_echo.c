/* SPDX-License-Identifier: MIT
 *
 * examples/unix_echo.c - a server at a path, which is a file: taken over from
 * who left it behind, and removed in the end.
 *
 *     ./bazelw run //examples:unix_echo
 *     nc -U /tmp/unix_echo.sock */
#include <stdio.h>
#include <stdlib.h>

#include "core/event_loop.h"
#include "net/unix_listener.h"

/* A guest's token is its address; this one is the listener's. */
#define DOOR UINT64_C(0)

static void enter(struct mio_event_loop *loop, struct mio_unix_stream *accepted)
{
    struct mio_unix_stream *guest = malloc(sizeof(*guest));
    if (guest == NULL) {
        mio_unix_stream_close(accepted);
        return;
    }
    *guest = *accepted; /* it is registered only where it stays */
    if (mio_event_loop_register(loop, &guest->source, mio_token_of_ptr(guest),
                                MIO_READABLE | MIO_WRITABLE, MIO_EDGE) < 0) {
        mio_unix_stream_close(guest);
        free(guest);
    }
}

/* What cannot be written yet is not read yet either: it stays in the socket,
 * and who does not listen has to wait. Returns MIO_EAGAIN: more may come or go.
 * Anything else is the end. */
static int64_t echo(struct mio_unix_stream *guest)
{
    char bytes[4096];
    int64_t size;
    while ((size = mio_unix_stream_peek(guest, bytes, sizeof(bytes))) > 0 &&
           (size = mio_unix_stream_write(guest, bytes, (size_t)size)) > 0)
        if (mio_unix_stream_read(guest, bytes, (size_t)size) != size)
            return MIO_EIO;
    return size;
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct mio_unix_stream accepted;
    struct mio_unix_stream *guest = mio_token_ptr(event->token);
    if (event->token.value == DOOR) {
        while (mio_unix_listener_accept(ctx, &accepted, NULL) == MIO_OK)
            enter(loop, &accepted);
    } else if (echo(guest) != MIO_EAGAIN) {
        mio_unix_stream_close(guest);
        free(guest);
    }
}

static void stop(void *ctx, struct mio_event_loop *loop, enum mio_signal which)
{
    (void)ctx, (void)which;
    mio_event_loop_shutdown(loop);
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {.ready = ready, .signal = stop};
    const char *place = argc > 1 ? argv[1] : "unix:/tmp/unix_echo.sock";
    struct mio_unix_listen_options options = {.unlink_on_close = true};
    struct mio_unix_listener door = {.source.handle = MIO_HANDLE_NONE};
    struct mio_event_loop *loop = NULL;
    struct mio_address at;
    int rc;
    if ((rc = mio_address_parse(&at, place)) < 0 ||
        (rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        (rc = mio_event_loop_watch_signal(loop, MIO_SIGNAL_INTERRUPT)) < 0 ||
        ((rc = mio_unix_listener_remove_stale(&at)) < 0 && rc != MIO_ENOENT &&
         rc != MIO_EINVAL /* an abstract name */) ||
        (rc = mio_unix_listener_open(&door, &at, &options)) < 0 ||
        (rc = mio_event_loop_register(loop, &door.source, mio_token_of(DOOR),
                                      MIO_READABLE, MIO_EDGE)) < 0 ||
        (rc = mio_event_loop_run(loop, &handler, &door)) < 0)
        fprintf(stderr, "%s: %s\n", place, mio_error_text(rc));
    mio_unix_listener_close(&door); /* guests end with the process */
    mio_event_loop_free(loop);
    return rc < 0;
}
