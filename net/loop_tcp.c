/* SPDX-License-Identifier: MIT
 *
 * net/loop_tcp.c - open, then register: the poll reports what was there before
 * it came, so no completion is missed. */
#include "net/loop_tcp.h"

int mio_loop_tcp_listen(struct mio_event_loop *loop,
                        struct mio_tcp_listener *out,
                        const struct mio_address *at,
                        const struct mio_tcp_listen_options *options,
                        mio_token token)
{
    int rc = mio_tcp_listener_open(out, at, options);
    if (rc < 0)
        return rc;
    rc = mio_event_loop_register(loop, &out->source, token, MIO_READABLE,
                                 MIO_EDGE);
    if (rc < 0)
        mio_tcp_listener_close(out);
    return rc;
}

int mio_loop_tcp_connect(struct mio_event_loop *loop,
                         struct mio_tcp_stream *out,
                         const struct mio_address *to, mio_token token)
{
    int rc = mio_tcp_stream_connect(out, to);
    if (rc < 0)
        return rc;
    rc = mio_event_loop_register(loop, &out->source, token,
                                 MIO_READABLE | MIO_WRITABLE, MIO_EDGE);
    if (rc < 0)
        mio_tcp_stream_close(out);
    return rc;
}
