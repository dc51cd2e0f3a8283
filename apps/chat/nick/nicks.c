/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/nicks.c - who has which nick: claims, releases, the way to
 * him. */
#include "apps/chat/nick/nicks.h"

#include <stdlib.h>
#include <string.h>

#include "apps/chat/irc/casemap.h"
#include "apps/chat/nick/nicks_private.h"
#include "apps/chat/protocol/answer.h"
#include "core/assert.h"

#define PLACES_MIN 64

/* How often a claim goes to the end of the queue while it waits for a RELEASE
 * that is on its way: far longer than that can take. */
#define CLAIM_TURNS_MAX 100000

static const mio_actor_id nobody = {0};

int chat_nicks_init(struct chat_nicks *self, const struct chat_server *server,
                    uint32_t reactor)
{
    *self = (struct chat_nicks){.server = server, .reactor = reactor};
    self->watchers.key = server->key;
    return mio_slab_init(&self->places, PLACES_MIN, MIO_ACTORS_MAX);
}

void chat_nicks_deinit(struct chat_nicks *self)
{
    uint32_t cursor = 0;
    mio_key key;
    void *record;

    while (mio_slab_next(&self->places, &cursor, &key, &record))
        free(record);
    mio_slab_deinit(&self->places);
    chat_table_deinit(&self->records);
    chat_whowas_deinit(&self->whowas);
    chat_watchers_deinit(&self->watchers);
}

static uint64_t hash_of(const struct chat_nicks *self, struct irc_span nick)
{
    return irc_fold_hash(nick, self->server->key);
}

static bool has_nick(const void *object, const void *key)
{
    const struct chat_nick_record *record = object;
    const struct irc_span *nick = key;

    return irc_fold_equal(chat_user_nick(&record->user), *nick);
}

struct chat_nick_record *chat_nicks_of(const struct chat_nicks *self,
                                       struct irc_span nick)
{
    return chat_table_find(&self->records, hash_of(self, nick), has_nick,
                           &nick);
}

struct chat_nick_record *chat_nicks_visible(const struct chat_nicks *self,
                                            struct irc_span nick)
{
    struct chat_nick_record *record = chat_nicks_of(self, nick);
    bool is_visible =
        record != NULL && (record->user.flags & CHAT_USER_REGISTERED) != 0;

    return is_visible ? record : NULL;
}

/* The one who asks, under the nick that he asks for. */
static void set_record(struct chat_nick_record *record,
                       const struct chat_op *op)
{
    record->user = op->user;
    chat_user_set_nick(&record->user, chat_op_text(op, 0));
}

static int add_record(struct chat_nicks *self, const struct chat_op *op)
{
    struct chat_nick_record *record = malloc(sizeof(*record));
    int rc = record == NULL ? MIO_ENOMEM : chat_table_reserve(&self->records);

    if (rc == MIO_OK)
        rc = mio_slab_insert(&self->places, record, &record->place);
    if (rc < 0) {
        free(record);
        return rc;
    }
    record->is_yielding = false;
    set_record(record, op);
    rc = chat_table_insert(
        &self->records, hash_of(self, chat_user_nick(&record->user)), record);
    MIO_ASSERT(rc == MIO_OK); /* room was reserved */
    return MIO_OK;
}

static void take_nick(struct chat_nicks *self, struct chat_answer *answer,
                      const struct chat_op *op)
{
    if (add_record(self, op) < 0) {
        chat_answer_refuse(answer, IRC_RPL_TRYAGAIN,
                           IRC_ARGS(IRC_SPAN("NICK")));
        return;
    }
    chat_count(&answer->out->counts->nicks, 1);
    chat_answer_end(answer, CHAT_DONE);
    const struct chat_nick_record *record =
        chat_nicks_visible(self, chat_op_text(op, 0));
    if (record != NULL) /* he had another one, and all may see this one */
        chat_nicks_tell_watchers(self, answer->out, &record->user, true);
}

/* Another's nick is refused; one that is being given up is waited for, at the
 * end of the queue. */
static mio_actor_id claim(struct chat_nicks *self, struct chat_outbox *out,
                          struct chat_op *op)
{
    struct irc_span nick = chat_op_text(op, 0);
    struct chat_nick_record *record = chat_nicks_of(self, nick);
    struct chat_answer answer;

    if (record != NULL && record->is_yielding && op->cursor++ < CLAIM_TURNS_MAX)
        return self->server->nicks[self->reactor];
    chat_answer_begin(&answer, out, op);
    if (record == NULL)
        take_nick(self, &answer, op);
    else if (mio_actor_id_equal(record->user.id, op->user.id))
        chat_answer_end(&answer, CHAT_DONE);
    else
        chat_answer_refuse(&answer, IRC_ERR_NICKNAMEINUSE, IRC_ARGS(nick));
    return nobody;
}

