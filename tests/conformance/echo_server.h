/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/echo_server.h - a server that sends back what it gets, in
 * an event loop: its connections are in a slab, edge-triggered and oneshot. */
#ifndef MIO_TESTS_CONFORMANCE_ECHO_SERVER_H
#define MIO_TESTS_CONFORMANCE_ECHO_SERVER_H

#include "core/buffer.h"
#include "core/event_loop.h"
#include "core/slab.h"
#include "net/tcp_listener.h"
#include "net/unix_listener.h"
#include "tests/conformance/conformance.h"

#define ECHO_DOOR UINT64_C(0) /* no key of a slab is so small */
#define ECHO_PEERS_MAX 4
#define ECHO_READ_SIZE 65536

/* One end of a connection, TCP or Unix, and what it has still to write. */
struct echo_peer {
    bool is_unix;
    struct mio_tcp_stream tcp;
    struct mio_unix_stream local;
    struct mio_buffer out;
};

struct echo_server {
    struct mio_event_loop *loop;
    bool is_unix;
    struct mio_tcp_listener tcp;
    struct mio_unix_listener local;
    struct mio_slab peers;
};

static inline void echo_peer_init(struct echo_peer *self, bool is_unix)
{
    self->is_unix = is_unix;
    mio_buffer_init(&self->out, SIZE_MAX);
}

static inline void echo_peer_close(struct echo_peer *self)
{
    if (self->is_unix)
        mio_unix_stream_close(&self->local);
    else
        mio_tcp_stream_close(&self->tcp);
    mio_buffer_deinit(&self->out);
}

static inline struct mio_source *echo_peer_source(struct echo_peer *self)
{
    return self->is_unix ? &self->local.source : &self->tcp.source;
}

static inline int64_t echo_peer_read(struct echo_peer *self, void *bytes,
                                     size_t size)
{
    return self->is_unix ? mio_unix_stream_read(&self->local, bytes, size)
                         : mio_tcp_stream_read(&self->tcp, bytes, size);
}

static inline int64_t echo_peer_write(struct echo_peer *self, const void *bytes,
                                      size_t size)
{
    return self->is_unix ? mio_unix_stream_write(&self->local, bytes, size)
                         : mio_tcp_stream_write(&self->tcp, bytes, size);
}

/* Read all that is there behind `in`. False at the end. */
static inline bool echo_peer_read_all(struct echo_peer *self,
                                      struct mio_buffer *in)
{
    uint8_t *room;
    int64_t size;
    for (;;) {
        assert_ok(mio_buffer_reserve(in, ECHO_READ_SIZE, &room));
        size = echo_peer_read(self, room, ECHO_READ_SIZE);
        if (size <= 0)
            break;
        mio_buffer_commit(in, (size_t)size);
    }
    if (size != 0)
        assert_code(MIO_EAGAIN, (int)size);
    return size != 0;
}

/* Write what can be written, and be told of what is left to do. */
static inline void echo_peer_go_on(struct echo_peer *self,
                                   struct mio_event_loop *loop, uint64_t token)
{
    int64_t size = 1;
    while (mio_buffer_size(&self->out) > 0 &&
           (size = echo_peer_write(self, mio_buffer_data(&self->out),
                                   mio_buffer_size(&self->out))) > 0)
        mio_buffer_consume(&self->out, (size_t)size);
    if (size < 0)
        assert_code(MIO_EAGAIN, (int)size);
    uint32_t writes = mio_buffer_size(&self->out) > 0 ? MIO_WRITABLE : 0;
    assert_ok(mio_event_loop_reregister(loop, echo_peer_source(self),
                                        mio_token_of(token),
                                        MIO_READABLE | writes, MIO_ONESHOT));
}

/* *at is where it listens, afterwards with its port. */
static inline void echo_server_open(struct echo_server *self,
                                    struct mio_event_loop *loop,
                                    struct mio_address *at)
{
    self->loop = loop;
    self->is_unix = mio_address_family(at) == MIO_FAMILY_UNIX;
    assert_ok(mio_slab_init(&self->peers, ECHO_PEERS_MAX, ECHO_PEERS_MAX));
    if (self->is_unix) {
        assert_ok(mio_unix_listener_open(&self->local, at, NULL));
    } else {
        assert_ok(mio_tcp_listener_open(&self->tcp, at, NULL));
        assert_ok(mio_tcp_listener_address(&self->tcp, at));
    }
    assert_ok(mio_event_loop_register(
        loop, self->is_unix ? &self->local.source : &self->tcp.source,
        mio_token_of(ECHO_DOOR), MIO_READABLE, MIO_EDGE));
}

/* Its connections must have ended. */
static inline void echo_server_close(struct echo_server *self)
{
    assert_int_equal(mio_slab_count(&self->peers), 0);
    if (self->is_unix)
        mio_unix_listener_close(&self->local);
    else
        mio_tcp_listener_close(&self->tcp);
    mio_slab_deinit(&self->peers);
}

static inline void echo_server_accept(struct echo_server *self)
{
    struct echo_peer peer;
    mio_key key;
    echo_peer_init(&peer, self->is_unix);
    while ((self->is_unix
                ? mio_unix_listener_accept(&self->local, &peer.local, NULL)
                : mio_tcp_listener_accept(&self->tcp, &peer.tcp, NULL)) ==
           MIO_OK) {
        struct echo_peer *accepted = test_malloc(sizeof(peer));
        *accepted = peer;
        assert_ok(mio_slab_insert(&self->peers, accepted, &key));
        assert_ok(mio_event_loop_register(
            self->loop, echo_peer_source(accepted), mio_token_of(key),
            MIO_READABLE, MIO_EDGE | MIO_ONESHOT));
    }
}

/* An event of the door, or of a connection. */
static inline void echo_server_ready(struct echo_server *self, uint64_t token)
{
    if (token == ECHO_DOOR) {
        echo_server_accept(self);
        return;
    }
    struct echo_peer *peer = mio_slab_get(&self->peers, token);
    assert_non_null(peer);
    if (echo_peer_read_all(peer, &peer->out)) {
        echo_peer_go_on(peer, self->loop, token);
        return;
    }
    echo_peer_close(peer);
    test_free(mio_slab_remove(&self->peers, token));
}

#endif /* MIO_TESTS_CONFORMANCE_ECHO_SERVER_H */
