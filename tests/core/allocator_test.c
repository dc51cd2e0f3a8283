/* SPDX-License-Identifier: MIT
 *
 * tests/core/allocator_test.c - every object of core on an allocator that
 * refuses each of its calls once. libc's own is wrapped: nobody asks it. */
#include "core/allocator.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/event_loop.h"
#include "core/registry.h"
#include "core/ring.h"
#include "core/signals.h"
#include "core/slab.h"
#include "core/slice.h"
#include "core/waker.h"
#include "tests/core/check.h"

#define TOKEN mio_token_of(1)

/* --- libc's, which core must not ask meanwhile ---------------------------- */

static bool is_watched;
static uint32_t stray_count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    stray_count += is_watched;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    stray_count += is_watched;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    stray_count += is_watched;
    return __real_realloc(memory, size);
}

/* --- one that counts, checks and refuses ---------------------------------- */

#define LIMIT_SIZE ((size_t)1 << 30) /* what a test can have */

struct account {
    uint32_t calls_count;
    uint32_t refused_call; /* counted from 1; 0: none */
    uint32_t blocks_count;
    size_t bytes_count;
};

static bool refuses(struct account *self, size_t size)
{
    self->calls_count++;
    return self->calls_count == self->refused_call || size > LIMIT_SIZE;
}

static void *counted(struct account *self, void *memory, size_t size)
{
    assert_true(size > 0);
    assert_non_null(memory);
    self->blocks_count++;
    self->bytes_count += size;
    return memory;
}

static void *allocate(void *ctx, size_t size)
{
    if (refuses(ctx, size))
        return NULL;
    void *memory = counted(ctx, __real_malloc(size), size);
    memset(memory, 0xa5, size < 65536 ? size : 65536);
    return memory;
}

static void *allocate_zeroed(void *ctx, size_t size)
{
    if (refuses(ctx, size))
        return NULL;
    return counted(ctx, __real_calloc(1, size), size);
}

static void *resize(void *ctx, void *memory, size_t size, size_t new_size)
{
    struct account *self = ctx;
    if (refuses(self, new_size))
        return NULL;
    self->bytes_count += new_size - size;
    return __real_realloc(memory, new_size);
}

static void release(void *ctx, void *memory, size_t size)
{
    struct account *self = ctx;
    assert_non_null(memory);
    assert_true(self->blocks_count > 0 && self->bytes_count >= size);
    self->blocks_count--;
    self->bytes_count -= size;
    free(memory);
}

static struct account account;
static const struct mio_allocator whole = {
    .ctx = &account,
    .allocate = allocate,
    .allocate_zeroed = allocate_zeroed,
    .resize = resize,
    .release = release,
};
/* Only what has to be there. */
static const struct mio_allocator bare = {
    .ctx = &account,
    .allocate = allocate,
    .release = release,
};

/* --- the objects: made, used and released --------------------------------- */

static int *const untouched = (int *)&account;

static int with_poll(const struct mio_allocator *allocator)
{
    const struct mio_poll_options options = {
        .sources_max = 100,
        .allocator = allocator,
    };
    struct mio_poll *poll = (void *)untouched;
    int rc = mio_poll_new(&poll, &options);
    if (rc < 0)
        assert_ptr_equal(poll, untouched);
    else
        mio_poll_free(poll);
    return rc;
}

static int with_events(const struct mio_allocator *allocator)
{
    struct mio_events *events = (void *)untouched;
    int rc = mio_events_new_with(&events, 100, allocator);
    if (rc < 0)
        assert_ptr_equal(events, untouched);
    else
        mio_events_free(events);
    return rc;
}

/* Wakers, registries and sources that outlive their poll. */
static int with_survivors(const struct mio_allocator *allocator)
{
    const struct mio_poll_options options = {.allocator = allocator};
    struct mio_poll *poll;
    struct mio_waker *waker = (void *)untouched;
    struct mio_source source;
    int ends[2];
    int rc = mio_poll_new(&poll, &options);
    if (rc < 0)
        return rc;
    assert_int_equal(pipe(ends), 0);
    mio_source_init(&source, ends[0]);
    assert_ok(mio_poll_register(poll, &source, TOKEN, MIO_READABLE, MIO_EDGE));
    struct mio_registry *registry = mio_poll_registry(poll);
    rc = mio_waker_new(&waker, poll, TOKEN);
    if (rc < 0)
        assert_ptr_equal(waker, untouched);
    else
        assert_ok(mio_waker_wake(waker));
    mio_poll_free(poll);

    assert_true(account.blocks_count > 0);
    mio_registry_free(registry);
    mio_source_deregister(&source);
    if (rc == MIO_OK)
        mio_waker_free(waker);
    assert_int_equal(close(ends[0]) | close(ends[1]), 0);
    return rc;
}

static const struct mio_event_loop_options small_loop = {
    .poll = {.sources_max = 4},
    .events_max = 4,
    .timers_max = 4,
    .notify_capacity = 4,
};

