/* SPDX-License-Identifier: MIT
 *
 * tests/core/buffer_test.c - what goes in comes out, in order, within bounds.
 */
#include "core/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/core/check.h"

static void bytes_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    mio_buffer_init(&buffer, 100);
    assert_int_equal(mio_buffer_size(&buffer), 0);
    assert_ok(mio_buffer_append(&buffer, "hello ", 6));
    assert_ok(mio_buffer_append(&buffer, "world", 5));
    assert_int_equal(mio_buffer_size(&buffer), 11);
    assert_memory_equal(mio_buffer_data(&buffer), "hello world", 11);
    mio_buffer_consume(&buffer, 6);
    assert_memory_equal(mio_buffer_data(&buffer), "world", 5);
    mio_buffer_consume(&buffer, 5);
    assert_int_equal(mio_buffer_size(&buffer), 0);
    mio_buffer_deinit(&buffer);
    assert_int_equal(mio_buffer_size(&buffer), 0);
    assert_ok(mio_buffer_append(&buffer, "again", 5));
    mio_buffer_deinit(&buffer);
}

static void it_never_holds_more_than_its_maximum(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    uint8_t *room;
    mio_buffer_init(&buffer, 10);
    assert_code(MIO_EFULL, mio_buffer_append(&buffer, "12345678901", 11));
    assert_int_equal(mio_buffer_size(&buffer), 0);
    assert_ok(mio_buffer_append(&buffer, "1234567890", 10));
    assert_code(MIO_EFULL, mio_buffer_append(&buffer, "x", 1));
    assert_code(MIO_EFULL, mio_buffer_reserve(&buffer, SIZE_MAX, &room));
    assert_ok(mio_buffer_reserve(&buffer, 0, &room));

    /* What was consumed is room again. */
    mio_buffer_consume(&buffer, 4);
    assert_ok(mio_buffer_append(&buffer, "abcd", 4));
    assert_memory_equal(mio_buffer_data(&buffer), "567890abcd", 10);
    assert_code(MIO_EFULL, mio_buffer_append(&buffer, "x", 1));
    mio_buffer_deinit(&buffer);
}

static void an_empty_buffer_has_no_memory_and_no_trouble(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    uint8_t *room;
    mio_buffer_init(&buffer, 0);
    assert_null(mio_buffer_data(&buffer));
    assert_int_equal(mio_buffer_room(&buffer), 0);
    mio_buffer_consume(&buffer, 0);
    mio_buffer_commit(&buffer, 0);
    assert_ok(mio_buffer_append(&buffer, NULL, 0));
    assert_ok(mio_buffer_reserve(&buffer, 0, &room));
    assert_code(MIO_EFULL, mio_buffer_append(&buffer, "x", 1));
    mio_buffer_deinit(&buffer);
}

static void reserved_room_may_be_used_in_part(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    uint8_t *room;
    mio_buffer_init(&buffer, 4096);
    assert_ok(mio_buffer_reserve(&buffer, 100, &room));
    assert_true(mio_buffer_room(&buffer) >= 100);
    memset(room, 'x', mio_buffer_room(&buffer));
    mio_buffer_commit(&buffer, 3);
    assert_int_equal(mio_buffer_size(&buffer), 3);
    assert_memory_equal(mio_buffer_data(&buffer), "xxx", 3);
    mio_buffer_deinit(&buffer);
}

#define MODEL_MAX 3000

/* Beside it, all bytes in one long row: those from `begin` are in the buffer.
 */
struct model {
    uint8_t next_in; /* the row is 0, 1, .. 255, 0, .. */
    uint8_t next_out;
    size_t size;
};

static void model_write(struct model *model, struct mio_buffer *buffer,
                        struct sequence *random)
{
    size_t size = sequence_next(random) % 700;
    uint8_t *room;
    int rc = mio_buffer_reserve(buffer, size, &room);
    if (model->size + size > MODEL_MAX) {
        assert_code(MIO_EFULL, rc);
        return;
    }
    assert_ok(rc);
    assert_true(mio_buffer_room(buffer) >= size);
    size_t used = size == 0 ? 0 : sequence_next(random) % (size + 1);
    for (size_t i = 0; i < used; i++)
        room[i] = model->next_in++;
    mio_buffer_commit(buffer, used);
    model->size += used;
}

static void model_read(struct model *model, struct mio_buffer *buffer,
                       struct sequence *random)
{
    size_t size = sequence_next(random) % (model->size + 1);
    const uint8_t *bytes = mio_buffer_data(buffer);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], model->next_out++);
    mio_buffer_consume(buffer, size);
    model->size -= size;
}

static void any_sequence_does_what_the_model_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct sequence random = {seed};
        struct model model = {0};
        struct mio_buffer buffer;
        mio_buffer_init(&buffer, MODEL_MAX);
        for (int step = 0; step < 2000; step++) {
            if (sequence_next(&random) % 5 < 3)
                model_write(&model, &buffer, &random);
            else
                model_read(&model, &buffer, &random);
            assert_int_equal(mio_buffer_size(&buffer), model.size);
            assert_true(buffer.capacity <= MODEL_MAX);
        }
        mio_buffer_deinit(&buffer);
    }
}

static void steady_use_does_not_grow_it(void **state)
{
    (void)state;
    struct mio_buffer buffer;
    mio_buffer_init(&buffer, SIZE_MAX);
    assert_ok(mio_buffer_append(&buffer, "0123456789", 10));
    for (int i = 0; i < 100000; i++) {
        assert_ok(mio_buffer_append(&buffer, "0123456789", 10));
        mio_buffer_consume(&buffer, 10);
    }
    assert_true(buffer.capacity <= 64);
    mio_buffer_deinit(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_out_as_they_went_in),
        cmocka_unit_test(it_never_holds_more_than_its_maximum),
        cmocka_unit_test(an_empty_buffer_has_no_memory_and_no_trouble),
        cmocka_unit_test(reserved_room_may_be_used_in_part),
        cmocka_unit_test(any_sequence_does_what_the_model_does),
        cmocka_unit_test(steady_use_does_not_grow_it),
    };
    return cmocka_run_group_tests_name("core/buffer", tests, NULL, NULL);
}
