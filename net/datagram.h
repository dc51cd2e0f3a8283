/* SPDX-License-Identifier: MIT
 *
 * net/datagram.h - one datagram of a batch that is sent or received at once. */
#ifndef MIO_NET_DATAGRAM_H
#define MIO_NET_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "core/iovec.h"
#include "net/address.h"

#define MIO_DATAGRAMS_MAX 64 /* in one call; the rest stays with the caller */

/* Received: it was longer than the pieces, and its rest is gone. */
#define MIO_DATAGRAM_TRUNCATED UINT32_C(1)

/* Its memory is the caller's, and is used during the call alone. */
struct mio_datagram {
    const struct mio_iovec *pieces; /* its bytes, or the room for them */
    size_t pieces_count;            /* 0..MIO_IOVECS_MAX */

    /* To send: to whom; NULL is the connected peer. To receive: who sent it is
     * written here, unless it is NULL. */
    struct mio_address *address;

    /* To send: 0, or cut the bytes into datagrams of this size (and a shorter
     * last one), at most 64 of them and 65,507 bytes, in the system. Received:
     * 0, or it was put together from datagrams of this size. */
    uint32_t segment_size;

    /* answers */
    size_t size;    /* sent, or received */
    uint32_t flags; /* received: MIO_DATAGRAM_TRUNCATED */
};

#endif /* MIO_NET_DATAGRAM_H */
