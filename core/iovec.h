/* SPDX-License-Identifier: MIT
 *
 * core/iovec.h - a piece of memory of a gathered write or a scattered read.
 *
 * What a ring tells of its bytes and its room, net/ writes and reads as it is:
 * the layout is the system's (struct iovec of POSIX on Unix). */
#ifndef MIO_CORE_IOVEC_H
#define MIO_CORE_IOVEC_H

#include <stddef.h>

struct mio_iovec {
    void *base;
    size_t size;
};

#define MIO_IOVECS_MAX 64 /* in one call; the rest stays with the caller */

#endif /* MIO_CORE_IOVEC_H */
