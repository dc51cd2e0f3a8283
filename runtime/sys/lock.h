/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/lock.h - the contract of locks that threads sleep on. Not
 * installed.
 *
 * For threads that are no reactors, and for the moment in which a reactor hands
 * them something. A lock has one condition to wait for. */
#ifndef MIO_RUNTIME_SYS_LOCK_H
#define MIO_RUNTIME_SYS_LOCK_H

#include "core/error.h"
#include "core/visibility.h"

struct mio_lock;

/* Returns 0 | MIO_ENOMEM | MIO_EAGAIN (the system's limit). */
MIO_NODISCARD int mio_lock_new(struct mio_lock **out);

/* NULL is fine. Nobody has it or waits. */
void mio_lock_free(struct mio_lock *self);

void mio_lock_take(struct mio_lock *self);
void mio_lock_release(struct mio_lock *self);

/* Release it, sleep until somebody wakes (or for no reason), take it again. */
void mio_lock_wait(struct mio_lock *self);

/* Wake one who waits, or all. */
void mio_lock_wake_one(struct mio_lock *self);
void mio_lock_wake_all(struct mio_lock *self);

#endif /* MIO_RUNTIME_SYS_LOCK_H */
