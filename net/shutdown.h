/* SPDX-License-Identifier: MIT
 *
 * net/shutdown.h - which direction of a connection to shut down. */
#ifndef MIO_NET_SHUTDOWN_H
#define MIO_NET_SHUTDOWN_H

/* Which direction. */
enum mio_shutdown {
    MIO_SHUTDOWN_READ,  /* what comes is read no more */
    MIO_SHUTDOWN_WRITE, /* the peer reads to the end */
    MIO_SHUTDOWN_BOTH   /* both */
};

#endif /* MIO_NET_SHUTDOWN_H */
