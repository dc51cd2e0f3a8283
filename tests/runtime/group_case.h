/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/group_case.h - what the tests of groups share. */
#ifndef MIO_TESTS_RUNTIME_GROUP_CASE_H
#define MIO_TESTS_RUNTIME_GROUP_CASE_H

#include <string.h>

#include "runtime/group.h"
#include "runtime/runtime_private.h"
#include "tests/runtime/fixture.h"

static const struct mio_message_type note = {.name = "note"};
static const uint32_t reactors_counts[] = FIXTURE_REACTORS;
#define EACH_COUNT(i)                                                          \
    for (size_t i = 0;                                                         \
         i < sizeof(reactors_counts) / sizeof(reactors_counts[0]); i++)

/* Broadcasts whose bytes nobody needs any more. */
static uint64_t dropped;

static void count_drop(void *payload, uint32_t size)
{
    CHECK(((uintptr_t)payload & 7) == 0);
    CHECK(size >= sizeof(uint32_t));
    fixture_add(&dropped, 1);
}

static const struct mio_message_type shout = {.name = "shout",
                                              .drop = count_drop};

static inline uint32_t reactors_of(const struct mio_actor *self)
{
    return mio_runtime_reactors_count(mio_actor_runtime(self));
}

/* Run it; then all memory must be home. */
static inline void run_and_free(struct mio_runtime *runtime)
{
    assert_ok(mio_runtime_run(runtime));
    for (uint32_t i = 0; i < runtime->reactors_count; i++) {
        assert_int_equal(mio_slabs_out_count(&runtime->reactors[i]->slabs), 0);
        assert_int_equal(runtime->reactors[i]->groups.count, 0);
    }
    for (uint32_t i = 0; i < MIO_GROUP_ROWS * runtime->reactors_count; i++)
        assert_int_equal(runtime->common.group_rows[i], 0);
    mio_runtime_free(runtime);
}

static inline void run_class(uint32_t reactors,
                             const struct mio_actor_class *class)
{
    struct mio_runtime *runtime = fixture_runtime(reactors);
    dropped = 0;
    assert_ok(mio_runtime_spawn(runtime, 0, class, NULL, 0, NULL));
    run_and_free(runtime);
}

#endif /* MIO_TESTS_RUNTIME_GROUP_CASE_H */
