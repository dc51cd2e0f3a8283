/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/leaving_test.c - who goes, orderly or not, is gone
 * everywhere, and his neighbours are told once. */
#include <stdio.h>

#include "tests/apps/chat/party.h"

static const uint32_t sizes[] = PARTY_SIZES;
#define SIZES_COUNT (sizeof(sizes) / sizeof(sizes[0]))

static void hold(uint32_t guests_count, const struct script *script, void *ctx)
{
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct party party;
        party_hold(&party, sizes[i], guests_count, script, ctx);
    }
}

/* --- in the middle of a fan-out ------------------------------------------ */

/* Guest 0 talks in three channels that all are in; each other guest vanishes
 * when he hears a line of his own number, in the very call that hands it to
 * him, and guest 0 reads one QUIT of each. At last he is alone. */
#define MORTALS 24
static const char *const rooms[] = {"#one", "#two", "#three"};
#define ROOMS 3

struct fall {
    uint64_t arrived;
    unsigned quits[MORTALS + 1];
};

static void enter(struct guest *self)
{
    guest_join(self, rooms[self->step]);
}

static void all_are_in(struct guest *self)
{
    struct fall *fall = self->party->ctx;

    if (__atomic_add_fetch(&fall->arrived, 1, __ATOMIC_SEQ_CST) == MORTALS + 1)
        guest_poke(self, 0, 0);
}

static void speak(struct guest *self)
{
    guest_say(self, rooms[self->mark % ROOMS],
              text_of("%u", (unsigned)self->mark));
}

static void mortal_replied(struct guest *self, const struct chat_reply *reply,
                           struct irc_span lines)
{
    (void)lines;
    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->step < ROOMS) {
        guest_joined(self, rooms[self->step]);
        if (++self->step < ROOMS)
            enter(self);
        else
            all_are_in(self);
    } else if (self->mark < MORTALS) {
        self->mark++;
        speak(self);
    } else {
        guest_poke(self, 0, 1);
    }
}

/* 0: begin to speak; 1: is everybody gone? */
static void mortal_poked(struct guest *self, uint64_t number)
{
    struct fall *fall = self->party->ctx;

    if (number == 0) {
        self->mark = 1;
        speak(self);
        return;
    }
    struct chat_counts counts = party_counts(self->party);
    if (self->count < MORTALS || counts.connections > 1 || counts.nicks > 1) {
        guest_poke(self, 0, 1);
        return;
    }
    for (unsigned i = 1; i <= MORTALS; i++)
        MIO_ASSERT(fall->quits[i] == 1);
    MIO_ASSERT(counts.users == 1);
    MIO_ASSERT(counts.channels == ROOMS); /* he is still in all of them */
    guest_done(self);
}

/* A guest dies behind the fan-out that reached him: as a session's does, his
 * connection closes before the next entry is handled. */
static void mortal_heard(struct guest *self, struct irc_span line)
{
    struct fall *fall = self->party->ctx;
    unsigned number;

    if (self->number == 0 && line_has(line, " QUIT :struck\r\n")) {
        MIO_ASSERT(sscanf(text_of("%.*s", (int)line.size, line.at).at,
                          ":guest%u!", &number) == 1);
        fall->quits[number]++;
        self->count++;
    } else if (self->number != 0 && line_has(line, ":guest0!~u@h PRIVMSG")) {
        MIO_ASSERT(sscanf(text_in(line), "%u", &number) == 1);
        MIO_ASSERT(number <= self->number); /* the dead hear nothing */
        if (number == self->number) {
            guest_done(self);
            guest_doom(self, "struck");
        }
    }
}

static void who_dies_in_a_fan_out_is_missed_once_and_hears_no_more(void **s)
{
    static const struct script script = {.ready = enter,
                                         .replied = mortal_replied,
                                         .heard = mortal_heard,
                                         .poked = mortal_poked};

    (void)s;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct fall fall = {0};
        struct party party;
        party_hold(&party, sizes[i], MORTALS + 1, &script, &fall);
    }
}

/* --- with something under way -------------------------------------------- */

/* Each guest but 0 joins some channels and vanishes at once, before any answer;
 * some of them in the middle of a NICK. Nothing of them may stay. */
