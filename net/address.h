/* SPDX-License-Identifier: MIT
 *
 * net/address.h - a socket address: IPv4, IPv6 or a Unix path, as a value.
 *
 * Large enough for any of them and free to copy. Text forms: "127.0.0.1:6667",
 * "[::1]:6667", "[fe80::1%eth0]:6667", "unix:/run/x.sock", "unix:@abstract". */
#ifndef MIO_NET_ADDRESS_H
#define MIO_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* What kind of address. */
enum mio_family {
    MIO_FAMILY_NONE, /* an unnamed peer */
    MIO_FAMILY_IPV4, /* four bytes and a port */
    MIO_FAMILY_IPV6, /* 16 bytes, a port and a scope */
    MIO_FAMILY_UNIX  /* a path, or an abstract name */
};

#define MIO_ADDRESS_STORAGE 128 /* sockaddr_storage, on every system */

/* Room for any text form with its end: 108 of a Unix path and "unix:@". */
#define MIO_ADDRESS_TEXT_MAX 128

/* A value: free to copy. */
struct mio_address {
    /* private: the system's own form */
    uint32_t size;
    uint32_t family;
    union {
        uint64_t align;
        uint8_t bytes[MIO_ADDRESS_STORAGE];
    } storage;
};

/** Read a numeric text form, never a name that must be looked up.
 *  Returns 0 | MIO_EINVAL | MIO_ENAMETOOLONG | MIO_ENODEV (scope).
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_address_parse(struct mio_address *out,
                                            const char *text);

/** An IPv4 or IPv6 address without port, as "127.0.0.1", and a port.
 *  Returns 0 | MIO_EINVAL | MIO_ENODEV.                   Thread: any. */
MIO_API MIO_NODISCARD int mio_address_parse_ip(struct mio_address *out,
                                               const char *ip, uint16_t port);

/** The Unix socket file at `path`, taken as it is.
 *  Returns 0 | MIO_EINVAL (empty) | MIO_ENAMETOOLONG.     Thread: any. */
MIO_API MIO_NODISCARD int mio_address_from_path(struct mio_address *out,
                                                const char *path);

/** The Unix socket with the abstract name of these bytes, any of which may be
 *  0: unix(7). It has no file, and is gone with its socket.
 *  Returns 0 | MIO_EINVAL (empty) | MIO_ENAMETOOLONG | MIO_ENOTSUP (not Linux).
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_address_from_abstract(struct mio_address *out,
                                                    const void *name,
                                                    size_t size);

/** The path of a Unix address, not terminated, or its abstract name, which
 *  begins with a 0. *bytes point into the address.
 *  Returns the size, 0 if it has none (and *bytes is NULL). Thread: any. */
MIO_API size_t mio_address_path(const struct mio_address *self,
                                const char **bytes);

/** Write the text form with its terminating 0 into text; cut if it does not
 *  fit in text_size (MIO_ADDRESS_TEXT_MAX always does).
 *  Returns the length of the whole form.                  Thread: any. */
MIO_API size_t mio_address_format(const struct mio_address *self, char *text,
                                  size_t text_size);

/** As above, of the IP alone: no brackets, no port.       Thread: any. */
MIO_API size_t mio_address_format_ip(const struct mio_address *self, char *text,
                                     size_t text_size);

/** Its family.                                            Thread: any. */
MIO_API enum mio_family mio_address_family(const struct mio_address *self);

/** Its port, 0 where there is none.                       Thread: any. */
MIO_API uint16_t mio_address_port(const struct mio_address *self);

/** The same address with another port (no effect on Unix paths).
 *                                                         Thread: any. */
MIO_API void mio_address_set_port(struct mio_address *self, uint16_t port);

/** 127.0.0.0/8, ::1, IPv4-mapped loopback, or a Unix path. Thread: any. */
MIO_API bool mio_address_is_loopback(const struct mio_address *self);

/** Same family, address, port and scope.                  Thread: any. */
MIO_API bool mio_address_equal(const struct mio_address *a,
                               const struct mio_address *b);

/** Same IP, whatever the port.                            Thread: any. */
MIO_API bool mio_address_equal_ip(const struct mio_address *a,
                                  const struct mio_address *b);

/** A hash of the IP alone, for tables per host.           Thread: any. */
MIO_API uint64_t mio_address_hash_ip(const struct mio_address *self,
                                     uint64_t seed);

MIO_END_DECLS
#endif /* MIO_NET_ADDRESS_H */
