/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/reply.h - replies that have a name instead of a number. */
#ifndef MIO_APPS_CHAT_IRC_REPLY_H
#define MIO_APPS_CHAT_IRC_REPLY_H

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

/** IRCv3 standard replies: append ":server FAIL COMMAND CODE context :text".
 *  `kind` is "FAIL", "WARN" or "NOTE"; an empty command is "*"; an empty
 *  context is left out. */
void irc_standard_put(struct irc_writer *out, struct irc_span server,
                      const char *kind, struct irc_span command,
                      const char *code, struct irc_span context,
                      const char *text);

/** Append "ERROR :text". */
void irc_error_put(struct irc_writer *out, struct irc_span text);

/** Append ":server ACK", the labelled answer to what has no other. */
void irc_ack_put(struct irc_writer *out, struct irc_span server);

#define IRC_BATCH_ID_SIZE 13 /* a uint64_t in base 36 */

/** The name of batch `number`. */
struct irc_span irc_batch_id(char buffer[IRC_BATCH_ID_SIZE], uint64_t number);

/** Append ":server BATCH +id type", and ":server BATCH -id" at its end. */
void irc_batch_open_put(struct irc_writer *out, struct irc_span server,
                        struct irc_span id, const char *type);
void irc_batch_close_put(struct irc_writer *out, struct irc_span server,
                         struct irc_span id);

#endif /* MIO_APPS_CHAT_IRC_REPLY_H */
