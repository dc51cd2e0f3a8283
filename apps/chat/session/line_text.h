/* SPDX-License-Identifier: MIT
 *
 * apps/chat/session/line_text.h - IRC for people: what they type as lines of
 * IRC, and lines of IRC as text to read. Pure functions. */
#ifndef MIO_APPS_CHAT_SESSION_LINE_TEXT_H
#define MIO_APPS_CHAT_SESSION_LINE_TEXT_H

#include <stdbool.h>

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

/** What was typed in the room, as a line of IRC: text is said there, "/me",
 *  "/msg" and the like are commands, of which HELP LINE is the list. Returns
 *  false for an empty line. */
bool chat_line_typed(struct irc_writer *out, struct irc_span typed,
                     struct irc_span room);

/** A line of IRC for `nick`, who sits in `room`, as text. What could command
 *  his terminal is left out. Returns false when there is nothing to show. */
bool chat_line_shown(struct irc_writer *out, struct irc_span line,
                     struct irc_span nick, struct irc_span room);

#endif /* MIO_APPS_CHAT_SESSION_LINE_TEXT_H */
