/* SPDX-License-Identifier: MIT
 *
 * net/unix_message.h - bytes, and what only Unix sockets carry besides them:
 * handles, and who sent them (SCM_RIGHTS, SCM_CREDENTIALS). */
#ifndef MIO_NET_UNIX_MESSAGE_H
#define MIO_NET_UNIX_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/iovec.h"
#include "core/source.h"
#include "net/address.h"

#define MIO_UNIX_HANDLES_MAX 253 /* in one message: Linux' limit */

/* Who is at the other end, or was when it connected or sent. */
struct mio_unix_credentials {
    int64_t process; /* its id; -1 where the system does not tell */
    uint32_t user;   /* effective */
    uint32_t group;  /* effective */
};

/* To send: attach our own credentials. Received: they were attached (see
 * set_pass_credentials of the socket). */
#define MIO_UNIX_CREDENTIALS UINT32_C(1)

/* Received: the datagram was longer than the pieces, and its rest is gone. */
#define MIO_UNIX_TRUNCATED UINT32_C(2)

/* Received: more handles came than there was room for, or than this process may
 * have open. Those that are not among `handles` are closed. */
#define MIO_UNIX_HANDLES_LOST UINT32_C(4)

/* Its memory is the caller's, and is used during the call alone. */
struct mio_unix_message {
    const struct mio_iovec *pieces; /* its bytes, or the room for them */
    size_t pieces_count;            /* 0..MIO_IOVECS_MAX */

    /* Of datagrams alone. To send: to whom; NULL is the connected peer. To
     * receive: who sent it is written here, unless it is NULL. */
    struct mio_address *address;

    /* To send: the receiver gets copies, ours stay ours. Received: they are
     * ours, to be closed by us, and not inherited; whether they block is as
     * their sender had it. */
    mio_handle *handles;
    size_t handles_count; /* to send, or received */
    size_t handles_max;   /* to receive: the room at `handles` */

    struct mio_unix_credentials credentials; /* received */
    uint32_t flags;                          /* the above */
};

#endif /* MIO_NET_UNIX_MESSAGE_H */
