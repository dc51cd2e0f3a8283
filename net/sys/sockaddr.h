/* SPDX-License-Identifier: MIT
 *
 * net/sys/sockaddr.h - the contract of the system's form of an address.
 *
 * mio_address holds it, so that it goes to and from the system uncopied; only
 * here is its layout known. Not installed. */
#ifndef MIO_NET_SYS_SOCKADDR_H
#define MIO_NET_SYS_SOCKADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "net/address.h"

#define MIO_IPV4_SIZE 4
#define MIO_IPV6_SIZE 16

/* Long enough for any numeric IP without scope, and for a scope's name. */
#define MIO_IP_TEXT_MAX 46
#define MIO_SCOPE_TEXT_MAX 16

/* What an address says, apart from its system's form. */
struct mio_ip {
    uint8_t bytes[MIO_IPV6_SIZE]; /* IPv4: the first four */
    uint32_t scope;               /* index of an interface; IPv6 alone */
    uint16_t port;
};

void mio_sockaddr_from_ipv4(struct mio_address *out, const struct mio_ip *ip);
void mio_sockaddr_from_ipv6(struct mio_address *out, const struct mio_ip *ip);

/* A path, or after '@' an abstract name. Returns 0 | MIO_EINVAL (empty)
 * | MIO_ENAMETOOLONG | MIO_ENOTSUP. */
int mio_sockaddr_from_path(struct mio_address *out, const char *path,
                           size_t size);

/* A path, whatever it begins with, without a 0 in it; or an abstract name, of
 * any bytes. Returns likewise. */
int mio_sockaddr_from_file(struct mio_address *out, const char *path,
                           size_t size);
int mio_sockaddr_from_abstract(struct mio_address *out, const char *name,
                               size_t size);

/* Of an IPv4 or IPv6 address. */
void mio_sockaddr_to_ip(const struct mio_address *self, struct mio_ip *out);

/* Of a Unix address; *bytes are not terminated, and begin with 0 if the name
 * is abstract. Returns the size, 0 if it is unnamed. */
size_t mio_sockaddr_to_path(const struct mio_address *self, const char **bytes);

/* Set `family` from what the system wrote into storage and size. */
void mio_sockaddr_accept(struct mio_address *self);

/* Numeric text, terminated, to bytes in network order and back. */
bool mio_ip_from_text(enum mio_family family, const char *text, uint8_t *bytes);
void mio_ip_to_text(enum mio_family family, const uint8_t *bytes, char *text);

/* An interface by name or number, 0 if there is none such; and its name, or
 * its number if it has none, in MIO_SCOPE_TEXT_MAX. */
uint32_t mio_scope_from_text(const char *text);
void mio_scope_to_text(uint32_t scope, char *text);

#endif /* MIO_NET_SYS_SOCKADDR_H */
