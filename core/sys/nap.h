/* SPDX-License-Identifier: MIT
 *
 * core/sys/nap.h - leave the CPU to a thread that is about to finish.
 *
 * For the few places that wait for another thread in the middle of a call. Not
 * installed. */
#ifndef MIO_CORE_SYS_NAP_H
#define MIO_CORE_SYS_NAP_H

/* Sleep for some 50 us: a yield would give the CPU to nobody of a lower
 * priority, for whom the caller may be waiting. */
void mio_nap(void);

#endif /* MIO_CORE_SYS_NAP_H */