static void join_and_vanish(struct guest *self)
{
    if (self->number == 0) {
        guest_poke(self, 0, 0);
        return;
    }
    for (uint32_t i = 0; i < 1 + self->number % 3; i++)
        guest_join(self, rooms[i]);
    guest_done(self);
    guest_vanish(self, "gone");
}

static void wait_for_nothing(struct guest *self, uint64_t number)
{
    struct chat_counts counts = party_counts(self->party);

    (void)number;
    if (party_missing(self->party) == 1 && counts.connections == 1 &&
        counts.nicks == 1 && counts.channels == 0) {
        MIO_ASSERT(counts.users == 1);
        guest_done(self);
    } else {
        guest_poke(self, 0, 0);
    }
}

static void who_vanishes_while_he_joins_stays_in_no_channel(void **state)
{
    static const struct script script = {.ready = join_and_vanish,
                                         .poked = wait_for_nothing};

    (void)state;
    hold(60, &script, NULL);
}

/* Guest 0 is in "#one" with the others, who become another and vanish before
 * that is done: he reads NICK, then QUIT of the new nick, and nothing else. */
struct turncoats {
    uint64_t inside;
    unsigned became[64], quit[64];
};
#define TURNCOATS 20

static void turncoat_ready(struct guest *self)
{
    guest_join(self, "#one");
}

static void turncoat_replied(struct guest *self, const struct chat_reply *reply,
                             struct irc_span lines)
{
    struct turncoats *turncoats = self->party->ctx;

    (void)lines;
    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->step++ == 0) {
        guest_joined(self, "#one");
        if (__atomic_add_fetch(&turncoats->inside, 1, __ATOMIC_SEQ_CST) ==
            TURNCOATS + 1)
            for (uint32_t i = 0; i <= TURNCOATS; i++)
                guest_poke(self, i, 0);
        return;
    }
    /* the claim */
    guest_become(self, text_of("other%u", self->number));
    guest_done(self);
    guest_vanish(self, "gone");
}

static void turncoat_poked(struct guest *self, uint64_t number)
{
    struct chat_counts counts = party_counts(self->party);

    (void)number;
    if (self->number != 0)
        guest_claim(self, text_of("other%u", self->number));
    else if (self->count == 2 * TURNCOATS && counts.nicks == 1)
        guest_done(self);
    else
        guest_poke(self, 0, 0);
}

static void turncoat_heard(struct guest *self, struct irc_span line)
{
    struct turncoats *turncoats = self->party->ctx;
    const char *text = text_of("%.*s", (int)line.size, line.at).at;
    unsigned who, whom;

    if (self->number != 0 || line_has(line, " JOIN "))
        return;
    if (sscanf(text, ":guest%u!~u@h NICK :other%u", &who, &whom) == 2) {
        MIO_ASSERT(who == whom);
        MIO_ASSERT(turncoats->became[who]++ == 0);
    } else {
        MIO_ASSERT(sscanf(text, ":other%u!~u@h QUIT :gone", &who) == 1);
        MIO_ASSERT(turncoats->became[who] == 1);
        MIO_ASSERT(turncoats->quit[who]++ == 0);
    }
    self->count++;
}

static void who_vanishes_as_he_becomes_another_quits_as_the_other(void **s)
{
    static const struct script script = {.ready = turncoat_ready,
                                         .replied = turncoat_replied,
                                         .heard = turncoat_heard,
                                         .poked = turncoat_poked};

    (void)s;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct turncoats turncoats = {0};
        struct party party;
        party_hold(&party, sizes[i], TURNCOATS + 1, &script, &turncoats);
    }
}

/* --- QUIT, and the close later ------------------------------------------- */

/* Guest 1 quits as by command: his connection stays a while. He hears nothing
 * any more, nobody finds him, his nick is free, and his close is not a second
 * QUIT. Guest 0 talks to the channel after he read the QUIT. */
static void quitter_ready(struct guest *self)
{
    guest_join(self, "#one");
}

/* As if nicks had not heard of it yet: his hub is asked all the same. */
static void tell_at_hub(struct guest *self, uint32_t number,
                        struct irc_span text)
{
    mio_actor_id target = self->party->guests[number];
    struct irc_span texts[] = {nick_of(number), text};
    struct chat_op op = {.reply_to = self->client.user.id,
                         .serial = ++self->serial,
                         .target = target,
                         .user = self->client.user};

