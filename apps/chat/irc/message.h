/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/message.h - one line taken apart. */
#ifndef MIO_APPS_CHAT_IRC_MESSAGE_H
#define MIO_APPS_CHAT_IRC_MESSAGE_H

#include "apps/chat/irc/limits.h"
#include "apps/chat/irc/span.h"

struct irc_message {
    struct irc_span tags;   /* without '@' */
    struct irc_span source; /* without ':'; a client's is not believed */
    struct irc_span command;
    struct irc_span params[IRC_PARAMS_MAX];
    uint32_t params_count;
};

/** Take a line (without its end) apart into spans of it. Any run of spaces
 *  separates; what follows parameter 14 is the 15th, spaces and all.
 *  Returns false when there is no command: an empty line, tags alone. */
bool irc_message_parse(struct irc_message *out, struct irc_span line);

/** Parameter `index`, empty when there is none. */
struct irc_span irc_message_param(const struct irc_message *self,
                                  uint32_t index);

#endif /* MIO_APPS_CHAT_IRC_MESSAGE_H */
