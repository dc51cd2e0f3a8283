/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/send_queue_test.c - bytes leave in the order they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/server/send_queue.h"

struct fixture {
    struct mio_chunk_pool pool;
    struct mio_send_queue queue;
};

/* --- an allocator that can fail ------------------------------------------- */

static long mallocs_left = -1; /* < 0: no limit */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    if (mallocs_left == 0)
        return NULL;
    if (mallocs_left > 0)
        mallocs_left--;
    return __real_malloc(size);
}

/* --- slices that are counted ---------------------------------------------- */

#define SLICES_MAX 64

static uint8_t slice_bytes[SLICES_MAX][2000];
static struct mio_slice slices[SLICES_MAX];
static int releases[SLICES_MAX];

static void count_release(struct mio_slice *self)
{
    releases[self - slices]++;
}

static void make_slices(void)
{
    for (size_t i = 0; i < SLICES_MAX; i++) {
        for (size_t k = 0; k < sizeof(slice_bytes[i]); k++)
            slice_bytes[i][k] = (uint8_t)(i * 31 + k * 7);
        uint32_t size = (uint32_t)(i * 30 + 1); /* both sides of COPY_MAX */
        mio_slice_init(&slices[i], slice_bytes[i], size, count_release);
        releases[i] = 0;
    }
}

/* Drop the test's own references: each slice has gone once, or was kept. */
static void assert_each_released_once(void)
{
    for (size_t i = 0; i < SLICES_MAX; i++) {
        assert_int_equal(releases[i], 0);
        assert_int_equal(slices[i].refs_count, 1);
        mio_slice_unref(&slices[i]);
        assert_int_equal(releases[i], 1);
    }
}

/* --- one queue ----------------------------------------------------------- */

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    mio_chunk_pool_init(&f->pool);
    mio_send_queue_init(&f->queue);
    make_slices();
    *state = f;
    return 0;
}

static void assert_nothing_borrowed(const struct fixture *f)
{
    assert_null(f->queue.head);
    assert_null(f->queue.tail);
    assert_int_equal(f->queue.size, 0);
    assert_int_equal(f->pool.shelves[MIO_CHUNK_SMALL].lent_count, 0);
    assert_int_equal(f->pool.shelves[MIO_CHUNK_LARGE].lent_count, 0);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_send_queue_clear(&f->queue, &f->pool);
    assert_nothing_borrowed(f);
    mio_chunk_pool_deinit(&f->pool);
    free(f);
    return 0;
}

static void push(struct fixture *f, const void *bytes, size_t size)
{
    assert_int_equal(mio_send_queue_push(&f->queue, &f->pool, bytes, size), 0);
}

static void push_slice(struct fixture *f, struct mio_slice *slice)
{
    assert_int_equal(mio_send_queue_push_slice(&f->queue, &f->pool, slice), 0);
}

/* Take up to `size` bytes off the front, as a socket would. */
static size_t take(struct fixture *f, uint8_t *out, size_t size,
                   size_t pieces_max)
{
    struct mio_iovec pieces[MIO_IOVECS_MAX];
    size_t shown;
    size_t count = mio_send_queue_peek(&f->queue, pieces, pieces_max, &shown);
    assert_true(count <= pieces_max);
    assert_true(shown <= f->queue.size);

    size_t taken = 0;
    for (size_t i = 0; i < count && taken < size; i++) {
        assert_true(pieces[i].size > 0);
        size_t part = pieces[i].size;
        if (part > size - taken)
            part = size - taken;
        memcpy(out + taken, pieces[i].base, part);
        taken += part;
    }
    mio_send_queue_pop(&f->queue, &f->pool, taken);
    return taken;
}

static void small_copies_become_one_piece(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 100; i++)
        push(f, "abcdefg", 7);
    struct mio_iovec pieces[MIO_IOVECS_MAX];
    size_t size;
    assert_int_equal(
        mio_send_queue_peek(&f->queue, pieces, MIO_IOVECS_MAX, &size), 1);
    assert_int_equal(size, 700);
    assert_int_equal(f->pool.allocations_count, 1);
}

static void an_empty_queue_holds_no_memory(void **state)
{
    struct fixture *f = *state;
    uint8_t out[4096];
    push(f, "", 0);
    assert_nothing_borrowed(f);
    push(f, slice_bytes[0], 2000);
    push_slice(f, &slices[60]);
    push(f, "x", 1);
    while (f->queue.size > 0)
        assert_true(take(f, out, sizeof(out), MIO_IOVECS_MAX) > 0);
    assert_nothing_borrowed(f);
    assert_each_released_once();
}

