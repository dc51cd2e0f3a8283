/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/buf_test.c - bytes on their way: the growing buffer, the
 * ring, the slice. */
#include <sys/uio.h>

#include "core/buffer.h"
#include "core/ring.h"
#include "core/slice.h"
#include "tests/conformance/conformance.h"

static void assert_holds(const struct mio_buffer *buffer, const char *expected)
{
    assert_int_equal(mio_buffer_size(buffer), strlen(expected));
    assert_memory_equal(mio_buffer_data(buffer), expected, strlen(expected));
}

static void buf_byte_buf_initial(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    mio_buffer_init(&buffer, 64);
    assert_int_equal(mio_buffer_size(&buffer), 0);
    assert_int_equal(mio_buffer_room(&buffer), 0); /* without memory yet */
    mio_buffer_deinit(&buffer);
}

static void buf_byte_buf_write(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    uint8_t *room;
    mio_buffer_init(&buffer, 64);
    assert_ok(mio_buffer_append(&buffer, "hello ", 6));
    assert_ok(mio_buffer_reserve(&buffer, 16, &room));
    assert_true(mio_buffer_room(&buffer) >= 16);
    memcpy(room, "world", 5);
    assert_holds(&buffer, "hello "); /* until it is said to be written */
    mio_buffer_commit(&buffer, 5);
    assert_holds(&buffer, "hello world");
    mio_buffer_deinit(&buffer);
}

/* To read what was written one flips a buffer there; here both go at once. */
static void buf_byte_buf_flip(void **state)
{
    (void)state;
    static const char zeros[2000];
    struct mio_buffer buffer;
    mio_buffer_init(&buffer, 4096);
    assert_ok(mio_buffer_append(&buffer, "hello", 5));
    mio_buffer_consume(&buffer, 2);
    assert_holds(&buffer, "llo");
    assert_ok(mio_buffer_append(&buffer, " you", 4));
    assert_holds(&buffer, "llo you");
    assert_ok(mio_buffer_append(&buffer, zeros, sizeof(zeros))); /* it grows */
    assert_memory_equal(mio_buffer_data(&buffer), "llo you", 7);
    mio_buffer_consume(&buffer, 7 + sizeof(zeros));
    assert_holds(&buffer, "");
    mio_buffer_deinit(&buffer);
}

static void buf_over_long_write(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    uint8_t *room;
    mio_buffer_init(&buffer, 8);
    assert_ok(mio_buffer_append(&buffer, "12345", 5));
    assert_code(MIO_EFULL, mio_buffer_append(&buffer, "6789", 4));
    assert_code(MIO_EFULL, mio_buffer_reserve(&buffer, 4, &room));
    assert_holds(&buffer, "12345"); /* all or nothing */
    mio_buffer_consume(&buffer, 1);
    assert_ok(mio_buffer_append(&buffer, "6789", 4));
    assert_holds(&buffer, "23456789");
    mio_buffer_deinit(&buffer);
}

/* --- the ring ------------------------------------------------------------- */

#define CASE_RING(function)                                                    \
    cmocka_unit_test_setup_teardown(function, ring_setup, ring_teardown)

static int ring_setup(void **state)
{
    static struct mio_ring ring;
    assert_ok(mio_ring_init(&ring, 8));
    *state = &ring;
    return 0;
}

static int ring_teardown(void **state)
{
    mio_ring_deinit(*state);
    return 0;
}

static void ring_say(struct mio_ring *ring, const char *text)
{
    assert_int_equal(mio_ring_write(ring, text, strlen(text)), strlen(text));
}

static void ring_hear(struct mio_ring *ring, const char *expected)
{
    char bytes[64];
    size_t size = strlen(expected);
    assert_int_equal(mio_ring_read(ring, bytes, size), size);
    assert_memory_equal(bytes, expected, size);
}

static void buf_capacity_is_a_power_of_two(void **state)
{
    (void)state;
    const size_t asked[] = {1, 2, 3, 9, 64, 1000};
    const size_t given[] = {1, 2, 4, 16, 64, 1024};
    struct mio_ring ring;
    assert_code(MIO_EINVAL, mio_ring_init(&ring, 0));
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        assert_ok(mio_ring_init(&ring, asked[i]));
        assert_int_equal(mio_ring_capacity(&ring), given[i]);
        assert_int_equal(mio_ring_room(&ring), given[i]);
        mio_ring_deinit(&ring);
    }
}

