/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/nicks_watch.c - MONITOR: who watches a nick is told when it
 * comes and when it goes, in the order in which it did. */
#include <string.h>

#include "apps/chat/nick/nicks_private.h"
#include "apps/chat/protocol/answer.h"

void chat_nicks_watch(struct chat_nicks *self, struct chat_outbox *out,
                      const struct chat_op *op)
{
    struct irc_span nick = chat_op_text(op, 0);
    const struct chat_nick_record *record = chat_nicks_visible(self, nick);
    struct chat_answer answer;
    char mask[IRC_MASK_MAX];
    int added = chat_watchers_add(&self->watchers, nick, op->user.id);

    if (added > 0)
        chat_count(&out->counts->watches, 1);
    chat_answer_begin(&answer, out, op);
    if (added < 0)
        chat_answer_numeric(&answer, IRC_RPL_TRYAGAIN,
                            IRC_ARGS(IRC_SPAN("MONITOR")));
    else if (record == NULL)
        chat_answer_numeric(&answer, IRC_RPL_MONOFFLINE, IRC_ARGS(nick));
    else
        chat_answer_numeric(&answer, IRC_RPL_MONONLINE,
                            IRC_ARGS(chat_user_mask(&record->user, mask)));
    chat_answer_end(&answer, CHAT_DONE);
}

void chat_nicks_unwatch(struct chat_nicks *self, struct chat_outbox *out,
                        const struct chat_op *op)
{
    struct chat_answer answer;

    if (chat_watchers_remove(&self->watchers, chat_op_text(op, 0), op->user.id))
        chat_count(&out->counts->watches, -1);
    chat_answer_begin(&answer, out, op);
    chat_answer_end(&answer, CHAT_DONE);
}

/* One line for all of them, so it is addressed to "*". */
static void put_line(const struct chat_outbox *out, struct irc_writer *line,
                     const struct chat_user *user, bool is_there)
{
    char mask[IRC_MASK_MAX];

    irc_numeric_begin(line, out->server->name, irc_span("", 0),
                      is_there ? IRC_RPL_MONONLINE : IRC_RPL_MONOFFLINE);
    irc_put_char(line, ':');
    irc_put(line, is_there ? chat_user_mask(user, mask) : chat_user_nick(user));
}

void chat_nicks_tell_watchers(const struct chat_nicks *self,
                              struct chat_outbox *out,
                              const struct chat_user *user, bool is_there)
{
    struct {
        struct chat_deliver head;
        char bytes[IRC_OUTPUT_LINE_MAX];
    } message;
    struct chat_variants_writer variants;
    struct irc_writer line;
    uint32_t count;
    const mio_actor_id *watchers =
        chat_watchers_of(&self->watchers, chat_user_nick(user), &count);

    if (count == 0)
        return;
    chat_variants_begin(&variants, out->unix_ns);
    chat_variants_open(&variants, &line);
    put_line(out, &line, user, is_there);
    chat_variants_close(&variants, &line);
    memcpy(message.bytes, variants.bytes, variants.size);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t reactor = mio_actor_id_reactor(watchers[i]);
        message.head.target = watchers[i];
        message.head.variants = variants.variants;
        chat_outbox_send(out, self->server->hubs[reactor], &chat_deliver_type,
                         &message, sizeof(message.head) + variants.size);
    }
}
