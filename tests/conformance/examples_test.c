/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/examples_test.c - Mio's examples, as they would be written
 * with this library, and strangers that talk to them. */
#include <sys/socket.h>

#include "core/waker.h"
#include "net/udp_socket.h"
#include "tests/conformance/conformance.h"
#include "tests/net/tcp.h"
#include "tests/storm/patient.h"

#define STOP mio_token_of(0)
#define SERVICE mio_token_of(1) /* connections have those after it */
#define CONNECTIONS_MAX 8

/* What each example is: a thread with a poll, until it is told to stop. */
struct service {
    struct loop *loop;
    struct mio_waker *stop;
    struct mio_address at;
    struct mio_tcp_listener listener;
    struct mio_tcp_stream connections[CONNECTIONS_MAX];
    uint64_t next_token; /* counts on, from connection to connection */
    uint64_t closed_count;
    uint64_t received_size;
    int failed; /* the first code that nobody expected */
};

static void expect(struct service *self, int code)
{
    if (code < 0 && self->failed == MIO_OK)
        self->failed = code;
}

static void service_open(struct service *self, struct loop *loop)
{
    *self = (struct service){.loop = loop, .next_token = SERVICE.value + 1};
    self->at = address_at("127.0.0.1:0");
    assert_ok(mio_waker_new(&self->stop, loop->poll, STOP));
}

/* The next batch; a wait that a signal ended is begun again. */
static void await_events(struct service *self)
{
    int rc;
    do
        rc = mio_poll_wait(self->loop->poll, self->loop->events, MIO_FOREVER);
    while (rc == MIO_EINTR);
    expect(self, rc);
}

/* --- tcp_server ----------------------------------------------------------- */

static struct mio_tcp_stream *connection_of(struct service *self,
                                            mio_token token)
{
    return &self->connections[token.value - SERVICE.value - 1];
}

static void accept_all(struct service *self)
{
    int rc = MIO_OK;
    while (rc == MIO_OK && self->failed == MIO_OK) {
        mio_token token = mio_token_of(self->next_token);
        struct mio_tcp_stream *stream = connection_of(self, token);
        rc = mio_tcp_listener_accept(&self->listener, stream, NULL);
        if (rc < 0)
            break;
        self->next_token++;
        expect(self, mio_poll_register(self->loop->poll, &stream->source, token,
                                       MIO_READABLE | MIO_WRITABLE, MIO_EDGE));
    }
    expect(self, rc == MIO_EAGAIN ? MIO_OK : rc);
}

/* Greets when it first may write, and from then on reads to the end. */
static void greet(struct service *self, struct mio_tcp_stream *stream,
                  mio_token token)
{
    static const char greeting[] = "Hello world!\n";
    int64_t size = (int64_t)sizeof(greeting) - 1;
    if (mio_tcp_stream_write(stream, greeting, (size_t)size) != size)
        expect(self, MIO_EIO);
    expect(self, mio_poll_reregister(self->loop->poll, &stream->source, token,
                                     MIO_READABLE, MIO_EDGE));
}

static void receive(struct service *self, struct mio_tcp_stream *stream)
{
    char bytes[64];
    int64_t n;
    while ((n = mio_tcp_stream_read(stream, bytes, sizeof(bytes))) > 0)
        self->received_size += (uint64_t)n;
    if (n == MIO_EAGAIN)
        return;
    expect(self, (int)n);
    expect(self, mio_poll_deregister(self->loop->poll, &stream->source));
    mio_tcp_stream_close(stream);
    self->closed_count++;
}

static void *tcp_server(void *arg)
{
    struct service *self = arg;
    expect(self, mio_poll_register(self->loop->poll, &self->listener.source,
                                   SERVICE, MIO_READABLE, MIO_EDGE));
    while (self->failed == MIO_OK) {
        struct mio_event event;
        await_events(self);
        while (mio_events_next(self->loop->events, &event)) {
            if (event.token.value == STOP.value)
                return NULL;
            if (event.token.value == SERVICE.value)
                accept_all(self);
            else if (mio_event_is_writable(&event))
                greet(self, connection_of(self, event.token), event.token);
            else
                receive(self, connection_of(self, event.token));
        }
    }
    return NULL;
}

/* A stranger: a descriptor that blocks. */
static int stranger_connects(const struct mio_address *to)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(
        connect_patiently(fd, (const void *)&to->storage, to->size), 0);
    return fd;
}

static void stranger_is_greeted(int fd, const char *greeting)
{
    char bytes[64];
    size_t size = strlen(greeting);
    assert_int_equal(PATIENTLY(recv(fd, bytes, size, MSG_WAITALL)), size);
    assert_memory_equal(bytes, greeting, size);
}

static void examples_tcp_server(void **state)
{
    struct service self;
    int fds[CONNECTIONS_MAX];
    service_open(&self, *state);
    assert_ok(mio_tcp_listener_open(&self.listener, &self.at, NULL));
    assert_ok(mio_tcp_listener_address(&self.listener, &self.at));
    pthread_t thread = thread_start(tcp_server, &self);
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        fds[i] = stranger_connects(&self.at);
    for (int i = CONNECTIONS_MAX; i-- > 0;) {
        stranger_is_greeted(fds[i], "Hello world!\n");
        assert_int_equal(send(fds[i], "and hello to you", 16, 0), 16);
        /* The server's end is closed when it has read all of it. */
        assert_int_equal(shutdown(fds[i], SHUT_WR), 0);
        assert_int_equal(PATIENTLY(recv(fds[i], &(char){0}, 1, 0)), 0);
        close(fds[i]);
    }
    assert_ok(mio_waker_wake(self.stop));
    thread_join(thread);
    assert_ok(self.failed);
    assert_int_equal(self.closed_count, CONNECTIONS_MAX);
    assert_int_equal(self.received_size, CONNECTIONS_MAX * 16);
    mio_tcp_listener_close(&self.listener);
    mio_waker_free(self.stop);
}

