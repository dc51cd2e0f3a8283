/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/nicks_test.c - who has which nick: the rules, on the nicks of
 * one reactor. */
#include "apps/chat/nick/nicks.h"

#include <stdio.h>

#include "tests/apps/chat/recorder.h"

/* On three reactors the nicks of one are looked at; these are names that hash
 * to it, whatever they are. */
static struct chat_nicks nicks;
static struct chat_user ann, bob, eve;

static int setup(void **state)
{
    recorder_setup(state);
    recorder.server.reactors_count = 1;
    ann = recorder_user("Ann", 0);
    bob = recorder_user("bob", 1);
    eve = recorder_user("eve", 2);
    assert_int_equal(chat_nicks_init(&nicks, &recorder.server, 0), 0);
    return 0;
}

static int teardown(void **state)
{
    chat_nicks_deinit(&nicks);
    return recorder_teardown(state);
}

#define TEST(test) cmocka_unit_test_setup_teardown((test), setup, teardown)

/* Returns who is to have it instead. */
static mio_actor_id receive(enum chat_op_kind kind, struct chat_op *op)
{
    recorder_clear();
    return chat_nicks_receive(&nicks, &recorder.out, kind, op);
}

#define DO(kind, user, ...)                                                    \
    receive(CHAT_OP_##kind, recorder_op((user), __VA_ARGS__, NULL))

static void expect(const struct chat_user *user, enum chat_result result)
{
    assert_int_equal(recorder_reply(user).result, result);
}

static void register_user(const struct chat_user *user)
{
    char nick[IRC_NICK_MAX + 1] = {0};

    memcpy(nick, user->nick, user->nick_size);
    DO(CLAIM, user, nick);
    expect(user, CHAT_DONE);
}

static void a_nick_is_its_first_claimants_in_any_spelling(void **s)
{
    (void)s;
    DO(CLAIM, &ann, "King");
    expect(&ann, CHAT_DONE);
    DO(CLAIM, &bob, "KING");
    assert_lines(&bob, ":irc.test 433 bob KING :Nickname is already in use\n");
    expect(&bob, CHAT_REFUSED);
    DO(CLAIM, &ann, "KinG"); /* his own */
    expect(&ann, CHAT_DONE);
    assert_int_equal(recorder.out.counts->nicks, 1);
}

static void only_the_holder_releases_a_nick(void **s)
{
    (void)s;
    DO(CLAIM, &ann, "king");
    DO(RELEASE, &bob, "king");
    expect(&bob, CHAT_REFUSED);
    DO(CLAIM, &bob, "king");
    expect(&bob, CHAT_REFUSED);
    DO(RELEASE, &ann, "KING");
    DO(CLAIM, &bob, "king");
    expect(&bob, CHAT_DONE);
    DO(RELEASE, &ann, "king"); /* late, from one who had it before */
    DO(CLAIM, &eve, "king");
    expect(&eve, CHAT_REFUSED);
}

static void a_claim_waits_for_a_nick_that_is_being_given_up(void **s)
{
    (void)s;
    DO(CLAIM, &ann, "king");
    DO(YIELD, &bob, "king"); /* not his to give */
    DO(CLAIM, &bob, "king");
    expect(&bob, CHAT_REFUSED);
    DO(YIELD, &ann, "king");
    assert_true(
        mio_actor_id_equal(DO(CLAIM, &bob, "king"), recorder.server.nicks[0]));
    assert_int_equal(recorder.sent_count, 0);
    DO(RELEASE, &ann, "king");
    DO(CLAIM, &bob, "king");
    expect(&bob, CHAT_DONE);
    /* But not for ever. */
    DO(YIELD, &bob, "king");
    struct chat_op *op = recorder_op(&eve, "king", NULL);
    recorder_clear();
    while (!mio_actor_id_is_none(
        chat_nicks_receive(&nicks, &recorder.out, CHAT_OP_CLAIM, op)))
        assert_int_equal(recorder.sent_count, 0);
    expect(&eve, CHAT_REFUSED);
}

static void a_release_without_an_address_has_no_reply(void **s)
{
    (void)s;
    DO(CLAIM, &ann, "king");
    struct chat_op *op = recorder_op(&ann, "king", NULL);
    op->reply_to.value = 0;
    receive(CHAT_OP_RELEASE, op);
    assert_int_equal(recorder.sent_count, 0);
    assert_int_equal(recorder.out.counts->nicks, 0);
}

static void who_is_not_registered_cannot_be_found(void **s)
{
    (void)s;
    ann.flags = 0;
    DO(CLAIM, &ann, "Ann");
    assert_true(mio_actor_id_is_none(DO(TELL, &bob, "ann", "hi", "")));
    assert_lines(&bob, ":irc.test 401 bob ann :No such nick/channel\n");
    ann.flags = CHAT_USER_REGISTERED;
    DO(RECORD, &ann, "Ann");
    expect(&ann, CHAT_DONE);
    assert_true(mio_actor_id_equal(DO(TELL, &bob, "ann", "hi", ""),
                                   recorder.server.hubs[0]));
}

static void an_op_is_passed_on_to_the_hub_of_its_target(void **s)
{
    (void)s;
    register_user(&bob); /* he lives on reactor 1 */
    struct chat_op *op = recorder_op(&ann, "BOB", "hi", "", NULL);
    mio_actor_id to = receive(CHAT_OP_TELL, op);
    assert_true(mio_actor_id_equal(to, recorder.server.hubs[1]));
    assert_true(mio_actor_id_equal(op->target, bob.id));
    assert_true(irc_span_equal(chat_op_text(op, 0), IRC_SPAN("bob")));
    assert_true(irc_span_equal(chat_op_text(op, 1), IRC_SPAN("hi")));
    assert_int_equal(recorder.sent_count, 0); /* the hub answers */
}

static void an_invitation_is_passed_on_to_the_channel(void **s)
{
    (void)s;
    register_user(&bob);
    struct chat_op *op = recorder_op(&ann, "bob", "#c", NULL);
    mio_actor_id to = receive(CHAT_OP_INVITE, op);
    assert_true(mio_actor_id_equal(to, recorder.server.directories[0]));
    assert_true(mio_actor_id_equal(op->target, bob.id));
}

static void who_is_missing_is_said_but_never_to_a_notice(void **s)
{
    (void)s;
    DO(WHOIS, &ann, "bob", "");
    assert_lines(&ann, ":irc.test 401 Ann bob :No such nick/channel\n"
                       ":irc.test 318 Ann bob :End of /WHOIS list\n");
    struct chat_op *op = recorder_op(&ann, "bob", "hi", "", NULL);
    op->said = CHAT_NOTICE;
    receive(CHAT_OP_TELL, op);
    assert_lines(&ann, "");
    expect(&ann, CHAT_REFUSED);
}

static void whowas_tells_the_newest_first(void **s)
{
    (void)s;
    register_user(&ann);
    DO(RELEASE, &ann, "Ann");
    struct chat_user other = recorder_user("eve", 1);
    chat_user_set_nick(&other, IRC_SPAN("ann"));
    register_user(&other);
    DO(RELEASE, &other, "ann");
    DO(WHOWAS, &bob, "ANN", "");
    assert_lines(&bob,
                 ":irc.test 314 bob ann ~eve host * :Real eve\n"
                 ":irc.test 312 bob ann irc.test :Wed Oct 19 2011 16:40:51 "
                 "UTC\n"
                 ":irc.test 314 bob Ann ~Ann host * :Real Ann\n"
                 ":irc.test 312 bob Ann irc.test :Wed Oct 19 2011 16:40:51 "
                 "UTC\n"
                 ":irc.test 369 bob ANN :End of WHOWAS\n");
    DO(WHOWAS, &bob, "ann", "1");
    assert_null(strstr(recorder_reply(&bob).lines, "~Ann"));
    DO(WHOWAS, &bob, "nobody", "");
    assert_lines(&bob, ":irc.test 406 bob nobody :There was no such nickname\n"
                       ":irc.test 369 bob nobody :End of WHOWAS\n");
}

static void whowas_forgets_the_oldest(void **s)
{
    (void)s;
    register_user(&ann);
    DO(RELEASE, &ann, "Ann");
    for (unsigned i = 0; i < CHAT_WHOWAS_MAX; i++) {
        assert_int_equal(i < CHAT_WHOWAS_MAX - 1 || nicks.whowas.count > 0, 1);
        register_user(&bob);
        DO(RELEASE, &bob, "bob");
    }
    DO(WHOWAS, &eve, "ann", "");
    assert_non_null(strstr(recorder_reply(&eve).lines, " 406 "));
}

static void who_of_a_nick_finds_even_who_hides(void **s)
{
    (void)s;
    ann.flags |= IRC_USER_INVISIBLE | CHAT_USER_AWAY;
    register_user(&ann);
    DO(WHO_NICK, &bob, "ann", "");
    assert_lines(&bob, ":irc.test 352 bob * ~Ann host irc.test Ann G :0 Real "
                       "Ann\n"
                       ":irc.test 315 bob ann :End of WHO list\n");
}

static struct recorder_reply who_mask(const struct chat_user *user,
                                      const char *mask, uint64_t cursor)
{
    struct chat_op *op = recorder_op(user, mask, "", NULL);

    op->is_scatter = true;
    op->cursor = cursor;
    receive(CHAT_OP_WHO_NICK, op);
    return recorder_reply(user);
}

static void who_of_a_mask_passes_over_who_hides(void **s)
{
    (void)s;
    ann.flags |= IRC_USER_INVISIBLE;
    register_user(&ann);
    register_user(&bob);
    assert_null(strstr(who_mask(&eve, "*", 0).lines, "Ann"));
    assert_non_null(strstr(who_mask(&eve, "*", 0).lines, "bob"));
    assert_non_null(strstr(who_mask(&ann, "*", 0).lines, "Ann"));
    assert_string_equal(who_mask(&eve, "b?b!*@nowhere", 0).lines, "");
    assert_non_null(strstr(who_mask(&eve, "b?b!*@host", 0).lines, "bob"));
}

#define CROWD 1000

static void who_of_a_mask_comes_in_pieces_with_everybody_once(void **s)
{
    (void)s;
    static uint8_t seen[CROWD];
    uint64_t cursor = 0;
    unsigned pieces = 0;
    char nick[32];

    memset(seen, 0, sizeof(seen));
    for (unsigned i = 0; i < CROWD; i++) {
        snprintf(nick, sizeof(nick), "user%u", i);
        struct chat_user user = recorder_user(nick, 0);
        user.id = recorder_id(0, i);
        register_user(&user);
    }
    do {
        struct recorder_reply reply = who_mask(&ann, "user*", cursor);
        const char *at = reply.lines;
        unsigned number;
        while ((at = strstr(at, "irc.test user")) != NULL) {
            assert_int_equal(sscanf(at, "irc.test user%u", &number), 1);
            seen[number]++;
            at++;
        }
        cursor = reply.cursor;
        pieces++;
    } while (cursor != 0);
    assert_true(pieces > 2);
    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(seen[i], 1);
}

static void find(const struct chat_user *user, bool is_userhost,
                 const char *names, mio_actor_id *to, struct chat_find *asked)
{
    *asked = (struct chat_find){.reply_to = user->id,
                                .serial = 7,
                                .is_userhost = is_userhost,
                                .asker_size = user->nick_size,
                                .nicks_size = (uint16_t)strlen(names)};
    memcpy(asked->asker, user->nick, user->nick_size);
    memcpy(asked->nicks, names, strlen(names));
    recorder_clear();
    *to = chat_nicks_find(&nicks, &recorder.out, asked);
}

static void ison_and_userhost_name_who_is_there_in_the_order_asked(void **s)
{
    (void)s;
    struct chat_find asked;
    mio_actor_id to;

    bob.flags |= CHAT_USER_AWAY | IRC_USER_OPERATOR;
    register_user(&ann);
    register_user(&bob);
    find(&eve, false, "BOB nobody ann", &to, &asked);
    assert_true(mio_actor_id_is_none(to));
    assert_lines(&eve, ":irc.test 303 eve :bob Ann\n");
    find(&eve, true, "ann bob", &to, &asked);
    assert_lines(&eve, ":irc.test 302 eve :Ann=+~Ann@host bob*=-~bob@host\n");
    find(&eve, false, "nobody", &to, &asked);
    assert_lines(&eve, ":irc.test 303 eve :\n");
}

static void what_is_not_found_here_goes_on_to_where_it_is(void **s)
{
    (void)s;
    struct chat_find asked;
    mio_actor_id to;
    char name[2] = "a";

    recorder.server.reactors_count = RECORDER_REACTORS;
    /* A name of another reactor, whichever that is. */
    while (mio_actor_id_equal(
        chat_server_nicks(&recorder.server, irc_span(name, 1)),
        recorder.server.nicks[0]))
        name[0]++;
    find(&eve, false, name, &to, &asked);
    assert_true(mio_actor_id_equal(
        to, chat_server_nicks(&recorder.server, irc_span(name, 1))));
    assert_int_equal(recorder.sent_count, 0);
    assert_int_equal(asked.next, 0); /* still to be looked at, there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_nick_is_its_first_claimants_in_any_spelling),
        TEST(only_the_holder_releases_a_nick),
        TEST(a_claim_waits_for_a_nick_that_is_being_given_up),
        TEST(a_release_without_an_address_has_no_reply),
        TEST(who_is_not_registered_cannot_be_found),
        TEST(an_op_is_passed_on_to_the_hub_of_its_target),
        TEST(an_invitation_is_passed_on_to_the_channel),
        TEST(who_is_missing_is_said_but_never_to_a_notice),
        TEST(whowas_tells_the_newest_first),
        TEST(whowas_forgets_the_oldest),
        TEST(who_of_a_nick_finds_even_who_hides),
        TEST(who_of_a_mask_passes_over_who_hides),
        TEST(who_of_a_mask_comes_in_pieces_with_everybody_once),
        TEST(ison_and_userhost_name_who_is_there_in_the_order_asked),
        TEST(what_is_not_found_here_goes_on_to_where_it_is),
    };
    return cmocka_run_group_tests_name("apps/chat/nicks", tests, NULL, NULL);
}
