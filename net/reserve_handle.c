/* SPDX-License-Identifier: MIT
 *
 * net/reserve_handle.c - see the header; here it is held and let go. */
#include "net/reserve_handle.h"

#include "net/sys/socket.h"

int mio_reserve_handle_open(struct mio_reserve_handle *self)
{
    self->handle = MIO_HANDLE_NONE;
    return mio_socket_open_spare(&self->handle);
}

bool mio_reserve_handle_release(struct mio_reserve_handle *self)
{
    if (self->handle == MIO_HANDLE_NONE)
        return false;
    mio_socket_close(self->handle);
    self->handle = MIO_HANDLE_NONE;
    return true;
}

void mio_reserve_handle_close(struct mio_reserve_handle *self)
{
    (void)mio_reserve_handle_release(self);
}
