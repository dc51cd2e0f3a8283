/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/parts_test.c - the small parts of rooms: bans, invitations,
 * members, variants, replies. */
#include <stdio.h>

#include "apps/chat/channel/bans.h"
#include "apps/chat/channel/invites.h"
#include "apps/chat/channel/members.h"
#include "apps/chat/protocol/answer.h"
#include "tests/apps/chat/recorder.h"

/* --- bans ---------------------------------------------------------------- */

static void bans_keep_their_order_and_their_limit(void **state)
{
    struct chat_bans bans = {0};
    struct irc_span by = IRC_SPAN("a!b@c");

    (void)state;
    assert_int_equal(chat_bans_add(&bans, IRC_SPAN("x!*@*"), by, 1, 3), 1);
    assert_int_equal(chat_bans_add(&bans, IRC_SPAN("y!*@*"), by, 2, 3), 1);
    assert_int_equal(chat_bans_add(&bans, IRC_SPAN("X!*@*"), by, 3, 3), 0);
    assert_int_equal(chat_bans_add(&bans, IRC_SPAN("z!*@*"), by, 4, 3), 1);
    assert_int_equal(chat_bans_add(&bans, IRC_SPAN("w!*@*"), by, 5, 3),
                     MIO_EFULL);
    assert_true(chat_bans_match(&bans, IRC_SPAN("Y!u@h")));
    assert_true(chat_bans_remove(&bans, IRC_SPAN("Y!*@*")));
    assert_false(chat_bans_remove(&bans, IRC_SPAN("y!*@*")));
    assert_false(chat_bans_match(&bans, IRC_SPAN("y!u@h")));
    assert_int_equal(bans.count, 2);
    assert_int_equal(bans.bans[0].set_s, 1);
    assert_int_equal(bans.bans[1].set_s, 4);
    chat_bans_deinit(&bans);
}

/* --- invitations --------------------------------------------------------- */

static void the_latest_invitations_count(void **state)
{
    struct chat_invites invites = {0};

    (void)state;
    for (uint32_t i = 0; i < CHAT_INVITES_MAX + 2; i++)
        assert_int_equal(chat_invites_add(&invites, recorder_id(0, i)), 0);
    assert_false(chat_invites_has(&invites, recorder_id(0, 0)));
    assert_false(chat_invites_has(&invites, recorder_id(0, 1)));
    for (uint32_t i = 2; i < CHAT_INVITES_MAX + 2; i++)
        assert_true(chat_invites_has(&invites, recorder_id(0, i)));
    chat_invites_remove(&invites, recorder_id(0, 5));
    chat_invites_remove(&invites, recorder_id(0, 5));
    assert_false(chat_invites_has(&invites, recorder_id(0, 5)));
    assert_true(
        chat_invites_has(&invites, recorder_id(0, CHAT_INVITES_MAX + 1)));
    chat_invites_deinit(&invites);
}

/* --- members ------------------------------------------------------------- */

static struct chat_member *add(struct chat_members *members, const char *nick,
                               uint32_t reactor)
{
    struct chat_user user = recorder_user(nick, reactor);
    struct chat_member *member;

    assert_int_equal(chat_members_add(members, &user, 0, &member), 0);
    return member;
}

static void members_are_found_by_id_and_nick_and_counted_by_reactor(void **s)
{
    struct chat_members members;
    struct irc_hash_key key = {1, 2};

    (void)s;
    assert_int_equal(chat_members_init(&members, 3, key), 0);
    struct chat_member *ann = add(&members, "Ann", 0);
    struct chat_member *bob = add(&members, "bob", 2);
    (void)add(&members, "eve", 2);
    assert_int_equal(members.reactor_counts[0], 1);
    assert_int_equal(members.reactor_counts[1], 0);
    assert_int_equal(members.reactor_counts[2], 2);
    assert_ptr_equal(chat_members_of_nick(&members, IRC_SPAN("aNN")), ann);
    assert_ptr_equal(chat_members_of_id(&members, bob->user.id), bob);

    struct chat_user renamed = bob->user;
    chat_user_set_nick(&renamed, IRC_SPAN("rob"));
    assert_int_equal(chat_members_update(&members, bob, &renamed), 0);
    assert_null(chat_members_of_nick(&members, IRC_SPAN("bob")));
    assert_ptr_equal(chat_members_of_nick(&members, IRC_SPAN("rob")), bob);

    mio_actor_id id = bob->user.id;
    chat_members_remove(&members, bob);
    assert_null(chat_members_of_id(&members, id));
    assert_null(chat_members_of_nick(&members, IRC_SPAN("rob")));
    assert_int_equal(members.reactor_counts[2], 1);
    assert_int_equal(members.count, 2);
    assert_null(chat_members_of_nick(&members, IRC_SPAN("bob")));
    assert_int_equal(members.by_nick.count, 2); /* nothing stale is kept */
    chat_members_deinit(&members);
}

/* --- variants ------------------------------------------------------------ */

static void choose(const struct chat_variants_writer *writer, uint32_t caps,
                   const char *expected)
{
    struct irc_span line =
        chat_variants_choose(&writer->variants, writer->bytes, caps);

    assert_int_equal(line.size, strlen(expected));
    assert_memory_equal(line.at, expected, line.size);
}

#define TIME "time=2011-10-19T16:40:51.620Z"

