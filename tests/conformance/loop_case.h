/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/loop_case.h - a case with an event loop that notes what it
 * calls back, and two connected streams to be ready. */
#ifndef MIO_TESTS_CONFORMANCE_LOOP_CASE_H
#define MIO_TESTS_CONFORMANCE_LOOP_CASE_H

#include "core/event_loop.h"
#include "net/unix_stream.h"
#include "tests/conformance/conformance.h"

struct loop_case {
    struct mio_event_loop *loop;
    struct mio_notify_sender *sender;
    struct mio_unix_stream near; /* connected with each other; not registered */
    struct mio_unix_stream far;
    struct mio_event event; /* the last that `ready` was called with */
    mio_token timeout;      /* the last of `timeout` */
    void *message;          /* the last of `notify` */
    enum mio_signal which;  /* the last of `signal` */
    uint32_t ticks_max;     /* shut down after so many; 0: never */
    uint32_t ticks_count;
    uint32_t released_count; /* messages that came to message_free */
    int free_fd;
    size_t calls_count;
    char calls[1024]; /* a letter for each call */
};

/* The state of a CASE_LOOP: a loop with the default options. */
#define CASE_LOOP(function)                                                    \
    cmocka_unit_test_setup_teardown(function, loop_case_setup,                 \
                                    loop_case_teardown)

static inline void loop_case_note(struct loop_case *self, char call)
{
    assert_true(self->calls_count < sizeof(self->calls) - 1);
    self->calls[self->calls_count++] = call;
}

#define assert_calls(self, expected)                                           \
    do {                                                                       \
        (self)->calls[(self)->calls_count] = '\0';                             \
        assert_string_equal((self)->calls, expected);                          \
        (self)->calls_count = 0;                                               \
    } while (0)

static inline void loop_case_ready(void *ctx, struct mio_event_loop *loop,
                                   const struct mio_event *event)
{
    struct loop_case *self = ctx;
    assert_ptr_equal(loop, self->loop);
    self->event = *event;
    loop_case_note(self, 'r');
}

static inline void loop_case_timeout(void *ctx, struct mio_event_loop *loop,
                                     mio_token token)
{
    struct loop_case *self = ctx;
    assert_ptr_equal(loop, self->loop);
    self->timeout = token;
    loop_case_note(self, 't');
}

static inline void loop_case_signal(void *ctx, struct mio_event_loop *loop,
                                    enum mio_signal which)
{
    struct loop_case *self = ctx;
    assert_ptr_equal(loop, self->loop);
    self->which = which;
    loop_case_note(self, 's');
}

static inline void loop_case_notify(void *ctx, struct mio_event_loop *loop,
                                    void *message)
{
    struct loop_case *self = ctx;
    assert_ptr_equal(loop, self->loop);
    self->message = message;
    loop_case_note(self, 'n');
}

static inline void loop_case_interrupted(void *ctx, struct mio_event_loop *loop)
{
    struct loop_case *self = ctx;
    assert_ptr_equal(loop, self->loop);
    if (getenv("MIO_STORM") == NULL) /* there it is nothing to speak of */
        loop_case_note(self, 'i');
}

static inline void loop_case_tick(void *ctx, struct mio_event_loop *loop)
{
    struct loop_case *self = ctx;
    loop_case_note(self, '.');
    if (++self->ticks_count == self->ticks_max)
        mio_event_loop_shutdown(loop);
}

static const struct mio_handler loop_case_handler = {
    .ready = loop_case_ready,
    .timeout = loop_case_timeout,
    .signal = loop_case_signal,
    .notify = loop_case_notify,
    .interrupted = loop_case_interrupted,
    .tick = loop_case_tick,
};

static inline void loop_case_release(void *ctx, void *message)
{
    struct loop_case *self = ctx;
    assert_non_null(message);
    self->released_count++;
}

/* message_free of the options is the case's. */
static inline void loop_case_open(struct loop_case *self,
                                  struct mio_event_loop_options options)
{
    alarm(HANGS_S);
    *self = (struct loop_case){.free_fd = lowest_free()};
    options.message_free = loop_case_release;
    options.message_ctx = self;
    assert_ok(mio_event_loop_new(&self->loop, &options));
    self->sender = mio_event_loop_sender(self->loop);
    assert_ok(mio_unix_stream_pair(&self->near, &self->far));
}

/* The loop may have been freed, and be NULL. */
static inline void loop_case_close(struct loop_case *self)
{
    mio_unix_stream_close(&self->near);
    mio_unix_stream_close(&self->far);
    mio_event_loop_free(self->loop);
    mio_notify_sender_free(self->sender);
    assert_int_equal(lowest_free(), self->free_fd);
    alarm(0);
}

/* The same with other options. */
static inline void loop_case_reopen(struct loop_case *self,
                                    struct mio_event_loop_options options)
{
    loop_case_close(self);
    loop_case_open(self, options);
}

static inline int loop_case_setup(void **state)
{
    static struct loop_case self;
    loop_case_open(&self, (struct mio_event_loop_options){.events_max = 0});
    *state = &self;
    return 0;
}

static inline int loop_case_teardown(void **state)
{
    loop_case_close(*state);
    return 0;
}

static inline void loop_case_watch(struct loop_case *self, mio_token token,
                                   uint32_t interest, uint32_t mode)
{
    assert_ok(mio_event_loop_register(self->loop, &self->near.source, token,
                                      interest, mode));
}

/* Make the near end readable. */
static inline void loop_case_say(struct loop_case *self)
{
    assert_int_equal(mio_unix_stream_write(&self->far, "x", 1), 1);
}

static inline void loop_case_send(struct loop_case *self, uintptr_t message)
{
    assert_ok(mio_notify_sender_send(self->sender, (void *)message));
}

/* Returns how often it called back. */
static inline int loop_case_turn(struct loop_case *self, int64_t timeout_ns)
{
    int rc =
        mio_event_loop_turn(self->loop, timeout_ns, &loop_case_handler, self);
    assert_true(rc >= 0);
    return rc;
}

/* A timeout that the next turn finds due. */
static inline void loop_case_be_due(struct loop_case *self, mio_token token)
{
    int64_t until_ns = mio_clock_monotonic_ns() + 3 * MIO_NS_PER_MS;
    assert_ok(mio_event_loop_set_timeout(self->loop, 0, token, NULL));
    while (mio_clock_monotonic_ns() < until_ns)
        ;
}

#endif /* MIO_TESTS_CONFORMANCE_LOOP_CASE_H */
