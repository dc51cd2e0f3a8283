/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/party.c - the real actors of the chat, and guests. */
#include "tests/apps/chat/party.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/chat/actors.h"
#include "apps/chat/protocol/answer.h"

static const struct mio_message_type poke_type = {"poke", NULL};

struct order {
    struct party *party;
    uint32_t number;
};

/* --- texts --------------------------------------------------------------- */

struct irc_span text_of(const char *format, ...)
{
    static _Thread_local char buffers[8][512];
    static _Thread_local unsigned next;
    char *buffer = buffers[next++ % 8];
    va_list args;

    va_start(args, format);
    int size = vsnprintf(buffer, sizeof(buffers[0]), format, args);
    va_end(args);
    MIO_ASSERT(size >= 0 && (size_t)size < sizeof(buffers[0]));
    return irc_span(buffer, (size_t)size);
}

struct irc_span nick_of(uint32_t number)
{
    return text_of("guest%u", number);
}

bool line_has(struct irc_span line, const char *text)
{
    return memmem(line.at, line.size, text, strlen(text)) != NULL;
}

const char *text_in(struct irc_span line)
{
    static _Thread_local char text[IRC_OUTPUT_LINE_MAX + 1];
    const char *at = memmem(line.at, line.size, " :", 2);

    MIO_ASSERT(at != NULL && line.size < sizeof(text));
    size_t size = line.size - (size_t)(at + 2 - line.at);
    memcpy(text, at + 2, size);
    text[size] = '\0';
    return text;
}

/* --- a guest as a client ------------------------------------------------- */

#define GUEST_OF(client) ((struct guest *)(void *)(client))

static void hear(struct guest *self, struct irc_span line)
{
    MIO_ASSERT(line.size > 2);
    MIO_ASSERT(memcmp(line.at + line.size - 2, "\r\n", 2) == 0);
    if (self->party->script->heard != NULL)
        self->party->script->heard(self, line);
}

static uint64_t hash_of(const struct mio_slice *line)
{
    uint64_t hash = 0;

    for (uint32_t i = 0; i < line->size; i++)
        hash = hash * 31 + line->bytes[i];
    return hash;
}

/* What he refers to has not changed while he did. */
static void let_go(struct guest *self, unsigned index)
{
    struct mio_slice *line = self->held[index].line;

    if (line == NULL)
        return;
    MIO_ASSERT(self->held[index].hash == hash_of(line));
    mio_slice_unref(line);
    self->held[index].line = NULL;
}

static void hold_line(struct guest *self, struct mio_slice *line)
{
    unsigned index = self->held_next++ % HELD_MAX;

    let_go(self, index);
    self->held[index].line = mio_slice_ref(line);
    self->held[index].hash = hash_of(line);
}

static void deliver(struct chat_client *client, struct mio_slice *line)
{
    hold_line(GUEST_OF(client), line);
    hear(GUEST_OF(client), irc_span((const char *)line->bytes, line->size));
}

static void send_lines(struct chat_client *client, struct irc_span lines)
{
    hear(GUEST_OF(client), lines);
}

static void kill_guest(struct chat_client *client, struct irc_span by,
                       struct irc_span reason)
{
    hear(GUEST_OF(client), text_of("killed by %.*s: %.*s\r\n", (int)by.size,
                                   by.at, (int)reason.size, reason.at));
}

static const struct chat_client_class guest_client_class = {
    .deliver = deliver, .send = send_lines, .kill = kill_guest};

/* --- asking -------------------------------------------------------------- */

static mio_actor_id address_of(struct guest *self, enum chat_op_kind kind,
                               struct irc_span name)
{
    const struct chat_server *server = &self->party->server;

    return kind < CHAT_OP_CLAIM ? chat_server_directory(server, name)
                                : chat_server_nicks(server, name);
}

static void send_op(struct guest *self, enum chat_op_kind kind,
                    struct chat_op *op, const struct irc_span *texts,
                    uint32_t texts_count)
{
    op->reply_to = self->client.user.id;
    op->serial = ++self->serial;
    op->user = self->client.user;
    self->pending++;
    int rc = chat_op_send(self->actor, address_of(self, kind, texts[0]), kind,
                          op, texts, texts_count);
    MIO_ASSERT(rc == 0);
}

