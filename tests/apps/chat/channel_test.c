/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/channel_test.c - the rules of a channel: who may do what, who
 * is told, in which words. */
#include "apps/chat/channel/channel.h"

#include <stdio.h>

#include "tests/apps/chat/recorder.h"

static struct chat_channel channel;
static struct chat_user ann, bob, eve; /* on reactors 0, 1 and 2 */

static int setup(void **state)
{
    recorder_setup(state);
    ann = recorder_user("Ann", 0);
    bob = recorder_user("bob", 1);
    eve = recorder_user("eve", 2);
    assert_int_equal(
        chat_channel_init(&channel, &recorder.server, IRC_SPAN("#Room")), 0);
    channel.id = 4711;
    return 0;
}

static int teardown(void **state)
{
    chat_channel_deinit(&channel);
    return recorder_teardown(state);
}

#define TEST(test) cmocka_unit_test_setup_teardown((test), setup, teardown)

/* What is sent before is forgotten. */
static void receive(enum chat_op_kind kind, const struct chat_op *op)
{
    recorder_clear();
    chat_channel_receive(&channel, &recorder.out, kind, op);
}

#define DO(kind, user, ...)                                                    \
    receive(CHAT_OP_##kind, recorder_op((user), "#room", __VA_ARGS__, NULL))
#define DO_PLAIN(kind, user)                                                   \
    receive(CHAT_OP_##kind, recorder_op((user), "#room", NULL))

static void join(const struct chat_user *user)
{
    DO(JOIN, user, "", "");
    assert_int_equal(recorder_reply(user).result, CHAT_DONE);
}

static void say(const struct chat_user *user, enum chat_said said,
                uint8_t status, const char *text, const char *tags)
{
    struct chat_op *op = recorder_op(user, "#ROOM", text, tags, NULL);

    op->said = (uint8_t)said;
    op->status = status;
    receive(CHAT_OP_SAY, op);
}

static const struct chat_effect *effect(uint32_t reactor, unsigned index)
{
    const struct chat_post *post = recorder_post(reactor, 0);

    assert_non_null(post);
    assert_true(index < post->effects_count);
    return &chat_post_effects(post)[index];
}

/* --- coming and going ---------------------------------------------------- */

static void the_founder_is_operator_and_reads_his_join_then_the_names(void **s)
{
    (void)s;
    DO(JOIN, &ann, "", "");
    assert_lines(&ann, ":irc.test 353 Ann = #room :@Ann\n"
                       ":irc.test 366 Ann #room :End of /NAMES list\n");
    assert_int_equal(recorder.sent[0].type == &chat_post_type, true);
    assert_int_equal(recorder_posts_count(0), 1);
    assert_int_equal(recorder_posts_count(1), 0); /* nobody is there */
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host JOIN #room\n");
    assert_int_equal(effect(0, 0)->kind, CHAT_ADD);
    assert_int_equal(effect(0, 0)->status, IRC_MEMBER_OPERATOR);
    assert_true(mio_actor_id_equal(effect(0, 0)->member, ann.id));
}

static void a_join_is_posted_once_to_each_reactor_with_members(void **s)
{
    (void)s;
    struct chat_user ann2 = recorder_user("ann2", 0);

    join(&ann);
    join(&ann2);
    join(&bob);
    assert_int_equal(recorder_posts_count(0), 1);
    assert_int_equal(recorder_posts_count(1), 1);
    assert_int_equal(recorder_posts_count(2), 0);
    assert_int_equal(effect(1, 0)->status, 0);
}

static void with_extended_join_account_and_name_are_shown(void **s)
{
    (void)s;
    DO(JOIN, &ann, "", "");
    assert_string_equal(
        recorder_read(recorder_post(0, 0), IRC_CAP_EXTENDED_JOIN),
        ":Ann!~Ann@host JOIN #room * :Real Ann\n");
    assert_string_equal(
        recorder_read(recorder_post(0, 0),
                      IRC_CAP_EXTENDED_JOIN | IRC_CAP_SERVER_TIME),
        "@time=2011-10-19T16:40:51.620Z "
        ":Ann!~Ann@host JOIN #room * :Real Ann\n");
}

static void who_is_away_when_he_joins_is_told_to_those_who_follow_that(void **s)
{
    (void)s;
    join(&ann);
    bob.flags |= CHAT_USER_AWAY;
    DO(JOIN, &bob, "", "at lunch");
    const struct chat_post *away = recorder_post(0, 1);
    assert_string_equal(recorder_read(away, 0),
                        ":bob!~bob@host AWAY :at lunch\n");
    assert_int_equal(away->caps, IRC_CAP_AWAY_NOTIFY);
    assert_int_equal(away->to_origin, CHAT_ORIGIN_NOT);
}

static void joining_again_does_nothing(void **s)
{
    (void)s;
    join(&ann);
    join(&ann);
    assert_int_equal(recorder.sent_count, 1);
    assert_int_equal(channel.members.count, 1);
}

static void a_part_is_told_to_the_parter_too_and_takes_him_out(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    DO(PART, &bob, "bye now");
    assert_string_equal(recorder_read(recorder_post(1, 0), 0),
                        ":bob!~bob@host PART #room :bye now\n");
    assert_int_equal(recorder_posts_count(0), 1);
    assert_int_equal(effect(1, 0)->kind, CHAT_REMOVE);
    assert_lines(&bob, "");
    DO(PART, &bob, "");
    assert_lines(&bob, ":irc.test 442 bob #room :You're not on that channel\n");
}

static void an_empty_channel_is_none_and_begins_anew(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+smk", "secret");
    DO(TOPIC, &ann, "old");
    DO(PART, &ann, "");
    DO_PLAIN(TOPIC, &ann);
    assert_lines(&ann, ":irc.test 403 Ann #room :No such channel\n");
    DO_PLAIN(NAMES, &ann);
    assert_lines(&ann, ":irc.test 366 Ann #room :End of /NAMES list\n");
    receive(CHAT_OP_JOIN, recorder_op(&bob, "#ROOM", "", "", NULL));
    assert_lines(&bob, ":irc.test 353 bob = #ROOM :@bob\n"
                       ":irc.test 366 bob #ROOM :End of /NAMES list\n");
    DO_PLAIN(MODE, &bob);
    assert_lines(&bob, ":irc.test 324 bob #ROOM +nt\n"
                       ":irc.test 329 bob #ROOM 1319042451\n");
}

static void only_operators_kick_and_only_members_are_kicked(void **s)
{
    (void)s;
    DO(JOIN, &ann, "", "");
    join(&bob);
    DO(KICK, &bob, "Ann", "");
    assert_lines(&bob,
                 ":irc.test 482 bob #room :You're not channel operator\n");
    DO(KICK, &eve, "bob", "");
    assert_lines(&eve, ":irc.test 442 eve #room :You're not on that channel\n");
    DO(KICK, &ann, "eve", "");
    assert_lines(&ann,
                 ":irc.test 441 Ann eve #room :They aren't on that channel\n");
    DO(KICK, &ann, "BOB", "out");
    assert_string_equal(recorder_read(recorder_post(1, 0), 0),
                        ":Ann!~Ann@host KICK #room bob :out\n");
    assert_true(mio_actor_id_equal(effect(1, 0)->member, bob.id));
    assert_int_equal(channel.members.count, 1);
    DO(KICK, &ann, "ann", "");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host KICK #room Ann :Ann\n");
    assert_int_equal(channel.members.count, 0);
}

/* --- who may come in ----------------------------------------------------- */

static void expect_refused(const struct chat_user *user, const char *key,
                           const char *numeric)
{
    char number[4] = {0};

    DO(JOIN, user, key, "");
    memcpy(number, recorder_reply(user).lines + 10, 3);
    assert_string_equal(number, numeric);
    assert_int_equal(recorder_reply(user).result, CHAT_REFUSED);
    assert_int_equal(recorder.sent_count, 1); /* nobody is told */
}

static void a_key_must_be_known(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+k", "Key");
    expect_refused(&bob, "", "475");
    expect_refused(&bob, "key", "475");
    DO(JOIN, &bob, "Key", "");
    assert_int_equal(recorder_reply(&bob).result, CHAT_DONE);
}

static void a_limit_counts_members(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+l", "2");
    join(&bob);
    expect_refused(&eve, "", "471");
    DO(PART, &bob, "");
    join(&eve);
}

static void the_banned_stay_out_and_silent_until_they_have_a_voice(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    DO(MODE, &ann, "+b", "*!~B?b@*");
    say(&bob, CHAT_PRIVMSG, 0, "hi", "");
    assert_lines(&bob, ":irc.test 404 bob #room :Cannot send to channel\n");
    DO(MODE, &ann, "+v", "bob");
    say(&bob, CHAT_PRIVMSG, 0, "hi", "");
    assert_lines(&bob, "");
    DO(PART, &bob, "");
    expect_refused(&bob, "", "474");
}

static void invite(const struct chat_user *by, const struct chat_user *whom,
                   const char *nick)
{
    struct chat_op *op = recorder_op(by, nick, "#room", NULL);

    op->target = whom->id;
    receive(CHAT_OP_INVITE, op);
}

static void an_invitation_lifts_a_ban_and_plus_i_once(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+ib", "*!*@host");
    expect_refused(&bob, "", "474");
    expect_refused(&eve, "", "474");
    invite(&ann, &bob, "bob");
    assert_lines(&ann, ":irc.test 341 Ann bob #room\n");
    assert_int_equal(
        recorder_count(recorder.server.hubs[1], &chat_deliver_type), 1);
    assert_int_equal(recorder_post(0, 0)->status, IRC_MEMBER_OPERATOR);
    join(&bob);
    DO(PART, &bob, "");
    expect_refused(&bob, "", "474");
}

static void who_may_invite(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    invite(&eve, &eve, "eve");
    assert_lines(&eve, ":irc.test 442 eve #room :You're not on that channel\n");
    invite(&bob, &eve, "eve"); /* the channel is open: any member */
    assert_lines(&bob, ":irc.test 341 bob eve #room\n");
    invite(&ann, &bob, "bob");
    assert_lines(&ann, ":irc.test 443 Ann bob #room :is already on channel\n");
    DO(MODE, &ann, "+i", "");
    invite(&bob, &eve, "eve");
    assert_lines(&bob,
                 ":irc.test 482 bob #room :You're not channel operator\n");
}

/* --- speaking ------------------------------------------------------------ */

static void
what_is_said_goes_once_to_each_reactor_and_not_to_who_said_it(void **s)
{
    (void)s;
    struct chat_user bob2 = recorder_user("bob2", 1);

    join(&ann);
    join(&bob);
    join(&bob2);
    say(&ann, CHAT_PRIVMSG, 0, "hi all", "");
    assert_int_equal(recorder_posts_count(0), 1);
    assert_int_equal(recorder_posts_count(1), 1);
    assert_int_equal(recorder_posts_count(2), 0);
    assert_string_equal(recorder_read(recorder_post(1, 0), 0),
                        ":Ann!~Ann@host PRIVMSG #room :hi all\n");
    assert_int_equal(recorder_post(1, 0)->to_origin, CHAT_ORIGIN_ECHO);
    assert_true(mio_actor_id_equal(recorder_post(1, 0)->origin, ann.id));
    /* Acknowledged means posted. */
    assert_ptr_equal(recorder.sent[recorder.sent_count - 1].type,
                     &chat_reply_type);
    assert_int_equal(recorder.out.counts->messages, 1);
    assert_int_equal(recorder.out.counts->message_posts, 2);
}

static void strangers_speak_only_without_plus_n(void **s)
{
    (void)s;
    join(&ann);
    say(&bob, CHAT_PRIVMSG, 0, "hi", "");
    assert_lines(&bob, ":irc.test 404 bob #room :Cannot send to channel\n");
    say(&bob, CHAT_NOTICE, 0, "hi", "");
    assert_lines(&bob, ""); /* notices are never answered */
    assert_int_equal(recorder_posts_count(0), 0);
    DO(MODE, &ann, "-n", "");
    say(&bob, CHAT_NOTICE, 0, "hi", "");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":bob!~bob@host NOTICE #room :hi\n");
}

static void when_moderated_voice_is_needed(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    DO(MODE, &ann, "+m", "");
    say(&bob, CHAT_PRIVMSG, 0, "hi", "");
    assert_lines(&bob, ":irc.test 404 bob #room :Cannot send to channel\n");
    DO(MODE, &ann, "+v", "bob");
    say(&bob, CHAT_PRIVMSG, 0, "hi", "");
    assert_lines(&bob, "");
    DO(MODE, &ann, "-v", "bob");
    say(&bob, CHAT_PRIVMSG, 0, "hi", "");
    assert_int_equal(recorder_reply(&bob).result, CHAT_REFUSED);
}

static void a_status_message_is_for_those_who_have_it(void **s)
{
    (void)s;
    join(&ann);
    say(&ann, CHAT_PRIVMSG, IRC_MEMBER_OPERATOR, "ops", "");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host PRIVMSG @#room :ops\n");
    assert_int_equal(recorder_post(0, 0)->status, IRC_MEMBER_OPERATOR);
    say(&ann, CHAT_PRIVMSG, IRC_MEMBER_OPERATOR | IRC_MEMBER_VOICE, "v", "");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host PRIVMSG +#room :v\n");
}

static void tags_of_a_client_reach_those_with_message_tags(void **s)
{
    (void)s;
    join(&ann);
    say(&ann, CHAT_PRIVMSG, 0, "hi", "+typing=done;msgid=fake");
    const struct chat_post *post = recorder_post(0, 0);
    assert_string_equal(recorder_read(post, IRC_CAP_SERVER_TIME),
                        "@time=2011-10-19T16:40:51.620Z "
                        ":Ann!~Ann@host PRIVMSG #room :hi\n");
    assert_string_equal(recorder_read(post, IRC_CAP_MESSAGE_TAGS),
                        "@time=2011-10-19T16:40:51.620Z;+typing=done "
                        ":Ann!~Ann@host PRIVMSG #room :hi\n");
    say(&ann, CHAT_TAGMSG, 0, "", "+typing=active");
    post = recorder_post(0, 0);
    assert_int_equal(post->caps, IRC_CAP_MESSAGE_TAGS);
    assert_string_equal(recorder_read(post, IRC_CAP_MESSAGE_TAGS),
                        "@time=2011-10-19T16:40:51.620Z;+typing=active "
                        ":Ann!~Ann@host TAGMSG #room\n");
}

static void a_line_is_never_longer_than_a_line(void **s)
{
    (void)s;
    char text[IRC_LINE_MAX + 1];

    memset(text, 'x', sizeof(text));
    text[IRC_LINE_MAX] = '\0';
    join(&ann);
    say(&ann, CHAT_PRIVMSG, 0, text, "");
    assert_int_equal(strlen(recorder_read(recorder_post(0, 0), 0)),
                     IRC_LINE_MAX - 1); /* '\n' for CRLF */
}

static void what_cannot_be_sent_is_counted(void **s)
{
    (void)s;
    join(&ann);
    recorder_clear();
    recorder.has_no_memory = true;
    say(&ann, CHAT_PRIVMSG, 0, "hi", "");
    assert_int_equal(recorder.out.counts->lost, 2); /* the post, the reply */
}

/* --- topic --------------------------------------------------------------- */

static void a_topic_is_set_told_shown_and_cleared(void **s)
{
    (void)s;
    join(&ann);
    DO_PLAIN(TOPIC, &ann);
    assert_lines(&ann, ":irc.test 331 Ann #room :No topic is set\n");
    DO(TOPIC, &ann, "All about it");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host TOPIC #room :All about it\n");
    DO(JOIN, &bob, "", "");
    assert_lines(&bob, ":irc.test 332 bob #room :All about it\n"
                       ":irc.test 333 bob #room Ann!~Ann@host 1319042451\n"
                       ":irc.test 353 bob = #room :@Ann bob\n"
                       ":irc.test 366 bob #room :End of /NAMES list\n");
    DO(TOPIC, &ann, "");
    DO_PLAIN(TOPIC, &bob);
    assert_lines(&bob, ":irc.test 331 bob #room :No topic is set\n");
}

static void a_locked_topic_is_the_operators(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    DO(TOPIC, &bob, "mine");
    assert_lines(&bob,
                 ":irc.test 482 bob #room :You're not channel operator\n");
    DO(TOPIC, &eve, "mine");
    assert_lines(&eve, ":irc.test 442 eve #room :You're not on that channel\n");
    DO(MODE, &ann, "-t", "");
    DO(TOPIC, &bob, "mine");
    assert_int_equal(recorder_posts_count(0), 1);
}

/* --- modes --------------------------------------------------------------- */

static void modes_are_told_in_one_line_and_change_the_views(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    DO(MODE, &ann, "+mov-n", "BOB", "ann");
    assert_string_equal(recorder_read(recorder_post(1, 0), 0),
                        ":Ann!~Ann@host MODE #room +mov-n bob Ann\n");
    assert_int_equal(recorder_posts_count(1), 1);
    assert_int_equal(recorder_post(1, 0)->effects_count, 2);
    assert_true(mio_actor_id_equal(effect(1, 0)->member, bob.id));
    assert_int_equal(effect(1, 0)->status, IRC_MEMBER_OPERATOR);
    assert_int_equal(effect(1, 1)->status,
                     IRC_MEMBER_OPERATOR | IRC_MEMBER_VOICE);
}

static void what_changes_nothing_is_not_told(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+nt-m+o", "Ann");
    assert_int_equal(recorder_posts_count(0), 0);
    assert_lines(&ann, "");
}

static void only_operators_change_modes_but_all_see_bans(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    DO(MODE, &bob, "+mi", "");
    assert_lines(&bob,
                 ":irc.test 482 bob #room :You're not channel operator\n");
    DO(MODE, &ann, "+b", "Eve");
    DO(MODE, &bob, "+b", NULL);
    assert_lines(&bob,
                 ":irc.test 367 bob #room Eve!*@* Ann!~Ann@host 1319042451\n"
                 ":irc.test 368 bob #room :End of channel ban list\n");
}

static void wrong_modes_are_answered_each(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+xok-v", "nobody", ":key");
    assert_lines(&ann, ":irc.test 472 Ann x :is unknown mode char to me\n"
                       ":irc.test 441 Ann nobody #room :They aren't on that "
                       "channel\n"
                       ":irc.test 525 Ann #room :Key is not well-formed\n"
                       ":irc.test 696 Ann #room v * :You must specify a "
                       "parameter\n");
    DO(MODE, &ann, "+l", "many");
    assert_lines(&ann,
                 ":irc.test 696 Ann #room l many :Invalid mode parameter\n");
}

static void bans_have_a_limit_and_are_removed_in_any_spelling(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+bbbb", "a", "b", "c", "d"); /* bans_max is 3 */
    assert_lines(&ann, ":irc.test 478 Ann #room d!*@* :Channel list is full\n");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host MODE #room +bbb a!*@* b!*@* c!*@*\n");
    DO(MODE, &ann, "-b", "B");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host MODE #room -b B!*@*\n");
    assert_int_equal(channel.bans.count, 2);
    DO(MODE, &ann, "+b", "A");
    assert_int_equal(recorder_posts_count(0), 0); /* it is there */
}

static void a_key_is_shown_to_members_only(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+kl", "secret", "20");
    DO_PLAIN(MODE, &ann);
    assert_lines(&ann, ":irc.test 324 Ann #room +ntkl secret 20\n"
                       ":irc.test 329 Ann #room 1319042451\n");
    DO_PLAIN(MODE, &eve);
    assert_lines(&eve, ":irc.test 324 eve #room +ntkl * 20\n"
                       ":irc.test 329 eve #room 1319042451\n");
    DO(MODE, &ann, "-kl", "whatever");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host MODE #room -kl *\n");
}

/* --- who is in it -------------------------------------------------------- */

static void names_are_as_the_capabilities_say(void **s)
{
    (void)s;
    join(&ann);
    DO(MODE, &ann, "+v", "ann");
    ann.caps = IRC_CAP_MULTI_PREFIX;
    DO_PLAIN(NAMES, &ann);
    assert_lines(&ann, ":irc.test 353 Ann = #room :@+Ann\n"
                       ":irc.test 366 Ann #room :End of /NAMES list\n");
    ann.caps = IRC_CAP_USERHOST_IN_NAMES;
    DO_PLAIN(NAMES, &ann);
    assert_lines(&ann, ":irc.test 353 Ann = #room :@Ann!~Ann@host\n"
                       ":irc.test 366 Ann #room :End of /NAMES list\n");
}

static void strangers_see_no_secret_channel_and_nobody_who_hides(void **s)
{
    (void)s;
    bob.flags |= IRC_USER_INVISIBLE;
    join(&ann);
    join(&bob);
    DO_PLAIN(NAMES, &eve);
    assert_lines(&eve, ":irc.test 353 eve = #room :@Ann\n"
                       ":irc.test 366 eve #room :End of /NAMES list\n");
    DO(MODE, &ann, "+s", "");
    assert_true(recorder_post(0, 0)->is_secret);
    DO_PLAIN(NAMES, &eve);
    assert_lines(&eve, ":irc.test 366 eve #room :End of /NAMES list\n");
    DO(WHO, &eve, "");
    assert_lines(&eve, ":irc.test 315 eve #room :End of WHO list\n");
    DO_PLAIN(NAMES, &ann);
    assert_lines(&ann, ":irc.test 353 Ann @ #room :@Ann bob\n"
                       ":irc.test 366 Ann #room :End of /NAMES list\n");
}

static void who_shows_what_was_asked_for(void **s)
{
    (void)s;
    bob.flags |= CHAT_USER_AWAY | IRC_USER_OPERATOR;
    join(&ann);
    join(&bob);
    DO(WHO, &ann, "");
    assert_lines(&ann,
                 ":irc.test 352 Ann #room ~Ann host irc.test Ann H@ :0 Real "
                 "Ann\n"
                 ":irc.test 352 Ann #room ~bob host irc.test bob G* :0 Real "
                 "bob\n"
                 ":irc.test 315 Ann #room :End of WHO list\n");
    DO(WHO, &ann, "%tcnf,42");
    assert_lines(&ann, ":irc.test 354 Ann 42 #room Ann H@\n"
                       ":irc.test 354 Ann 42 #room bob G*\n"
                       ":irc.test 315 Ann #room :End of WHO list\n");
}

#define CROWD 2500

/* Counts the words of the 353 lines, and marks who was named. */
static unsigned mark_names(const char *lines, uint8_t *seen)
{
    unsigned number;
    unsigned count = 0;

    for (const char *at = lines; (at = strstr(at, "user")) != NULL; at += 4) {
        assert_int_equal(sscanf(at, "user%u", &number), 1);
        assert_true(number < CROWD);
        seen[number]++;
        count++;
    }
    return count;
}

static void a_crowd_is_named_in_pieces_and_who_stays_exactly_once(void **s)
{
    (void)s;
    static uint8_t seen[CROWD];
    unsigned pieces = 1;
    char nick[32];

    memset(seen, 0, sizeof(seen));
    for (unsigned i = 0; i < CROWD; i++) {
        struct chat_member *member;
        snprintf(nick, sizeof(nick), "one-of-many-user%u", i);
        struct chat_user user = recorder_user(nick, 0);
        user.id = recorder_id(0, i);
        assert_int_equal(chat_members_add(&channel.members, &user, 0, &member),
                         0);
    }
    join(&ann);
    struct recorder_reply reply = recorder_reply(&ann);
    mark_names(reply.lines, seen);
    while (reply.cursor != 0) {
        assert_int_equal(reply.more, CHAT_OP_NAMES);
        /* Bounded, although many more wait. */
        assert_true(strlen(reply.lines) < 5 * CHAT_REPLY_LINES_MAX);
        /* One who was named and one who was not leave in between. */
        struct chat_user gone = recorder_user("gone", 0);
        gone.id = recorder_id(0, 10 * pieces);
        DO(PART, &gone, "");
        gone.id = recorder_id(0, CROWD - 10 * pieces);
        DO(PART, &gone, "");
        struct chat_op *op = recorder_op(&ann, "#room", NULL);
        op->cursor = reply.cursor;
        receive(CHAT_OP_NAMES, op);
        reply = recorder_reply(&ann);
        mark_names(reply.lines, seen);
        pieces++;
    }
    assert_true(pieces > 2);
    assert_non_null(strstr(reply.lines, " 366 "));
    for (unsigned i = 0; i < CROWD; i++)
        if (i % 10 != 0)
            assert_int_equal(seen[i], 1);
}

/* --- changes ------------------------------------------------------------- */

static const struct chat_changed *change(const struct chat_user *user,
                                         enum chat_change kind)
{
    struct chat_op *op = recorder_op(user, "#room", NULL);

    op->change = (uint8_t)kind;
    receive(CHAT_OP_CHANGE, op);
    assert_int_equal(recorder.sent_count, 1);
    assert_ptr_equal(recorder.sent[0].type, &chat_changed_type);
    return recorder.sent[0].payload;
}

static void a_change_is_answered_with_where_the_neighbours_are(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    join(&eve);
    const struct chat_changed *changed = change(&eve, CHAT_CHANGE_QUIT);
    assert_int_equal(changed->channel, 4711);
    assert_int_equal(changed->reactors, 3); /* 0 and 1, 2 no more */
    assert_int_equal(channel.members.count, 2);
    changed = change(&eve, CHAT_CHANGE_QUIT);
    assert_int_equal(changed->channel, 0);
}

static void after_a_nick_change_the_new_nick_is_the_member(void **s)
{
    (void)s;
    join(&ann);
    join(&bob);
    chat_user_set_nick(&bob, IRC_SPAN("robert"));
    (void)change(&bob, CHAT_CHANGE_NICK);
    DO(KICK, &ann, "bob", "");
    assert_int_equal(recorder_reply(&ann).result, CHAT_REFUSED);
    DO(MODE, &ann, "+v", "ROBERT");
    assert_string_equal(recorder_read(recorder_post(0, 0), 0),
                        ":Ann!~Ann@host MODE #room +v robert\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_founder_is_operator_and_reads_his_join_then_the_names),
        TEST(a_join_is_posted_once_to_each_reactor_with_members),
        TEST(with_extended_join_account_and_name_are_shown),
        TEST(who_is_away_when_he_joins_is_told_to_those_who_follow_that),
        TEST(joining_again_does_nothing),
        TEST(a_part_is_told_to_the_parter_too_and_takes_him_out),
        TEST(an_empty_channel_is_none_and_begins_anew),
        TEST(only_operators_kick_and_only_members_are_kicked),
        TEST(a_key_must_be_known),
        TEST(a_limit_counts_members),
        TEST(the_banned_stay_out_and_silent_until_they_have_a_voice),
        TEST(an_invitation_lifts_a_ban_and_plus_i_once),
        TEST(who_may_invite),
        TEST(what_is_said_goes_once_to_each_reactor_and_not_to_who_said_it),
        TEST(strangers_speak_only_without_plus_n),
        TEST(when_moderated_voice_is_needed),
        TEST(a_status_message_is_for_those_who_have_it),
        TEST(tags_of_a_client_reach_those_with_message_tags),
        TEST(a_line_is_never_longer_than_a_line),
        TEST(what_cannot_be_sent_is_counted),
        TEST(a_topic_is_set_told_shown_and_cleared),
        TEST(a_locked_topic_is_the_operators),
        TEST(modes_are_told_in_one_line_and_change_the_views),
        TEST(what_changes_nothing_is_not_told),
        TEST(only_operators_change_modes_but_all_see_bans),
        TEST(wrong_modes_are_answered_each),
        TEST(bans_have_a_limit_and_are_removed_in_any_spelling),
        TEST(a_key_is_shown_to_members_only),
        TEST(names_are_as_the_capabilities_say),
        TEST(strangers_see_no_secret_channel_and_nobody_who_hides),
        TEST(who_shows_what_was_asked_for),
        TEST(a_crowd_is_named_in_pieces_and_who_stays_exactly_once),
        TEST(a_change_is_answered_with_where_the_neighbours_are),
        TEST(after_a_nick_change_the_new_nick_is_the_member),
    };
    return cmocka_run_group_tests_name("apps/chat/channel", tests, NULL, NULL);
}
