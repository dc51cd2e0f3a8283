/* SPDX-License-Identifier: MIT
 *
 * tests/bench/chat/ledger_test.c - nothing lost, nothing twice, nothing astray.
 *
 * Seven clients in two channels: 0 2 4 6 and 1 3 5; 6 never reads. */
#include "bench/chat/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct layout layout = {.clients = 7, .channels = 2, .stalled = 1};

static int setup(void **state)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (ledger == NULL)
        return -1;
    ledger_init(ledger, &layout, false);
    *state = ledger;
    return 0;
}

static int teardown(void **state)
{
    ledger_deinit(*state);
    free(*state);
    return 0;
}

static void a_message_is_owed_to_the_readers_of_its_channel(void **state)
{
    struct ledger *ledger = *state;
    assert_int_equal(ledger_sent(ledger, 0, 5), 0);
    assert_int_equal(ledger->owed, 2); /* 2 and 4; 6 is stalled */
    assert_int_equal(ledger_delivered(ledger, 2, 0), LEDGER_FINE);
    assert_int_equal(ledger_delivered(ledger, 4, 0), LEDGER_LAST);
    assert_int_equal(ledger->owed, 0);
    assert_int_equal(ledger->messages[0].due_ns, 5);
}

static void what_never_came_stays_owed(void **state)
{
    struct ledger *ledger = *state;
    ledger_sent(ledger, 0, 0);
    ledger_sent(ledger, 1, 0);
    ledger_delivered(ledger, 2, 0);
    ledger_delivered(ledger, 3, 1);
    assert_int_equal(ledger->owed, 2);
}

static void a_duplicate_is_noticed_while_others_wait_and_after(void **state)
{
    struct ledger *ledger = *state;
    ledger_sent(ledger, 0, 0);
    ledger_delivered(ledger, 2, 0);
    assert_int_equal(ledger_delivered(ledger, 2, 0), LEDGER_DUPLICATE);
    assert_int_equal(ledger_delivered(ledger, 4, 0), LEDGER_LAST);
    assert_int_equal(ledger_delivered(ledger, 4, 0), LEDGER_DUPLICATE);
    assert_int_equal(ledger->duplicates, 2);
    assert_int_equal(ledger->owed, 0);
}

/* The bits of a finished message go to the next: they must come back clean. */
static void a_late_duplicate_does_not_count_for_the_next_message(void **state)
{
    struct ledger *ledger = *state;
    ledger_sent(ledger, 0, 0);
    ledger_delivered(ledger, 2, 0);
    ledger_delivered(ledger, 4, 0);
    ledger_sent(ledger, 0, 0);
    assert_int_equal(ledger_delivered(ledger, 2, 0), LEDGER_DUPLICATE);
    assert_int_equal(ledger_delivered(ledger, 2, 1), LEDGER_FINE);
    assert_int_equal(ledger_delivered(ledger, 4, 1), LEDGER_LAST);
}

static void strays_are_noticed(void **state)
{
    struct ledger *ledger = *state;
    ledger_sent(ledger, 0, 0);
    assert_int_equal(ledger_delivered(ledger, 1, 0), LEDGER_STRAY);
    assert_int_equal(ledger_delivered(ledger, 2, 1), LEDGER_STRAY);
    assert_int_equal(ledger_delivered(ledger, 0, 0), LEDGER_STRAY);
    assert_int_equal(ledger->strays, 3);
    assert_int_equal(ledger->owed, 2);
}

static void with_echo_the_sender_is_owed_its_own(void **state)
{
    struct ledger *ledger = *state;
    ledger->echo = true;
    ledger_sent(ledger, 1, 0);
    assert_int_equal(ledger->owed, 3);
    assert_int_equal(ledger_delivered(ledger, 1, 0), LEDGER_FINE);
}

static void many_messages_under_way_are_kept_apart(void **state)
{
    struct ledger *ledger = *state;
    for (uint32_t id = 0; id < 5000; id++)
        assert_int_equal(ledger_sent(ledger, id % 6, 0), id);
    for (uint32_t id = 0; id < 5000; id++)
        for (uint32_t receiver = 0; receiver < 6; receiver++)
            if (receiver % 2 == id % 2 && receiver != id % 6)
                assert_in_range(ledger_delivered(ledger, receiver, id),
                                LEDGER_FINE, LEDGER_LAST);
    assert_int_equal(ledger->owed, 0);
    assert_int_equal(ledger->duplicates + ledger->strays, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_is_owed_to_the_readers_of_its_channel),
        TEST(what_never_came_stays_owed),
        TEST(a_duplicate_is_noticed_while_others_wait_and_after),
        TEST(a_late_duplicate_does_not_count_for_the_next_message),
        TEST(strays_are_noticed),
        TEST(with_echo_the_sender_is_owed_its_own),
        TEST(many_messages_under_way_are_kept_apart),
    };
    return cmocka_run_group_tests_name("bench/chat/ledger", tests, NULL, NULL);
}
