/* SPDX-License-Identifier: MIT
 *
 * core/log.h - what an object has to say besides its codes.
 *
 * One per object, none for the process: the options of a poll, an event loop or
 * a set of signals can name one, and NULL says nothing and costs nothing. What
 * is told is what no code tells: which selector was chosen and why, what had to
 * be dropped, which of the caller's mistakes was seen too late to be refused.
 * An error that is answered is not told as well.
 *
 * The struct stays where it is, and unchanged, as long as an allocator's would
 * (core/allocator.h). `write` is called in whatever thread does what is told
 * of, and so by several at once if several use the object; with no lock held,
 * and never in a signal handler. It must not use the object that calls it.
 * Nothing is allocated for it. */
#ifndef MIO_CORE_LOG_H
#define MIO_CORE_LOG_H

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* How much it matters. */
enum mio_log_level {
    MIO_LOG_ERROR,   /* something does not work any more */
    MIO_LOG_WARNING, /* something was lost, or is done in a way that loses */
    MIO_LOG_INFO,    /* what was chosen, and why */
};

/* A hook for lines of text. */
struct mio_log {
    void *ctx; /* given to `write` */
    /* `text` is one line, without its end, and gone when write returns. */
    void (*write)(void *ctx, enum mio_log_level level, const char *text);
    enum mio_log_level level; /* the least important that is written */
};

/* A longer text is cut. */
#define MIO_LOG_TEXT_SIZE 256

/** "error", "warning", "info".                    Thread: any, signal-safe. */
MIO_API const char *mio_log_level_name(enum mio_log_level level);

/** Write a text, formatted as by printf, if there is a log (`self` may be NULL)
 *  that takes this level.                                 Thread: any. */
MIO_API __attribute__((cold, format(printf, 3, 4))) void
mio_log_print(const struct mio_log *self, enum mio_log_level level,
              const char *format, ...);

MIO_END_DECLS
#endif /* MIO_CORE_LOG_H */
