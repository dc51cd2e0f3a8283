/* SPDX-License-Identifier: MIT
 *
 * tests/core/ring_test.c - in at one end, out at the other, around for ever. */
#include "core/ring.h"

#include <string.h>

#include "tests/core/check.h"

static int setup(void **state)
{
    static struct mio_ring ring;
    assert_ok(mio_ring_init(&ring, 8));
    *state = &ring;
    return 0;
}

static int teardown(void **state)
{
    mio_ring_deinit(*state);
    return 0;
}

static void assert_holds(const struct mio_ring *ring, const char *expected)
{
    char bytes[64];
    size_t size = strlen(expected);
    assert_int_equal(mio_ring_size(ring), size);
    assert_int_equal(mio_ring_peek(ring, 0, bytes, sizeof(bytes)), size);
    assert_memory_equal(bytes, expected, size);
}

static void bytes_come_out_as_they_went_in(void **state)
{
    struct mio_ring *ring = *state;
    char bytes[8];
    assert_int_equal(mio_ring_capacity(ring), 8);
    assert_int_equal(mio_ring_room(ring), 8);
    assert_int_equal(mio_ring_write(ring, "hello", 5), 5);
    assert_holds(ring, "hello");
    assert_int_equal(mio_ring_room(ring), 3);
    assert_int_equal(mio_ring_read(ring, bytes, 2), 2);
    assert_memory_equal(bytes, "he", 2);
    assert_holds(ring, "llo");
    assert_int_equal(mio_ring_read(ring, bytes, sizeof(bytes)), 3);
    assert_memory_equal(bytes, "llo", 3);
    assert_int_equal(mio_ring_read(ring, bytes, sizeof(bytes)), 0);
}

static void more_than_fits_stays_with_the_caller(void **state)
{
    struct mio_ring *ring = *state;
    assert_int_equal(mio_ring_write(ring, "0123456789", 10), 8);
    assert_holds(ring, "01234567");
    assert_int_equal(mio_ring_room(ring), 0);
    assert_int_equal(mio_ring_write(ring, "x", 1), 0);
    assert_holds(ring, "01234567");

    /* What was consumed is room again, and is found around the end. */
    mio_ring_consume(ring, 3);
    assert_int_equal(mio_ring_write(ring, "89ab", 4), 3);
    assert_holds(ring, "3456789a");
}

static void what_wraps_around_is_in_two_pieces(void **state)
{
    struct mio_ring *ring = *state;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    assert_int_equal(mio_ring_data(ring, pieces), 0);
    assert_int_equal(mio_ring_space(ring, pieces), 1);
    assert_int_equal(pieces[0].size, 8);

    assert_int_equal(mio_ring_write(ring, "012345", 6), 6);
    mio_ring_consume(ring, 4);
    assert_int_equal(mio_ring_data(ring, pieces), 1);
    assert_int_equal(pieces[0].size, 2);
    assert_memory_equal(pieces[0].base, "45", 2);

    /* Filled where the ring says, as a scattered read does. */
    assert_int_equal(mio_ring_space(ring, pieces), 2);
    assert_int_equal(pieces[0].size, 2);
    assert_int_equal(pieces[1].size, 4);
    memcpy(pieces[0].base, "67", 2);
    memcpy(pieces[1].base, "89", 2);
    mio_ring_commit(ring, 4);
    assert_holds(ring, "456789");

    assert_int_equal(mio_ring_data(ring, pieces), 2);
    assert_int_equal(pieces[0].size, 4);
    assert_int_equal(pieces[1].size, 2);
    assert_memory_equal(pieces[0].base, "4567", 4);
    assert_memory_equal(pieces[1].base, "89", 2);
    mio_ring_consume(ring, 5); /* across the end */
    assert_holds(ring, "9");
}

static void a_full_ring_has_no_space_and_all_its_bytes(void **state)
{
    struct mio_ring *ring = *state;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    assert_int_equal(mio_ring_write(ring, "abcdefgh", 8), 8);
    assert_int_equal(mio_ring_space(ring, pieces), 0);
    assert_int_equal(mio_ring_data(ring, pieces), 1);
    assert_int_equal(pieces[0].size, 8);
}

static void an_empty_ring_starts_over_in_one_piece(void **state)
{
    struct mio_ring *ring = *state;
    struct mio_iovec pieces[MIO_RING_PIECES_MAX];
    assert_int_equal(mio_ring_write(ring, "abcde", 5), 5);
    mio_ring_consume(ring, 5);
    assert_int_equal(mio_ring_space(ring, pieces), 1);
    assert_int_equal(pieces[0].size, 8);
}