void guest_ask(struct guest *self, enum chat_op_kind kind, ...)
{
    struct irc_span texts[CHAT_TEXTS_MAX];
    uint32_t count = 0;
    struct chat_op op = {.cursor = 0};
    struct irc_span text;
    va_list args;

    va_start(args, kind);
    while ((text = va_arg(args, struct irc_span)).at != NULL)
        texts[count++] = text;
    va_end(args);
    send_op(self, kind, &op, texts, count);
}

void guest_say(struct guest *self, const char *channel, struct irc_span text)
{
    guest_ask(self, CHAT_OP_SAY, irc_span_of(channel), text, GUEST_NO_MORE);
}

void guest_tell(struct guest *self, struct irc_span nick, struct irc_span text)
{
    guest_ask(self, CHAT_OP_TELL, nick, text, GUEST_NO_MORE);
}

void guest_join(struct guest *self, const char *channel)
{
    int rc = chat_hub_joining(self->hub, &self->client, irc_span_of(channel));

    MIO_ASSERT(rc == 0);
    guest_ask(self, CHAT_OP_JOIN, irc_span_of(channel), irc_span("", 0),
              irc_span("", 0), GUEST_NO_MORE);
}

void guest_joined(struct guest *self, const char *channel)
{
    chat_hub_joined(self->hub, &self->client, irc_span_of(channel));
}

void guest_part(struct guest *self, const char *channel)
{
    guest_ask(self, CHAT_OP_PART, irc_span_of(channel), IRC_SPAN("bye"),
              GUEST_NO_MORE);
}

void guest_claim(struct guest *self, struct irc_span nick)
{
    self->client.claiming_size = (uint8_t)nick.size;
    memcpy(self->client.claiming, nick.at, nick.size);
    guest_ask(self, CHAT_OP_CLAIM, nick, GUEST_NO_MORE);
}

void guest_become(struct guest *self, struct irc_span nick)
{
    struct chat_user after = self->client.user;

    chat_user_set_nick(&after, nick);
    self->pending++;
    int rc = chat_hub_change(self->hub, &self->client, CHAT_CHANGE_NICK, &after,
                             irc_span("", 0), ++self->serial);
    MIO_ASSERT(rc == 0);
}

void guest_poke(struct guest *self, uint32_t number, uint64_t message)
{
    int rc = mio_send(self->actor, self->party->guests[number], &poke_type,
                      &message, sizeof(message));

    MIO_ASSERT(rc == 0);
}

void guest_vanish(struct guest *self, const char *reason)
{
    chat_hub_close(self->hub, &self->client, irc_span_of(reason));
    mio_actor_exit(self->actor, 0);
}

void guest_doom(struct guest *self, const char *reason)
{
    self->last_words = reason;
    mio_actor_exit(self->actor, 0);
}

void guest_done(struct guest *self)
{
    if (self->is_done)
        return;
    self->is_done = true;
    if (__atomic_sub_fetch(&self->party->missing, 1, __ATOMIC_SEQ_CST) == 0)
        mio_runtime_stop(self->party->runtime);
}

uint64_t party_missing(const struct party *self)
{
    return __atomic_load_n(&self->missing, __ATOMIC_SEQ_CST);
}

struct chat_counts party_counts(const struct party *self)
{
    struct chat_counts counts;

    chat_counts_sum(&self->server, &counts);
    return counts;
}

/* --- a guest as an actor ------------------------------------------------- */

static void be_ready(struct guest *self)
{
    self->is_ready = true;
    self->party->script->ready(self);
}

static int init(struct mio_actor *actor, void *state, const void *argument,
                size_t argument_size)
{
    struct guest *self = state;
    struct order order;

    MIO_ASSERT(argument_size == sizeof(order));
    memcpy(&order, argument, sizeof(order));
    self->actor = actor;
    self->party = order.party;
    self->number = order.number;
    self->hub = chat_hub_of(actor, &order.party->server);
    self->client.client_class = &guest_client_class;
    self->client.user.id = mio_actor_self(actor);
    chat_user_set_nick(&self->client.user, nick_of(order.number));
    chat_user_set_user(&self->client.user, IRC_SPAN("~u"));
    chat_user_set_host(&self->client.user, IRC_SPAN("h"));
    chat_user_set_real(&self->client.user, IRC_SPAN("A Guest"));
    int rc = chat_hub_open(self->hub, &self->client);
    MIO_ASSERT(rc == 0);
    if (self->party->script->is_stranger)
        be_ready(self);
    else
        guest_ask(self, CHAT_OP_CLAIM, chat_user_nick(&self->client.user),
                  GUEST_NO_MORE);
    return 0;
}

