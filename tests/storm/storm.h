/* SPDX-License-Identifier: MIT
 *
 * tests/storm/storm.h - what the weather knows of the program. */
#ifndef MIO_TESTS_STORM_STORM_H
#define MIO_TESTS_STORM_STORM_H

#include <stdint.h>

/* How many threads this program has started, over or not. */
uint32_t storm_threads_count(void);

#endif /* MIO_TESTS_STORM_STORM_H */
