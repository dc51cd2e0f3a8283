/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/transition.c - a user becomes another, or goes: his channels
 * are told first, and when all have answered his neighbours are told once.
 *
 * The hub of his reactor gathers the answers, so a connection that vanishes
 * needs nobody to live for it. A transition has its own copy of everything; a
 * client that leaves in the middle of one is only taken out of it, and his
 * QUIT begins when it is done: what is told last is true. */
#include <stdlib.h>
#include <string.h>

#include "apps/chat/hub/hub_private.h"
#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/utf8.h"
#include "core/assert.h"

struct channel {
    uint64_t id; /* 0 until it answered that he is a member */
    uint8_t name_size;
    char name[IRC_CHANNEL_MAX];
};

struct chat_transition {
    mio_key key;
    enum chat_change change;
    struct chat_client *client; /* NULL: he has left */
    uint64_t serial;            /* of the client's op */
    struct chat_user before, after;
    uint8_t claiming_size; /* QUIT: a nick whose CLAIM is under way */
    char claiming[IRC_NICK_MAX];
    uint16_t text_size;
    char text[IRC_AWAY_MAX];
    uint32_t pending;             /* answers that are missing */
    uint64_t reactors;            /* where neighbours are */
    struct chat_transition *then; /* begins when this one is done */
    uint32_t ids_count;
    uint64_t *ids; /* of the channels that he is in; behind `channels` */
    uint32_t channels_count;
    struct channel channels[]; /* of all that he may be in */
};

static void finish(struct chat_hub *hub, struct chat_transition *self);

/* --- making one ---------------------------------------------------------- */

static struct chat_transition *allocate(struct chat_hub *hub,
                                        uint32_t channels_count)
{
    size_t size = channels_count * (sizeof(struct channel) + sizeof(uint64_t));
    struct chat_transition *self = malloc(sizeof(*self) + size);

    if (self == NULL)
        return NULL;
    memset(self, 0, sizeof(*self));
    self->channels_count = channels_count;
    self->ids = (uint64_t *)(void *)&self->channels[channels_count];
    if (mio_slab_insert(&hub->transitions, self, &self->key) < 0) {
        free(self);
        return NULL;
    }
    return self;
}

static struct chat_transition *make(struct chat_hub *hub,
                                    const struct chat_client *client,
                                    enum chat_change change,
                                    struct irc_span text)
{
    struct chat_transition *self = allocate(hub, client->memberships_count);
    struct chat_membership *each = client->memberships;

    if (self == NULL)
        return NULL;
    self->change = change;
    self->before = client->user;
    self->after = client->user;
    text = irc_utf8_head(text, sizeof(self->text));
    self->text_size = (uint16_t)text.size;
    if (text.size > 0)
        memcpy(self->text, text.at, text.size);
    for (uint32_t i = 0; each != NULL; each = each->next, i++) {
        self->channels[i].name_size = each->name_size;
        memcpy(self->channels[i].name, each->name, each->name_size);
    }
    return self;
}

/* --- telling those who keep it ------------------------------------------- */

static void ask(struct chat_hub *hub, struct chat_transition *self,
                mio_actor_id to, enum chat_op_kind kind, struct irc_span text)
{
    struct chat_op op = {
        .reply_to = chat_hub_id(hub),
        .serial = self->key,
        .change = (uint8_t)self->change,
        .user = self->after,
    };
    int rc = chat_op_send(hub->actor, to, kind, &op, &text, 1);

    if (rc == MIO_OK)
        self->pending++;
    else if (rc != MIO_ECLOSED)
        chat_count(&hub->counts->lost, 1);
}

/* To those who know the nick; nobody waits for an answer. */
static void tell_nicks(struct chat_hub *hub, enum chat_op_kind kind,
                       const struct chat_user *user, struct irc_span nick)
{
    struct chat_op op = {.change = CHAT_CHANGE_NICK, .user = *user};
    int rc;

    if (nick.size == 0)
        return;
    rc = chat_op_send(hub->actor, chat_server_nicks(hub->server, nick), kind,
                      &op, &nick, 1);
    if (rc < 0 && rc != MIO_ECLOSED)
        chat_count(&hub->counts->lost, 1);
}

