/* SPDX-License-Identifier: MIT
 *
 * tests/net/tcp.h - a poll, a listener on a free port, two connected ends. */
#ifndef MIO_TESTS_NET_TCP_H
#define MIO_TESTS_NET_TCP_H

#include <string.h>

#include "net/tcp_listener.h"
#include "net/tcp_stream.h"
#include "tests/core/check.h"

#define LISTENER mio_token_of(1)
#define CLIENT mio_token_of(2)
#define SERVER mio_token_of(3)

struct tcp {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_tcp_listener listener;
    struct mio_address at; /* where it listens */
    struct mio_tcp_stream client;
    struct mio_tcp_stream server;
};

static inline struct mio_address address_of(const char *text)
{
    struct mio_address address;
    assert_ok(mio_address_parse(&address, text));
    return address;
}

/* Listening; nothing is registered, nobody connected. */
static inline void tcp_listen(struct tcp *self, const char *at)
{
    struct mio_address address = address_of(at);
    self->client.source.handle = MIO_HANDLE_NONE;
    self->server.source.handle = MIO_HANDLE_NONE;
    assert_ok(mio_tcp_listener_open(&self->listener, &address, NULL));
    assert_ok(mio_tcp_listener_address(&self->listener, &self->at));
}

/* The same, with a poll of its own. */
static inline void tcp_open(struct tcp *self, const char *at)
{
    *self = (struct tcp){.poll = NULL};
    assert_ok(mio_poll_new(&self->poll, NULL));
    assert_ok(mio_events_new(&self->events, 16));
    tcp_listen(self, at);
}

static inline void tcp_close_sockets(struct tcp *self)
{
    mio_tcp_stream_close(&self->client);
    mio_tcp_stream_close(&self->server);
    mio_tcp_listener_close(&self->listener);
}

static inline void tcp_close(struct tcp *self)
{
    tcp_close_sockets(self);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
}

/* Wait until `source` alone, which is not registered, is ready. */
static inline struct mio_event
tcp_await(struct tcp *self, struct mio_source *source, uint32_t interest)
{
    assert_ok(mio_poll_register(self->poll, source, mio_token_of(99), interest,
                                MIO_EDGE));
    struct mio_event event = wait_one(self->poll, self->events);
    assert_ok(mio_poll_deregister(self->poll, source));
    return event;
}

static inline void tcp_accept(struct tcp *self, struct mio_tcp_stream *out,
                              struct mio_address *peer)
{
    (void)tcp_await(self, &self->listener.source, MIO_READABLE);
    assert_ok(mio_tcp_listener_accept(&self->listener, out, peer));
}

static inline void tcp_connect(struct tcp *self)
{
    assert_ok(mio_tcp_stream_connect(&self->client, &self->at));
    (void)tcp_await(self, &self->client.source, MIO_WRITABLE);
    assert_ok(mio_tcp_stream_take_error(&self->client));
    tcp_accept(self, &self->server, NULL);
}

/* All of it, or the test fails. Neither end may be registered. */
static inline void tcp_say(struct mio_tcp_stream *stream, const char *bytes)
{
    int64_t size = (int64_t)strlen(bytes);
    assert_int_equal(mio_tcp_stream_write(stream, bytes, (size_t)size), size);
}

static inline void tcp_hear(struct tcp *self, struct mio_tcp_stream *stream,
                            const char *expected)
{
    char bytes[256];
    size_t size = 0;
    while (size < strlen(expected)) {
        int64_t n =
            mio_tcp_stream_read(stream, bytes + size, sizeof(bytes) - size);
        if (n == MIO_EAGAIN)
            (void)tcp_await(self, &stream->source, MIO_READABLE);
        else if (n > 0)
            size += (size_t)n;
        else
            fail_msg("read: %s", mio_error_name((int)n));
    }
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, size);
}

#endif /* MIO_TESTS_NET_TCP_H */