/* Claimed, then recorded as a user. */
static void register_guest(struct guest *self, const struct chat_reply *reply)
{
    MIO_ASSERT(reply->result == CHAT_DONE);
    if ((self->client.user.flags & CHAT_USER_REGISTERED) == 0) {
        self->client.user.flags |= CHAT_USER_REGISTERED;
        guest_ask(self, CHAT_OP_RECORD, chat_user_nick(&self->client.user),
                  GUEST_NO_MORE);
        return;
    }
    chat_hub_register(self->hub, &self->client);
    be_ready(self);
}

static void keep_lines(struct guest *self, struct irc_span lines)
{
    self->lines = realloc(self->lines, self->lines_size + lines.size + 1);
    MIO_ASSERT(self->lines != NULL);
    memcpy(self->lines + self->lines_size, lines.at, lines.size);
    self->lines_size += lines.size;
}

static void take_reply(struct guest *self, struct mio_message *message)
{
    const struct chat_reply *reply = mio_message_payload(message);

    keep_lines(self, chat_reply_lines(message));
    if (!reply->is_last)
        return;
    MIO_ASSERT(self->pending > 0);
    /* In the order in which they were asked. */
    MIO_ASSERT(reply->serial == self->serial - self->pending + 1);
    self->pending--;
    struct irc_span lines = irc_span(self->lines, self->lines_size);
    self->lines_size = 0;
    if (!self->is_ready)
        register_guest(self, reply);
    else if (self->party->script->replied != NULL)
        self->party->script->replied(self, reply, lines);
}

static int receive(struct mio_actor *actor, void *state,
                   struct mio_message *message)
{
    struct guest *self = state;

    (void)actor;
    if (!self->client.is_open)
        return 0; /* vanished: nothing reaches him */
    if (message->type == &chat_reply_type)
        take_reply(self, message);
    else if (message->type == &poke_type)
        self->party->script->poked(
            self, *(const uint64_t *)mio_message_payload(message));
    return 0;
}

static void leave(struct mio_actor *actor, void *state, int reason)
{
    struct guest *self = state;

    (void)actor;
    (void)reason;
    if (self->last_words == NULL)
        self->last_words = "stopped";
    chat_hub_close(self->hub, &self->client, irc_span_of(self->last_words));
    for (unsigned i = 0; i < HELD_MAX; i++)
        let_go(self, i);
    free(self->lines);
}

static const struct mio_actor_class guest_class = {
    .name = "guest",
    .state_size = sizeof(struct guest),
    .init = init,
    .receive = receive,
    .exit = leave,
};

/* --- the party ----------------------------------------------------------- */

void party_hold(struct party *self, uint32_t reactors_count,
                uint32_t guests_count, const struct script *script, void *ctx)
{
    party_hold_with(self, reactors_count, guests_count, script, ctx, 0);
}

void party_hold_with(struct party *self, uint32_t reactors_count,
                     uint32_t guests_count, const struct script *script,
                     void *ctx, uint32_t channels_max)
{
    struct mio_runtime_options options = {.reactors_count = reactors_count,
                                          .name = "party"};

    *self = (struct party){.script = script,
                           .ctx = ctx,
                           .guests_count = guests_count,
                           .missing = guests_count};
    assert_ok(mio_runtime_new(&self->runtime, &options));
    self->server = (struct chat_server){.name = IRC_SPAN("irc.test"),
                                        .network = IRC_SPAN("Test"),
                                        .key = {3, 4},
                                        .runtime = self->runtime,
                                        .channels_max = channels_max};
    assert_ok(chat_server_init(&self->server));
    assert_ok(chat_server_spawn(&self->server));
    self->guests = calloc(guests_count, sizeof(*self->guests));
    assert_non_null(self->guests);
    for (uint32_t i = 0; i < guests_count; i++) {
        struct order order = {self, i};
        assert_ok(mio_runtime_spawn(self->runtime, i % reactors_count,
                                    &guest_class, &order, sizeof(order),
                                    &self->guests[i]));
    }
    assert_ok(mio_runtime_run(self->runtime));
    mio_runtime_free(self->runtime);
    self->sums = party_counts(self);
    assert_int_equal(self->sums.lost, 0);
    assert_int_equal(self->sums.connections, 0);
    free(self->guests);
    chat_server_deinit(&self->server);
}
