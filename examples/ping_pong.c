/* SPDX-License-Identifier: MIT
 *
 * examples/ping_pong.c - a client and its server in one loop, in one thread.
 *
 *     ./bazelw run //examples:ping_pong */
#include <stdbool.h>
#include <stdio.h>

#include "net/loop_tcp.h"

enum { DOOR, CLIENT, SERVER };

struct both {
    struct mio_tcp_listener door;
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
    bool is_connected;
    int rounds;
};

static void client_ready(struct both *both, struct mio_event_loop *loop,
                         const struct mio_event *event)
{
    char bytes[4];
    if (!both->is_connected && mio_event_is_writable(event)) {
        int rc = mio_tcp_stream_take_error(&both->client);
        printf("client: %s\n", rc < 0 ? mio_error_text(rc) : "connected");
        both->is_connected = true;
        if (rc < 0 || mio_tcp_stream_write(&both->client, "ping", 4) != 4)
            mio_event_loop_shutdown(loop);
    }
    while (mio_tcp_stream_read(&both->client, bytes, 4) == 4) {
        printf("client: %.4s\n", bytes);
        if (++both->rounds == 3 ||
            mio_tcp_stream_write(&both->client, "ping", 4) != 4)
            mio_event_loop_shutdown(loop);
    }
}

static void server_ready(struct both *both)
{
    char bytes[4];
    while (mio_tcp_stream_read(&both->server, bytes, 4) == 4) {
        printf("server: %.4s\n", bytes);
        if (mio_tcp_stream_write(&both->server, "pong", 4) != 4)
            return;
    }
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct both *both = ctx;
    if (event->token.value == CLIENT)
        client_ready(both, loop, event);
    else if (event->token.value == SERVER)
        server_ready(both);
    else if (mio_tcp_listener_accept(&both->door, &both->server, NULL) < 0 ||
             mio_event_loop_register(loop, &both->server.source,
                                     mio_token_of(SERVER), MIO_READABLE,
                                     MIO_EDGE) < 0)
        mio_event_loop_shutdown(loop);
}

int main(void)
{
    static const struct mio_handler handler = {.ready = ready};
    struct both both = {.door.source.handle = MIO_HANDLE_NONE,
                        .client.source.handle = MIO_HANDLE_NONE,
                        .server.source.handle = MIO_HANDLE_NONE};
    struct mio_address at;
    struct mio_event_loop *loop = NULL;
    int rc;
    if ((rc = mio_address_parse(&at, "127.0.0.1:0")) < 0 ||
        (rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        (rc = mio_loop_tcp_listen(loop, &both.door, &at, NULL,
                                  mio_token_of(DOOR))) < 0 ||
        (rc = mio_tcp_listener_address(&both.door, &at)) < 0 ||
        (rc = mio_loop_tcp_connect(loop, &both.client, &at,
                                   mio_token_of(CLIENT))) < 0 ||
        (rc = mio_event_loop_run(loop, &handler, &both)) < 0)
        fprintf(stderr, "ping_pong: %s\n", mio_error_text(rc));
    mio_tcp_stream_close(&both.server);
    mio_tcp_stream_close(&both.client);
    mio_tcp_listener_close(&both.door);
    mio_event_loop_free(loop);
    return rc < 0 || both.rounds != 3;
}
