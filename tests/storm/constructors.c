/* SPDX-License-Identifier: MIT
 *
 * tests/storm/constructors.c - the list, and what stands around it. */
#include "tests/storm/constructors.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "net/loop_tcp.h"
#include "tests/core/check.h"

#define HANDLES_MAX 1024

static struct mio_event_loop *loop;
static struct mio_tcp_listener tcp_listener;
static struct mio_address tcp_at;
static struct mio_address any_port;
static struct mio_unix_listener unix_listener;
static struct mio_address unix_at;
static struct mio_address nobody_at;

static void address_of_name(struct mio_address *out, const char *use)
{
    char name[64];
    int size =
        snprintf(name, sizeof(name), "miocene-storm-%s-%d", use, getpid());
    assert_ok(mio_address_from_abstract(out, name, (size_t)size));
}

void surroundings_open(void)
{
    const struct mio_event_loop_options options = {.timers_max = 16};
    assert_ok(mio_event_loop_new(&loop, &options));
    assert_ok(mio_address_parse_ip(&any_port, "127.0.0.1", 0));
    assert_ok(mio_tcp_listener_open(&tcp_listener, &any_port, NULL));
    assert_ok(mio_tcp_listener_address(&tcp_listener, &tcp_at));
    address_of_name(&unix_at, "here");
    assert_ok(mio_address_parse_ip(&nobody_at, "127.0.0.1", 1));
    assert_ok(mio_unix_listener_open(&unix_listener, &unix_at, NULL));
}

void surroundings_close(void)
{
    mio_unix_listener_close(&unix_listener);
    mio_tcp_listener_close(&tcp_listener);
    mio_event_loop_free(loop);
}

/* They wait in the queue also when they have hung up again. */
static void call_tcp(int count)
{
    struct mio_tcp_stream left_over;
    while (mio_tcp_listener_accept(&tcp_listener, &left_over, NULL) == MIO_OK)
        mio_tcp_stream_close(&left_over);
    for (int i = 0; i < count; i++) {
        struct mio_tcp_stream stream;
        assert_ok(mio_tcp_stream_connect(&stream, &tcp_at));
        mio_tcp_stream_close(&stream);
    }
}

static void call_unix(int count)
{
    struct mio_unix_stream left_over;
    while (mio_unix_listener_accept(&unix_listener, &left_over, NULL) == MIO_OK)
        mio_unix_stream_close(&left_over);
    for (int i = 0; i < count; i++) {
        struct mio_unix_stream stream;
        assert_ok(mio_unix_stream_connect(&stream, &unix_at));
        mio_unix_stream_close(&stream);
    }
}

void surroundings_call(int count)
{
    call_tcp(count);
    call_unix(count);
}

