/* SPDX-License-Identifier: MIT
 *
 * net/sys/socket_posix.c - BSD sockets. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif

#include "net/sys/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/assert.h"
#include "net/sys/sockaddr.h"

_Static_assert(sizeof(struct mio_iovec) == sizeof(struct iovec) &&
                   offsetof(struct mio_iovec, base) ==
                       offsetof(struct iovec, iov_base) &&
                   offsetof(struct mio_iovec, size) ==
                       offsetof(struct iovec, iov_len),
               "pieces go to the system as they are");

#define RETRY(rc, call)                                                        \
    do                                                                         \
        (rc) = (call);                                                         \
    while ((rc) < 0 && errno == EINTR)

static int result(int rc)
{
    return rc < 0 ? -errno : MIO_OK;
}

static int64_t answer(ssize_t n)
{
    return n < 0 ? -(int64_t)errno : (int64_t)n;
}

int mio_socket_open_kind(mio_handle *out, enum mio_family family,
                         enum mio_socket_kind kind)
{
    static const int families[] = {
        [MIO_FAMILY_NONE] = AF_UNSPEC,
        [MIO_FAMILY_IPV4] = AF_INET,
        [MIO_FAMILY_IPV6] = AF_INET6,
        [MIO_FAMILY_UNIX] = AF_UNIX,
    };
    if (family == MIO_FAMILY_NONE)
        return MIO_EAFNOSUPPORT;

    int type = kind == MIO_SOCKET_STREAM ? SOCK_STREAM : SOCK_DGRAM;
    int fd = socket(families[family], type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    *out = fd;
    return MIO_OK;
}

int mio_socket_open(mio_handle *out, enum mio_family family)
{
    if (family == MIO_FAMILY_UNIX)
        return MIO_EAFNOSUPPORT;
    return mio_socket_open_kind(out, family, MIO_SOCKET_STREAM);
}

void mio_socket_close(mio_handle handle)
{
    /* Not repeated after EINTR: the descriptor is gone all the same. */
    (void)close((int)handle);
}

/* The storage is the system's own form, aligned for it. */
static const struct sockaddr *sockaddr_of(const struct mio_address *address)
{
    return (const struct sockaddr *)(const void *)&address->storage;
}

int mio_socket_connect(mio_handle handle, const struct mio_address *to)
{
    if (connect((int)handle, sockaddr_of(to), to->size) == 0)
        return MIO_OK;
    /* Interrupted, it goes on all the same; asking again would be an error. */
    return errno == EINPROGRESS || errno == EINTR ? MIO_OK : -errno;
}

int mio_socket_bind(mio_handle handle, const struct mio_address *at)
{
    return result(bind((int)handle, sockaddr_of(at), at->size));
}

int mio_socket_listen(mio_handle handle, int backlog)
{
    return result(listen((int)handle, backlog));
}

/* What Linux passes on of a connection that died in the queue (accept(2)). */
static int accept_code(int code)
{
    switch (code) {
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
#ifdef ENONET
    case ENONET:
#endif
    case EPERM: /* a firewall's rule */
    case ETIMEDOUT:
        return MIO_ECONNABORTED;
    default:
        return -code;
    }
}

int mio_socket_accept(mio_handle handle, mio_handle *out,
                      struct mio_address *peer)
{
    struct mio_address unused;
    if (peer == NULL)
        peer = &unused;
    *peer = (struct mio_address){.family = MIO_FAMILY_NONE};

