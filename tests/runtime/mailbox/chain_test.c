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
    assert_int_equal(mio_index_size(&f.chain) + sizeof(struct mio_message),
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
    mio_chain_add_index(&f.chain, &f.index.message, 7);
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
    mio_index_prefetch(&f.index.message); /* changes nothing, crashes never */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_chain_has_one_destination),
        TEST(a_full_chain_accepts_nothing_more),
        TEST(an_index_stands_before_its_chain),
    };
    return cmocka_run_group_tests_name("runtime/mailbox/chain", tests, NULL,
                                       NULL);
}
