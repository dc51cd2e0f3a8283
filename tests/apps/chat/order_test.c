/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/order_test.c - what all members of a channel may rely on:
 * one order, nothing lost, nothing twice, an acknowledgement that means
 * "posted", and one message per reactor whatever the number of members. */
#include <stdio.h>

#include "tests/apps/chat/party.h"

static const uint32_t sizes[] = PARTY_SIZES;
#define SIZES_COUNT (sizeof(sizes) / sizeof(sizes[0]))

/* --- one order ----------------------------------------------------------- */

#define TALKERS 12
#define LINES 250 /* of each talker */
#define OVERLAP 16

struct talk {
    uint64_t joined;
    uint64_t hashes[TALKERS];
    uint64_t counts[TALKERS];
    uint32_t next[TALKERS][TALKERS]; /* what each expects of each */
};

static void talk_on(struct guest *self)
{
    while (self->step < LINES && self->pending < OVERLAP)
        guest_say(self, "#talk",
                  text_of("%u %u", self->number, (unsigned)self->step++));
}

static void talker_ready(struct guest *self)
{
    self->client.user.caps = IRC_CAP_ECHO_MESSAGE;
    guest_join(self, "#talk");
}

static void talker_replied(struct guest *self, const struct chat_reply *reply,
                           struct irc_span lines)
{
    struct talk *talk = self->party->ctx;

    (void)lines;
    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->mark == 0) {
        self->mark = 1;
        guest_joined(self, "#talk");
        if (__atomic_add_fetch(&talk->joined, 1, __ATOMIC_SEQ_CST) == TALKERS)
            for (uint32_t i = 0; i < TALKERS; i++)
                guest_poke(self, i, 0);
        return;
    }
    talk_on(self);
}

static void talker_poked(struct guest *self, uint64_t number)
{
    (void)number;
    talk_on(self);
}

static void talker_heard(struct guest *self, struct irc_span line)
{
    struct talk *talk = self->party->ctx;
    unsigned who, what;

    if (!line_has(line, " PRIVMSG "))
        return;
    MIO_ASSERT(sscanf(text_in(line), "%u %u", &who, &what) == 2);
    MIO_ASSERT(who < TALKERS);
    MIO_ASSERT(what == talk->next[self->number][who]++);
    self->hash = (self->hash ^ (who * LINES + what)) * UINT64_C(0x100000001B3);
    if (++self->count < (uint64_t)TALKERS * LINES)
        return;
    talk->hashes[self->number] = self->hash;
    talk->counts[self->number] = self->count;
    guest_done(self);
}

static void all_members_on_all_reactors_see_one_order(void **state)
{
    static const struct script script = {.ready = talker_ready,
                                         .replied = talker_replied,
                                         .heard = talker_heard,
                                         .poked = talker_poked};
    static struct talk talk;

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct party party;

        memset(&talk, 0, sizeof(talk));
        party_hold(&party, sizes[i], TALKERS, &script, &talk);
        for (unsigned guest = 0; guest < TALKERS; guest++) {
            assert_int_equal(talk.counts[guest], TALKERS * LINES);
            assert_true(talk.hashes[guest] == talk.hashes[0]);
        }
    }
}

/* --- one message per reactor --------------------------------------------- */

static void a_message_crosses_to_each_reactor_once(void **state)
{
    static const struct script script = {.ready = talker_ready,
                                         .replied = talker_replied,
                                         .heard = talker_heard,
                                         .poked = talker_poked};
    static struct talk talk;

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct party party;

        memset(&talk, 0, sizeof(talk));
        party_hold(&party, sizes[i], TALKERS, &script, &talk);
        assert_int_equal(party.sums.messages, TALKERS * LINES);
        assert_int_equal(party.sums.message_posts,
                         (uint64_t)sizes[i] * TALKERS * LINES);
        assert_true(party.sums.deliveries >=
                    (uint64_t)TALKERS * TALKERS * LINES);
    }
}

/* --- the echo of JOIN comes first ---------------------------------------- */

/* Everybody joins and parts again and again: who reads the names has read his
 * own JOIN, and who has parted hears nothing until he joins again. */
#define VISITS 100

static void visitor_ready(struct guest *self)
{
    guest_join(self, "#door");
}

static void visitor_heard(struct guest *self, struct irc_span line)
{
    bool is_own = line_has(line, text_of(":guest%u!", self->number).at);

    if (is_own && line_has(line, " JOIN ")) {
        MIO_ASSERT(self->mark == 0);
        self->mark = 1;
    } else {
        MIO_ASSERT(self->mark == 1); /* he is in */
    }
    if (is_own && line_has(line, " PART "))
        self->mark = 0;
}

static void visitor_replied(struct guest *self, const struct chat_reply *reply,
                            struct irc_span lines)
{
    MIO_ASSERT(reply->result == CHAT_DONE);
    if (line_has(lines, " 353 ")) {
        MIO_ASSERT(self->mark == 1);
        MIO_ASSERT(line_has(lines, " 366 "));
        guest_joined(self, "#door");
        guest_part(self, "#door");
    } else {
        MIO_ASSERT(self->mark == 0);
        if (++self->step < VISITS)
            guest_join(self, "#door");
        else
            guest_done(self);
    }
}

/* The channel begins and ends all the time, too: JOINs are under way to one
 * that has just lost its last member. */
static void a_join_is_echoed_before_the_names_even_of_a_dying_channel(void **s)
{
    static const struct script script = {.ready = visitor_ready,
                                         .replied = visitor_replied,
                                         .heard = visitor_heard};
    static const uint32_t crowds[] = {1, 2, 5};

    (void)s;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        for (size_t j = 0; j < 3; j++) {
            struct party party;
            party_hold(&party, sizes[i], crowds[j], &script, NULL);
        }
    }
}