static void a_peek_may_begin_anywhere(void **state)
{
    struct mio_ring *ring = *state;
    char bytes[8];
    assert_int_equal(mio_ring_write(ring, "abcdefgh", 8), 8);
    mio_ring_consume(ring, 6);
    assert_int_equal(mio_ring_write(ring, "ijk", 3), 3);
    assert_int_equal(mio_ring_peek(ring, 1, bytes, 3), 3);
    assert_memory_equal(bytes, "hij", 3);
    assert_int_equal(mio_ring_peek(ring, 4, bytes, 3), 1);
    assert_memory_equal(bytes, "k", 1);
    assert_int_equal(mio_ring_peek(ring, 5, bytes, 3), 0);
    assert_int_equal(mio_ring_peek(ring, SIZE_MAX, bytes, 3), 0);
    assert_holds(ring, "ghijk");
}

static void the_counts_may_wrap_around(void **state)
{
    struct mio_ring *ring = *state;
    ring->begin = ring->end = SIZE_MAX - 2; /* after 2^64 bytes or so */
    assert_int_equal(mio_ring_write(ring, "abcdefgh", 8), 8);
    assert_true(ring->end < ring->begin);
    assert_int_equal(mio_ring_room(ring), 0);
    assert_holds(ring, "abcdefgh");
    mio_ring_consume(ring, 4);
    assert_holds(ring, "efgh");
    assert_int_equal(mio_ring_room(ring), 4);
}

static void the_capacity_is_a_power_of_two(void **state)
{
    (void)state;
    const struct {
        size_t asked;
        size_t given;
    } cases[] = {{1, 1}, {2, 2}, {3, 4}, {8, 8}, {9, 16}, {4097, 8192}};
    struct mio_ring ring;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_ok(mio_ring_init(&ring, cases[i].asked));
        assert_int_equal(mio_ring_capacity(&ring), cases[i].given);
        mio_ring_deinit(&ring);
        assert_int_equal(mio_ring_capacity(&ring), 0);
        assert_int_equal(mio_ring_write(&ring, "x", 1), 0);
    }
    assert_code(MIO_EINVAL, mio_ring_init(&ring, 0));
    assert_code(MIO_EINVAL, mio_ring_init(&ring, SIZE_MAX));
    mio_ring_deinit(&ring);
}

static void what_no_memory_is_there_for_is_refused(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* they end a program that asks for so much */
#endif
    struct mio_ring ring;
    assert_code(MIO_ENOMEM, mio_ring_init(&ring, SIZE_MAX / 4));
    mio_ring_deinit(&ring);
}

/* Beside an array that holds everything ever written. */
static void any_sequence_agrees_with_a_plain_array(void **state)
{
    struct mio_ring *ring = *state;
    struct sequence sequence = {.state = 42};
    static uint8_t all[1 << 16];
    size_t written = 0;
    size_t consumed = 0;
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (uint8_t)(i * 131 >> 3);
    while (written + 10 < sizeof(all)) {
        size_t size = sequence_next(&sequence) >> 32 & 7;
        uint8_t bytes[8];
        if (sequence_next(&sequence) >> 63 != 0) {
            written += mio_ring_write(ring, all + written, size);
        } else {
            size_t held = written - consumed;
            size_t n = mio_ring_read(ring, bytes, size);
            assert_int_equal(n, size < held ? size : held);
            assert_memory_equal(bytes, all + consumed, n);
            consumed += n;
        }
        assert_int_equal(mio_ring_size(ring), written - consumed);
        assert_true(mio_ring_size(ring) <= 8);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_come_out_as_they_went_in),
        TEST(more_than_fits_stays_with_the_caller),
        TEST(what_wraps_around_is_in_two_pieces),
        TEST(a_full_ring_has_no_space_and_all_its_bytes),
        TEST(an_empty_ring_starts_over_in_one_piece),
        TEST(a_peek_may_begin_anywhere),
        TEST(the_counts_may_wrap_around),
        TEST(the_capacity_is_a_power_of_two),
        TEST(what_no_memory_is_there_for_is_refused),
        TEST(any_sequence_agrees_with_a_plain_array),
    };
    return cmocka_run_group_tests_name("core/ring", tests, NULL, NULL);
}