static struct chat_nick_record *own_record(struct chat_nicks *self,
                                           const struct chat_op *op)
{
    struct chat_nick_record *record = chat_nicks_of(self, chat_op_text(op, 0));
    bool is_own =
        record != NULL && mio_actor_id_equal(record->user.id, op->user.id);

    return is_own ? record : NULL;
}

static void record_details(struct chat_nicks *self, struct chat_outbox *out,
                           const struct chat_op *op)
{
    struct chat_nick_record *record = own_record(self, op);
    bool was_visible =
        record != NULL && (record->user.flags & CHAT_USER_REGISTERED) != 0;
    struct chat_answer answer;

    if (record != NULL)
        set_record(record, op);
    chat_answer_begin(&answer, out, op);
    chat_answer_end(&answer, record != NULL ? CHAT_DONE : CHAT_REFUSED);
    if (record != NULL && !was_visible &&
        (record->user.flags & CHAT_USER_REGISTERED) != 0)
        chat_nicks_tell_watchers(self, out, &record->user, true);
}

static void yield(struct chat_nicks *self, const struct chat_op *op)
{
    struct chat_nick_record *record = own_record(self, op);

    if (record != NULL)
        record->is_yielding = true;
}

static void release(struct chat_nicks *self, struct chat_outbox *out,
                    const struct chat_op *op)
{
    struct chat_nick_record *record = own_record(self, op);
    struct chat_answer answer;

    if (record != NULL) {
        struct irc_span nick = chat_user_nick(&record->user);
        if ((record->user.flags & CHAT_USER_REGISTERED) != 0) {
            chat_whowas_add(&self->whowas, &record->user,
                            chat_outbox_unix_s(out));
            chat_nicks_tell_watchers(self, out, &record->user, false);
        }
        (void)chat_table_remove(&self->records, hash_of(self, nick), record);
        (void)mio_slab_remove(&self->places, record->place);
        free(record);
        chat_count(&out->counts->nicks, -1);
    }
    chat_answer_begin(&answer, out, op);
    chat_answer_end(&answer, record != NULL ? CHAT_DONE : CHAT_REFUSED);
}

static void refuse_missing(struct chat_outbox *out, enum chat_op_kind kind,
                           const struct chat_op *op)
{
    struct irc_span nick = chat_op_text(op, 0);
    struct chat_answer answer;

    chat_answer_begin(&answer, out, op);
    if (kind != CHAT_OP_TELL || op->said != CHAT_NOTICE)
        chat_answer_numeric(&answer, IRC_ERR_NOSUCHNICK, IRC_ARGS(nick));
    if (kind == CHAT_OP_WHOIS)
        chat_answer_numeric(&answer, IRC_RPL_ENDOFWHOIS, IRC_ARGS(nick));
    chat_answer_end(&answer, CHAT_REFUSED);
}

/* Fill in who it is, in his own spelling: the same letters, so the same size.
 */
static mio_actor_id address(const struct chat_nicks *self,
                            enum chat_op_kind kind, struct chat_op *op,
                            const struct chat_nick_record *record)
{
    char *spelled = (char *)(op + 1);

    op->target = record->user.id;
    memcpy(spelled, record->user.nick, op->text_sizes[0]);
    if (kind == CHAT_OP_INVITE)
        return chat_server_directory(self->server, chat_op_channel(op, kind));
    return self->server->hubs[mio_actor_id_reactor(op->target)];
}

static mio_actor_id pass_on(struct chat_nicks *self, struct chat_outbox *out,
                            enum chat_op_kind kind, struct chat_op *op)
{
    const struct chat_nick_record *record =
        chat_nicks_visible(self, chat_op_text(op, 0));

    if (record != NULL)
        return address(self, kind, op, record);
    refuse_missing(out, kind, op);
    return nobody;
}

mio_actor_id chat_nicks_receive(struct chat_nicks *self,
                                struct chat_outbox *out, enum chat_op_kind kind,
                                struct chat_op *op)
{
    switch (kind) {
    case CHAT_OP_CLAIM:
        return claim(self, out, op);
    case CHAT_OP_YIELD:
        yield(self, op);
        return nobody;
    case CHAT_OP_RECORD:
        record_details(self, out, op);
        return nobody;
    case CHAT_OP_RELEASE:
        release(self, out, op);
        return nobody;
    case CHAT_OP_WHO_NICK:
        chat_nicks_who(self, out, op);
        return nobody;
    case CHAT_OP_WHOWAS:
        chat_nicks_whowas(self, out, op);
        return nobody;
    case CHAT_OP_WATCH:
        chat_nicks_watch(self, out, op);
        return nobody;
    case CHAT_OP_UNWATCH:
        chat_nicks_unwatch(self, out, op);
        return nobody;
    default: /* TELL, WHOIS, KILL, INVITE: another knows more */
        return pass_on(self, out, kind, op);
    }
}
