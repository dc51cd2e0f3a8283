/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/change_test.c - a user becomes another: each neighbour is
 * told once, however many channels they share, in the words of his
 * capabilities; and what is asked about a user and said to him. */
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

/* --- neighbours are told once -------------------------------------------- */

/* All share five channels. One after the other becomes another twenty times;
 * each of the others hears each of these once, in order. */
#define NEIGHBOURS 6
#define ROOMS 5
#define NAMES 20
#define HEARD ((NEIGHBOURS - 1) * NAMES)

struct street {
    uint64_t moved_in;
    uint64_t satisfied;
    unsigned next[NEIGHBOURS][NEIGHBOURS];
};

static const char *room_of(uint64_t index)
{
    static const char *const rooms[ROOMS] = {"#a", "#b", "#c", "#d", "#e"};

    return rooms[index];
}

static void move_in(struct guest *self)
{
    guest_join(self, room_of(self->step));
}

static void claim_name(struct guest *self)
{
    guest_claim(self, text_of("g%ux%u", self->number, (unsigned)self->mark));
}

static void become_next(struct guest *self)
{
    guest_become(self, text_of("g%ux%u", self->number, (unsigned)self->mark));
    self->mark++;
}

static void end_when_satisfied(struct guest *self)
{
    struct street *street = self->party->ctx;

    if (self->count == HEARD && self->mark == NAMES && self->pending == 0 &&
        __atomic_add_fetch(&street->satisfied, 1, __ATOMIC_SEQ_CST) ==
            NEIGHBOURS)
        for (uint32_t i = 0; i < NEIGHBOURS; i++)
            guest_poke(self, i, 1);
}

static void neighbour_replied(struct guest *self,
                              const struct chat_reply *reply,
                              struct irc_span lines)
{
    struct street *street = self->party->ctx;

    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->step < ROOMS) {
        guest_joined(self, room_of(self->step));
        if (++self->step < ROOMS)
            move_in(self);
        else if (__atomic_add_fetch(&street->moved_in, 1, __ATOMIC_SEQ_CST) ==
                 NEIGHBOURS)
            for (uint32_t i = 0; i < NEIGHBOURS; i++)
                guest_poke(self, i, 0);
        return;
    }
    self->step++;
    if (self->step % 2 == ROOMS % 2) { /* he is another: his line, once */
        MIO_ASSERT(line_has(lines, " NICK :"));
        if (self->mark < NAMES)
            claim_name(self);
        else
            end_when_satisfied(self);
    } else {
        become_next(self);
    }
}

static void neighbour_poked(struct guest *self, uint64_t number)
{
    if (number == 0)
        claim_name(self);
    else
        guest_done(self);
}

static void neighbour_heard(struct guest *self, struct irc_span line)
{
    struct street *street = self->party->ctx;
    unsigned who, what;

    if (!line_has(line, " NICK :"))
        return;
    MIO_ASSERT(sscanf(text_in(line), "g%ux%u", &who, &what) == 2);
    MIO_ASSERT(who < NEIGHBOURS && who != self->number);
    MIO_ASSERT(what == street->next[self->number][who]++);
    self->count++;
    end_when_satisfied(self);
}

static void a_neighbour_in_many_channels_hears_of_a_nick_once(void **state)
{
    static const struct script script = {.ready = move_in,
                                         .replied = neighbour_replied,
                                         .heard = neighbour_heard,
                                         .poked = neighbour_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct street street = {0};
        struct party party;
        party_hold(&party, sizes[i], NEIGHBOURS, &script, &street);
    }
}

/* --- only who asked for it ----------------------------------------------- */

/* Guest 0 goes through all that can change, guest 1 has every capability and
 * guest 2 none. */
static uint32_t caps_of(uint32_t number)
{
    return number == 2 ? 0
                       : IRC_CAP_AWAY_NOTIFY | IRC_CAP_SETNAME |
                             IRC_CAP_CHGHOST | IRC_CAP_ACCOUNT_NOTIFY;
}

static void chameleon_ready(struct guest *self)
{
    self->client.user.caps = caps_of(self->number);
    guest_join(self, "#here");
}

static void change(struct guest *self, enum chat_change what,
                   const struct chat_user *after, const char *text)
{
    self->pending++;
    int rc = chat_hub_change(self->hub, &self->client, what, after,
                             irc_span_of(text), ++self->serial);

    MIO_ASSERT(rc == 0);
}