static void each_client_gets_what_he_can_read(void **state)
{
    static struct chat_variants_writer writer;

    (void)state;
    chat_variants_begin(&writer, RECORDER_UNIX_NS);
    chat_variants_put(&writer, IRC_SPAN("PING"), irc_span("", 0));
    choose(&writer, 0, "PING\r\n");
    choose(&writer, IRC_CAP_MESSAGE_TAGS, "PING\r\n");
    choose(&writer, IRC_CAP_SERVER_TIME, "@" TIME " PING\r\n");

    chat_variants_begin(&writer, RECORDER_UNIX_NS);
    chat_variants_put(&writer, IRC_SPAN("PING"), IRC_SPAN("id=1;+a=b"));
    choose(&writer, 0, "PING\r\n");
    choose(&writer, IRC_CAP_SERVER_TIME, "@" TIME " PING\r\n");
    choose(&writer, IRC_CAP_MESSAGE_TAGS, "@" TIME ";+a=b PING\r\n");
    choose(&writer, IRC_CAP_MESSAGE_TAGS | IRC_CAP_SERVER_TIME,
           "@" TIME ";+a=b PING\r\n");

    chat_variants_begin(&writer, RECORDER_UNIX_NS);
    chat_variants_put(&writer, IRC_SPAN("PING"), IRC_SPAN("id=1"));
    choose(&writer, IRC_CAP_MESSAGE_TAGS, "PING\r\n"); /* nothing to relay */
}

static void the_most_tags_and_the_longest_body_fit(void **state)
{
    static struct chat_variants_writer writer;
    static char tags[IRC_CLIENT_TAGS_MAX];
    char body[IRC_BODY_MAX];

    (void)state;
    memset(tags, 'a', sizeof(tags));
    tags[0] = '+';
    memset(body, 'b', sizeof(body));
    chat_variants_begin(&writer, RECORDER_UNIX_NS);
    chat_variants_put(&writer, irc_span(body, sizeof(body)),
                      irc_span(tags, 4094));
    struct irc_span line = chat_variants_choose(&writer.variants, writer.bytes,
                                                IRC_CAP_MESSAGE_TAGS);
    assert_int_equal(line.size,
                     strlen("@" TIME "; ") + 4094 + IRC_BODY_MAX + 2);
    line = chat_variants_choose(&writer.variants, writer.bytes, 0);
    assert_int_equal(line.size, IRC_BODY_MAX + 2);
}

/* --- replies ------------------------------------------------------------- */

static void replies_hold_whole_lines_and_end_once(void **state)
{
    struct chat_user ann = recorder_user("Ann", 0);
    const struct chat_op *op = recorder_op(&ann, "x", NULL);
    static struct chat_answer answer;
    unsigned lines = 0;

    (void)state;
    chat_answer_begin(&answer, &recorder.out, op);
    while (!chat_answer_is_long(&answer)) {
        chat_answer_numeric(&answer, IRC_RPL_TOPIC,
                            IRC_ARGS(IRC_SPAN("#c"), IRC_SPAN("a topic")));
        lines++;
    }
    chat_answer_more(&answer, CHAT_OP_NAMES, 12);
    struct recorder_reply reply = recorder_reply(&ann);
    assert_int_equal(reply.cursor, 12);
    assert_int_equal(reply.more, CHAT_OP_NAMES);
    assert_int_equal(reply.replies_count, CHAT_ANSWER_REPLIES_MAX + 1);
    assert_int_equal(strlen(reply.lines),
                     lines * strlen(":irc.test 332 Ann #c :a topic\n"));
    for (unsigned i = 0; i < recorder.sent_count; i++) {
        const char *bytes = recorder.sent[i].payload;
        assert_true(recorder.sent[i].size <= MIO_MESSAGE_POOLED_MAX);
        assert_int_equal(bytes[recorder.sent[i].size - 1], '\n');
        assert_int_equal(bytes[sizeof(struct chat_reply)], ':');
    }
}

static void a_line_longer_than_a_reply_goes_alone(void **state)
{
    struct chat_user ann = recorder_user("Ann", 0);
    const struct chat_op *op = recorder_op(&ann, "x", NULL);
    static struct chat_answer answer;
    static char line[IRC_OUTPUT_LINE_MAX];

    (void)state;
    memset(line, 'x', sizeof(line));
    memcpy(line + sizeof(line) - 2, "\r\n", 2);
    chat_answer_begin(&answer, &recorder.out, op);
    chat_answer_line(&answer, IRC_SPAN("before\r\n"));
    chat_answer_line(&answer, irc_span(line, sizeof(line)));
    chat_answer_line(&answer, IRC_SPAN("after\r\n"));
    chat_answer_end(&answer, CHAT_DONE);
    assert_int_equal(recorder.sent_count, 3);
    assert_int_equal(recorder.sent[1].size,
                     sizeof(struct chat_reply) + sizeof(line));
    assert_int_equal(recorder_reply(&ann).result, CHAT_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORDED(bans_keep_their_order_and_their_limit),
        RECORDED(the_latest_invitations_count),
        RECORDED(members_are_found_by_id_and_nick_and_counted_by_reactor),
        RECORDED(each_client_gets_what_he_can_read),
        RECORDED(the_most_tags_and_the_longest_body_fit),
        RECORDED(replies_hold_whole_lines_and_end_once),
        RECORDED(a_line_longer_than_a_reply_goes_alone),
    };
    return cmocka_run_group_tests_name("apps/chat/parts", tests, NULL, NULL);
}