static void start(struct chat_hub *hub, struct chat_transition *self)
{
    for (uint32_t i = 0; i < self->channels_count; i++) {
        struct irc_span name =
            irc_span(self->channels[i].name, self->channels[i].name_size);
        ask(hub, self, chat_server_directory(hub->server, name), CHAT_OP_CHANGE,
            name);
    }
    if (self->change != CHAT_CHANGE_QUIT) {
        struct irc_span nick = chat_user_nick(&self->after);
        ask(hub, self, chat_server_nicks(hub->server, nick), CHAT_OP_RECORD,
            nick);
    }
    if (self->pending == 0)
        finish(hub, self);
}

/* --- gathering ----------------------------------------------------------- */

static void answered(struct chat_hub *hub, struct chat_transition *self)
{
    MIO_ASSERT(self->pending > 0);

    if (--self->pending == 0)
        finish(hub, self);
}

void chat_transition_changed(struct chat_hub *hub,
                             const struct chat_changed *changed)
{
    struct chat_transition *self =
        mio_slab_get(&hub->transitions, changed->serial);

    if (self == NULL)
        return;
    if (changed->channel != 0 && self->ids_count < self->channels_count)
        self->ids[self->ids_count++] = changed->channel;
    self->reactors |= changed->reactors;
    answered(hub, self);
}

void chat_transition_reply(struct chat_hub *hub, const struct chat_reply *reply)
{
    struct chat_transition *self =
        mio_slab_get(&hub->transitions, reply->serial);

    if (self != NULL && reply->is_last)
        answered(hub, self);
}

/* --- telling the neighbours ---------------------------------------------- */

/* Who is told: only those who asked for it, for what is no basic IRC. */
static uint32_t caps_for(enum chat_change change)
{
    switch (change) {
    case CHAT_CHANGE_AWAY:
        return IRC_CAP_AWAY_NOTIFY;
    case CHAT_CHANGE_REAL:
        return IRC_CAP_SETNAME;
    case CHAT_CHANGE_HOST:
        return IRC_CAP_CHGHOST;
    case CHAT_CHANGE_ACCOUNT:
        return IRC_CAP_ACCOUNT_NOTIFY;
    case CHAT_CHANGE_NICK:
    case CHAT_CHANGE_QUIT:
    case CHAT_CHANGE_MODES:
    default:
        return 0;
    }
}

/* ":old!user@host NICK :new" and so on, without its end. */
static void put_line(const struct chat_transition *self,
                     struct irc_writer *line)
{
    struct irc_span text = irc_span(self->text, self->text_size);
    const struct chat_user *after = &self->after;

    chat_user_put_source(&self->before, line);
    switch (self->change) {
    case CHAT_CHANGE_NICK:
        irc_put_text(line, "NICK :");
        irc_put(line, chat_user_nick(after));
        break;
    case CHAT_CHANGE_QUIT:
        irc_put_text(line, "QUIT :");
        irc_put(line, text);
        break;
    case CHAT_CHANGE_AWAY:
        irc_put_text(line, text.size > 0 ? "AWAY :" : "AWAY");
        irc_put(line, text);
        break;
    case CHAT_CHANGE_REAL:
        irc_put_text(line, "SETNAME :");
        irc_put(line, chat_user_real(after));
        break;
    case CHAT_CHANGE_HOST:
        irc_put_text(line, "CHGHOST ");
        irc_put(line, chat_user_user(after));
        irc_put_char(line, ' ');
        irc_put(line, chat_user_host(after));
        break;
    case CHAT_CHANGE_ACCOUNT:
        irc_put_text(line, "ACCOUNT ");
        irc_put(line, after->account_size > 0 ? chat_user_account(after)
                                              : IRC_SPAN("*"));
        break;
    case CHAT_CHANGE_MODES:
    default:
        break; /* nobody is told */
    }
}

