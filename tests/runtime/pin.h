/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/pin.h - threads of a test on CPUs of their own.
 *
 * There they run at the same time more often than where the system puts them,
 * and it is then that they find a race. */
#ifndef MIO_TESTS_RUNTIME_PIN_H
#define MIO_TESTS_RUNTIME_PIN_H

#include <stdint.h>

/* In main, before any thread: who is pinned passes that on to its threads. */
void pin_init(void);

/* The calling thread: 0 on the first CPU, all others on those that are left. */
void pin(uint32_t index);

#endif /* MIO_TESTS_RUNTIME_PIN_H */