/* What comes after step changes, and what is read of the one before. */
static void chameleon_changes(struct guest *self, struct irc_span lines)
{
    struct chat_user after = self->client.user;

    switch (self->step++) {
    case 0:
        after.flags |= CHAT_USER_AWAY;
        change(self, CHAT_CHANGE_AWAY, &after, "out");
        break;
    case 1:
        MIO_ASSERT(lines.size == 0);
        MIO_ASSERT(self->client.away_size == 3);
        after.flags &= ~CHAT_USER_AWAY;
        change(self, CHAT_CHANGE_AWAY, &after, "");
        break;
    case 2:
        MIO_ASSERT(self->client.away == NULL);
        chat_user_set_real(&after, IRC_SPAN("Another Name"));
        change(self, CHAT_CHANGE_REAL, &after, "");
        break;
    case 3:
        MIO_ASSERT(line_has(lines, ":guest0!~u@h SETNAME :Another Name\r\n"));
        chat_user_set_host(&after, IRC_SPAN("cloak"));
        change(self, CHAT_CHANGE_HOST, &after, "");
        break;
    case 4:
        MIO_ASSERT(line_has(lines, ":guest0!~u@h CHGHOST ~u cloak\r\n"));
        chat_user_set_account(&after, IRC_SPAN("acc"));
        change(self, CHAT_CHANGE_ACCOUNT, &after, "");
        break;
    case 5:
        MIO_ASSERT(line_has(lines, ":guest0!~u@cloak ACCOUNT acc\r\n"));
        after.flags |= IRC_USER_INVISIBLE | IRC_USER_OPERATOR;
        change(self, CHAT_CHANGE_MODES, &after, "");
        break;
    default:
        MIO_ASSERT(lines.size == 0);
        MIO_ASSERT(party_counts(self->party).invisible == 1);
        MIO_ASSERT(party_counts(self->party).operators == 1);
        guest_say(self, "#here", IRC_SPAN("that was it"));
        guest_done(self);
        break;
    }
}

struct audience {
    uint64_t inside;
};

static void chameleon_replied(struct guest *self,
                              const struct chat_reply *reply,
                              struct irc_span lines)
{
    struct audience *audience = self->party->ctx;

    MIO_ASSERT(reply->result == CHAT_DONE);
    if (self->mark == 0) {
        self->mark = 1;
        guest_joined(self, "#here");
        if (__atomic_add_fetch(&audience->inside, 1, __ATOMIC_SEQ_CST) == 3)
            guest_poke(self, 0, 0);
    } else if (!self->is_done) {
        chameleon_changes(self, lines);
    }
}

static void chameleon_poked(struct guest *self, uint64_t number)
{
    (void)number;
    chameleon_changes(self, irc_span("", 0));
}

static void chameleon_heard(struct guest *self, struct irc_span line)
{
    static const char *const expected[] = {
        ":guest0!~u@h AWAY :out\r\n",
        ":guest0!~u@h AWAY\r\n",
        ":guest0!~u@h SETNAME :Another Name\r\n",
        ":guest0!~u@h CHGHOST ~u cloak\r\n",
        ":guest0!~u@cloak ACCOUNT acc\r\n",
    };

    if (self->number == 0 || line_has(line, " JOIN "))
        return;
    if (line_has(line, "that was it")) {
        MIO_ASSERT(self->count == (self->number == 1 ? 5 : 0));
        guest_done(self);
        return;
    }
    MIO_ASSERT(self->count < 5);
    MIO_ASSERT(line_has(line, expected[self->count]));
    self->count++;
}

static void what_else_changes_is_told_to_who_asked_for_it(void **state)
{
    static const struct script script = {.ready = chameleon_ready,
                                         .replied = chameleon_replied,
                                         .heard = chameleon_heard,
                                         .poked = chameleon_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct audience audience = {0};
        struct party party;
        party_hold(&party, sizes[i], 3, &script, &audience);
    }
}

/* --- asked about, talked to ---------------------------------------------- */

/* Guest 1 is in "#open" and in "#closed" (+s); guest 0, who is in neither, asks
 * about him and talks to him. */
static void citizen_ready(struct guest *self)
{
    if (self->number == 1)
        guest_join(self, "#open");
}

