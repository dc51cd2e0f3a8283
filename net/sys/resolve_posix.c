/* SPDX-License-Identifier: MIT
 *
 * net/sys/resolve_posix.c - getaddrinfo: files, name servers, whatever the
 * system is told to ask. */
#include "net/sys/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "net/sys/sockaddr.h"

static int code_of(int error)
{
    switch (error) {
    case EAI_NONAME:
#ifdef EAI_NODATA /* an extension; a name without addresses */
    case EAI_NODATA:
#endif
        return MIO_ENOENT;
    case EAI_AGAIN:
        return MIO_EAGAIN;
    case EAI_MEMORY:
        return MIO_ENOMEM;
    case EAI_SYSTEM:
        return errno != 0 ? -errno : MIO_EIO;
    default:
        return MIO_EIO;
    }
}

static int read_list(const struct addrinfo *info, uint16_t port,
                     struct mio_address *out, uint32_t addresses_max)
{
    uint32_t count = 0;
    for (; info != NULL && count < addresses_max; info = info->ai_next) {
        if (info->ai_family != AF_INET && info->ai_family != AF_INET6)
            continue;
        struct mio_address *address = &out[count++];
        memset(address, 0, sizeof(*address));
        memcpy(address->storage.bytes, info->ai_addr, info->ai_addrlen);
        address->size = (uint32_t)info->ai_addrlen;
        mio_sockaddr_accept(address);
        mio_address_set_port(address, port);
    }
    return count > 0 ? (int)count : MIO_ENOENT;
}

int mio_resolve(const char *name, uint16_t port, struct mio_address *out,
                uint32_t addresses_max)
{
    /* One kind of socket, or each address would come three times. */
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    errno = 0;
    int error = getaddrinfo(name, NULL, &hints, &list);
    if (error != 0)
        return code_of(error);
    int result = read_list(list, port, out, addresses_max);
    freeaddrinfo(list);
    return result;
}
