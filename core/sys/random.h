/* SPDX-License-Identifier: MIT
 *
 * core/sys/random.h - the contract of randomness: seeds for hash tables.
 *
 * The only way to the system's entropy, so that a simulated platform can give
 * the same run twice. Not installed. */
#ifndef MIO_CORE_SYS_RANDOM_H
#define MIO_CORE_SYS_RANDOM_H

#include <stdint.h>

/* 64 unpredictable bits. Any thread. */
uint64_t mio_random_u64(void);

#endif /* MIO_CORE_SYS_RANDOM_H */
