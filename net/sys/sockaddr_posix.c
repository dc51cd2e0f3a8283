/* SPDX-License-Identifier: MIT
 *
 * net/sys/sockaddr_posix.c - sockaddr_in, sockaddr_in6 and sockaddr_un. */
#include "net/sys/sockaddr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/assert.h"

_Static_assert(sizeof(struct sockaddr_storage) <= MIO_ADDRESS_STORAGE,
               "every address fits");
_Static_assert(MIO_IP_TEXT_MAX >= INET6_ADDRSTRLEN, "every IP fits");
_Static_assert(MIO_SCOPE_TEXT_MAX >= IF_NAMESIZE, "every scope fits");

/* Copied in and out: the storage has no type that C would let us look at
 * through a sockaddr pointer. The compiler makes moves of it. */
static void store(struct mio_address *self, enum mio_family family,
                  const void *sockaddr, size_t size)
{
    MIO_ASSERT(size <= sizeof(self->storage.bytes));
    *self = (struct mio_address){
        .size = (uint32_t)size,
        .family = (uint32_t)family,
    };
    memcpy(self->storage.bytes, sockaddr, size);
}

void mio_sockaddr_from_ipv4(struct mio_address *out, const struct mio_ip *ip)
{
    struct sockaddr_in sa = {
        .sin_family = AF_INET,
        .sin_port = htons(ip->port),
    };
    memcpy(&sa.sin_addr, ip->bytes, MIO_IPV4_SIZE);
    store(out, MIO_FAMILY_IPV4, &sa, sizeof(sa));
}

void mio_sockaddr_from_ipv6(struct mio_address *out, const struct mio_ip *ip)
{
    struct sockaddr_in6 sa = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(ip->port),
        .sin6_scope_id = ip->scope,
    };
    memcpy(&sa.sin6_addr, ip->bytes, MIO_IPV6_SIZE);
    store(out, MIO_FAMILY_IPV6, &sa, sizeof(sa));
}

int mio_sockaddr_from_file(struct mio_address *out, const char *path,
                           size_t size)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (size == 0 || memchr(path, '\0', size) != NULL)
        return MIO_EINVAL;
    if (size + 1 > sizeof(sa.sun_path)) /* it ends with a 0 */
        return MIO_ENAMETOOLONG;
    memcpy(sa.sun_path, path, size);
    store(out, MIO_FAMILY_UNIX, &sa,
          offsetof(struct sockaddr_un, sun_path) + size + 1);
    return MIO_OK;
}

int mio_sockaddr_from_abstract(struct mio_address *out, const char *name,
                               size_t size)
{
#ifdef __linux__
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (size == 0)
        return MIO_EINVAL;
    if (size + 1 > sizeof(sa.sun_path)) /* it begins with a 0 */
        return MIO_ENAMETOOLONG;
    memcpy(sa.sun_path + 1, name, size);
    store(out, MIO_FAMILY_UNIX, &sa,
          offsetof(struct sockaddr_un, sun_path) + 1 + size);
    return MIO_OK;
#else
    (void)out;
    (void)name;
    (void)size;
    return MIO_ENOTSUP;
#endif
}

int mio_sockaddr_from_path(struct mio_address *out, const char *path,
                           size_t size)
{
    if (size > 0 && path[0] == '@')
        return mio_sockaddr_from_abstract(out, path + 1, size - 1);
    return mio_sockaddr_from_file(out, path, size);
}

void mio_sockaddr_to_ip(const struct mio_address *self, struct mio_ip *out)
{
    *out = (struct mio_ip){.port = 0};
    if (self->family == MIO_FAMILY_IPV4) {
        struct sockaddr_in sa;
        memcpy(&sa, self->storage.bytes, sizeof(sa));
        memcpy(out->bytes, &sa.sin_addr, MIO_IPV4_SIZE);
        out->port = ntohs(sa.sin_port);
        return;
    }
    MIO_ASSERT(self->family == MIO_FAMILY_IPV6);
    struct sockaddr_in6 sa;
    memcpy(&sa, self->storage.bytes, sizeof(sa));
    memcpy(out->bytes, &sa.sin6_addr, MIO_IPV6_SIZE);
    out->scope = sa.sin6_scope_id;
    out->port = ntohs(sa.sin6_port);
}

size_t mio_sockaddr_to_path(const struct mio_address *self, const char **bytes)
{
    MIO_ASSERT(self->family == MIO_FAMILY_UNIX);

    size_t offset = offsetof(struct sockaddr_un, sun_path);
    *bytes = (const char *)self->storage.bytes + offset;
    if (self->size <= offset)
        return 0;
    size_t size = self->size - offset;
    return **bytes == '\0' ? size : strnlen(*bytes, size);
}

void mio_sockaddr_accept(struct mio_address *self)
{
    /* The system may say a size larger than what it wrote. */
    if (self->size > sizeof(self->storage.bytes))
        self->size = sizeof(self->storage.bytes);

    sa_family_t family = AF_UNSPEC;
    size_t offset = offsetof(struct sockaddr, sa_family);
    if (self->size >= offset + sizeof(family))
        memcpy(&family, self->storage.bytes + offset, sizeof(family));

    self->family = MIO_FAMILY_NONE;
    if (family == AF_INET && self->size >= sizeof(struct sockaddr_in))
        self->family = MIO_FAMILY_IPV4;
    else if (family == AF_INET6 && self->size >= sizeof(struct sockaddr_in6))
        self->family = MIO_FAMILY_IPV6;
    else if (family == AF_UNIX &&
             self->size > offsetof(struct sockaddr_un, sun_path))
        self->family = MIO_FAMILY_UNIX;
}

bool mio_ip_from_text(enum mio_family family, const char *text, uint8_t *bytes)
{
    int af = family == MIO_FAMILY_IPV4 ? AF_INET : AF_INET6;
    return inet_pton(af, text, bytes) == 1;
}

void mio_ip_to_text(enum mio_family family, const uint8_t *bytes, char *text)
{
    int af = family == MIO_FAMILY_IPV4 ? AF_INET : AF_INET6;
    const char *rc = inet_ntop(af, bytes, text, MIO_IP_TEXT_MAX);
    MIO_ASSERT(rc != NULL);
}

uint32_t mio_scope_from_text(const char *text)
{
    uint32_t scope = if_nametoindex(text);
    if (scope != 0)
        return scope;

    /* A number is taken as it is: the interface may come later. */
    uint64_t number = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || number > UINT32_MAX)
            return 0;
        number = number * 10 + (uint64_t)(*p - '0');
    }
    return number > UINT32_MAX ? 0 : (uint32_t)number;
}

void mio_scope_to_text(uint32_t scope, char *text)
{
    if (if_indextoname(scope, text) == NULL)
        (void)snprintf(text, MIO_SCOPE_TEXT_MAX, "%u", (unsigned)scope);
}
