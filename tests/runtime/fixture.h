/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/fixture.h - what the tests of the runtime share. */
#ifndef MIO_TESTS_RUNTIME_FIXTURE_H
#define MIO_TESTS_RUNTIME_FIXTURE_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "runtime/runtime.h"

#define assert_ok(expression) assert_int_equal((expression), 0)

/* Checks on a reactor's thread: cmocka's would jump off that thread's stack. */
#define CHECK(condition) fixture_check((condition), #condition, __LINE__)
void fixture_check(int is_true, const char *condition, int line);

/* The numbers of reactors that every test is run with. */
#define FIXTURE_REACTORS                                                       \
    {                                                                          \
        1, 2, 8                                                                \
    }

/* A runtime with this many reactors, not started. */
struct mio_runtime *fixture_runtime(uint32_t reactors_count);

/* Run it until it is stopped; it must end in order. Frees it. */
void fixture_run(struct mio_runtime *runtime);

/* Sum over all reactors. */
struct mio_counters fixture_counters(const struct mio_runtime *runtime);

/* Numbers that several reactors change. */
void fixture_add(uint64_t *counter, uint64_t count);
uint64_t fixture_get(const uint64_t *counter);

/* Stop when this many have said that they are done. */
struct fixture_latch {
    uint64_t missing;
};
void fixture_latch_done(struct fixture_latch *self, struct mio_actor *actor);

/* Counts for storms: a tenth under sanitizers. */
uint64_t fixture_scaled(uint64_t count);

/* What happened, in words: for actors that share one reactor. Read it when the
 * runtime has ended. */
void fixture_log_clear(void);
void fixture_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *fixture_log_text(void);

/* Stop the runtime of an actor. */
void fixture_stop(struct mio_actor *actor);

#endif /* MIO_TESTS_RUNTIME_FIXTURE_H */
