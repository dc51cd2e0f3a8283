/* SPDX-License-Identifier: MIT
 *
 * net/reserve_handle.h - a spare descriptor against the day when none is left.
 *
 * A server at its descriptor limit can neither accept a waiting peer nor get
 * rid of it, and would spin. Giving the spare up makes room to accept it, tell
 * it why, and close it; then the spare is taken again. */
#ifndef MIO_NET_RESERVE_HANDLE_H
#define MIO_NET_RESERVE_HANDLE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/source.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* In the memory of its owner. */
struct mio_reserve_handle {
    /* private */
    mio_handle handle;
};

/** Take the spare.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE.                   Thread: owner. */
MIO_API int mio_reserve_handle_open(struct mio_reserve_handle *self);

/** Give the spare up; false if it was not there.          Thread: owner. */
MIO_API bool mio_reserve_handle_release(struct mio_reserve_handle *self);

/** Close it (it may be given up already).                 Thread: owner. */
MIO_API void mio_reserve_handle_close(struct mio_reserve_handle *self);

MIO_END_DECLS
#endif /* MIO_NET_RESERVE_HANDLE_H */