static void citizen_settles(struct guest *self)
{
    struct chat_user after = self->client.user;

    switch (self->step++) {
    case 0:
        guest_joined(self, "#open");
        guest_join(self, "#closed");
        break;
    case 1:
        guest_joined(self, "#closed");
        guest_ask(self, CHAT_OP_MODE, IRC_SPAN("#closed"), IRC_SPAN("+s"),
                  GUEST_NO_MORE);
        break;
    case 2:
        after.flags |= CHAT_USER_AWAY;
        change(self, CHAT_CHANGE_AWAY, &after, "asleep");
        break;
    default:
        guest_poke(self, 0, 0);
        break;
    }
}

static void reporter_asks(struct guest *self, const struct chat_reply *reply,
                          struct irc_span lines)
{
    switch (self->step++) {
    case 0:
        guest_ask(self, CHAT_OP_WHOIS, IRC_SPAN("GUEST1"), irc_span("", 0),
                  GUEST_NO_MORE);
        break;
    case 1:
        MIO_ASSERT(line_has(lines, " 311 guest0 guest1 ~u h * :A Guest\r\n"));
        MIO_ASSERT(line_has(lines, " 319 guest0 guest1 :@#open\r\n"));
        MIO_ASSERT(line_has(lines, " 301 guest0 guest1 :asleep\r\n"));
        MIO_ASSERT(line_has(lines, " 317 guest0 guest1 "));
        MIO_ASSERT(line_has(lines, " 318 guest0 guest1 :"));
        guest_ask(self, CHAT_OP_WHOIS, IRC_SPAN("nobody"), irc_span("", 0),
                  GUEST_NO_MORE);
        break;
    case 2:
        MIO_ASSERT(reply->result == CHAT_REFUSED);
        MIO_ASSERT(line_has(lines, " 401 guest0 nobody :"));
        MIO_ASSERT(line_has(lines, " 318 guest0 nobody :"));
        guest_tell(self, IRC_SPAN("guest1"), IRC_SPAN("wake up"));
        break;
    case 3:
        MIO_ASSERT(line_has(lines, " 301 guest0 guest1 :asleep\r\n"));
        MIO_ASSERT(!line_has(lines, "wake up")); /* no echo-message */
        self->client.user.caps = IRC_CAP_ECHO_MESSAGE;
        guest_tell(self, IRC_SPAN("guest1"), IRC_SPAN("again"));
        break;
    case 4:
        MIO_ASSERT(line_has(lines, ":guest0!~u@h PRIVMSG guest1 :again\r\n"));
        guest_tell(self, IRC_SPAN("nobody"), IRC_SPAN("hello?"));
        break;
    case 5:
        MIO_ASSERT(line_has(lines, " 401 guest0 nobody :"));
        guest_ask(self, CHAT_OP_KILL, IRC_SPAN("guest1"), IRC_SPAN("enough"),
                  GUEST_NO_MORE);
        break;
    default:
        MIO_ASSERT(reply->result == CHAT_DONE);
        guest_done(self);
        break;
    }
}

static void citizen_replied(struct guest *self, const struct chat_reply *reply,
                            struct irc_span lines)
{
    if (self->number == 0) {
        reporter_asks(self, reply, lines);
        return;
    }
    MIO_ASSERT(reply->result == CHAT_DONE);
    citizen_settles(self);
}

/* Guest 0 may not be ready yet: then he is asked again. */
static void citizen_poked(struct guest *self, uint64_t number)
{
    static const struct chat_reply nothing;

    (void)number;
    if (self->is_ready)
        reporter_asks(self, &nothing, irc_span("", 0));
    else
        guest_poke(self, 0, 0);
}

static void citizen_heard(struct guest *self, struct irc_span line)
{
    if (self->number != 1)
        return;
    if (line_has(line, ":guest0!~u@h PRIVMSG guest1 :"))
        self->count++;
    if (line_has(line, "killed by guest0: enough")) {
        MIO_ASSERT(self->count == 2);
        guest_done(self);
    }
}

static void a_user_is_found_told_and_thrown_out_wherever_he_is(void **state)
{
    static const struct script script = {.ready = citizen_ready,
                                         .replied = citizen_replied,
                                         .heard = citizen_heard,
                                         .poked = citizen_poked};

    (void)state;
    hold(2, &script, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neighbour_in_many_channels_hears_of_a_nick_once),
        cmocka_unit_test(what_else_changes_is_told_to_who_asked_for_it),
        cmocka_unit_test(a_user_is_found_told_and_thrown_out_wherever_he_is),
    };
    return cmocka_run_group_tests_name("apps/chat/change", tests, NULL, NULL);
}