int handles_count(void)
{
    int count = 0;
    for (int fd = 0; fd < HANDLES_MAX; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

int lowest_free_handle(void)
{
    int fd = 0;
    while (fcntl(fd, F_GETFD) >= 0)
        fd++;
    return fd;
}

/* --- core ----------------------------------------------------------------- */

static int poll_open(union thing *out, enum mio_selector_kind kind)
{
    const struct mio_poll_options options = {.selector = kind};
    return mio_poll_new(&out->poll, &options);
}

static int epoll_open(union thing *out)
{
    return poll_open(out, MIO_SELECTOR_EPOLL);
}

static int poll_2_open(union thing *out)
{
    return poll_open(out, MIO_SELECTOR_POLL);
}

static void poll_close(union thing *self)
{
    mio_poll_free(self->poll);
}

static int waker_open(union thing *out)
{
    return mio_waker_new(&out->waker, mio_event_loop_poll(loop),
                         mio_token_of(1));
}

static void waker_close(union thing *self)
{
    mio_waker_free(self->waker);
}

static int signals_open(union thing *out)
{
    int rc = mio_signals_new(&out->signals);
    if (rc < 0)
        return rc;
    assert_ok(mio_signals_add(out->signals, MIO_SIGNAL_USER1));
    return rc;
}

static void signals_close(union thing *self)
{
    mio_signals_free(self->signals);
}

static int loop_open(union thing *out)
{
    const struct mio_event_loop_options options = {.timers_max = 16};
    return mio_event_loop_new(&out->loop, &options);
}

static int loop_with_signals_open(union thing *out)
{
    int rc = loop_open(out);
    if (rc < 0)
        return rc;
    rc = mio_event_loop_watch_signal(out->loop, MIO_SIGNAL_USER2);
    if (rc < 0)
        mio_event_loop_free(out->loop);
    return rc;
}

static void loop_close(union thing *self)
{
    mio_event_loop_free(self->loop);
}

/* --- net ------------------------------------------------------------------ */

static int tcp_listener_open(union thing *out)
{
    return mio_tcp_listener_open(&out->tcp_listener, &any_port, NULL);
}

static int tcp_listener_open_in_loop(union thing *out)
{
    return mio_loop_tcp_listen(loop, &out->tcp_listener, &any_port, NULL,
                               mio_token_of(1));
}

static void tcp_listener_close(union thing *self)
{
    mio_tcp_listener_close(&self->tcp_listener);
}

static int tcp_socket_open(union thing *out)
{
    return mio_tcp_socket_open(&out->tcp_socket, MIO_FAMILY_IPV4);
}

static void tcp_socket_close(union thing *self)
{
    mio_tcp_socket_close(&self->tcp_socket);
}

static int tcp_connect(union thing *out)
{
    return mio_tcp_stream_connect(&out->tcp, &nobody_at);
}

static int tcp_connect_in_loop(union thing *out)
{
    return mio_loop_tcp_connect(loop, &out->tcp, &nobody_at, mio_token_of(1));
}

/* Those who call may still be on their way. */
static int tcp_accept(union thing *out)
{
    int rc;
    do
        rc = mio_tcp_listener_accept(&tcp_listener, &out->tcp, NULL);
    while (rc == MIO_EAGAIN);
    return rc;
}

static void tcp_close(union thing *self)
{
    mio_tcp_stream_close(&self->tcp);
}

static int udp_open(union thing *out)
{
    return mio_udp_socket_open(&out->udp, &any_port, NULL);
}

static void udp_close(union thing *self)
{
    mio_udp_socket_close(&self->udp);
}

static int unix_accept(union thing *out)
{
    mio_unix_stream_from_handle(&out->unix_pair[1], MIO_HANDLE_NONE);
    return mio_unix_listener_accept(&unix_listener, &out->unix_pair[0], NULL);
}

static int unix_pair_open(union thing *out)
{
    return mio_unix_stream_pair(&out->unix_pair[0], &out->unix_pair[1]);
}

static void unix_pair_close(union thing *self)
{
    mio_unix_stream_close(&self->unix_pair[0]);
    mio_unix_stream_close(&self->unix_pair[1]);
}

/* Each has a name of its own. */
static int unix_listener_open(union thing *out)
{
    static unsigned number;
    char use[32];
    (void)snprintf(use, sizeof(use), "%u", number++);
    struct mio_address at;
    address_of_name(&at, use);
    return mio_unix_listener_open(&out->unix_listener, &at, NULL);
}

static void unix_listener_close(union thing *self)
{
    mio_unix_listener_close(&self->unix_listener);
}

static int datagram_open(union thing *out)
{
    mio_unix_datagram_from_handle(&out->datagram_pair[1], MIO_HANDLE_NONE);
    return mio_unix_datagram_open_unbound(&out->datagram_pair[0]);
}

static int datagram_pair_open(union thing *out)
{
    return mio_unix_datagram_pair(&out->datagram_pair[0],
                                  &out->datagram_pair[1]);
}

static void datagram_pair_close(union thing *self)
{
    mio_unix_datagram_close(&self->datagram_pair[0]);
    mio_unix_datagram_close(&self->datagram_pair[1]);
}

static int pipe_open(union thing *out)
{
    return mio_pipe_open(&out->pipe.sender, &out->pipe.receiver);
}

static void pipe_close(union thing *self)
{
    mio_pipe_sender_close(&self->pipe.sender);
    mio_pipe_receiver_close(&self->pipe.receiver);
}

static int reserve_open(union thing *out)
{
    return mio_reserve_handle_open(&out->reserve);
}

static void reserve_close(union thing *self)
{
    mio_reserve_handle_close(&self->reserve);
}

const struct constructor constructors[] = {
    {"poll on epoll", epoll_open, poll_close, false},
    {"poll on poll(2)", poll_2_open, poll_close, false},
    {"waker", waker_open, waker_close, true},
    {"signals", signals_open, signals_close, false},
    {"event loop", loop_open, loop_close, false},
    {"event loop with a signal", loop_with_signals_open, loop_close, false},
    {"TCP listener", tcp_listener_open, tcp_listener_close, false},
    {"TCP listener of a loop", tcp_listener_open_in_loop, tcp_listener_close,
     false},
    {"TCP socket", tcp_socket_open, tcp_socket_close, false},
    {"TCP connect", tcp_connect, tcp_close, false},
    {"TCP connect of a loop", tcp_connect_in_loop, tcp_close, false},
    {"TCP accept", tcp_accept, tcp_close, false},
    {"UDP socket", udp_open, udp_close, false},
    {"Unix listener", unix_listener_open, unix_listener_close, false},
    {"Unix accept", unix_accept, unix_pair_close, false},
    {"Unix pair", unix_pair_open, unix_pair_close, false},
    {"Unix datagrams", datagram_open, datagram_pair_close, false},
    {"Unix datagram pair", datagram_pair_open, datagram_pair_close, false},
    {"pipe", pipe_open, pipe_close, false},
    {"reserve handle", reserve_open, reserve_close, false},
};
const size_t constructors_count = COUNT_OF(constructors);
