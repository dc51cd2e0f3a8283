/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/mailbox/chain_test.c - the open chain, and its index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/entry.h"
#include "runtime/mailbox/chain.h"
#include "runtime/mailbox/inbox.h"

struct fixture {
    struct mio_chain chain;
    struct mio_message messages[MIO_CHAIN_MAX + 1];
    union {
        struct mio_message message;
        unsigned char bytes[1024];
    } index;
};

static struct fixture f;

static int setup(void **state)
{
    (void)state;
    memset(&f, 0, sizeof(f));
    mio_chain_init(&f.chain);
    return 0;
}

static void append(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_true(mio_chain_accepts(&f.chain, 3));
        mio_chain_append(&f.chain, 3, &f.messages[i]);
    }
}

static void a_chain_has_one_destination(void **state)
{
    (void)state;
    assert_true(mio_chain_is_empty(&f.chain));
    assert_true(mio_chain_accepts(&f.chain, 3));
    assert_true(mio_chain_accepts(&f.chain, 4));
    append(1);
    assert_false(mio_chain_is_empty(&f.chain));
    assert_true(mio_chain_accepts(&f.chain, 3));
    assert_false(mio_chain_accepts(&f.chain, 4));
}

static void a_full_chain_accepts_nothing_more(void **state)
{
    (void)state;
    append(MIO_CHAIN_MAX);
    assert_false(mio_chain_accepts(&f.chain, 3));
    assert_int_equal(mio_index_size(&f.chain, 1) + sizeof(struct mio_message),
                     sizeof(f.index));
}

/* With an index in front, what comes out is the index and all messages, but
 * only the messages are counted. */
static void an_index_stands_before_its_chain(void **state)
{
    (void)state;
    struct mio_inbox inbox;
    struct mio_message *single = &f.messages[MIO_CHAIN_MAX];
    mio_inbox_init(&inbox);
    append(MIO_CHAIN_MAX);
    struct mio_index_runs runs;
    for (uint32_t i = 0; i < MIO_CHAIN_MAX; i++) {
        f.messages[i].kind = i == 5 ? MIO_ENTRY_SYSTEM : MIO_ENTRY_MESSAGE;
        f.messages[i].to.value = 42;
    }
    mio_chain_find_runs(&f.chain, &runs);
    assert_int_equal(runs.count, 1);
    mio_chain_add_index(&f.chain, &f.index.message, &runs, 7);
    assert_int_equal(f.index.message.kind, MIO_ENTRY_INDEX);
    mio_inbox_push(&inbox, f.chain.first, f.chain.last);
    mio_inbox_push(&inbox, single, single);

    struct mio_mail mail = mio_inbox_take(&inbox);
    assert_int_equal(mail.messages_count, MIO_CHAIN_MAX + 1);
    assert_int_equal(mail.chains_count, 2);
    assert_ptr_equal(mail.first, &f.index.message);
    assert_ptr_equal(mail.last, single);
    struct mio_message *message = mail.first->next;
    for (uint32_t i = 0; i < MIO_CHAIN_MAX + 1; i++, message = message->next)
        assert_ptr_equal(message, &f.messages[i]);
    assert_null(message);

    struct mio_index *index = mio_message_payload(&f.index.message);
    assert_int_equal(index->count, MIO_CHAIN_MAX);
    for (uint32_t i = 0; i < MIO_CHAIN_MAX; i++)
        assert_ptr_equal(index->messages[i], &f.messages[i]);
    assert_int_equal(index->sender, 7);
    assert_int_equal(index->runs_count, 1);
    assert_int_equal(mio_index_runs_of(index)->to.value, 42);
    assert_int_equal(mio_index_runs_of(index)->count, MIO_CHAIN_MAX - 1);
    mio_index_prefetch(&f.index.message); /* changes nothing, crashes never */
}

static void each_change_of_receiver_begins_a_run(void **state)
{
    (void)state;
    static const uint64_t receivers[] = {1, 1, 2, 1, 3, 3, 3};
    static const uint64_t counts[] = {2, 1, 1, 3};
    struct mio_index_runs runs;
    append(7);
    for (size_t i = 0; i < 7; i++) {
        f.messages[i].kind = MIO_ENTRY_MESSAGE;
        f.messages[i].to.value = receivers[i];
    }
    mio_chain_find_runs(&f.chain, &runs);
    assert_int_equal(runs.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(runs.runs[i].count, counts[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_chain_has_one_destination),
        TEST(a_full_chain_accepts_nothing_more),
        TEST(an_index_stands_before_its_chain),
        TEST(each_change_of_receiver_begins_a_run),
    };
    return cmocka_run_group_tests_name("runtime/mailbox/chain", tests, NULL,
                                       NULL);
}
