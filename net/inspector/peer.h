/* SPDX-License-Identifier: MIT
 *
 * net/inspector/peer.h - one listener, and streams from it: of a Unix socket or
 * of TCP. Not installed. */
#ifndef MIO_NET_INSPECTOR_PEER_H
#define MIO_NET_INSPECTOR_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/tcp_listener.h"
#include "net/tcp_stream.h"
#include "net/unix_listener.h"
#include "net/unix_stream.h"

struct mio_door {
    bool is_unix;
    union {
        struct mio_tcp_listener tcp;
        struct mio_unix_listener unix_socket;
    } at;
};

struct mio_peer {
    bool is_unix;
    union {
        struct mio_tcp_stream tcp;
        struct mio_unix_stream unix_socket;
    } at;
};

/* Read the address of an inspector: a path, too.
 * Returns 0 | MIO_EINVAL (also: not of this host) | MIO_ENAMETOOLONG. */
MIO_NODISCARD int mio_door_parse(struct mio_address *out, const char *text);

/* Returns as mio_tcp_listener_open and mio_unix_listener_open. */
MIO_NODISCARD int mio_door_open(struct mio_door *self,
                                const struct mio_address *at);
void mio_door_close(struct mio_door *self);
struct mio_source *mio_door_source(struct mio_door *self);
void mio_door_address(const struct mio_door *self, struct mio_address *out);

/* Returns as mio_tcp_listener_accept. */
MIO_NODISCARD int mio_door_accept(struct mio_door *self, struct mio_peer *out);

struct mio_source *mio_peer_source(struct mio_peer *self);
void mio_peer_close(struct mio_peer *self);
MIO_NODISCARD int64_t mio_peer_read(struct mio_peer *self, void *bytes,
                                    size_t size);
MIO_NODISCARD int64_t mio_peer_write(struct mio_peer *self, const void *bytes,
                                     size_t size);

#endif /* MIO_NET_INSPECTOR_PEER_H */
