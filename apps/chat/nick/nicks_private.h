/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/nicks_private.h - what the files of nicks share. */
#ifndef MIO_APPS_CHAT_NICK_NICKS_PRIVATE_H
#define MIO_APPS_CHAT_NICK_NICKS_PRIVATE_H

#include "apps/chat/nick/nicks.h"

struct chat_nick_record {
    struct chat_user user;
    mio_key place;
    bool is_yielding; /* its RELEASE is on its way */
};

/** Who holds a nick, registered or not; NULL: nobody. */
struct chat_nick_record *chat_nicks_of(const struct chat_nicks *self,
                                       struct irc_span nick);

/** The same, if others may know of him. */
struct chat_nick_record *chat_nicks_visible(const struct chat_nicks *self,
                                            struct irc_span nick);

/** Answers that need no other actor. */
void chat_nicks_who(struct chat_nicks *self, struct chat_outbox *out,
                    const struct chat_op *op);
void chat_nicks_whowas(struct chat_nicks *self, struct chat_outbox *out,
                       const struct chat_op *op);

/** MONITOR: somebody watches a nick, whoever has it, and no more; his watchers
 *  are told that this user is there, or is gone. */
void chat_nicks_watch(struct chat_nicks *self, struct chat_outbox *out,
                      const struct chat_op *op);
void chat_nicks_unwatch(struct chat_nicks *self, struct chat_outbox *out,
                        const struct chat_op *op);
void chat_nicks_tell_watchers(const struct chat_nicks *self,
                              struct chat_outbox *out,
                              const struct chat_user *user, bool is_there);

#endif /* MIO_APPS_CHAT_NICK_NICKS_PRIVATE_H */