    self->pending++;
    int rc = chat_op_send(
        self->actor, self->party->server.hubs[mio_actor_id_reactor(target)],
        CHAT_OP_TELL, &op, texts, 2);
    MIO_ASSERT(rc == 0);
}

static void quitter_replied(struct guest *self, const struct chat_reply *reply,
                            struct irc_span lines)
{
    switch (self->step++) {
    case 0:
        guest_joined(self, "#one");
        if (self->number == 1)
            guest_poke(self, 0, 0);
        break;
    case 1: /* said into the channel */
        tell_at_hub(self, 1, IRC_SPAN("are you there?"));
        break;
    case 2:
        MIO_ASSERT(line_has(lines, " 401 "));
        guest_claim(self, nick_of(1));
        break;
    default:
        MIO_ASSERT(reply->result == CHAT_DONE);
        guest_poke(self, 1, 1);
        guest_poke(self, 0, 2);
        break;
    }
}

static void quitter_poked(struct guest *self, uint64_t number)
{
    if (self->number == 1) {
        if (number == 0) {
            self->mark = 1;
            chat_hub_leave(self->hub, &self->client, IRC_SPAN("enough"));
        } else {
            guest_done(self);
            guest_vanish(self, "closed");
        }
    } else if (number == 0) {
        if (self->step > 0)
            guest_poke(self, 1, 0);
        else
            guest_poke(self, 0, 0);
    } else if (party_counts(self->party).connections > 1) {
        guest_poke(self, 0, 2);
    } else {
        MIO_ASSERT(self->count == 1);
        MIO_ASSERT(party_counts(self->party).users == 1);
        guest_done(self);
    }
}

static void quitter_heard(struct guest *self, struct irc_span line)
{
    MIO_ASSERT(self->mark == 0); /* who quit hears nothing */
    if (self->number == 0 && line_has(line, " QUIT :")) {
        MIO_ASSERT(line_has(line, ":guest1!~u@h QUIT :enough\r\n"));
        self->count++;
        guest_say(self, "#one", IRC_SPAN("now he is gone"));
    }
}

static void who_quits_is_gone_before_his_connection_is(void **state)
{
    static const struct script script = {.ready = quitter_ready,
                                         .replied = quitter_replied,
                                         .heard = quitter_heard,
                                         .poked = quitter_poked};

    (void)state;
    hold(2, &script, NULL);
}

/* --- the nick of who quit ------------------------------------------------ */

/* The others vanish one by one; as soon as guest 0 reads a QUIT he takes that
 * nick, and gets it. */
#define HEIRLOOMS 150

static void heir_ready(struct guest *self)
{
    guest_join(self, "#one");
}

static void heir_replied(struct guest *self, const struct chat_reply *reply,
                         struct irc_span lines)
{
    uint64_t *inside = self->party->ctx;

    (void)lines;
    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->step++ == 0) {
        guest_joined(self, "#one");
        if (__atomic_add_fetch(inside, 1, __ATOMIC_SEQ_CST) == HEIRLOOMS + 1)
            guest_poke(self, 1, 0);
    } else if (self->step <= HEIRLOOMS) {
        guest_poke(self, (uint32_t)self->step, 0);
    } else {
        guest_done(self);
    }
}

static void heir_poked(struct guest *self, uint64_t number)
{
    (void)number;
    guest_done(self);
    guest_vanish(self, "gone");
}

static void heir_heard(struct guest *self, struct irc_span line)
{
    if (self->number == 0 && line_has(line, " QUIT :gone"))
        guest_claim(self, nick_of((uint32_t)self->step));
}

static void who_reads_a_quit_gets_the_nick(void **state)
{
    static const struct script script = {.ready = heir_ready,
                                         .replied = heir_replied,
                                         .heard = heir_heard,
                                         .poked = heir_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        uint64_t inside = 0;
        struct party party;
        party_hold(&party, sizes[i], HEIRLOOMS + 1, &script, &inside);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            who_dies_in_a_fan_out_is_missed_once_and_hears_no_more),
        cmocka_unit_test(who_quits_is_gone_before_his_connection_is),
        cmocka_unit_test(who_reads_a_quit_gets_the_nick),
        cmocka_unit_test(who_vanishes_while_he_joins_stays_in_no_channel),
        cmocka_unit_test(who_vanishes_as_he_becomes_another_quits_as_the_other),
    };
    return cmocka_run_group_tests_name("apps/chat/leaving", tests, NULL, NULL);
}