static void a_large_slice_is_referenced_not_copied(void **state)
{
    struct fixture *f = *state;
    struct mio_slice *slice = &slices[SLICES_MAX - 1];
    push_slice(f, slice);
    assert_int_equal(slice->refs_count, 2);
    struct mio_iovec pieces[2];
    size_t size;
    assert_int_equal(mio_send_queue_peek(&f->queue, pieces, 2, &size), 1);
    assert_ptr_equal(pieces[0].base, slice->bytes);

    /* Until its last byte is written. */
    mio_send_queue_pop(&f->queue, &f->pool, slice->size - 1);
    assert_int_equal(slice->refs_count, 2);
    mio_send_queue_pop(&f->queue, &f->pool, 1);
    assert_int_equal(slice->refs_count, 1);
}

static void clearing_drops_the_references(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < SLICES_MAX; i++) {
        push_slice(f, &slices[i]);
        push(f, "between", 7);
    }
    mio_send_queue_pop(&f->queue, &f->pool, 12345);
    mio_send_queue_clear(&f->queue, &f->pool);
    assert_nothing_borrowed(f);
    assert_each_released_once();
}

static void without_memory_nothing_is_queued(void **state)
{
    struct fixture *f = *state;
    static uint8_t big[100000];
    push(f, "before", 6);
    mallocs_left = 3; /* of the seven that it takes */
    assert_int_equal(mio_send_queue_push(&f->queue, &f->pool, big, sizeof(big)),
                     MIO_ENOMEM);
    assert_int_equal(f->queue.size, 6);

    /* What was allocated is idle now; lend it out. */
    void *idle[3];
    for (int i = 0; i < 3; i++)
        idle[i] = mio_chunk_pool_take(&f->pool, MIO_CHUNK_LARGE);
    mallocs_left = 0;
    for (int i = 0; i < 40; i++) {
        int rc = mio_send_queue_push_slice(&f->queue, &f->pool, &slices[60]);
        if (rc == MIO_ENOMEM)
            break;
        assert_int_equal(rc, 0);
        assert_true(i < 39); /* one small block has no room for so many */
    }
    mallocs_left = -1;
    assert_int_equal(slices[60].refs_count - 1,
                     (f->queue.size - 6) / slices[60].size);
    for (int i = 0; i < 3; i++)
        mio_chunk_pool_give(&f->pool, MIO_CHUNK_LARGE, idle[i]);

    uint8_t out[8];
    assert_int_equal(take(f, out, 6, 64), 6);
    assert_memory_equal(out, "before", 6);
}

/* --- against a plain array ------------------------------------------------ */

#define MODEL_MAX (1 << 20)

struct model {
    uint8_t *bytes;
    size_t begin;
    size_t end;
    unsigned seed;
};

static size_t below(struct model *m, size_t n)
{
    return (size_t)rand_r(&m->seed) % n;
}

static void model_push(struct model *m, const void *bytes, size_t size)
{
    assert_true(m->end + size <= MODEL_MAX);
    memcpy(m->bytes + m->end, bytes, size);
    m->end += size;
}

static void push_something(struct fixture *f, struct model *m)
{
    static uint8_t bytes[50000];
    if (below(m, 3) == 0) {
        struct mio_slice *slice = &slices[below(m, SLICES_MAX)];
        push_slice(f, slice);
        model_push(m, slice->bytes, slice->size);
        return;
    }
    size_t size = below(m, below(m, 20) == 0 ? sizeof(bytes) : 300);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)rand_r(&m->seed);
    push(f, bytes, size);
    model_push(m, bytes, size);
    memset(bytes, 0xee, size); /* what was copied is not looked at again */
}

static void take_something(struct fixture *f, struct model *m)
{
    static uint8_t out[65536];
    size_t taken =
        take(f, out, below(m, sizeof(out)), 1 + below(m, MIO_IOVECS_MAX));
    assert_true(taken <= m->end - m->begin);
    assert_memory_equal(out, m->bytes + m->begin, taken);
    m->begin += taken;
}

static void random_pushes_and_pops_lose_and_reorder_nothing(void **state)
{
    struct fixture *f = *state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct model m = {.bytes = malloc(MODEL_MAX), .seed = seed};
        while (m.end < MODEL_MAX - 60000) {
            /* Grows and empties in turn. */
            bool filling = (m.end >> 15) % 2 == 0;
            for (size_t i = below(&m, filling ? 20 : 3); i > 0; i--)
                push_something(f, &m);
            take_something(f, &m);
            assert_int_equal(f->queue.size, m.end - m.begin);
        }
        while (f->queue.size > 0)
            take_something(f, &m);
        assert_nothing_borrowed(f);
        free(m.bytes);
    }
    assert_each_released_once();
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_copies_become_one_piece),
        TEST(an_empty_queue_holds_no_memory),
        TEST(a_large_slice_is_referenced_not_copied),
        TEST(clearing_drops_the_references),
        TEST(without_memory_nothing_is_queued),
        TEST(random_pushes_and_pops_lose_and_reorder_nothing),
    };
    return cmocka_run_group_tests_name("net/server/send_queue", tests, NULL,
                                       NULL);
}
