/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/directory_test.c - channels by name: answers in order, LIST
 * in pieces, WALLOPS to all, invitations across reactors. */
#include <stdio.h>

#include "apps/chat/irc/listing.h"
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

/* --- an answer does not overtake another --------------------------------- */

/* The party asserts that replies come in the order of the ops; here all go to
 * one directory, some to a channel that there is and some to none. */
#define OPS 500

static void asker_ready(struct guest *self)
{
    guest_join(self, "#real");
}

/* A name without a channel in the directory of "#real". */
static struct irc_span nowhere(struct guest *self)
{
    const struct chat_server *server = &self->party->server;
    mio_actor_id home = chat_server_directory(server, IRC_SPAN("#real"));
    unsigned number = 0;
    struct irc_span name;

    do
        name = text_of("#none%u", number++);
    while (!mio_actor_id_equal(chat_server_directory(server, name), home));
    return name;
}

static void asker_replied(struct guest *self, const struct chat_reply *reply,
                          struct irc_span lines)
{
    if (self->mark++ == 0) {
        struct irc_span name = nowhere(self);
        guest_joined(self, "#real");
        for (unsigned i = 0; i < OPS; i++)
            guest_ask(self, CHAT_OP_TOPIC,
                      i % 2 == 0 ? IRC_SPAN("#real") : name, GUEST_NO_MORE);
        return;
    }
    bool is_real = self->mark % 2 == 0;
    MIO_ASSERT(reply->result == (is_real ? CHAT_DONE : CHAT_REFUSED));
    MIO_ASSERT(line_has(lines, is_real ? " 331 " : " 403 "));
    if (self->mark == OPS + 1)
        guest_done(self);
}

static void no_such_channel_does_not_overtake_what_a_channel_says(void **s)
{
    static const struct script script = {.ready = asker_ready,
                                         .replied = asker_replied};

    (void)s;
    hold(3, &script, NULL);
}

/* --- LIST ---------------------------------------------------------------- */

/* Guest 1 makes channels, every tenth secret; guest 0 lists them all, from one
 * directory after the other, in pieces. */
#define CHANNELS 1000

struct listing {
    uint8_t seen[CHANNELS];
    uint32_t pieces;
};

static const char *channel_of(uint64_t number)
{
    return text_of("#chan%u", (unsigned)number).at;
}

static void founder_ready(struct guest *self)
{
    if (self->number == 1)
        guest_join(self, channel_of(0));
}

static void founder_replied(struct guest *self)
{
    bool was_join = self->mark % 2 == 0;

    self->mark++;
    if (was_join && self->step % 10 == 0) {
        guest_ask(self, CHAT_OP_MODE, irc_span_of(channel_of(self->step)),
                  IRC_SPAN("+s"), GUEST_NO_MORE);
        return;
    }
    if (was_join)
        self->mark++;
    if (++self->step < CHANNELS) {
        guest_join(self, channel_of(self->step));
    } else {
        guest_poke(self, 0, 0);
        guest_done(self);
    }
}

static void ask_for_list(struct guest *self, uint64_t cursor)
{
    struct irc_list_filter filter;
    bool is_read =
        irc_list_filter_parse(&filter, IRC_SPAN("#chan*,>0"), 1000000);
    struct irc_span texts[] = {irc_span("", 0),
                               irc_span((const char *)&filter, sizeof(filter))};
    struct chat_op op = {.reply_to = self->client.user.id,
                         .serial = ++self->serial,
                         .cursor = cursor,
                         .user = self->client.user};

    MIO_ASSERT(is_read);
    self->pending++;
    int rc =
        chat_op_send(self->actor, self->party->server.directories[self->step],
                     CHAT_OP_LIST, &op, texts, 2);
    MIO_ASSERT(rc == 0);
}

static void mark_listed(struct listing *listing, struct irc_span lines)
{
    struct irc_span line;
    unsigned number, users;

    while (irc_span_next(&lines, '\n', &line)) {
        MIO_ASSERT(sscanf(text_of("%.*s", (int)line.size, line.at).at,
                          ":irc.test 322 guest0 #chan%u %u :", &number,
                          &users) == 2);
        MIO_ASSERT(number < CHANNELS && users == 1);
        listing->seen[number]++;
    }
}

static void lister_replied(struct guest *self, const struct chat_reply *reply,
                           struct irc_span lines)
{
    struct listing *listing = self->party->ctx;

    if (self->number == 1) {
        MIO_ASSERT(reply->result == CHAT_DONE);
        founder_replied(self);
        return;
    }
    mark_listed(listing, lines);
    listing->pieces++;
    if (reply->cursor != 0) {
        MIO_ASSERT(reply->more == CHAT_OP_LIST);
        ask_for_list(self, reply->cursor);
    } else if (++self->step < self->party->server.reactors_count) {
        ask_for_list(self, 0);
    } else {
        guest_done(self);
    }
}

static void lister_poked(struct guest *self, uint64_t number)
{
    (void)number;
    if (self->is_ready)
        ask_for_list(self, 0);
    else
        guest_poke(self, 0, 0);
}

