/* SPDX-License-Identifier: MIT
 *
 * core/notify_sender.h - messages into an event loop, from any thread.
 *
 * A bounded lock-free channel of pointers. What was accepted is either given to
 * the handler's `notify` or, when the loop is freed, to the destructor of the
 * loop's options; what was refused stays with the sender. The loop is woken
 * only if it sleeps: to a loop that is awake, a send makes no system call. */
#ifndef MIO_CORE_NOTIFY_SENDER_H
#define MIO_CORE_NOTIFY_SENDER_H

#include "core/error.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Counted by reference, and outlives its loop. Threads may share one, or have
 * a reference each. From mio_event_loop_sender. */
struct mio_notify_sender;

/** One more reference to the same sender.                 Thread: any. */
MIO_API MIO_NODISCARD struct mio_notify_sender *
mio_notify_sender_clone(struct mio_notify_sender *self);

/** Give a reference back (NULL is fine).                  Thread: any. */
MIO_API void mio_notify_sender_free(struct mio_notify_sender *self);

/** Send a message, which is not NULL. What the caller wrote before is seen by
 *  the handler. Messages of one thread arrive in the order of their sends.
 *  Returns 0 (it is the loop's now) | MIO_EFULL | MIO_ECLOSED (the loop is
 *  gone) | MIO_EINVAL (NULL).                      Thread: any, signal-safe. */
MIO_API MIO_NODISCARD int mio_notify_sender_send(struct mio_notify_sender *self,
                                                 void *message);

/** As mio_event_loop_shutdown, also for those who do not know whether the loop
 *  still is.
 *  Returns 0 | MIO_ECLOSED (the loop is gone).     Thread: any, signal-safe. */
MIO_API int mio_notify_sender_shutdown(struct mio_notify_sender *self);

MIO_END_DECLS
#endif /* MIO_CORE_NOTIFY_SENDER_H */
