/* SPDX-License-Identifier: MIT
 *
 * core/random.h - unpredictable bits: seeds for hash tables.
 *
 * The only way to the system's entropy, so that a simulated platform can give
 * the same run twice. Implemented in core/sys. */
#ifndef MIO_CORE_RANDOM_H
#define MIO_CORE_RANDOM_H

#include <stdint.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/** 64 unpredictable bits.                                 Thread: any. */
MIO_API uint64_t mio_random_u64(void);

MIO_END_DECLS
#endif /* MIO_CORE_RANDOM_H */