static void list_shows_every_channel_once_and_no_secret_ones(void **state)
{
    static const struct script script = {.ready = founder_ready,
                                         .replied = lister_replied,
                                         .poked = lister_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        struct listing listing = {.pieces = 0};
        struct party party;

        party_hold_with(&party, sizes[i], 2, &script, &listing, CHANNELS);
        for (unsigned each = 0; each < CHANNELS; each++)
            assert_int_equal(listing.seen[each], each % 10 != 0);
        assert_true(listing.pieces > sizes[i]);
    }
}

/* --- WALLOPS ------------------------------------------------------------- */

/* Odd guests have +w. When all are there, guest 0 speaks to them. */
static void citizen_ready(struct guest *self)
{
    uint64_t *here = self->party->ctx;

    if (self->number % 2 == 1)
        self->client.user.flags |= IRC_USER_WALLOPS;
    if (__atomic_add_fetch(here, 1, __ATOMIC_SEQ_CST) ==
        self->party->guests_count)
        guest_poke(self, 0, 0);
}

static void citizen_poked(struct guest *self, uint64_t number)
{
    int rc = 0;

    if (number == 0) {
        rc = chat_hub_wallops(self->hub, &self->client.user, IRC_USER_WALLOPS,
                              IRC_SPAN("hear me"));
        /* Behind it, to each hub's guests: nobody heard it without +w. */
        for (uint32_t i = 0; i < self->party->guests_count; i++)
            guest_poke(self, i, 1);
    } else {
        MIO_ASSERT(self->count == self->number % 2);
        guest_done(self);
    }
    MIO_ASSERT(rc == 0);
}

static void citizen_heard(struct guest *self, struct irc_span line)
{
    if (line_has(line, "QUIT"))
        return;
    MIO_ASSERT(line_has(line, ":guest0!~u@h WALLOPS :hear me\r\n"));
    self->count++;
}

static void wallops_reach_who_wants_them_on_every_reactor(void **state)
{
    static const struct script script = {
        .ready = citizen_ready, .heard = citizen_heard, .poked = citizen_poked};

    (void)state;
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        uint64_t here = 0;
        struct party party;
        party_hold(&party, sizes[i], 12, &script, &here);
    }
}

/* --- INVITE -------------------------------------------------------------- */

/* Guest 0 founds #club and closes it; guest 1 is refused, asks (by a poke), is
 * invited, and comes in. */
static void host_ready(struct guest *self)
{
    if (self->number == 0)
        guest_join(self, "#club");
}

static void host_replied(struct guest *self, struct irc_span lines)
{
    switch (self->step++) {
    case 0:
        guest_joined(self, "#club");
        guest_ask(self, CHAT_OP_MODE, IRC_SPAN("#club"), IRC_SPAN("+i"),
                  GUEST_NO_MORE);
        break;
    case 1:
        guest_poke(self, 1, 0);
        break;
    default:
        MIO_ASSERT(line_has(lines, " 341 guest0 guest1 #club\r\n"));
        break;
    }
}

static void club_replied(struct guest *self, const struct chat_reply *reply,
                         struct irc_span lines)
{
    if (self->number == 0) {
        host_replied(self, lines);
        return;
    }
    guest_joined(self, "#club");
    if (self->step++ == 0) {
        MIO_ASSERT(reply->result == CHAT_REFUSED);
        MIO_ASSERT(line_has(lines, " 473 guest1 #club :"));
        MIO_ASSERT(self->client.memberships == NULL);
        guest_poke(self, 0, 0);
    } else {
        MIO_ASSERT(line_has(lines, " 353 guest1 = #club :@guest0 guest1\r\n"));
        guest_done(self);
    }
}

static void club_poked(struct guest *self, uint64_t number)
{
    (void)number;
    if (!self->is_ready)
        guest_poke(self, self->number, 0);
    else if (self->number == 1)
        guest_join(self, "#club");
    else
        guest_ask(self, CHAT_OP_INVITE, IRC_SPAN("GUEST1"), IRC_SPAN("#club"),
                  GUEST_NO_MORE);
}

static void club_heard(struct guest *self, struct irc_span line)
{
    if (line_has(line, ":guest0!~u@h INVITE guest1 :#club\r\n")) {
        MIO_ASSERT(self->number == 1);
        guest_join(self, "#club");
    } else if (self->number == 0 && line_has(line, ":guest1!~u@h JOIN ")) {
        guest_done(self);
    }
}

static void who_is_invited_learns_of_it_and_may_come(void **state)
{
    static const struct script script = {.ready = host_ready,
                                         .replied = club_replied,
                                         .heard = club_heard,
                                         .poked = club_poked};

    (void)state;
    hold(2, &script, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_such_channel_does_not_overtake_what_a_channel_says),
        cmocka_unit_test(list_shows_every_channel_once_and_no_secret_ones),
        cmocka_unit_test(wallops_reach_who_wants_them_on_every_reactor),
        cmocka_unit_test(who_is_invited_learns_of_it_and_may_come),
    };
    return cmocka_run_group_tests_name("apps/chat/directory", tests, NULL,
                                       NULL);
}
