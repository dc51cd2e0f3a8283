/* SPDX-License-Identifier: MIT
 *
 * net/sys/unix_socket.h - the contract of what only Unix sockets have: pairs,
 * handles that travel, credentials, and files that name them.
 *
 * As net/sys/socket.h: no SIGPIPE, no MIO_EINTR, a count or a negative code.
 * Not installed. */
#ifndef MIO_NET_SYS_UNIX_SOCKET_H
#define MIO_NET_SYS_UNIX_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/source.h"
#include "net/address.h"
#include "net/sys/socket.h"
#include "net/unix_message.h"

/* Two connected sockets without names. Returns as mio_socket_open. */
int mio_socket_open_pair(mio_handle *a, mio_handle *b,
                         enum mio_socket_kind kind);

/* At most MIO_IOVECS_MAX pieces and MIO_UNIX_HANDLES_MAX handles. Too many on
 * their way already is MIO_ENOBUFS. */
int64_t mio_socket_send_message(mio_handle handle,
                                const struct mio_unix_message *message);

/* What came along and is not handed out is closed, whatever it was. */
int64_t mio_socket_recv_message(mio_handle handle,
                                struct mio_unix_message *message);

int mio_socket_peer_credentials(mio_handle handle,
                                struct mio_unix_credentials *out);

/* Which file this is, however it is named; all 0 is none. */
struct mio_file_identity {
    uint64_t device;
    uint64_t file;
    int64_t process; /* that asked */
};

/* Of the socket's file at an address. Returns 0 | MIO_ENOENT | MIO_ENOTSOCK
 * | MIO_EINVAL (an address without a file) | the code. */
int mio_socket_file_identify(const struct mio_address *at,
                             struct mio_file_identity *out);

/* Remove the file, if it still is that one and the process too; it is gone if
 * somebody else removed it. Returns 0 | MIO_EADDRINUSE (another one) | the
 * code.
 */
int mio_socket_file_remove(const struct mio_address *at,
                           const struct mio_file_identity *identity);

#endif /* MIO_NET_SYS_UNIX_SOCKET_H */
