/* SPDX-License-Identifier: MIT
 *
 * net/sys/resolve.h - the contract of the system's resolver, which blocks. Not
 * installed. */
#ifndef MIO_NET_SYS_RESOLVE_H
#define MIO_NET_SYS_RESOLVE_H

#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "net/address.h"

/* The addresses of a name, or of a numeric IP, in the system's order of
 * preference, with this port; further ones are left out. Blocks.
 * Returns how many, > 0 | MIO_ENOENT (no such name, or no address) | MIO_EAGAIN
 * (no name server answered) | MIO_EIO (one failed) | MIO_ENOMEM
 * | what the system says.                                 Thread: any. */
MIO_NODISCARD int mio_resolve(const char *name, uint16_t port,
                              struct mio_address *out, uint32_t addresses_max);

#endif /* MIO_NET_SYS_RESOLVE_H */
