/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/registration.h - from a connection to a user: PASS, CAP,
 * NICK, USER in any order, and the welcome. */
#ifndef MIO_APPS_CHAT_SESSION_REGISTRATION_H
#define MIO_APPS_CHAT_SESSION_REGISTRATION_H

#include "apps/chat/session/session.h"

enum chat_step chat_do_cap(struct chat_session *self,
                           const struct irc_message *message);
enum chat_step chat_do_nick(struct chat_session *self,
                            const struct irc_message *message);
enum chat_step chat_do_user(struct chat_session *self,
                            const struct irc_message *message);
enum chat_step chat_do_pass(struct chat_session *self,
                            const struct irc_message *message);

#endif /* MIO_APPS_CHAT_SESSION_REGISTRATION_H */