    socklen_t size = sizeof(peer->storage);
    int fd;
    RETRY(fd, accept4((int)handle, (struct sockaddr *)(void *)&peer->storage,
                      &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd < 0)
        return accept_code(errno);
    peer->size = size;
    mio_sockaddr_accept(peer);
    *out = fd;
    return MIO_OK;
}

int64_t mio_socket_read(mio_handle handle, void *bytes, size_t size)
{
    ssize_t n;
    RETRY(n, recv((int)handle, bytes, size, 0));
    return answer(n);
}

int64_t mio_socket_peek(mio_handle handle, void *bytes, size_t size)
{
    ssize_t n;
    RETRY(n, recv((int)handle, bytes, size, MSG_PEEK));
    return answer(n);
}

int64_t mio_socket_write(mio_handle handle, const void *bytes, size_t size)
{
    ssize_t n;
    RETRY(n, send((int)handle, bytes, size, MSG_NOSIGNAL));
    return answer(n);
}

static struct msghdr message_of(const struct mio_iovec *pieces, size_t count)
{
    /* Neither sendmsg nor recvmsg writes to the array itself. */
    return (struct msghdr){
        .msg_iov = (struct iovec *)(uintptr_t)pieces,
        .msg_iovlen = count,
    };
}

int64_t mio_socket_readv(mio_handle handle, const struct mio_iovec *pieces,
                         size_t count)
{
    struct msghdr message = message_of(pieces, count);
    ssize_t n;
    RETRY(n, recvmsg((int)handle, &message, 0));
    return answer(n);
}

int64_t mio_socket_writev(mio_handle handle, const struct mio_iovec *pieces,
                          size_t count)
{
    struct msghdr message = message_of(pieces, count);
    ssize_t n;
    RETRY(n, sendmsg((int)handle, &message, MSG_NOSIGNAL));
    return answer(n);
}

int mio_socket_shutdown(mio_handle handle, enum mio_shutdown how)
{
    static const int hows[] = {
        [MIO_SHUTDOWN_READ] = SHUT_RD,
        [MIO_SHUTDOWN_WRITE] = SHUT_WR,
        [MIO_SHUTDOWN_BOTH] = SHUT_RDWR,
    };
    return result(shutdown((int)handle, hows[how]));
}

int mio_socket_take_error(mio_handle handle)
{
    int code = 0;
    socklen_t size = sizeof(code);
    if (getsockopt((int)handle, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
        return -errno;
    return -code;
}

static int address_from(int (*get)(int, struct sockaddr *, socklen_t *),
                        mio_handle handle, struct mio_address *out)
{
    struct mio_address address = {.family = MIO_FAMILY_NONE};
    socklen_t size = sizeof(address.storage);
    if (get((int)handle, (struct sockaddr *)(void *)&address.storage, &size) <
        0)
        return -errno;
    address.size = size;
    mio_sockaddr_accept(&address);
    *out = address;
    return MIO_OK;
}

static int local_name(int fd, struct sockaddr *address, socklen_t *size)
{
    return getsockname(fd, address, size);
}

static int peer_name(int fd, struct sockaddr *address, socklen_t *size)
{
    return getpeername(fd, address, size);
}

int mio_socket_local_address(mio_handle handle, struct mio_address *out)
{
    return address_from(local_name, handle, out);
}

int mio_socket_peer_address(mio_handle handle, struct mio_address *out)
{
    return address_from(peer_name, handle, out);
}

static int set_int(mio_handle handle, int level, int name, int value)
{
    return result(setsockopt((int)handle, level, name, &value, sizeof(value)));
}

int mio_socket_set_reuse_address(mio_handle handle)
{
    return set_int(handle, SOL_SOCKET, SO_REUSEADDR, 1);
}

int mio_socket_set_share_port(mio_handle handle)
{
#ifdef __linux__
    return set_int(handle, SOL_SOCKET, SO_REUSEPORT, 1);
#else
    /* Elsewhere the option exists, but all peers go to one of them. */
    (void)handle;
    return MIO_ENOTSUP;
#endif
}

int mio_socket_set_only_v6(mio_handle handle, bool on)
{
    return set_int(handle, IPPROTO_IPV6, IPV6_V6ONLY, on);
}

int mio_socket_set_nodelay(mio_handle handle, bool on)
{
    return set_int(handle, IPPROTO_TCP, TCP_NODELAY, on);
}

int mio_socket_set_keepalive(mio_handle handle, uint32_t idle_s)
{
    /* Linux' limit; other systems have none that is lower. */
    if (idle_s > 32767)
        return MIO_EINVAL;
    if (idle_s > 0) {
        int rc = set_int(handle, IPPROTO_TCP, TCP_KEEPIDLE, (int)idle_s);
        if (rc < 0)
            return rc;
    }
    return set_int(handle, SOL_SOCKET, SO_KEEPALIVE, idle_s > 0);
}

int mio_socket_set_reset_on_close(mio_handle handle, bool on)
{
    struct linger linger = {.l_onoff = on, .l_linger = 0};
    return result(setsockopt((int)handle, SOL_SOCKET, SO_LINGER, &linger,
                             sizeof(linger)));
}

int mio_socket_open_spare(mio_handle *out)
{
    /* Needs no file system, unlike /dev/null, so it works in a chroot. */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    *out = fd;
    return MIO_OK;
}