static void buf_ring_initial(void **state)
{
    struct mio_ring *ring = *state;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    char byte;
    assert_int_equal(mio_ring_size(ring), 0);
    assert_int_equal(mio_ring_data(ring, pieces), 0);
    assert_int_equal(mio_ring_read(ring, &byte, 1), 0);
    assert_int_equal(mio_ring_space(ring, pieces), 1);
    assert_int_equal(pieces[0].size, 8);
}

static void buf_ring_use(void **state)
{
    struct mio_ring *ring = *state;
    for (int round = 0; round < 20; round++) { /* over the end and over */
        ring_say(ring, "abc");
        ring_say(ring, "de");
        assert_int_equal(mio_ring_size(ring), 5);
        ring_hear(ring, "abcd");
        ring_hear(ring, "e");
        assert_int_equal(mio_ring_room(ring), 8);
    }
}

/* There a reader marks where it is and goes back; here it peeks. */
static void buf_ring_restart(void **state)
{
    struct mio_ring *ring = *state;
    char bytes[8];
    ring_say(ring, "123456");
    ring_hear(ring, "1234");
    ring_say(ring, "7890");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mio_ring_peek(ring, 1, bytes, 8), 5);
        assert_memory_equal(bytes, "67890", 5);
    }
    assert_int_equal(mio_ring_peek(ring, 6, bytes, 8), 0);
    ring_hear(ring, "567890");
}

static void buf_ring_overflow(void **state)
{
    struct mio_ring *ring = *state;
    ring_say(ring, "12345");
    ring_hear(ring, "12");
    assert_int_equal(mio_ring_write(ring, "6789ab", 6), 5);
    assert_int_equal(mio_ring_write(ring, "x", 1), 0);
    ring_hear(ring, "3456789a");
}

static void buf_ring_pieces(void **state)
{
    struct mio_ring *ring = *state;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    ring_say(ring, "123456");
    ring_hear(ring, "1234");
    assert_int_equal(mio_ring_space(ring, pieces), 2);
    memcpy(pieces[0].base, "78", pieces[0].size);
    memcpy(pieces[1].base, "9", 1);
    mio_ring_commit(ring, 3);
    assert_int_equal(mio_ring_data(ring, pieces), 2);
    assert_memory_equal(pieces[0].base, "5678", 4);
    assert_memory_equal(pieces[1].base, "9", 1);
    mio_ring_consume(ring, 5);
    assert_int_equal(mio_ring_data(ring, pieces), 0);
}

/* --- slices --------------------------------------------------------------- */

static int releases_count;

static void count_release(struct mio_slice *slice)
{
    (void)slice;
    releases_count++;
}

static void buf_slice_buf(void **state)
{
    (void)state;
    static const char text[] = "shared";
    struct mio_slice slice;
    releases_count = 0;
    mio_slice_init(&slice, text, 6, count_release);
    assert_ptr_equal(mio_slice_ref(&slice), &slice);
    assert_ptr_equal(slice.bytes, text);
    assert_int_equal(slice.size, 6);
    mio_slice_unref(&slice);
    assert_int_equal(releases_count, 0);
    mio_slice_unref(&slice);
    assert_int_equal(releases_count, 1);
}

static void buf_slice_copy(void **state)
{
    (void)state;
    char text[] = "shared";
    struct mio_slice *slice;
    assert_ok(mio_slice_copy(&slice, text, 6));
    text[0] = 'x';
    assert_int_equal(slice->size, 6);
    assert_memory_equal(slice->bytes, "shared", 6);
    mio_slice_unref(slice);
}

/* The caller's memory, as gathered writes and scattered reads take it. */
static void buf_mut_slice_buf(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct mio_iovec), sizeof(struct iovec));
    assert_int_equal(offsetof(struct mio_iovec, base),
                     offsetof(struct iovec, iov_base));
    assert_int_equal(offsetof(struct mio_iovec, size),
                     offsetof(struct iovec, iov_len));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(buf_byte_buf_initial),
        cmocka_unit_test(buf_byte_buf_write),
        cmocka_unit_test(buf_byte_buf_flip),
        cmocka_unit_test(buf_over_long_write),
        cmocka_unit_test(buf_capacity_is_a_power_of_two),
        CASE_RING(buf_ring_initial),
        CASE_RING(buf_ring_use),
        CASE_RING(buf_ring_restart),
        CASE_RING(buf_ring_overflow),
        CASE_RING(buf_ring_pieces),
        cmocka_unit_test(buf_slice_buf),
        cmocka_unit_test(buf_slice_copy),
        cmocka_unit_test(buf_mut_slice_buf),
    };
    return cmocka_run_group_tests_name("buf", cases, NULL, NULL);
}
