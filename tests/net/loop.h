/* SPDX-License-Identifier: MIT
 *
 * tests/net/loop.h - a poll and its events, and what tests of all types of
 * sockets ask. */
#ifndef MIO_TESTS_NET_LOOP_H
#define MIO_TESTS_NET_LOOP_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "net/address.h"
#include "tests/core/check.h"

#define A mio_token_of(1)
#define B mio_token_of(2)
#define C mio_token_of(3)

struct loop {
    struct mio_poll *poll;
    struct mio_events *events;
    int free_fd; /* the lowest, when it was opened */
};

/* The lowest descriptor that is free: it moves up when one leaks. */
static inline int lowest_free(void)
{
    int fd = dup(0);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static inline void loop_open(struct loop *self)
{
    self->free_fd = lowest_free();
    assert_ok(mio_poll_new(&self->poll, NULL));
    assert_ok(mio_events_new(&self->events, 16));
}

/* The last of a test: whatever it opened is closed by now. */
static inline void loop_close(struct loop *self)
{
    mio_events_free(self->events);
    mio_poll_free(self->poll);
    assert_int_equal(lowest_free(), self->free_fd);
}

static inline void loop_watch(struct loop *self, struct mio_source *source,
                              mio_token token, uint32_t interest)
{
    assert_ok(mio_poll_register(self->poll, source, token, interest, MIO_EDGE));
}

/* The only event there is; it must be this token's. */
static inline struct mio_event loop_hear(struct loop *self, mio_token token)
{
    struct mio_event event = wait_one(self->poll, self->events);
    assert_int_equal(event.token.value, token.value);
    return event;
}

static inline void loop_silence(struct loop *self)
{
    wait_silence(self->poll, self->events);
}

/* Wait until `source` alone, which is not registered, is ready. */
static inline struct mio_event
loop_await(struct loop *self, struct mio_source *source, uint32_t interest)
{
    loop_watch(self, source, mio_token_of(99), interest);
    struct mio_event event = wait_one(self->poll, self->events);
    assert_ok(mio_poll_deregister(self->poll, source));
    return event;
}

/* Every handle of ours is born so. */
static inline void assert_sound(const struct mio_source *source)
{
    int fd = (int)source->handle;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static inline struct mio_address address_at(const char *text)
{
    struct mio_address address;
    assert_ok(mio_address_parse(&address, text));
    return address;
}

static inline void assert_address_text(const struct mio_address *address,
                                       const char *expected)
{
    char text[MIO_ADDRESS_TEXT_MAX];
    (void)mio_address_format(address, text, sizeof(text));
    assert_string_equal(text, expected);
}

#endif /* MIO_TESTS_NET_LOOP_H */
