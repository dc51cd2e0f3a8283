/* SPDX-License-Identifier: MIT
 *
 * tests/bench/chat/order_test.c - one order for all, told without guessing.
 *
 * One channel of four clients: 0 to 3. */
#include "bench/chat/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct layout layout = {.clients = 4, .channels = 1};

static int setup_with(void **state, bool echo)
{
    struct order *order = calloc(1, sizeof(*order));
    if (order == NULL)
        return -1;
    order_init(order, &layout, echo);
    *state = order;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, false);
}

static int setup_echo(void **state)
{
    return setup_with(state, true);
}

static int teardown(void **state)
{
    order_deinit(*state);
    free(*state);
    return 0;
}

static void read_two(struct order *order, uint32_t receiver, uint32_t first,
                     uint32_t second)
{
    order_delivered(order, receiver, first);
    order_delivered(order, receiver, second);
}

static void receivers_that_agree_are_fine(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 1, 1);
    read_two(order, 2, 1, 0); /* not the order of sending: no matter */
    read_two(order, 3, 1, 0);
    assert_int_equal(order->total_violations, 0);
    assert_int_equal(order->sender_violations, 0);
}

static void a_receiver_that_saw_another_order_is_reported(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 1, 1);
    read_two(order, 2, 0, 1);
    read_two(order, 3, 1, 0);
    assert_int_equal(order->total_violations, 1);
    assert_int_equal(order->clients_differing, 1);
    assert_int_equal(order->sender_violations, 0);
}

static void a_sender_s_messages_out_of_their_order_are_reported(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 0, 1);
    for (uint32_t receiver = 1; receiver < 4; receiver++)
        read_two(order, receiver, 1, 0);
    assert_int_equal(order->sender_violations, 3);
    /* All saw the same, wrong as it is. */
    assert_int_equal(order->total_violations, 0);
}

/* Without echo client 0 reads 1 first although the channel's order is 0, 1:
 * it cannot know, and must not decide. */
static void a_sender_without_echo_does_not_decide(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 1, 1);
    order_delivered(order, 0, 1);
    read_two(order, 2, 0, 1);
    read_two(order, 3, 0, 1);
    order_delivered(order, 1, 0);
    order_settle(order);
    assert_int_equal(order->total_violations, 0);
}

/* What a sender read meanwhile is compared as soon as its own has a place. */
static void a_sender_without_echo_is_checked_later(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 1, 1);
    order_sent(order, 1, 2);
    read_two(order, 0, 2, 1); /* waits for a place of message 0 */
    assert_int_equal(order->total_violations, 0);
    order_delivered(order, 2, 0);
    read_two(order, 2, 1, 2);
    order_settle(order);
    assert_int_equal(order->total_violations, 1);
    assert_true(order->clients[0].differs);
}

/* Everybody read ahead of a message of his own; nobody may take what he read
 * early for later than what he was told late. */
static void those_who_wait_place_nothing_out_of_turn(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 1, 1);
    order_sent(order, 2, 2);
    order_delivered(order, 0, 2); /* the order is 2, 0, 1 */
    order_delivered(order, 1, 2);
    order_delivered(order, 1, 0);
    order_delivered(order, 3, 2);
    read_two(order, 3, 0, 1);
    read_two(order, 2, 0, 1);
    order_delivered(order, 0, 1);
    order_settle(order);
    assert_int_equal(order->total_violations, 0);
    for (uint32_t id = 0; id < 3; id++)
        assert_int_not_equal(order->messages[id].place, 0);
}

static void a_sender_whose_own_has_its_place_decides_again(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_delivered(order, 2, 0);
    order_sent(order, 1, 1);
    order_delivered(order, 0, 1);
    assert_int_equal(order->messages[1].place, 2);
}

static void with_echo_the_sender_decides_like_anybody(void **state)
{
    struct order *order = *state;
    order_sent(order, 0, 0);
    order_sent(order, 1, 1);
    read_two(order, 0, 1, 0);
    read_two(order, 1, 0, 1);
    assert_int_equal(order->total_violations, 1);
    assert_true(order->clients[1].differs);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(receivers_that_agree_are_fine),
        TEST(a_receiver_that_saw_another_order_is_reported),
        TEST(a_sender_s_messages_out_of_their_order_are_reported),
        TEST(a_sender_without_echo_does_not_decide),
        TEST(a_sender_without_echo_is_checked_later),
        TEST(those_who_wait_place_nothing_out_of_turn),
        TEST(a_sender_whose_own_has_its_place_decides_again),
        cmocka_unit_test_setup_teardown(
            with_echo_the_sender_decides_like_anybody, setup_echo, teardown),
    };
    return cmocka_run_group_tests_name("bench/chat/order", tests, NULL, NULL);
}
