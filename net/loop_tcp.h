/* SPDX-License-Identifier: MIT
 *
 * net/loop_tcp.h - listen and connect within an event loop, in one step.
 *
 * What succeeded is always told by an event, never by the call: a connection
 * that was made at once is reported as ready to write in the next turn, as one
 * that took its time. So there is one place to go on from. */
#ifndef MIO_NET_LOOP_TCP_H
#define MIO_NET_LOOP_TCP_H

#include "core/event_loop.h"
#include "net/tcp_listener.h"
#include "net/tcp_stream.h"

MIO_BEGIN_DECLS

/** Listen, and register for what can be accepted: edge-triggered, so accept
 *  until MIO_EAGAIN. On failure nothing is open.
 *  Returns as mio_tcp_listener_open and mio_event_loop_register.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_loop_tcp_listen(struct mio_event_loop *loop, struct mio_tcp_listener *out,
                    const struct mio_address *at,
                    const struct mio_tcp_listen_options *options,
                    mio_token token);

/** Begin to connect, and register for reading and writing, edge-triggered. An
 *  event that is writable follows; then mio_tcp_stream_take_error tells how it
 *  ended. On failure nothing is open.
 *  Returns as mio_tcp_stream_connect and mio_event_loop_register.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_loop_tcp_connect(struct mio_event_loop *loop,
                                               struct mio_tcp_stream *out,
                                               const struct mio_address *to,
                                               mio_token token);

MIO_END_DECLS
#endif /* MIO_NET_LOOP_TCP_H */
