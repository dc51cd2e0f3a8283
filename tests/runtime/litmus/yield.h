/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/litmus/yield.h - disturbance where order is made.
 *
 * Each thread draws from a generator of its own, seeded: the same seed makes
 * the same decisions, though not the same run. */
#ifndef MIO_TESTS_RUNTIME_LITMUS_YIELD_H
#define MIO_TESTS_RUNTIME_LITMUS_YIELD_H

#include <stdint.h>

/* Start over with a seed; no reactor may run. */
void litmus_seed(uint64_t seed);

/* Switch off rules (a set of enum mio_litmus_rule); 0: all hold. */
void litmus_break(int rules);

/* Now and then give up the CPU, or spin for a while. */
void litmus_disturb(void);

#endif /* MIO_TESTS_RUNTIME_LITMUS_YIELD_H */
