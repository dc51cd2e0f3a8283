/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/output_test.c - gathered, bounded, and once each. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/net/server/harness.h"

/* --- slices that are counted ---------------------------------------------- */

#define SLICE_SIZE 1000 /* more than is copied */

static _Atomic int slices_made, slices_released;

static void release_counted(struct mio_slice *self)
{
    atomic_fetch_add(&slices_released, 1);
    free(self);
}

static struct mio_slice *make_slice(uint32_t size, uint32_t seed, size_t offset)
{
    struct mio_slice *slice = malloc(sizeof(*slice) + size);
    if (!slice)
        abort();
    fill((uint8_t *)(slice + 1), size, seed, offset);
    mio_slice_init(slice, slice + 1, size, release_counted);
    atomic_fetch_add(&slices_made, 1);
    return slice;
}

/* --- a hub: who is connected hears what anybody asks for ------------------ */

/* An order: a letter and a number. */
struct order {
    char what;
    uint32_t count;
};

static struct hub {
    struct mio_connection *members[64];
    int members_count;
    bool is_in_round;
    uint32_t seed;
} hub; /* used on one reactor */

static int join(struct mio_connection *self, void *state, void *argument)
{
    (void)state;
    (void)argument;
    hub.members[hub.members_count++] = self;
    note(OPENED, 0);
    return 0;
}

static void leave(struct mio_connection *self, void *state, int reason)
{
    (void)state;
    if (hub.is_in_round)
        abort(); /* called back from inside its own call */
    for (int i = 0; i < hub.members_count; i++)
        if (hub.members[i] == self)
            hub.members[i] = hub.members[--hub.members_count];
    note(CLOSED, reason);
}

/* One slice, referenced by all. Those that overflow leave later. */
static void broadcast(uint32_t count)
{
    hub.is_in_round = true;
    for (uint32_t i = 0; i < count; i++) {
        struct mio_slice *slice = make_slice(SLICE_SIZE, 3, 0);
        for (int k = 0; k < hub.members_count; k++)
            (void)mio_connection_send_slice(hub.members[k], slice);
        mio_slice_unref(slice);
    }
    hub.is_in_round = false;
}

/* `count` bytes of a pattern, in pieces of all sizes, copied and by slice. */
static void send_pattern(struct mio_connection *to, uint32_t count)
{
    static uint8_t bytes[3000];
    unsigned seed = 9;
    for (uint32_t offset = 0; offset < count;) {
        uint32_t size = 1 + (uint32_t)rand_r(&seed) % sizeof(bytes);
        if (size > count - offset)
            size = count - offset;
        if (rand_r(&seed) % 2) {
            struct mio_slice *slice = make_slice(size, 77, offset);
            (void)mio_connection_send_slice(to, slice);
            mio_slice_unref(slice);
        } else {
            fill(bytes, size, 77, offset);
            (void)mio_connection_send(to, bytes, size);
        }
        offset += size;
    }
}

static void obey(struct mio_connection *self, struct order order)
{
    switch (order.what) {
    case 'B':
        broadcast(order.count);
        break;
    case 'P':
        send_pattern(self, order.count);
        note(DATA, mio_connection_is_congested(self));
        break;
    default: /* small ones */
        for (uint32_t i = 0; i < order.count; i++)
            (void)mio_connection_send(self, "0123456789", 10);
    }
}

static int64_t take_orders(struct mio_connection *self, void *state,
                           const uint8_t *bytes, size_t size)
{
    (void)state;
    size_t taken = 0;
    struct order order;
    for (; size - taken >= sizeof(order); taken += sizeof(order)) {
        memcpy(&order, bytes + taken, sizeof(order));
        obey(self, order);
    }
    return (int64_t)taken;
}

static int note_drained(struct mio_connection *self, void *state)
{
    (void)state;
    note(DRAINED, (int64_t)mio_connection_queued(self));
    return 0;
}

static const struct mio_connection_class member = {
    .name = "member",
    .open = join,
    .data = take_orders,
    .drained = note_drained,
    .close = leave,
};

static void ask(int client, char what, uint32_t count)
{
    struct order order;
    memset(&order, 0, sizeof(order));
    order.what = what;
    order.count = count;
    send_all(client, &order, sizeof(order));
}

static void serve_hub(struct fixture *f, struct mio_server_options options)
{
    hub = (struct hub){0};
    slices_made = 0;
    slices_released = 0;
    options.connection_class = &member;
    serve(f, options);
}

/* --- one connection ------------------------------------------------------ */

#define ROUNDS 20

