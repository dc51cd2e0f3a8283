/* SPDX-License-Identifier: MIT
 *
 * net/inspector/inspector.h - a live runtime, to be looked at from outside.
 *
 * A thread of its own answers at a Unix socket, or at a TCP port of this host,
 * so that it also answers when every reactor is stuck. It costs nothing while
 * nobody asks. What it says, and how it is asked: net/inspector/README.md. */
#ifndef MIO_NET_INSPECTOR_INSPECTOR_H
#define MIO_NET_INSPECTOR_INSPECTOR_H

#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "net/address.h"
#include "runtime/runtime.h"

MIO_BEGIN_DECLS

/* Opaque: a listener, its thread, and those who ask. */
struct mio_inspector;

/* How it is reached; all but the first may be 0. */
struct mio_inspector_options {
    const char *address;      /* "/run/chat.sock", "unix:@name", or
                                 "127.0.0.1:9100": loopback only */
    uint32_t clients_max;     /* 0 = 16; one more replaces who was silent for
                                 the longest time */
    int64_t answer_within_ns; /* a reactor that takes longer to tell of its
                                 actors is left out; 0 = 250 ms */
};

/** Listen, and start the thread; before or after the runtime's start. A socket
 *  file that nobody listens at is taken over. Options are copied.
 *  Returns 0 | MIO_EINVAL (address, not of this host) | MIO_EADDRINUSE
 *  | MIO_EACCES | MIO_ENOENT | MIO_EADDRNOTAVAIL | MIO_ENAMETOOLONG
 *  | MIO_ENOTSOCK (another kind of file) | MIO_EAGAIN (no thread) | MIO_EMFILE
 *  | MIO_ENFILE | MIO_ENOMEM.                             Thread: any. */
MIO_API MIO_NODISCARD int
mio_inspector_new(struct mio_inspector **out, struct mio_runtime *runtime,
                  const struct mio_inspector_options *options);

/** Release it (NULL is fine), its thread and its file, after the runtime was
 *  joined and before it is freed.                         Thread: owner. */
MIO_API void mio_inspector_free(struct mio_inspector *self);

/** Where it listens, with the port that was chosen.       Thread: any. */
MIO_API void mio_inspector_address(const struct mio_inspector *self,
                                   struct mio_address *out);

MIO_END_DECLS
#endif /* MIO_NET_INSPECTOR_INSPECTOR_H */
