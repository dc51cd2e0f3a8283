/* SPDX-License-Identifier: MIT
 *
 * core/signals.h - operating-system signals as events of a poll.
 *
 * A handler and a pipe, not a blocked mask: children of fork and exec are left
 * unharmed. Each signal goes to every set that asked for it, so several loops
 * of one process can watch the same one. Console control on Windows. */
#ifndef MIO_CORE_SIGNALS_H
#define MIO_CORE_SIGNALS_H

#include <stdint.h>

#include "core/allocator.h"
#include "core/error.h"
#include "core/log.h"
#include "core/source.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Which signal. */
enum mio_signal {
    MIO_SIGNAL_INTERRUPT, /* SIGINT: Ctrl-C */
    MIO_SIGNAL_TERMINATE, /* SIGTERM: somebody asks us to end */
    MIO_SIGNAL_HANGUP,    /* SIGHUP: the terminal is gone, or read settings */
    MIO_SIGNAL_USER1,     /* SIGUSR1 */
    MIO_SIGNAL_USER2,     /* SIGUSR2 */
    MIO_SIGNAL_CHILD,     /* SIGCHLD: a child ended or stopped */
    MIO_SIGNAL_WINDOW,    /* SIGWINCH: the terminal's size changed */
    MIO_SIGNALS_COUNT     /* how many there are */
};

/* Opaque: a set of signals, and the source that tells of them. */
struct mio_signals;

/** Create an empty set in *out.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM | MIO_ENOSPC (the process
 *  has 1024 of them).                                     Thread: any. */
MIO_API MIO_NODISCARD int mio_signals_new(struct mio_signals **out);

/* Of a set. */
struct mio_signals_options {
    const struct mio_allocator *allocator; /* NULL: libc's */
    const struct mio_log *log;             /* NULL: none */
};

/** The same; `options` may be NULL.
 *  Returns as mio_signals_new.                            Thread: any. */
MIO_API MIO_NODISCARD int
mio_signals_new_with(struct mio_signals **out,
                     const struct mio_signals_options *options);

/** Release a set (NULL is fine); deregister its source before. A signal that
 *  no set watches any more gets back the action it had.   Thread: owner. */
MIO_API void mio_signals_free(struct mio_signals *self);

/** Watch one more signal: from now on it no longer has its default effect.
 *  Returns 0 | MIO_EINVAL | MIO_EEXIST (it is watched by this set already)
 *  | MIO_ENOTSUP (this system has none such).             Thread: owner. */
MIO_API MIO_NODISCARD int mio_signals_add(struct mio_signals *self,
                                          enum mio_signal which);

/** Stop watching one.
 *  Returns 0 | MIO_ENOENT.                                Thread: owner. */
MIO_API int mio_signals_remove(struct mio_signals *self, enum mio_signal which);

/** What to register (readable) with a poll.               Thread: owner. */
MIO_API struct mio_source *mio_signals_source(struct mio_signals *self);

/** Take one signal that arrived. Signals of one kind that arrive before they
 *  are taken count as one.
 *  Returns an enum mio_signal >= 0 | MIO_EAGAIN.          Thread: owner. */
MIO_API int mio_signals_next(struct mio_signals *self);

MIO_END_DECLS
#endif /* MIO_CORE_SIGNALS_H */
