/* SPDX-License-Identifier: MIT
 *
 * runtime/sys/thread.h - the contract of threads and CPUs. Not installed. */
#ifndef MIO_RUNTIME_SYS_THREAD_H
#define MIO_RUNTIME_SYS_THREAD_H

#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"

struct mio_thread {
    uintptr_t handle; /* the system's */
};

/* Start a thread that calls run(context).
 * Returns 0 | MIO_EAGAIN (the system's limit) | MIO_ENOMEM | MIO_EPERM. */
MIO_NODISCARD int mio_thread_start(struct mio_thread *self,
                                   void (*run)(void *context), void *context);

/* Wait until it has ended. */
void mio_thread_join(struct mio_thread *self);

/* Name the calling thread, for people; cut to what the system can keep. */
void mio_thread_name(const char *name);

/* Let others run: whom we wait for may have no CPU. */
void mio_thread_yield(void);

/* Keep the calling thread on one CPU of mio_usable_cpus's.
 * Returns 0 | MIO_EINVAL | MIO_EPERM | MIO_ENOTSUP. */
int mio_thread_pin(uint32_t cpu);

/* The CPUs that this process may run on: fills cpus[0..cpus_max), and returns
 * how many there are (more, perhaps); 0 if the system does not say. */
uint32_t mio_usable_cpus(uint32_t *cpus, uint32_t cpus_max);

/* How many CPUs' worth of time this process may use, rounded up, by the
 * quotas of the groups it is in; 0: as much as it likes. */
uint32_t mio_quota_cpus(void);

#endif /* MIO_RUNTIME_SYS_THREAD_H */