/* --- tcp_listenfd_server -------------------------------------------------- */

/* Registered for writing first, as that example does, which says nothing of a
 * listener; then for reading. Whoever comes is greeted and let go. */
static void *listenfd_server(void *arg)
{
    struct service *self = arg;
    struct mio_poll *poll = self->loop->poll;
    struct mio_source *source = &self->listener.source;
    expect(self,
           mio_poll_register(poll, source, SERVICE, MIO_WRITABLE, MIO_EDGE));
    expect(self,
           mio_poll_reregister(poll, source, SERVICE, MIO_READABLE, MIO_EDGE));
    while (self->failed == MIO_OK) {
        struct mio_event event;
        await_events(self);
        while (mio_events_next(self->loop->events, &event)) {
            struct mio_tcp_stream stream;
            if (event.token.value == STOP.value)
                return NULL;
            while (mio_tcp_listener_accept(&self->listener, &stream, NULL) ==
                   MIO_OK) {
                if (mio_tcp_stream_write(&stream, "Hello\n", 6) != 6)
                    expect(self, MIO_EIO);
                mio_tcp_stream_close(&stream);
            }
        }
    }
    return NULL;
}

/* The socket listens when it is handed over, as a supervisor does it. */
static void examples_tcp_listenfd_server(void **state)
{
    struct service self;
    service_open(&self, *state);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const void *)&self.at.storage, self.at.size), 0);
    assert_int_equal(listen(fd, CONNECTIONS_MAX), 0);
    mio_tcp_listener_from_handle(&self.listener, fd);
    assert_ok(mio_tcp_listener_address(&self.listener, &self.at));

    pthread_t thread = thread_start(listenfd_server, &self);
    for (int i = 0; i < 3; i++) {
        int client = stranger_connects(&self.at);
        stranger_is_greeted(client, "Hello\n");
        assert_int_equal(PATIENTLY(recv(client, &(char){0}, 1, 0)), 0);
        close(client);
    }
    assert_ok(mio_waker_wake(self.stop));
    thread_join(thread);
    assert_ok(self.failed);
    mio_tcp_listener_close(&self.listener);
    mio_waker_free(self.stop);
}

/* --- udp_server ----------------------------------------------------------- */

struct echo {
    struct service service;
    struct mio_udp_socket socket;
};

static void echo_all(struct echo *self)
{
    char bytes[64];
    struct mio_address from;
    int64_t n;
    while ((n = mio_udp_socket_recv_from(&self->socket, bytes, sizeof(bytes),
                                         &from)) >= 0)
        if (mio_udp_socket_send_to(&self->socket, bytes, (size_t)n, &from) != n)
            expect(&self->service, MIO_EIO);
    expect(&self->service, n == MIO_EAGAIN ? MIO_OK : (int)n);
}

/* Its batch has room for one event. */
static void *udp_server(void *arg)
{
    struct echo *self = arg;
    struct mio_event event;
    struct mio_poll *poll = self->service.loop->poll;
    expect(&self->service, mio_poll_register(poll, &self->socket.source,
                                             SERVICE, MIO_READABLE, MIO_EDGE));
    while (self->service.failed == MIO_OK) {
        await_events(&self->service);
        while (mio_events_next(self->service.loop->events, &event)) {
            if (event.token.value == STOP.value)
                return NULL;
            echo_all(self);
        }
    }
    return NULL;
}

static void examples_udp_server(void **state)
{
    struct loop one = *(struct loop *)*state;
    struct echo self;
    service_open(&self.service, &one);
    assert_ok(mio_events_new(&one.events, 1));
    assert_ok(mio_udp_socket_open(&self.socket, &self.service.at, NULL));
    assert_ok(mio_udp_socket_local_address(&self.socket, &self.service.at));
    pthread_t thread = thread_start(udp_server, &self);

    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct mio_address *to = &self.service.at;
    assert_int_equal(
        connect_patiently(fd, (const void *)&to->storage, to->size), 0);
    static const char *const texts[] = {"Hello", "", "world"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char bytes[64];
        size_t size = strlen(texts[i]);
        assert_int_equal(send(fd, texts[i], size, 0), size);
        assert_int_equal(PATIENTLY(recv(fd, bytes, sizeof(bytes), 0)), size);
        assert_memory_equal(bytes, texts[i], size);
    }
    close(fd);
    assert_ok(mio_waker_wake(self.service.stop));
    thread_join(thread);
    assert_ok(self.service.failed);
    mio_udp_socket_close(&self.socket);
    mio_waker_free(self.service.stop);
    mio_events_free(one.events);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(examples_tcp_server),
        CASE(examples_tcp_listenfd_server),
        CASE(examples_udp_server),
    };
    return cmocka_run_group_tests_name("examples", cases, NULL, NULL);
}
