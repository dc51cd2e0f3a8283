/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/pipe_pair.h - the source that is the easiest to make ready:
 * a pipe's receiver. */
#ifndef MIO_TESTS_CONFORMANCE_PIPE_PAIR_H
#define MIO_TESTS_CONFORMANCE_PIPE_PAIR_H

#include "net/pipe.h"
#include "tests/conformance/conformance.h"

struct pair {
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
};

static inline void pair_fill(struct pair *self)
{
    assert_int_equal(mio_pipe_sender_write(&self->sender, "x", 1), 1);
}

static inline void pair_open(struct pair *self, bool full)
{
    assert_ok(mio_pipe_open(&self->sender, &self->receiver));
    if (full)
        pair_fill(self);
}

static inline void pair_drain(struct pair *self)
{
    char byte;
    while (mio_pipe_receiver_read(&self->receiver, &byte, 1) == 1)
        ;
}

static inline void pair_close(struct pair *self)
{
    mio_pipe_sender_close(&self->sender);
    mio_pipe_receiver_close(&self->receiver);
}

static inline void pair_watch(struct loop *loop, struct pair *pair,
                              mio_token token, uint32_t mode)
{
    assert_ok(mio_poll_register(loop->poll, &pair->receiver.source, token,
                                MIO_READABLE, mode));
}

#endif /* MIO_TESTS_CONFORMANCE_PIPE_PAIR_H */
