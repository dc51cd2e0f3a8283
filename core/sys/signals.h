/* SPDX-License-Identifier: MIT
 *
 * core/sys/signals.h - the contract of signals as events: core/signals.h, all
 * of it but mio_signals_next, and what that is made of. Not installed. */
#ifndef MIO_CORE_SYS_SIGNALS_H
#define MIO_CORE_SYS_SIGNALS_H

#include "core/signals.h"

/* As mio_signals_next, but tells no poll that nothing is left. */
int mio_signals_take(struct mio_signals *self);

#endif /* MIO_CORE_SYS_SIGNALS_H */
