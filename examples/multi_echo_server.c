/* SPDX-License-Identifier: MIT
 *
 * examples/multi_echo_server.c - a slab of connections, each with a queue of
 * what it still has to be sent; an error resets that connection alone.
 *
 *     ./bazelw run //examples:multi_echo_server
 *     nc 127.0.0.1 7004 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buffer.h"
#include "net/loop_tcp.h"

#define DOOR UINT64_C(0) /* never a key of the slab */
#define CONNECTIONS_MAX 1024
#define QUEUE_MAX 65536 /* until it drains, we do not read more */
#define READ_SIZE 4096

struct connection {
    struct mio_tcp_stream stream;
    struct mio_buffer queue;
    bool ended; /* the peer has said all it had to say */
};

struct server {
    struct mio_tcp_listener door;
    struct mio_slab connections;
};

static void end(struct server *server, mio_key key, bool reset)
{
    struct connection *c = mio_slab_remove(&server->connections, key);
    if (reset)
        (void)mio_tcp_stream_set_reset_on_close(&c->stream, true);
    mio_tcp_stream_close(&c->stream);
    mio_buffer_deinit(&c->queue);
    free(c);
}

static uint32_t interest_of(const struct connection *c)
{
    size_t queued = mio_buffer_size(&c->queue);
    bool reads = !c->ended && queued + READ_SIZE <= QUEUE_MAX;
    return (reads ? MIO_READABLE : 0) | (queued > 0 ? MIO_WRITABLE : 0);
}

/* These two return a count, or MIO_EAGAIN, or what ended the connection. */
static int64_t take(struct connection *c)
{
    uint8_t *room;
    int64_t rc = mio_buffer_reserve(&c->queue, READ_SIZE, &room);
    if (rc < 0)
        return rc;
    rc = mio_tcp_stream_read(&c->stream, room, READ_SIZE);
    c->ended = rc == 0;
    if (rc > 0)
        mio_buffer_commit(&c->queue, (size_t)rc);
    return rc;
}

static int64_t give(struct connection *c)
{
    if (mio_buffer_size(&c->queue) == 0)
        return 0;
    int64_t rc = mio_tcp_stream_write(&c->stream, mio_buffer_data(&c->queue),
                                      mio_buffer_size(&c->queue));
    if (rc > 0)
        mio_buffer_consume(&c->queue, (size_t)rc);
    return rc;
}

static void enter(struct server *server, struct mio_event_loop *loop,
                  struct mio_tcp_stream *stream)
{
    mio_key key;
    struct connection *c = malloc(sizeof(*c));
    if (c == NULL || mio_slab_insert(&server->connections, c, &key) < 0) {
        mio_tcp_stream_close(stream); /* as many as we can serve are here */
        free(c);
        return;
    }
    *c = (struct connection){.stream = *stream};
    mio_buffer_init(&c->queue, QUEUE_MAX);
    if (mio_event_loop_register(loop, &c->stream.source, mio_token_of(key),
                                MIO_READABLE, MIO_EDGE | MIO_ONESHOT) < 0)
        end(server, key, true);
}

/* One event at a time: after each, say what we wait for now. */
static void serve(struct server *server, struct mio_event_loop *loop,
                  mio_key key)
{
    struct connection *c = mio_slab_get(&server->connections, key);
    int64_t rc = interest_of(c) & MIO_READABLE ? take(c) : MIO_OK;
    if (rc >= 0 || rc == MIO_EAGAIN)
        rc = give(c);
    uint32_t interest = interest_of(c);
    if ((rc >= 0 || rc == MIO_EAGAIN) && interest != 0)
        rc = mio_event_loop_reregister(loop, &c->stream.source,
                                       mio_token_of(key), interest,
                                       MIO_EDGE | MIO_ONESHOT);
    if (rc < 0 || interest == 0)
        end(server, key, rc < 0);
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct server *server = ctx;
    struct mio_tcp_stream stream;
    if (event->token.value != DOOR)
        serve(server, loop, event->token.value);
    else
        while (mio_tcp_listener_accept(&server->door, &stream, NULL) == MIO_OK)
            enter(server, loop, &stream);
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {.ready = ready};
    const char *place = argc > 1 ? argv[1] : "127.0.0.1:7004";
    struct server server;
    struct mio_address at;
    struct mio_event_loop *loop;
    int rc;
    if ((rc = mio_address_parse(&at, place)) < 0 ||
        (rc = mio_slab_init(&server.connections, CONNECTIONS_MAX,
                            CONNECTIONS_MAX)) < 0 ||
        (rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        (rc = mio_loop_tcp_listen(loop, &server.door, &at, NULL,
                                  mio_token_of(DOOR))) < 0 ||
        (rc = mio_event_loop_run(loop, &handler, &server)) < 0)
        fprintf(stderr, "%s: %s\n", place, mio_error_text(rc));
    return rc < 0;
}
