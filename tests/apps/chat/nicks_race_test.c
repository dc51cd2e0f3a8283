/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/nicks_race_test.c - nicks while everybody wants the same one,
 * on one reactor and on several. */
#include "tests/apps/chat/party.h"

#define ROUNDS 200
#define RIVALS 8

/* --- everybody claims one nick ------------------------------------------- */

struct race {
    uint64_t winners[ROUNDS];
    uint64_t answers[ROUNDS];
    uint64_t kings_seen;
};

static void claim(struct guest *self)
{
    guest_claim(self, text_of("king%u", (unsigned)self->step));
}

static void claimed(struct guest *self, const struct chat_reply *reply,
                    struct irc_span lines)
{
    struct race *race = self->party->ctx;
    uint64_t round = self->step;

    if (reply->result == CHAT_DONE)
        __atomic_fetch_add(&race->winners[round], 1, __ATOMIC_SEQ_CST);
    else
        MIO_ASSERT(line_has(lines, " 433 "));
    __atomic_fetch_add(&race->answers[round], 1, __ATOMIC_SEQ_CST);
    if (++self->step < ROUNDS)
        claim(self);
    else
        guest_done(self);
}

static void of_all_who_claim_a_nick_at_once_exactly_one_gets_it(void **state)
{
    static const uint32_t sizes[] = PARTY_SIZES;
    static const struct script script = {
        .ready = claim, .replied = claimed, .is_stranger = true};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        static struct race race;
        struct party party;

        memset(&race, 0, sizeof(race));
        party_hold(&party, sizes[i], RIVALS, &script, &race);
        for (unsigned round = 0; round < ROUNDS; round++) {
            assert_int_equal(race.answers[round], RIVALS);
            assert_int_equal(race.winners[round], 1);
        }
    }
}

/* --- a nick that changes hands by NICK ----------------------------------- */

/* All want to be "crown". Who gets it tells nobody, becomes himself again and
 * tries anew: each time the one before has to have let it go. */
struct crown {
    uint64_t reigns;
    int64_t on_heads; /* now: never more than one */
};

static void want_crown(struct guest *self)
{
    self->mark = 0;
    guest_claim(self, IRC_SPAN("crown"));
}

static void reign_over(struct guest *self, struct crown *crown)
{
    if (++self->step < 20) {
        want_crown(self);
        return;
    }
    (void)crown;
    guest_done(self);
}

static void crown_replied(struct guest *self, const struct chat_reply *reply,
                          struct irc_span lines)
{
    struct crown *crown = self->party->ctx;

    switch (self->mark) {
    case 0: /* the claim */
        if (reply->result != CHAT_DONE) {
            want_crown(self); /* taken: try again */
            return;
        }
        self->mark = 1;
        MIO_ASSERT(__atomic_add_fetch(&crown->on_heads, 1, __ATOMIC_SEQ_CST) ==
                   1);
        guest_become(self, IRC_SPAN("crown"));
        return;
    case 1: /* he is it */
        MIO_ASSERT(line_has(lines, " NICK :crown\r\n"));
        MIO_ASSERT(irc_span_is(chat_user_nick(&self->client.user), "crown"));
        __atomic_fetch_add(&crown->reigns, 1, __ATOMIC_SEQ_CST);
        self->mark = 2;
        guest_claim(self, nick_of(self->number));
        return;
    case 2: /* his own nick again: it was released and nobody wants it */
        MIO_ASSERT(reply->result == CHAT_DONE);
        self->mark = 3;
        __atomic_fetch_sub(&crown->on_heads, 1, __ATOMIC_SEQ_CST);
        guest_become(self, nick_of(self->number));
        return;
    default:
        MIO_ASSERT(line_has(lines, ":crown!~u@h NICK :guest"));
        reign_over(self, crown);
        return;
    }
}

static void a_nick_is_on_one_head_at_a_time(void **state)
{
    static const uint32_t sizes[] = PARTY_SIZES;
    static const struct script script = {.ready = want_crown,
                                         .replied = crown_replied};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct crown crown = {0};
        struct party party;

        party_hold(&party, sizes[i], RIVALS, &script, &crown);
        assert_int_equal(crown.reigns, 20 * RIVALS);
    }
}

/* --- who vanishes leaves no nick behind ---------------------------------- */

/* Guests claim a second nick and vanish without waiting for the answer; guest 0
 * waits until his own nick is the only one. */
static void vanish_or_wait(struct guest *self)
{
    if (self->number == 0) {
        guest_poke(self, 0, 0);
        return;
    }
    guest_claim(self, text_of("second%u", self->number));
    guest_done(self);
    guest_vanish(self, "gone");
}

static void wait_for_nicks(struct guest *self, uint64_t number)
{
    (void)number;
    struct chat_counts counts = party_counts(self->party);
    if (party_missing(self->party) == 1 && counts.nicks == 1 &&
        counts.users == 1)
        guest_done(self);
    else
        guest_poke(self, 0, 0);
}

static void who_vanishes_in_the_middle_of_a_claim_leaves_no_nick(void **state)
{
    static const uint32_t sizes[] = PARTY_SIZES;
    static const struct script script = {.ready = vanish_or_wait,
                                         .poked = wait_for_nicks};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct party party;
        party_hold(&party, sizes[i], 40, &script, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_all_who_claim_a_nick_at_once_exactly_one_gets_it),
        cmocka_unit_test(a_nick_is_on_one_head_at_a_time),
        cmocka_unit_test(who_vanishes_in_the_middle_of_a_claim_leaves_no_nick),
    };
    return cmocka_run_group_tests_name("apps/chat/nicks race", tests, NULL,
                                       NULL);
}