/* --- acknowledged means posted ------------------------------------------- */

/* Guest 0 says a number in #a, and when that is acknowledged tells the same
 * number to guest 1 himself: he must have heard it in the channel. Three
 * reactors are in it: the speaker's, the channel's, the listener's. */
#define CONFIDENCES 500

static void confident_ready(struct guest *self)
{
    guest_join(self, "#a");
}

static void confide(struct guest *self)
{
    guest_say(self, "#a", text_of("%u", (unsigned)self->step));
}

static void confident_replied(struct guest *self,
                              const struct chat_reply *reply,
                              struct irc_span lines)
{
    (void)lines;
    MIO_ASSERT(reply->result == CHAT_DONE);
    switch (self->mark) {
    case 0: /* joined */
        guest_joined(self, "#a");
        self->mark = 1;
        if (self->number == 1)
            guest_poke(self, 0, 0);
        return;
    case 1: /* said: now tell */
        self->mark = 2;
        guest_tell(self, nick_of(1), text_of("%u", (unsigned)self->step));
        return;
    default: /* told */
        self->mark = 1;
        if (++self->step < CONFIDENCES)
            confide(self);
        else
            guest_done(self);
        return;
    }
}

/* The listener is there; the speaker may still be on his way in. */
static void confident_poked(struct guest *self, uint64_t number)
{
    (void)number;
    if (self->mark == 0)
        guest_poke(self, 0, 0);
    else
        confide(self);
}

static void confident_heard(struct guest *self, struct irc_span line)
{
    unsigned number;

    if (!line_has(line, " PRIVMSG "))
        return;
    MIO_ASSERT(self->number == 1); /* no echo was asked for */
    MIO_ASSERT(sscanf(text_in(line), "%u", &number) == 1);
    if (line_has(line, " #a ")) {
        MIO_ASSERT(number == self->count);
        self->count++;
        return;
    }
    MIO_ASSERT(self->count == number + 1);
    if (self->count == CONFIDENCES)
        guest_done(self);
}

static void what_is_acknowledged_was_posted(void **state)
{
    static const struct script script = {.ready = confident_ready,
                                         .replied = confident_replied,
                                         .heard = confident_heard,
                                         .poked = confident_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct party party;
        party_hold(&party, sizes[i], 2, &script, NULL);
    }
}

/* --- only those with a status -------------------------------------------- */

/* Guest 0 founds #rank, gives guest 1 a voice, and says a thing to operators,
 * one to the voiced and above, and one to all. Then guest 1 loses it. */
static void ranked_ready(struct guest *self)
{
    if (self->number == 0)
        guest_join(self, "#rank");
}

static void say_to(struct guest *self, uint8_t status, const char *text)
{
    struct irc_span texts[] = {IRC_SPAN("#rank"), irc_span_of(text)};
    struct chat_op op = {.reply_to = self->client.user.id,
                         .serial = ++self->serial,
                         .status = status,
                         .user = self->client.user};

    self->pending++;
    int rc = chat_op_send(self->actor,
                          chat_server_directory(&self->party->server, texts[0]),
                          CHAT_OP_SAY, &op, texts, 2);
    MIO_ASSERT(rc == 0);
}

static void speak_by_rank(struct guest *self)
{
    const uint8_t voiced = IRC_MEMBER_OPERATOR | IRC_MEMBER_VOICE;

    self->mark = 2;
    guest_ask(self, CHAT_OP_MODE, IRC_SPAN("#rank"), IRC_SPAN("+v"), nick_of(1),
              GUEST_NO_MORE);
    say_to(self, IRC_MEMBER_OPERATOR, "1");
    say_to(self, voiced, "2");
    guest_ask(self, CHAT_OP_MODE, IRC_SPAN("#rank"), IRC_SPAN("-v"), nick_of(1),
              GUEST_NO_MORE);
    say_to(self, voiced, "4");
    say_to(self, 0, "8");
}

static void ranked_replied(struct guest *self, const struct chat_reply *reply,
                           struct irc_span lines)
{
    (void)lines;
    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->mark == 0) {
        self->mark = 1;
        guest_joined(self, "#rank");
        guest_poke(self, self->number == 2 ? 0 : self->number + 1, 0);
    } else if (self->pending == 0) {
        guest_done(self);
    }
}

/* One after the other, so that guest 0 is the founder. */
static void ranked_poked(struct guest *self, uint64_t number)
{
    (void)number;
    if (!self->is_ready)
        guest_poke(self, self->number, 0);
    else if (self->number == 0)
        speak_by_rank(self);
    else
        guest_join(self, "#rank");
}

static void ranked_heard(struct guest *self, struct irc_span line)
{
    unsigned number;

    if (!line_has(line, " PRIVMSG "))
        return;
    MIO_ASSERT(sscanf(text_in(line), "%u", &number) == 1);
    self->count += number;
    if (number == 8) {
        MIO_ASSERT(self->count == (self->number == 1 ? 2 + 8 : 8));
        guest_done(self);
    }
}

static void a_status_message_reaches_those_who_have_it_now(void **state)
{
    static const struct script script = {.ready = ranked_ready,
                                         .replied = ranked_replied,
                                         .heard = ranked_heard,
                                         .poked = ranked_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct party party;
        party_hold(&party, sizes[i], 3, &script, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members_on_all_reactors_see_one_order),
        cmocka_unit_test(a_message_crosses_to_each_reactor_once),
        cmocka_unit_test(
            a_join_is_echoed_before_the_names_even_of_a_dying_channel),
        cmocka_unit_test(what_is_acknowledged_was_posted),
        cmocka_unit_test(a_status_message_reaches_those_who_have_it_now),
    };
    return cmocka_run_group_tests_name("apps/chat/order", tests, NULL, NULL);
}
