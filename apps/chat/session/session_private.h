/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/session_private.h - what the files of a session share. */
#ifndef MIO_APPS_CHAT_SESSION_SESSION_PRIVATE_H
#define MIO_APPS_CHAT_SESSION_SESSION_PRIVATE_H

#include "apps/chat/session/session.h"

/* session_ops.c: a reply came; everything that could be done is done: what
 * next? */
void chat_session_take_reply(struct chat_session *self,
                             struct mio_message *message);
void chat_session_go_on(struct chat_session *self);

/* session_lines.c: hand line after line over until one has to wait. Returns
 * what is consumed. */
size_t chat_session_take_lines(struct chat_session *self, const char *bytes,
                               size_t size);

#endif /* MIO_APPS_CHAT_SESSION_SESSION_PRIVATE_H */
