/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/mailbox/inbox_test.c - the states of the one word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/mailbox/inbox.h"

#define MESSAGES 6

struct fixture {
    struct mio_inbox inbox;
    struct mio_message messages[MESSAGES];
};

static int setup(void **state)
{
    static struct fixture fixture;
    mio_inbox_init(&fixture.inbox);
    for (int i = 0; i < MESSAGES; i++)
        fixture.messages[i] = (struct mio_message){.size = (uint32_t)i};
    *state = &fixture;
    return 0;
}

/* Push messages[first..last] as one chain. */
static enum mio_inbox_found push(struct fixture *f, int first, int last)
{
    for (int i = first; i < last; i++)
        f->messages[i].next = &f->messages[i + 1];
    return mio_inbox_push(&f->inbox, &f->messages[first], &f->messages[last]);
}

/* That it holds messages[0..count) in this order and nothing more. */
static void assert_in_order(struct fixture *f, struct mio_mail mail, int count,
                            int chains)
{
    assert_int_equal(mail.messages_count, count);
    assert_int_equal(mail.chains_count, chains);
    struct mio_message *message = mail.first;
    for (int i = 0; i < count; i++, message = message->next)
        assert_ptr_equal(message, &f->messages[i]);
    assert_null(message);
    if (count > 0)
        assert_ptr_equal(mail.last, &f->messages[count - 1]);
}

static void an_empty_inbox_gives_nothing(void **state)
{
    struct fixture *f = *state;
    assert_false(mio_inbox_has_mail(&f->inbox));
    assert_null(mio_inbox_take(&f->inbox).first);
}

static void chains_come_out_in_the_order_of_their_pushes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(push(f, 0, 2), MIO_INBOX_AWAKE);
    assert_int_equal(push(f, 3, 3), MIO_INBOX_AWAKE);
    assert_int_equal(push(f, 4, 5), MIO_INBOX_AWAKE);
    assert_true(mio_inbox_has_mail(&f->inbox));
    assert_in_order(f, mio_inbox_take(&f->inbox), 6, 3);
    assert_false(mio_inbox_has_mail(&f->inbox));
}

static void who_has_mail_does_not_park(void **state)
{
    struct fixture *f = *state;
    push(f, 0, 0);
    assert_false(mio_inbox_park(&f->inbox));
    assert_in_order(f, mio_inbox_take(&f->inbox), 1, 1);
    assert_true(mio_inbox_park(&f->inbox));
}

static void only_the_push_that_replaced_parked_rings(void **state)
{
    struct fixture *f = *state;
    assert_true(mio_inbox_park(&f->inbox));
    assert_int_equal(push(f, 0, 1), MIO_INBOX_PARKED);
    assert_int_equal(push(f, 2, 2), MIO_INBOX_AWAKE);
    assert_in_order(f, mio_inbox_unpark(&f->inbox), 3, 2);
    assert_int_equal(push(f, 0, 0), MIO_INBOX_AWAKE);
}

static void who_is_woken_by_something_else_is_not_parked_any_more(void **state)
{
    struct fixture *f = *state;
    assert_true(mio_inbox_park(&f->inbox));
    assert_null(mio_inbox_unpark(&f->inbox).first);
    assert_int_equal(push(f, 0, 0), MIO_INBOX_AWAKE);
}

static void a_closed_inbox_gives_the_chain_back(void **state)
{
    struct fixture *f = *state;
    push(f, 0, 1);
    assert_in_order(f, mio_inbox_close(&f->inbox), 2, 1);
    f->messages[4].next = &f->messages[0]; /* whatever was there */
    assert_int_equal(push(f, 2, 4), MIO_INBOX_CLOSED);
    /* The chain is whole, and ends. */
    assert_ptr_equal(f->messages[2].next, &f->messages[3]);
    assert_ptr_equal(f->messages[3].next, &f->messages[4]);
    assert_null(f->messages[4].next);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_inbox_gives_nothing),
        TEST(chains_come_out_in_the_order_of_their_pushes),
        TEST(who_has_mail_does_not_park),
        TEST(only_the_push_that_replaced_parked_rings),
        TEST(who_is_woken_by_something_else_is_not_parked_any_more),
        TEST(a_closed_inbox_gives_the_chain_back),
    };
    return cmocka_run_group_tests_name("runtime/mailbox/inbox", tests, NULL,
                                       NULL);
}