static void what_a_turn_queues_leaves_in_one_write(void **state)
{
    struct fixture *f = *state;
    static uint8_t got[50 * SLICE_SIZE];
    serve_hub(f, (struct mio_server_options){0});
    int client = connect_to(f);
    uint64_t writes = TOTAL(f, writes);
    for (int i = 0; i < ROUNDS; i++) {
        ask(client, 'S', 500); /* more than one block of copies */
        recv_all(client, got, 5000);
    }
    assert_int_equal(TOTAL(f, writes) - writes, ROUNDS);

    for (int i = 0; i < ROUNDS; i++) {
        ask(client, 'B', 50); /* 50 pieces */
        recv_all(client, got, sizeof(got));
    }
    assert_int_equal(TOTAL(f, writes) - writes, 2 * ROUNDS);
    close(client);
}

static void a_warm_server_takes_no_more_buffers(void **state)
{
    struct fixture *f = *state;
    static uint8_t got[60 * SLICE_SIZE];
    serve_hub(f, (struct mio_server_options){0});
    int client = connect_to(f);
    uint64_t buffers = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t count = 1 + i % 60;
        ask(client, 'S', count * 20);
        recv_all(client, got, count * 200);
        ask(client, 'B', count);
        recv_all(client, got, (size_t)count * SLICE_SIZE);
        if (i == 100)
            buffers = TOTAL(f, buffers);
    }
    assert_int_equal(TOTAL(f, buffers), buffers);
    assert_in_range(buffers, 1, 50);
    close(client);
}

#define MUCH (12u << 20)

static void a_long_answer_resumes_at_the_right_byte(void **state)
{
    struct fixture *f = *state;
    static uint8_t got[65536], expected[65536];
    serve_hub(f, (struct mio_server_options){.queue_max = 2 * MUCH});
    int client = connect_to(f);
    ask(client, 'P', MUCH);
    assert_int_equal(await(DATA, 1), 1); /* congested */
    for (size_t offset = 0; offset < MUCH; offset += sizeof(got)) {
        recv_all(client, got, sizeof(got));
        fill(expected, sizeof(got), 77, offset);
        assert_memory_equal(got, expected, sizeof(got));
    }
    assert_in_range(await(DRAINED, 1), 0, 16384);
    assert_true(TOTAL(f, writes_blocked) > 0);

    /* Once for each time it was congested. */
    ask(client, 'S', 1);
    recv_all(client, got, 10);
    assert_int_equal(notes_count(DRAINED), 1);
    close(client);
    await(CLOSED, 1);
    assert_int_equal(slices_made, slices_released);
}

/* --- one that does not read ----------------------------------------------- */

#define READERS 8
#define LINES 20

static void hear(int client)
{
    static uint8_t got[LINES * SLICE_SIZE], line[SLICE_SIZE];
    recv_all(client, got, sizeof(got));
    fill(line, sizeof(line), 3, 0);
    for (size_t i = 0; i < LINES; i++)
        assert_memory_equal(got + i * SLICE_SIZE, line, SLICE_SIZE);
}

static void talk(int *readers)
{
    ask(readers[0], 'B', LINES);
    for (int i = 0; i < READERS; i++)
        hear(readers[i]);
}

static void one_that_never_reads_is_closed_and_no_other(void **state)
{
    struct fixture *f = *state;
    int readers[READERS];
    f->stop_within_ns = MIO_NS_PER_S; /* for one that does not read */
    serve_hub(f, (struct mio_server_options){.queue_max = 256 << 10});
    for (int i = 0; i < READERS; i++)
        readers[i] = connect_to(f);
    int deaf = connect_to(f);
    await(OPENED, READERS + 1);
    while (notes_count(CLOSED) == 0)
        talk(readers);
    assert_int_equal(await(CLOSED, 1), MIO_EFULL);
    assert_int_equal(TOTAL(f, queues_full), 1);
    for (int i = 0; i < ROUNDS; i++)
        talk(readers);
    assert_int_equal(notes_count(CLOSED), 1);
    close(deaf);

    /* Slices are released when they are written, when their connection is
     * closed, when its peer resets it, and at a stop. */
    int resets = connect_to(f);
    int waits = connect_to(f);
    await(OPENED, READERS + 3);
    for (int i = 0; slices_made - slices_released < 100; i++) {
        assert_true(i < 100000);
        talk(readers);
    }
    close_by_reset(resets);
    assert_true(await(CLOSED, 2) < 0);
    for (int i = 0; i < READERS; i++)
        close(readers[i]);
    await(CLOSED, 2 + READERS);
    assert_true(slices_released < slices_made);
    stop_and_join(f);
    /* It was given two thirds of that. */
    assert_int_equal(await(CLOSED, 3 + READERS), MIO_ETIMEDOUT);
    assert_int_equal(slices_made, slices_released);
    close(waits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(what_a_turn_queues_leaves_in_one_write, one_reactor),
        ON(a_warm_server_takes_no_more_buffers, one_reactor),
        ON(a_long_answer_resumes_at_the_right_byte, one_reactor),
        ON(one_that_never_reads_is_closed_and_no_other, one_reactor),
    };
    return cmocka_run_group_tests_name("net/server/output", tests, NULL, NULL);
}
