/* SPDX-License-Identifier: MIT
 *
 * net/shutdown.h - which direction of a connection to shut down. */
#ifndef MIO_NET_SHUTDOWN_H
#define MIO_NET_SHUTDOWN_H

enum mio_shutdown { MIO_SHUTDOWN_READ, MIO_SHUTDOWN_WRITE, MIO_SHUTDOWN_BOTH };

#endif /* MIO_NET_SHUTDOWN_H */
