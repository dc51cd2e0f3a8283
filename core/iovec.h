/* SPDX-License-Identifier: MIT
 *
 * core/iovec.h - a piece of memory of a gathered write or a scattered read.
 *
 * What a ring tells of its bytes and its room, net/ writes and reads as it is:
 * the layout is the system's (struct iovec of POSIX on Unix). */
#ifndef MIO_CORE_IOVEC_H
#define MIO_CORE_IOVEC_H

#include <stddef.h>

/* The memory is its owner's, and is used during the call alone. */
struct mio_iovec {
    void *base;  /* where it begins; not written to by who writes it out */
    size_t size; /* in bytes */
};

#define MIO_IOVECS_MAX 64 /* in one call; the rest stays with the caller */

#endif /* MIO_CORE_IOVEC_H */