/* One after the other: the loop, its first signal, and a sender beyond. */
static int with_event_loop(const struct mio_allocator *allocator)
{
    struct mio_event_loop_options options = small_loop;
    options.poll.allocator = allocator;
    struct mio_event_loop *loop = (void *)untouched;
    int rc = mio_event_loop_new(&loop, &options);
    if (rc < 0) {
        assert_ptr_equal(loop, untouched);
        return rc;
    }
    rc = mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER1);
    if (rc < 0)
        assert_code(MIO_ENOENT,
                    mio_event_loop_unwatch_signal(loop, MIO_SIGNAL_USER1));
    struct mio_notify_sender *sender = mio_event_loop_sender(loop);
    mio_event_loop_free(loop);
    assert_true(account.blocks_count > 0);
    mio_notify_sender_free(sender);
    return rc;
}

static int with_signals(const struct mio_allocator *allocator)
{
    const struct mio_signals_options options = {.allocator = allocator};
    struct mio_signals *signals = (void *)untouched;
    int rc = mio_signals_new_with(&signals, &options);
    if (rc < 0) {
        assert_ptr_equal(signals, untouched);
        return rc;
    }
    assert_ok(mio_signals_add(signals, MIO_SIGNAL_USER1));
    mio_signals_free(signals);
    return rc;
}

/* Grows three times; what could not grow is as it was, and can still. */
static int with_slab(const struct mio_allocator *allocator)
{
    struct mio_slab slab;
    mio_key keys[5];
    int answer = mio_slab_init_with(&slab, 1, 5, allocator);
    if (answer < 0)
        return answer;
    for (uint32_t i = 0; i < COUNT_OF(keys); i++) {
        int rc = mio_slab_insert(&slab, &keys[i], &keys[i]);
        if (rc < 0) {
            answer = rc;
            assert_int_equal(mio_slab_count(&slab), i);
            assert_ok(mio_slab_insert(&slab, &keys[i], &keys[i]));
        }
    }
    for (uint32_t i = 0; i < COUNT_OF(keys); i++)
        assert_ptr_equal(mio_slab_get(&slab, keys[i]), &keys[i]);
    mio_slab_deinit(&slab);
    return answer;
}

static int with_buffer(const struct mio_allocator *allocator)
{
    struct mio_buffer buffer;
    uint8_t line[100];
    int answer = MIO_OK;
    memset(line, 'x', sizeof(line));
    mio_buffer_init_with(&buffer, 1000, allocator);
    for (size_t i = 0; i < 10; i++) {
        line[0] = (uint8_t)i;
        int rc = mio_buffer_append(&buffer, line, sizeof(line));
        if (rc < 0) {
            answer = rc;
            assert_int_equal(mio_buffer_size(&buffer), i * sizeof(line));
            assert_ok(mio_buffer_append(&buffer, line, sizeof(line)));
        }
    }
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(mio_buffer_data(&buffer)[i * sizeof(line)], i);
    mio_buffer_deinit(&buffer);
    return answer;
}

static int with_ring(const struct mio_allocator *allocator)
{
    struct mio_ring ring;
    int rc = mio_ring_init_with(&ring, 100, allocator);
    assert_int_equal(mio_ring_capacity(&ring), rc == MIO_OK ? 128 : 0);
    mio_ring_deinit(&ring);
    return rc;
}

static int with_slice(const struct mio_allocator *allocator)
{
    struct mio_slice *slice = (void *)untouched;
    int rc = mio_slice_copy_with(&slice, "bytes", 5, allocator);
    if (rc < 0) {
        assert_ptr_equal(slice, untouched);
        return rc;
    }
    assert_memory_equal(slice->bytes, "bytes", 5);
    mio_slice_unref(mio_slice_ref(slice));
    mio_slice_unref(slice);
    return rc;
}

static int lowest_free_handle(void)
{
    int fd = dup(STDOUT_FILENO);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    return fd;
}

/* Returns how many calls it takes when none is refused. */
static uint32_t refuse_each(int (*with)(const struct mio_allocator *),
                            const struct mio_allocator *allocator)
{
    int handle = lowest_free_handle();
    for (uint32_t call = 1;; call++) {
        account = (struct account){.refused_call = call};
        stray_count = 0;
        is_watched = true;
        int rc = with(allocator);
        is_watched = false;
        assert_int_equal(stray_count, 0);
        assert_int_equal(account.blocks_count, 0);
        assert_int_equal(account.bytes_count, 0);
        assert_int_equal(lowest_free_handle(), handle);
        if (account.calls_count < call) {
            assert_ok(rc);
            return call - 1;
        }
        assert_code(MIO_ENOMEM, rc);
    }
}

