/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/fixture.c - see fixture.h. */
#include "tests/runtime/fixture.h"

#include <stdio.h>
#include <stdlib.h>

void fixture_check(int is_true, const char *condition, int line)
{
    if (is_true)
        return;
    fprintf(stderr, "line %d: not true: %s\n", line, condition);
    abort();
}

struct mio_runtime *fixture_runtime(uint32_t reactors_count)
{
    struct mio_runtime_options options = {.reactors_count = reactors_count,
                                          .name = "test"};
    struct mio_runtime *runtime = NULL;
    assert_ok(mio_runtime_new(&runtime, &options));
    return runtime;
}

void fixture_run(struct mio_runtime *runtime)
{
    assert_ok(mio_runtime_run(runtime));
    mio_runtime_free(runtime);
}

struct mio_counters fixture_counters(const struct mio_runtime *runtime)
{
    struct mio_counters sum = {0};
    for (uint32_t i = 0; i < mio_runtime_reactors_count(runtime); i++) {
        struct mio_counters one;
        assert_ok(mio_runtime_counters(runtime, i, &one));
#define ADD(name, text) sum.name += one.name;
        MIO_COUNTER_MAP(ADD)
#undef ADD
    }
    return sum;
}

void fixture_add(uint64_t *counter, uint64_t count)
{
    __atomic_fetch_add(counter, count, __ATOMIC_SEQ_CST);
}

uint64_t fixture_get(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

void fixture_latch_done(struct fixture_latch *self, struct mio_actor *actor)
{
    if (__atomic_sub_fetch(&self->missing, 1, __ATOMIC_SEQ_CST) == 0)
        mio_runtime_stop(mio_actor_runtime(actor));
}

uint64_t fixture_scaled(uint64_t count)
{
#ifdef MIO_DEBUG
    return count / 10;
#else
    return count;
#endif
}

static char log_text[65536];
static size_t log_size;

void fixture_log_clear(void)
{
    log_size = 0;
    log_text[0] = '\0';
}

void fixture_log(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof(log_text) - log_size;
    int size = vsnprintf(log_text + log_size, room, format, arguments);
    va_end(arguments);
    CHECK(size >= 0 && (size_t)size < room);
    log_size += (size_t)size;
}

const char *fixture_log_text(void)
{
    return log_text;
}

void fixture_stop(struct mio_actor *actor)
{
    mio_runtime_stop(mio_actor_runtime(actor));
}
