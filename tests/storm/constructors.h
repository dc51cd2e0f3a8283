/* SPDX-License-Identifier: MIT
 *
 * tests/storm/constructors.h - everything in core and net that asks the system
 * for handles or memory when it is made. */
#ifndef MIO_TESTS_STORM_CONSTRUCTORS_H
#define MIO_TESTS_STORM_CONSTRUCTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/event_loop.h"
#include "core/poll.h"
#include "core/signals.h"
#include "core/waker.h"
#include "net/pipe.h"
#include "net/reserve_handle.h"
#include "net/tcp_listener.h"
#include "net/tcp_socket.h"
#include "net/tcp_stream.h"
#include "net/udp_socket.h"
#include "net/unix_datagram.h"
#include "net/unix_listener.h"
#include "net/unix_stream.h"

union thing {
    struct mio_poll *poll;
    struct mio_waker *waker;
    struct mio_signals *signals;
    struct mio_event_loop *loop;
    struct mio_tcp_listener tcp_listener;
    struct mio_tcp_socket tcp_socket;
    struct mio_tcp_stream tcp;
    struct mio_udp_socket udp;
    struct mio_unix_listener unix_listener;
    struct mio_unix_stream unix_pair[2];
    struct mio_unix_datagram datagram_pair[2];
    struct {
        struct mio_pipe_sender sender;
        struct mio_pipe_receiver receiver;
    } pipe;
    struct mio_reserve_handle reserve;
};

struct constructor {
    const char *name;
    int (*open)(union thing *out); /* a failure leaves nothing behind */
    void (*close)(union thing *self);
    bool takes_no_handle;
};

extern const struct constructor constructors[];
extern const size_t constructors_count;

/* Before and after all of them: what they connect to and belong to. */
void surroundings_open(void);
void surroundings_close(void);

/* See that `count` peers wait to be accepted. */
void surroundings_call(int count);

/* How many descriptors of this process are open, and the lowest that is not. */
int handles_count(void);
int lowest_free_handle(void);

#endif /* MIO_TESTS_STORM_CONSTRUCTORS_H */