static void any_refusal_leaves_nothing_behind(void **state)
{
    (void)state;
    const struct {
        int (*with)(const struct mio_allocator *);
        uint32_t calls_min;
    } objects[] = {
        {with_poll, 4}, /* itself, its table, selector and wakers' list */
        {with_events, 2},  {with_survivors, 5}, {with_event_loop, 11},
        {with_signals, 1}, {with_slab, 4},      {with_buffer, 4},
        {with_ring, 1},    {with_slice, 1},
    };
    for (size_t i = 0; i < COUNT_OF(objects); i++) {
        assert_true(refuse_each(objects[i].with, &whole) >=
                    objects[i].calls_min);
        assert_true(refuse_each(objects[i].with, &bare) >=
                    objects[i].calls_min);
    }
}

static void libc_is_asked_where_there_is_no_allocator(void **state)
{
    (void)state;
    is_watched = true;
    stray_count = 0;
    int rc = with_slice(NULL);
    uint32_t count = stray_count;
    is_watched = false;
    assert_ok(rc);
    assert_int_equal(count, 1); /* so the watch above does see it */
}

static void no_size_overflows(void **state)
{
    (void)state;
    account = (struct account){.refused_call = 0};
    assert_null(mio_allocator_allocate(NULL, SIZE_MAX / 2 + 1, 2));
    assert_null(mio_allocator_allocate(&whole, SIZE_MAX / 2 + 1, 2));
    assert_null(mio_allocator_allocate_zeroed(NULL, SIZE_MAX / 4 + 1, 4));
    assert_null(mio_allocator_allocate_zeroed(&whole, SIZE_MAX / 4 + 1, 4));
    assert_null(mio_allocator_resize(NULL, untouched, 1, SIZE_MAX / 2 + 1, 2));
    assert_null(
        mio_allocator_resize(&whole, untouched, 1, SIZE_MAX / 2 + 1, 2));
    assert_int_equal(account.calls_count, 0);
    mio_allocator_release(NULL, NULL, 1, 1);
    mio_allocator_release(&whole, NULL, 1, 1);
}

static void what_is_not_zeroed_is_written_over(void **state)
{
    (void)state;
    account = (struct account){.refused_call = 0};
    uint8_t *bytes = mio_allocator_allocate_zeroed(&bare, 25, 4);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(bytes[i], 0);
    memset(bytes, 'x', 100);
    bytes = mio_allocator_resize(&bare, bytes, 25, 50, 4);
    assert_int_equal(account.bytes_count, 200);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(bytes[i], 'x');
    bytes = mio_allocator_resize(&bare, bytes, 50, 10, 4);
    assert_int_equal(bytes[39], 'x');
    mio_allocator_release(&bare, bytes, 10, 4);
    assert_int_equal(account.bytes_count, 0);
}

/* Sizes that an object takes, and no memory of this world has. */
static void what_is_too_large_is_no_memory(void **state)
{
    (void)state;
    account = (struct account){.refused_call = 0};
    struct mio_event_loop_options options = small_loop;
    struct mio_event_loop *loop;
    struct mio_poll *poll;
    struct mio_slab slab;
    struct mio_ring ring;
    struct mio_buffer buffer;
    uint8_t *room;

    options.poll.allocator = &whole;
    options.timers_max = UINT32_MAX;
    assert_code(MIO_ENOMEM, mio_event_loop_new(&loop, &options));
    options = small_loop;
    options.poll.allocator = &whole;
    options.notify_capacity = UINT32_C(1) << 28;
    assert_code(MIO_ENOMEM, mio_event_loop_new(&loop, &options));
    const struct mio_poll_options most = {
        .sources_max = UINT32_C(1) << 31,
        .allocator = &whole,
    };
    assert_code(MIO_ENOMEM, mio_poll_new(&poll, &most));
    assert_code(MIO_ENOMEM,
                mio_slab_init_with(&slab, UINT32_MAX, UINT32_MAX, &whole));
    assert_code(MIO_ENOMEM, mio_ring_init_with(&ring, SIZE_MAX / 2, &whole));
    mio_buffer_init_with(&buffer, SIZE_MAX, &whole);
    assert_code(MIO_ENOMEM, mio_buffer_reserve(&buffer, SIZE_MAX, &room));
    assert_code(MIO_ENOMEM, mio_buffer_reserve(&buffer, SIZE_MAX - 1, &room));
    assert_ok(mio_buffer_append(&buffer, "x", 1));
    assert_code(MIO_EFULL, mio_buffer_reserve(&buffer, SIZE_MAX, &room));
    assert_code(MIO_ENOMEM, mio_buffer_reserve(&buffer, SIZE_MAX - 1, &room));
    mio_buffer_deinit(&buffer);
    assert_int_equal(account.blocks_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_refusal_leaves_nothing_behind),
        cmocka_unit_test(libc_is_asked_where_there_is_no_allocator),
        cmocka_unit_test(no_size_overflows),
        cmocka_unit_test(what_is_not_zeroed_is_written_over),
        cmocka_unit_test(what_is_too_large_is_no_memory),
    };
    return cmocka_run_group_tests_name("core/allocator", tests, NULL, NULL);
}