static void fill_event(const struct chat_transition *self,
                       const struct chat_variants_writer *variants, void *out)
{
    struct chat_event *event = out;
    uint64_t *ids = (uint64_t *)(event + 1);

    *event = (struct chat_event){
        .user = self->before.id,
        .caps = caps_for(self->change),
        .channels_count = self->ids_count,
        .variants = variants->variants,
    };
    memcpy(ids, self->ids, self->ids_count * sizeof(*ids));
    memcpy(ids + self->ids_count, variants->bytes, variants->size);
}

static int send_event(struct chat_hub *hub, const struct chat_transition *self,
                      const struct chat_variants_writer *variants,
                      mio_actor_id to)
{
    struct mio_message *message;
    size_t size = sizeof(struct chat_event) +
                  self->ids_count * sizeof(uint64_t) + variants->size;
    int rc = mio_message_new(hub->actor, &message, &chat_event_type, size);

    if (rc < 0)
        return rc;
    fill_event(self, variants, mio_message_payload(message));
    rc = mio_send_message(hub->actor, to, message);
    if (rc < 0)
        mio_message_free(hub->actor, message);
    return rc;
}

static void tell_neighbours(struct chat_hub *hub, struct chat_transition *self)
{
    struct chat_variants_writer variants;
    struct chat_outbox out;
    struct irc_writer line;

    if (self->change == CHAT_CHANGE_MODES || self->ids_count == 0)
        return;
    chat_outbox_init(&out, hub->actor, hub->server);
    chat_variants_begin(&variants, out.unix_ns);
    chat_variants_open(&variants, &line);
    put_line(self, &line);
    chat_variants_close(&variants, &line);
    for (uint32_t i = 0; i < hub->server->reactors_count; i++) {
        if ((self->reactors >> (i % 64) & 1) == 0)
            continue;
        int rc = send_event(hub, self, &variants, hub->server->hubs[i]);
        if (rc < 0 && rc != MIO_ECLOSED)
            chat_count(&hub->counts->lost, 1);
    }
}

/* --- its end ------------------------------------------------------------- */

static bool gets_own_line(const struct chat_transition *self)
{
    switch (self->change) {
    case CHAT_CHANGE_NICK:
        return true;
    case CHAT_CHANGE_REAL:
    case CHAT_CHANGE_HOST:
    case CHAT_CHANGE_ACCOUNT:
        return (self->client->user.caps & caps_for(self->change)) != 0;
    case CHAT_CHANGE_QUIT:
    case CHAT_CHANGE_AWAY:
    case CHAT_CHANGE_MODES:
    default:
        return false;
    }
}

static void reply(struct chat_hub *hub, struct chat_transition *self)
{
    struct chat_outbox out;
    struct chat_answer answer;
    struct irc_writer line;

    chat_outbox_init(&out, hub->actor, hub->server);
    chat_answer_begin_to(&answer, &out, self->before.id, self->serial,
                         chat_user_nick(&self->after));
    if (gets_own_line(self)) {
        chat_answer_open(&answer, &line);
        put_line(self, &line);
        chat_answer_close(&answer, &line);
    }
    chat_answer_end(&answer, CHAT_DONE);
}

/* One more or one less of those with a flag. */
static void count_flag(uint64_t *count, uint32_t flag, uint32_t before,
                       uint32_t after)
{
    if (((before ^ after) & flag) != 0)
        chat_count(count, (after & flag) != 0 ? 1 : -1);
}

static void set_away(struct chat_hub *hub, struct chat_transition *self)
{
    struct chat_client *client = self->client;
    char *away = NULL;

    if (self->text_size > 0) {
        away = malloc(self->text_size);
        if (away == NULL) {
            chat_count(&hub->counts->lost, 1);
            return; /* the message he had stays */
        }
        memcpy(away, self->text, self->text_size);
    }
    free(client->away);
    client->away = away;
    client->away_size = self->text_size;
}

/* The client is as everybody knows him now. */
static void apply(struct chat_hub *hub, struct chat_transition *self)
{
    struct chat_client *client = self->client;
    uint32_t caps = client->user.caps; /* CAP may have come in between */

    client->transition = NULL;
    if (client->is_registered) {
        count_flag(&hub->counts->invisible, IRC_USER_INVISIBLE,
                   client->user.flags, self->after.flags);
        count_flag(&hub->counts->operators, IRC_USER_OPERATOR,
                   client->user.flags, self->after.flags);
    }
    client->user = self->after;
    client->user.caps = caps;
    if (self->change == CHAT_CHANGE_AWAY)
        set_away(hub, self);
}

static bool gives_nick_up(const struct chat_transition *self)
{
    return self->change == CHAT_CHANGE_QUIT ||
           (self->change == CHAT_CHANGE_NICK &&
            !irc_fold_equal(chat_user_nick(&self->before),
                            chat_user_nick(&self->after)));
}

static void finish(struct chat_hub *hub, struct chat_transition *self)
{
    struct chat_transition *then = self->then;
    struct irc_span nick = chat_user_nick(&self->before);

    if (gives_nick_up(self))
        tell_nicks(hub, CHAT_OP_YIELD, &self->before, nick);
    tell_neighbours(hub, self);
    if (gives_nick_up(self))
        tell_nicks(hub, CHAT_OP_RELEASE, &self->before, nick);
    tell_nicks(hub, CHAT_OP_RELEASE, &self->before,
               irc_span(self->claiming, self->claiming_size));
    if (self->client != NULL) {
        apply(hub, self);
        reply(hub, self);
    }
    (void)mio_slab_remove(&hub->transitions, self->key);
    free(self);
    if (then != NULL)
        start(hub, then);
}

/* --- what begins one ----------------------------------------------------- */

int chat_hub_change(struct chat_hub *hub, struct chat_client *client,
                    enum chat_change change, const struct chat_user *after,
                    struct irc_span text, uint64_t serial)
{
    MIO_ASSERT(change != CHAT_CHANGE_QUIT);
    MIO_ASSERT(client->transition == NULL);

    struct chat_transition *self = make(hub, client, change, text);
    if (self == NULL)
        return MIO_ENOMEM;
    self->client = client;
    self->serial = serial;
    self->after = *after;
    client->transition = self;
    start(hub, self);
    return MIO_OK;
}

/* Without memory to gather answers: the channels lose him all the same. */
static void quit_untold(struct chat_hub *hub, const struct chat_client *client)
{
    struct chat_op op = {.change = CHAT_CHANGE_QUIT, .user = client->user};

    for (const struct chat_membership *each = client->memberships; each != NULL;
         each = each->next) {
        struct irc_span name = irc_span(each->name, each->name_size);
        (void)!chat_op_send(hub->actor,
                            chat_server_directory(hub->server, name),
                            CHAT_OP_CHANGE, &op, &name, 1);
    }
    tell_nicks(hub, CHAT_OP_RELEASE, &client->user,
               chat_user_nick(&client->user));
    tell_nicks(hub, CHAT_OP_RELEASE, &client->user,
               irc_span(client->claiming, client->claiming_size));
    chat_count(&hub->counts->lost, 1);
}

void chat_transition_quit(struct chat_hub *hub, struct chat_client *client,
                          struct irc_span reason)
{
    struct chat_transition *self = make(hub, client, CHAT_CHANGE_QUIT, reason);
    struct chat_transition *running = client->transition;

    if (running != NULL) {
        running->client = NULL;
        client->transition = NULL;
    }
    if (self == NULL) {
        quit_untold(hub, client);
        return;
    }
    self->claiming_size = client->claiming_size;
    memcpy(self->claiming, client->claiming, sizeof(self->claiming));
    if (running == NULL) {
        start(hub, self);
        return;
    }
    /* Everybody will know him as what he is becoming. */
    self->before = running->after;
    self->after = running->after;
    running->then = self;
}

void chat_transitions_free(struct chat_hub *hub)
{
    uint32_t cursor = 0;
    mio_key key;
    void *object;

    while (mio_slab_next(&hub->transitions, &cursor, &key, &object))
        free(object);
}
